// The words of the interface: English is the message, a catalogue from the server has the other language.

let catalogue = {};
let plurals = new Intl.PluralRules("en");

export function speak(language, words) {
  catalogue = words ?? {};
  plurals = new Intl.PluralRules(language || "en");
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

export function t(message, values = {}) {
  return filled(catalogue[message] ?? message, values);
}

export function tn(one, many, n, values = {}) {
  const english = n === 1 ? one : many;
  return filled(catalogue[one]?.[plurals.select(n)] ?? english, { n, ...values });
}
