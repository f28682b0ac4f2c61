// Time spent on a task: only while something happens, so that a pause does not count.

const IDLE = 60_000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "touchmove", "scroll"];

export class Pace {
  constructor(onPause) {
    this.onPause = onPause;
    this.start();
    this.notice = () => this.tick();
    SIGNS.forEach((name) => window.addEventListener(name, this.notice, { capture: true, passive: true }));
  }

  close() {
    SIGNS.forEach((name) => window.removeEventListener(name, this.notice, { capture: true }));
  }

  start() {
    this.active = 0;
    this.last = performance.now();
  }

  // The time since the last sign counts unless it was a pause; of a pause, its first minute does.
  tick() {
    const now = performance.now();
    this.active += Math.min(now - this.last, IDLE);
    this.last = now;
  }

  get seconds() {
    this.tick();
    return this.active / 1000;
  }
}
