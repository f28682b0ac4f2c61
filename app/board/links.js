// Links to a page that shows what is wrong: which of them are web addresses, and the first in a draft that is none.

const LONGEST = 2000;

// As strict as the server: http or https, a host, nothing that cannot be seen.
export function isWebAddress(url) {
  if (url.length > LONGEST || /[\p{C}\p{Z}]/u.test(url) || !/^https?:\/\/[^/]/i.test(url)) return false;
  try {
    return Boolean(new URL(url).hostname);
  } catch {
    return false;
  }
}

// A link that has not been written yet is not sent.
export const isWrong = ({ url }) => Boolean(url.trim()) && !isWebAddress(url.trim());

// The first wrong link: its flag, and its place among that flag's links; null where all are right.
export function wrongLink({ flags }) {
  const flag = flags.find(({ sources }) => sources.some(isWrong));
  return flag ? { flag, at: flag.sources.findIndex(isWrong) } : null;
}
