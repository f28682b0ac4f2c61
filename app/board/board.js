// The board as Streamlit mounts it: one room in one place of the page, kept while the page stands.

import { Desk } from "./desk.js";
import { Room } from "./room.js";
import { Wire } from "./wire.js";
import { speak } from "./words.js";

const sheets = Promise.all(["render.css", "board.css", "writing.css", "compare.css"].map(sheet));
const rooms = new WeakMap();

async function sheet(name) {
  const made = new CSSStyleSheet();
  return made.replace(await (await fetch(new URL(name, import.meta.url))).text());
}

export async function mount(parent, data, setStateValue) {
  const root = parent.getRootNode();
  root.adoptedStyleSheets = await sheets;
  const known = rooms.get(parent);
  if (known?.stamp === data.stamp) return;
  if (known) known.desk.take(data);
  else build(parent, root, data, setStateValue);
  rooms.get(parent).stamp = data.stamp;
}

function build(parent, root, data, setStateValue) {
  speak(data.page.language, data.page.words);
  const base = new URL(data.page.base, window.location.origin);
  const wire = new Wire(base, () => setStateValue("asks", Date.now()), () => desk.wait());
  const desk = new Desk(wire);
  desk.take(data);
  const room = new Room(desk, root);
  parent.replaceChildren(room.element);
  desk.draw();
  rooms.set(parent, { desk, room });
}

export function unmount(parent) {
  const known = rooms.get(parent);
  if (!known) return;
  known.room.close();
  known.desk.close();
  rooms.delete(parent);
}
