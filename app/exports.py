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
from app.findings import material, pair_set, reports_by_slice
from app.language import N_, _, _n, number
from app.paths import address
from app.tickets import ticket
from data.export.card import About
from data.export.compare import rows_in
from data.export.preflight import Problem
from data.export.rows import Choice, Judged
from data.export.scope import Scope, judged_in, narrowed, scope_in_words
from data.export.write import Export, rows_of, write_export
from data.schemas import Judgement, PreferencePair, Project
from data.store import Size
from rankers.aggregation import AGGREGATIONS, Aggregation, aggregated_pairs
from rankers.agreement import agreement_in_words, task_agreement
from rankers.pairs import PairRules, rules_in_words
from rankers.slices import slices_in_words
from reward_model.card import in_words
from reward_model.card_slices import accuracies

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
    tasks, _judgements = material(project_id, size)

    def pairs_of(kept: Sequence[Judgement]) -> tuple[Sequence[PreferencePair], Mapping[str, int]]:
        made = aggregated_pairs(tasks, kept, asked.rules, asked.aggregation)
        return made.pairs, made.left_out

    return judged_in(tasks, _steps(project_id, size, asked), pairs_of, asked.rules.flags)


def inside(project_id: int, size: Size, scope: Scope) -> int:
    """How many judgements are in; InputError where none could be."""
    return len(_steps(project_id, size, Asked(scope=scope))[-1][1])


def _steps(project_id: int, size: Size, asked: Asked) -> list[tuple[str, list[Judgement]]]:
    agreement = task_agreement(pair_set(project_id, size, asked.rules).pairs) if asked.scope.agreement else {}
    return narrowed(*material(project_id, size), asked.scope, agreement)


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
    reports = reports_by_slice(project.id, size, asked.rules)
    by_slice = slices_in_words(reports, accuracies(models[0].card) if models else {})
    loads = session.store().loads(project.id)
    about = About(project, loads, rules_said(asked), agreement, baseline, asked.confirmed, by_slice)
    folder = Path(tempfile.mkdtemp(dir=shelf()))
    try:
        name = f"{file_name(project.name)}-{choice.format}"
        export = write_export(made, choice, about, folder / (name if kind == "arrow" else f"{name}.{kind}"))
        return Waiting(export, _packed(export, folder / f"{name}.zip"))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _packed(export: Export, archive: Path) -> Path:
    return pack(archive, {"README.md": export.card} | {file.name: file.path for file in export.everything})


def pack(archive: Path, files: Mapping[str, Path]) -> Path:
    """A ZIP archive of these files by name; the same files make the same bytes, whenever it is packed."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for name, path in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, made.open(entry, "w", force_zip64=True) as out:
                shutil.copyfileobj(source, out)
    return archive


def file_name(name: str) -> str:
    """A project's name as part of a file's name: letters, digits and dashes, 60 characters at most."""
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-")[:60].strip("-") or "project"


def link(path: Path) -> str:
    """The address that downloads a waiting file, for whoever may see the page that asked for it; good for an hour."""
    permission = quote(ticket("export", {"file": path.relative_to(shelf()).as_posix()}))
    return address(f"export?ticket={permission}")


def first_rows(export: Export, n: int = 5) -> list[dict[str, str]]:
    """The first rows of what was written, every value as text: lists as JSON."""
    return [as_text(row) for row in islice(rows_in([export.files[0].path]), n)]


def rows_with(problem: Problem, made: Judged, choice: Choice, n: int = 50) -> list[dict[str, str]]:
    """The first rows that have this problem, as they were found, with their number from 1 in front."""
    wanted = problem.rows[:n]
    each = islice(rows_of(made, choice).each(), wanted[-1] + 1)
    found = ((number, row) for number, (_group, row) in enumerate(each) if number in set(wanted))
    return [{"#": str(number + 1)} | as_text(row) for number, row in found]


def as_text(row: Mapping[str, Any]) -> dict[str, str]:
    """A row with every value as text: lists as JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        for name, value in row.items()
    }


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
