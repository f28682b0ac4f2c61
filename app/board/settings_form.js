// The dialog of the settings: what it offers, and that each choice holds at once.

import { keySection } from "./bindings.js";
import { make } from "./dom.js";
import { LAYOUTS } from "./layout.js";
import { set } from "./settings.js";
import { t } from "./words.js";

const SIZES = { min: 90, max: 150, step: 5 };
const WIDTHS = { narrow: () => t("Narrow"), normal: () => t("Normal"), wide: () => t("Wide") };
const CONTRASTS = { normal: () => t("Normal"), high: () => t("High") };
const LANGUAGES = { en: "English", ru: "Русский", zh: "中文" };

export function settingsForm(desk) {
  return [
    section(t("Reading"), size(desk), choice(desk, "width", t("Line width"), WIDTHS), choice(desk, "layout", t("Layout"), LAYOUTS), choice(desk, "contrast", t("Contrast"), CONTRASTS), language(desk)),
    section(t("Work"), pause(desk), check(desk, "review", t("Show a summary before each submission")), check(desk, "letters", t("Keys without Ctrl (letters, digits and signs)"))),
    keySection(desk),
  ];
}

const section = (title, ...children) => make("section", { class: "settings" }, make("h3", {}, title), children);
const row = (label, ...fields) => make("label", { class: "setting" }, make("span", {}, label), fields);

function size(desk) {
  const shown = make("output", {}, percent(desk));
  const field = make("input", { type: "range", ...SIZES, value: desk.page.settings.text_size });
  field.oninput = () => {
    set(desk, { text_size: Number(field.value) });
    shown.textContent = percent(desk);
  };
  return row(t("Text size"), field, shown);
}

const percent = (desk) => (desk.page.settings.text_size / 100).toLocaleString(desk.page.language, { style: "percent" });

// One of a few, all in sight.
function choice(desk, name, label, choices) {
  const option = ([value, says]) => {
    const field = make("input", { type: "radio", name, value, checked: desk.page.settings[name] === value });
    field.onchange = () => set(desk, { [name]: value });
    return make("label", {}, field, says());
  };
  return make("div", { class: "setting", role: "radiogroup", "aria-label": label }, make("span", {}, label), make("span", { class: "options" }, Object.entries(choices).map(option)));
}

function check(desk, name, label) {
  const field = make("input", { type: "checkbox", checked: desk.page.settings[name] });
  field.onchange = () => set(desk, { [name]: field.checked });
  return make("label", { class: "setting check" }, field, make("span", {}, label));
}

function pause(desk) {
  const field = make("input", { type: "number", min: 0, max: 240, step: 5, value: desk.page.settings.pause_minutes });
  field.onchange = () => {
    const minutes = Math.min(240, Math.max(0, Math.round(Number(field.value) || 0)));
    field.value = minutes;
    set(desk, { pause_minutes: minutes });
  };
  return row(t("Suggest a break after so many minutes (0: never)"), field);
}

// The whole page speaks another language: it is asked for once the choice has been kept.
function language(desk) {
  const options = Object.entries(LANGUAGES).map(([code, name]) => make("option", { value: code, lang: code, selected: code === desk.page.language }, name));
  const field = make("select", {}, options);
  field.onchange = async () => {
    await set(desk, { language: field.value });
    desk.wire.askForTicket();
  };
  return row(t("Language"), field);
}
