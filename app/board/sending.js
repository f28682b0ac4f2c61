// What goes to the server and what comes back: one message at a time, and the task stays until it is answered.

import { emptyDraft, hasSomething, TAB } from "./draft.js";
import { warnOfLink } from "./flags.js";
import { wrongLink } from "./links.js";
import { isShownOrder } from "./model.js";
import { t } from "./words.js";

export class Sending {
  // `waiting`: what is on its way; `stopped`: the task of what was called back; `left`: what was said last.
  constructor(desk) {
    Object.assign(this, { desk, waiting: null, stopped: null, left: null });
  }

  // News of a task that has been judged here meanwhile, or of another one while a judgement is on its way.
  isPast(view) {
    return view.key === this.left?.key || (this.waiting !== null && view.key !== this.desk.key);
  }

  submit() {
    const { desk } = this;
    if (desk.isBusy || !desk.hasTask) return undefined;
    if (!hasSomething(desk.said)) return desk.warn(t("Rank or flag an answer first, or skip the task."));
    const link = wrongLink(desk.draft);
    if (link) return warnOfLink(desk, link);
    const question = this.questionBefore();
    if (question && !desk.isConfirmed) return question();
    return this.post({ kind: "judge", draft: desk.said });
  }

  // What must be settled before the draft may go: a look at the summary, or a ranking nobody seems to have changed.
  questionBefore() {
    const { desk } = this;
    if (desk.page.review || desk.page.settings.review) return () => this.ask("review");
    const isAsShown = desk.letters.length > 2 && isShownOrder(desk.draft.ranking, desk.letters);
    return isAsShown ? () => this.ask(null, t("You ranked the answers in the order in which they stand. Submit again if you mean it.")) : null;
  }

  ask(panel, notice = "") {
    const { desk } = this;
    desk.isConfirmed = true;
    if (panel && desk.panel !== panel) desk.openPanel(panel);
    if (notice) desk.warn(notice);
  }

  skip(reason) {
    const { desk } = this;
    return this.post({ kind: "skip", reason, draft: { ...emptyDraft(), comment: desk.draft.comment } });
  }

  undoLast() {
    const { desk } = this;
    const { last } = desk.view;
    return last ? this.post({ kind: "undo", task: last.task, revision: last.revision }) : undefined;
  }

  async post(values) {
    const { desk } = this;
    if (desk.isBusy) return;
    const { task, revision } = desk.view;
    const number = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    const key = values.kind === "undo" ? null : desk.key;
    const waiting = (this.waiting = new AbortController());
    desk.notice = "";
    desk.draw();
    const answer = await desk.wire.judge({ task, revision, seconds: desk.pace.seconds, insists: this.stopped === desk.key, ...values, number }, waiting.signal);
    if (this.waiting !== waiting) return;
    this.waiting = null;
    if (answer) return this.settle(answer, key);
    // What was on its way may have arrived all the same: what is said next replaces it.
    this.stopped = desk.key;
    desk.warn("");
  }

  settle({ note, view, error }, key) {
    const { desk } = this;
    if (error) return desk.warn(error);
    if (key) this.leave(key, view);
    else this.takeUp(view);
    desk.notice = note;
    return desk.draw();
  }

  // What has been said is gone from the table; it is remembered until the next is, in case it is taken back.
  leave(key, view) {
    const { desk } = this;
    TAB.drop(key);
    this.left = { key, task: desk.view.task, draft: desk.draft };
    desk.open(view);
  }

  // A task that was taken back is as it was left here: after a skip, or when another judgement was kept, the server knows less.
  takeUp(view) {
    const { desk } = this;
    const isOurs = this.left?.task === view.task;
    desk.open(view, isOurs ? this.left.draft : view.before);
    if (isOurs) desk.keep({});
  }

  // The server cannot be reached, or has a fault: what was submitted waits here, and goes as soon as it can.
  waitFor(isFault) {
    const { desk } = this;
    desk.warn(isFault ? t("The server could not save this. It is kept here and will be sent again.") : t("No connection. This is kept and will be saved by itself."));
  }

  stop() {
    this.waiting?.abort();
  }
}
