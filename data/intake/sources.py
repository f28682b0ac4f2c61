"""A source of rows: one file, or several of one kind read one after the other."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from data.errors import InputError, Sentence
from data.intake.places import Dataset
from data.intake.rows import Row, quoted, reason_alone, rejected
from data.schemas import Rejection

Rows = Iterator[Row | Rejection]


@dataclass(frozen=True)
class Source:
    """An open file: its kind, its rows, and the share of it that has been read (0 to 1).

    `sheet` is the sheet of a workbook that is read, out of `sheets`. `notes` are sentences about what is left out.
    `place` is where a dataset was found: its revision and its split, as they were told or turned out.
    `begun` lists those of several files that have been begun, each with the row before its first.
    """

    kind: str
    rows: Rows
    share: Callable[[], float]
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    place: Dataset | None = None
    begun: list[tuple[int, str]] = field(default_factory=list)

    def placed(self, rejection: Rejection) -> Rejection:
        """The rejection, with the file that the row is in where there are several."""
        place = next((x for x in reversed(self.begun) if x[0] < rejection.row), None)
        if place is None:
            return rejection
        before, name = place
        said = {"at": str(rejection.row - before), "file": quoted(name, 80), "reason": reason_alone(rejection)}
        reason = Sentence("Row {row} (row {at} of {file}): {reason}", row=str(rejection.row), **said)
        return Rejection(row=rejection.row, reason=reason)


class Part(NamedTuple):
    """One of several files: its name, its size in bytes, and the way to open it."""

    name: str
    size: int
    open: Callable[[ExitStack], Source]


def alone(part: Part, stack: ExitStack) -> Source:
    """The only file as a source; InputError when it cannot be opened."""
    source = part.open(stack)
    return replace(source, rows=(row._replace(file=part.name) if isinstance(row, Row) else row for row in source.rows))


def joined(kind: str, parts: Sequence[Part], notes: Sequence[str] = ()) -> Source:
    """Several files as one source; a file that cannot be opened costs one row."""
    total, begun = max(sum(part.size for part in parts), 1), list[tuple[int, str]]()
    done: list[float] = [0.0]
    here: list[Callable[[], float]] = [lambda: 0.0]

    def rows() -> Rows:
        before = 0
        for part in parts:
            begun.append((before, part.name))
            here[0] = lambda: 0.0
            with ExitStack() as stack:
                for row in _rows_of(part, stack, here):
                    yield _moved(row, before, part.name)
                    last = before + _number(row)
            before, done[0] = last, done[0] + part.size
        here[0] = lambda: 0.0

    def share() -> float:
        size = parts[len(begun) - 1].size if begun else 0
        return min((done[0] + here[0]() * size) / total, 1.0)

    return Source(kind, rows(), share, notes=tuple(notes), begun=begun)


def _rows_of(part: Part, stack: ExitStack, here: list[Callable[[], float]]) -> Rows:
    try:
        source = part.open(stack)
    except InputError as error:
        yield rejected(1, str(error))
        return
    here[0] = source.share
    yield from source.rows


def _number(row: Row | Rejection) -> int:
    return row.number if isinstance(row, Row) else row.row


def _moved(row: Row | Rejection, before: int, name: str) -> Row | Rejection:
    if isinstance(row, Row):
        return Row(row.number + before, row.values, name)
    return rejected(row.row + before, reason_alone(row))
