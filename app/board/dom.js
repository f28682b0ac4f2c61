// Small pieces of the page. Text always goes in as text; only `html` that the server has made safe goes in as markup.

const ICONS = {
  better: "M10 3.5 5.5 8l4.5 4.5",
  worse: "M6 3.5 10.5 8 6 12.5",
  tie: "M3.5 6h9M3.5 10h9",
  out: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  undo: "M6.5 3.5 3.5 6.5l3 3M3.5 6.5h5.5a3.25 3.25 0 0 1 0 6.5H7",
  redo: "M9.5 3.5l3 3-3 3M12.5 6.5H7a3.25 3.25 0 0 0 0 6.5h2.5",
  edit: "M3 13l.75-3L10.5 3.25l2.25 2.25L6 12.25 3 13z",
  compare: "M2.5 3.5h4v9h-4zM9.5 3.5h4v9h-4z",
  flag: "M4 14V2.5M4 3h8l-2 2.75L12 8.5H4",
};

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element[name] = value;
    else if (name === "html") element.innerHTML = value;
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// A key as it is printed, where there is one; `single` marks those that a person can switch off.
export const key = (text) => (text === "" ? null : make("kbd", { "aria-hidden": "true", class: /^(⇧ ?)?[!-~]( … [!-~])?$/.test(text) ? "single" : false }, text));

// A button: `label` is its name, `text` what it shows beside its icon (with `more` where there is room), `hint` the key that does the same.
export function button({ label, text, more, hint, shortcut, picture, ...attributes }) {
  return make(
    "button",
    { type: "button", "aria-label": label, "aria-keyshortcuts": hint === "" ? null : (shortcut ?? hint), title: hint ? `${label} (${hint})` : label, ...attributes },
    picture ? icon(picture) : null,
    text ? make("span", { class: "text" }, text, more ? make("span", { class: "more" }, more) : null) : null,
    hint ? key(hint) : null,
  );
}

// Put new children into an element and give the focus back to the child that had it.
export function refill(root, element, ...children) {
  keepingFocus(root, element, () => element.replaceChildren(...children.flat().filter(Boolean)));
}

// The same for what is drawn at every key: only what differs is touched, so that the rest is not laid out and painted anew.
export function redraw(root, element, ...children) {
  keepingFocus(root, element, () => alter(element, children.flat().filter(Boolean)));
}

function keepingFocus(root, element, change) {
  const held = root.activeElement && element.contains(root.activeElement) ? root.activeElement.dataset.focus : null;
  change();
  const found = held && element.querySelector(`[data-focus="${CSS.escape(held)}"]`);
  if (found && found !== root.activeElement) found.focus({ preventScroll: true });
}

function alter(element, fresh) {
  const old = [...element.childNodes];
  fresh.forEach((node, n) => (old[n] ? become(old[n], node) : element.append(node)));
  old.slice(fresh.length).forEach((node) => node.remove());
}

function become(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeName !== fresh.nodeName || !(old instanceof Element)) return void old.replaceWith(fresh);
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  old.onclick = fresh.onclick;
  alter(old, [...fresh.childNodes]);
}

// Attributes and text that are written only where they differ.
export function update(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value !== "boolean") element.getAttribute(name) === String(value) || element.setAttribute(name, value);
    else if (element.hasAttribute(name) !== value) element.toggleAttribute(name, value);
  }
}

export function tell(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function isTextField(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["button", "checkbox", "radio", "submit"].includes(target.type);
}

export const scrollers = () => document.querySelectorAll('[data-testid="stMain"], [data-testid="stAppScrollToBottomContainer"]');
