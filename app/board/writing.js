// The annotator's own words: an answer corrected in place, with what has changed beside it.

import { diffElement } from "./diff.js";
import { button, icon, key, make, update } from "./dom.js";
import { hintOf, keysOf } from "./keys.js";
import { t, tn } from "./words.js";

const LONGEST = 200_000; // characters that the server takes
const PAUSE = 150; // milliseconds without typing before the words are compared again
const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });

export function countWords(text) {
  let count = 0;
  for (const { isWordLike } of segmenter.segment(text)) if (isWordLike) count += 1;
  return count;
}

export const spokenCount = (text) => tn("{n} word", "{n} words", countWords(text));

// A field for long text. Its direction follows what is written in it; the browser checks the spelling.
export function writingField(label, write) {
  return make("textarea", { rows: 6, maxlength: LONGEST, dir: "auto", spellcheck: "true", "aria-label": label, oninput: (event) => write(event.target.value) });
}

// Calls that come close behind each other become one.
export function paused(act) {
  let timer = null;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, PAUSE);
  };
}

// A field has only \n, whatever line ends the answer was written with.
export const asInField = (text) => text.replace(/\r\n?/g, "\n");

// Words that are no longer as they were: a replaced one counts once.
export function changedWords(difference) {
  let [count, removed] = [0, 0];
  for (const { localName, textContent } of difference.childNodes) {
    const words = localName ? countWords(textContent) : 0;
    count += localName === "ins" ? Math.max(words - removed, 0) : words;
    removed = localName === "del" ? words : 0;
  }
  return count;
}

const VIEWS = { original: () => t("Original"), corrected: () => t("Your version"), differences: () => t("Differences") };

// One answer's correction: the field, and once there is one, a mark and what to look at.
export class Correction {
  constructor(desk, card) {
    const { letter, name } = card;
    Object.assign(this, { desk, card, letter, original: asInField(card.answer.text), view: "original", isOpen: false, isChanged: false, dropped: "" });
    this.button = button({ label: t("Correct answer {name}", { name }), hint: hintOf(desk, "edit"), shortcut: keysOf(desk, "edit"), picture: "edit", class: "quiet picture", "aria-expanded": "false", onclick: () => desk.room.edit(letter) });
    this.shown = make("div", { class: "version rd-text" });
    this.views = Object.entries(VIEWS).map(([view, says]) => make("button", { type: "button", class: "quiet", "data-view": view, onclick: () => this.look(view) }, says()));
    this.mark = make("div", { class: "corrected", role: "group", "aria-label": t("Correction of answer {name}", { name }), hidden: true }, make("span", { class: "label" }, icon("edit"), t("Corrected")), this.views);
    this.element = make("div", { class: "correction" }, this.shown, this.editor(name));
  }

  editor(name) {
    this.field = writingField(t("Your version of answer {name}", { name }), (text) => this.write(text));
    this.field.onscroll = () => this.follow();
    this.changes = make("div", { class: "changes", tabindex: "0", role: "region", "aria-label": t("Differences") });
    this.count = make("span", { class: "count" });
    this.back = make("button", { type: "button", class: "quiet", "data-focus": "take-back", onclick: () => this.takeBack() });
    const done = make("button", { type: "button", class: "tool", "data-focus": "done", onclick: () => this.close() }, t("Done"), key("Esc"));
    this.compareSoon = paused(() => this.compare());
    const foot = make("div", { class: "foot" }, this.count, make("span", { class: "meaning" }, t("Your version will count as better than the original.")), this.back, done);
    return (this.form = make("div", { class: "writing", hidden: true }, make("div", { class: "sides" }, this.field, this.changes), foot));
  }

  get text() {
    return this.desk.draft.edits[this.letter];
  }

  open() {
    this.isOpen = true;
    this.field.value = this.text ?? this.original;
    this.compare();
    this.draw();
    this.form.scrollIntoView({ block: "nearest" });
    this.field.setSelectionRange(0, 0);
    this.field.focus({ preventScroll: true });
  }

  close() {
    Object.assign(this, { isOpen: false, view: this.text === undefined ? "original" : "differences", dropped: "" });
    this.desk.draw();
  }

  write(text) {
    const { [this.letter]: before, ...others } = this.desk.draft.edits;
    const isOne = text.trim() && text !== this.original;
    this.desk.write({ edits: isOne ? { ...others, [this.letter]: text } : others });
    if (isOne) this.dropped = "";
    this.drawBack();
    this.compareSoon();
  }

  // What is taken back can be had again until the field is closed.
  takeBack() {
    const again = this.dropped;
    this.dropped = again ? "" : this.field.value;
    this.field.value = again || this.original;
    const { dropped } = this;
    this.write(this.field.value);
    this.dropped = dropped;
    this.drawBack();
    this.field.focus({ preventScroll: true });
  }

  drawBack() {
    this.back.textContent = this.dropped ? t("Bring it back") : t("Take back");
    this.back.disabled = !this.dropped && this.field.value === this.original;
  }

  compare() {
    const difference = diffElement(this.original, this.field.value);
    const changed = changedWords(difference);
    const words = spokenCount(this.field.value);
    this.changes.replaceChildren(changed ? difference : make("p", { class: "meaning" }, t("What you change is shown here.")));
    this.count.textContent = changed ? t("{words}, {changed} changed", { words, changed }) : words;
    this.follow();
    if (Boolean(changed) !== this.isChanged) this.form.scrollIntoView({ block: "nearest" });
    this.isChanged = Boolean(changed);
  }

  // The differences scroll along with the field.
  follow() {
    const { field, changes } = this;
    const way = field.scrollHeight - field.clientHeight;
    if (way > 0) changes.scrollTop = (field.scrollTop / way) * (changes.scrollHeight - changes.clientHeight);
  }

  showOriginal() {
    this.isOpen = false;
    this.look("original");
  }

  look(view) {
    this.view = view;
    this.draw();
  }

  draw() {
    const { text, isOpen, card } = this;
    if (text === undefined && !isOpen) this.view = "original";
    update(this.button, { "aria-expanded": String(isOpen) });
    update(this.form, { hidden: !isOpen });
    update(this.mark, { hidden: isOpen || text === undefined });
    update(this.shown, { hidden: isOpen || this.view === "original" });
    update(card.words, { hidden: isOpen || this.view !== "original" });
    this.views.forEach((button) => update(button, { "aria-pressed": String(button.dataset.view === this.view) }));
    if (isOpen) this.refresh();
    else if (!this.shown.hidden) this.showVersion();
  }

  // A draft from another device may say something else than the field.
  refresh() {
    this.drawBack();
    if (this.text === undefined || this.text === this.field.value) return;
    this.field.value = this.text;
    this.compare();
  }

  showVersion() {
    const key = `${this.view} ${this.text}`;
    if (this.drawn === key) return;
    this.drawn = key;
    this.shown.replaceChildren(this.view === "differences" ? diffElement(this.original, this.text) : make("div", { class: "plain", dir: "auto" }, this.text));
  }
}
