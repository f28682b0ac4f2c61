// The ranking room: the page of the task at hand, from the head to the strip.

import { Card } from "./cards.js";
import { Comparison } from "./compare.js";
import { Dialogs } from "./dialogs.js";
import { button, make, scrollers } from "./dom.js";
import { chooseKind, stepInChoices } from "./flags.js";
import { asksForStrength, strengthByDigit } from "./grades.js";
import { hintOf, keysOf, listenToKeys, run } from "./keys.js";
import { Marking } from "./marking.js";
import { clearMarks } from "./passages.js";
import { Layout } from "./layout.js";
import { Prompt } from "./prompt.js";
import { applySettings } from "./settings.js";
import { Strip } from "./strip.js";
import { t } from "./words.js";

// How often an annotator who has nothing left asks whether new tasks have come.
const LOOK_OUT = 60_000;

export class Room {
  constructor(desk, root) {
    Object.assign(this, { desk, root, asWritten: false, cards: [], shownKey: null });
    desk.room = this;
    this.progress = make("p", { class: "progress" });
    this.far = make("div", { class: "far", role: "progressbar", "aria-label": t("Tasks done"), "aria-valuemin": 0 });
    this.written = this.tool("written", t("As written"), { "aria-pressed": "false" });
    const tools = make("div", { class: "tools" }, this.written, this.tool("guideline", t("Guideline")), this.tool("view", t("View")), this.tool("keys", t("Keys")));
    this.head = make("header", { class: "head" }, make("h1", {}, t("Rank")), this.progress, tools, this.far);
    this.prompt = new Prompt(desk);
    this.grid = make("div", { class: "grid" });
    this.comparison = new Comparison(this);
    this.empty = make("div", { class: "empty", hidden: true });
    this.dialogs = new Dialogs(desk);
    this.layout = new Layout(desk, this);
    this.strip = new Strip(desk, root);
    this.page = make("div", { class: "page" }, this.head, this.empty, this.prompt.element, this.prompt.peek, this.comparison.element, this.layout.leaves, this.grid, this.dialogs.element);
    this.element = make("div", { class: "room" }, this.page, this.strip.element);
    this.marking = new Marking(this);
    this.letGoOfKeys = listenToKeys(desk);
    this.lookingOut = setInterval(() => desk.lookOut(), LOOK_OUT);
    [this, this.strip].forEach((part) => desk.add(part));
  }

  tool(name, text, attributes = {}) {
    const { desk } = this;
    return button({ label: text, text, hint: hintOf(desk, name), shortcut: keysOf(desk, name), class: "quiet", onclick: () => run(desk, name), ...attributes });
  }

  // A new task, or the same one with other news.
  fill() {
    const { view } = this.desk;
    applySettings(this);
    this.drawProgress();
    if (this.shownKey === this.desk.key) return;
    const isFirst = this.shownKey === null;
    this.shownKey = this.desk.key;
    this.dialogs.close();
    const hasTask = Boolean(view.task);
    this.empty.hidden = hasTask;
    this.prompt.element.hidden = this.prompt.peek.hidden = this.grid.hidden = !hasTask;
    if (hasTask) this.showTask();
    else this.showEmpty();
    if (isFirst) return;
    this.desk.spoken = (hasTask ? this.progress : this.empty.firstChild).textContent;
    if (hasTask) scrollers().forEach((element) => element.scrollTo(0, 0));
  }

  showTask() {
    const { desk } = this;
    const { view, letters } = desk;
    clearMarks(desk);
    this.cards = view.answers.filter(({ letter }) => letters.includes(letter)).map((answer) => new Card(desk, this.root, answer));
    this.grid.dataset.answers = this.cards.length;
    this.grid.replaceChildren(...this.cards.map((card) => card.element));
    this.prompt.isFolded = true;
    this.comparison.reset();
    this.fillWords();
    this.layout.fill();
    this.prompt.watch();
  }

  // Cards that were one have come apart, or the other way round.
  rebuild() {
    const { desk } = this;
    desk.turnTo(desk.focus && desk.sharing(desk.focus)[0]);
    this.showTask();
  }

