// The list of one's own work. What is said in full comes as HTML from the server; all else is text.

const make = (name, className, text = "") => Object.assign(document.createElement(name), { className, textContent: text });

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const list = parentElement.querySelector(".list");
  const root = parentElement.getRootNode();
  const focused = root.activeElement?.dataset?.key;
  const act = { choose: (key) => setStateValue("chosen", key), take: (key) => setTriggerValue("take", key) };
  list.setAttribute("aria-label", data.words.list);
  parentElement.querySelector(".head").replaceChildren(...data.words.head.map((word) => make("span", "label", word)));
  list.replaceChildren(...data.rows.map((row) => piece(row, data.words, act)));
  if (focused) [...list.querySelectorAll(".row")].find((row) => row.dataset.key === focused)?.focus({ preventScroll: true });
}

function piece(row, words, act) {
  const item = make("li", "piece");
  const isOpen = "full" in row;
  const button = make("button", "row");
  button.type = "button";
  button.dataset.key = row.key;
  button.setAttribute("aria-expanded", String(isOpen));
  button.onclick = () => act.choose(isOpen ? "" : row.key);
  button.onkeydown = (event) => move(event, item);
  button.append(make("span", "when", row.when), asked(row), said(row), marks(row));
  item.append(button);
  if (isOpen) item.append(whole(row, words, act));
  return item;
}

function asked(row) {
  const element = make("span", "asked", row.asked);
  element.dir = "auto";
  return element;
}

function said(row) {
  const element = make("span", "said");
  if (row.ranking) element.append(make("span", "ranking", row.ranking));
  if (row.said) element.append(make("span", "quiet", row.said));
  return element;
}

function marks(row) {
  const element = make("span", "marks");
  element.append(...row.flags.map(chip), ...row.marks.map((mark) => make("span", "mark", mark)));
  return element;
}

function chip({ label, hue, definition }) {
  const element = make("span", "chip-flag", label);
  element.style.setProperty("--hue", hue);
  element.title = definition;
  return element;
}

function whole(row, words, act) {
  const element = make("div", "whole");
  const words_ = make("div", "full");
  words_.innerHTML = row.full;
  const take = make("button", "take", words.open);
  take.type = "button";
  take.onclick = () => act.take(row.key);
  element.append(take, words_);
  return element;
}

function move(event, item) {
  const next = { ArrowDown: item.nextElementSibling, ArrowUp: item.previousElementSibling }[event.key];
  if (!next) return;
  event.preventDefault();
  next.querySelector(".row").focus();
}
