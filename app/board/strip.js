// The strip at the bottom: the ranking, what can be done to it, and what became of the last one.

import { button, key, make, redraw, tell, update } from "./dom.js";
import { listenToDrags } from "./drag.js";
import { flagsOf } from "./draft.js";
import { hueOf } from "./flags.js";
import { strengthChoice } from "./grades.js";
import { hintOf, keysOf, run } from "./keys.js";
import { placed, rankOf } from "./model.js";
import { pauseText } from "./pace.js";
import { PANELS } from "./panels.js";
import { hindsight } from "./suggestions.js";
import { t, tn } from "./words.js";

export class Strip {
  constructor(desk, root) {
    Object.assign(this, { desk, root });
    this.panel = make("div", { class: "panel", hidden: true });
    this.hindsight = make("div", { class: "hindsight" });
    this.lane = make("div", { class: "lane" });
    this.bar = make("div", { class: "bar" });
    this.live = make("div", { class: "unseen", role: "status", "aria-live": "polite" });
    this.element = make("section", { class: "strip", "aria-label": t("Ranking") }, this.panel, this.hindsight, this.lane, this.bar, this.live);
    this.leave = listenToDrags(desk, this);
  }

  fill() {
    this.panelShown = undefined;
  }

  draw() {
    const { desk } = this;
    update(this.element, { "aria-busy": String(desk.isBusy) });
    this.element.classList.toggle("over", !desk.hasTask);
    redraw(this.root, this.hindsight, hindsight(desk));
    redraw(this.root, this.lane, desk.hasTask ? lane(desk) : []);
    redraw(this.root, this.bar, desk.hasTask ? [toolset(desk), finish(desk)] : [status(desk)]);
    this.drawPanel();
    tell(this.live, desk.notice || desk.spoken);
  }

  // A panel is built when it opens and keeps itself up to date after that, so that no field loses the cursor.
  drawPanel() {
    const { desk } = this;
    if (this.panelShown !== desk.panel) {
      this.panelShown = desk.panel;
      this.panel.hidden = !desk.panel;
      this.made = desk.panel ? PANELS[desk.panel](desk) : null;
      this.panel.replaceChildren(...(this.made?.children ?? []));
    }
    this.made?.draw?.();
  }

  enterPanel() {
    this.panel.querySelector("textarea, input, button")?.focus({ preventScroll: true });
  }
}

function chip(desk, letter) {
  const isRanked = rankOf(desk.tiers, letter) >= 0;
  const marked = flagsOf(desk.draft, letter);
  const flagged = marked.length ? `, ${tn("{n} flag", "{n} flags", marked.length)}` : "";
  return make(
    "button",
    {
      type: "button",
      class: "chip",
      "data-letter": letter,
      "data-focus": `chip-${letter}`,
      "aria-label": desk.spokenPlace(letter) + flagged,
      "aria-current": desk.focus === letter ? "true" : false,
      disabled: desk.isBusy,
      onclick: () => (isRanked ? desk.look(letter) : desk.rank(letter, placed(desk.tiers, letter))),
    },
    desk.sharing(letter).join(""),
    marked.length ? make("span", { class: "dots" }, marked.map((flag) => make("i", { style: hueOf(desk, flag.kind) }))) : null,
  );
}

function lane(desk) {
  const { tiers } = desk;
  const gap = (n) => make("span", { class: "gap", "data-gap": n, "aria-hidden": "true" });
  const boxes = tiers.flatMap((tier, n) => [
    gap(n),
    make("span", { class: "tier", "data-tier": n, role: "group", "aria-label": t("Rank {rank}", { rank: n + 1 }) }, make("span", { class: "no", "aria-hidden": "true" }, n + 1), tier.map((letter) => chip(desk, letter))),
  ]);
  const ranking = make("span", { class: "tiers" }, tiers.length ? make("span", { class: "label end" }, t("Best")) : null, boxes, tiers.length ? gap(tiers.length) : null);
  return [...criteria(desk), ranking, strengthChoice(desk), tray(desk)];
}

function tray(desk) {
  const rest = desk.letters.filter((letter) => rankOf(desk.tiers, letter) < 0);
  const hint = desk.tiers.length ? t("Not ranked") : t("Best first: press the letters, or tap");
  return make("span", { class: "tray", "data-tray": true, role: "group", "aria-label": t("Not ranked") }, rest.length ? make("span", { class: "label" }, hint) : null, rest.map((letter) => chip(desk, letter)));
}

