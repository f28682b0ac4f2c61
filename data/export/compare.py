"""Two versions of the dataset side by side: rows added, removed, turned."""

import csv
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet

from data.errors import InputError
from data.export.parts import TWO_SIDES

SHOWN = 200
"""Rows of each kind that are kept to be looked at."""


class Compared(NamedTuple):
    """How many rows are the same in both, only in the newer one, only in the older one, and turned round.

    A turned row prefers the answer that the older version rejected; it is neither added nor removed. `examples` holds
    the first 200 rows of each kind, as they stand in the newer version where they are in it.
    """

    same: int
    added: int
    removed: int
    turned: int
    examples: Mapping[str, Sequence[dict[str, Any]]]


def compared(older: Sequence[Path], newer: Sequence[Path], told: Callable[[int], None] = lambda _: None) -> Compared:
    """The rows of two versions, train and test side together; a row that comes twice counts twice.

    `told` is called now and then with the rows read so far; what it raises ends the work.
    InputError where the two are not of the same format.
    """
    count = itertools.count()
    both = (_counted(rows_in(paths), count, told) for paths in (older, newer))
    before, after = (Counter(map(_written, rows)) for rows in both)
    _check_alike(before, after)
    same = before & after
    gone, come = before - same, after - same
    turned = Counter({row: n for row in come if (n := min(come[row], gone[_turned(row)]))})
    gone -= Counter({_turned(row): n for row, n in turned.items()})
    come -= turned
    kinds = {"added": come, "removed": gone, "turned": turned}
    examples = {name: [json.loads(row) for row in list(rows)[:SHOWN]] for name, rows in kinds.items()}
    return Compared(same.total(), come.total(), gone.total(), turned.total(), examples)


def _counted(
    rows: Iterator[dict[str, Any]], count: Iterator[int], told: Callable[[int], None]
) -> Iterator[dict[str, Any]]:
    """The rows as they are, told of every 1,000 of them."""
    for row in rows:
        if (n := next(count)) % 1_000 == 0:
            told(n)
        yield row


def rows_in(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Every row of written files, one after the other."""
    for path in paths:
        yield from _READERS[path.suffix](path)


def _jsonl(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    with pyarrow.parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(500):
            yield from batch.to_pylist()


def _arrow(path: Path) -> Iterator[dict[str, Any]]:
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as stream:
        for batch in stream:
            yield from batch.to_pylist()


def _csv(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


_READERS = {".jsonl": _jsonl, ".parquet": _parquet, ".csv": _csv, ".arrow": _arrow}


def _written(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True)


def _turned(row: str) -> str:
    """The row with its two answers the other way round; itself where it has none."""
    values = json.loads(row)
    for a, b in TWO_SIDES:
        if a in values and b in values:
            return _written({**values, a: values[b], b: values[a]})
    return row


def _check_alike(before: Counter[str], after: Counter[str]) -> None:
    first, second = next(iter(before), None), next(iter(after), None)
    if first and second and json.loads(first).keys() != json.loads(second).keys():
        raise InputError("The two versions have other columns; compare two versions of one format.")
