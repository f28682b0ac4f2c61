"""The format `label-studio`: one row a task with its annotations (JSON), or one row an annotation (JSON-MIN).

A pairwise choice or a ranking is the ranking, ratings rank too, choices are flags. An annotation that is a ground truth
makes its task a check with a known answer. A cancelled one is a skip. Predictions, which models made, are not read.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from data.intake.annotated import Said
from data.intake.content import Item, imported
from data.intake.exported import FIELDS, Made, flattened, made_task, spread
from data.intake.format import Format, Reading, Values, by_row, has
from data.intake.people import known_as
from data.intake.released import moment
from data.intake.rows import Row
from data.intake.values import number
from data.schemas import Judgement, Task, fingerprint

_MIN = ("annotation_id", "annotator")
_NOT_ASKED = {*_MIN, "id", "created_at", "updated_at", "lead_time", "ground_truth", "agreement", "was_cancelled"}


def task_item(row: Row, reading: Reading) -> Item:
    """The task of a row, and a judgement for everybody who annotated it."""
    made = made_task(_flat(row.values), reading.columns)
    annotations = list(_annotations(row.values, reading))
    is_gold = any(one.get("ground_truth") is True for one in annotations)
    task = made.task.model_copy(update={"gold": True}) if is_gold else made.task
    judgements = {j.annotator: j for one in annotations if (j := _judgement(task, made, one, reading))}
    key = fingerprint([task.id, *(j.idempotency_key for j in judgements.values())])
    return Item((row.number,), key, (task,), tuple(judgements.values()), made.merged)


def _annotations(values: Values, reading: Reading) -> Iterator[Mapping[str, Any]]:
    """The annotations of a row, each as Label Studio's JSON has them."""
    listed = values.get("annotations", values.get("completions"))
    if isinstance(listed, list):
        yield from (one for one in listed if isinstance(one, Mapping))
        return
    mapped = {column for columns in reading.columns.of.values() for column in columns}
    result = [{"from_name": name, "value": value} for name, value in values.items() if name not in _NOT_ASKED | mapped]
    yield {**{name: values.get(name) for name in _NOT_ASKED}, "completed_by": values.get("annotator"), "result": result}


def _judgement(task: Task, made: Made, annotation: Values, reading: Reading) -> Judgement | None:
    who = annotation.get("completed_by")
    who = who.get("id", who.get("email")) if isinstance(who, Mapping) else who
    name = known_as("labelstudio", who, reading)
    about: dict[str, Any] = {"seconds": number(annotation.get("lead_time"), "lead_time")}
    if annotation.get("created_at"):
        about["created_at"] = moment(annotation["created_at"], "created_at")
    if annotation.get("was_cancelled") is True:
        return imported(task, name, (), status="skipped", skip_reason="other", **about)
    said, results = made.said(), annotation.get("result")
    for one in results if isinstance(results, list) else []:
        if isinstance(one, Mapping):
            _take(said, one)
    return said.judgement(task, name, **about)


def _take(said: Said, result: Values) -> None:
    """Take in one region of an annotation: what was answered, and to which control."""
    value = result.get("value")
    question, about = str(result.get("from_name")), str(result.get("to_name") or "")
    if not isinstance(value, Mapping):
        said.take(question, value, about)
        return
    for kind in ("selected", "ranker", "rating", "number", "choices", "text"):
        if kind in value:
            found = value[kind]
            inner = found.get("rank") if kind == "ranker" and isinstance(found, Mapping) and "rank" in found else found
            said.take(question, inner, "" if "," in about else about)
            return
    said.take(question, dict(value), about)


def _flat(values: Values) -> dict[str, Any]:
    """The data of a task; of JSON-MIN, everything that is no answer cannot be told apart, so all of it."""
    return flattened(values, "data") if not isinstance(values.get("data"), Mapping) else dict(values["data"])


def _is_studio(rows: Sequence[Values]) -> bool:
    return any(
        isinstance(values.get("data"), Mapping)
        and isinstance(values.get("annotations", values.get("completions")), list)
        for values in rows
    ) or has(*_MIN)(rows)


LABEL_STUDIO = Format(
    "one row a task with its annotations, or an annotation (Label Studio: JSON, JSON-MIN)",
    FIELDS,
    by_row(task_item),
    tells=_is_studio,
    flat=_flat,
    spread=spread,
)
