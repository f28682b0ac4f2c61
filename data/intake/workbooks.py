"""Rows of an Excel workbook (XLSX): one sheet, its first line the names of the columns.

Formulas are never computed: a cell gives the value that the workbook keeps. Links to other files are never followed.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Any, NamedTuple

from data.errors import InputError, Sentence
from data.intake.delimited import named
from data.intake.json_rows import lines
from data.intake.rows import TOO_LONG, Row, cut_off, listed, quoted, rejected
from data.schemas import Rejection

_PROCESS = Path(__file__).with_name("workbook_process.py")
_FAULTS = {
    "locked": Sentence("The workbook is locked with a password; save it without one."),
    "damaged": Sentence("The workbook is damaged or no XLSX; save it again, or save the sheet as CSV."),
}
_TOO_LARGE = Sentence("The workbook needs more than 1.5 GB of memory or 5 minutes; save the sheet as CSV.")


class Sheet(NamedTuple):
    """One sheet of a workbook: its name, the names of all sheets, the number of rows below its first, and these."""

    name: str
    names: tuple[str, ...]
    height: int
    rows: Iterator[Row | Rejection]


def opened_sheet(path: Path, wanted: str, stack: ExitStack) -> Sheet:
    """The sheet of that name, or the first with rows; InputError when there is none, or the workbook cannot be read."""
    command = [sys.executable, "-P", str(_PROCESS), str(path), wanted]
    process = stack.enter_context(Popen(command, stdout=PIPE, stderr=DEVNULL, stdin=DEVNULL))  # noqa: S603 (no shell)
    stack.callback(process.kill)
    said = lines(process.stdout)  # type: ignore[arg-type]
    head = _head(next(said, None), process, wanted)
    first = next(said, None)
    names = _header(first)
    header_at = json.loads(first or b"[0]")[0]
    rows = _rows(said, names, header_at, process)
    return Sheet(head["sheet"], tuple(head["sheets"]), head["rows"] - header_at, rows)


def _head(line: bytes | None, process: Popen[bytes], wanted: str) -> dict[str, Any]:
    if line is None:
        raise InputError(_TOO_LARGE if process.wait() < 0 else _FAULTS["damaged"])
    head: dict[str, Any] = json.loads(line)
    if head.get("fault") == "sheet":
        told = {"sheet": quoted(wanted), "sheets": listed(head["sheets"]) or Sentence("none")}
        raise InputError("The workbook has no sheet {sheet}; its sheets are: {sheets}.", **told)
    if fault := _FAULTS.get(head.get("fault", "")):
        raise InputError(fault)
    return head


def _header(line: bytes | None) -> list[str]:
    if line is None:
        raise InputError("The workbook is empty; choose one with column names in its first line and rows below.")
    cells = json.loads(line)[1]
    while cells and cells[-1] == "":
        cells.pop()
    return named([str(cell) for cell in cells])


def _rows(
    said: Iterator[bytes | None], names: list[str], header_at: int, process: Popen[bytes]
) -> Iterator[Row | Rejection]:
    """The rows below the names, numbered as in the sheet from there."""
    number = 0
    for line in said:
        if line is None:
            number += 1
            yield rejected(number, TOO_LONG)
            continue
        at, cells = json.loads(line)
        number = at - header_at
        yield _row(number, names, cells)
    if process.wait():
        yield cut_off(number + 1, _TOO_LARGE)


def _row(number: int, names: list[str], cells: list[Any]) -> Row | Rejection:
    beyond = sum(cell != "" for cell in cells[len(names) :])
    if beyond:
        fault = Sentence("has {n} cells to the right of the last column name; name their columns.", n=beyond)
        return rejected(number, fault)
    return Row(number, dict(zip(names, cells, strict=False)))
