"""The formats a file of rows may have, and which one it has."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from data.errors import InputError
from data.intake.columns import FIELDS, Columns, guess, missing
from data.intake.content import Item
from data.intake.oasst import tree_item
from data.intake.preferences import preference_item
from data.intake.responses import response_items
from data.intake.rows import Row, listed, rejected
from data.intake.spill import Spill
from data.intake.tasks import task_item
from data.intake.votes import vote_item
from data.schemas import Rejection

Rows = Iterable[Row | Rejection]
Reader = Callable[[Rows, Columns, Spill], Iterator[Item | Rejection]]


def by_row(item_of: Callable[[Row, Columns, Spill], Item]) -> Reader:
    """The reader of a format in which every row stands for itself."""

    def items(rows: Rows, columns: Columns, spill: Spill) -> Iterator[Item | Rejection]:
        for row in rows:
            try:
                yield row if isinstance(row, Rejection) else item_of(row, columns, spill)
            except InputError as error:
                yield rejected(row.number, str(error)) if isinstance(row, Row) else row

    return items


FORMATS: Mapping[str, Reader] = {
    "tasks": by_row(lambda row, columns, _: task_item(row, columns)),
    "responses": response_items,
    "preferences": by_row(lambda row, columns, _: preference_item(row, columns)),
    "oasst": by_row(lambda row, _columns, _: tree_item(row)),
    "votes": by_row(vote_item),
}
"""Format → the function that turns its rows into tasks and judgements."""

MEANING: Mapping[str, str] = {
    "tasks": "one row a task, with a list of responses",
    "responses": "one row a response, grouped by prompt",
    "preferences": "one row a pair, chosen and rejected",
    "oasst": "one row a message tree of Open Assistant",
    "votes": "one row a vote between two sources",
}
"""Format → what a row is."""


def columns_in(rows: Sequence[Row]) -> list[str]:
    """The names of all columns that these rows have, in the order in which they come."""
    return list(dict.fromkeys(str(name) for row in rows for name in row.values))


def format_of(rows: Sequence[Row]) -> str:
    """The format of a file, by its first rows; InputError when it is none of `FORMATS`."""
    names = columns_in(rows)
    if any(_is_tree(row.values) for row in rows):
        return "oasst"
    for name in ("votes", "preferences", "tasks", "responses"):
        if not missing(name, guess(name, names)):
            return name
    raise InputError(
        f"The format was not recognised from the columns {listed(names) or '(none)'}; choose one of "
        f"{', '.join(FIELDS)} and say which column is the prompt and which the responses."
    )


def _is_tree(values: Mapping[str, Any]) -> bool:
    root = values.get("prompt", values)
    return isinstance(root, Mapping) and "replies" in root
