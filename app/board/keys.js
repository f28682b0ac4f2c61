// The keyboard: everything from the first task to the last. Keys rest while a text field has the focus.

import { isTextField, scrollers } from "./dom.js";
import { scoreOf, setScore, toggleUnrankable } from "./grades.js";
import { atRank, moved, placed, tiedAbove, tiedWithLast, without } from "./model.js";
import { setSuggested } from "./suggestions.js";
import { t } from "./words.js";

const onFocused = (action) => (desk) => desk.focus && desk.rank(desk.focus, action(desk.tiers, desk.focus));
const onRoom = (step) => (desk) => step(desk.room);

// Name → its key, what it does in words, and the doing. Whoever judges may give an action another key.
export const ACTIONS = {
  before: { key: "ArrowLeft", says: () => t("Go to the answer before"), run: (desk) => stepTo(desk, -1) },
  after: { key: "ArrowRight", says: () => t("Go to the answer after"), run: (desk) => stepTo(desk, 1) },
  better: { key: "Shift+ArrowLeft", says: () => t("Move the answer up"), run: onFocused((tiers, l) => moved(tiers, l, -1)) },
  worse: { key: "Shift+ArrowRight", says: () => t("Move the answer down"), run: onFocused((tiers, l) => moved(tiers, l, 1)) },
  tie: { key: "=", says: () => t("Tie the answer with the rank above"), run: onFocused(tiedAbove) },
  out: { key: "Backspace", says: () => t("Take the answer out"), run: onFocused(without) },
  equal: { key: "Q", says: () => t("All equally good"), run: (desk) => desk.allEqual() },
  none: { key: "N", says: () => t("None is acceptable"), run: (desk) => desk.toggle("none_acceptable", t("None is acceptable"), t("Not marked")) },
  unrankable: { key: "Shift+N", says: () => t("All are factually wrong; none can be ranked"), run: toggleUnrankable },
  undo: { key: "U", says: () => t("Undo the last step"), run: (desk) => desk.undo() },
  redo: { key: "Y", says: () => t("Do it again"), run: (desk) => desk.redo() },
  flag: { key: "X", says: () => t("Flag the answer, or its marked words"), run: onRoom((room) => room.flag()) },
  suggested: { key: "Shift+X", says: () => t("Set the suggested flag"), run: setSuggested },
  edit: { key: "R", says: () => t("Correct the answer"), run: onRoom((room) => room.edit()) },
  reference: { key: "T", says: () => t("Write an ideal answer"), run: (desk) => desk.openPanel("reference") },
  comment: { key: "M", says: () => t("Comment"), run: (desk) => desk.openPanel("comment") },
  skip: { key: "S", says: () => t("Skip"), run: (desk) => desk.openPanel("skip") },
  criterion: { key: "K", says: () => t("Go to the next criterion"), run: (desk) => desk.nextCriterion() },
  text: { key: "Enter", says: () => t("Go into the text of the answer"), run: onRoom((room) => room.enterText()) },
  compare: { key: "J", says: () => t("Put the answer beside another one"), run: onRoom((room) => room.compare()) },
  unfold: { key: "Z", says: () => t("Show all of long answers"), run: onRoom((room) => room.unfold()) },
  layout: { key: "O", says: () => t("Side by side, stacked, one at a time"), run: onRoom((room) => room.nextLayout()) },
  written: { key: "W", says: () => t("Show as written"), run: onRoom((room) => room.toggleWritten()) },
  prompt: { key: "P", says: () => t("Show the prompt"), run: onRoom((room) => room.dialogs.toggle("prompt")) },
  guideline: { key: "L", says: () => t("Guideline"), run: onRoom((room) => room.dialogs.toggle("guideline")) },
  view: { key: "V", says: () => t("Text size, layout, keys"), run: onRoom((room) => room.dialogs.toggle("view")) },
  keys: { key: "?", says: () => t("These keys"), run: onRoom((room) => room.dialogs.toggle("keys")) },
  undoLast: { key: "Shift+U", says: () => t("Undo the last submission"), run: (desk) => desk.sending.undoLast() },
};
const SCROLLING = {
  ArrowUp: () => scrollBy(-80),
  ArrowDown: () => scrollBy(80),
  PageUp: () => scrollBy(-0.8 * innerHeight),
  PageDown: () => scrollBy(0.8 * innerHeight),
  Home: () => scrollers().forEach((element) => element.scrollTo(0, 0)),
  End: () => scrollers().forEach((element) => element.scrollTo(0, element.scrollHeight)),
};
const SIGNS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Backspace: "⌫", Delete: "⌦", Enter: "⏎", " ": "␣" };

export const run = (desk, name, event) => ACTIONS[name].run(desk, event);
export const keysOf = (desk, name) => desk.page.settings?.keys?.[name] ?? ACTIONS[name].key;
export const shownAs = (binding) => binding.replace("Shift+", "⇧").replace(/[^⇧]+$/, (name) => SIGNS[name] ?? name);
const isSingle = (binding) => binding.replace("Shift+", "").length === 1;
const isOff = (desk, binding) => desk.page.settings?.letters === false && isSingle(binding);

