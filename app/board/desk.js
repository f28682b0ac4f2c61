// The draft of one task, shared by the two places where the board stands: the cards and the strip.

const SEND_PATIENCE = 5000;

// The tab keeps each draft as it changes: a reload, or an undo that shows another task, loses none.
const DRAFTS = {
  of: (key) => attempt(() => JSON.parse(sessionStorage.getItem(`rankdesk/${key}`))),
  keep: (key, draft) => attempt(() => sessionStorage.setItem(`rankdesk/${key}`, JSON.stringify(draft))),
  drop: (key) => attempt(() => sessionStorage.removeItem(`rankdesk/${key}`)),
};

// A browser may refuse to keep anything; the draft then lives as long as the page.
function attempt(step) {
  try {
    return step();
  } catch {
    return null;
  }
}

class Desk {
  constructor() {
    this.parts = {};
    this.key = null;
    this.sent = null;
    this.reset({});
  }

  reset(data) {
    const before = data.before ?? {};
    this.draft = DRAFTS.of(this.key) ?? { tiers: before.ranking ?? [], none: Boolean(before.none), flags: before.flags ?? {}, comment: before.comment ?? "" };
    this.past = [];
    this.focus = null;
    this.flagging = null;
    this.panel = null;
    this.started = performance.now();
    this.spokenText = "";
  }

  // Take the newest data of one part; a new task (or revision of it) empties the draft.
  attach(part, root, data, send) {
    const isNew = data.key !== this.key;
    if (isNew) {
      this.key = data.key;
      this.reset(data);
    }
    if (part === "strip" && this.sent && data.answered === this.sent) this.settle(data);
    this.parts[part]?.root === root || this.parts[part]?.leave?.();
    this.parts[part] = { ...(this.parts[part]?.root === root ? this.parts[part] : {}), root, data, send };
    if (part === "strip") this.send = send;
  }

  detach(part, root) {
    if (this.parts[part]?.root === root) {
      this.parts[part].leave?.();
      delete this.parts[part];
    }
  }

  get data() {
    return this.parts.strip?.data ?? this.parts.cards?.data ?? {};
  }

  get letters() {
    return this.data.letters ?? [];
  }

  get isBusy() {
    return this.sent !== null;
  }

  draw() {
    this.parts.cards?.draw?.();
    this.parts.strip?.draw?.();
  }

  // Do one step that can be undone.
  change(values, saying) {
    if (this.isBusy || !this.data.task) return;
    this.past.push(this.draft);
    this.redraft(values);
    this.notice = "";
    if (saying) this.spokenText = saying;
    this.draw();
  }

  redraft(values) {
    this.draft = { ...this.draft, ...values };
    DRAFTS.keep(this.key, this.draft);
  }

  // Digits go to what was turned to last: not to the flags of another answer, nor to the reasons to skip.
  turnTo(letter) {
    this.focus = letter;
    if (this.flagging !== letter) this.flagging = null;
    if (this.panel === "skip") this.panel = null;
  }

  rank(letter, tiers) {
    this.turnTo(letter);
    if (tiers === this.draft.tiers) return this.draw();
    this.change({ tiers, none: this.draft.none }, spoken(tiers, letter));
  }

  look(letter) {
    this.turnTo(letter);
    this.spokenText = spoken(this.draft.tiers, letter);
    this.draw();
  }

  undo() {
    if (this.isBusy || !this.past.length) return;
    const { comment } = this.draft;
    this.redraft({ ...this.past.pop(), comment });
    this.spokenText = "Undone";
    this.draw();
  }

  setFlag(letter, kind) {
    const flags = { ...(this.draft.flags[letter] ?? {}) };
    const isSet = kind in flags;
    if (isSet) delete flags[kind];
    else flags[kind] = "";
    const label = this.data.flags[kind].label;
    this.change({ flags: { ...this.draft.flags, [letter]: flags } }, `Answer ${letter}: ${label} ${isSet ? "removed" : "flagged"}`);
  }

  // Notes and comments are text fields with an undo of their own: they change the draft in place.
  note(letter, kind, text) {
    const ofLetter = { ...(this.draft.flags[letter] ?? {}), [kind]: text };
    this.redraft({ flags: { ...this.draft.flags, [letter]: ofLetter } });
  }

  write(comment) {
    this.redraft({ comment });
  }

  toggleFlagging(letter) {
    this.flagging = this.flagging === letter ? null : letter;
    this.turnTo(letter);
    this.draw();
    if (this.flagging) this.parts.cards?.showFlags?.(letter);
  }

  openPanel(name) {
    this.panel = this.panel === name ? null : name;
    this.draw();
    if (this.panel) this.parts.strip?.enterPanel?.();
  }

  get hasSomething() {
    const { tiers, none, flags } = this.draft;
    return tiers.length > 0 || none || Object.values(flags).some((f) => Object.keys(f).length);
  }

  submit() {
    if (!this.hasSomething) return this.say("Rank or flag an answer first, or skip the task.");
    const { tiers, none, flags, comment } = this.draft;
    const marked = Object.entries(flags).flatMap(([answer, kinds]) => Object.entries(kinds).map(([kind, note]) => ({ answer, kind, note })));
    this.post({ kind: "judge", ranking: tiers, none_acceptable: none, flags: marked, comment });
  }

  skip(reason) {
    this.post({ kind: "skip", reason, comment: this.draft.comment });
  }

  undoLast() {
    const { last } = this.data;
    if (last) this.post({ kind: "undo", task: last.task, revision: last.revision });
  }

  // One message to the server. Without an answer in time the person may press again: the server stores it once.
  post(values) {
    if (this.isBusy) return;
    const seconds = Math.min(Math.max((performance.now() - this.started) / 1000, 0), 86400);
    this.sent = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    this.sentKey = values.kind === "undo" ? null : this.key;
    this.notice = "";
    this.draw();
    this.timer = setTimeout(() => this.giveUp(), SEND_PATIENCE);
    this.send("submission", { project: this.data.project, task: this.data.task, revision: this.data.revision, seconds, ...values, number: this.sent });
  }

  settle(data) {
    clearTimeout(this.timer);
    if (!data.error) DRAFTS.drop(this.sentKey);
    this.sent = null;
    this.panel = null;
    this.notice = data.error || "";
  }

  giveUp() {
    this.sent = null;
    this.say("Not saved yet. Press Submit again.");
  }

  say(text) {
    this.notice = text;
    this.draw();
  }
}
