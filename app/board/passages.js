// The marked words of a card: quoted, and painted in the hues of their flags.

import { clear, indexOf, paint } from "./marks.js";

const LONGEST = 100; // characters of marked words that are spoken or quoted
const indexes = new WeakMap();

// The words of a card as they are shown now, aligned with what the model wrote.
export function indexOfCard({ words, answer }) {
  const shown = words.firstElementChild;
  if (!shown) return indexOf(words, answer.text);
  if (!indexes.has(shown)) indexes.set(shown, indexOf(shown, answer.text));
  return indexes.get(shown);
}

export function wordsOf(card, span) {
  const index = indexOfCard(card);
  return short(index.text.slice(...index.visibleOf(span)) || [...card.answer.text].slice(span.start, span.end).join(""));
}

export function short(words) {
  const text = words.replace(/\s+/g, " ").trim();
  const points = [...text];
  return points.length <= LONGEST ? text : `${points.slice(0, LONGEST / 2).join("")} … ${points.slice(1 - LONGEST / 2).join("")}`;
}

// The styles in which the marks of each kind are painted.
export function paints(flags) {
  const rule = ({ kind, colour }) => `::highlight(flag-${CSS.escape(kind)}) { background-color: color-mix(in srgb, ${colour} 32%, transparent); text-decoration: underline 2px ${colour}; }`;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(flags.map(rule).join("\n"));
  return sheet;
}

// Paint the marks of a card, if they or its words are others than those that are painted.
export function drawMarks(card, set) {
  const marked = set.filter(({ spans }) => spans.length);
  const state = JSON.stringify(marked.map(({ kind, spans }) => [kind, spans]));
  const shown = card.words.firstElementChild;
  if (state === card.marksShown?.state && shown === card.marksShown.shown) return;
  const kinds = marked.map(({ kind }) => kind);
  (card.marksShown?.kinds ?? []).filter((kind) => !kinds.includes(kind)).forEach((kind) => clear(`flag-${kind}`, card.letter));
  marked.forEach(({ kind, spans }) => paint(`flag-${kind}`, spans.flatMap((span) => indexOfCard(card).rangesOf(span)), card.letter));
  card.marksShown = { state, shown, kinds };
}

// Another task: nothing of the one before stays painted.
export function clearMarks({ page }) {
  page.flags?.forEach(({ kind }) => clear(`flag-${kind}`));
}