  showEmpty() {
    this.cards = [];
    this.layout.fill();
    const { left, withheld } = this.desk.view;
    const [title, text] = left
      ? [t("The last tasks are with others"), t("If one of them is given back, it will appear here.")]
      : withheld
        ? [t("Nothing for you at the moment"), t("The tasks that are left are about topics or in languages that your lead has given to other people. New tasks for you will appear here.")]
        : [t("Nothing left to judge"), t("You have judged every task that needs you. New tasks will appear here.")];
    this.empty.replaceChildren(make("h2", {}, title), make("p", {}, text));
  }

  drawProgress() {
    const { task, done, left, today } = this.desk.view;
    const total = done + left;
    this.far.hidden = !total;
    Object.entries({ "aria-valuemax": total, "aria-valuenow": done }).forEach(([name, n]) => this.far.setAttribute(name, n));
    this.far.style.setProperty("--done", total ? done / total : 0);
    this.progress.textContent = task ? t("Task {n} of {total} · {today} today", { n: done + 1, total, today }) : "";
  }

  fillWords() {
    const { asWritten, desk } = this;
    this.prompt.show(desk.view.prompt, desk.view.prompt_line, asWritten);
    this.cards.forEach((card) => card.show(asWritten));
    this.comparison.mark();
    this.marking.renew();
    this.written.setAttribute("aria-pressed", String(asWritten));
  }

  draw() {
    if (this.cards.map((card) => card.letter).join() !== this.desk.letters.join()) this.rebuild();
    this.layout.draw();
    this.cards.forEach((card) => card.draw());
    this.marking.draw();
    this.element.querySelectorAll("textarea, input[type=text]").forEach((field) => (field.readOnly = this.desk.isBusy));
  }

  card(letter) {
    return this.cards.find((card) => card.letter === letter);
  }

  enterFlags(letter) {
    this.card(letter)?.enterFlags();
  }

  // Actions

  toggleWritten() {
    this.asWritten = !this.asWritten;
    this.fillWords();
    this.layout.fit();
    this.desk.draw();
  }

  enterText() {
    const letter = this.desk.focus ?? this.desk.letters[0];
    this.card(letter).correction.showOriginal();
    this.marking.enter(letter);
  }

  // The words that are marked, else the whole answer.
  flag(letter = null) {
    const { desk } = this;
    if (!this.marking.take(letter)) desk.toggleFlagging(letter ?? desk.focus ?? desk.letters[0]);
  }

  // Write into an answer; into one at a time.
  edit(letter = this.desk.focus ?? this.desk.letters[0]) {
    const { desk } = this;
    const { isOpen } = this.card(letter).correction;
    this.cards.forEach(({ correction }) => correction.isOpen && correction.close());
    desk.look(letter);
    if (isOpen) return;
    desk.closePanels();
    this.card(letter).correction.open();
  }

  compare(letter = this.desk.focus ?? this.desk.letters[0]) {
    this.desk.turnTo(letter);
    this.comparison.step(letter);
  }

  unfold() {
    this.layout.unfold();
  }

  nextLayout() {
    this.layout.next();
  }

  // Esc closes one thing: a panel, else the correction that is being written, else the comparison.
  leave() {
    const { desk, comparison } = this;
    const written = this.cards.find(({ correction }) => correction.isOpen);
    if (desk.panel || desk.flagging) return desk.closePanels();
    if (written) return written.correction.close();
    return comparison.isOn && comparison.end();
  }

  // A key that belongs to what is open, before any other meaning; true when it was taken.
  pressFirst(event) {
    return this.dialogs.press(event) || stepInChoices(event) || this.marking.press(event) || this.comparison.press(event);
  }

  // What digits choose now; null when they give ranks.
  choicesByDigit() {
    const { desk } = this;
    if (desk.panel === "skip") return (digit) => chosen(Object.keys(desk.page.skip_reasons), digit, (reason) => desk.sending.skip(reason));
    if (desk.flagging) return (digit) => chosen(desk.page.flags, digit, ({ kind }) => chooseKind(desk, kind));
    if (asksForStrength(desk)) return (digit) => strengthByDigit(desk, digit);
    return null;
  }

  close() {
    this.prompt.close();
    this.layout.close();
    this.strip.leave();
    this.marking.close();
    this.letGoOfKeys();
    clearInterval(this.lookingOut);
  }
}

function chosen(choices, digit, act) {
  const choice = choices[digit - 1];
  if (choice) act(choice);
}
