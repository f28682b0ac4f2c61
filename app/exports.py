"""Exports that wait on the server's disk for their download."""

import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import streamlit as st

from app import session
from app.download import shelf
from app.findings import material, pair_set
from app.language import N_, _, _n, number
from app.paths import address
from app.tickets import ticket
from data.export.card import About
from data.export.rows import Choice, Judged
from data.export.scope import Scope, judged_in, narrowed, scope_in_words
from data.export.write import Export, rows_of, settled, write_export
from data.schemas import Judgement, PreferencePair, Project
from data.store import Size
from rankers.aggregation import AGGREGATIONS, Aggregation, aggregated_pairs
from rankers.agreement import agreement_in_words, task_agreement
from rankers.pairs import PairRules, rules_in_words
from reward_model.card import in_words

KEPT = 6
"""Exports that wait at the same time; the one that was asked for longest ago goes first."""


@dataclass(frozen=True)
class Waiting:
    """An export on disk: what was written, and all of it in one ZIP archive, the card as its README.md."""

    export: Export
    archive: Path


def _remove(waiting: Waiting) -> None:
    shutil.rmtree(waiting.archive.parent, ignore_errors=True)


class Asked(NamedTuple):
    """From which judgements an export is made, how they become pairs, and whether it may be handed on."""

    rules: PairRules = PairRules()
    aggregation: Aggregation = "all"
    scope: Scope = Scope()
    confirmed: bool = False


def judged(project_id: int, size: Size, asked: Asked) -> Judged:
    """What an export of this project is made from, with what each filter has left out."""
    tasks, judgements = material(project_id, size)
    agreement = task_agreement(pair_set(project_id, size, asked.rules).pairs) if asked.scope.agreement else {}

    def pairs_of(kept: Sequence[Judgement]) -> tuple[Sequence[PreferencePair], Mapping[str, int]]:
        made = aggregated_pairs(tasks, kept, asked.rules, asked.aggregation)
        return made.pairs, made.left_out

    return judged_in(tasks, narrowed(tasks, judgements, asked.scope, agreement), pairs_of, asked.rules.flags)


def rules_said(asked: Asked) -> dict[str, str]:
    """Everything that was chosen, in words: for the card."""
    said = rules_in_words(asked.rules) | {"Annotators": f"{asked.aggregation}: {AGGREGATIONS[asked.aggregation]}"}
    return said | ({"Filter": scope_in_words(asked.scope)} if asked.scope != Scope() else {})


@st.cache_resource(
    show_spinner=False, max_entries=KEPT, on_release=_remove, hash_funcs={Project: Project.model_dump_json}
)
def waiting(project: Project, size: Size, asked: Asked, choice: Choice, kind: str) -> Waiting:
    """The export of these choices, written, read back and packed; InputError where there is nothing to write."""
    made = judged(project.id, size, asked)
    agreement = agreement_in_words(pair_set(project.id, size, asked.rules).pairs)
    models = session.store().models(project.id)
    baseline = in_words({**models[0].card, "version": models[0].version}) if models else ""
    loads = session.store().loads(project.id)
    about = About(project, loads, rules_said(asked), agreement, baseline, asked.confirmed)
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
    rows = rows_of(made, settled(made, choice, kind))
    return [{name: _text(row[name]) for name in rows.columns.names} for _group, row in islice(rows.each(), n)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def size_in_words(n: int) -> str:
    """Bytes as people read them."""
    units = (N_("{n} bytes"), N_("{n} kB"), N_("{n} MB"), N_("{n} GB"))
    power = min(len(units) - 1, (len(str(n)) - 1) // 3)
    return _(units[power], n=number(n / 1000**power, 1 if power else 0))


def counted(n: int, unit: str) -> str:
    """A number of what a format writes: "1 pair", "1,204 pairs"."""
    of_unit = {
        "pairs": _n("{n} pair", "{n} pairs", n),
        "judgements": _n("{n} judgement", "{n} judgements", n),
        "answers": _n("{n} answer", "{n} answers", n),
        "tasks": _n("{n} task", "{n} tasks", n),
        "votes": _n("{n} vote", "{n} votes", n),
        "compared responses": _n("{n} pair of responses", "{n} pairs of responses", n),
        "labelled responses": _n("{n} labelled response", "{n} labelled responses", n),
    }
    return of_unit[unit]
