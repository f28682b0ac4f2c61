// What can be said of a flag that is set: the words that it means, how bad it is, and, of some kinds, what is so and where it says so.

import { flagOf, withFlag } from "./draft.js";
import { button, make } from "./dom.js";
import { hintOf } from "./keys.js";
import { isWrong } from "./links.js";
import { indexOfCard, wordsOf } from "./passages.js";
import { bringIntoSight } from "./sight.js";
import { withoutSpan } from "./spans.js";
import { t } from "./words.js";

const UNFACTUAL = "unfactual";
const SENSITIVE = "sensitive-topic";
const MOST_SOURCES = 10;
export const SEVERITIES = { 1: () => t("minor"), 2: () => t("clear"), 3: () => t("severe") };
const VERDICTS = { false: () => t("False"), unsupported: () => t("Unsupported"), outdated: () => t("Outdated") };
const SOURCES = { primary: () => t("The source itself"), secondary: () => t("Speaks of it") };

export class Details {
  constructor(desk, card, flag, label, drop) {
    Object.assign(this, { desk, card, flag, label, fields: [] });
    const { kind } = flag;
    const remove = make("button", { type: "button", class: "quiet", "data-focus": `drop-${kind}`, onclick: drop }, t("Remove flag"));
    const head = make("div", { class: "flag-head" }, make("h3", {}, label), remove);
    this.element = make("div", { class: "details", role: "group", "aria-label": t("Details of {flag}", { flag: label }) }, head, this.quotes(), this.severity(), kind === SENSITIVE ? this.topic() : null, kind === UNFACTUAL ? this.facts() : null, this.note());
    this.fill();
  }

  get now() {
    return flagOf(this.desk.draft, this.card.letter, this.flag.kind) ?? this.flag;
  }

  // One step that can be undone.
  set(values, saying) {
    this.desk.change({ flags: withFlag(this.desk.draft, this.card.letter, this.flag.kind, values) }, () => saying);
  }

  write(values) {
    this.desk.write({ flags: withFlag(this.desk.draft, this.card.letter, this.flag.kind, values) });
  }

  // Fields say what the draft says, also after a step back.
  fill() {
    for (const { field, read } of this.fields) if (field.value !== read()) field.value = read();
  }

  field(tag, name, label, read, write, attributes = {}) {
    const field = make(tag, { dir: "auto", "aria-label": label, "data-focus": name, oninput: () => write(field.value), ...attributes });
    this.fields.push({ field, read });
    return field;
  }

  row(label, ...children) {
    return make("div", { class: "flag-row" }, make("span", { class: "label" }, label), make("div", { class: "picks" }, children.flat()));
  }

  // A few buttons of which one can be chosen; once more takes the choice back.
  pick(name, label, options) {
    const chosen = this.flag[name];
    const option = ([value, text]) => make("button", { type: "button", class: "pick", "aria-pressed": String(value === chosen), "data-focus": `${name}-${value}`, onclick: () => this.set({ [name]: value === chosen ? null : value }, value === chosen ? t("Not marked") : `${label}: ${text}`) }, text);
    return make("div", { class: "flag-row", role: "group", "aria-label": label }, make("span", { class: "label" }, label), make("div", { class: "picks" }, options.map(option)));
  }

  quotes() {
    const { spans } = this.flag;
    if (!spans.length) return this.row(t("Which words"), make("span", { class: "whole" }, this.wayToMark()));
    return this.row(t("Which words"), spans.map((span, n) => this.quote(span, n)));
  }

  wayToMark() {
    const key = hintOf(this.desk, "flag");
    return key ? t("The whole answer. To mark words, select them and press {key}.", { key }) : t("The whole answer");
  }

