// Words chosen by keys: one word after the other, line by line, or a sentence, from where the choice began.

const sentences = new Intl.Segmenter("en", { granularity: "sentence" });
const BEYOND = 40; // words read behind a line, since the cells of a row come one below the other

export class WordCursor {
  #goal = null; // the place across the page that line moves keep to

  // `index`: what `indexOf` made; `offset`: where in the visible text to begin.
  constructor(index, offset = 0) {
    this.index = index;
    this.head = this.anchor = Math.max(0, this.#wordAt(offset));
  }

  // Each move says whether there was a word to go to; `extend` leaves the other end of the choice where it is.
  move(step, extend = false) {
    this.#goal = null;
    return this.#go(this.head + step, extend);
  }

  moveLine(step, extend = false) {
    const from = this.#rect(this.head);
    if (!from) return false;
    this.#goal ??= middle(from.left, from.right);
    const next = nearest(this.#line(from, step), this.#goal);
    return next !== null && this.#go(next, extend);
  }

  // To the first word of the next or previous sentence; extended, to its last word when going on.
  moveSentence(step, extend = false) {
    this.#goal = null;
    const starts = this.#sentences();
    const here = starts.findLastIndex((start) => start <= this.head);
    const next = starts[here + step];
    if (step > 0 && extend) return this.#go((starts[here + (this.#endsSentence(starts) ? 2 : 1)] ?? this.index.words.length) - 1, true);
    return next !== undefined && this.#go(next, extend);
  }

  // The chosen part of the visible text: [start, end], or null in an answer without words.
  get piece() {
    const { words } = this.index;
    if (!words.length) return null;
    return [words[Math.min(this.anchor, this.head)][0], words[Math.max(this.anchor, this.head)][1]];
  }

  get span() {
    return this.piece && this.index.spanOfVisible(this.piece);
  }

  get ranges() {
    return this.piece ? this.index.rangesOfVisible([this.piece]) : [];
  }

  get range() {
    const { ranges } = this;
    if (!ranges.length) return null;
    const whole = ranges[0].cloneRange();
    whole.setEnd(ranges.at(-1).endContainer, ranges.at(-1).endOffset);
    return whole;
  }

  // What is chosen, to be spoken.
  get words() {
    return this.piece ? this.index.text.slice(...this.piece).replace(/\s+/g, " ") : "";
  }

  // The rectangle of the word that moves, to scroll it into sight.
  get rect() {
    return this.#rect(this.head);
  }

  #go(target, extend) {
    const word = Math.min(Math.max(target, 0), this.index.words.length - 1);
    const moved = word >= 0 && (word !== this.head || (!extend && word !== this.anchor));
    if (word >= 0) this.head = word;
    if (!extend) this.anchor = this.head;
    return moved;
  }

  #wordAt(offset) {
    const { words } = this.index;
    const found = words.findIndex(([, end]) => end > offset);
    return found < 0 ? words.length - 1 : found;
  }

  #sentences() {
    const starts = Array.from(sentences.segment(this.index.text), ({ index }) => this.index.words.findIndex(([start]) => start >= index));
    return [...new Set(starts)].filter((start) => start >= 0);
  }

  #endsSentence(starts) {
    return starts.includes(this.head + 1);
  }

  #rect(word) {
    const piece = this.index.words[word];
    const [range] = piece ? this.index.rangesOfVisible([piece]) : [];
    return (range && range.getClientRects()[0]) ?? null;
  }

  // The words of the line above or below, with their rectangles.
  #line(from, step) {
    const found = [];
    for (let word = this.head + step, beyond = 0; word >= 0 && word < this.index.words.length && beyond < BEYOND; word += step) {
      const rect = this.#rect(word);
      if (!rect || !isBeyond(rect, from, step)) continue;
      if (found.length && isBeyond(rect, found[0].rect, step)) beyond++;
      else found.push({ word, rect });
    }
    return found;
  }
}

const middle = (one, other) => (one + other) / 2;

function isBeyond(rect, from, step) {
  const height = middle(rect.top, rect.bottom);
  return step > 0 ? height > from.bottom : height < from.top;
}

function nearest(line, goal) {
  let best = null;
  for (const { word, rect } of line) {
    const distance = Math.max(rect.left - goal, goal - rect.right, 0);
    if (!best || distance < best.distance) best = { word, distance };
  }
  return best && best.word;
}
