// The page above the strip: head, prompt, and one card for each answer.

function buildCards(desk, root, data) {
  const part = desk.parts.cards;
  const wasWritten = part.asWritten ?? false;
  const prompt = make("div", { class: "words" });
  const cards = data.answers.map((answer) => buildCard(desk, data, answer));
  const dialogs = {
    prompt: buildDialog("Prompt", data.prompt_html),
    guideline: buildDialog("Guideline", data.guideline_html, flagTable(data.flags)),
    keys: buildDialog("Keys", "", keyTable()),
  };
  const tools = [
    button({ label: "Show as written", text: "As written", hint: "W", class: "quiet written", "aria-pressed": "false", onclick: () => toggleWritten(part) }),
    button({ label: "Guideline", text: "Guideline", hint: "L", class: "quiet", onclick: () => toggleDialog(part, "guideline") }),
    button({ label: "Keys", text: "Keys", hint: "?", shortcut: "Shift+/", class: "quiet", onclick: () => toggleDialog(part, "keys") }),
  ];
  const head = make("header", { class: "head" }, make("h1", {}, "Rank"), make("p", { class: "progress" }, data.progress), make("div", { class: "tools" }, tools));
  const section = make("section", { class: "prompt", "aria-labelledby": "prompt-title" }, make("h2", { id: "prompt-title", class: "label" }, "Prompt"), prompt);
  const peek = make(
    "div",
    { class: "peek" },
    make("button", { type: "button", title: "Show the whole prompt (P)", onclick: () => toggleDialog(part, "prompt") }, make("span", { class: "label" }, "Prompt"), make("span", { class: "line", dir: "auto" }, data.prompt_line), key("P")),
  );
  const grid = make("div", { class: "grid", "data-answers": data.answers.length }, cards.map((card) => card.element));
  part.page.replaceChildren(head, section, peek, grid, ...Object.values(dialogs).map((d) => d.element));
  Object.assign(part, { cards, dialogs, prompt, peek, section, asWritten: wasWritten });
  fillWords(part);
  watchPrompt(part);
}

function buildCard(desk, data, answer) {
  const { letter } = answer;
  const place = make("span", { class: "place" });
  const chips = make("span", { class: "flags" });
  const words = make("div", { class: "words" });
  const panel = make("div", { class: "flagging", role: "group", "aria-label": `Flags of answer ${letter}`, hidden: true });
  const name = make("button", { type: "button", class: "letter", title: `Place answer ${letter} (${letter})`, "aria-label": `Answer ${letter}`, onclick: () => desk.rank(letter, placed(desk.draft.tiers, letter)) }, letter);
  const flag = button({ label: `Flag answer ${letter}`, text: "Flag", hint: "X", picture: "flag", class: "quiet flag", "aria-expanded": "false", onclick: () => desk.toggleFlagging(letter) });
  const element = make(
    "article",
    { class: "card", "data-letter": letter, "aria-label": `Answer ${letter}` },
    make("div", { class: "top" }, make("h2", {}, name), place, chips, flag),
    panel,
    words,
  );
  return { letter, answer, element, place, chips, words, panel, flag, shown: null };
}

function fillWords(part) {
  const { data, asWritten } = part;
  part.prompt.innerHTML = asWritten ? data.prompt_raw : data.prompt_html;
  for (const card of part.cards) card.words.innerHTML = asWritten ? card.answer.raw : card.answer.html;
  part.page.querySelector(".written").setAttribute("aria-pressed", String(asWritten));
}

function toggleWritten(part) {
  part.asWritten = !part.asWritten;
  fillWords(part);
}

function buildDialog(title, html, ...children) {
  const element = make("dialog", { "aria-label": title });
  const close = make("button", { type: "button", class: "quiet", onclick: () => element.close() }, "Close", key("Esc"));
  element.append(make("div", { class: "top" }, make("h2", {}, title), close), make("div", { class: "words", html }), ...children);
  element.onclick = (event) => event.target === element && element.close();
  return { element };
}

function flagTable(flags) {
  const rows = Object.entries(flags).map(([kind, flag]) => make("div", {}, make("dt", {}, flagChip(kind, flag)), make("dd", {}, flag.definition)));
  return make("section", { class: "meanings" }, make("h3", { class: "label" }, "What you can flag"), make("dl", {}, rows));
}

