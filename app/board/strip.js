// The strip at the bottom: the ranking, what can be done to it, and what became of the last one.

function chip(desk, letter) {
  const { tiers, flags } = desk.draft;
  const isRanked = rankOf(tiers, letter) >= 0;
  const marked = Object.keys(flags[letter] ?? {});
  return make(
    "button",
    {
      type: "button",
      class: "chip",
      "data-letter": letter,
      "data-focus": `chip-${letter}`,
      "aria-label": spoken(tiers, letter) + (marked.length ? `, ${marked.length} flagged` : ""),
      "aria-current": desk.focus === letter ? "true" : false,
      disabled: desk.isBusy,
      onclick: () => (isRanked ? desk.look(letter) : desk.rank(letter, placed(tiers, letter))),
    },
    letter,
    marked.length ? make("span", { class: "dots" }, marked.map((kind) => make("i", { style: hue(desk.data.flags[kind]) }))) : null,
  );
}

function lane(desk) {
  const { tiers } = desk.draft;
  const gap = (n) => make("span", { class: "gap", "data-gap": n, "aria-hidden": "true" });
  const boxes = tiers.flatMap((tier, n) => [
    gap(n),
    make("span", { class: "tier", "data-tier": n, role: "group", "aria-label": `Rank ${n + 1}` }, make("span", { class: "no", "aria-hidden": "true" }, n + 1), tier.map((letter) => chip(desk, letter))),
  ]);
  const rest = desk.letters.filter((letter) => rankOf(tiers, letter) < 0);
  const hint = tiers.length ? "Not ranked" : "Best first: press the letters, or tap";
  const tray = make("span", { class: "tray", "data-tray": true, role: "group", "aria-label": "Not ranked" }, rest.length ? make("span", { class: "label" }, hint) : null, rest.map((letter) => chip(desk, letter)));
  return [make("span", { class: "tiers" }, tiers.length ? make("span", { class: "label end" }, "Best") : null, boxes, tiers.length ? gap(tiers.length) : null), tray];
}

function tools(desk) {
  const { focus, draft } = desk;
  const isRanked = focus !== null && rankOf(draft.tiers, focus) >= 0;
  const off = desk.isBusy;
  const named = focus ? `answer ${focus}` : "the answer";
  return [
    button({ label: `Move ${named} up`, picture: "better", hint: "⇧←", shortcut: "Shift+ArrowLeft", class: "tool", "data-focus": "better", disabled: off || !isRanked, onclick: () => desk.rank(focus, moved(draft.tiers, focus, -1)) }),
    button({ label: `Move ${named} down`, picture: "worse", hint: "⇧→", shortcut: "Shift+ArrowRight", class: "tool", "data-focus": "worse", disabled: off || !isRanked, onclick: () => desk.rank(focus, moved(draft.tiers, focus, 1)) }),
    button({ label: `Tie ${named} with the rank above`, text: "Tie", picture: "tie", hint: "=", class: "tool", "data-focus": "tie", disabled: off || !isRanked, onclick: () => desk.rank(focus, tiedAbove(draft.tiers, focus)) }),
    button({ label: `Take ${named} out`, picture: "out", hint: "⌫", shortcut: "Backspace", class: "tool", "data-focus": "out", disabled: off || !isRanked, onclick: () => desk.rank(focus, without(draft.tiers, focus)) }),
    button({ label: "Undo the last step", picture: "undo", hint: "U", class: "tool", "data-focus": "undo", disabled: off || !desk.past.length, onclick: () => desk.undo() }),
    make("span", { class: "rule" }),
    button({ label: "None is acceptable", text: "None", more: " acceptable", hint: "N", class: "tool", "data-focus": "none", "aria-pressed": String(draft.none), disabled: off, onclick: () => desk.change({ none: !draft.none }, draft.none ? "Not marked" : "None is acceptable") }),
    button({ label: "Comment", text: "Comment", hint: "M", class: `tool${draft.comment ? " filled" : ""}`, "data-focus": "comment", "aria-expanded": String(desk.panel === "comment"), disabled: off, onclick: () => desk.openPanel("comment") }),
    button({ label: "Skip", text: "Skip", hint: "S", class: "tool", "data-focus": "skip", "aria-expanded": String(desk.panel === "skip"), disabled: off, onclick: () => desk.openPanel("skip") }),
  ];
}