  quote(span, n) {
    const { card, desk } = this;
    const words = wordsOf(card, span);
    const show = () => bringIntoSight(desk.room, card, indexOfCard(card).rangesOf(span)[0]);
    const drop = () => this.set({ spans: withoutSpan(this.now.spans, n) }, t("No longer marked: {words}", { words }));
    return make(
      "span",
      { class: "passage" },
      make("button", { type: "button", class: "quote", dir: "auto", title: t("Show in the answer"), "data-focus": `quote-${n}`, onclick: show }, make("q", {}, words)),
      button({ label: t("Remove the mark on {words}", { words }), picture: "out", class: "quiet small", "data-focus": `unmark-${n}`, onclick: drop }),
    );
  }

  severity() {
    return this.pick("severity", t("How bad"), Object.entries(SEVERITIES).map(([n, text]) => [Number(n), `${n} ${text()}`]));
  }

  topic() {
    const { topics } = this.desk.page;
    return topics.length ? this.pick("topic", t("Which topic"), topics.map(({ topic, label }) => [topic, label])) : null;
  }

  facts() {
    const label = t("What is right instead");
    const correction = this.field("textarea", `correction-${this.flag.kind}`, label, () => this.now.correction, (text) => this.write({ correction: text }), { rows: 2, maxlength: 5000 });
    return [this.pick("verdict", t("How it is wrong"), Object.entries(VERDICTS).map(([name, text]) => [name, text()])), this.row(label, correction), this.sources()];
  }

  sources() {
    const { sources } = this.flag;
    const add = make("button", { type: "button", class: "quiet", "data-focus": "add-source", onclick: () => this.addSource() }, t("Add a link"));
    return this.row(t("Where it says so"), sources.map((source, n) => this.source(source, n)), sources.length < MOST_SOURCES ? add : null);
  }

  addSource() {
    const { sources } = this.now;
    this.set({ sources: [...sources, { url: "", kind: "primary" }] }, t("A link can be written"));
    this.card.panel.querySelector(`[data-focus="source-${sources.length}"]`)?.focus({ preventScroll: true });
  }

  withSource(n, values) {
    return { sources: this.now.sources.map((source, at) => (at === n ? { ...source, ...values } : source)) };
  }

  source({ kind }, n) {
    const name = t("Link {n}", { n: n + 1 });
    const wrong = make("p", { class: "wrong", role: "alert", hidden: true });
    const read = () => this.now.sources[n]?.url ?? "";
    const field = this.field("input", `source-${n}`, name, read, (url) => (this.write(this.withSource(n, { url })), check(false)), { type: "text", inputmode: "url", dir: "ltr", maxlength: 2000, placeholder: "https://", autocomplete: "off", onblur: () => check(true) });
    const check = (isDone) => {
      const isFault = isWrong({ url: read() });
      if (isFault && !isDone && wrong.hidden) return;
      field.setAttribute("aria-invalid", String(isFault));
      wrong.hidden = !isFault;
      wrong.textContent = isFault ? t("This is no web address. Write one that begins with https://") : "";
    };
    check(true);
    const option = ([value, text]) => make("button", { type: "button", class: "pick", "aria-pressed": String(value === kind), "data-focus": `source-${n}-${value}`, onclick: () => this.set(this.withSource(n, { kind: value }), `${name}: ${text()}`) }, text());
    const drop = button({ label: t("Remove link {n}", { n: n + 1 }), picture: "out", class: "quiet small", "data-focus": `drop-source-${n}`, onclick: () => this.set({ sources: this.now.sources.filter((_, at) => at !== n) }, t("Link {n} removed", { n: n + 1 })) });
    return make("div", { class: "source" }, field, drop, wrong, make("div", { class: "picks", role: "group", "aria-label": name }, Object.entries(SOURCES).map(option)));
  }

  note() {
    const label = t("Note on {flag}", { flag: this.label });
    const field = this.field("input", `note-${this.flag.kind}`, label, () => this.now.note, (note) => this.write({ note }), { type: "text", maxlength: 5000, placeholder: t("What is wrong (optional)") });
    return this.row(t("Note"), field);
  }
}
