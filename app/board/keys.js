// The keyboard: everything from the first task to the last. Keys rest while a text field has the focus.

const KEYS = [
  ["A … I", "Place the answer next, best first"],
  ["⇧ A … I", "Tie the answer with the last one"],
  ["← →", "Go to the answer before or after"],
  ["⇧ ← →", "Move the answer up or down"],
  ["1 … 9", "Give the answer this rank"],
  ["=", "Tie the answer with the rank above"],
  ["⌫", "Take the answer out"],
  ["U", "Undo the last step"],
  ["Enter", "Go to the text of the answer"],
  ["X", "Flag the answer; then 1 … 6 set a flag"],
  ["N", "None is acceptable"],
  ["M", "Comment"],
  ["S", "Skip; then 1 … 5 give the reason"],
  ["P", "Show the prompt"],
  ["L", "Guideline"],
  ["W", "Show as written"],
  ["↑ ↓ Space", "Scroll"],
  ["Ctrl ⏎", "Submit and go on"],
  ["⇧ U", "Undo the last submission"],
  ["?", "These keys"],
  ["Esc", "Close, or leave the text field"],
];

function keyTable() {
  return make("dl", { class: "keys" }, KEYS.map(([keys, what]) => make("div", {}, make("dt", {}, key(keys)), make("dd", {}, what))));
}

// The Latin letter of a key, whatever the keyboard's layout: with a Russian one, the letter printed beside it.
function letterOf(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toUpperCase();
  if (event.key.length === 1 && event.key.charCodeAt(0) < 128) return "";
  return /^Key[A-Z]$/.test(event.code) ? event.code[3] : "";
}

// Also where the keyboard has another sign on the key of the question mark.
const asksForKeys = (event) => event.key === "?" || (event.shiftKey && event.code === "Slash");

const digitOf = (event) => (/^[1-9]$/.test(event.key) ? Number(event.key) : 0);

function step(desk, by) {
  const order = inOrder(desk.draft.tiers, desk.letters);
  const at = order.indexOf(desk.focus);
  const next = at < 0 ? (by > 0 ? 0 : order.length - 1) : Math.min(Math.max(at + by, 0), order.length - 1);
  desk.look(order[next]);
}

const COMMANDS = {
  U: (desk, event) => (event.shiftKey ? desk.undoLast() : desk.undo()),
  N: (desk) => desk.change({ none: !desk.draft.none }, desk.draft.none ? "Not marked" : "None is acceptable"),
  M: (desk) => desk.openPanel("comment"),
  S: (desk) => desk.openPanel("skip"),
  X: (desk) => desk.toggleFlagging(desk.focus ?? desk.letters[0]),
  P: (desk) => toggleDialog(desk.parts.cards, "prompt"),
  L: (desk) => toggleDialog(desk.parts.cards, "guideline"),
  W: (desk) => toggleWritten(desk.parts.cards),
};

const onFocused = (action) => (desk) => desk.focus && desk.rank(desk.focus, action(desk.draft.tiers, desk.focus));

const NAMED = {
  ArrowLeft: (desk, event) => (event.shiftKey ? onFocused((t, l) => moved(t, l, -1))(desk) : step(desk, -1)),
  ArrowRight: (desk, event) => (event.shiftKey ? onFocused((t, l) => moved(t, l, 1))(desk) : step(desk, 1)),
  ArrowUp: () => scrollBy(-80),
  ArrowDown: () => scrollBy(80),
  PageUp: () => scrollBy(-0.8 * innerHeight),
  PageDown: () => scrollBy(0.8 * innerHeight),
  Home: () => scrollers().forEach((element) => element.scrollTo(0, 0)),
  End: () => scrollers().forEach((element) => element.scrollTo(0, element.scrollHeight)),
  Backspace: onFocused(without),
  Delete: onFocused(without),
  "=": onFocused(tiedAbove),
  "?": (desk) => toggleDialog(desk.parts.cards, "keys"),
  Escape: (desk) => closePanels(desk),
};

function scrollBy(pixels) {
  scrollers().forEach((element) => element.scrollBy(0, pixels));
}

function closePanels(desk) {
  desk.panel = null;
  desk.flagging = null;
  desk.draw();
}

function pressDigit(desk, digit) {
  if (desk.panel === "skip") return chooseReason(desk, digit);
  if (desk.flagging) {
    const kind = Object.keys(desk.data.flags)[digit - 1];
    return kind && desk.setFlag(desk.flagging, kind);
  }
  return onFocused((tiers, letter) => atRank(tiers, letter, digit - 1))(desk);
}

function chooseReason(desk, digit) {
  const reason = Object.keys(desk.data.skip_reasons)[digit - 1];
  if (reason) desk.skip(reason);
}

function pressLetter(desk, letter, event) {
  const { tiers } = desk.draft;
  if (!desk.letters.includes(letter)) return COMMANDS[letter]?.(desk, event);
  return desk.rank(letter, event.shiftKey ? tiedWithLast(tiers, letter) : placed(tiers, letter));
}

// What the key means here; null where it is none of ours.
function actionFor(desk, event, target) {
  const letter = letterOf(event);
  if (letter) return () => pressLetter(desk, letter, event);
  if (digitOf(event)) return () => pressDigit(desk, digitOf(event));
  if (asksForKeys(event)) return () => NAMED["?"](desk);
  const isControl = target instanceof HTMLElement && target.closest("button, a, summary");
  if (event.key === " ") return isControl ? null : () => scrollBy((event.shiftKey ? -0.8 : 0.8) * innerHeight);
  if (event.key === "Enter") return isControl || !desk.focus ? null : () => desk.parts.cards?.goTo(desk.focus);
  return NAMED[event.key] ? () => NAMED[event.key](desk, event) : null;
}

const openDialog = (desk) => Object.values(desk.parts.cards?.dialogs ?? {}).find((dialog) => dialog.element.open);

function onKey(desk, event) {
  const target = event.composedPath()[0];
  if (event.isComposing || !desk.data) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return take(event, () => desk.data.task && !openDialog(desk) && desk.submit());
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTextField(target)) return isOurs(desk, target) ? pressInField(desk, event, target) : undefined;
  if (openDialog(desk) && !["P", "L"].includes(letterOf(event)) && !asksForKeys(event)) return event.key.length === 1 ? event.stopPropagation() : undefined;
  if (!desk.data.task && !(letterOf(event) === "U" && event.shiftKey)) return;
  const action = actionFor(desk, event, target);
  if (action) take(event, action);
}

const isOurs = (desk, element) => Object.values(desk.parts).some((part) => part.root.contains(element));

// Streamlit cannot see that the focus is in a text field of ours, so its shortcuts must not see the key.
function pressInField(desk, event, field) {
  if (event.key === "Escape") take(event, () => leaveField(desk, field));
  else event.stopPropagation();
}

// Ours alone: Streamlit's own shortcuts (C clears caches, R reruns) must not see it.
function take(event, action) {
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!event.repeat || event.key.startsWith("Arrow") || event.key.startsWith("Page")) action();
}

function leaveField(desk, field) {
  field.blur();
  if (desk.panel === "comment") desk.panel = null;
  desk.flagging = null;
  desk.draw();
}

function listenToKeys(desk) {
  const listener = (event) => onKey(desk, event);
  window.addEventListener("keydown", listener, true);
  return () => window.removeEventListener("keydown", listener, true);
}