function toggleDialog(part, name) {
  const { element } = part.dialogs[name];
  const wasOpen = element.open;
  for (const other of Object.values(part.dialogs)) if (other.element.open) other.element.close();
  if (!wasOpen) element.showModal();
}

function watchPrompt(part) {
  part.observer?.disconnect();
  part.observer = new IntersectionObserver(([entry]) => part.peek.classList.toggle("on", !entry.isIntersecting && entry.boundingClientRect.top < 0), { rootMargin: "-48px 0px 0px 0px" });
  part.observer.observe(part.section);
}

function drawCards(desk, part) {
  for (const card of part.cards) {
    const rank = rankOf(desk.draft.tiers, card.letter);
    const ties = rank < 0 ? [] : desk.draft.tiers[rank].filter((l) => l !== card.letter);
    card.element.classList.toggle("focused", desk.focus === card.letter);
    card.element.classList.toggle("ranked", rank >= 0);
    card.place.textContent = rank < 0 ? "" : `Rank ${rank + 1}${ties.length ? `, tied with ${ties.join(", ")}` : ""}`;
    drawFlags(desk, part, card);
  }
}

function drawFlags(desk, part, card) {
  const set = desk.draft.flags[card.letter] ?? {};
  const isOpen = desk.flagging === card.letter;
  const state = JSON.stringify([Object.keys(set), isOpen]);
  if (state === card.shown) return;
  card.shown = state;
  const kinds = Object.entries(part.data.flags);
  card.chips.replaceChildren(...kinds.filter(([kind]) => kind in set).map(([kind, f]) => flagChip(kind, f)));
  card.flag.setAttribute("aria-expanded", String(isOpen));
  card.panel.hidden = !isOpen;
  const choices = kinds.map(([kind, f], n) => flagChoice(desk, card.letter, kind, f, n + 1, kind in set));
  const notes = kinds.filter(([kind]) => kind in set).map(([kind, f]) => flagNote(desk, card.letter, kind, f, set[kind]));
  refill(part.root, card.panel, make("div", { class: "choices" }, choices), notes);
  if (isOpen) card.panel.scrollIntoView({ block: "nearest" });
}

const hue = (flag) => `--hue: ${flag.colour}`;

function flagChip(kind, flag) {
  return make("span", { class: "chip-flag", style: hue(flag), title: flag.definition, "data-flag": kind }, flag.label);
}

function flagChoice(desk, letter, kind, flag, number, isSet) {
  return make(
    "button",
    { type: "button", class: "choice", style: hue(flag), title: flag.definition, "aria-pressed": String(isSet), "data-focus": kind, "data-flag": kind, onclick: () => desk.setFlag(letter, kind) },
    flag.label,
    key(number),
  );
}

function flagNote(desk, letter, kind, flag, text) {
  const field = make("input", { type: "text", maxlength: 5000, dir: "auto", placeholder: "What is wrong (optional)", "aria-label": `Note on ${flag.label}`, "data-focus": `note-${kind}`, oninput: (event) => desk.note(letter, kind, event.target.value) });
  field.value = text;
  return make("label", { class: "note", style: hue(flag) }, make("span", {}, flag.label), field);
}

function mountCards(desk, root, data) {
  const part = desk.parts.cards;
  const signature = JSON.stringify([data.key, data.progress, data.prompt_html.length, data.answers.map((a) => a.letter)]);
  if (!part.page) {
    part.page = make("div", { class: "page" });
    root.querySelectorAll(".page").forEach((old) => old.remove());
    root.append(part.page);
    part.leave = () => part.observer?.disconnect();
    part.goTo = (letter) => part.cards.find((c) => c.letter === letter)?.element.scrollIntoView({ block: "start" });
    part.showFlags = (letter) => showFlags(part, letter);
  }
  const isNewTask = part.signature !== signature;
  if (isNewTask) {
    buildCards(desk, root, data);
    if (part.signature) scrollers().forEach((element) => element.scrollTo(0, 0));
    part.signature = signature;
  }
  part.draw = () => drawCards(desk, part);
}

function showFlags(part, letter) {
  const card = part.cards.find((c) => c.letter === letter);
  card?.panel.querySelector("button")?.focus({ preventScroll: true });
}
