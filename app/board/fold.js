// Long texts fold: their beginning with a soft edge, and a button for the rest.

import { button } from "./dom.js";
import { hintOf } from "./keys.js";

const SLACK = 1.25; // a text that is hardly longer than its place is shown whole

export class Fold {
  // `share`: how much of the screen's height the beginning takes; `says`: the words on the button.
  constructor(desk, text, share, says) {
    Object.assign(this, { desk, text, share, says, isFolded: false, isHeldOpen: false });
    this.button = button({ label: says(), text: says(), hint: hintOf(desk, "unfold"), class: "quiet unfold", hidden: true, onclick: () => this.open() });
    text.style.setProperty("--share", share);
    text.after(this.button);
    // Whoever comes to a word of the rest, by Tab, by a search of the page or by choosing words, sees it.
    text.addEventListener("focusin", () => this.open());
    text.addEventListener("scroll", () => this.isFolded && this.open());
  }

  // Another text stands here: it folds again.
  reset() {
    this.isHeldOpen = false;
  }

  get isLong() {
    return this.text.scrollHeight > SLACK * this.share * innerHeight;
  }

  set(isFolded) {
    Object.assign(this, { isFolded, marks: null });
    this.text.classList.toggle("folded", isFolded);
    this.button.hidden = !isFolded;
  }

  open() {
    if (!this.isFolded) return;
    this.hold();
    this.text.scrollTop = 0;
  }

  // Open until another text stands here.
  hold() {
    this.isHeldOpen = true;
    this.set(false);
  }

  // Open when one of these ranges reaches below the edge.
  showRanges(ranges) {
    // Folded, what is out of sight has no place yet.
    this.text.classList.remove("folded");
    const edge = this.text.getBoundingClientRect().top + this.share * innerHeight - 48;
    const isBelow = ranges.some((range) => range.getBoundingClientRect().bottom > edge);
    this.text.classList.add("folded");
    if (isBelow) this.open();
  }
}
