// Marking words of an answer: selected with mouse, touch or keys, and offered to be flagged.

import { button } from "./dom.js";
import { hintOf, keysOf } from "./keys.js";
import { clear, paint, selectionIn, WordCursor } from "./marks.js";
import { indexOfCard, short, wordsOf } from "./passages.js";
import { bringIntoSight, firstInSight } from "./sight.js";
import { t } from "./words.js";

const PAUSE = 120; // milliseconds that a selection stands still before the words are offered
const CHOSEN = "mark";

export class Marking {
  constructor(room) {
    Object.assign(this, { room, desk: room.desk, at: null, selected: null, isPressed: false, timer: null });
    const { desk } = this;
    const label = t("Flag the marked words");
    this.offer = button({ label, text: label, hint: hintOf(desk, "flag"), shortcut: keysOf(desk, "flag"), class: "offer", hidden: true, onpointerdown: (event) => event.preventDefault(), onmousedown: (event) => event.preventDefault(), onclick: () => this.take() });
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("selectionchange", () => this.wait(), { signal });
    window.addEventListener("pointerdown", () => (this.isPressed = true), { signal, capture: true });
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, () => this.release(), { signal, capture: true });
  }

  // What is marked now and could be flagged: {letter, span}.
  get choice() {
    if (this.selected) return this.selected;
    const span = this.at?.cursor.span;
    return span ? { letter: this.at.letter, span } : null;
  }

  // Give the marked words to the flags of their answer; false where none are marked, or none of this answer.
  take(letter = null) {
    const { choice, desk } = this;
    const isOpen = choice && !this.selected && desk.flagging === choice.letter;
    if (!choice || isOpen || (letter && letter !== choice.letter)) return false;
    this.selected = null;
    document.getSelection()?.removeAllRanges();
    desk.toggleFlagging(choice.letter, { marked: choice });
    const card = this.room.card(choice.letter);
    bringIntoSight(this.room, card, indexOfCard(card).rangesOf(choice.span)[0]);
    return true;
  }

  // Selecting, as the browser does it

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), PAUSE);
  }

  release() {
    this.isPressed = false;
    if (document.getSelection()?.type === "Range" || this.selected) this.wait();
  }

  look() {
    if (this.isPressed) return;
    const range = selectionIn(this.room.root);
    const found = range && this.found(range);
    if (!found && !this.selected) return;
    this.selected = found;
    if (!found) return this.draw();
    if (this.at) this.forget();
    this.place(range);
    this.desk.say(t("Marked: {words}", { words: wordsOf(this.room.card(found.letter), found.span) }));
  }

  found(range) {
    for (const card of this.room.cards.filter(({ words }) => range.intersectsNode(words))) {
      const span = indexOfCard(card).spanOf(range);
      if (span) return { letter: card.letter, span };
    }
    return null;
  }

  // Below the end of the selection, above its beginning where the strip is in the way.
  place(range) {
    const { element } = this.room.card(this.selected.letter);
    element.append(this.offer);
    this.offer.hidden = false;
    const box = element.getBoundingClientRect();
    const rects = [...range.getClientRects()].filter(({ width }) => width);
    const last = rects.at(-1) ?? range.getBoundingClientRect();
    const isLow = last.bottom + this.offer.offsetHeight + 8 > this.room.strip.element.getBoundingClientRect().top;
    const top = isLow ? (rects[0] ?? last).top - this.offer.offsetHeight - 6 : last.bottom + 6;
    const left = Math.min(Math.max(last.right - this.offer.offsetWidth, box.left + 8), box.right - this.offer.offsetWidth - 8);
    Object.assign(this.offer.style, { top: `${top - box.top}px`, left: `${left - box.left}px` });
  }

  // Going through the text by keys

  enter(letter) {
    const { desk, room } = this;
    const card = room.card(letter);
    const index = indexOfCard(card);
    if (!index.words.length) return desk.say(t("This answer has no words."));
    desk.turnTo(letter);
    this.selected = null;
    document.getSelection()?.removeAllRanges();
    this.at = { letter, card, cursor: new WordCursor(index, card.leftAt ?? firstInSight(card, index)) };
    card.words.tabIndex = -1;
    card.words.focus({ preventScroll: true });
    this.tell(t("In the text of answer {name}", { name: desk.nameOf(letter) }));
  }

  // Nothing is marked any more, and the text is left.
  end() {
    this.selected = null;
    document.getSelection()?.removeAllRanges();
    const card = this.at && this.forget();
    this.desk.say(card ? t("Left the text of answer {name}", card) : "");
    return true;
  }

  forget() {
    const { card } = this.at;
    this.at = null;
    card.words.blur();
    card.words.removeAttribute("tabindex");
    return card;
  }

  // Keys of the text; true when it was one.
  press(event) {
    const { at, desk } = this;
    if (!this.choice || desk.flagging || desk.panel || this.room.dialogs.isOpen) return false;
    if (event.key === "Escape") return this.end();
    const isPressed = event.key === "Enter" && event.composedPath()[0].closest?.("button, a, summary");
    if (!at || isPressed) return false;
    const step = this.stepOf(event.key);
    if (!step) return false;
    step(at.cursor, event.shiftKey);
    at.card.leftAt = at.cursor.index.words[at.cursor.head][0];
    this.tell();
    return true;
  }

  stepOf(key) {
    const on = this.isRightToLeft ? -1 : 1;
    return {
      ArrowRight: (cursor, extend) => cursor.move(on, extend),
      ArrowLeft: (cursor, extend) => cursor.move(-on, extend),
      ArrowDown: (cursor, extend) => cursor.moveLine(1, extend),
      ArrowUp: (cursor, extend) => cursor.moveLine(-1, extend),
      Home: (cursor, extend) => cursor.move(-Infinity, extend),
      End: (cursor, extend) => cursor.move(Infinity, extend),
      Enter: wholeSentence,
    }[key];
  }

  get isRightToLeft() {
    const node = this.at.cursor.range?.startContainer;
    const element = node instanceof Element ? node : node?.parentElement;
    return Boolean(element) && getComputedStyle(element).direction === "rtl";
  }

  // Say which words are marked, and keep the last of them in sight.
  tell(before = "") {
    const { cursor, card } = this.at;
    const words = short(cursor.words);
    const said = cursor.head === cursor.anchor ? words : t("Marked: {words}", { words });
    this.desk.say(before ? `${before}: ${said}` : said);
    const [head] = cursor.index.rangesOfVisible([cursor.index.words[cursor.head]]);
    bringIntoSight(this.room, card, head);
  }

  // Other words on the cards: the same place in them.
  renew() {
    if (!this.at) return;
    const { card, cursor } = this.at;
    const { span } = cursor;
    const index = indexOfCard(card);
    if (span && index.words.length) this.at.cursor = new WordCursor(index, index.visibleOf(span)[0]);
    else this.forget();
  }

  draw() {
    const { desk, room } = this;
    if (this.at && (desk.focus !== this.at.letter || room.card(this.at.letter) !== this.at.card)) this.forget();
    if (this.selected && !room.card(this.selected.letter)) this.selected = null;
    const pending = desk.flagging && desk.marked;
    this.paintChoice(pending);
    this.offer.hidden = Boolean(pending) || !this.selected;
    room.cards.forEach((card) => card.offersWords(this.at?.card === card && !desk.flagging));
  }

  paintChoice(pending) {
    const card = pending && this.room.card(pending.letter);
    const ranges = card ? indexOfCard(card).rangesOf(pending.span) : (this.at?.cursor.ranges ?? []);
    if (ranges.length) paint(CHOSEN, ranges);
    else clear(CHOSEN);
  }

  close() {
    clearTimeout(this.timer);
    this.listening.abort();
    clear(CHOSEN);
  }
}

// The sentence that the word stands in; once more, the next one too.
function wholeSentence(cursor) {
  if (cursor.head !== cursor.anchor) return cursor.moveSentence(1, true);
  cursor.moveSentence(0);
  const first = cursor.head;
  const next = cursor.moveSentence(1) ? cursor.head : cursor.index.words.length;
  cursor.move(first - cursor.head);
  return cursor.move(next - 1 - first, true);
}
