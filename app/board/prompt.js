// The prompt: what was asked last, earlier turns folded, and a line of it that stays in sight.

import { key, make } from "./dom.js";
import { Fold } from "./fold.js";
import { hintOf } from "./keys.js";
import { t, tn } from "./words.js";

const ROLES = { system: () => t("System"), user: () => t("User"), assistant: () => t("Assistant") };
const SHARE = 0.25; // with its title and the button about a third of the screen

// The turns as one element; a single turn of the user stands without its role.
export function turns(messages, asWritten) {
  const text = (message) => make("div", { class: "words", html: asWritten ? message.raw : message.html });
  if (messages.length === 1 && messages[0].role === "user") return text(messages[0]);
  const turn = (message) => make("section", { class: `rd-turn rd-${message.role}` }, make("div", { class: "rd-role" }, ROLES[message.role]()), text(message));
  return make("div", {}, messages.map(turn));
}

export class Prompt {
  constructor(desk) {
    this.desk = desk;
    this.isFolded = true;
    this.text = make("div", { class: "asked" });
    this.element = make("section", { class: "prompt", "aria-labelledby": "prompt-title" }, make("h2", { id: "prompt-title", class: "label" }, t("Prompt")), this.text);
    this.fold = new Fold(desk, this.text, SHARE, () => t("Show the whole prompt"));
    this.line = make("span", { class: "line", dir: "auto" });
    const open = make("button", { type: "button", title: t("Show the whole prompt"), onclick: () => desk.room.dialogs.toggle("prompt") }, make("span", { class: "label" }, t("Prompt")), this.line, key(hintOf(desk, "prompt")));
    this.peek = make("div", { class: "peek" }, open);
  }

  show(messages, line, asWritten) {
    const last = messages.findLastIndex((message) => message.role === "user");
    const earlier = this.isFolded ? messages.slice(0, Math.max(last, 0)) : [];
    const fold = earlier.length ? make("button", { type: "button", class: "quiet earlier", onclick: () => this.unfold(messages, line, asWritten) }, tn("Show {n} earlier turn", "Show {n} earlier turns", earlier.length)) : null;
    this.text.replaceChildren(...[fold, turns(messages.slice(earlier.length), asWritten)].filter(Boolean));
    this.line.textContent = line;
  }

  // The earlier turns too: now all of it is wanted.
  unfold(messages, line, asWritten) {
    this.isFolded = false;
    this.show(messages, line, asWritten);
    this.fold.hold();
  }

  // The line shows itself as soon as the prompt has left the top of the screen.
  watch() {
    this.observer?.disconnect();
    this.observer = new IntersectionObserver(([entry]) => this.peek.classList.toggle("on", !entry.isIntersecting && entry.boundingClientRect.top < 0), { rootMargin: "-48px 0px 0px 0px" });
    this.observer.observe(this.element);
  }

  close() {
    this.observer?.disconnect();
  }
}
