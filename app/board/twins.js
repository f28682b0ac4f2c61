// Answers that say the same stand on one card: why, in what they differ, and how to rank them apart.

import { diffElement } from "./diff.js";
import { make } from "./dom.js";
import { t, tn } from "./words.js";
import { asInField } from "./writing.js";

// What a card says of the answers that it stands for; null where it is one alone.
export function twinNote(desk, letter) {
  const group = desk.sharing(letter);
  if (group.length < 2) return null;
  const sources = group.map((one) => asInField(desk.view.answers.find((answer) => answer.letter === one).text));
  const isSame = sources.every((source) => source === sources[0]);
  const alone = desk.letters.length === 1 ? make("p", {}, t("No other answer is left: ranking this one says that all are equally good.")) : null;
  const apart = make("button", { type: "button", class: "quiet", "data-focus": `apart-${letter}`, onclick: () => rankApart(desk, letter) }, t("Rank them apart"));
  const difference = make("div", { class: "pairs", hidden: true });
  return make("div", { class: "twins" }, make("div", {}, make("span", { class: "label" }, said(group.length, isSame)), isSame ? null : opener(difference, group, sources), apart), alone, difference);
}

function said(n, isSame) {
  if (n === 2) return isSame ? t("Two answers say the same") : t("Two answers say nearly the same");
  return isSame ? tn("{n} answer says the same", "{n} answers say the same", n) : tn("{n} answer says nearly the same", "{n} answers say nearly the same", n);
}

function opener(difference, group, sources) {
  const button = make("button", { type: "button", class: "quiet", "aria-expanded": "false" }, t("Show the difference"));
  button.onclick = () => {
    difference.hidden = !difference.hidden;
    button.setAttribute("aria-expanded", String(!difference.hidden));
    if (!difference.childNodes.length) difference.append(...group.slice(1).map((letter, n) => pair(group[0], letter, sources[0], sources[n + 1])));
  };
  return button;
}

function pair(first, other, before, after) {
  return make("section", {}, make("h3", { class: "label" }, t("From {first} to {other}", { first, other })), diffElement(before, after));
}

function rankApart(desk, letter) {
  const names = desk.sharing(letter).join(", ");
  desk.change({ apart: [...desk.draft.apart, letter] }, () => t("Answers {names} are ranked apart", { names }));
}
