// Which character of the source each character of a rendered answer is.
//
// The visible text is the source less Markdown's marks and white space (app/render.py says so), in the same order. So
// letters are found one behind the other; only where marks are left out is there a choice.

const [LETTER, MARK, SPACE] = [0, 1, 2];
const KINDS = Uint8Array.from({ length: 256 }, (_, code) => kindOf(String.fromCharCode(code)));
const FORMULA = /\$\$[^]*?\$\$|\$(?:\\[^]|[^$\\])+\$|\\\([^]*?\\\)|\\\[[^]*?\\\]/g;
const [TRIES, REACH, PROBE] = [500, 50, 8];

function kindOf(character) {
  if ("#*_~`>-+=|:\\<[]".includes(character)) return MARK;
  return /[\s\x1c-\x1f\x85]/.test(character) ? SPACE : LETTER;
}

const kind = (code) => (code < 256 ? KINDS[code] : code < 0x1680 || !/\s/.test(String.fromCharCode(code)) ? LETTER : SPACE);
const isMark = (code) => kind(code) === MARK;
const isSpace = (code) => kind(code) === SPACE;

// `at[i]`: the offset in the source of the visible character i, -1 of white space and of what is not found.
// `formulas`: offsets of visible characters that stand for a drawn formula each; `ends` has where they end in the source.
export function aligned(visible, source, formulas = new Set()) {
  const state = { visible, source: source.replaceAll("\0", "\ufffd"), formulas, at: new Int32Array(visible.length).fill(-1), ends: new Map(), pos: 0, tries: TRIES };
  for (let i = 0; i < visible.length; ) i = step(state, lettersFrom(state, i));
  return { at: state.at, ends: state.ends };
}

// As many letters as stand one behind the other in both.
function lettersFrom(state, i) {
  const { visible, source, formulas, at } = state;
  let { pos } = state;
  for (; i < visible.length; i++, pos++) {
    const code = visible.charCodeAt(i);
    if (code !== source.charCodeAt(pos) || kind(code) !== LETTER || (code === 0xfffc && formulas.has(i))) break;
    at[i] = pos;
  }
  state.pos = pos;
  return i;
}

function step(state, i) {
  if (i >= state.visible.length) return i;
  const code = state.visible.charCodeAt(i);
  if (state.formulas.has(i)) return placeFormula(state, i);
  if (isSpace(code)) return i + 1;
  if (isMark(code)) return placeMarks(state, i);
  const found = behindMarks(state.source, state.pos);
  if (state.source.charCodeAt(found) !== code) return searched(state, i);
  state.at[i] = found;
  state.pos = found + 1;
  return i + 1;
}

function placeFormula(state, i) {
  FORMULA.lastIndex = state.pos;
  const found = state.tries > 0 ? FORMULA.exec(state.source) : null;
  if (!found) state.tries = 0;
  state.at[i] = found ? found.index : -1;
  state.ends.set(i, found ? FORMULA.lastIndex : -1);
  if (found) state.pos = FORMULA.lastIndex;
  return i + 1;
}

// A run of visible marks among those of the source: at its beginning when they stand right behind a letter, else at its
// end, since marks of blocks come before those that are text.
function placeMarks(state, i) {
  const shown = marksFrom(state.visible, i, state.formulas);
  const written = marksFrom(state.source, state.pos);
  const attached = i > 0 && !isSpace(state.visible.charCodeAt(i - 1));
  const places = chosen(shown.places, written.places, state, attached);
  if (!places) return searched(state, i);
  shown.places.forEach((place, n) => (state.at[place] = places[n]));
  state.pos = places.at(-1) + 1;
  return shown.end;
}

function chosen(shown, written, { visible, source }, fromStart) {
  const places = new Array(shown.length);
  const same = (n, k) => visible.charCodeAt(shown[n]) === source.charCodeAt(written[k]);
  if (fromStart) {
    let n = 0;
    for (let k = 0; k < written.length && n < shown.length; k++) if (same(n, k)) places[n++] = written[k];
    return n === shown.length ? places : null;
  }
  let n = shown.length - 1;
  for (let k = written.length - 1; k >= 0 && n >= 0; k--) if (same(n, k)) places[n--] = written[k];
  return n < 0 ? places : null;
}

function marksFrom(text, start, formulas) {
  const places = [];
  let end = start;
  for (; end < text.length && !formulas?.has(end); end++) {
    const code = text.charCodeAt(end);
    if (isMark(code)) places.push(end);
    else if (!isSpace(code)) break;
  }
  return { places, end };
}

function behindMarks(source, start) {
  let pos = start;
  while (pos < source.length && (isMark(source.charCodeAt(pos)) || isSpace(source.charCodeAt(pos)))) pos++;
  return pos;
}

// Something is not as promised: go on at the next place where the following letters stand, else leave this one out.
function searched(state, i) {
  const { visible, source } = state;
  let place = state.pos;
  for (let tries = 0; state.tries > 0 && tries < REACH; tries++, place++) {
    place = source.indexOf(visible[i], place);
    if (place < 0) break;
    if (!follows(visible, i, source, place)) continue;
    state.at[i] = place;
    state.pos = place + 1;
    return i + 1;
  }
  state.tries--;
  return i + 1;
}

function follows(visible, i, source, place) {
  for (let n = 0; n < PROBE; n++) {
    i = behindMarks(visible, i + 1);
    place = behindMarks(source, place + 1);
    if (i >= visible.length || visible[i] === "\ufffc") return true;
    if (visible[i] !== source[place]) return false;
  }
  return true;
}
