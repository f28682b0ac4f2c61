"""A file of rows: what kind it is, and its rows one after the other, packed with gzip or not."""

import gzip
import io
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from data.errors import InputError
from data.intake import rows as bounds
from data.intake.delimited import delimited_rows
from data.intake.json_rows import array_rows, json_value, jsonl_rows, object_rows
from data.intake.rows import Row
from data.schemas import Rejection

READERS: Mapping[str, Callable[[BinaryIO], Iterator[Row | Rejection]]] = {
    "JSONL": jsonl_rows,
    "JSON array": array_rows,
    "JSON object": object_rows,
    "CSV": delimited_rows,
}
"""Kind of file → its reader; Parquet, which has to be read from its end, is the one kind beside these."""

_FOREIGN: Mapping[bytes, str] = {
    b"\xff\xfe": "is text in UTF-16; save it as UTF-8",
    b"\xfe\xff": "is text in UTF-16; save it as UTF-8",
    b"PK\x03\x04": "is an Excel workbook or a ZIP archive; save the sheet as CSV, or unpack the archive",
    b"SQLite format 3": "is a database; export its table as CSV or JSONL",
    b"\x28\xb5\x2f\xfd": "is packed with Zstandard; unpack it or pack it with gzip",
    b"BZh": "is packed with bzip2; unpack it or pack it with gzip",
}
_HEAD = 1 << 16


class Source(NamedTuple):
    """An open file: its kind, its rows, and the share of it that has been read (0 to 1)."""

    kind: str
    rows: Iterator[Row | Rejection]
    share: Callable[[], float]


@contextmanager
def opened(path: Path, name: str = "") -> Iterator[Source]:
    """The rows of a file; `name` is what the person calls it (its ending tells CSV from JSON lines).

    InputError when the file cannot be opened, is empty, or is no kind of file that can be read.
    """
    with ExitStack() as stack:
        raw = stack.enter_context(_open(path))
        size = max(path.stat().st_size, 1)
        packed = raw.peek(2)[:2] == b"\x1f\x8b"
        stream: Any = stack.enter_context(io.BufferedReader(_Unpacked(raw), _HEAD)) if packed else raw
        head = _head(stream)
        if head.startswith(b"PAR1"):
            yield _parquet(stack.enter_context(_on_disk(stream)) if packed else path)
            return
        kind = kind_of(head, name or path.name)
        yield Source(kind, READERS[kind](stream), lambda: min(raw.tell() / size, 1.0))


def _open(path: Path) -> Any:
    try:
        return path.open("rb", buffering=_HEAD)
    except FileNotFoundError:
        raise InputError(f"There is no file {bounds.quoted(path, 200)}; check its name.") from None
    except OSError as error:
        reason = error.strerror or "unknown fault"
        raise InputError(f"The file {bounds.quoted(path, 200)} cannot be opened: {reason}.") from None


def _head(stream: Any) -> bytes:
    try:
        head: bytes = stream.peek(_HEAD)
    except InputError as error:
        raise InputError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    if not head.removeprefix(b"\xef\xbb\xbf").strip() and len(head) < _HEAD:
        raise InputError("The file is empty; choose one with rows in it.")
    return head


def kind_of(head: bytes, name: str) -> str:
    """The kind of a text file, by its first bytes and the ending of its name; InputError when it is none."""
    for mark, what in _FOREIGN.items():
        if head.startswith(mark):
            raise InputError(f"The file {what}.")
    endings = name.lower().removesuffix(".gz").rsplit(".", 1)
    ending = endings[-1] if len(endings) > 1 else ""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if ending == "parquet":
        raise InputError("The file is named Parquet but does not begin as Parquet files do; export it again.")
    if ending in ("csv", "tsv", "tab"):
        return "CSV"
    if ending in ("jsonl", "ndjson"):
        return "JSONL"
    if start.startswith(b"["):
        return "JSON array"
    if start.startswith(b"{"):
        return "JSONL" if _is_line(start) else "JSON object"
    return "JSONL" if ending == "json" else "CSV"


def _is_line(start: bytes) -> bool:
    """Whether the first line is a whole JSON value, as in JSONL, or too long to say."""
    line = start.splitlines()[0]
    if len(line) > _HEAD // 2:
        return True
    try:
        json_value(line.decode("utf-8", "replace"))
    except InputError:
        return line.rstrip().endswith(b"}")
    return True


class _Unpacked(io.RawIOBase):
    """What a gzip file holds; InputError where it is damaged or unpacks to too much."""

    def __init__(self, raw: BinaryIO) -> None:
        self._file, self._left = gzip.GzipFile(fileobj=raw), bounds.MAX_UNPACKED

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next."""
        try:
            block = self._file.read(len(buffer))
        except (EOFError, zlib.error, OSError):
            raise InputError("the packed file is damaged or cut off; pack it again") from None
        self._left -= len(block)
        if self._left < 0:
            limit = bounds.MAX_UNPACKED // 1_000_000
            raise InputError(f"the file unpacks to more than {limit} MB; split it")
        buffer[: len(block)] = block
        return len(block)


def _parquet(path: Path) -> Source:
    from data.intake.parquet_rows import opened_parquet  # Arrow takes a second to import

    rows, total = opened_parquet(path)
    done = [0]

    def counted() -> Iterator[Row | Rejection]:
        for done[0], row in enumerate(rows, start=1):
            yield row

    return Source("Parquet", counted(), lambda: min(done[0] / max(total, 1), 1.0))


@contextmanager
def _on_disk(stream: BinaryIO) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(suffix=".parquet") as unpacked:
        shutil.copyfileobj(stream, cast(BinaryIO, unpacked))
        unpacked.flush()
        yield Path(unpacked.name)
