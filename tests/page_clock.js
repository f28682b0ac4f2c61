// A clock inside the page, put there before the page's own scripts; `tests/bench_ui.py` reads what it noted.
//
// It starts at `event.timeStamp`: the moment at which the browser received the key, before any script saw it. It stops at
// the first task after the next frame: a frame's callbacks run before its style, layout and paint, and a message posted
// from one is handled after them. What the screen itself takes to show a painted frame is not in it.
(() => {
  const clock = (window.clock = { moves: [], submits: [], presses: [], requests: [], events: [] });
  let cached = [];

  const afterPaint = (then) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => then(performance.now());
      port2.postMessage(0);
    });

  function roots() {
    if (!cached.length || cached.some((root) => !root.host.isConnected))
      cached = [...document.querySelectorAll("*")].map((element) => element.shadowRoot).filter(Boolean);
    return cached;
  }
  const all = (selector) => [document, ...roots()].flatMap((root) => [...root.querySelectorAll(selector)]);

  const ranking = () => all(".tier").map((tier) => tier.textContent).join("|");
  const task = () => all(".prompt, .card .words").map((element) => element.textContent).join("\n");
  const takesKeys = () => all('.strip:not(.over)[aria-busy="false"]').length > 0 && all(".card").length > 0;

  // Every change of the page calls `check`, until it says that what it waits for stands there.
  function whenever(check) {
    const observer = new MutationObserver(() => check() && observer.disconnect());
    for (const root of [document, ...roots()])
      observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["aria-busy", "class"] });
  }

  function timeMove(event, before) {
    afterPaint((painted) => ranking() !== before && clock.moves.push({ pressed: event.timeStamp, painted }));
  }

  function timeSubmit(event, before) {
    const pressed = event.timeStamp;
    whenever(() => {
      if (!takesKeys() || task() === before) return false;
      const ready = performance.now();
      afterPaint((painted) => clock.submits.push({ pressed, ready, painted, presses: clock.presses.splice(0) }));
      return true;
    });
  }

  // Where the cards and the strip stand on the screen, in pixels from its top.
  clock.geometry = () => {
    const [strip, ...cards] = [...all(".strip"), ...all(".card")].map((element) => element.getBoundingClientRect());
    return { cards: cards.length, low: Math.max(...cards.map((card) => card.bottom)), top: strip.top, bottom: strip.bottom, screen: innerHeight };
  };

  const MODIFIERS = ["Control", "Shift", "Alt", "Meta"];
  addEventListener(
    "keydown",
    (event) => {
      if (MODIFIERS.includes(event.key)) return;
      clock.presses.push(event.key);
      if (event.key === "Enter" && event.ctrlKey) timeSubmit(event, task());
      else timeMove(event, ranking());
    },
    true,
  );

  const note = (list, pick) => (found) => list.push(...found.getEntries().filter(pick).map((entry) => entry.toJSON()));
  const isOurs = (entry) => entry.name.includes("/api/judge");
  new PerformanceObserver(note(clock.requests, isOurs)).observe({ type: "resource", buffered: true });
  const isPress = (entry) => entry.name === "keydown";
  new PerformanceObserver(note(clock.events, isPress)).observe({ type: "event", durationThreshold: 16, buffered: true });
})();
