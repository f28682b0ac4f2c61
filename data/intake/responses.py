"""The format `responses`: one row a response, the rows of one task anywhere in the file.

Two passes: the rows go into a temporary file on disk under their task, and come back task by task. So memory does not
grow with the file, and rows of one task need not stand together.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from data.errors import InputError
from data.intake.columns import GROUP, RESPONSE_NAMES, SOURCE_NAMES, Field
from data.intake.content import Answer, Item, task_from
from data.intake.format import Format, Reading, Rows
from data.intake.prompts import INPUT, PROMPT, asked, spread_input
from data.intake.rows import Row, quoted, rejected
from data.intake.values import filled_text, label
from data.schemas import MAX_RESPONSES, Message, Rejection, fingerprint


def response_items(rows: Rows, reading: Reading) -> Iterator[Item | Rejection]:
    """The tasks of a file, in the order of their first rows; every row is in one item or in one rejection."""
    for row in rows:
        if isinstance(row, Rejection):
            yield row
            continue
        try:
            reading.spill.collect([_member(row, reading)])
        except InputError as error:
            yield rejected(row.number, str(error))
    for _, members in groupby(reading.spill.groups(), key=itemgetter(0)):
        yield from _task_of(members)


def _member(row: Row, reading: Reading) -> tuple[str, int, str]:
    """The key of the row's task, its number, and what it says as JSON."""
    columns, spill = reading.columns, reading.spill
    prompt = asked(row.values, columns)
    answer = filled_text(columns.value(row.values, "response"), columns.name("response"))
    source = label(columns.value(row.values, "source"), columns.name("source"))
    group = label(columns.value(row.values, "group"), columns.name("group"))
    named = label(columns.value(row.values, "task"), columns.name("task"))
    said = fingerprint(part for message in prompt for part in (message.role, message.content))
    key = f"id {named}" if named else said
    first = spill.first(f"{key} {fingerprint([answer, source or ''])}", row.number)
    if first != row.number:
        raise InputError(f"repeats the response of row {first}; remove one.")
    if not spill.put(key, said) and spill.get(key) != said:
        raise InputError(f"has another prompt than earlier rows of task {quoted(named)}; give it its own id.")
    spoken = [[message.role, message.content] for message in prompt]
    return key, row.number, json.dumps([spoken, answer, source, group])


def _task_of(members: Iterable[Any]) -> Iterator[Item | Rejection]:
    numbers, answers, last = list[int](), list[Answer](), None
    for _, number, payload in members:
        if len(answers) == MAX_RESPONSES:
            yield rejected(
                number, f"is a response too many for its prompt, which has {MAX_RESPONSES} already; remove it."
            )
            continue
        last = json.loads(payload)
        numbers.append(number)
        answers.append(Answer(last[1], last[2]))
    if len(answers) == 1:
        yield rejected(
            numbers[0], "is the only response to its prompt, and a task needs two; add another or remove it."
        )
    elif last is not None:
        prompt = tuple(Message(role=role, content=content) for role, content in last[0])
        task, _ = task_from(prompt, answers, last[3])
        yield Item(tuple(numbers), task.id, (task,))


RESPONSES = Format(
    "one row a response, grouped by prompt",
    {
        "prompt": PROMPT,
        "input": INPUT,
        "response": Field("one response", RESPONSE_NAMES, required=True),
        "source": Field("who wrote it", SOURCE_NAMES),
        "task": Field(
            "an id that the rows of one task share (by default: the prompt itself)",
            ("task", "task_id", "prompt_id", "question_id", "conversation_id"),
        ),
        "group": GROUP,
    },
    response_items,
    spread=spread_input,
)
