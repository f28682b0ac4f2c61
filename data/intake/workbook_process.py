"""A sheet of an Excel workbook as lines of JSON on standard output; run as a process of its own by `workbooks`.

A workbook of one kilobyte may ask for half a terabyte, and the library that reads it then ends its whole process: so it
has one to itself, with bounds on memory and time. It imports nothing of ours.

The first line is {"sheets": […], "sheet": …, "rows": …} or {"fault": …}; each further one [row, [cells]].
"""

import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

MAX_MEMORY = 1_500_000_000
"""Bytes of address space."""
MAX_SECONDS = 300
"""Seconds of a processor."""


def bounded() -> None:
    """Bound this process."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))


def lines(path: str, wanted: str) -> Iterator[Any]:
    """What is said of a workbook: the head, then the rows of one sheet that are not blank."""
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(path)
        names = [s.name for s in book.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
        if (wanted and wanted not in names) or not names:
            yield {"fault": "sheet", "sheets": names}
            return
        sheet = _sheet(book, [wanted] if wanted else names)
        yield {"sheets": names, "sheet": sheet.name, "rows": sheet.end[0] + 1 if sheet.end else 0}
        for number, row in enumerate(sheet.iter_rows(), start=1):
            cells = [plain(cell) for cell in row]
            if any(cell != "" for cell in cells):
                yield [number, cells]
    except calamine.PasswordError:
        yield {"fault": "locked"}
    except calamine.CalamineError:
        yield {"fault": "damaged"}


def _sheet(book: Any, names: list[str]) -> Any:
    """The first of these sheets that has a row below its first; the first of all when none has."""
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if sheet.height > 1 or len(names) == 1:
            return sheet
    return book.get_sheet_by_name(names[0])


def plain(cell: Any) -> Any:
    """The value of a cell as people see it: whole numbers without a fraction, moments as ISO 8601 writes them."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e16:
        return int(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else cell


def main(path: str, wanted: str) -> None:
    """Write the lines of one sheet."""
    bounded()
    for line in lines(path, wanted):
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main(*sys.argv[1:3])
