// Dragging a letter with mouse, pen or finger: onto a tier ties, into a gap makes a rank, onto the rest takes out.

import { make } from "./dom.js";
import { inGap, rankOf, tiedWith, without } from "./model.js";

export function listenToDrags(desk, part) {
  let held = null;
  const over = (event) => {
    const under = part.root.elementFromPoint?.(event.clientX, event.clientY) ?? document.elementFromPoint(event.clientX, event.clientY);
    return nearest(part, under, event);
  };
  const begin = (event) => {
    const button = event.target.closest?.(".chip");
    if (!button || desk.isBusy || event.button > 0) return;
    held = { letter: button.dataset.letter, x: event.clientX, y: event.clientY, ghost: null, pointer: event.pointerId };
  };
  const move = (event) => {
    if (!held || event.pointerId !== held.pointer) return;
    if (!held.ghost && Math.hypot(event.clientX - held.x, event.clientY - held.y) < 6) return;
    if (!held.ghost) {
      held.ghost = make("span", { class: "chip ghost", "aria-hidden": "true" }, desk.sharing(held.letter).join(""));
      part.element.append(held.ghost);
      part.element.classList.add("dragging");
    }
    held.ghost.style.transform = `translate(${event.clientX}px, ${event.clientY}px) translate(-50%, -60%)`;
    markTarget(part, over(event));
    event.preventDefault();
  };
  const end = (event) => {
    if (!held || event.pointerId !== held.pointer) return;
    const { letter, ghost } = held;
    const target = ghost && event.type === "pointerup" ? over(event) : null;
    held = null;
    if (!ghost) return;
    ghost.remove();
    part.element.classList.remove("dragging");
    markTarget(part, null);
    swallowClick(part);
    // Only after the touch has ended on it may the letter be drawn anew.
    if (target) setTimeout(() => drop(desk, letter, target), 0);
  };
  // A quick drag is no fling: Chromium would take the next tap for the one that stops it.
  const noFling = (event) => held && event.preventDefault();
  const cancelNative = (event) => event.preventDefault();
  part.element.addEventListener("pointerdown", begin);
  part.element.addEventListener("dragstart", cancelNative);
  part.element.addEventListener("touchmove", noFling, { passive: false });
  window.addEventListener("pointermove", move, { passive: false });
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
  return () => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", end);
  };
}

// What lies under the pointer; between two tiers the gap is meant, and it is wider for the pointer than for the eye.
function nearest(part, under, event) {
  const tier = under?.closest?.("[data-tier]");
  if (tier) {
    const box = tier.getBoundingClientRect();
    const edge = Math.min(8, box.width / 4);
    if (event.clientX < box.left + edge) return tier.previousElementSibling;
    if (event.clientX > box.right - edge) return tier.nextElementSibling;
    return tier;
  }
  return under?.closest?.("[data-gap], [data-tray]") ?? (under?.closest?.(".lane") ? part.element.querySelector(".gap:last-child") : null);
}

function markTarget(part, target) {
  for (const element of part.element.querySelectorAll(".target")) element.classList.remove("target");
  target?.classList.add("target");
}

function drop(desk, letter, target) {
  const { tiers } = desk;
  if (target.dataset.gap !== undefined) return desk.rank(letter, inGap(tiers, letter, Number(target.dataset.gap)));
  if (target.dataset.tray !== undefined) return desk.rank(letter, tiers.length || rankOf(tiers, letter) >= 0 ? without(tiers, letter) : tiers);
  const other = tiers[Number(target.dataset.tier)].find((l) => l !== letter);
  if (other) desk.rank(letter, tiedWith(tiers, letter, other));
}

// The browser sends a click after a drag; it is not a tap.
function swallowClick(part) {
  const stop = (event) => {
    event.stopPropagation();
    event.preventDefault();
  };
  part.element.addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => part.element.removeEventListener("click", stop, { capture: true }), 0);
}
