// What can be said beside the order: how much better one of two answers is, and a score for each answer.

import { key, make, update } from "./dom.js";
import { t } from "./words.js";

// Name → what it says of the better of two answers, strongest first.
const STRENGTHS = {
  significantly: () => t("Much better"),
  better: () => t("Better"),
  slightly: () => t("Slightly better"),
  negligibly: () => t("Hardly better, or unsure"),
};
const SCORES = [1, 2, 3, 4, 5, 6, 7];

// Asked as soon as one of two answers stands over the other.
export function asksForStrength(desk) {
  return !desk.criterion && desk.view.letters.length === 2 && desk.tiers.length === 2;
}

export function setStrength(desk, strength) {
  const next = desk.draft.strength === strength ? null : strength;
  desk.change({ strength: next }, () => (next ? STRENGTHS[next]() : t("Not marked")));
}

export const strengthByDigit = (desk, digit) => desk.page.strengths[digit - 1] && setStrength(desk, desk.page.strengths[digit - 1]);

export function strengthChoice(desk) {
  if (!asksForStrength(desk)) return null;
  const label = t("How much better is {name}?", { name: desk.nameOf(desk.tiers[0][0]) });
  const choice = (strength, n) =>
    make("button", { type: "button", class: "tool", "data-focus": `strength-${strength}`, "aria-pressed": String(desk.draft.strength === strength), disabled: desk.isBusy, onclick: () => setStrength(desk, strength) }, STRENGTHS[strength](), key(n + 1));
  return make("span", { class: "strength", role: "group", "aria-label": label }, make("span", { class: "label" }, label), desk.page.strengths.map(choice));
}

export function setScore(desk, letter, score) {
  const { [letter]: before, ...others } = desk.draft.scores;
  const scores = before === score ? others : { ...others, [letter]: score };
  const name = desk.nameOf(letter);
  desk.change({ scores }, () => (letter in scores ? t("Answer {name}: score {score} of 7", { name, score }) : t("Answer {name}: no score", { name })));
}

// Seven steps on the card; ⇧ and a digit give the answer at hand its score.
export class Scores {
  constructor(desk, card) {
    Object.assign(this, { desk, card });
    const label = t("Score of answer {name}, 1 to 7", card);
    this.buttons = SCORES.map((score) => make("button", { type: "button", "aria-label": t("Score {score}", { score }), "aria-keyshortcuts": `Shift+${score}`, title: `⇧${score}`, onclick: () => setScore(desk, card.letter, score) }, score));
    this.element = make("div", { class: "scores", role: "group", "aria-label": label }, make("span", { class: "label" }, t("Score")), this.buttons, key("⇧ 1 … 7"));
  }

  draw() {
    const score = this.desk.draft.scores[this.card.letter];
    this.buttons.forEach((button, n) => update(button, { "aria-pressed": String(score === n + 1) }));
  }
}

// Every answer is factually wrong: then none can be ranked, and what was ranked goes in the same step.
export function toggleUnrankable(desk) {
  const values = desk.draft.unrankable ? { unrankable: false } : { unrankable: true, ranking: [], criteria: {}, strength: null };
  desk.change(values, () => (desk.draft.unrankable ? t("All answers are factually wrong") : t("Not marked")));
}

export const scoreOf = (event) => (event.shiftKey && /^Digit[1-7]$/.test(event.code) ? Number(event.code[5]) : 0);
