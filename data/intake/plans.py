"""What is known of a file before it is loaded: its format, its columns, its first tasks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from data.errors import InputError, Sentence
from data.intake.columns import Columns, check_complete
from data.intake.content import Item
from data.intake.files import opened
from data.intake.format import Reading
from data.intake.formats import FORMATS, format_of
from data.intake.masking import masked
from data.intake.places import Place
from data.intake.rows import Row, listed
from data.intake.spill import Spill
from data.schemas import Rejection, Task

_FIRST_GOOD, _FIRST = 20, 200
"""How many good rows, among how many rows, decide the format."""
_LARGEST = 20_000_000
"""Characters of first rows that are kept to be looked at."""


@dataclass(frozen=True)
class Plan:
    """How a file or a dataset is to be read.

    `name` is what the person calls it; `names` are all columns of its first rows. `sheet` is the sheet of a workbook,
    out of `sheets`. `notes` are sentences about what is left out. `mask`: personal data is masked.
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
    mask: bool = False


@dataclass(frozen=True)
class Head:
    """The beginning of a file or a dataset: what it is, and its first rows, which can be looked at again and again.

    `place` is where it was found, with the revision and the split as they turned out. The other fields are a plan's.
    """

    place: Place
    name: str
    kind: str
    rows: tuple[Row | Rejection, ...]
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    placed: Callable[[Rejection], Rejection] = field(default=lambda rejection: rejection, compare=False)


def head(path: Place, *, name: str = "", sheet: str = "") -> Head:
    """Read the beginning of a file or a dataset; InputError when it cannot be opened.

    `sheet` is the sheet of a workbook (by default, the first with rows).
    """
    with opened(path, name, sheet) as source:
        rows = tuple(_bounded(islice(source.rows, _FIRST)))
    place = source.place or path
    about = source.sheet, source.sheets, source.notes, source.placed
    return Head(place, name or place.name, source.kind, rows, *about)


def _bounded(rows: Iterable[Row | Rejection]) -> Iterator[Row | Rejection]:
    """The rows until they fill the memory that a beginning may take."""
    size = 0
    for row in rows:
        yield row
        size += len(str(row.values)) if isinstance(row, Row) else 0
        if size > _LARGEST:
            return


def plan(
    path: Place, format_name: str | None = None, *, name: str = "", texts: Path | None = None, sheet: str = ""
) -> Plan:
    """The plan for a file or a dataset: its format as given or recognised, its columns as commonly named.

    A dataset's plan keeps the revision that was found, so that what is loaded is what was looked at.
    InputError when the file cannot be read, holds no usable row, or has no known format.
    """
    _check_format(format_name)
    return replace(planned(head(path, name=name, sheet=sheet), format_name), texts=texts)


def planned(beginning: Head, format_name: str | None = None) -> Plan:
    """The plan for what begins so, as `plan` makes it."""
    _check_format(format_name)
    rows = [row for row in beginning.rows if isinstance(row, Row)][:_FIRST_GOOD]
    if not rows:
        raise InputError(_nothing([beginning.placed(x) if isinstance(x, Rejection) else x for x in beginning.rows]))
    chosen = format_name or format_of(rows)
    names = tuple(FORMATS[chosen].names([row.values for row in rows]))
    made = Plan(beginning.place, beginning.name, beginning.kind, chosen, FORMATS[chosen].columns(names), names)
    return replace(made, sheet=beginning.sheet, sheets=beginning.sheets, notes=beginning.notes)


def _check_format(name: str | None) -> None:
    if name is not None and name not in FORMATS:
        formats = ", ".join(FORMATS)
        raise InputError("There is no format “{name}”; the formats are: {formats}.", name=name, formats=formats)


def _nothing(first: Sequence[Row | Rejection]) -> Sentence:
    rejections = [row for row in first if isinstance(row, Rejection)]
    if not rejections:
        return Sentence("The file has no rows; choose one that has some.")
    why = {"n": len(rejections), "reason": rejections[0].reason}
    return Sentence("None of the first {n} rows can be read. {reason}", **why)


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


def preview(made: Plan, n: int = 3, beginning: Head | None = None) -> tuple[list[Task], list[Rejection]]:
    """The first `n` tasks and the rejections before them, from the first rows only.

    The rows are read again unless their beginning is given.
    """
    check_plan(made)
    first = beginning or head(made.path, name=made.name, sheet=made.sheet)
    tasks, rejections = dict[str, Task](), list[Rejection]()
    with closing(Spill()) as spill:
        for found in items(made, first.rows, spill):
            if isinstance(found, Item):
                tasks |= {task.id: task for task in found.tasks}
            else:
                rejections.append(first.placed(found))
            if len(tasks) >= n:
                break
    return list(tasks.values())[:n], rejections


def items(made: Plan, rows: Iterable[Row | Rejection], spill: Spill, salt: str = "") -> Iterator[Item | Rejection]:
    """What the rows become by the plan, masked if it says so."""
    found = FORMATS[made.format].read(rows, reading(made, spill, salt))
    return masked(found) if made.mask else found


def reading(made: Plan, spill: Spill, salt: str = "") -> Reading:
    """How the rows of a plan's file are read, its file of texts already kept."""
    keep = FORMATS[made.format].keep_texts
    if made.texts is not None and keep is None:
        fault = Sentence("A file of texts belongs to votes, and this file has {format}; leave it out.")
        raise InputError(fault, format=listed([made.format]))
    if made.texts is not None and keep is not None:
        keep(made.texts, made.texts_name or made.texts.name, spill)
    return Reading(made.columns, spill, made.name, salt)
