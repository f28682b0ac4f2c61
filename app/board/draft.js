// The draft of one task: what the server takes as a judgement, with letters for the answers; and where the tab keeps it.

export const emptyDraft = () => ({
  ranking: [], criteria: {}, scores: {}, strength: null, none_acceptable: false, unrankable: false,
  flags: [], comment: "", edits: {}, reference: "", apart: [], changed: 0,
});

// Fields of text have an undo of their own: a step back in the ranking leaves them as they are.
const textsOf = ({ comment, edits, reference }) => ({ comment, edits, reference });

export function hasSomething({ ranking, criteria, none_acceptable, unrankable, flags, edits, reference }) {
  const ranked = ranking.length || Object.values(criteria).some((tiers) => tiers.length);
  return Boolean(ranked || none_acceptable || unrankable || flags.length || Object.keys(edits).length || reference.trim());
}

// A draft of some steps ago with the texts of now.
export function stepped(past, now) {
  const flags = past.flags.map((flag) => withTexts(flag, flagOf(now, flag.answer, flag.kind)));
  return { ...past, ...textsOf(now), flags };
}

function withTexts(flag, now) {
  if (!now) return flag;
  const { note, correction } = now;
  const isSame = flag.sources.length === now.sources.length;
  return { ...flag, note, correction, sources: flag.sources.map((source, n) => (isSame ? { ...source, url: now.sources[n].url } : source)) };
}

export const flagsOf = (draft, letter) => draft.flags.filter((flag) => flag.answer === letter);
export const flagOf = (draft, letter, kind) => draft.flags.find((flag) => flag.answer === letter && flag.kind === kind);

export function withoutFlag(draft, letter, kind) {
  return draft.flags.filter((flag) => flag.answer !== letter || flag.kind !== kind);
}

// The flags with this one set, or changed by these values.
export function withFlag(draft, letter, kind, values = {}) {
  const found = flagOf(draft, letter, kind);
  const blank = { answer: letter, kind, note: "", spans: [], severity: null, topic: null, verdict: null, correction: "", sources: [] };
  if (!found) return [...draft.flags, { ...blank, ...values }];
  return draft.flags.map((flag) => (flag === found ? { ...flag, ...values } : flag));
}

// A draft with these values. `clock`: how far the server's clock is ahead of ours, so that the drafts of all devices are
// dated by one clock; a step is always newer than what it was made on.
export const dated = (draft, values, clock) => ({ ...draft, ...values, changed: Math.max(Date.now() + clock, (draft.changed ?? 0) + 1) });

// The newest of some drafts.
export function newest(...drafts) {
  const known = drafts.filter(Boolean);
  return known.length ? known.reduce((a, b) => ((b.changed ?? 0) > (a.changed ?? 0) ? b : a)) : null;
}

// A draft without what its project has stopped asking for since.
export function asked(draft, { flags, topics, criteria, scores }) {
  const kinds = flags.map((flag) => flag.kind);
  const known = topics.map((topic) => topic.topic);
  const wanted = criteria.map((criterion) => criterion.criterion);
  const kept = draft.flags.filter((flag) => kinds.includes(flag.kind));
  return {
    ...draft,
    flags: kept.map((flag) => (flag.topic && !known.includes(flag.topic) ? { ...flag, topic: null } : flag)),
    criteria: Object.fromEntries(Object.entries(draft.criteria).filter(([criterion]) => wanted.includes(criterion))),
    scores: scores ? draft.scores : {},
  };
}

// The tab keeps each draft as it changes, so that a reload loses nothing that the server has not heard of yet.
export const TAB = {
  of: (key) => attempt(() => JSON.parse(sessionStorage.getItem(`rankdesk/${key}`))),
  keep: (key, draft) => attempt(() => sessionStorage.setItem(`rankdesk/${key}`, JSON.stringify(draft))),
  drop: (key) => attempt(() => sessionStorage.removeItem(`rankdesk/${key}`)),
};

// A browser may refuse to keep anything; the draft then lives on the server and as long as the page.
function attempt(step) {
  try {
    return step();
  } catch {
    return null;
  }
}
