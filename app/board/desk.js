// The task at hand: what the annotator has drafted, and what can be done with it.

import { asked, dated, emptyDraft, newest, stepped, TAB } from "./draft.js";
import { rankOf } from "./model.js";
import { Pace, pauseText } from "./pace.js";
import { Sending } from "./sending.js";
import { t } from "./words.js";

export class Desk {
  constructor(wire) {
    Object.assign(this, { wire, page: { flags: [], topics: [], criteria: [] }, view: {}, key: null, parts: [], sending: new Sending(this), pace: new Pace((isDue) => this.say(isDue ? pauseText(this.pace) : "")) });
    this.open({ letters: [], alike: [], answers: [], prompt: [] });
  }

  // Take what the page has sent: a ticket, the project's choices, and the task unless a submission is on its way.
  take({ page, view }) {
    const isFirst = this.key === null;
    this.page = { ...page, settings: this.wire.unkept ?? page.settings };
    this.wire.renew(page.ticket);
    if (this.sending.isPast(view)) return;
    if (view.key === this.key) this.refresh(view);
    else this.open(view);
    if (isFirst) this.spoken = "";
  }

  // The same task again: a draft from another device may be newer than ours.
  refresh(view) {
    const newer = (view.draft?.changed ?? 0) > (this.draft.changed ?? 0);
    this.see(view);
    this.draft = this.fitting(newer ? view.draft : this.draft);
    this.parts.forEach((part) => part.fill?.());
    this.draw();
  }

  open(view, before = view.before) {
    this.key = view.key ?? null;
    this.see(view);
    this.draft = this.fitting(newest(TAB.of(this.key), view.draft) ?? before);
    Object.assign(this, { past: [], future: [], focus: null, flagging: null, panel: null, criterion: "", notice: "", spoken: "", isConfirmed: false, marked: null, detail: null });
    this.pace.start();
    this.parts.forEach((part) => part.fill?.());
    this.draw();
  }

  see(view) {
    this.view = view;
    this.clock = (view.now ?? Date.now()) - Date.now();
  }

  fitting(draft) {
    return asked({ ...emptyDraft(), ...draft }, this.page);
  }

  add(part) {
    this.parts.push(part);
    part.fill?.();
  }

  draw() {
    this.parts.forEach((part) => part.draw());
  }

  // What is on the table

  get isBusy() {
    return this.sending.waiting !== null;
  }

  get hasTask() {
    return Boolean(this.view.task);
  }

  // The letters on cards: answers that say the same are shown once, under the first of them.
  get letters() {
    const hidden = this.view.alike.filter(([first]) => !this.draft.apart.includes(first)).flatMap(([, ...others]) => others);
    return this.view.letters.filter((letter) => !hidden.includes(letter));
  }

  // All letters of the card that stands for this one.
  sharing(letter) {
    return this.view.alike.find((group) => group.includes(letter) && !this.draft.apart.includes(group[0])) ?? [letter];
  }

  nameOf(letter) {
    return this.sharing(letter).join(" · ");
  }

  get tiers() {
    return this.criterion ? (this.draft.criteria[this.criterion] ?? []) : this.draft.ranking;
  }

  withTiers(tiers) {
    return this.criterion ? { criteria: { ...this.draft.criteria, [this.criterion]: tiers } } : { ranking: tiers };
  }

  spokenPlace(letter) {
    const rank = rankOf(this.tiers, letter);
    const name = this.nameOf(letter);
    if (rank < 0) return t("Answer {name}: not ranked", { name });
    const place = { name, rank: rank + 1, count: this.tiers.length };
    const ties = this.tiers[rank].filter((l) => l !== letter).map((l) => this.nameOf(l));
    if (!ties.length) return t("Answer {name}: rank {rank} of {count}", place);
    return t("Answer {name}: rank {rank} of {count}, tied with {others}", { ...place, others: ties.join(", ") });
  }

  // Steps that can be undone

  change(values, saying = () => "") {
    if (this.isBusy || !this.hasTask) return;
    const isRanking = "ranking" in values || "criteria" in values;
    const step = { draft: this.draft, criterion: isRanking ? this.criterion : null };
    this.past.push(step);
    this.future = [];
    this.isConfirmed = false;
    this.notice = "";
    this.keep(values);
    this.spoken = step.said = saying();
    this.draw();
  }