// One ranking for each criterion of the project, and the overall one.
function criteria(desk) {
  if (!desk.page.criteria?.length) return [];
  const all = [{ criterion: "", label: t("Overall"), definition: "" }, ...desk.page.criteria];
  const tab = ({ criterion, label, definition }) =>
    make("button", { type: "button", class: "tool criterion", title: definition, "data-focus": `criterion-${criterion}`, "aria-pressed": String(desk.criterion === criterion), onclick: () => desk.turnToCriterion(criterion) }, label);
  return [make("span", { class: "criteria", role: "group", "aria-label": t("Ranking for") }, all.map(tab), key(hintOf(desk, "criterion")))];
}

// The name of an action as a tool of the strip, with its key printed on it.
function tool(desk, name, { label, text, more, picture, off, ...attributes }) {
  const hint = hintOf(desk, name);
  return button({ label, text, more, picture, hint, shortcut: keysOf(desk, name), class: "tool", "data-focus": name, disabled: desk.isBusy || Boolean(off), onclick: () => run(desk, name), ...attributes });
}

function toolset(desk) {
  const { focus, draft } = desk;
  const isRanked = focus !== null && rankOf(desk.tiers, focus) >= 0;
  const name = focus ? desk.nameOf(focus) : "";
  const named = (one, other) => (focus ? one : other);
  return make("span", { class: "toolset" }, [
    tool(desk, "better", { label: named(t("Move answer {name} up", { name }), t("Move the answer up")), picture: "better", off: !isRanked }),
    tool(desk, "worse", { label: named(t("Move answer {name} down", { name }), t("Move the answer down")), picture: "worse", off: !isRanked }),
    tool(desk, "tie", { label: named(t("Tie answer {name} with the rank above", { name }), t("Tie the answer with the rank above")), text: t("Tie"), picture: "tie", off: !isRanked }),
    tool(desk, "out", { label: named(t("Take answer {name} out", { name }), t("Take the answer out")), picture: "out", off: !isRanked }),
    tool(desk, "undo", { label: t("Undo the last step"), picture: "undo", off: !desk.past.length }),
    tool(desk, "redo", { label: t("Do it again"), picture: "redo", off: !desk.future.length }),
    make("span", { class: "rule" }),
    tool(desk, "equal", { label: t("All equally good"), text: t("All equal") }),
    tool(desk, "none", { label: t("None is acceptable"), text: t("None good"), "aria-pressed": String(draft.none_acceptable) }),
    tool(desk, "unrankable", { label: t("All are factually wrong; none can be ranked"), text: t("All wrong"), "aria-pressed": String(draft.unrankable) }),
    tool(desk, "comment", { label: t("Comment"), text: t("Comment"), class: `tool${draft.comment ? " filled" : ""}`, "aria-expanded": String(desk.panel === "comment") }),
    tool(desk, "reference", { label: t("Write an ideal answer"), text: t("Ideal"), class: `tool${draft.reference ? " filled" : ""}`, "aria-expanded": String(desk.panel === "reference") }),
    tool(desk, "skip", { label: t("Skip"), text: t("Skip"), "aria-expanded": String(desk.panel === "skip") }),
  ]);
}

function finish(desk) {
  const submit = button({ label: t("Submit"), text: t("Submit"), hint: "Ctrl ⏎", shortcut: "Control+Enter", class: "submit", "data-focus": "submit", disabled: desk.isBusy, onclick: () => desk.sending.submit() });
  return make("span", { class: "finish" }, status(desk), submit);
}

function status(desk) {
  const { view, pace } = desk;
  if (pace.due && !desk.notice && !desk.isBusy) return pause(desk);
  const { last } = view;
  const undo = last && !desk.isBusy ? button({ label: t("Undo the last submission"), text: t("Undo last"), hint: hintOf(desk, "undoLast"), shortcut: keysOf(desk, "undoLast"), class: "quiet", "data-focus": "undo-last", onclick: () => desk.sending.undoLast() }) : null;
  const stop = desk.isBusy && desk.notice ? make("button", { type: "button", class: "quiet", "data-focus": "stop-waiting", onclick: () => desk.sending.stop() }, t("Keep judging")) : null;
  return make(
    "span",
    { class: `status${desk.notice ? " warning" : ""}` },
    make("span", { class: "saved", "data-saved": last?.saved ?? "", "data-count": view.done ?? 0 }, desk.notice || (desk.isBusy ? t("Saving") : savedText(view))),
    stop,
    undo,
  );
}

// A break would do good: said quietly, in place of what is known anyway.
function pause({ view, pace }) {
  const later = make("button", { type: "button", class: "quiet", "data-focus": "later", onclick: () => pace.later() }, t("Later"));
  return make("span", { class: "status pause" }, make("span", { class: "saved", "data-saved": view.last?.saved ?? "", "data-count": view.done ?? 0 }, pauseText(pace)), later);
}

function savedText({ last, today }) {
  if (!last) return "";
  return last.skipped ? t("Skipped · {today} today", { today }) : t("Saved · {today} today", { today });
}
