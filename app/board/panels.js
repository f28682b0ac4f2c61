// What opens above the ranking: each panel gives its children, and may keep itself up to date with `draw`.

import { button, key, make } from "./dom.js";
import { referencePanel } from "./reference.js";
import { t } from "./words.js";

export const PANELS = { skip: skipPanel, comment: commentPanel, reference: referencePanel, review: reviewPanel };

export const closing = (desk, name, text) => make("button", { type: "button", class: "quiet", "data-focus": "close", onclick: () => desk.openPanel(name) }, text, key("Esc"));

function skipPanel(desk) {
  const reasons = Object.entries(desk.page.skip_reasons);
  const choice = ([reason, label], n) => make("button", { type: "button", class: "tool", "data-focus": `reason-${reason}`, "data-reason": reason, onclick: () => desk.sending.skip(reason) }, label, key(n + 1));
  return { children: [make("span", { class: "label" }, t("Why skip this task?")), ...reasons.map(choice), closing(desk, "skip", t("Keep judging"))] };
}

function commentPanel(desk) {
  const field = make("textarea", { rows: 2, maxlength: 5000, dir: "auto", "aria-label": t("Comment on this task"), placeholder: t("Comment on this task (optional)"), oninput: (event) => desk.write({ comment: event.target.value }) });
  field.value = desk.draft.comment;
  return { children: [field, closing(desk, "comment", t("Done"))] };
}

// The ranking in words, to be read once more before it goes.
function reviewPanel(desk) {
  const list = make("p", { class: "summary" });
  const submit = button({ label: t("Submit this"), text: t("Submit this"), hint: "Ctrl ⏎", shortcut: "Control+Enter", class: "submit", onclick: () => desk.sending.submit() });
  const draw = () => list.replaceChildren(summary(desk));
  return { children: [list, closing(desk, "review", t("Change it")), submit], draw };
}

export function summary(desk) {
  const { draft } = desk;
  const named = (tier) => tier.map((letter) => desk.nameOf(letter));
  const isTie = (tier) => tier.flatMap((letter) => desk.sharing(letter)).length > 1;
  const tiers = draft.ranking.map(named);
  const parts = tiers.slice(1).map((tier, n) => t("{better} over {worse}", { better: tiers[n].join(", "), worse: tier.join(", ") }));
  const ties = draft.ranking.filter(isTie).map((tier) => t("{names} tied", { names: named(tier).join(", ") }));
  const rest = desk.letters.filter((letter) => !draft.ranking.flat().includes(letter)).map((letter) => desk.nameOf(letter));
  const lines = [
    ...parts, ...ties,
    tiers.length === 1 && !isTie(draft.ranking[0]) && t("{name} is the best", { name: tiers[0][0] }),
    rest.length && t("not ranked: {names}", { names: rest.join(", ") }),
    draft.none_acceptable && t("none is acceptable"),
    draft.unrankable && t("all are factually wrong"),
    ...draft.flags.map((flag) => t("{name} flagged {flag}", { name: desk.nameOf(flag.answer), flag: desk.page.flags.find((f) => f.kind === flag.kind)?.label ?? flag.kind })),
    ...Object.keys(draft.edits).map((letter) => t("{name} corrected", { name: desk.nameOf(letter) })),
    draft.reference.trim() && t("an ideal answer written"),
  ];
  return t("You say: {summary}.", { summary: lines.filter(Boolean).join("; ") });
}
