"""The rows of a file written once more: some of them, with columns added, whatever their number."""

import json
import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.errors import InputError, Sentence
from data.export.files import KINDS, kind_of
from data.intake.answers import Answer, answers
from data.intake.files import opened
from data.intake.loading import Progress, Stopped, Watch, nothing
from data.intake.tally import MAX_KEPT
from data.schemas import Rejection

_LARGEST = 2**63
_EVERY = 100
_TYPES: Mapping[frozenset[str], pa.DataType] = {
    frozenset({"bool"}): pa.bool_(),
    frozenset({"int"}): pa.int64(),
    frozenset({"float"}): pa.float64(),
    frozenset({"int", "float"}): pa.float64(),
}
Added = Mapping[str, Any]
"""Values that are added to a row; a column that has the name already is replaced."""


@dataclass
class Shape:
    """The columns of the rows seen so far, and what stands in each; it keeps no row."""

    kinds: dict[str, set[str]] = field(default_factory=dict)

    def see(self, values: Mapping[str, Any]) -> None:
        """Take note of a row."""
        for name, value in values.items():
            known = self.kinds.setdefault(name, set())
            if (kind := _kind(value)) is not None:
                known.add(kind)

    def columns(self, added: pa.Schema) -> pa.Schema:
        """The columns as they are written, those that are added at the end."""
        own = [(n, _TYPES.get(frozenset(k), pa.string())) for n, k in self.kinds.items() if n not in added.names]
        return pa.schema([*own, *added])


def _kind(value: Any) -> str | None:
    """“bool”, “int”, “float”, or “text” for everything else; None where there is no value."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int" if -_LARGEST <= value < _LARGEST else "text"
    return "float" if isinstance(value, float | Decimal) else "text"


@dataclass
class AnswerFile:
    """A file of answers that is read once to be looked at, and then again for each file that is written from it.

    After `read` has ended, `rows` has the numbers of the usable rows, `rejected` counts the others and `rejections`
    holds the first `MAX_KEPT` of them; of the usable rows nothing else is kept.
    """

    path: Path
    name: str = ""
    shape: Shape = field(default_factory=Shape)
    rows: "array[int]" = field(default_factory=lambda: array("q"))
    rejected: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    _state: tuple[int, int] = (0, 0)

    def read(self, watch: Watch = nothing) -> Iterator[Answer]:
        """The usable rows, one after the other; raises Stopped when the watch says so.

        InputError when the file cannot be read, or when it has no usable row.
        """
        self._state = _state(self.path)
        with opened(self.path, self.name) as file:
            for row in answers(file.rows):
                if isinstance(row, Answer):
                    self.shape.see(row.values)
                    self.rows.append(row.number)
                    yield row
                else:
                    self._reject(row)
                n = len(self.rows) + self.rejected
                if n % _EVERY == 0 and watch(Progress(n, self.rejected, 0, file.share())) is False:
                    raise Stopped
        if not self.rows:
            if not self.rejections:
                raise InputError("The file has no rows below the names of its columns; choose one with rows in it.")
            raise InputError("No row of the file can be used. {reason}", reason=self.rejections[0].reason)

    def _reject(self, rejection: Rejection) -> None:
        self.rejected += 1
        if len(self.rejections) < MAX_KEPT:
            self.rejections.append(rejection)

    def write(
        self,
        out: Path,
        added: pa.Schema,
        of_answer: Callable[[int], Added | None],
        of_rejection: Callable[[Rejection], Added | None] = lambda _: None,
    ) -> int:
        """Write those rows for which values of the columns `added` are given, and return how many they are.

        `of_answer` is asked for the usable rows, counted from 0, `of_rejection` for the others, of which only what is
        added is written. InputError when the kind of `out` is unknown, or when the file has changed since `read`.
        """
        if _state(self.path) != self._state:
            changed = Sentence("The file “{file}” has changed while it was read; read it again.")
            raise InputError(changed, file=self.name or self.path.name)
        kind, columns, written = kind_of(out), self.shape.columns(added), 0

        def counted() -> Iterator[dict[str, Any]]:
            nonlocal written
            for values, more in self._chosen(of_answer, of_rejection):
                written += 1
                whole = {**values, **more}
                yield {column.name: _cell(whole.get(column.name), column.type, kind) for column in columns}

        KINDS[kind].write(out, columns, counted())
        return written

    def some(self, places: Iterable[int]) -> Iterator[tuple[int, Answer]]:
        """These of the usable rows, counted from 0 and in increasing order; the file is read as far as the last."""
        wanted = set(places)
        with opened(self.path, self.name) as file:
            usable = (row for row in answers(file.rows) if isinstance(row, Answer))
            for at, row in enumerate(islice(usable, max(wanted, default=-1) + 1)):
                if at in wanted:
                    yield at, row

    def _chosen(
        self, of_answer: Callable[[int], Added | None], of_rejection: Callable[[Rejection], Added | None]
    ) -> Iterator[tuple[Mapping[str, Any], Added]]:
        at = 0
        with opened(self.path, self.name) as file:
            for row in answers(file.rows):
                values, added = (row.values, of_answer(at)) if isinstance(row, Answer) else ({}, of_rejection(row))
                at += isinstance(row, Answer)
                if added is not None:
                    yield values, added


def _state(path: Path) -> tuple[int, int]:
    """What changes with a file: its size in bytes and when it was written; zeros where there is none."""
    found = path.stat() if path.exists() else None
    return (found.st_size, found.st_mtime_ns) if found else (0, 0)


def _cell(value: Any, wanted: pa.DataType, kind: str) -> Any:
    """The value as the kind of file holds it: in text columns of CSV and Parquet all but text is written as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        return None
    if isinstance(value, int | float | Decimal) and wanted != pa.string():
        return value if isinstance(value, int) and wanted != pa.float64() else float(value)
    plain = json.loads(json.dumps(value, default=_plain))
    return plain if kind == "jsonl" else json.dumps(plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)
