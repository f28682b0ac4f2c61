// The way to the server: small requests under the page's ticket, which wait out a lost connection.

const DRAFT_PAUSE = 400;
const PATIENCE = [500, 1000, 2000, 4000, 8000];
const REQUEST_LIMIT = 20_000;
// Characters of a request that goes on when the page is closed: browsers allow 64 KB, of up to three bytes a character.
const SHORT = 20_000;

const ADDRESSES = { judge: ["POST", "judge"], draft: ["PUT", "draft"], settings: ["PUT", "settings"] };

class Refused extends Error {}
class Fault extends Error {}

export class Wire {
  // `askForTicket` makes the page send a new ticket; `onWait` hears that the server cannot be reached, or (true) that it
  // has a fault; `onRefusal` hears why a draft is not kept.
  constructor(base, askForTicket, onWait, onRefusal) {
    Object.assign(this, { base, askForTicket, onWait, onRefusal, ticket: "", waker: null, timer: null, pending: null, unkept: null, keeping: Promise.resolve() });
    this.wake = () => this.waker?.();
    this.flushNow = () => this.flush(true);
    window.addEventListener("online", this.wake);
    window.addEventListener("pagehide", this.flushNow);
    // A phone may end a page that cannot be seen without another word.
    this.turn = () => document.hidden && this.flush();
    document.addEventListener("visibilitychange", this.turn);
  }

  close() {
    this.flush(true);
    window.removeEventListener("online", this.wake);
    window.removeEventListener("pagehide", this.flushNow);
    document.removeEventListener("visibilitychange", this.turn);
  }

  renew(ticket) {
    if (ticket === this.ticket) return;
    this.ticket = ticket;
    this.wake();
  }

  // Send until the server has answered. `signal` gives up waiting; the same message later changes nothing.
  async judge(message, signal) {
    if (message.kind === "undo") this.flush();
    else this.cancelDraft();
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.request("judge", message, signal);
      } catch (problem) {
        if (signal.aborted) return null;
        if (problem instanceof Refused) this.askForTicket();
        else this.onWait(problem instanceof Fault);
        await this.pause(PATIENCE[Math.min(tries, PATIENCE.length - 1)], signal);
        if (signal.aborted) return null;
      }
    }
  }

  keepDraft(message) {
    this.pending = message;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), DRAFT_PAUSE);
  }

  cancelDraft() {
    clearTimeout(this.timer);
    this.pending = null;
  }

  async flush(isLeaving = false) {
    clearTimeout(this.timer);
    const message = this.pending;
    if (!message) return;
    this.pending = null;
    try {
      const { error } = await this.request("draft", message);
      if (error) this.onRefusal(error);
    } catch (problem) {
      if (problem instanceof Refused) this.askForTicket();
      // A newer draft, if there is one by now, goes instead.
      if (!this.pending && !isLeaving) this.later(message);
    }
  }

  later(message) {
    this.pending = message;
    this.timer = setTimeout(() => this.flush(), PATIENCE[2]);
  }

  // One after the other, so that the newest choice is what is kept; `unkept` until it is.
  keepSettings(settings) {
    this.unkept = settings;
    this.keeping = this.keeping.then(() => this.sendSettings(settings));
    return this.keeping;
  }

  async sendSettings(settings) {
    for (let tries = 0; this.unkept === settings && tries < PATIENCE.length; tries += 1) {
      try {
        await this.request("settings", settings);
        if (this.unkept === settings) this.unkept = null;
      } catch (problem) {
        if (problem instanceof Refused) this.askForTicket();
        await new Promise((done) => setTimeout(done, PATIENCE[tries]));
      }
    }
  }

  async request(name, message, abort = null) {
    const [method, address] = ADDRESSES[name];
    const headers = { "Content-Type": "application/json", "X-Ticket": this.ticket };
    const limit = AbortSignal.timeout(REQUEST_LIMIT);
    const signal = abort && AbortSignal.any ? AbortSignal.any([abort, limit]) : limit;
    const body = JSON.stringify(message);
    const answer = await fetch(new URL(address, this.base), { method, headers, body, keepalive: body.length < SHORT, signal });
    if (answer.status === 403) throw new Refused();
    const isOurs = answer.headers.get("Content-Type") === "application/json";
    if (!isOurs || (!answer.ok && answer.status !== 400)) throw new Fault(String(answer.status));
    return answer.json();
  }

  pause(milliseconds, signal) {
    return new Promise((done) => {
      const timer = setTimeout(done, milliseconds);
      this.waker = () => (clearTimeout(timer), setTimeout(done, 50));
      signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
    });
  }
}
