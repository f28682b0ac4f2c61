// The words that differ between two texts.

import { diffArrays } from "./vendor/jsdiff/array.js";

const SECONDS = { words: 0.03, lines: 0.01 }; // after which a finer comparison is given up
const LONGEST = 150_000; // characters of both texts that are still compared word by word
const segmenter = new Intl.Segmenter("en", { granularity: "word" });

// The words, spaces and marks of a text; joined they give the text back.
export function words(text) {
  return Array.from(segmenter.segment(text), (piece) => piece.segment);
}

// What is the same, removed and added, in order: by words, by lines where that takes too long, else all of it.
export function wordDiff(before, after) {
  const short = before.length + after.length <= LONGEST;
  return (
    (short && compared(words(before), words(after), SECONDS.words)) ||
    compared(lines(before), lines(after), SECONDS.lines) ||
    tidy([{ kind: "removed", text: before }, { kind: "added", text: after }])
  );
}

// The two texts as one element: what went is struck through, what came is underlined.
export function diffElement(before, after) {
  const element = document.createElement("div");
  element.className = "difference";
  element.dir = "auto";
  for (const { kind, text } of wordDiff(before, after)) {
    if (kind === "same") element.append(text);
    else element.append(changed(kind, text));
  }
  return element;
}

// Where each text differs from the other: [start, end] in UTF-16 offsets, without white space at the ends.
export function changedRanges(before, after) {
  const at = { before: 0, after: 0 };
  const ranges = { before: [], after: [] };
  for (const { kind, text } of wordDiff(before, after)) {
    if (kind === "removed") note(ranges.before, at.before, text);
    if (kind === "added") note(ranges.after, at.after, text);
    if (kind !== "added") at.before += text.length;
    if (kind !== "removed") at.after += text.length;
  }
  return ranges;
}

function note(ranges, start, text) {
  const from = text.length - text.trimStart().length;
  const to = text.trimEnd().length;
  if (from < to) ranges.push([start + from, start + to]);
}

function changed(kind, text) {
  const element = document.createElement(kind === "added" ? "ins" : "del");
  element.textContent = text;
  return element;
}

const lines = (text) => text.split(/(?<=\n)/);

function compared(before, after, seconds) {
  const parts = diffArrays(before, after, { timeout: 1000 * seconds });
  return parts ? tidy(parts.map((part) => ({ kind: kindOf(part), text: part.value.join("") }))) : null;
}

const kindOf = (part) => (part.added ? "added" : part.removed ? "removed" : "same");

// Words replaced one after the other become one change: "the quick" → "a slow" is easier to read than word by word.
function tidy(parts) {
  const result = [];
  let [removed, added] = ["", ""];
  const close = () => {
    if (removed) result.push({ kind: "removed", text: removed });
    if (added) result.push({ kind: "added", text: added });
    [removed, added] = ["", ""];
  };
  parts.forEach(({ kind, text }, index) => {
    const bridge = kind === "same" && index + 1 < parts.length && removed.trim() && added.trim() && /^[^\S\n]+$/.test(text);
    if (kind === "removed" || bridge) removed += text;
    if (kind === "added" || bridge) added += text;
    if (kind === "same" && !bridge) {
      close();
      result.push({ kind, text });
    }
  });
  close();
  return result;
}
