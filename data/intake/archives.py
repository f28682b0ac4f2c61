"""ZIP archives: which files in them hold rows. Nothing is ever written to a path that an archive names."""

import re
import zipfile
from collections.abc import Sequence
from typing import Any, BinaryIO, NamedTuple

from data.errors import InputError, Sentence
from data.intake.packing import Allowance
from data.intake.rows import listed, quoted

MAX_MEMBERS = 10_000
"""Files in one archive."""
_MANY = Sentence("The archive holds more than {n} files; pack fewer into one.")
_MAX_DIRECTORY = 4_000_000
"""Bytes of an archive's list of files, which is held in memory."""
KINDS = {
    "csv": "CSV", "tsv": "CSV", "tab": "CSV",
    "jsonl": "JSONL", "ndjson": "JSONL", "json": "JSON", "parquet": "Parquet", "xlsx": "XLSX",
}  # fmt: skip
"""Ending of a name → the kind of file that it promises."""
_JUNK = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")
_OUTSIDE = re.compile(r"^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)")


class Members(NamedTuple):
    """The files of an archive that hold rows, by name, and the names of those that are left out."""

    rows: Sequence[zipfile.ZipInfo]
    left_out: Sequence[str]


class _Short:
    """A file of which no great piece can be read at once: `ZipFile` would hold whatever list of files is claimed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.seek, self.tell, self.seekable = file, file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes, or to the end; InputError when they are more than a list of files has."""
        found = self._file.read(min(size, _MAX_DIRECTORY + 1) if size >= 0 else _MAX_DIRECTORY + 1)
        if len(found) > _MAX_DIRECTORY:
            raise InputError(_MANY, n=MAX_MEMBERS)
        return found


def archive(file: Any) -> zipfile.ZipFile:
    """An archive, opened; InputError when it is damaged, too large, locked, or names paths outside itself."""
    try:
        found = zipfile.ZipFile(_Short(file))
    except InputError:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise InputError("The archive or workbook is damaged or cut off; save it again.") from None
    infos = found.infolist()
    if len(infos) > MAX_MEMBERS:
        raise InputError(_MANY, n=MAX_MEMBERS)
    _check_size(sum(info.file_size for info in infos), sum(info.compress_size for info in infos))
    for info in infos:
        _check(info)
    return found


def _check_size(size: int, packed: int) -> None:
    """Raise InputError when what an archive says of itself is too much; what it unpacks to is counted again."""
    Allowance().spend(size, packed)


def _check(info: zipfile.ZipInfo) -> None:
    if _OUTSIDE.search(info.orig_filename):
        name = quoted(info.orig_filename)
        raise InputError("The archive names a file outside itself, {file}; pack it again.", file=name)
    if not info.filename:
        raise InputError("The archive holds a file without a name; pack it again.")
    if info.flag_bits & 1:
        raise InputError("The archive is locked with a password; unpack it and load the files in it.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        fault = Sentence("The archive packs {file} in a rare way; pack it again as an ordinary ZIP.")
        raise InputError(fault, file=quoted(info.filename))


def ending(name: str) -> str:
    """What a name ends with, in small letters and without the dot; empty when it has no dot."""
    return name.lower().rpartition("/")[2].rpartition(".")[2] if "." in name.rpartition("/")[2] else ""


def members(found: zipfile.ZipFile) -> Members:
    """The files with rows; InputError when there are none, or of several kinds."""
    real = sorted((i for i in found.infolist() if not i.is_dir() and not _JUNK.search(i.filename)), key=_name)
    named = [info for info in real if ending(info.filename) in KINDS]
    chosen = named or (real if len(real) == 1 else [])
    if not chosen:
        held = listed(list(map(_name, real)), 3) if real else Sentence("none")
        raise InputError("The archive holds no file of rows, such as CSV or JSONL; its files are: {files}.", files=held)
    check_one_kind([info.filename for info in chosen])
    return Members(chosen, [info.filename for info in real if info not in chosen] if named else [])


def _name(info: zipfile.ZipInfo) -> str:
    return info.filename


def check_one_kind(names: Sequence[str]) -> None:
    """Raise InputError when files that are to be read one after the other are of several kinds."""
    kinds = sorted({KINDS.get(ending(name), "") for name in names})
    if len(kinds) > 1:
        fault = Sentence("These are files of several kinds, {kinds}; load each kind by itself.")
        raise InputError(fault, kinds=", ".join(kinds))