  // Text fields have an undo of their own: they change the draft in place.
  write(values) {
    if (!this.isBusy) this.keep(values);
  }

  keep(values) {
    this.draft = dated(this.draft, values, this.clock);
    TAB.keep(this.key, this.draft);
    this.wire.keepDraft({ task: this.view.task, revision: this.view.revision, draft: this.draft });
  }

  undo() {
    this.step(this.past, this.future, t("Undone"));
  }

  redo() {
    this.step(this.future, this.past, t("Done again"));
  }

  // What is taken back is said, and shown in the ranking that it belongs to.
  step(from, to, saying) {
    if (this.isBusy || !from.length) return;
    const step = from.pop();
    to.push({ ...step, draft: this.draft });
    this.isConfirmed = false;
    this.criterion = step.criterion ?? this.criterion;
    this.keep(stepped(step.draft, this.draft));
    this.spoken = step.said ? `${saying}: ${step.said}` : saying;
    this.draw();
  }

  // Digits go to what was turned to last: not to the flags of another answer, nor to the reasons to skip.
  turnTo(letter) {
    this.focus = letter;
    if (this.flagging !== letter) Object.assign(this, { flagging: null, marked: null, detail: null });
    if (this.panel === "skip") this.panel = null;
  }

  rank(letter, tiers) {
    this.turnTo(letter);
    if (tiers === this.tiers) return this.draw();
    const isNew = rankOf(this.tiers, letter) < 0;
    this.change({ ...this.withTiers(tiers), unrankable: false }, () => this.spokenPlace(letter));
    if (isNew) this.room.layout.moveOn(letter);
  }

  allEqual() {
    this.change({ ...this.withTiers([[...this.letters]]), unrankable: false }, () => t("All answers are tied"));
  }

  toggle(name, on, off) {
    this.change({ [name]: !this.draft[name] }, () => (this.draft[name] ? on : off));
  }

  turnToCriterion(criterion) {
    this.criterion = criterion;
    const label = this.page.criteria.find((c) => c.criterion === criterion)?.label ?? t("Overall");
    this.say(t("Ranking for {criterion}", { criterion: label }));
  }

  nextCriterion() {
    const all = ["", ...this.page.criteria.map((c) => c.criterion)];
    this.turnToCriterion(all[(all.indexOf(this.criterion) + 1) % all.length]);
  }

  look(letter) {
    this.turnTo(letter);
    this.say(this.spokenPlace(letter));
  }

  openPanel(name) {
    this.panel = this.panel === name ? null : name;
    this.draw();
    if (this.panel) this.parts.forEach((part) => part.enterPanel?.());
  }

  // Open the flags of an answer, or close them: `marked` are the words that the next kind takes, `detail` the kind shown in full.
  toggleFlagging(letter, { marked = null, detail = null } = {}) {
    const isOther = this.flagging !== letter || marked || (detail && detail !== this.detail);
    Object.assign(this, { flagging: isOther ? letter : null, focus: letter, marked, detail });
    if (this.panel === "skip") this.panel = null;
    this.draw();
    if (this.flagging) this.parts.forEach((part) => part.enterFlags?.(letter));
  }

  closePanels() {
    Object.assign(this, { panel: null, flagging: null, marked: null, detail: null });
    this.draw();
  }

  // What goes to the server: the draft, but for what was written into an answer that has no card of its own any more.
  get said() {
    const edits = Object.entries(this.draft.edits).filter(([letter]) => this.letters.includes(letter));
    return { ...this.draft, edits: Object.fromEntries(edits) };
  }

  // Nothing is left to judge: the page is asked for what may have come.
  lookOut() {
    if (!this.hasTask && !document.hidden) this.wire.askForTicket();
  }

  close() {
    this.wire.close();
    this.pace.close();
  }

  say(text) {
    this.spoken = text;
    this.draw();
  }

  warn(text) {
    this.notice = text;
    this.draw();
  }
}
