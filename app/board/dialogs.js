// What opens over the page and is closed again: the prompt, the guideline, the keys, the settings of the view.

import { key, make } from "./dom.js";
import { flagChip } from "./flags.js";
import { ACTIONS, hintOf, keysOf } from "./keys.js";
import { turns } from "./prompt.js";
import { settingsForm } from "./settings_form.js";
import { t } from "./words.js";

// Name → its title and what it holds, made anew at each opening.
const CONTENTS = {
  prompt: { title: () => t("Prompt"), children: (desk) => [turns(desk.view.prompt, desk.room.asWritten)] },
  guideline: { title: () => t("Guideline"), children: guideline },
  view: { title: () => t("View"), children: settingsForm },
  keys: { title: () => t("Keys"), children: keyTable },
};

export class Dialogs {
  constructor(desk) {
    this.desk = desk;
    this.element = make("div", {});
    this.open = null;
    this.takeKey = null;
  }

  get isOpen() {
    return Boolean(this.open?.element.open);
  }

  // The key that opened a dialog closes it again.
  closesOn(binding) {
    return Object.keys(CONTENTS).some((name) => keysOf(this.desk, name) === binding);
  }

  toggle(name) {
    const wasOpen = this.isOpen && this.open.name === name;
    this.close();
    // By now the room, and with it its dialogs, may be new.
    if (!wasOpen) this.desk.room.dialogs.show(name);
  }

  // The key that what is open has asked for.
  press(event) {
    const isAsked = Boolean(this.takeKey);
    this.takeKey?.(event);
    return isAsked;
  }

  show(name) {
    const { title, children } = CONTENTS[name];
    const element = buildDialog(title(), children(this.desk), () => this.close());
    this.open = { name, element };
    this.element.replaceChildren(element);
    element.showModal();
    element.querySelector("[data-matters]")?.scrollIntoView({ block: "start" });
  }

  close() {
    if (this.isOpen) this.open.element.close();
    Object.assign(this, { open: null, takeKey: null });
    this.element.replaceChildren();
    if (this.desk.room.isOutdated) this.desk.furnish();
  }
}

function buildDialog(title, children, close) {
  const shut = make("button", { type: "button", class: "quiet", onclick: close }, t("Close"), key("Esc"));
  const element = make("dialog", { "aria-label": title, oncancel: close }, make("div", { class: "top" }, make("h2", {}, title), shut), children);
  element.onclick = (event) => {
    if (event.target === element) close();
  };
  return element;
}

// The part of the guideline that matters now: of the flag or the criterion in hand, else of what the prompt is about.
function partInHand({ page, view, flagging, detail, criterion }) {
  return (flagging ? page.matters[detail] : null) ?? page.matters[criterion] ?? view.section;
}

// The guideline, opened at the part that matters; and what can be flagged.
function guideline(desk) {
  const { guideline: parts, flags } = desk.page;
  const inHand = partInHand(desk);
  const written = parts.map(({ title, html }, n) => make("section", { class: "part", "data-matters": n === inHand }, n === inHand ? make("p", { class: "label" }, t("Matters for this task")) : null, title ? make("h3", {}, title) : null, make("div", { class: "words", html })));
  const rows = flags.map((flag) => make("div", {}, make("dt", {}, flagChip(desk, flag.kind)), make("dd", {}, flag.definition)));
  const empty = parts.length ? null : make("p", {}, t("There is no guideline yet."));
  return [empty, ...written, make("section", { class: "meanings" }, make("h3", { class: "label" }, t("What you can flag")), make("dl", {}, rows))];
}

function keyTable(desk) {
  const fixed = [
    ["A … I", t("Place the answer next, best first")],
    ["⇧ A … I", t("Tie the answer with the last one")],
    ["1 … 9", t("Give the answer this rank, or choose in what is open")],
  ];
  const scores = desk.page.scores ? [["⇧ 1 … 7", t("Score")]] : [];
  const bound = Object.entries(ACTIONS).map(([name, { says }]) => [hintOf(desk, name), says()]).filter(([keys]) => keys);
  const last = [["← → ↑ ↓ ⇧ ⏎", t("In the text: by word and line, mark more, mark the sentence")], ["↑ ↓ ␣", t("Scroll")], ["Ctrl ⏎", t("Submit and go on")], ["Esc", t("Close, or leave the text field")]];
  const row = ([keys, what]) => make("div", {}, make("dt", {}, key(keys)), make("dd", {}, what));
  const placing = desk.page.settings.letters !== false ? [...fixed, ...scores] : [];
  return [make("dl", { class: "keys" }, [...placing, ...bound, ...last].map(row))];
}
