"""The format `tasks`: one row a task, with a list of responses or one column a response."""

from collections.abc import Mapping, Sequence
from typing import Any

from data.errors import InputError
from data.intake.columns import Columns
from data.intake.content import Answer, Item, task_from
from data.intake.rows import Row
from data.intake.values import fault, filled_text, is_missing, label, listed_in, turns

_TEXTS = ("text", "response", "content", "completion", "answer", "output", "value")
_SOURCES = ("source", "model", "model_name", "generator", "policy")


def task_item(row: Row, columns: Columns) -> Item:
    """The task of a row; InputError says what is wrong with it."""
    values = row.values
    prompt = turns(columns.value(values, "prompt"), columns.name("prompt"))
    answers = _answers(values, columns)
    group = label(columns.value(values, "group"), columns.name("group"))
    task, _ = task_from(prompt, answers, group)
    return Item((row.number,), task.id, (task,))


def _answers(values: Mapping[str, Any], columns: Columns) -> list[Answer]:
    names = columns.of["responses"]
    if len(names) > 1:
        return _spread(values, names, columns.of.get("sources", ()))
    items = listed_in(values.get(names[0]))
    if items is None:
        fault(names[0], "is missing" if is_missing(values.get(names[0])) else "is not a list of responses")
    sources = _listed_sources(values, columns, len(items))
    return [_answer(item, source, names[0], n) for n, (item, source) in enumerate(zip(items, sources, strict=True), 1)]


def _answer(item: object, source: object, column: str, number: int) -> Answer:
    where = f"{column} {number}"
    if isinstance(item, Mapping):
        written = next((item[name] for name in _TEXTS if name in item), None)
        by = next((item[name] for name in _SOURCES if name in item), source)
        return Answer(filled_text(written, where), label(by, where))
    return Answer(filled_text(item, where), label(source, where))


def _listed_sources(values: Mapping[str, Any], columns: Columns, n: int) -> list[Any]:
    value = columns.value(values, "sources")
    if is_missing(value) or value == "":
        return [None] * n
    found = listed_in(value)
    if found is None or len(found) != n:
        have = "is not a list" if found is None else f"names {len(found)}"
        raise InputError(f"column “{columns.name('sources')}” {have} for {n} responses; name one source a response.")
    return found


def _spread(values: Mapping[str, Any], names: Sequence[str], sources: Sequence[str]) -> list[Answer]:
    """The responses that stand in columns of their own; an empty cell is no response."""
    paired = zip(names, [*sources, *[None] * len(names)], strict=False)
    return [
        Answer(filled_text(values[name], name), label(values.get(source), source) if source else None)
        for name, source in paired
        if not is_missing(values.get(name)) and values[name] != ""
    ]
