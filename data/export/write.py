"""Writing an export: files for each side of the split and a card, all of them or none."""

import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from data.errors import InputError, Sentence
from data.export.card import About, ExportedFile, Handed, card, loading_code
from data.export.files import KINDS, check_it_loads, kind_of
from data.export.folder import DATA, check_folder_loads, check_place, finish_folder
from data.export.formats import FORMATS
from data.export.licences import check_licences
from data.export.messages import has_turns
from data.export.preflight import Problem, preflight
from data.export.rows import Choice, Judged, Rows
from data.export.split import SIDES, Side, check_test_share, side_of


@dataclass(frozen=True)
class Export:
    """What was written: `sum(file.rows for file in files) + sum(left_out.values()) == possible`, counted in `unit`.

    `loading` is the Python that reads the files. A side to which no prompt fell has no file. Every file was read back
    with `datasets`. `problems` are what the preflight found. `beside` is what a `datasets` folder has besides rows.
    """

    files: tuple[ExportedFile, ...]
    card: Path
    columns: tuple[str, ...]
    loading: str
    unit: str
    possible: int
    left_out: Mapping[str, int]
    choice: Choice
    problems: tuple[Problem, ...] = ()
    beside: tuple[ExportedFile, ...] = ()

    @property
    def everything(self) -> tuple[ExportedFile, ...]:
        """All files but the card."""
        return self.files + self.beside

    @property
    def rows(self) -> int:
        """Rows in all files."""
        return sum(file.rows for file in self.files)


def settled(judged: Judged, choice: Choice, kind: str) -> Choice:
    """The choice with `messages` decided; InputError where it names no format, or what format or kind cannot hold.

    Messages where a prompt has several turns, and where the prompt and the response are in one column; never in CSV.
    """
    if choice.format not in FORMATS:
        unknown = Sentence("There is no export format “{format}”; choose one of {formats}.")
        raise InputError(unknown, format=choice.format, formats=", ".join(FORMATS))
    check_test_share(choice.test_share)
    if choice.messages and kind == "csv":
        raise InputError("CSV cannot hold lists of messages; choose JSONL or Parquet, or prompts as text.")
    if FORMATS[choice.format].nested and kind == "csv":
        nested = Sentence("CSV cannot hold rows of {format}, which are nested; choose JSONL or Parquet.")
        raise InputError(nested, format=choice.format)
    if choice.weights and FORMATS[choice.format].unit != "pairs":
        raise InputError("{format} has no pairs to weigh; leave the weighting out.", format=choice.format)
    if choice.messages is not None:
        return choice
    return choice._replace(messages=kind != "csv" and (choice.format == "trl-implicit" or has_turns(judged.prompts)))


def write_export(judged: Judged, choice: Choice, about: About, out: Path) -> Export:
    """Write `out` (the train side), `NAME.test.SUFFIX` beside it (the test side) and `NAME.card.md`.

    The suffix of `out` picks the kind of file; with none, or .arrow, `out` is a `datasets` folder with both sides.
    The files are written in a folder of their own, read back with `datasets`, and only then put in place of any older
    ones. InputError where nothing is to be written, the folder is missing, or `out` is taken.
    """
    kind = kind_of(out) if out.suffix else "arrow"
    choice = settled(judged, choice, kind)
    check_licences(about.loads, about.confirmed)
    rows, problems = preflight(judged, choice, rows_of(judged, choice))
    if not rows.n:
        raise InputError("There is nothing to export yet; {needs}.", needs=Sentence(FORMATS[choice.format].needs))
    if not out.parent.is_dir():
        raise InputError("There is no folder “{folder}”; create it or choose another.", folder=out.parent)
    if kind == "arrow":
        check_place(out)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as folder:
        files = _written(rows, choice, Path(folder), out)
        beside = _beside(rows, Path(folder), files, out) if kind == "arrow" else []
        text = card(about, judged, choice, Handed(rows.columns, rows.left_out, files, problems))
        export = _in_place(Path(folder), files, text, rows, choice, out)
        return replace(export, problems=problems, beside=tuple(beside))


def rows_of(judged: Judged, choice: Choice) -> Rows:
    """The rows of an export; what each filter leaves out is counted among what is left out."""
    made = FORMATS[choice.format].rows(judged, choice)
    left_out, inside = Counter(made.left_out), made.possible
    for reason, wider in reversed(judged.wider):
        before = FORMATS[choice.format].rows(wider, choice).possible
        left_out[reason] += before - inside
        inside = before
    return made._replace(left_out=dict(+left_out))


def _paths(out: Path) -> dict[Side, Path]:
    if not out.suffix or kind_of(out) == "arrow":
        return {side: out / side / DATA for side in SIDES}
    return {"train": out, "test": out.with_name(f"{out.stem}.test{out.suffix}")}


def _written(rows: Rows, choice: Choice, folder: Path, out: Path) -> list[ExportedFile]:
    files = []
    for side, place in _paths(out).items():
        path, per_group = folder / place.relative_to(out.parent), Counter[str]()
        path.parent.mkdir(parents=True, exist_ok=True)  # a side of a `datasets` folder
        KINDS[kind_of(path)].write(path, rows.columns, _of_side(rows, side, choice.test_share, per_group))
        if side == "train" and not per_group:
            raise InputError("Every prompt falls on the test side; choose a smaller test share, or 0 for no split.")
        if per_group:
            check_it_loads(path, rows.columns, per_group.total())
            files.append(_file(path, folder, out, side, per_group))
        elif path.parent != folder:
            shutil.rmtree(path.parent)
    return files


def _beside(rows: Rows, folder: Path, files: list[ExportedFile], out: Path) -> list[ExportedFile]:
    """What makes a `datasets` folder of the files, read back with them."""
    inside = folder / out.name
    made = finish_folder(inside, rows.columns, {file.side: file.sha256 for file in files})
    check_folder_loads(inside, rows.columns, {file.side: file.rows for file in files})
    return [_file(path, folder, out, "", Counter()) for path in made]


def _of_side(rows: Rows, side: Side, test_share: float, per_group: Counter[str]) -> Iterator[dict[str, Any]]:
    """The rows of one side; `per_group` counts them by prompt group on the way."""
    for group, row in rows.each():
        if side_of(group, test_share) == side:
            per_group[group] += 1
            yield row


def _file(path: Path, folder: Path, out: Path, side: str, per_group: Counter[str]) -> ExportedFile:
    name = path.relative_to(folder)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = path.stat().st_size
    return ExportedFile(out.parent / name, name.as_posix(), side, per_group.total(), len(per_group), size, digest)


def _in_place(folder: Path, files: list[ExportedFile], text: str, rows: Rows, choice: Choice, out: Path) -> Export:
    """Rename what is written to where it belongs; a test file of an earlier export goes when there is none now."""
    card_path = out.with_name(f"{out.stem}.card.md")
    (folder / card_path.name).write_text(text, encoding="utf-8")
    if (folder / out.name).is_dir() and out.exists():
        out.replace(folder / ".older")
    for name in dict.fromkeys(file.name.split("/", 1)[0] for file in files):
        (folder / name).replace(out.with_name(name))
    (folder / card_path.name).replace(card_path)
    for path in set(_paths(out).values()) - {file.path for file in files}:
        path.unlink(missing_ok=True)
    names, loading = tuple(rows.columns.names), loading_code(rows.columns, files)
    unit = FORMATS[choice.format].unit
    return Export(tuple(files), card_path, names, loading, unit, rows.possible, rows.left_out, choice)
