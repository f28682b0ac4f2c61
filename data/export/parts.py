"""The parts of an exported row, whatever its format: its answers, and every text in it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

SIDES = (
    *("chosen", "rejected", "completion", "preferred_output", "non_preferred_output"),
    *("response1", "response2", "conversation_a", "conversation_b"),
)
"""Columns that hold one answer each: as text, or as messages of which it is the last."""
TWO_SIDES = (("chosen", "rejected"), ("preferred_output", "non_preferred_output"), ("response1", "response2"))


def answers_of(row: Mapping[str, Any]) -> Iterator[str]:
    """The answers in a row."""
    yield from (_last(row[name]) for name in SIDES if name in row)
    yield from (_last(one.get("response", one.get("completion"))) for one in row.get("completions", ()))
    yield from (one["text"] for one in row.get("responses", ()))
    if isinstance(row.get("prompt"), Mapping):
        yield from _leaves(row["prompt"])


def two_sides(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """The better and the worse answer of a row that holds two; None for other rows."""
    found = next(((row[a], row[b]) for a, b in TWO_SIDES if a in row and b in row), None)
    return None if found is None else (_last(found[0]), _last(found[1]))


def _last(value: Any) -> str:
    return str(value[-1]["content"] if isinstance(value, list) else value)


def _leaves(node: Mapping[str, Any]) -> Iterator[str]:
    """The texts of a tree's last messages."""
    replies = node.get("replies") or ()
    if not replies:
        yield node["text"]
    for reply in replies:
        yield from _leaves(reply)


def texts(value: Any) -> Iterator[str]:
    """Every text in a row, names of columns left aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


def texts_changed(value: Any, change: Callable[[str], str]) -> Any:
    """The same row with every text changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: texts_changed(inner, change) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [texts_changed(inner, change) for inner in value]
    return value
