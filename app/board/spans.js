// Lists of marked words: {start, end} in code points of the answer's source, in order, none over another.

// The list with this one too; those that it meets become one with it.
export function withSpan(spans, span) {
  const met = spans.filter(({ start, end }) => start <= span.end && span.start <= end);
  const start = Math.min(span.start, ...met.map((one) => one.start));
  const end = Math.max(span.end, ...met.map((one) => one.end));
  return [...spans.filter((one) => !met.includes(one)), { start, end }].sort((one, other) => one.start - other.start);
}

export const withoutSpan = (spans, at) => spans.filter((_, n) => n !== at);
