// How the answers stand: side by side, stacked, or one at a time; and how densely, so that all is on one screen where it can be.

import { button, make, scrollers, update } from "./dom.js";
import { flagsOf } from "./draft.js";
import { Fold } from "./fold.js";
import { inOrder, rankOf } from "./model.js";
import { indexOfCard } from "./passages.js";
import { set } from "./settings.js";
import { t, tn } from "./words.js";

export const LAYOUTS = {
  side: () => t("Side by side"),
  stacked: () => t("Stacked"),
  one: () => t("One at a time"),
};
const NARROWEST = { narrow: 288, normal: 352, wide: 560 }; // pixels of a card at the usual size of text
const DENSEST = 288;
const GAP = 12;
const FITTING = 1000; // words in all; more can never stand on one screen, so nothing is tried
const SHARE = 0.6;
const [LETTER, LINE] = [6, 22]; // pixels of the usual size of text

export class Layout {
  constructor(desk, room) {
    Object.assign(this, { desk, room, leaf: null, folds: [], width: 0 });
    this.leaves = make("nav", { class: "leaves", "aria-label": t("Answers") });
    this.refit = () => this.fit();
    window.addEventListener("resize", this.refit);
    document.fonts.ready.then(this.refit);
    // The place of the dialogs is as wide as the page and never changes its height: it tells of the page's width alone.
    this.observer = new ResizeObserver(([{ contentRect }]) => {
      this.width = contentRect.width;
      this.fit();
    });
    this.observer.observe(room.dialogs.element);
  }

  close() {
    window.removeEventListener("resize", this.refit);
    this.observer.disconnect();
  }

  get isOne() {
    return this.desk.page.settings.layout === "one";
  }

  // The answers as the arrow keys go through them.
  get order() {
    const { tiers, letters } = this.desk;
    return this.isOne ? letters : inOrder(tiers, letters);
  }

  // Other cards stand on the page.
  fill() {
    const { desk, room } = this;
    const says = ({ answer }) => tn("Show all {n} word", "Show all {n} words", answer.words, { n: answer.words.toLocaleString(desk.page.language) });
    this.folds = room.cards.map((card) => new Fold(desk, card.words, SHARE, () => says(card)));
    room.prompt.fold.reset();
    this.leaf = null;
    this.fit();
  }

  // Words, the screen or the settings are other than before: arrange the cards anew.
  fit() {
    const { desk, room } = this;
    room.element.dataset.layout = desk.page.settings.layout;
    if (!desk.hasTask || !room.element.isConnected) return;
    this.width ||= room.page.clientWidth;
    this.arrange(this.usual());
    this.folds.forEach((fold, n) => fold.set(this.isSurelyLong(room.cards[n], fold)));
    this.foldWhere([room.prompt.fold]);
    const fitting = this.arrangements().find((arrangement) => this.arrange(arrangement) && this.fits());
    if (fitting) return;
    this.arrange(this.usual());
    if (!this.isOne) this.foldWhere(this.folds);
    this.showMarks();
  }

  // Read all heights, then fold: the page is laid out once.
  foldWhere(folds) {
    const long = folds.map((fold) => fold.isFolded || (!fold.isHeldOpen && fold.isLong));
    folds.forEach((fold, n) => fold.set(long[n]));
  }

  get isShort() {
    return this.desk.view.answers.reduce((sum, { words }) => sum + words, 0) <= FITTING;
  }

  // So long by its characters that it need not be laid out to be measured; ideographs are wider, which is on the safe side.
  isSurelyLong({ answer }, fold) {
    if (this.isShort || this.isOne || fold.isHeldOpen) return false;
    const scale = this.desk.page.settings.text_size / 100;
    const { columns } = this.usual();
    const lines = (answer.text.length * LETTER * scale) / (this.width / columns);
    return lines * LINE * scale > 1.5 * SHARE * innerHeight;
  }

  usual() {
    const { layout, width } = this.desk.page.settings;
    return { columns: layout === "side" ? this.columnsFor(NARROWEST[width]) : 1, density: "" };
  }

