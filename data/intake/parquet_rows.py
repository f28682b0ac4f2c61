"""Rows of Parquet files, a small batch at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import InputError
from data.intake import rows as bounds
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
        groups = [file.metadata.row_group(n).total_byte_size for n in range(file.metadata.num_row_groups)]
    except FAULTS:
        raise InputError("The file is damaged or not Parquet; export it again.") from None
    if (n := len(file.schema_arrow.names)) > bounds.MAX_COLUMNS:
        raise InputError(f"The file {too_wide(n)}")
    if max(groups, default=0) > _MAX_ROW_GROUP:
        raise InputError("The file has a row group over 1 GB; write it with smaller row groups.")
    return _rows(file), file.metadata.num_rows


def _rows(file: Any) -> Iterator[Row | Rejection]:
    number = 1
    try:
        for batch in file.iter_batches(batch_size=BATCH):
            for row in batch_rows(batch, number):
                yield row
                number += 1
    except FAULTS:
        yield cut_off(number, "the file is damaged from here on; export it again.")


def batch_rows(batch: Any, first: int) -> Iterator[Row | Rejection]:
    """The rows of a batch or table of Arrow, numbered from `first`."""
    try:
        for number, values in enumerate(batch.to_pylist(), start=first):
            yield Row(number, values)
    except UnicodeDecodeError:
        for at in range(batch.num_rows):
            yield _single(batch.slice(at, 1), first + at)


def _single(batch: Any, number: int) -> Row | Rejection:
    try:
        return Row(number, batch.to_pylist()[0])
    except UnicodeDecodeError:
        return rejected(number, "has text that is not UTF-8; write the column as UTF-8.")
