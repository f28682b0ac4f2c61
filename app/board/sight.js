// What lies over the page at its top and at its bottom must not hide what is gone to.

import { scrollers } from "./dom.js";

const ROOM = 12; // pixels that stay free above and below

// Scroll to a part of an answer: between the top of its card and the strip, and within a table or code that scrolls by itself.
export function bringIntoSight(room, card, range) {
  if (!range) return;
  const rect = range.getBoundingClientRect();
  const [top, bottom] = [stickyTop(card) + card.top.offsetHeight + ROOM, bottomOf(room)];
  scrollBy(rect.top < top ? rect.top - top : Math.max(0, Math.min(rect.bottom - bottom, rect.top - top)));
  const node = range.startContainer;
  const box = (node instanceof Element ? node : node.parentElement).closest("pre, .rd-scroll, .rd-display");
  if (!box) return;
  const { left, right } = box.getBoundingClientRect();
  box.scrollLeft += rect.left < left ? rect.left - left : Math.max(0, rect.right - right);
}

// Scroll to what has opened at the top of a card, no further than until it stays where it is.
export function bringPanelIntoSight(room, { top, panel, element }) {
  const { top: place } = element.getBoundingClientRect();
  const over = panel.getBoundingClientRect().bottom - bottomOf(room);
  if (place < stickyTop({ top })) return place + element.offsetHeight < stickyTop({ top }) + top.offsetHeight ? element.scrollIntoView({ block: "start" }) : undefined;
  return scrollBy(Math.max(0, Math.min(over, place - stickyTop({ top }))));
}

// Where in the visible text the first word stands that is in sight below the top of the card.
export function firstInSight(card, index) {
  const { words } = index;
  const height = stickyTop(card) + card.top.offsetHeight;
  const isAbove = (word) => (index.rangesOfVisible([word])[0]?.getBoundingClientRect().bottom ?? 0) < height;
  let [low, high] = [0, words.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAbove(words[middle])) low = middle + 1;
    else high = middle;
  }
  return words[low][0];
}

// Where the top of a card stays when its words are scrolled under it.
function stickyTop({ top }) {
  const [scroller] = scrollers();
  return (scroller?.getBoundingClientRect().top ?? 0) + (parseFloat(getComputedStyle(top).top) || 0);
}

const bottomOf = ({ strip }) => strip.element.getBoundingClientRect().top - ROOM;

function scrollBy(pixels) {
  if (pixels) scrollers().forEach((element) => element.scrollBy(0, pixels));
}
