"""The data card that goes with every export: what is in the files, where it came from, what was left out."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from data.export.files import KINDS, csv_features
from data.export.formats import ALL_LOSE, FORMATS
from data.export.preflight import Problem
from data.export.rows import Choice, Judged
from data.schemas import Load, Project, fingerprint

HUB_LICENCES: Sequence[str] = (
    *("apache-2.0", "mit", "cc0-1.0", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc-by-nc-4.0"),
    *("cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-4.0", "odc-by", "odbl", "bsd-3-clause", "gpl-3.0", "unlicense"),
)
"""Names of licences that the Hub knows; any other becomes "other"."""
SIZES: Sequence[tuple[int, str]] = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)


ABOUT_CSV = (
    "Without these options a reader takes a response “NA” for nothing and “42” for a number. So that no spreadsheet "
    "runs a text as a formula, a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return, after any "
    "number of apostrophes, has one apostrophe more before it: where that is so, take one off. Lists are JSON."
)


@dataclass(frozen=True)
class ExportedFile:
    """One written file: its side of the split, rows, prompt groups, bytes, and the SHA-256 of its content.

    `name` is its path beside the card, with slashes; `side` is empty for a file that holds no rows.
    """

    path: Path
    name: str
    side: str
    rows: int
    prompts: int
    size: int
    sha256: str


@dataclass(frozen=True)
class About:
    """What the card says beyond what the rows say.

    `rules` maps the name of a rule to the one chosen, in words. `agreement` is one sentence, `baseline` another: how
    well a reward model does on this project; empty where none is fitted. `confirmed`: the lead says that data whose
    licence forbids to hand it on may be handed on. `by_slice` is a table, its head first, of agreement and baseline by
    topic and language of the whole project; empty where nothing was read.
    """

    project: Project
    loads: Sequence[Load]
    rules: Mapping[str, str]
    agreement: str
    baseline: str = ""
    confirmed: bool = False
    by_slice: Sequence[Sequence[str]] = ()


class Handed(NamedTuple):
    """What was written: the columns, why how many rows are left out, the files, and what the preflight found."""

    columns: pa.Schema
    left_out: Mapping[str, int]
    files: Sequence[ExportedFile]
    problems: Sequence[Problem]


def card(about: About, judged: Judged, choice: Choice, handed: Handed) -> str:
    """The card as Markdown, with the YAML head that the Hub reads."""
    made = FORMATS[choice.format]
    parts = [
        _head(about, judged, handed.files),
        f"# {_plain(about.project.name)}: {choice.format}",
        f"{made.says[:1].upper()}{made.says[1:]} Written by Rankdesk.",
        "## Files",
        _files(handed.files),
        _how_to_load(handed.columns, handed.files),
        "## Counts",
        _counts(judged, choice, handed.left_out, handed.files),
        "## Annotators and agreement",
        f"{annotators_in_words(judged)} {about.agreement}",
        "## Known biases",
        biases_in_words(judged),
        "## Reward model",
        about.baseline or "No reward model was fitted on this project.",
        *_by_slice(about.by_slice),
        "## Problems found",
        _problems(handed.problems),
        f"What this format cannot hold: {made.loses}{'' if choice.format == 'rankings' else f' {ALL_LOSE}'}",
        "## Rules",
        _table(("rule", "choice"), [*about.rules.items(), ("Split", _split(choice))]),
        "## Sources and licences",
        _sources(about.loads),
        f"## Guideline, version {guideline_version(about.project)}",
        _fenced(about.project.guideline) if about.project.guideline.strip() else "The project has no guideline.",
        "## Flags",
        _table(("flag", "meaning"), [(flag.label, flag.definition) for flag in about.project.flags]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def guideline_version(project: Project) -> str:
    """Eight digits that follow from the guideline's text."""
    return fingerprint([project.guideline])[:8]


