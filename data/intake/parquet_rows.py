"""Rows of Parquet files, a small batch at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import InputError, Sentence
from data.intake import rows as bounds
from data.intake.packing import FREE, MAX_RATIO
from data.intake.rows import Row, cut_off, rejected, too_wide
from data.schemas import Rejection

BATCH = 32
"""Rows held at a time: few, because one value of a dictionary page may stand in every row."""
_MAX_ROW_GROUP = 1_000_000_000
"""Bytes that one row group may unpack to."""
FAULTS = (pa.ArrowException, OSError, ValueError, RuntimeError, MemoryError)


def opened_parquet(path: Path | BinaryIO) -> tuple[Iterator[Row | Rejection], int]:
    """The rows of a file and how many it says it has; InputError when it is not readable."""
    try:
        file = pq.ParquetFile(path)
        largest = max(map(file.metadata.row_group, range(file.metadata.num_row_groups)), key=_size, default=None)
    except FAULTS:
        raise InputError("The file is damaged or not Parquet; export it again.") from None
    if (n := len(file.schema_arrow.names)) > bounds.MAX_COLUMNS:
        raise InputError("The file {fault}", fault=too_wide(n))
    if largest is not None:
        _check(largest)
    return _rows(file), file.metadata.num_rows


def _size(group: Any) -> int:
    """Bytes that a row group says it unpacks to."""
    return int(group.total_byte_size)


def _check(group: Any) -> None:
    if _size(group) > _MAX_ROW_GROUP:
        raise InputError("The file has a row group over 1 GB; write it with smaller row groups.")
    packed = sum(group.column(n).total_compressed_size for n in range(group.num_columns))
    if _size(group) > FREE and _size(group) > MAX_RATIO * packed:
        fault = Sentence("The file unpacks to more than {n} times its size, as no text does; write it anew.")
        raise InputError(fault, n=MAX_RATIO)


def _rows(file: Any) -> Iterator[Row | Rejection]:
    number = 1
    try:
        for batch in file.iter_batches(batch_size=BATCH):
            for row in batch_rows(batch, number):
                yield row
                number += 1
    except FAULTS:
        yield cut_off(number, Sentence("the file is damaged from here on; export it again."))


def batch_rows(batch: Any, first: int) -> Iterator[Row | Rejection]:
    """The rows of a batch or table of Arrow, numbered from `first`."""
    if batch.nbytes <= bounds.MAX_ROW:
        try:
            for number, values in enumerate(batch.to_pylist(), start=first):
                yield Row(number, values)
            return
        except UnicodeDecodeError:
            pass
    for at in range(batch.num_rows):
        yield _single(batch.slice(at, 1), first + at)


def _single(batch: Any, number: int) -> Row | Rejection:
    if batch.nbytes > bounds.MAX_ROW:
        return rejected(number, bounds.TOO_LONG)
    try:
        return Row(number, batch.to_pylist()[0])
    except UnicodeDecodeError:
        return rejected(number, Sentence("has text that is not UTF-8; write the column as UTF-8."))
