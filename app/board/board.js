// The board as Streamlit mounts it: one room in one place of the page, kept while the page stands.

import { Desk } from "./desk.js";
import { paints } from "./passages.js";
import { Room } from "./room.js";
import { Wire } from "./wire.js";
import { speak } from "./words.js";

const sheets = Promise.all(["render.css", "board.css", "writing.css", "compare.css", "layout.css", "settings.css", "flags.css"].map(sheet));
const rooms = new WeakMap();

async function sheet(name) {
  const made = new CSSStyleSheet();
  return made.replace(await (await fetch(new URL(name, import.meta.url))).text());
}

export async function mount(parent, data, setStateValue) {
  const root = parent.getRootNode();
  root.adoptedStyleSheets = [...(await sheets), paints(data.page.flags)];
  const known = rooms.get(parent);
  if (known?.stamp === data.stamp) return;
  if (known) retake(known, data);
  else build(parent, root, data, setStateValue);
  rooms.get(parent).stamp = data.stamp;
}

// The page has other news; the words of another language are on the furniture.
function retake({ desk }, data) {
  const isSpoken = desk.page.language === data.page.language;
  speak(data.page.language, data.page.words);
  desk.take(data);
  if (!isSpoken) desk.furnish();
}

function build(parent, root, data, setStateValue) {
  speak(data.page.language, data.page.words);
  const base = new URL(data.page.base, window.location.origin);
  const wire = new Wire(base, () => setStateValue("asks", Date.now()), (isFault) => desk.sending.waitFor(isFault), (error) => desk.warn(error));
  const desk = new Desk(wire);
  desk.take(data);
  desk.furnish = () => furnish(desk, parent, root);
  desk.furnish();
  rooms.set(parent, { desk });
}

// Make the room: at first, and again when its words or the keys that are printed on it change. The desk keeps all else.
function furnish(desk, parent, root) {
  const open = desk.room?.dialogs.open?.name;
  desk.room?.close();
  desk.parts = [];
  const room = new Room(desk, root);
  parent.replaceChildren(room.element);
  room.layout.fit();
  desk.draw();
  if (open) room.dialogs.show(open);
}

export function unmount(parent) {
  const known = rooms.get(parent);
  if (!known) return;
  known.desk.room.close();
  known.desk.close();
  rooms.delete(parent);
}
