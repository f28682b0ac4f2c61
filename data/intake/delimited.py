"""Rows of CSV and TSV files: UTF-8 with or without a byte order mark, any mixture of line ends."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from data.errors import InputError, Sentence
from data.intake import rows as bounds
from data.intake.rows import MAX_ROW, Row, cut_off, quoted, reason_alone, rejected, too_wide
from data.schemas import Rejection

csv.field_size_limit(MAX_ROW)
_DELIMITERS = (",", "\t", ";", "|")
_SAMPLE, _SAMPLE_SIZE = 200, 1_000_000
"""Lines and characters that decide the delimiter, and whether quotation marks quote in a file separated by tabs."""
_QUOTED_CELL = re.compile(r'(?:^|\t)"[^\t]*"(?:\t|$)', re.MULTILINE)
_MAX_REREAD = 64_000_000
"""Characters read twice in one file while looking for the next good row after an open quotation mark."""


class _LineTooLong(InputError):
    """A line that was skipped because it is too long to hold."""


class _Lines:
    """The lines of a text with their ends; those since `mark` can be read again."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text, self._again = text, list[str]()
        self.taken, self._reread, self._blank = list[str](), 0, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._text.readline(MAX_ROW)
        if not line:
            raise StopIteration
        if len(line) >= MAX_ROW:
            self._skip_line()
            raise _LineTooLong(bounds.TOO_LONG)
        self.taken.append(line)
        return line

    def sample(self) -> list[str]:
        """The first lines, which come again: at most 200, and no more after a million characters."""
        lines, size = list[str](), 0
        while len(lines) < _SAMPLE and size < _SAMPLE_SIZE and (line := self._text.readline(MAX_ROW)):
            lines.append(line)
            size += len(line)
        self._again = lines[::-1]
        return lines

    def count(self, is_blank: bool) -> None:
        """Count blank lines that follow one another; InputError when they are too many."""
        self._blank = self._blank + 1 if is_blank else 0
        if self._blank > bounds.MAX_BLANK:
            raise InputError(bounds.TOO_BLANK)

    def _skip_line(self) -> None:
        while len(self._text.readline(MAX_ROW)) == MAX_ROW:
            pass

    def mark(self) -> None:
        """Begin a row here."""
        self.taken.clear()

    def go_back(self) -> None:
        """Go back to the second line of the row."""
        again = self.taken[1:]
        self._reread += sum(map(len, again))
        if self._reread > _MAX_REREAD:
            raise InputError("opens a quotation mark that is never closed, as many rows before it do.")
        self._again += reversed(again)


def delimited_rows(stream: BinaryIO) -> Iterator[Row | Rejection]:
    """One row a record after the header, numbered from 1; blank lines are no rows.

    A row with an open quotation mark is rejected, and reading goes on at the next line.
    """
    raw = io.BufferedReader(_Unclosed(stream))
    lines = _Lines(io.TextIOWrapper(raw, "utf-8-sig", "surrogateescape", newline=""))
    reader = csv.reader(lines, strict=True, **_dialect(lines))
    header = _header(lines, reader)
    number = 1
    try:
        while (record := _record(lines, reader, number)) is not None:
            if record:
                yield record if isinstance(record, Rejection) else _row(number, header, record)
                number += 1
    except InputError as error:
        yield cut_off(number, str(error))


class _Unclosed(io.RawIOBase):
    """A stream that the text wrapper above it may close without closing the file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._stream.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


def _record(lines: _Lines, reader: Any, number: int) -> list[str] | Rejection | None:
    """The next record ([] for a blank line), its rejection, or None at the end."""
    lines.mark()
    try:
        record: list[str] | None = next(reader, None)
    except csv.Error as error:
        fault = _fault(str(error), len(lines.taken))
        lines.go_back()
        return rejected(number, fault)
    except _LineTooLong as error:
        return rejected(number, str(error))
    lines.count(record == [])
    return record


def _fault(message: str, n_lines: int) -> Sentence:
    if "field larger" in message and n_lines == 1:
        return Sentence("has a field longer than {n} MB; shorten it.", n=MAX_ROW // 1_000_000)
    if "unexpected end of data" in message or "field larger" in message:
        return Sentence("has a quotation mark that opens a field and never closes it; double it or remove it.")
    return Sentence(
        "has text after the closing quotation mark of a field; double the quotation marks inside the field."
    )


def _row(number: int, header: list[str], record: list[str]) -> Row | Rejection:
    if len(record) > len(header):
        fault = Sentence(
            "has {n} fields but the header names {names}; quote the field.", n=len(record), names=len(header)
        )
        return rejected(number, fault)
    broken = next((name for name, cell in zip(header, record, strict=False) if not _is_utf8(cell)), None)
    if broken is not None:
        fault = Sentence("column {column} is not UTF-8; save the file as UTF-8.", column=quoted(broken))
        return rejected(number, fault)
    return Row(number, dict(zip(header, record, strict=False)))


def _is_utf8(cell: str) -> bool:
    try:
        cell.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _dialect(lines: _Lines) -> dict[str, Any]:
    """The delimiter that cuts the first line into most fields, and whether quotation marks quote."""
    sample = lines.sample()
    first = next((line for line in sample if line.strip()), "")
    delimiter = max(_DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark))))
    if delimiter == "\t" and not any(map(_QUOTED_CELL.search, sample)):
        return {"delimiter": delimiter, "quoting": csv.QUOTE_NONE}
    return {"delimiter": delimiter}


def _header(lines: _Lines, reader: Any) -> list[str]:
    record: list[str] | Rejection | None = []
    try:
        while record == []:
            record = _record(lines, reader, 0)
    except InputError as error:
        raise InputError("Before the column names: {fault}", fault=str(error)) from None
    if record is None:
        raise InputError("The file is empty; choose one with column names in its first line and rows below.")
    if isinstance(record, Rejection):
        raise InputError("The first line {fault}", fault=reason_alone(record))
    names = named(record)
    if not all(map(_is_utf8, names)):
        raise InputError("The first line is not UTF-8; save the file as UTF-8.")
    return names


def named(cells: Sequence[str]) -> list[str]:
    """The names of the columns that a first line gives; InputError when there are too many, or two are the same."""
    if len(cells) > bounds.MAX_COLUMNS:
        raise InputError("The first line {fault}", fault=too_wide(len(cells)))
    names = [name.strip() or f"column {n}" for n, name in enumerate(cells, start=1)]
    twice = next((name for name, n in Counter(names).items() if n > 1), None)
    if twice is not None:
        raise InputError("Two columns are named {name} in the first line; rename one.", name=quoted(twice))
    return names
