// Flags: the faults that are marked on an answer, on the card that they belong to.

import { flagOf, flagsOf, withFlag, withoutFlag } from "./draft.js";
import { key, make, refill } from "./dom.js";
import { Details, SEVERITIES } from "./flag_details.js";
import { drawMarks, wordsOf } from "./passages.js";
import { bringPanelIntoSight } from "./sight.js";
import { withSpan } from "./spans.js";
import { t, tn } from "./words.js";

const MOST = 50; // marked passages of one flag

export const kindOf = (desk, kind) => desk.page.flags.find((flag) => flag.kind === kind) ?? { kind, label: kind, definition: "", example: "", colour: "currentColor" };
export const hueOf = (desk, kind) => `--hue: ${kindOf(desk, kind).colour}`;

export function flagChip(desk, kind) {
  return make("span", { class: "chip-flag", style: hueOf(desk, kind), "data-flag": kind }, kindOf(desk, kind).label);
}

// A flag that is set: what it is, how bad, and how many passages it marks; opens what is said of it.
function setChip(desk, { answer, kind, severity, spans }) {
  const { label, definition, example } = kindOf(desk, kind);
  const marked = spans.length ? tn("{n} marked passage", "{n} marked passages", spans.length) : "";
  const name = [label, severity && SEVERITIES[severity](), marked].filter(Boolean).join(", ");
  const dots = severity ? make("span", { class: "severity", "aria-hidden": "true" }, Array.from({ length: severity }, () => make("i"))) : null;
  const count = spans.length ? make("span", { class: "passages", "aria-hidden": "true" }, spans.length) : null;
  const title = [definition, example && t("Example: {example}", { example })].filter(Boolean).join("\n");
  return make("button", { type: "button", class: "chip-flag", style: hueOf(desk, kind), title, "aria-label": name, "data-flag": kind, "data-focus": `set-${kind}`, onclick: () => desk.toggleFlagging(answer, { detail: kind }) }, label, dots, count);
}

export function drawFlags(desk, card) {
  const set = flagsOf(desk.draft, card.letter);
  const isOpen = desk.flagging === card.letter;
  drawMarks(card, set);
  const state = JSON.stringify([set.map(shapeOf), isOpen && [desk.detail, desk.marked]]);
  if (state !== card.shownFlags) redraw(desk, card, set, isOpen);
  card.shownFlags = state;
  card.details?.fill();
}

// A flag less what is written in its fields, which keep themselves up to date.
const shapeOf = (flag) => ({ ...flag, note: "", correction: "", sources: flag.sources.map(({ kind }) => kind) });

function redraw(desk, card, set, isOpen) {
  const wasOpen = !card.panel.hidden;
  if (isOpen && !wasOpen) card.before = card.root.activeElement;
  refill(card.root, card.chips, set.map((flag) => setChip(desk, flag)));
  card.flag.setAttribute("aria-expanded", String(isOpen));
  if (!isOpen && wasOpen) giveBack(card);
  card.panel.hidden = !isOpen;
  const detail = isOpen && set.find(({ kind }) => kind === desk.detail);
  card.details = detail ? new Details(desk, card, detail, kindOf(desk, detail.kind).label, () => dropFlag(desk, card.letter, detail.kind)) : null;
  refill(card.root, card.panel, isOpen ? [pending(desk, card), choices(desk, card, set), card.meaning, card.details?.element] : []);
  if (isOpen && !desk.marked) bringPanelIntoSight(desk.room, card);
}

// The focus goes back to where it was when the flags were opened.
function giveBack({ root, panel, before, element }) {
  if (root.activeElement && !panel.contains(root.activeElement)) return;
  const same = before?.isConnected ? before : before?.dataset.focus && element.querySelector(`[data-focus="${CSS.escape(before.dataset.focus)}"]`);
  if (same) same.focus({ preventScroll: true });
  else root.activeElement?.blur();
}

// To a kind, or to the one that was turned to last.
export function enterFlags(card, kind = null) {
  card.panel.querySelector(kind ? `.choice[data-flag="${CSS.escape(kind)}"]` : '.choice[tabindex="0"]')?.focus({ preventScroll: true });
}

// The words that the next kind takes.
function pending(desk, card) {
  if (!desk.marked) return null;
  const whole = () => {
    desk.marked = null;
    desk.say(t("The whole answer"));
    enterFlags(card);
  };
  const leave = make("button", { type: "button", class: "quiet", "data-focus": "whole", onclick: whole }, t("The whole answer"));
  return make("p", { class: "pending" }, make("span", { class: "label" }, t("Marked")), make("q", { class: "quote", dir: "auto" }, wordsOf(card, desk.marked.span)), leave);
}

