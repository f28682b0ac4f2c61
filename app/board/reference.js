// An ideal answer, written from scratch or from a copy of one of those on the page.

import { make } from "./dom.js";
import { closing } from "./panels.js";
import { t } from "./words.js";
import { asInField, paused, spokenCount, writingField } from "./writing.js";

export function referencePanel(desk) {
  const count = make("span", { class: "count" });
  const field = writingField(t("An ideal answer"), (text) => take(text));
  const starts = make("span", { class: "starts", role: "group", "aria-label": t("Start from an answer") }, make("span", { class: "label" }, t("Start from answer")), desk.letters.map(start));
  const tell = () => (count.textContent = spokenCount(field.value));
  const tellSoon = paused(tell);

  function take(text) {
    desk.write({ reference: text.trim() ? text : "" });
    starts.hidden = Boolean(field.value);
    tellSoon();
  }

  function start(letter) {
    const name = desk.nameOf(letter);
    const copy = () => {
      field.value = asInField(desk.view.answers.find((answer) => answer.letter === letter).text);
      take(field.value);
      field.focus({ preventScroll: true });
    };
    return make("button", { type: "button", class: "tool", "aria-label": t("Start from answer {name}", { name }), onclick: copy }, name);
  }

  // What another device wrote takes the place of what stands here.
  const draw = () => {
    if (field.value.trim() && field.value === desk.draft.reference) return;
    if (!field.value.trim() && !desk.draft.reference) return;
    field.value = desk.draft.reference;
    starts.hidden = Boolean(field.value);
    tell();
  };
  draw();
  tell();
  const meaning = make("p", { class: "meaning" }, t("An answer as good as it can be. It is kept for training, apart from the ranking."));
  const foot = make("div", { class: "foot" }, count, starts, closing(desk, "reference", t("Done")));
  return { children: [make("div", { class: "writing reference" }, meaning, field, foot)], draw };
}
