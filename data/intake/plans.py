"""What is known of a file before it is loaded: its format, its columns, its first tasks."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from data.errors import InputError
from data.intake.columns import Columns, check_complete
from data.intake.content import Item
from data.intake.files import opened
from data.intake.format import Reading
from data.intake.formats import FORMATS, format_of
from data.intake.places import Place
from data.intake.rows import Row, listed
from data.intake.spill import Spill
from data.schemas import Rejection, Task

_FIRST_GOOD, _FIRST = 20, 200
"""How many good rows, among how many rows, decide the format."""


@dataclass(frozen=True)
class Plan:
    """How a file or a dataset is to be read.

    `name` is what the person calls it; `names` are all columns of its first rows. `sheet` is the sheet of a workbook,
    out of `sheets`. `notes` are sentences about what is left out.
    """

    path: Place
    name: str
    kind: str
    format: str
    columns: Columns
    names: tuple[str, ...]
    texts: Path | None = None
    texts_name: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def plan(
    path: Place, format_name: str | None = None, *, name: str = "", texts: Path | None = None, sheet: str = ""
) -> Plan:
    """The plan for a file or a dataset: its format as given or recognised, its columns as commonly named.

    A dataset's plan keeps the revision that was found, so that what is loaded is what was looked at. `sheet` is the
    sheet of a workbook (by default, the first with rows).
    InputError when the file cannot be read, holds no usable row, or has no known format.
    """
    if format_name is not None and format_name not in FORMATS:
        raise InputError(f"There is no format “{format_name}”; the formats are: {', '.join(FORMATS)}.")
    with opened(path, name, sheet) as source:
        first = list(islice(source.rows, _FIRST))
    rows = [row for row in first if isinstance(row, Row)][:_FIRST_GOOD]
    if not rows:
        raise InputError(_nothing([source.placed(x) if isinstance(x, Rejection) else x for x in first]))
    chosen = format_name or format_of(rows)
    names = tuple(FORMATS[chosen].names([row.values for row in rows]))
    place = source.place or path
    made = Plan(place, name or place.name, source.kind, chosen, FORMATS[chosen].columns(names), names, texts)
    return replace(made, sheet=source.sheet, sheets=source.sheets, notes=source.notes)


def _nothing(first: Sequence[Row | Rejection]) -> str:
    rejections = [row for row in first if isinstance(row, Rejection)]
    if not rejections:
        return "The file has no rows; choose one that has some."
    return f"None of the first {len(rejections)} rows can be read. {rejections[0].reason}"


def mapped(made: Plan, mapping: Mapping[str, Sequence[str]]) -> Plan:
    """The plan with some columns chosen by a person; InputError names a field or a column that does not exist."""
    columns = made.columns.overruled(mapping, made.names, made.format, FORMATS[made.format].fields)
    return replace(made, columns=columns)


def check_plan(made: Plan) -> None:
    """Raise InputError when something that the format needs is missing."""
    about = FORMATS[made.format]
    check_complete(made.format, about.fields, made.columns, made.names)
    if about.check:
        about.check(made.columns, made.texts is not None, made.names)


def preview(made: Plan, n: int = 3) -> tuple[list[Task], list[Rejection]]:
    """The first `n` tasks and the rejections before them, from the first rows only."""
    check_plan(made)
    tasks, rejections = dict[str, Task](), list[Rejection]()
    with opened(made.path, made.name, made.sheet) as source, closing(Spill()) as spill:
        for found in FORMATS[made.format].read(islice(source.rows, _FIRST), reading(made, spill)):
            if isinstance(found, Item):
                tasks |= {task.id: task for task in found.tasks}
            else:
                rejections.append(source.placed(found))
            if len(tasks) >= n:
                break
    return list(tasks.values())[:n], rejections


def reading(made: Plan, spill: Spill, salt: str = "") -> Reading:
    """How the rows of a plan's file are read, its file of texts already kept."""
    keep = FORMATS[made.format].keep_texts
    if made.texts is not None and keep is None:
        raise InputError(f"A file of texts belongs to votes, and this file has {listed([made.format])}; leave it out.")
    if made.texts is not None and keep is not None:
        keep(made.texts, made.texts_name or made.texts.name, spill)
    return Reading(made.columns, spill, made.name, salt)