// The kinds of the project. The arrows go from one to the next; what each means stands below.
function choices(desk, card, set) {
  const { flags } = desk.page;
  const isSet = (kind) => set.some((flag) => flag.kind === kind);
  const first = (flags.find(({ kind }) => kind === (desk.detail ?? card.turnedTo)) ?? flags[0]).kind;
  card.meaning = make("p", { class: "flag-meaning" });
  const tell = (flag) => card.meaning.replaceChildren(...meaning(flag));
  const rest = () => tell(flags.find(({ kind }) => kind === (card.turnedTo ?? desk.detail)));
  const choice = (flag, n) => {
    const { kind, label } = flag;
    return make(
      "button",
      {
        type: "button", class: "choice", style: hueOf(desk, kind), tabindex: kind === first ? 0 : -1, "data-focus": kind, "data-flag": kind,
        "aria-pressed": String(isSet(kind)), "aria-expanded": isSet(kind) ? String(desk.detail === kind) : false, "aria-description": [flag.definition, flag.example].filter(Boolean).join(" "),
        onclick: () => chooseKind(desk, kind), onfocus: (event) => turnTo(card, event.target, tell, flag), onpointerenter: () => tell(flag), onpointerleave: rest,
      },
      label,
      n < 9 ? key(n + 1) : null,
    );
  };
  card.turnedTo = desk.detail ?? null;
  rest();
  return make("div", { class: "choices", role: "group", "aria-label": t("What is wrong") }, flags.map(choice));
}

function turnTo(card, choice, tell, flag) {
  for (const other of choice.parentElement.children) other.tabIndex = other === choice ? 0 : -1;
  card.turnedTo = flag.kind;
  tell(flag);
}

function meaning(flag) {
  if (!flag) return [t("Choose what is wrong.")];
  return [flag.definition, flag.example ? make("span", { class: "example" }, t("Example: {example}", { example: flag.example })) : null].filter(Boolean);
}

// Arrows go from kind to kind while the focus is on one; true when the key was one.
export function stepInChoices(event) {
  const choice = event.composedPath()[0].closest?.(".choice");
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!choice || !by || event.shiftKey) return false;
  const all = [...choice.parentElement.children];
  all[(all.indexOf(choice) + by + all.length) % all.length].focus();
  return true;
}

// Set a kind on the answer whose flags are open, or give it the marked words; once more opens what is said of it, then removes it.
export function chooseKind(desk, kind) {
  const { flagging: letter, marked } = desk;
  const flag = flagOf(desk.draft, letter, kind);
  const words = { name: desk.nameOf(letter), flag: kindOf(desk, kind).label };
  if (marked) return addWords(desk, flag, kind, words);
  if (flag && desk.detail === kind) return dropFlag(desk, letter, kind);
  desk.detail = kind;
  if (flag) desk.say(t("Answer {name}: {flag} opened", words));
  else desk.change({ flags: withFlag(desk.draft, letter, kind) }, () => t("Answer {name}: flagged {flag}", words));
  return enterFlags(desk.room.card(letter), kind);
}

function addWords(desk, flag, kind, words) {
  const { letter, span } = desk.marked;
  const spans = withSpan(flag?.spans ?? [], span);
  if (spans.length > MOST) return desk.warn(t("One flag marks at most {n} passages.", { n: MOST }));
  const card = desk.room.card(letter);
  Object.assign(desk, { marked: null, detail: kind });
  desk.change({ flags: withFlag(desk.draft, letter, kind, { spans }) }, () => t("Answer {name}: flagged {flag}: {words}", { ...words, words: wordsOf(card, span) }));
  return enterFlags(card, kind);
}

// A wrong link stops the submission: which one, and the way to it.
export function warnOfLink(desk, { flag, at }) {
  if (desk.flagging !== flag.answer || desk.detail !== flag.kind) desk.toggleFlagging(flag.answer, { detail: flag.kind });
  desk.warn(t("Answer {name}, {flag}: link {n} is no web address. Correct or remove it.", { name: desk.nameOf(flag.answer), flag: kindOf(desk, flag.kind).label, n: at + 1 }));
  desk.room.card(flag.answer).panel.querySelector(`[data-focus="source-${at}"]`)?.focus();
}

function dropFlag(desk, letter, kind) {
  if (desk.detail === kind) desk.detail = null;
  desk.change({ flags: withoutFlag(desk.draft, letter, kind) }, () => t("Answer {name}: {flag} removed", { name: desk.nameOf(letter), flag: kindOf(desk, kind).label }));
  enterFlags(desk.room.card(letter), kind);
}