def annotators_in_words(judged: Judged) -> str:
    """How many annotators there are and how much each of them has judged, without names."""
    counts = sorted(Counter(j.annotator for j in judged.judgements).values())
    if len(counts) < 2:
        return f"One annotator made all {len(judged.judgements):,} judgements."
    middle = counts[len(counts) // 2]
    return (
        f"{len(counts):,} annotators made {sum(counts):,} judgements: half of them {middle:,} or more each, the "
        f"busiest {counts[-1]:,} ({counts[-1] / sum(counts):.0%})."
    )


def biases_in_words(judged: Judged) -> str:
    """How often the longer answer and the one shown first are preferred, which neither should be by itself."""
    kept = [pair for pair in judged.pairs if not pair.tie and not pair.is_edit]
    unequal = [pair for pair in kept if len(pair.chosen) != len(pair.rejected)]
    placed = [pair for pair in kept if pair.chosen_place and pair.rejected_place]
    longer = sum(len(pair.chosen) > len(pair.rejected) for pair in unequal)
    first = sum((pair.chosen_place or 0) < (pair.rejected_place or 0) for pair in placed)
    said = [
        _share("Length: the longer answer is preferred", longer, len(unequal)),
        _share("Position: the answer that stood first on the screen is preferred", first, len(placed)),
    ]
    return "\n".join(f"- {one}" for one in said)


def _share(what: str, n: int, of: int) -> str:
    return f"{what} in {n / of:.1%} of {of:,} pairs." if of else f"{what}: not known, no pair shows it."


def _by_slice(table: Sequence[Sequence[str]]) -> list[str]:
    """The section about topics and languages, where they were read."""
    if not table:
        return []
    about = (
        "Of the whole project, whatever was filtered. A task with several topics counts in each; where two people "
        "agree, ties are a third answer; intervals are 95 %, over prompts."
    )
    return ["## By topic and language", about, _table(table[0], table[1:])]


def _problems(problems: Sequence[Problem]) -> str:
    if not problems:
        return "Every row was looked through, and nothing was found."
    return _table(("a row", "rows", "what was done"), [(one.says, f"{one.n:,}", one.does) for one in problems])


def _head(about: About, judged: Judged, files: Sequence[ExportedFile]) -> str:
    rows = sum(file.rows for file in files)
    size = next((name for limit, name in SIZES if rows < limit), "n>10M")
    paths = [f"  - split: {file.side}\n    path: {json.dumps(file.name, ensure_ascii=False)}" for file in files]
    return "\n".join(
        [
            "---",
            f"pretty_name: {json.dumps(about.project.name, ensure_ascii=False)}",
            f"license: {json.dumps(_hub_licences(about.loads))}",
            *_languages(judged),
            'tags: ["preference", "human-feedback", "trl"]',
            f'size_categories: ["{size}"]',
            "configs:",
            "- config_name: default",
            "  data_files:",
            *paths,
            "---",
        ]
    )


def _languages(judged: Judged) -> list[str]:
    """The languages of the prompts, where they were read."""
    found = {judged.tasks[j.task_id].language for j in judged.judgements} - {""}
    return [f"language: {json.dumps(sorted(found))}"] if found else []


def _hub_licences(loads: Sequence[Load]) -> list[str]:
    named = {load.licence.strip().lower() for load in loads if load.licence.strip()}
    return sorted({name if name in HUB_LICENCES else "other" for name in named}) or ["unknown"]


def _files(files: Sequence[ExportedFile]) -> str:
    rows = [(f"`{f.name}`", f.side, f"{f.rows:,}", f"{f.prompts:,}", f"`{f.sha256}`") for f in files]
    return _table(("file", "side", "rows", "prompts", "SHA-256"), rows)


def _how_to_load(columns: pa.Schema, files: Sequence[ExportedFile]) -> str:
    is_csv = files[0].path.suffix == ".csv"
    return f"```python\n{loading_code(columns, files)}\n```" + (f"\n\n{ABOUT_CSV}" if is_csv else "")


def loading_code(columns: pa.Schema, files: Sequence[ExportedFile]) -> str:
    """The Python that reads these files with `datasets`."""
    kind = files[0].path.suffix.removeprefix(".")
    if kind == "arrow":
        folder = json.dumps(files[0].name.split("/", 1)[0], ensure_ascii=False)
        return f"from datasets import load_from_disk\n\ndata = load_from_disk({folder})"
    paths = json.dumps({file.side: file.name for file in files}, ensure_ascii=False)
    if kind != "csv":
        return f'from datasets import load_dataset\n\ndata = load_dataset("{KINDS[kind].builder}", data_files={paths})'
    types = ", ".join(f'"{name}": Value("{value.dtype}")' for name, value in csv_features(columns).items())
    return (
        "from datasets import Features, Value, load_dataset\n\n"
        f"types = Features({{{types}}})\n"
        f'data = load_dataset("csv", data_files={paths}, features=types, keep_default_na=False)'
    )


def _counts(judged: Judged, choice: Choice, left_out: Mapping[str, int], files: Sequence[ExportedFile]) -> str:
    unit, written = FORMATS[choice.format].unit, sum(file.rows for file in files)
    rows = [
        ("tasks judged", len({j.task_id for j in judged.judgements})),
        ("judgements", len(judged.judgements)),
        ("annotators", len({j.annotator for j in judged.judgements})),
        ("responses rewritten by annotators (edits)", sum(len(j.edits) for j in judged.judgements)),
        ("answers written by annotators (references)", sum(bool(j.reference) for j in judged.judgements)),
        (f"{unit} written", written),
        *((f"{unit} left out: {reason}", n) for reason, n in sorted(left_out.items())),
        (f"{unit} in all", written + sum(left_out.values())),
    ]
    return _table(("what", "number"), [(name, f"{n:,}") for name, n in rows])


def _split(choice: Choice) -> str:
    if not choice.test_share:
        return "none: everything is on the train side"
    return (
        f"by prompt: about {choice.test_share:.0%} of the prompts are on the test side, by a hash of their group; "
        "no prompt is on both sides, and a prompt keeps its side when the project grows"
    )


def _sources(loads: Sequence[Load]) -> str:
    rows = [
        (load.file, load.format, load.licence or "not stated", f"{load.rows_used:,} of {load.rows:,}") for load in loads
    ]
    return _table(("file", "format", "licence", "rows used"), rows) if rows else "Nothing was loaded from a file."


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(text: str) -> str:
    """Text on one line that neither ends a table's cell nor opens HTML."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("<", "&lt;").strip()


def _fenced(text: str) -> str:
    """Text as it is, behind a fence that it cannot close."""
    fence = "`" * max(3, *(len(ticks) + 1 for ticks in re.findall(r"`+", text)), 3)
    return f"{fence}markdown\n{text}\n{fence}"