// The key of an action as it is printed; empty while such keys are switched off.
export const hintOf = (desk, name) => (isOff(desk, keysOf(desk, name)) ? "" : shownAs(keysOf(desk, name)));

// The key of an event as it is bound: "U", "Shift+U", "=", "Shift+ArrowLeft".
export function bindingOf(event) {
  if (event.shiftKey && event.code === "Slash") return "?";
  const name = letterOf(event) || event.key;
  return event.shiftKey && (name.length > 1 || /^[A-Z]$/.test(name)) ? `Shift+${name}` : name;
}

// The Latin letter of a key, whatever the keyboard's layout: with a Russian one, the letter printed beside it.
export function letterOf(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toUpperCase();
  if (event.key.length === 1 && event.key.charCodeAt(0) < 128) return "";
  return /^Key[A-Z]$/.test(event.code) ? event.code[3] : "";
}

// Digits of other scripts are read by their place too.
function digitOf({ key, code, shiftKey }) {
  if (/^[1-9]$/.test(key)) return Number(key);
  const isOther = !shiftKey && (key === "Process" || key.charCodeAt(0) > 127);
  return isOther ? Number(/^Digit([1-9])$/.exec(code)?.[1] ?? 0) : 0;
}

function stepTo(desk, by) {
  const { order } = desk.room.layout;
  const at = order.indexOf(desk.focus);
  const next = at < 0 ? (by > 0 ? 0 : order.length - 1) : Math.min(Math.max(at + by, 0), order.length - 1);
  desk.look(order[next]);
}

function scrollBy(pixels) {
  scrollers().forEach((element) => element.scrollBy(0, pixels));
}

function pressLetter(desk, letter, isTie) {
  const [first] = desk.sharing(letter);
  desk.rank(first, isTie ? tiedWithLast(desk.tiers, first) : placed(desk.tiers, first));
}

// Digits choose in what is open; else they give the answer at hand its rank.
function pressDigit(desk, digit) {
  const choices = desk.room.choicesByDigit();
  if (choices) return choices(digit);
  return desk.focus && desk.rank(desk.focus, atRank(desk.tiers, desk.focus, digit - 1));
}

// What the key means here; null where it is none of ours.
function actionFor(desk, event, target) {
  const letter = letterOf(event);
  const binding = bindingOf(event);
  if (isOff(desk, binding) && event.key !== " ") return null;
  if (desk.hasTask && desk.view.letters.includes(letter)) return () => pressLetter(desk, letter, event.shiftKey);
  if (desk.page.scores && desk.focus && scoreOf(event)) return () => setScore(desk, desk.focus, scoreOf(event));
  if (desk.hasTask && digitOf(event)) return () => pressDigit(desk, digitOf(event));
  if (event.key === "Escape") return () => desk.room.leave();
  const isControl = target instanceof HTMLElement && target.closest("button, a, summary");
  if (isControl && [" ", "Enter"].includes(event.key)) return null;
  if (event.key === " ") return () => scrollBy((event.shiftKey ? -0.8 : 0.8) * innerHeight);
  if (event.key === "Delete") return () => run(desk, "out");
  const name = Object.keys(ACTIONS).find((action) => keysOf(desk, action) === binding);
  if (name) return desk.hasTask || name === "undoLast" ? () => run(desk, name, event) : null;
  return SCROLLING[event.key] && !event.shiftKey ? SCROLLING[event.key] : null;
}

function onKey(desk, event) {
  const target = event.composedPath()[0];
  if (event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return take(event, () => !desk.room.dialogs.isOpen && desk.sending.submit());
  if (isTextField(target)) return isOurs(desk, target) ? pressInField(desk, event, target) : undefined;
  if (pressUndo(desk, event) || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (desk.room.pressFirst(event)) return take(event, () => {});
  if (desk.room.dialogs.isOpen && !desk.room.dialogs.closesOn(bindingOf(event))) return event.key.length === 1 ? event.stopPropagation() : undefined;
  const action = actionFor(desk, event, target);
  return action ? take(event, action) : undefined;
}

// What every other program does at Ctrl+Z and Ctrl+Shift+Z (or Ctrl+Y).
function pressUndo(desk, event) {
  const letter = letterOf(event);
  if (!(event.ctrlKey || event.metaKey) || !["Z", "Y"].includes(letter)) return false;
  take(event, () => (letter === "Y" || event.shiftKey ? desk.redo() : desk.undo()));
  return true;
}

const isOurs = (desk, element) => desk.room.element.getRootNode().contains(element);

// Streamlit cannot see that the focus is in a text field of ours, so its shortcuts must not see the key.
function pressInField(desk, event, field) {
  if (event.key !== "Escape") return event.stopPropagation();
  return take(event, () => {
    field.blur();
    desk.room.leave();
  });
}

// Ours alone: Streamlit's own shortcuts (C clears caches, R reruns) must not see it.
function take(event, action) {
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!event.repeat || event.key.startsWith("Arrow") || event.key.startsWith("Page")) action();
}

export function listenToKeys(desk) {
  const listener = (event) => onKey(desk, event);
  window.addEventListener("keydown", listener, true);
  return () => window.removeEventListener("keydown", listener, true);
}
