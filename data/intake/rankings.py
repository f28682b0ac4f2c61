"""The format `rankings`: our own export of every judgement, with all that is known of it; nothing is lost."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from data.cells import restored
from data.errors import Sentence, checked
from data.intake.columns import Field
from data.intake.content import Item
from data.intake.format import Format, Reading, Values, by_row, has
from data.intake.rows import Row
from data.intake.values import fault, is_missing, listed_in
from data.schemas import Judgement, Task, check_fits, fingerprint, submission_key

_TEXTS = ("reference", "comment", "annotator", "task_id", "group", "judged_at")
_LISTS = ("ranking", "flags", "edits", "shown_order", "suggested")
_MARKS = ("none_acceptable", "unrankable")
_NUMBERS = ("seconds", "margin", "revision")
_SAYS: Mapping[str, str] = {
    "task_id": "the id of the task",
    "group": "what stays on one side of a split",
    "prompt": "a list of {role, content}",
    "responses": "a list of {id, text, source}",
    "ranking": "tiers of response ids, best first",
    "criteria": "a list of {criterion, ranking}",
    "scores": "a list of {response_id, score}",
    "none_acceptable": "whether no response was acceptable",
    "unrankable": "whether the responses could not be ranked",
    "flags": "a list of flags",
    "suggested": "a list of flags that a model proposed",
    "edits": "a list of {response_id, text}",
    "reference": "an answer of the annotator's own",
    "comment": "a comment",
    "annotator": "who judged, kept as it is written",
    "shown_order": "the response ids in the order in which they were shown",
    "seconds": "the time taken",
    "margin": "by how much the better response is better",
    "revision": "which revision it is",
    "judged_at": "when it was judged",
    "gold": "whether it is a check with a known answer",
}
_REQUIRED = ("task_id", "prompt", "responses", "ranking", "annotator", "judged_at")


def ranking_item(row: Row, reading: Reading) -> Item:
    """The task and the judgement of a row; InputError says what is wrong with it."""
    values = {field: reading.columns.value(row.values, field) for field in RANKINGS.fields}
    values = {field: _plain(value) for field, value in (_of_cells(values) if _is_table(values) else values).items()}
    task = _task(values)
    said = fingerprint([task.model_dump_json()])
    if not reading.spill.put(f"task {task.id}", said) and reading.spill.get(f"task {task.id}") != said:
        fault("is that of an earlier row with another prompt or other responses", reading.columns.name("task_id"))
    judgement = _judgement(values, task)
    check_fits(judgement, task)
    return Item((row.number,), judgement.idempotency_key, (task,), (judgement,))


def _is_table(values: Values) -> bool:
    """Whether lists are written as JSON in cells, as in CSV."""
    return isinstance(values["prompt"], str)


def _of_cells(values: Values) -> dict[str, Any]:
    """The values of the cells of a table: texts as they were, lists instead of JSON, nothing for empty cells."""
    texts = {name: restored(str(values[name] or "")) for name in _TEXTS}
    lists = {name: listed_in(value) for name, value in values.items()}
    return {name: (value or None) if lists[name] is None else lists[name] for name, value in values.items()} | texts


def _plain(value: Any) -> Any:
    """A value as our schemas take it: lists and numbers of Python."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else None if is_missing(value) else value


def _task(values: Values) -> Task:
    made = {
        "id": values["task_id"],
        "group": values["group"] or values["task_id"],
        "prompt": values["prompt"],
        "responses": values["responses"],
        "gold": values["gold"] or False,
    }
    return checked(Task, made, Sentence("the task"))


def _judgement(values: Values, task: Task) -> Judgement:
    said = {name: values[name] for name in (*_LISTS, *_MARKS, *_NUMBERS) if values[name] is not None}
    said |= {name: values[name] or "" for name in ("reference", "comment")}
    said |= {
        "criteria": {str(one.get("criterion")): one.get("ranking") for one in _objects(values["criteria"])},
        "scores": {str(one.get("response_id")): one.get("score") for one in _objects(values["scores"])},
        "flags": [_flag(one) for one in _objects(values["flags"])],
        "created_at": values["judged_at"],
    }
    who, revision = str(values["annotator"] or ""), said.get("revision", 1)
    base = int(revision) - 1 if str(revision).isdigit() else 0
    key = submission_key(task.id, who, base)
    return checked(
        Judgement, {"task_id": task.id, "annotator": who, "idempotency_key": key, **said}, Sentence("the judgement")
    )


def _objects(value: Any) -> list[Any]:
    """The objects of a list; anything else is left to the schema to refuse."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _flag(flag: dict[str, Any]) -> dict[str, Any]:
    """A flag without what it does not say: a table has every column in every flag."""
    return {name: value for name, value in flag.items() if value is not None}


RANKINGS = Format(
    "one row a judgement, as Rankdesk exports it under “rankings”",
    {name: Field(says, (name,), required=name in _REQUIRED) for name, says in _SAYS.items()},
    by_row(ranking_item),
    tells=has(*_REQUIRED),
)
