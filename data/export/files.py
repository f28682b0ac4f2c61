"""Rows to JSONL, CSV, Parquet and Arrow, a few at a time; and reading them back as their users will."""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import datasets
import pyarrow as pa
import pyarrow.parquet

from data.cells import defused
from data.errors import InputError, Sentence

ROWS_AT_ONCE = 500
Row = Mapping[str, Any]


def write_jsonl(path: Path, columns: pa.Schema, rows: Iterable[Row]) -> None:
    """One JSON object a line, UTF-8."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            ordered = {name: row[name] for name in columns.names}
            file.write(json.dumps(ordered, ensure_ascii=False, allow_nan=False) + "\n")


def write_csv(path: Path, columns: pa.Schema, rows: Iterable[Row]) -> None:
    """RFC 4180 with a header, UTF-8, formulas defused, lists as JSON."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(columns.names)
        writer.writerows([_cell(row[name]) for name in columns.names] for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return defused(value)
    return json.dumps(value, ensure_ascii=False, allow_nan=False) if isinstance(value, list | tuple) else str(value)


def csv_text(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """A small table as CSV, the same way: for what stands behind a chart."""
    text, names = io.StringIO(newline=""), list(columns)
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([_cell(row[name]) for name in names] for row in rows)
    return text.getvalue()


def write_parquet(path: Path, columns: pa.Schema, rows: Iterable[Row]) -> None:
    """Parquet with the types of the columns, a few hundred rows at a time."""
    each = iter(rows)
    with pyarrow.parquet.ParquetWriter(path, columns, compression="zstd") as file:
        while some := list(islice(each, ROWS_AT_ONCE)):
            file.write_batch(pa.RecordBatch.from_pylist(some, schema=columns))


def write_arrow(path: Path, columns: pa.Schema, rows: Iterable[Row]) -> None:
    """An Arrow stream as `datasets` keeps it, a few hundred rows at a time."""
    typed, each = datasets.Features.from_arrow_schema(columns).arrow_schema, iter(rows)
    with pa.OSFile(str(path), "wb") as out, pa.ipc.new_stream(out, typed) as file:
        while some := list(islice(each, ROWS_AT_ONCE)):
            file.write_batch(pa.RecordBatch.from_pylist(some, schema=typed))


class Kind(NamedTuple):
    """One kind of file: how it is written, and the builder of `datasets.load_dataset` that reads it."""

    write: Callable[[Path, pa.Schema, Iterable[Row]], None]
    builder: str


KINDS: Mapping[str, Kind] = {
    "jsonl": Kind(write_jsonl, "json"),
    "csv": Kind(write_csv, "csv"),
    "parquet": Kind(write_parquet, "parquet"),
    "arrow": Kind(write_arrow, "arrow"),
}
"""Suffix → the kind of file."""


def kind_of(path: Path) -> str:
    """The kind that the suffix of a file names; InputError for any other."""
    suffix = path.suffix.removeprefix(".").lower()
    if suffix not in KINDS:
        ends = ", ".join(f".{kind}" for kind in KINDS)
        unknown = Sentence("The file “{file}” must end in one of {endings}, so that its kind is known; rename it.")
        raise InputError(unknown, file=path.name, endings=ends)
    return suffix


def check_it_loads(path: Path, columns: pa.Schema, n: int) -> None:
    """Read a file with `datasets.load_dataset`, and compare its columns and its number of rows with what was written.

    RuntimeError where they differ: then the export is wrong, whatever the data.
    """
    with tempfile.TemporaryDirectory(prefix="rankdesk-check-") as cache:
        data = load(path, columns, cache)
        found = (data.column_names, data.num_rows)
    if found != (columns.names, n):
        raise RuntimeError(f"{path.name} does not read back: wrote {(columns.names, n)}, read {found}.")


def load(path: Path, columns: pa.Schema, cache: str) -> Any:
    """The rows of an exported file as a `datasets.Dataset` whose files live in the folder `cache`."""
    kind = path.suffix.removeprefix(".")
    options = {"features": csv_features(columns), "keep_default_na": False} if kind == "csv" else {}
    quiet = datasets.is_progress_bar_enabled()
    datasets.disable_progress_bars()
    try:
        return datasets.load_dataset(
            KINDS[kind].builder, data_files={"train": str(path)}, split="train", cache_dir=cache, **options
        )
    finally:
        if quiet:
            datasets.enable_progress_bars()


def csv_features(columns: pa.Schema) -> datasets.Features:
    """The types of the columns of a CSV file: truth values and numbers that are always there, all else text.

    Without them a reader takes a column of responses such as "42" for numbers, and "None" or "NA" for nothing.
    """
    named = {field.name: _csv_type(field) for field in columns}
    return datasets.Features({name: datasets.Value(kind) for name, kind in named.items()})


def _csv_type(field: pa.Field) -> str:
    is_plain = pa.types.is_boolean(field.type) or pa.types.is_integer(field.type)
    return (
        str(field.type)
        if is_plain
        else "float64"
        if pa.types.is_floating(field.type) and not field.nullable
        else "string"
    )
