"""Versions: an export kept as it was handed over, with its card; written again, compared with another one."""

import json
import tempfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from data.datasets import Datasets
from data.errors import InputError, Sentence
from data.export.compare import Compared, compared
from data.export.hub import Told, push
from data.export.scope import Scope
from data.export.write import Export
from data.schemas import DatasetFile, DatasetVersion

CARD = "card"
"""What stands in place of a side for the file that is the card."""
MAX_NOTE = 1_000


class Written(NamedTuple):
    """The files of a version as they were written again: those with rows, the card, and all but the card by name."""

    rows: tuple[Path, ...]
    card: Path
    named: Mapping[str, Path]


def keep(
    store: Datasets, project_id: int, export: Export, chosen: Mapping[str, object], note: str, who: str
) -> DatasetVersion:
    """Keep an export and its card as the project's next version; the same one again is the version that is there.

    `chosen` is from `in_full`. InputError where the note is longer than 1,000 characters.
    """
    if len(note) > MAX_NOTE:
        raise InputError("The note has {n} characters; {most} are the most, shorten it.", n=len(note), most=MAX_NOTE)
    made = {
        "format": export.choice.format,
        "unit": export.unit,
        "choice": chosen,
        "rows": export.rows,
        "left_out": dict(export.left_out),
        "note": note.strip(),
    }
    return store.keep_dataset(project_id, made, [*_files(export), (_card(export.card), export.card)], who)


def _files(export: Export) -> list[tuple[DatasetFile, Path]]:
    return [
        (
            DatasetFile(
                name=file.name,
                side=file.side,
                rows=file.rows,
                prompts=file.prompts,
                size=file.size,
                sha256=file.sha256,
            ),
            file.path,
        )
        for file in export.everything
    ]


def _card(path: Path) -> DatasetFile:
    content = path.read_bytes()
    digest = sha256(content).hexdigest()
    return DatasetFile(name=path.name, side=CARD, rows=0, prompts=0, size=len(content), sha256=digest)


def in_full(export: Export, scope: Scope, rules: Mapping[str, str]) -> Mapping[str, object]:
    """Everything that was chosen for an export, as JSON keeps it; `rules` are the names of those for its pairs."""
    chosen = export.choice._asdict() | scope._asdict() | {"kind": export.files[0].path.suffix} | dict(rules)
    made: dict[str, object] = json.loads(json.dumps(chosen, default=str))
    return made


def version_of(store: Datasets, project_id: int, number: int) -> DatasetVersion:
    """The version of this number; InputError where there is none."""
    found = next((one for one in store.datasets(project_id) if one.number == number), None)
    if found is None:
        raise InputError("The project has no version {n} of its dataset; choose one that it has.", n=number)
    return found


def write_version(store: Datasets, project_id: int, number: int, folder: Path) -> Written:
    """Write a version into a folder, bit for bit; InputError where there is no such version, or no such folder.

    Nothing that lies in the folder is written over: InputError names it.
    """
    version = version_of(store, project_id, number)
    if not folder.is_dir():
        raise InputError("There is no folder “{folder}”; create it or choose another.", folder=folder)
    if there := next((file.name for file in version.files if (folder / file.name).exists()), None):
        lies = Sentence("“{file}” lies in the folder “{folder}” already; choose an empty one.")
        raise InputError(lies, file=there, folder=folder)
    paths = store.write_dataset(project_id, number, folder)
    written = list(zip(version.files, paths, strict=True))
    card = next(path for file, path in written if file.side == CARD)
    rows = tuple(path for file, path in written if file.rows)
    return Written(rows, card, {file.name: path for file, path in written if file.side != CARD})


def push_version(
    store: Datasets,
    project_id: int,
    number: int,
    repo: str,
    token: str,
    private: bool = True,
    told: Told = lambda *_: True,
) -> str:
    """Upload a version to the Hub as `data.export.hub.push` does; the address of the commit."""
    with tempfile.TemporaryDirectory(prefix="rankdesk-push-") as folder:
        written = write_version(store, project_id, number, Path(folder))
        return push(written.named, written.card, repo, token, private, told)


def compare(
    store: Datasets, project_id: int, older: int, newer: int, told: Callable[[int, int], None] = lambda *_: None
) -> Compared:
    """What is in one version and not in another; InputError where they are not of one format and kind of file.

    `told` is called now and then with the rows read, and all there are; what it raises ends the work.
    """
    first, second = (version_of(store, project_id, number) for number in (older, newer))
    if _kind(first) != _kind(second):
        raise InputError(
            "Version {older} is {first}, version {newer} {second}; compare two versions of one format and one kind of "
            "file.",
            older=older,
            first=", ".join(_kind(first)),
            newer=newer,
            second=", ".join(_kind(second)),
        )
    with tempfile.TemporaryDirectory(prefix="rankdesk-compare-") as folder:
        places = Path(folder, "older"), Path(folder, "newer")
        for place in places:
            place.mkdir()
        written = [write_version(store, project_id, n, at) for n, at in zip((older, newer), places, strict=True)]
        total = first.rows + second.rows
        return compared(written[0].rows, written[1].rows, lambda done: told(done, total))


def _kind(version: DatasetVersion) -> tuple[str, str]:
    return version.format, Path(version.files[0].name).suffix.removeprefix(".")
