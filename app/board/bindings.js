// The table of keys in the settings: each action can be given another key.

import { key, make, refill } from "./dom.js";
import { ACTIONS, bindingOf, keysOf, shownAs } from "./keys.js";
import { set } from "./settings.js";
import { t } from "./words.js";

const CAN_BE = /^(Shift\+)?([J-Z]|ArrowLeft|ArrowRight|Backspace|Delete|Enter|[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e])$/; // signs too, as app/board/settings.py has it
const ALONE = ["Shift", "Control", "Alt", "Meta", "CapsLock", "AltGraph"];

export function keySection(desk) {
  return new Bindings(desk).element;
}

class Bindings {
  constructor(desk) {
    Object.assign(this, { desk, asking: null, notice: "" });
    this.list = make("dl", { class: "keys" });
    this.said = make("p", { class: "said", role: "status" });
    this.reset = make("button", { type: "button", class: "quiet", onclick: () => this.keep({}) }, t("Set all keys back"));
    this.element = make("section", { class: "settings bindings" }, make("h3", {}, t("Keys")), make("p", { class: "hint" }, t("Choose an action, then press its new key.")), this.said, this.list, this.reset);
    this.draw();
  }

  draw() {
    const { desk, asking } = this;
    refill(desk.room.root, this.list, Object.entries(ACTIONS).map(([name, action]) => this.row(name, action)));
    this.reset.disabled = !Object.keys(desk.page.settings.keys).length;
    this.said.textContent = asking ? t("Press the new key for “{action}”, or Esc.", { action: ACTIONS[asking].says() }) : this.notice;
  }

  row(name, { says, key: usual }) {
    const { desk } = this;
    const bound = keysOf(desk, name);
    const change = make("button", { type: "button", class: "quiet", "data-focus": `key-${name}`, "data-action": name, "aria-pressed": String(this.asking === name), "aria-label": t("{action}: {key}. Change the key", { action: says(), key: shownAs(bound) }), onclick: () => this.ask(name) }, key(this.asking === name ? "…" : shownAs(bound)));
    const back = bound === usual ? null : make("button", { type: "button", class: "quiet back", "data-focus": `back-${name}`, "aria-label": t("{action}: back to {key}", { action: says(), key: shownAs(usual) }), onclick: () => this.bind(name, usual) }, t("Back to {key}", { key: shownAs(usual) }));
    return make("div", {}, make("dt", {}, change), make("dd", {}, says(), back));
  }

  ask(name) {
    Object.assign(this, { asking: this.asking === name ? null : name, notice: "" });
    // The key that is pressed next comes here before it has any other meaning.
    this.desk.room.dialogs.takeKey = this.asking ? (event) => this.press(event) : null;
    this.draw();
  }

  press(event) {
    if (event.repeat || ALONE.includes(event.key)) return;
    const name = this.asking;
    this.ask(name);
    if (!["Escape", "Tab"].includes(event.key)) this.bind(name, bindingOf(event));
  }

  bind(name, binding) {
    this.notice = this.refusal(name, binding);
    if (this.notice) return this.draw();
    const { [name]: before, ...others } = this.desk.page.settings.keys;
    return this.keep(binding === ACTIONS[name].key ? others : { ...others, [name]: binding });
  }

  // Why this key cannot be had; empty when it can.
  refusal(name, binding) {
    const shown = shownAs(binding);
    if (/^(Shift\+)?[A-I]$/.test(binding)) return t("The letters A to I are answers; press another key.");
    if (/^(Shift\+)?[0-9]$/.test(binding)) return t("Digits are ranks and choices; press another key.");
    const holder = this.holderOf(binding, name);
    if (holder) return t("{key} is taken by “{action}”; press another key, or change that one first.", { key: shown, action: ACTIONS[holder].says() });
    return CAN_BE.test(binding) && binding !== "Delete" ? "" : t("{key} has a meaning of its own; press another key.", { key: shown });
  }

  holderOf(binding, name) {
    return Object.keys(ACTIONS).find((other) => other !== name && keysOf(this.desk, other) === binding);
  }

  keep(keys) {
    this.notice = "";
    set(this.desk, { keys });
    this.draw();
  }
}
