// One card for each answer: its letter, its place, its flags, its words.

import { compareButton } from "./compare.js";
import { button, make, tell } from "./dom.js";
import { drawFlags, enterFlags } from "./flags.js";
import { Scores } from "./grades.js";
import { hintOf } from "./keys.js";
import { placed, rankOf } from "./model.js";
import { drawSuggestions } from "./suggestions.js";
import { twinNote } from "./twins.js";
import { t } from "./words.js";
import { Correction } from "./writing.js";

export class Card {
  constructor(desk, root, answer) {
    const { letter } = answer;
    Object.assign(this, { desk, root, answer, letter, name: desk.nameOf(letter) });
    this.place = make("span", { class: "place" });
    this.chips = make("span", { class: "flags" });
    this.suggested = make("span", { class: "suggested", role: "group", "aria-label": t("Suggested flags"), hidden: true });
    this.words = make("div", { class: "words" });
    this.panel = make("div", { class: "flagging", role: "group", "aria-label": t("Flags of answer {name}", this), hidden: true });
    this.flag = button({ label: t("Flag answer {name}", this), text: t("Flag"), hint: hintOf(desk, "flag"), picture: "flag", class: "quiet flag", "aria-expanded": "false", onclick: () => desk.room.flag(letter) });
    this.correction = new Correction(desk, this);
    this.compare = compareButton(desk, this);
    this.pin = make("span", { class: "pin", hidden: true }, t("Pinned"));
    this.top = make("div", { class: "top" }, make("h2", {}, this.letterButton()), this.place, this.pin, this.chips, this.suggested, this.correction.button, this.compare, this.flag, this.panel);
    this.scores = desk.page.scores ? new Scores(desk, this) : null;
    this.element = make("article", { class: "card", "data-letter": letter, "aria-label": t("Answer {name}", this) }, this.top, twinNote(desk, letter), this.correction.mark, this.words, this.correction.element, this.scores?.element);
  }

  letterButton() {
    const { desk, letter, name } = this;
    const title = t("Place answer {name} ({key})", { name, key: letter });
    return make("button", { type: "button", class: "letter", title, "aria-label": t("Answer {name}", { name }), onclick: () => desk.rank(letter, placed(desk.tiers, letter)) }, name);
  }

  show(asWritten) {
    this.words.innerHTML = asWritten ? this.answer.raw : this.answer.html;
  }

  draw() {
    const { desk, letter } = this;
    const { tiers } = desk;
    const rank = rankOf(tiers, letter);
    this.element.classList.toggle("focused", desk.focus === letter);
    this.element.classList.toggle("ranked", rank >= 0);
    tell(this.place, rank < 0 ? "" : placeOf(desk, letter, rank));
    drawFlags(desk, this);
    drawSuggestions(desk, this);
    this.correction.draw();
    desk.room.comparison.drawCard(this);
    this.scores?.draw();
  }

  goTo() {
    this.element.scrollIntoView({ block: "start" });
  }

  // While its words are gone through by keys, the button flags those that are marked.
  offersWords(isOffered) {
    tell(this.flag.querySelector(".text"), isOffered ? t("Flag words") : t("Flag"));
  }

  enterFlags() {
    enterFlags(this);
  }
}

function placeOf(desk, letter, rank) {
  if (desk.letters.length === 1) return t("All equally good");
  const ties = desk.tiers[rank].filter((l) => l !== letter).map((l) => desk.nameOf(l));
  return ties.length ? t("Rank {rank}, tied with {others}", { rank: rank + 1, others: ties.join(", ") }) : t("Rank {rank}", { rank: rank + 1 });
}
