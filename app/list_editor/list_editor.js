// A list whose things have names and words: to write in, to order, to add to and to take from.

const lists = new WeakMap();
const PAUSE = 400;

const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

export default function ({ data, parentElement, setStateValue }) {
  const known = lists.get(parentElement);
  const list = known ?? { things: data.things, element: parentElement.querySelector(".list"), timer: 0 };
  const isSame = known?.data.words.add === data.words.add;
  Object.assign(list, { data, send: (things) => setStateValue("things", things) });
  lists.set(parentElement, list);
  if (!isSame) draw(list);
}

function draw(list) {
  const { data, element } = list;
  const add = make("button", { type: "button", className: "add", textContent: data.words.add, onclick: () => change(list, [...list.things, blank(data)], ".thing:last-of-type .field") });
  element.classList.toggle("short", data.fields.length === 1);
  element.classList.toggle("unnamed", !data.name);
  element.replaceChildren(...list.things.map((thing, n) => row(list, thing, n)), add);
}

const blank = (data) => Object.fromEntries([...(data.name ? [data.name] : []), ...data.fields.map(({ name }) => name)].map((name) => [name, ""]));

// Another list; the focus goes to what this selector finds.
function change(list, things, focus) {
  list.things = things;
  draw(list);
  send(list);
  (list.element.querySelector(focus) ?? list.element.querySelector(".add")).focus();
}

function send(list) {
  clearTimeout(list.timer);
  list.send(list.things.map((thing) => ({ ...thing })));
}

function row(list, thing, n) {
  const { data } = list;
  const fields = data.fields.map((field) => labelled(list, thing, n, field));
  const moves = data.name ? [step(list, n, n - 1, "up", "↑"), step(list, n, n + 1, "down", "↓")] : [];
  const steps = make("div", { className: "steps" }, ...moves, removal(list, n));
  const element = make("div", { className: "thing" }, make("div", { className: `fields of-${data.fields.length}` }, ...fields), steps);
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", `${n + 1}: ${thing[data.fields[0].name]}`);
  return element;
}

function written(value, { label, most, long }) {
  const field = make(long ? "textarea" : "input", { className: "field", value, maxLength: most, dir: "auto", placeholder: long ? "" : label });
  if (long) field.rows = 2;
  return field;
}

function chosen(value, { choices }) {
  const known = choices.some(([code]) => code === value) ? choices : [...choices, [value, value]];
  const options = known.map(([code, name]) => make("option", { value: code, textContent: name, selected: code === value }));
  return make("select", { className: "field" }, ...options);
}

function labelled(list, thing, n, about) {
  const { name, label } = about;
  const field = about.choices ? chosen(thing[name], about) : written(thing[name], about);
  field.oninput = () => {
    list.things[n] = { ...list.things[n], [name]: field.value };
    clearTimeout(list.timer);
    list.timer = setTimeout(() => send(list), PAUSE);
  };
  field.onchange = () => send(list);
  return make("label", { className: "labelled" }, make("span", { className: "label", textContent: label }), field);
}

function step(list, from, to, name, picture) {
  const move = () => {
    const things = [...list.things];
    things.splice(to, 0, ...things.splice(from, 1));
    change(list, things, `.thing:nth-of-type(${to + 1}) .${name}:enabled, .thing:nth-of-type(${to + 1}) .step:enabled`);
  };
  const isPossible = to >= 0 && to < list.things.length;
  return tool(list.data.words[name], picture, { className: `step ${name}`, onclick: move, disabled: !isPossible });
}

const removal = (list, n) => tool(list.data.words.remove, "×", { className: "remove", onclick: () => change(list, list.things.filter((_, at) => at !== n), `.thing:nth-of-type(${n + 1}) .remove`) });

function tool(label, picture, properties) {
  const button = make("button", { type: "button", title: label, ...properties }, make("span", { textContent: picture, ariaHidden: "true" }));
  button.setAttribute("aria-label", label);
  return button;
}
