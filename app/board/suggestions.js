// What flag models propose: as chips on a card while the lead wants that, else one quiet line after a submission.

import { make, refill } from "./dom.js";
import { flagOf, withFlag } from "./draft.js";
import { hueOf, kindOf } from "./flags.js";
import { t } from "./words.js";

// The kinds that are proposed for a card and not set on it.
function openKinds(desk, letter) {
  const kinds = (desk.view.suggested ?? []).filter(({ answer }) => desk.sharing(letter).includes(answer)).map(({ kind }) => kind);
  return [...new Set(kinds)].filter((kind) => !flagOf(desk.draft, letter, kind));
}

export function drawSuggestions(desk, card) {
  const kinds = openKinds(desk, card.letter);
  const state = JSON.stringify(kinds);
  if (state === card.shownSuggestions) return;
  card.shownSuggestions = state;
  card.suggested.hidden = !kinds.length;
  refill(card.root, card.suggested, kinds.map((kind) => suggestion(desk, card.letter, kind)));
}

function suggestion(desk, letter, kind) {
  const flag = kindOf(desk, kind).label;
  const title = t("A flag model suggests this flag. You decide: press to set it, or leave it.");
  return make("button", { type: "button", class: "suggestion", style: hueOf(desk, kind), title, "data-suggested": kind, "data-focus": `suggested-${kind}`, onclick: () => accept(desk, letter, kind) }, t("Suggested: {flag}", { flag }));
}

function accept(desk, letter, kind) {
  desk.turnTo(letter);
  desk.change({ flags: withFlag(desk.draft, letter, kind) }, () => t("Answer {name}: {flag} set", { name: desk.nameOf(letter), flag: kindOf(desk, kind).label }));
}

// The first that is proposed for the answer at hand.
export function setSuggested(desk) {
  const [kind] = desk.focus ? openKinds(desk, desk.focus) : [];
  if (kind) accept(desk, desk.focus, kind);
}

// What the models would have marked on the task submitted last: it says so, and waits for nobody.
export function hindsight(desk) {
  const { last } = desk.view;
  if (!last?.missed?.length || desk.isBusy || desk.leftAlone === last.saved) return [];
  const said = last.missed.map(({ answer, kind }) => t("On the task before, the flag model would have marked answer {name} as “{flag}”.", { name: answer, flag: kindOf(desk, kind).label }));
  const leave = () => {
    desk.leftAlone = last.saved;
    desk.draw();
  };
  const back = make("button", { type: "button", class: "quiet", "data-focus": "look-again", onclick: () => desk.sending.undoLast() }, t("Look again"));
  return [make("span", { class: "label" }, said.slice(0, 2).join(" ")), back, make("button", { type: "button", class: "quiet", "data-focus": "leave-it", onclick: leave }, t("Leave it"))];
}