function status(desk) {
  const { data } = desk;
  const text = desk.isBusy ? "Saving" : desk.notice || data.note || data.saved_text || "";
  const undo = data.last && !desk.isBusy ? button({ label: "Undo the last submission", text: "Undo last", hint: "⇧U", shortcut: "Shift+U", class: "quiet", "data-focus": "undo-last", onclick: () => desk.undoLast() }) : null;
  return make(
    "span",
    { class: `status${desk.notice ? " warning" : ""}` },
    make("span", { class: "saved", "data-saved": data.last?.saved ?? "", "data-count": data.count ?? 0 }, text),
    undo,
  );
}

function skipPanel(desk) {
  const reasons = Object.entries(desk.data.skip_reasons);
  return [
    make("span", { class: "label" }, "Why skip this task?"),
    ...reasons.map(([reason, label], n) => make("button", { type: "button", class: "tool", "data-focus": `reason-${reason}`, "data-reason": reason, onclick: () => desk.skip(reason) }, label, key(n + 1))),
    make("button", { type: "button", class: "quiet", "data-focus": "close", onclick: () => desk.openPanel("skip") }, "Keep judging", key("Esc")),
  ];
}

function commentPanel(desk) {
  const field = make("textarea", { rows: 2, maxlength: 5000, dir: "auto", "aria-label": "Comment on this task", placeholder: "Comment on this task (optional)", "data-focus": "comment-field", oninput: (event) => desk.write(event.target.value) });
  field.value = desk.draft.comment;
  return [field, make("button", { type: "button", class: "quiet", onclick: () => desk.openPanel("comment") }, "Done", key("Esc"))];
}

const PANELS = { skip: skipPanel, comment: commentPanel };

function drawStrip(desk, part) {
  const isOver = !desk.data.task;
  part.frame.setAttribute("aria-busy", String(desk.isBusy));
  part.frame.classList.toggle("over", isOver);
  refill(part.root, part.lane, isOver ? [] : lane(desk));
  const submit = button({ label: "Submit", text: "Submit", hint: "Ctrl ⏎", shortcut: "Control+Enter", class: "submit", "data-focus": "submit", disabled: desk.isBusy, onclick: () => desk.submit() });
  refill(part.root, part.bar, isOver ? [status(desk)] : [make("span", { class: "toolset" }, tools(desk)), make("span", { class: "finish" }, status(desk), submit)]);
  if (part.panelShown !== desk.panel) {
    part.panelShown = desk.panel;
    part.panel.hidden = !desk.panel;
    part.panel.replaceChildren(...(desk.panel ? PANELS[desk.panel](desk) : []));
  }
  const words = desk.notice || desk.spokenText;
  if (part.live.textContent !== words) part.live.textContent = words;
}

function mountStrip(desk, root) {
  const part = desk.parts.strip;
  if (!part.frame) {
    root.querySelectorAll(".strip").forEach((old) => old.remove());
    part.panel = make("div", { class: "panel", hidden: true });
    part.lane = make("div", { class: "lane" });
    part.bar = make("div", { class: "bar" });
    part.live = make("div", { class: "unseen", role: "status", "aria-live": "polite" });
    part.frame = make("section", { class: "strip", "aria-label": "Ranking" }, part.panel, part.lane, part.bar, part.live);
    root.append(part.frame);
    part.enterPanel = () => part.panel.querySelector("textarea, button")?.focus({ preventScroll: true });
    const letGoOfKeys = listenToKeys(desk);
    const letGoOfDrags = listenToDrags(desk, part);
    part.leave = () => [letGoOfKeys, letGoOfDrags].forEach((stop) => stop());
  }
  part.draw = () => drawStrip(desk, part);
  if (part.drawnKey !== desk.key) {
    part.drawnKey = desk.key;
    part.panelShown = undefined;
  }
}
