// How whoever judges has set up the board, kept for the person: it holds at once, and on every device.

const MEASURES = { narrow: "50ch", normal: "62ch", wide: "none" };
const wantsMore = window.matchMedia("(prefers-contrast: more)");

// Change some settings; done when they have been kept.
export function set(desk, values) {
  desk.page.settings = { ...desk.page.settings, ...values };
  // The keys are printed all over the room: it is made anew when the dialog is closed.
  if (values.keys || "letters" in values) desk.room.isOutdated = true;
  applySettings(desk.room);
  desk.room.layout.fit();
  desk.draw();
  return desk.wire.keepSettings(desk.page.settings);
}

// What the settings mean for the page and for the pace.
export function applySettings({ desk, element }) {
  const { text_size, width, contrast, letters, pause_minutes } = desk.page.settings;
  element.style.setProperty("--size", text_size / 100);
  element.style.setProperty("--measure", MEASURES[width]);
  element.dataset.contrast = contrast === "high" || wantsMore.matches ? "high" : "normal";
  element.classList.toggle("letters-off", !letters);
  desk.pace.minutes = pause_minutes;
}
