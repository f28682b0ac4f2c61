// What an annotator does to a ranking, as functions from one list of tiers to the next. Tiers hold letters, best first.

export const without = (tiers, letter) => tiers.map((tier) => tier.filter((l) => l !== letter)).filter((tier) => tier.length);
export const rankOf = (tiers, letter) => tiers.findIndex((tier) => tier.includes(letter));
const insertedAt = (tiers, at, tier) => [...tiers.slice(0, at), tier, ...tiers.slice(at)];
const joinedAt = (tiers, at, letter) => tiers.map((tier, n) => (n === at ? [...tier, letter] : tier));

export function placed(tiers, letter) {
  return rankOf(tiers, letter) < 0 ? [...tiers, [letter]] : tiers;
}

export function tiedWithLast(tiers, letter) {
  const others = without(tiers, letter);
  return others.length ? joinedAt(others, others.length - 1, letter) : [[letter]];
}

export function atRank(tiers, letter, rank) {
  const others = without(tiers, letter);
  return rank < others.length ? joinedAt(others, rank, letter) : [...others, [letter]];
}

export function inGap(tiers, letter, gap) {
  const before = tiers.slice(0, gap).filter((tier) => tier.some((l) => l !== letter)).length;
  return insertedAt(without(tiers, letter), before, [letter]);
}

export function tiedAbove(tiers, letter) {
  const rank = rankOf(tiers, letter);
  if (rank < 0) return tiedWithLast(tiers, letter);
  return rank === 0 ? tiers : joinedAt(tiers, rank - 1, letter).map((t, n) => (n === rank ? t.filter((l) => l !== letter) : t)).filter((t) => t.length);
}

export function tiedWith(tiers, letter, other) {
  const others = without(tiers, letter);
  const rank = rankOf(others, other);
  return rank < 0 ? tiers : joinedAt(others, rank, letter);
}

// One step better (-1) or worse (+1): out of a tie into a tier of its own, else past the neighbour.
export function moved(tiers, letter, step) {
  const rank = rankOf(tiers, letter);
  if (rank < 0) return step < 0 ? placed(tiers, letter) : tiers;
  if (tiers[rank].length > 1) return insertedAt(without(tiers, letter), step < 0 ? rank : rank + 1, [letter]);
  const at = Math.min(Math.max(rank + step, 0), tiers.length - 1);
  return insertedAt(without(tiers, letter), at, [letter]);
}

// Letters as they stand in the strip: ranked ones first, then the others in the order of the page.
export function inOrder(tiers, letters) {
  const ranked = tiers.flat();
  return [...ranked, ...letters.filter((l) => !ranked.includes(l))];
}

// Whether every answer has a rank of its own, in the order in which they stand on the page.
export function isShownOrder(tiers, letters) {
  return tiers.length === letters.length && tiers.every((tier, n) => tier.length === 1 && tier[0] === letters[n]);
}
