// Words marked in a rendered answer. A mark is kept as {start, end}: code points of the source text.

import { aligned } from "./align.js";

export { WordCursor } from "./cursor.js";

const BLOCKS = new Set("p h3 h4 h5 h6 ul ol li blockquote pre table thead tbody tr th td div section hr br".split(" "));
const PICTURE = /\p{Extended_Pictographic}/u;
const segmenter = new Intl.Segmenter("en", { granularity: "word" });
const SYMBOL = "\ufffc"; // stands for a drawn formula until its source is known

// One rendered answer, aligned with its source. It holds as long as the element's text nodes stay the same.
export function indexOf(element, source) {
  return new AnswerIndex(element, source);
}

class AnswerIndex {
  #parts; // {node, start, end, formula}: where the text of each node, or a formula, stands in the visible text
  #at; // the UTF-16 offset in the source of each visible character; -1 of white space
  #before; // the same, white space having that of the character before it
  #points;
  #words;

  constructor(element, source) {
    const read = readText(element);
    Object.assign(this, { element, source });
    this.#points = codePoints(source);
    [this.text, this.#parts, this.#at] = withFormulas(read, source);
    this.#before = this.#at.slice();
    for (let i = 1; i < this.#before.length; i++) if (this.#before[i] < 0) this.#before[i] = this.#before[i - 1];
  }

  // Where each word, emoji and formula of the visible text begins and ends.
  get words() {
    return (this.#words ??= wordsOf(this.text, this.#parts.filter((part) => part.formula)));
  }

  // The ranges of the document to paint for a mark, one for each text node and formula.
  rangesOf({ start, end }) {
    return this.rangesOfVisible([this.visibleOf({ start, end })]);
  }

  // What part of the visible text a mark covers: [start, end] in UTF-16 offsets; empty where nothing of it is shown.
  visibleOf({ start, end }) {
    const from = firstAtLeast(this.#before, this.#points.unit(start));
    const to = firstAtLeast(this.#before, this.#points.unit(end));
    return this.#trimmed(this.#whole([from, Math.max(from, to)]));
  }

  rangesOfVisible(pieces) {
    return pieces.flatMap(([start, end]) => this.#within(start, end).map((part) => rangeOf(part, start, end)));
  }

  // The mark for what is selected, without white space at its ends; null where no text of this answer is selected.
  spanOf(range) {
    const found = this.#parts.filter((part) => range.intersectsNode(part.node)).map((part) => selectedIn(part, range));
    const pieces = found.filter(([start, end]) => start < end);
    return pieces.length ? this.spanOfVisible([pieces[0][0], pieces.at(-1)[1]]) : null;
  }

  // The mark for a part of the visible text.
  spanOfVisible(piece) {
    const [start, end] = this.#trimmed(this.#whole(piece));
    if (start >= end) return null;
    return { start: this.#points.point(this.#at[start]), end: this.#points.point(this.#at[end - 1], 1) };
  }

  #trimmed([start, end]) {
    while (start < end && this.#at[start] < 0) start++;
    while (end > start && this.#at[end - 1] < 0) end--;
    return [start, end];
  }

  // A formula is marked as a whole or not at all.
  #whole([start, end]) {
    const formulas = this.#within(start, end).filter((part) => part.formula);
    return [Math.min(start, ...formulas.map((part) => part.start)), Math.max(end, ...formulas.map((part) => part.end))];
  }

  #within(start, end) {
    const parts = this.#parts;
    let [low, high] = [0, parts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (parts[middle].end <= start) low = middle + 1;
      else high = middle;
    }
    const found = [];
    for (let n = low; n < parts.length && parts[n].start < end; n++) found.push(parts[n]);
    return found;
  }
}

function rangeOf({ node, start, end, formula }, from, to) {
  const range = document.createRange();
  if (formula) range.selectNode(node);
  else {
    range.setStart(node, Math.max(from, start) - start);
    range.setEnd(node, Math.min(to, end) - start);
  }
  return range;
}

function selectedIn({ node, start, end, formula }, range) {
  if (formula) return [start, end];
  return [node === range.startContainer ? start + range.startOffset : start, node === range.endContainer ? start + range.endOffset : end];
}

// The text nodes and formulas of an element in order, and their text with a line break between blocks.
function readText(element) {
  const read = { text: "", parts: [] };
  const add = (node, text, formula) => {
    read.parts.push({ node, start: read.text.length, end: read.text.length + text.length, formula });
    read.text += text;
  };
  const visit = (parent) => {
    for (const node of parent.childNodes) {
      if (node.nodeType === Node.TEXT_NODE && node.length) add(node, node.data, false);
      else if (node.localName === "math") add(node, SYMBOL, true);
      else if (node.nodeType === Node.ELEMENT_NODE) within(node);
    }
  };
  const within = (node) => {
    const apart = BLOCKS.has(node.localName);
    if (apart) read.text += "\n";
    visit(node);
    if (apart) read.text += "\n";
  };
  visit(element);
  return read;
}

// The visible text with the source of each formula in place of its symbol, the parts of it, and where all of it stands.
function withFormulas({ text, parts }, source) {
  const formulas = parts.filter((part) => part.formula);
  const { at, ends } = aligned(text, source, new Set(formulas.map((part) => part.start)));
  if (!formulas.length) return [text, parts, at];
  const bounds = formulas.map(({ start }) => (at[start] < 0 ? null : [at[start], ends.get(start)]));
  const written = bounds.map((bound) => (bound ? source.slice(...bound) : SYMBOL));
  const whole = { text: "", at: [], parts: [], done: 0 };
  const copy = (end) => {
    whole.text += text.slice(whole.done, end);
    for (let i = whole.done; i < end; i++) whole.at.push(at[i]);
    whole.done = end;
  };
  let n = 0;
  for (const { node, start, end, formula } of parts) {
    copy(start);
    const from = whole.text.length;
    if (formula) {
      whole.text += written[n];
      for (let k = 0; k < written[n].length; k++) whole.at.push(bounds[n] ? bounds[n][0] + k : -1);
      whole.done = end;
      n++;
    } else copy(end);
    whole.parts.push({ node, start: from, end: whole.text.length, formula });
  }
  copy(text.length);
  return [whole.text, whole.parts, Int32Array.from(whole.at)];
}

// Code points of the source and UTF-16 offsets, from one to the other.
function codePoints(source) {
  if (!/[\ud800-\udfff]/.test(source)) return { unit: (point) => point, point: (unit, more = 0) => unit + more };
  const [points, units] = [new Uint32Array(source.length), []];
  for (let unit = 0; unit < source.length; ) {
    const next = unit + (source.codePointAt(unit) > 0xffff ? 2 : 1);
    points.fill(units.length, unit, next);
    units.push(unit);
    unit = next;
  }
  return { unit: (point) => units[point] ?? source.length, point: (unit, more = 0) => points[unit] + more };
}

// The first place in a rising array whose value is at least this.
function firstAtLeast(values, least) {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Words, emoji and formulas as [start, end]; where there are none, whatever is no white space.
function wordsOf(text, formulas) {
  const pieces = Array.from(segmenter.segment(text), ({ index, segment, isWordLike }) => ({ start: index, end: index + segment.length, segment, isWordLike }));
  const visible = pieces.filter(({ segment }) => segment.trim());
  const words = visible.filter(({ segment, isWordLike }) => isWordLike || PICTURE.test(segment));
  const outside = words.filter(({ start, end }) => !formulas.some((formula) => formula.start < end && start < formula.end));
  const found = [...outside, ...formulas].sort((one, other) => one.start - other.start);
  return (found.length ? found : visible).map(({ start, end }) => [start, end]);
}

const painted = new Map(); // name → owner → ranges

// Paint ranges in the style ::highlight(name), in place of those that this owner (a card's letter, say) painted before.
export function paint(name, ranges, owner = "") {
  if (!painted.has(name)) painted.set(name, new Map());
  painted.get(name).set(owner, ranges);
  show(name);
}

// Take the paint off: that of one owner, or all of that name.
export function clear(name, owner = null) {
  if (owner === null) painted.delete(name);
  else painted.get(name)?.delete(owner);
  show(name);
}

function show(name) {
  if (!globalThis.CSS?.highlights || !globalThis.Highlight) return;
  const ranges = [...(painted.get(name)?.values() ?? [])].flat();
  if (!ranges.length) return void CSS.highlights.delete(name);
  const highlight = new Highlight();
  highlight.priority = name === "difference" ? 0 : name.startsWith("flag-") ? 1 : 2; // what is chosen now stays in sight
  for (const range of ranges) highlight.add(range);
  CSS.highlights.set(name, highlight);
}

// What is selected within a shadow root, as a range; null where nothing is, or where it reaches beyond.
export function selectionIn(root) {
  const selection = document.getSelection();
  if (!selection) return null;
  const found = composed(selection, root) ?? ranged(root.getSelection?.() ?? selection);
  if (!found || found.collapsed || !root.contains(found.startContainer) || !root.contains(found.endContainer)) return null;
  const range = document.createRange();
  range.setStart(found.startContainer, found.startOffset);
  range.setEnd(found.endContainer, found.endOffset);
  return range;
}

const ranged = (selection) => (selection.rangeCount ? selection.getRangeAt(0) : null);

function composed(selection, root) {
  if (!selection.getComposedRanges) return null;
  try {
    return selection.getComposedRanges({ shadowRoots: [root] })[0] ?? null;
  } catch {
    return selection.getComposedRanges(root)[0] ?? null;
  }
}
