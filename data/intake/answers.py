"""Answers that nobody judged: rows with a prompt and a response, whatever other columns they have."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from data.errors import InputError
from data.intake.columns import Columns
from data.intake.responses import RESPONSES
from data.intake.rows import Row, listed, rejected
from data.intake.values import listed_in, text, turns
from data.schemas import Message, Rejection

FLAGS = "flags"
"""The column that says which flags an answer has: a list of names, a list of {kind}, or names between commas."""


class Answer(NamedTuple):
    """One usable row: its number (from 1), all its values, and what it says."""

    number: int
    values: Mapping[str, Any]
    prompt: tuple[Message, ...]
    response: str


def answers(rows: Iterable[Row | Rejection]) -> Iterator[Answer | Rejection]:
    """Every row as an answer or as the sentence that says why it is none; the first row's columns decide."""
    columns: Columns | None = None
    for row in rows:
        if isinstance(row, Rejection):
            yield row
            continue
        columns = columns or RESPONSES.columns(row.values)
        try:
            yield Answer(row.number, row.values, *said_in(row.values, columns))
        except InputError as error:
            yield rejected(row.number, str(error))


def said_in(values: Mapping[str, Any], columns: Columns) -> tuple[tuple[Message, ...], str]:
    """The prompt and the response of a row; InputError names the column that is missing or cannot be read."""
    prompt, response = columns.name("prompt"), columns.name("response")
    missing = [name for name in (prompt, response) if name not in values]
    if missing:
        there = {"columns": listed(missing), "known": listed(list(values))}
        raise InputError("there is no column {columns}; the columns are {known}.", **there)
    return turns(values[prompt], prompt), text(values[response], response)


def flags_in(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The flags that the column `FLAGS` of a row names, in its order; none where it is empty or absent."""
    found = values.get(FLAGS)
    items = listed_in(found)
    if items is None:
        items = found.split(",") if isinstance(found, str) else []
    names = (str(item.get("kind", "")) if isinstance(item, Mapping) else str(item) for item in items)
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
