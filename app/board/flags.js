// Flags: the faults that are marked on an answer, on the card that they belong to.

import { flagOf, flagsOf, withFlag } from "./draft.js";
import { key, make, refill } from "./dom.js";
import { t } from "./words.js";

export const kindOf = (desk, kind) => desk.page.flags.find((flag) => flag.kind === kind) ?? { kind, label: kind, definition: "", colour: "currentColor" };
export const hueOf = (desk, kind) => `--hue: ${kindOf(desk, kind).colour}`;

export function flagChip(desk, kind) {
  const { label, definition } = kindOf(desk, kind);
  return make("span", { class: "chip-flag", style: hueOf(desk, kind), title: definition, "data-flag": kind }, label);
}

export function drawFlags(desk, card) {
  const set = flagsOf(desk.draft, card.letter);
  const isOpen = desk.flagging === card.letter;
  const state = JSON.stringify([set.map((flag) => flag.kind), isOpen]);
  if (state === card.shownFlags) return;
  card.shownFlags = state;
  card.chips.replaceChildren(...set.map((flag) => flagChip(desk, flag.kind)));
  card.flag.setAttribute("aria-expanded", String(isOpen));
  card.panel.hidden = !isOpen;
  const choices = desk.page.flags.map((flag, n) => flagChoice(desk, card.letter, flag, n + 1));
  refill(card.root, card.panel, make("div", { class: "choices" }, choices), set.map((flag) => flagNote(desk, flag)));
  if (isOpen) card.panel.scrollIntoView({ block: "nearest" });
}

export function enterFlags(card) {
  card.panel.querySelector("button")?.focus({ preventScroll: true });
}

function flagChoice(desk, letter, { kind, label, definition }, number) {
  return make(
    "button",
    { type: "button", class: "choice", style: hueOf(desk, kind), title: definition, "aria-pressed": String(Boolean(flagOf(desk.draft, letter, kind))), "data-focus": kind, "data-flag": kind, onclick: () => desk.toggleFlag(letter, kind) },
    label,
    number < 10 ? key(number) : null,
  );
}

function flagNote(desk, { answer, kind, note }) {
  const label = kindOf(desk, kind).label;
  const write = (event) => desk.write({ flags: withFlag(desk.draft, answer, kind, { note: event.target.value }) });
  const field = make("input", { type: "text", maxlength: 5000, dir: "auto", placeholder: t("What is wrong (optional)"), "aria-label": t("Note on {flag}", { flag: label }), "data-focus": `note-${kind}`, oninput: write });
  field.value = note;
  return make("label", { class: "note", style: hueOf(desk, kind) }, make("span", {}, label), field);
}