  // What is tried one after the other: the calm one first, then with less air, then with more columns.
  arrangements() {
    const usual = this.usual();
    if (!this.isShort || this.desk.page.settings.layout !== "side") return [];
    const { columns } = usual;
    const most = Math.max(columns, this.columnsFor(DENSEST));
    return [usual, { columns, density: "dense" }, { columns: most, density: "dense" }, { columns: most, density: "tight" }];
  }

  // As many cards in a row as there is width for, in rows of about the same length.
  columnsFor(narrowest) {
    const count = Math.max(1, this.room.cards.length);
    const least = (narrowest * this.desk.page.settings.text_size) / 100;
    const most = Math.max(1, Math.floor((this.width + GAP) / (least + GAP)));
    return Math.ceil(count / Math.ceil(count / most));
  }

  arrange({ columns, density }) {
    this.room.element.dataset.density = density;
    this.room.grid.style.setProperty("--columns", columns);
    return true;
  }

  fits() {
    return [...scrollers()].every(({ scrollHeight, clientHeight }) => scrollHeight <= clientHeight + 1);
  }

  draw() {
    this.drawLeaves();
    this.showMarks();
  }

  drawLeaves() {
    const { desk, room } = this;
    update(this.leaves, { hidden: !this.isOne || !desk.hasTask });
    if (this.leaves.hidden) return;
    const before = this.leaf;
    // What is in sight is what the keys act on.
    if (!desk.letters.includes(desk.focus)) desk.focus = desk.letters[0];
    this.leaf = desk.focus;
    room.cards.forEach(({ element, letter }) => element.classList.toggle("here", letter === this.leaf));
    const at = desk.letters.indexOf(this.leaf);
    const turn = (by, label, picture) => button({ label, picture, class: "quiet", disabled: !desk.letters[at + by], onclick: () => desk.look(desk.letters[at + by]) });
    this.leaves.replaceChildren(turn(-1, t("Go to the answer before"), "better"), ...desk.letters.map((letter) => this.leafButton(letter)), turn(1, t("Go to the answer after"), "worse"));
    if (before && before !== this.leaf) this.showTop();
  }

  leafButton(letter) {
    const { desk } = this;
    const isPlaced = rankOf(desk.tiers, letter) >= 0;
    return make("button", { type: "button", class: `quiet leaf${isPlaced ? " placed" : ""}`, "aria-current": letter === this.leaf ? "true" : false, "aria-label": desk.spokenPlace(letter), onclick: () => desk.look(letter) }, desk.nameOf(letter));
  }

  // The new leaf begins where the reader is; never below its beginning.
  showTop() {
    const card = this.room.card(this.leaf);
    if (card.element.getBoundingClientRect().top < 0) card.goTo();
  }

  // The answer on the only leaf has its rank: go on to the next one that has none.
  moveOn(letter) {
    const { desk } = this;
    if (!this.isOne) return;
    const at = desk.letters.indexOf(letter) + 1;
    const next = [...desk.letters.slice(at), ...desk.letters.slice(0, at)].find((other) => rankOf(desk.tiers, other) < 0);
    if (!next) return;
    desk.turnTo(next);
    desk.draw();
  }

  // What is marked as wrong is never hidden.
  showMarks() {
    this.folds.forEach((fold, n) => fold.isFolded && this.showMarksOf(this.room.cards[n], fold));
  }

  showMarksOf(card, fold) {
    const spans = flagsOf(this.desk.draft, card.letter).flatMap((flag) => flag.spans);
    const key = JSON.stringify(spans);
    if (!spans.length || fold.marks === key) return;
    fold.marks = key;
    const index = indexOfCard(card);
    fold.showRanges(spans.flatMap((span) => index.rangesOf(span)));
  }

  next() {
    const { desk } = this;
    const names = Object.keys(LAYOUTS);
    const layout = names[(names.indexOf(desk.page.settings.layout) + 1) % names.length];
    set(desk, { layout });
    desk.say(LAYOUTS[layout]());
  }

  // All long texts at once; the next time they fold again.
  unfold() {
    const all = [this.room.prompt.fold, ...this.folds];
    const isAnyFolded = all.some((fold) => fold.isFolded);
    all.forEach((fold) => (isAnyFolded ? fold.open() : fold.reset()));
    if (!isAnyFolded) this.fit();
  }

  unfoldCard(letter) {
    this.folds[this.room.cards.findIndex((card) => card.letter === letter)]?.open();
  }
}
