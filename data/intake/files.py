"""Anything that holds rows: what kind it is, and its rows one after the other, packed or not."""

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from data.errors import InputError, Sentence
from data.intake import rows as bounds
from data.intake.archives import KINDS, archive, ending, members
from data.intake.delimited import delimited_rows
from data.intake.json_rows import array_rows, json_value, jsonl_rows, object_rows
from data.intake.packing import HEAD, PACKINGS, Allowance, plain_name, unpacked, unpacked_once
from data.intake.places import Dataset, Place
from data.intake.rows import Row
from data.intake.sources import Part, Source, alone, joined
from data.intake.workbooks import opened_sheet
from data.schemas import Rejection

READERS: Mapping[str, Callable[[BinaryIO], Iterator[Row | Rejection]]] = {
    "JSONL": jsonl_rows,
    "JSON array": array_rows,
    "JSON object": object_rows,
    "CSV": delimited_rows,
}
"""Kind of file → its reader; Parquet and XLSX, which have to be read from their end, are the kinds beside these."""

_ZIP = b"PK\x03\x04"
_FOREIGN: Mapping[bytes, Sentence] = {
    b"\xff\xfe": Sentence("The file is text in UTF-16; save it as UTF-8."),
    b"\xfe\xff": Sentence("The file is text in UTF-16; save it as UTF-8."),
    b"PK\x05\x06": Sentence("The file is an archive with nothing in it; pack it again."),
    b"SQLite format 3": Sentence("The file is a database; export its table as CSV or JSONL."),
    b"\xd0\xcf\x11\xe0": Sentence(
        "The file is an old Excel workbook, or one with a password; save it as XLSX without a password."
    ),
    b"BZh": Sentence("The file is packed with bzip2; unpack it or pack it with gzip."),
    b"\xfd7zXZ": Sentence("The file is packed with xz; unpack it or pack it with gzip."),
    b"7z\xbc\xaf": Sentence("The file is a 7-Zip archive; unpack it or pack it as ZIP."),
    b"Rar!": Sentence("The file is a RAR archive; unpack it or pack it as ZIP."),
    **dict.fromkeys((*PACKINGS, _ZIP), Sentence("The file is packed twice; unpack it once.")),
}


class _File(NamedTuple):
    """A file being opened: what people call it, its bytes and how many, its path if it has one, the sheet wanted."""

    name: str
    stream: Any
    size: int
    path: Path | None
    sheet: str = ""


@contextmanager
def opened(place: Place, name: str = "", sheet: str = "") -> Iterator[Source]:
    """The rows of a file, or of a dataset in a folder or on the Hub.

    `name` is what the person calls a file (its ending tells CSV from JSON lines); `sheet` names a workbook's sheet.
    InputError when it cannot be opened, is empty, or is nothing that can be read.
    """
    with ExitStack() as stack:
        yield _source(place, name, sheet, stack)


def _source(place: Place, name: str, sheet: str, stack: ExitStack) -> Source:
    if isinstance(place, Path) and not place.is_dir():
        return source_in(place, stack, name, sheet)
    from data.intake.hub import dataset_source  # a library that takes seconds to import

    return dataset_source(Dataset(place) if isinstance(place, Path) else place)


def source_in(path: Path, stack: ExitStack, name: str = "", sheet: str = "") -> Source:
    """The rows of a file on disk."""
    raw = stack.enter_context(_open(path))
    return _read(_File(name or path.name, raw, max(path.stat().st_size, 1), path, sheet), stack)


def source_of(name: str, stream: Any, size: int, stack: ExitStack) -> Source:
    """The rows of a file that comes as a stream of so many bytes."""
    return _read(_File(name, stream, size, None), stack)


def _open(path: Path) -> Any:
    try:
        return path.open("rb", buffering=HEAD)
    except FileNotFoundError:
        raise InputError("There is no file {file}; check its name.", file=bounds.quoted(path, 200)) from None
    except OSError as error:
        file, reason = bounds.quoted(path, 200), error.strerror or Sentence("unknown fault")
        raise InputError("The file {file} cannot be opened: {reason}.", file=file, reason=reason) from None


def _read(file: _File, stack: ExitStack) -> Source:
    """The rows of a file that may be packed."""
    raw, allowance = file.stream, Allowance()
    head = _head(raw)
    if head.startswith(_ZIP):
        return _zipped(file, allowance, stack)
    stream = unpacked_once(raw, head, allowance)
    if stream is raw:
        return _plain(file, head, lambda: raw.tell() / file.size, stack)
    stack.callback(stream.close)
    inside = _File(plain_name(file.name), stream, file.size, None, file.sheet)
    return _plain(inside, _head(stream), lambda: raw.tell() / file.size, stack)


def _head(stream: Any) -> bytes:
    head: bytes = stream.peek(HEAD)
    if not head.removeprefix(b"\xef\xbb\xbf").strip() and len(head) < HEAD:
        raise InputError("The file is empty; choose one with rows in it.")
    return head


