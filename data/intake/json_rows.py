"""Rows of JSONL files, of JSON files that hold an array of objects, and of JSON files that hold one object.

The array is cut into its elements by a scan for strings and brackets, and each element is parsed by itself: so a bad
element costs one row and not the rest of the file, and half a surrogate pair is seen (yajl turns it into “?”).
"""

import codecs
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

from data.errors import InputError, Sentence
from data.intake.rows import MAX_BLANK, MAX_BRACKETS, MAX_COLUMNS, MAX_ROW, TOO_BLANK, Row, cut_off, rejected, too_wide
from data.schemas import Rejection

_BLOCK = 1 << 18
_BOM = "\ufeff"
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{},]', re.DOTALL)
_TOO_LONG = Sentence("is longer than {n} MB; shorten it or split it into several rows.", n=MAX_ROW // 1_000_000)


def _constant(name: str) -> Decimal | None:
    return None if name == "NaN" else Decimal(name)


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_constant)
"""Numbers with a fraction keep their digits: a response may be one. NaN, which is not JSON, means missing."""


def json_value(text: str) -> Any:
    """The value of a JSON text; InputError says why there is none."""
    if text.count("[") + text.count("{") > MAX_BRACKETS:
        raise InputError("has more than {n} opening brackets; split it into several rows.", n=MAX_BRACKETS)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        told = {"fault": error.msg[:1].lower() + error.msg[1:], "n": error.pos + 1}
        raise InputError("is not JSON ({fault}, character {n}); mend the row.", **told) from None
    except RecursionError:
        raise InputError("is nested too deeply; a row is one flat object of columns.") from None
    except (ValueError, ArithmeticError):
        raise InputError("has a number with too many digits; put it in quotation marks.") from None


def row_from(number: int, text: str) -> Row | Rejection:
    """The row of one JSON text."""
    try:
        value = json_value(text)
    except InputError as error:
        return rejected(number, str(error))
    if not isinstance(value, dict):
        return rejected(number, Sentence("is not a JSON object; write {“column”: value, …}."))
    return Row(number, value) if len(value) <= MAX_COLUMNS else rejected(number, too_wide(len(value)))


def lines(stream: BinaryIO) -> Iterator[bytes | None]:
    r"""The lines of a stream, ended by \n, \r\n or \r; None stands for one that is too long to hold."""
    rest, skipping = b"", False
    while block := stream.read(_BLOCK):
        parts = (rest + block).splitlines(keepends=True)
        rest = b"" if parts[-1].endswith(b"\n") else parts.pop()
        for part in parts:
            if not skipping:
                yield part.rstrip(b"\r\n") if len(part) <= MAX_ROW else None
            skipping = False
        if len(rest) > MAX_ROW:
            if not skipping:
                yield None
            rest, skipping = rest[-1:], True
    if rest and not skipping:
        yield rest.rstrip(b"\r\n")


def jsonl_rows(stream: BinaryIO) -> Iterator[Row | Rejection]:
    """One row a line, numbered as the lines are; blank lines are no rows."""
    number = last = 0
    try:
        for number, line in enumerate(lines(stream), start=1):
            if line is None:
                yield rejected(number, _TOO_LONG)
            elif (kept := line.removeprefix(codecs.BOM_UTF8) if number == 1 else line).strip():
                last = number
                yield _line_row(number, kept)
            elif number - last > MAX_BLANK:
                raise InputError(TOO_BLANK)
    except InputError as error:
        yield cut_off(number + 1, str(error))


def _line_row(number: int, line: bytes) -> Row | Rejection:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start + 1
        return rejected(number, Sentence("is not UTF-8 (byte {n} of the line); save the file as UTF-8.", n=at))
    return row_from(number, text)


def object_rows(stream: BinaryIO) -> Iterator[Row | Rejection]:
    """The one row of a file that holds one JSON object over several lines."""
    raw = stream.read(MAX_ROW + 1).removeprefix(codecs.BOM_UTF8)
    yield rejected(1, _TOO_LONG) if len(raw) > MAX_ROW else _line_row(1, raw.strip())


class _Text:
    """Decoded text that grows at its end as it is asked for and is dropped at its start as it is used."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._decoder = stream, codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.buffer = ""

    def grow(self) -> bool:
        """Read on; False at the end of the file."""
        block = self._stream.read(_BLOCK)
        self.buffer += self._decoder.decode(block, final=not block)
        return bool(block)

    def drop(self, end: int) -> None:
        """Forget what stands before `end`."""
        self.buffer = self.buffer[end:]


def array_rows(stream: BinaryIO) -> Iterator[Row | Rejection]:
    """One row an element of the array."""
    text, number = _Text(stream), 1
    try:
        _skip_opening(text)
        while True:
            parts, after = _elements(text.buffer)
            for part in parts:
                yield _element_row(number, part)
                number += 1
            text.drop(after)
            if text.buffer.startswith("]"):
                yield from _after_array(text, number)
                return
            _need_more(text)
    except InputError as error:
        yield cut_off(number, str(error))


def _skip_opening(text: _Text) -> None:
    while not text.buffer.lstrip(f"{_BOM} \t\r\n") and text.grow():
        pass
    text.buffer = text.buffer.lstrip(f"{_BOM} \t\r\n")[1:]


def _elements(buffer: str) -> tuple[list[str], int]:
    """The elements that end in this text, and where the rest begins: at `]` when the array ends here."""
    found: list[str] = []
    start = depth = 0
    for token in _TOKEN.finditer(buffer):
        mark = token.group()
        if mark == '"':
            break
        if mark in "[{":
            depth += 1
        elif mark in "]}" and depth:
            depth -= 1
        elif not depth and mark in ",]":
            part = buffer[start : token.start()]
            if mark == "]":
                return ([*found, part] if part.strip() else found), token.start()
            found.append(part)
            start = token.end()
    return found, start


def _element_row(number: int, part: str) -> Row | Rejection:
    if not part.strip():
        return rejected(number, Sentence("is empty; remove the comma before it."))
    if len(part) > MAX_ROW:
        return rejected(number, _TOO_LONG)
    if not _is_utf8(part):
        return rejected(number, Sentence("is not UTF-8; save the file as UTF-8."))
    return row_from(number, part)


def _is_utf8(part: str) -> bool:
    try:
        part.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _need_more(text: _Text) -> None:
    if len(text.buffer) > MAX_ROW:
        raise InputError(_TOO_LONG)
    if not text.grow():
        raise InputError("is cut off: the array is never closed; check that the file is complete.")


def _after_array(text: _Text, number: int) -> Iterator[Rejection]:
    text.drop(1)
    while not text.buffer.strip():
        text.buffer = ""
        if not text.grow():
            return
    yield cut_off(number, Sentence("text follows the end of the array; keep one array in a file."))
