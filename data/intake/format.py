"""What a format is: how it is recognised, which fields it has, and how its rows become tasks and judgements."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import InputError
from data.intake.columns import Columns, Fields, Spread, guess, missing
from data.intake.content import Item
from data.intake.rows import Row, rejected
from data.intake.spill import Spill
from data.schemas import Rejection

Rows = Iterable[Row | Rejection]
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Reading:
    """A file being read: its columns, what is kept of it on disk, its name.

    `salt` makes the pseudonyms of a project's annotators its own.
    """

    columns: Columns
    spill: Spill
    file: str = ""
    salt: str = ""


Reader = Callable[[Rows, Reading], Iterator[Item | Rejection]]


@dataclass(frozen=True)
class Format:
    """One format of files: what a row of it is, its fields, and the function that reads its rows.

    `tells` recognises it from the first rows; without it, a file has it where every required field has a column. `flat`
    gives a row with the columns that a person may map, where the file has them inside others. `spread` finds fields
    that stand in several columns. `keep_texts` reads a second file, of texts that the rows only name; `check` raises
    InputError where something is missing.
    """

    means: str
    fields: Fields
    read: Reader
    tells: Callable[[Sequence[Values]], bool] | None = None
    flat: Callable[[Values], Values] | None = None
    spread: Spread | None = None
    keep_texts: Callable[[Path, str, Spill], None] | None = None
    check: Callable[[Columns, bool, Sequence[str]], None] | None = None

    def names(self, rows: Sequence[Values]) -> list[str]:
        """The names of all columns that these rows have, in the order in which they come."""
        flat = self.flat or dict
        return list(dict.fromkeys(str(name) for values in rows for name in flat(values)))

    def columns(self, names: Iterable[str]) -> Columns:
        """The columns that commonly hold the fields."""
        return guess(self.fields, names, self.spread)

    def recognises(self, rows: Sequence[Values]) -> bool:
        """Whether a file with these first rows has this format."""
        return self.tells(rows) if self.tells else not missing(self.fields, self.columns(self.names(rows)))


def by_row(item_of: Callable[[Row, Reading], Item]) -> Reader:
    """The reader of a format in which every row stands for itself."""

    def items(rows: Rows, reading: Reading) -> Iterator[Item | Rejection]:
        for row in rows:
            if isinstance(row, Rejection):
                yield row
                continue
            try:
                yield item_of(row, reading)
            except InputError as error:
                yield rejected(row.number, str(error))

    return items


def has(*names: str) -> Callable[[Sequence[Values]], bool]:
    """Recognises a format by columns of exactly these names."""
    return lambda rows: any(set(names) <= set(map(str, values)) for values in rows)