def _plain(file: _File, head: bytes, share: Callable[[], float], stack: ExitStack) -> Source:
    """The rows of a file that is not packed (any more)."""
    if head.startswith(b"PAR1"):
        return parquet_source(file.path or stack.enter_context(_on_disk(file.stream)))
    if head.startswith(_ZIP) and file.path is None:
        path = stack.enter_context(_on_disk(file.stream))
        found = archive(stack.enter_context(path.open("rb")))
        if _is_workbook(found):
            return _workbook(path, file.sheet, stack)
    kind = kind_of(head, file.name)
    return Source(kind, READERS[kind](file.stream), lambda: min(share(), 1.0))


def _zipped(file: _File, allowance: Allowance, stack: ExitStack) -> Source:
    """The rows of a workbook, or of the files in an archive."""
    path = file.path or stack.enter_context(_on_disk(file.stream))
    found = stack.enter_context(archive(stack.enter_context(path.open("rb"))))
    if _is_workbook(found):
        return _workbook(path, file.sheet, stack)
    chosen = members(found)
    parts = [Part(info.filename, info.compress_size, _member(found, info, allowance)) for info in chosen.rows]
    notes = []
    if chosen.left_out:
        left_out = bounds.listed(list(chosen.left_out), 5)
        notes.append(Sentence("Left out of the archive, as no files of rows: {files}.", files=left_out))
    if len(parts) == 1:
        source = alone(parts[0], stack)
        return replace(source, kind=f"{source.kind}, ZIP", notes=tuple(notes))
    return joined(f"{KINDS[ending(parts[0].name)]}, ZIP", parts, notes)


def _member(found: zipfile.ZipFile, info: zipfile.ZipInfo, allowance: Allowance) -> Callable[[ExitStack], Source]:
    size = max(info.file_size, 1)

    def opened_member(stack: ExitStack) -> Source:
        try:
            raw = stack.enter_context(found.open(info))
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
            raise InputError("The archive or workbook is damaged or cut off; save it again.") from None
        stream = stack.enter_context(unpacked(raw, lambda: info.compress_size, allowance))
        return _plain(
            _File(info.filename, stream, info.file_size, None), _head(stream), lambda: raw.tell() / size, stack
        )

    return opened_member


def _is_workbook(found: zipfile.ZipFile) -> bool:
    """Whether this is XLSX; InputError when it is a document of another kind."""
    names = set(found.namelist())
    if "xl/workbook.xml" in names:
        return True
    if "xl/workbook.bin" in names or {"mimetype", "content.xml"} <= names:
        raise InputError("The file is a spreadsheet, but not XLSX; save it as XLSX or CSV.")
    return False


def _workbook(path: Path, wanted: str, stack: ExitStack) -> Source:
    sheet = opened_sheet(path, wanted, stack)
    rows, share = _counted(sheet.rows, sheet.height)
    return Source("XLSX", rows, share, sheet.name, sheet.names)


def kind_of(head: bytes, name: str) -> str:
    """The kind of a text file, by its first bytes and the ending of its name; InputError when it is none."""
    for mark, fault in _FOREIGN.items():
        if head.startswith(mark):
            raise InputError(fault)
    if head[257:262] == b"ustar":
        raise InputError("The file is a tar archive; unpack it or pack it as ZIP.")
    promised = ending(plain_name(name))
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if promised in ("parquet", "xlsx"):
        fault = Sentence("The file is named {kind} but does not begin as {kind} files do; export it again.")
        raise InputError(fault, kind=KINDS[promised])
    if KINDS.get(promised) in ("CSV", "JSONL"):
        return KINDS[promised]
    if start.startswith(b"["):
        return "JSON array"
    if start.startswith(b"{"):
        return "JSONL" if _is_line(start) else "JSON object"
    return "JSONL" if promised == "json" else "CSV"


def _is_line(start: bytes) -> bool:
    """Whether the first line is a whole JSON value, as in JSONL, or too long to say."""
    line = start.splitlines()[0]
    if len(line) > HEAD // 2:
        return True
    try:
        json_value(line.decode("utf-8", "replace"))
    except InputError:
        return line.rstrip().endswith(b"}")
    return True


def parquet_source(path: Path | BinaryIO) -> Source:
    """The rows of a Parquet file, which has to be one that can be read from its end."""
    from data.intake.parquet_rows import opened_parquet  # Arrow takes a second to import

    found, total = opened_parquet(path)
    rows, share = _counted(found, total)
    return Source("Parquet", rows, share)


def _counted(rows: Iterator[Row | Rejection], total: int) -> tuple[Iterator[Row | Rejection], Callable[[], float]]:
    """The rows, and the share of them that has been read."""
    done = [0]

    def counted() -> Iterator[Row | Rejection]:
        for row in rows:
            done[0] = row.number if isinstance(row, Row) else row.row
            yield row

    return counted(), lambda: min(done[0] / max(total, 1), 1.0)


@contextmanager
def _on_disk(stream: BinaryIO) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(suffix=".rows") as unpacked_file:
        shutil.copyfileobj(stream, cast(BinaryIO, unpacked_file), HEAD)
        unpacked_file.flush()
        yield Path(unpacked_file.name)
