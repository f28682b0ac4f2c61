// Two answers side by side, and what differs marked in both.

import { changedRanges } from "./diff.js";
import { button, make, update } from "./dom.js";
import { bindingOf, hintOf, keysOf } from "./keys.js";
import { clear, paint } from "./marks.js";
import { indexOfCard } from "./passages.js";
import { t } from "./words.js";

const LEAST = 0.2; // share of two texts that is the same, below which marks say nothing

export function compareButton(desk, { letter, name }) {
  return button({ label: t("Compare answer {name}", { name }), hint: hintOf(desk, "compare"), shortcut: keysOf(desk, "compare"), picture: "compare", class: "quiet picture", "aria-pressed": "false", onclick: () => desk.room.compare(letter) });
}

export class Comparison {
  constructor(room) {
    Object.assign(this, { room, desk: room.desk, pinned: null, pair: null, isMarked: true });
    this.title = make("span", { class: "title" });
    this.note = make("span", { class: "label" });
    this.marks = make("button", { type: "button", class: "quiet", onclick: () => this.mark(!this.isMarked) }, t("Mark the differences"));
    const end = button({ label: t("End the comparison"), text: t("Show all answers"), hint: "Esc", class: "quiet", onclick: () => this.end() });
    this.element = make("div", { class: "comparison", role: "group", "aria-label": t("Comparison"), hidden: true }, this.title, this.note, this.marks, end);
  }

  get isOn() {
    return this.pair !== null || this.pinned !== null;
  }

  // First one answer is pinned, then another one is put beside it; the next time all answers are back.
  step(letter) {
    if (this.pair) return this.end();
    if (this.desk.letters.length < 2) return this.desk.say(t("There is no other answer to compare with."));
    if (this.pinned === null) return this.pin(letter);
    if (this.pinned === letter) return this.pin(null);
    return this.begin(letter);
  }

  pin(letter) {
    this.pinned = letter;
    this.desk.say(letter ? t("Answer {name} is pinned. Go to another one and press {key} again.", { name: this.desk.nameOf(letter), key: hintOf(this.desk, "compare") }) : t("Not pinned"));
  }

  begin(letter) {
    const { desk } = this;
    this.pair = desk.letters.filter((one) => one === letter || one === this.pinned);
    const [one, other] = this.pair.map((l) => desk.nameOf(l));
    this.title.textContent = t("Comparing {one} and {other}", { one, other });
    this.pair.forEach((l) => this.room.card(l).correction.showOriginal());
    this.show();
    desk.say(this.title.textContent);
    this.element.scrollIntoView({ block: "start" });
  }

  end() {
    this.reset();
    this.desk.draw();
    this.room.card(this.desk.focus)?.goTo();
  }

  // Other cards, or another task.
  reset() {
    Object.assign(this, { pinned: null, pair: null });
    this.show();
  }

  show() {
    const isOn = this.pair !== null;
    this.element.hidden = !isOn;
    this.room.grid.classList.toggle("paired", isOn);
    this.room.cards.forEach((card) => card.element.classList.toggle("one-of-two", isOn && this.pair.includes(card.letter)));
    this.mark();
  }

  // Paint what differs in the words as they are shown now; unless it is asked for, not where nearly everything does.
  mark(isWanted = null) {
    clear("difference");
    if (!this.pair) return;
    const indexes = this.pair.map((letter) => indexOfCard(this.room.card(letter)));
    const { before, after } = changedRanges(...indexes.map((index) => index.text));
    const changed = [before, after].flat().reduce((sum, [start, end]) => sum + end - start, 0);
    const same = 1 - changed / Math.max(1, indexes.reduce((sum, index) => sum + index.text.length, 0));
    this.isMarked = isWanted ?? same >= LEAST;
    this.note.textContent = !changed ? t("No word differs.") : same < LEAST ? t("These answers differ in nearly every word.") : "";
    this.marks.setAttribute("aria-pressed", String(this.isMarked));
    if (this.isMarked) [before, after].forEach((pieces, n) => paint("difference", indexes[n].rangesOfVisible(pieces), this.pair[n]));
  }

  // While two are compared, the keys that step from answer to answer go from one to the other.
  press(event) {
    if (!this.pair) return false;
    const at = ["before", "after"].findIndex((name) => keysOf(this.desk, name) === bindingOf(event));
    if (at >= 0) this.desk.look(this.pair[at]);
    return at >= 0;
  }

  drawCard({ letter, pin, compare }) {
    const isIn = this.pair ? this.pair.includes(letter) : this.pinned === letter;
    update(compare, { disabled: this.desk.letters.length < 2, "aria-pressed": String(isIn) });
    update(pin, { hidden: this.pinned !== letter || this.pair !== null });
  }
}
