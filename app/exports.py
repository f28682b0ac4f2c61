"""Exports that wait on the server's disk for their download."""

import json
import re
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st

from app import session
from app.download import shelf
from app.findings import material, pair_set
from app.language import N_, _, _n, number
from app.paths import address
from app.tickets import ticket
from data.export.card import About
from data.export.rows import FORMATS, Choice, Judged
from data.export.write import Export, settled, write_export
from data.schemas import Project
from data.store import Size
from rankers.agreement import agreement_in_words
from rankers.pairs import PairRules, rules_in_words

KEPT = 6
"""Exports that wait at the same time; the one that was asked for longest ago goes first."""


@dataclass(frozen=True)
class Waiting:
    """An export on disk: what was written, and all of it in one ZIP archive, the card as its README.md."""

    export: Export
    archive: Path


def _remove(waiting: Waiting) -> None:
    shutil.rmtree(waiting.archive.parent, ignore_errors=True)


def judged(project_id: int, size: Size, rules: PairRules) -> Judged:
    """What an export of this project is made from under these rules."""
    tasks, judgements = material(project_id, size)
    made = pair_set(project_id, size, rules)
    return Judged(tasks, judgements, made.pairs, made.left_out, rules.flags)


@st.cache_resource(
    show_spinner=False, max_entries=KEPT, on_release=_remove, hash_funcs={Project: Project.model_dump_json}
)
def waiting(project: Project, size: Size, rules: PairRules, choice: Choice, kind: str) -> Waiting:
    """The export of these choices, written, read back and packed; InputError where there is nothing to write."""
    made = judged(project.id, size, rules)
    about = About(project, session.store().loads(project.id), rules_in_words(rules), agreement_in_words(made.pairs))
    folder = Path(tempfile.mkdtemp(dir=shelf()))
    try:
        name = f"{file_name(project.name)}-{choice.format}"
        export = write_export(made, choice, about, folder / f"{name}.{kind}")
        return Waiting(export, _packed(export, folder / f"{name}.zip"))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _packed(export: Export, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(export.card, "README.md")
        for written in export.files:
            file.write(written.path, written.path.name)
    return archive


def file_name(name: str) -> str:
    """A project's name as part of a file's name: letters, digits and dashes, 60 characters at most."""
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-")[:60].strip("-") or "project"


def link(path: Path) -> str:
    """The address that downloads a waiting file, for whoever may see the page that asked for it; good for an hour."""
    permission = quote(ticket("export", {"file": path.relative_to(shelf()).as_posix()}))
    return address(f"export?ticket={permission}")


def first_rows(made: Judged, choice: Choice, kind: str, n: int = 5) -> list[dict[str, str]]:
    """The first rows that an export writes, every value as text: lists as JSON."""
    rows = FORMATS[choice.format].rows(made, settled(made, choice, kind))
    return [{name: _text(row[name]) for name in rows.columns.names} for _group, row in islice(rows.each(), n)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def size_in_words(n: int) -> str:
    """Bytes as people read them."""
    units = (N_("{n} bytes"), N_("{n} kB"), N_("{n} MB"), N_("{n} GB"))
    power = min(len(units) - 1, (len(str(n)) - 1) // 3)
    return _(units[power], n=number(n / 1000**power, 1 if power else 0))


def counted(n: int, unit: str) -> str:
    """A number of pairs, judgements, references or labelled responses: "1 pair", "1,204 pairs"."""
    if unit == "pairs":
        return _n("{n} pair", "{n} pairs", n)
    if unit == "judgements":
        return _n("{n} judgement", "{n} judgements", n)
    if unit == "references":
        return _n("{n} reference", "{n} references", n)
    return _n("{n} labelled response", "{n} labelled responses", n)
