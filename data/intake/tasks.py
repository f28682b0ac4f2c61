"""The format `tasks`: one row a task, with a list of responses or one column a response."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from data.errors import Sentence
from data.intake.columns import GROUP, Columns, Field, Found
from data.intake.content import Answer, Item, merged, task_from
from data.intake.format import Format, Reading, by_row
from data.intake.prompts import INPUT, PROMPT, asked, spread_input
from data.intake.rows import Row
from data.intake.values import fault, filled_text, is_missing, label, listed_in

_TEXTS = ("text", "response", "content", "completion", "answer", "output", "value", "body", "html")
_SOURCES = ("source", "model", "model_name", "generator", "policy")


def task_item(row: Row, reading: Reading) -> Item:
    """The task of a row; InputError says what is wrong with it."""
    values, columns = row.values, reading.columns
    answers = answers_in(values, columns)
    group = label(columns.value(values, "group"), columns.name("group"))
    task, ids = task_from(asked(values, columns), answers, group)
    return Item((row.number,), task.id, (task,), merged=merged(ids))


def answers_in(values: Mapping[str, Any], columns: Columns) -> list[Answer]:
    """The responses of a row, in their order, each with its source."""
    names = columns.of["responses"]
    if len(names) > 1:
        return _spread(values, names, columns.of.get("sources", ()))
    items = listed_in(values.get(names[0]))
    if items is None:
        is_there = not is_missing(values.get(names[0]))
        fault(Sentence("is not a list of responses") if is_there else Sentence("is missing"), names[0])
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
    if found is None:
        fault("is not a list for {of} responses; name one source a response", columns.name("sources"), of=n)
    if len(found) != n:
        told = {"n": len(found), "of": n}
        fault("names {n} for {of} responses; name one source a response", columns.name("sources"), **told)
    return found


def _spread(values: Mapping[str, Any], names: Sequence[str], sources: Sequence[str]) -> list[Answer]:
    """The responses that stand in columns of their own; an empty cell is no response."""
    paired = zip(names, [*sources, *[None] * len(names)], strict=False)
    return [
        Answer(filled_text(values[name], name), label(values.get(source), source) if source else None)
        for name, source in paired
        if not is_missing(values.get(name)) and values[name] != ""
    ]


_NUMBERED = r"(?:response|completion|answer|candidate|output)s?_?([a-i]|[1-9])$"
_NUMBERED_SOURCE = r"(?:model|source|policy|generator)s?_?([a-i]|[1-9])$"
RESPONSES = Field(
    "one column with a list of responses, or two to nine columns with one response each",
    ("responses", "completions", "candidates", "answers", "outputs", "candidates_completions"),
    required=True,
    several=True,
)
LISTED_SOURCES = Field(
    "who wrote the responses, in the same order: one column with a list, or one column a response",
    ("sources", "models", "model_names", "candidate_policies"),
    several=True,
)


def spread_responses(found: Found, known: Mapping[str, str]) -> Found:
    """`found` with the responses and sources that stand in one column each."""
    responses = tuple(known[n] for n in sorted(n for n in known if re.match(_NUMBERED, n)))
    sources = tuple(known[n] for n in sorted(n for n in known if re.match(_NUMBERED_SOURCE, n)))
    if "responses" not in found and len(responses) > 1:
        found = found | {"responses": responses}
        if "sources" not in found and len(sources) == len(responses):
            found = found | {"sources": sources}
    return spread_input(found, known)


TASKS = Format(
    "one row a task, with a list of responses",
    {"prompt": PROMPT, "input": INPUT, "responses": RESPONSES, "sources": LISTED_SOURCES, "group": GROUP},
    by_row(task_item),
    spread=spread_responses,
)
