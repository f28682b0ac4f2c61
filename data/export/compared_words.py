"""Two versions compared, as lines to read: a row is known by its prompt, and told by what differs."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from data.export.compare import Compared
from data.export.parts import TWO_SIDES

SHOWN, LONGEST = 20, 100
"""Rows of each kind, and characters of each text."""
_SIGNS = {"added": "+", "removed": "-", "turned": "~"}
_KEYS = ("prompt", "input", "context", "task_id", "prompt_id", "message_tree_id", "question_id", "id")


def compared_in_words(found: Compared) -> Iterator[str]:
    """The counts, then a heading for each kind of change and the first 20 rows of it, every text cut."""
    yield f"{found.same:,} rows the same, {found.added:,} added, {found.removed:,} removed, {found.turned:,} turned"
    totals = {"added": found.added, "removed": found.removed, "turned": found.turned}
    for kind, total in totals.items():
        if total:
            rows = found.examples[kind][:SHOWN]
            yield f"\n{kind}: {total:,}"
            for row in rows:
                yield from _row(_SIGNS[kind], row)
            if total > len(rows):
                yield f"  … {total - len(rows):,} more; --json has the first 200"


def as_json(found: Compared) -> str:
    """The counts and the kept rows, whole."""
    return json.dumps(found._asdict(), ensure_ascii=False, indent=2)


def _row(sign: str, row: Mapping[str, Any]) -> Iterator[str]:
    key = next((name for name in _KEYS if name in row), next(iter(row), ""))
    yield f"{sign} {_cut(row.get(key, ''))}"
    sides = next(((a, b) for a, b in TWO_SIDES if a in row and b in row), None)
    shown = sides or tuple(name for name in row if name != key)[:3]
    for name in shown:
        yield f"    {name}: {_cut(row[name])}"


def _cut(value: Any) -> str:
    """A value on one line of at most 100 characters: of messages the last one, of anything else its JSON."""
    if isinstance(value, Mapping) and "messages" in value:
        value = value["messages"]
    if isinstance(value, list) and value and isinstance(value[-1], Mapping) and "content" in value[-1]:
        value = value[-1]["content"]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = "".join(one if one.isprintable() else " " for one in " ".join(text[: 10 * LONGEST].split()))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
