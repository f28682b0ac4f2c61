// The pace of work: the time spent on a task, and when a break would do good.
//
// Time counts while something happens: between two signs of the annotator that are at most a minute apart. Of a longer
// silence, and of a time in which the page cannot be seen, nothing counts. Five minutes of silence are a break.

import { isTextField } from "./dom.js";
import { tn } from "./words.js";

const IDLE = 60_000;
const BREAK = 5 * 60_000;
const LATER = 10 * 60_000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "touchmove", "scroll"];
const KEPT = "rankdesk-pace"; // in the tab, so that a reload or another page is no break

export class Pace {
  // `onPause` hears when a break is due.
  constructor(onPause) {
    Object.assign(this, { onPause, minutes: 0, due: false, last: Date.now(), worked: 0, asked: 0 });
    this.recall();
    this.start();
    this.notice = () => this.tick();
    this.turn = () => (document.hidden ? this.leave() : this.tick());
    SIGNS.forEach((name) => window.addEventListener(name, this.notice, { capture: true, passive: true }));
    document.addEventListener("visibilitychange", this.turn);
    window.addEventListener("pagehide", this.turn);
  }

  close() {
    this.leave();
    SIGNS.forEach((name) => window.removeEventListener(name, this.notice, { capture: true }));
    document.removeEventListener("visibilitychange", this.turn);
    window.removeEventListener("pagehide", this.turn);
  }

  // A new task.
  start() {
    this.tick();
    this.active = 0;
    this.keep();
  }

  tick() {
    const now = Date.now();
    const silence = now - this.last;
    if (silence >= BREAK) Object.assign(this, { worked: 0, asked: 0 });
    else if (silence <= IDLE && !this.isAway) this.count(Math.max(0, silence));
    Object.assign(this, { last: now, isAway: document.hidden });
    this.look();
  }

  count(time) {
    this.active += time;
    this.worked += time;
  }

  leave() {
    this.tick();
    this.isAway = true;
    this.keep();
  }

  get seconds() {
    this.tick();
    return this.active / 1000;
  }

  // How long somebody has worked without a break, in minutes.
  get workedMinutes() {
    return Math.floor(this.worked / 60_000);
  }

  // A break is suggested once there has been work for so many minutes; never to somebody who is writing.
  look() {
    const wasDue = this.due;
    const isTime = this.minutes > 0 && this.worked >= this.minutes * 60_000 && this.worked >= this.asked + (this.asked ? LATER : 0);
    this.due = isTime && (wasDue || !isWriting());
    if (this.due !== wasDue) this.onPause(this.due);
  }

  later() {
    this.asked = this.worked;
    this.look();
    this.keep();
  }

  recall() {
    try {
      Object.assign(this, JSON.parse(sessionStorage.getItem(KEPT)));
    } catch {
      // What cannot be read begins anew.
    }
  }

  keep() {
    const { last, worked, asked } = this;
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ last, worked, asked }));
    } catch {
      // A browser may refuse to keep anything; the count then lasts as long as the page.
    }
  }
}

export const pauseText = ({ workedMinutes }) => tn("You have worked for {n} minute. A short break helps.", "You have worked for {n} minutes. A short break helps.", workedMinutes);

function isWriting() {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return isTextField(active);
}
