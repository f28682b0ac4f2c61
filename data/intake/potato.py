"""The format `potato`: one row what a person answered of an instance (Potato: JSONL, CSV, TSV).

A choice between two, a best and a worst, a place on a scale and ratings rank; labels that name a response are flags.
The texts stand in columns of the row, in what was displayed (“A. … B. …”), or in a second file by the instance's id.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from data.errors import InputError, Sentence
from data.intake.annotated import Said
from data.intake.columns import Columns, Field
from data.intake.content import Item, tiers
from data.intake.exported import FIELDS, Made, made_task, spread
from data.intake.files import opened
from data.intake.format import Format, Reading, Values, by_row
from data.intake.people import JUDGES, known_as
from data.intake.rows import Row, quoted, rejected
from data.intake.spill import Spill
from data.intake.values import is_missing, label, text
from data.schemas import MAX_RESPONSES, Rejection

_MARK = ":::"
_BREAKS = re.compile(r"(?:^|<br\s*/?>|\n)\s*(?:<b>)?\s*([A-I])[.:)]\s*(?:</b>)?\s*", re.I)
_TRUE = ("true", "1", "on", "yes")


def instance_item(row: Row, reading: Reading) -> Item:
    """The task of an instance and the judgement of the person who annotated it."""
    made = _made(row, reading)
    said = made.said()
    for schema, labels in _answers(row.values):
        _take(said, schema, labels, made.ids)
    columns = reading.columns
    named = label(columns.value(row.values, "annotator_name"), columns.name("annotator_name"))
    who = named or known_as("potato", _user(row, reading), reading)
    judgement = said.judgement(made.task, who)
    judgements = () if judgement is None else (judgement,)
    return Item((row.number,), f"{made.task.id} {who}", (made.task,), judgements, made.merged)


def _user(row: Row, reading: Reading) -> Any:
    """Who annotated: by a column, or by the folder of the file, which Potato names after the person."""
    found = reading.columns.value(row.values, "annotator")
    parts = (row.file or reading.file).replace("\\", "/").split("/")
    return parts[-2] if is_missing(found) and len(parts) > 1 else found


def _made(row: Row, reading: Reading) -> Made:
    """The task of an instance, from its own columns, from the file of texts, or from what was displayed."""
    columns, values = reading.columns, row.values
    key = label(columns.value(values, "id"), columns.name("id"))
    stored = None if key is None else reading.spill.get(f"instance {key}")
    if stored is not None:
        kept = json.loads(stored)
        return made_task(kept, POTATO.columns(kept))
    if "responses" in columns.of:
        asked_in = columns.name("prompt")
        if is_missing(values.get(asked_in)) or values[asked_in] == "":
            values = {**values, asked_in: _question(values)}
        return made_task(values, Columns({**columns.of, "prompt": (asked_in,)}))
    shown = text(columns.value(values, "displayed"), columns.name("displayed"))
    parts = _BREAKS.split(shown)
    options = {
        f"response_{letter.lower()}": said.strip() for letter, said in zip(parts[1::2], parts[2::2], strict=True)
    }
    if not 2 <= len(options) <= MAX_RESPONSES:
        raise InputError("has no responses to compare; add the file of texts, or map the columns of the responses.")
    asked = columns.value(values, "prompt")
    prompt = re.sub(r"<br\s*/?>", "\n", parts[0]).strip() if is_missing(asked) else asked
    made = {"prompt": prompt or _question(values), **options}
    return made_task(made, POTATO.columns(made))


def _question(values: Values) -> str:
    """What was asked, where instances have no prompt of their own: the name of the first question."""
    return next((schema for schema, _ in _answers(values)), "") or "Compare"


def _answers(values: Values) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each question with the labels that were chosen and their values."""
    nested = values.get("label_annotations", values.get("annotation"))
    if isinstance(nested, Mapping):
        for schema, labels in nested.items():
            yield str(schema), dict(labels) if isinstance(labels, Mapping) else {"": labels}
        return
    found: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        if _MARK in name and not is_missing(value) and value != "":
            schema, _, said = name.partition(_MARK)
            found.setdefault(schema, {})[said] = value
    yield from found.items()


def _take(said: Said, schema: str, labels: dict[str, Any], ids: Sequence[str]) -> None:
    if {"best", "worst"} <= set(labels):
        said.rankings.setdefault(schema, _best_worst(labels, ids))
        return
    for name, value in labels.items():
        if name == "scale_value":
            said.scale(schema, value)
        elif name in ("selection", "", "text_box") or name in schema:
            said.take(schema, value)
        elif str(value).strip().lower() in _TRUE or str(value) == name:
            said.take(schema, name)
        else:
            said.take(f"{schema} {name}", value)


def _best_worst(labels: Mapping[str, Any], ids: Sequence[str]) -> Any:
    """The best one, all others, the worst one."""
    places = {str(labels["best"]).strip().lower(): 0.0, str(labels["worst"]).strip().lower(): 2.0}
    return tiers((name, places.get("abcdefghi"[n], 1.0)) for n, name in enumerate(ids))


def keep_instances(path: Path, name: str, spill: Spill) -> None:
    """Read the instances that were annotated, by their ids; InputError for a row that is none."""
    with opened(path, name) as source:
        for row in source.rows:
            if isinstance(row, Rejection):
                raise InputError("The file of texts: {fault}", fault=row.reason)
            key = label(row.values.get("id", row.values.get("instance_id")), "id")
            if key is None:
                raise InputError("The file of texts has no column id; add the ids of the instances.")
            if not spill.put(f"instance {key}", json.dumps(row.values, default=str)):
                again = Sentence("the id {id} is there again; give each its own.", id=quoted(key))
                raise InputError("The file of texts: {fault}", fault=rejected(row.number, again).reason)


def _is_potato(rows: Sequence[Values]) -> bool:
    return any(
        isinstance(values.get("label_annotations"), Mapping)
        or ("instance_id" in values and any(_MARK in str(name) for name in values))
        for values in rows
    )


POTATO = Format(
    "one row what a person answered of an instance (Potato)",
    {
        **{name: field._replace(required=False) for name, field in FIELDS.items()},
        "prompt": FIELDS["prompt"]._replace(
            says="the prompt (by default: what was displayed before the responses, else the name of the question)",
            names=("prompt", "instruction", "question", "context"),
            required=False,
        ),
        "displayed": Field("what was displayed", ("displayed_text", "text")),
        "id": Field("the id of the instance", ("instance_id", "id")),
        **JUDGES,
    },
    by_row(instance_item),
    tells=_is_potato,
    spread=spread,
    keep_texts=keep_instances,
)
