"""Formats in which the rows of one task may stand anywhere in the file.

Two passes: the rows go into a temporary file on disk under their task, and come back task by task. So memory does not
grow with the file, and rows of one task need not stand together.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from data.errors import InputError, Sentence
from data.intake.content import Answer, Item, task_from
from data.intake.format import Reader, Reading, Rows
from data.intake.prompts import asked
from data.intake.rows import Row, rejected
from data.intake.values import label
from data.schemas import MAX_RESPONSES, Judgement, Message, Rejection, Task, fingerprint

Judge = Callable[[Task, list[tuple[str, Any]], Reading], list[Judgement]]
"""The judgements of a task, from the id of each row's response and what else the row says of it."""


class Member(NamedTuple):
    """What one row says of its task: the response, who wrote it, and whatever is to be known when they are together."""

    text: str
    source: str | None = None
    more: Any = None


def gathered(member_of: Callable[[Row, Reading], Member], judge: Judge) -> Reader:
    """The reader of a format in which rows of the same prompt, or of the same task id, make one task."""

    def items(rows: Rows, reading: Reading) -> Iterator[Item | Rejection]:
        for row in rows:
            if isinstance(row, Rejection):
                yield row
                continue
            try:
                _keep(row, member_of(row, reading), reading)
            except InputError as error:
                yield rejected(row.number, str(error))
        for _, members in groupby(reading.spill.groups(), key=itemgetter(0)):
            yield from _task_of(members, judge, reading)

    return items


def _keep(row: Row, member: Member, reading: Reading) -> None:
    """Put a row under the key of its task; InputError where the task has another prompt already."""
    columns, spill = reading.columns, reading.spill
    prompt = asked(row.values, columns)
    group = label(columns.value(row.values, "group"), columns.name("group"))
    named = label(columns.value(row.values, "task"), columns.name("task"))
    said = fingerprint(part for message in prompt for part in (message.role, message.content))
    key = f"id {named}" if named else said
    if not spill.put(key, said) and spill.get(key) != said:
        raise InputError("has another prompt than earlier rows of task “{task}”; give it its own id.", task=named)
    spoken = [[message.role, message.content] for message in prompt]
    spill.collect([(key, row.number, json.dumps([spoken, group, *member]))])


def _task_of(members: Iterable[Any], judge: Judge, reading: Reading) -> Iterator[Item | Rejection]:
    """The task of some rows; a row with a tenth response is rejected, and so is a lone one."""
    numbers, answers, more, different, about = list[int](), list[Answer](), list[Any](), set[Answer](), None
    for _, number, payload in members:
        spoken, group, text, source, rest = json.loads(payload)
        answer, about = Answer(text, source), (spoken, group) if about is None else about
        if len(different | {answer}) > MAX_RESPONSES:
            too_many = Sentence(
                "is a response too many for its prompt, which has {n} already; remove it.", n=MAX_RESPONSES
            )
            yield rejected(number, too_many)
            continue
        different.add(answer)
        numbers.append(number)
        answers.append(answer)
        more.append(rest)
    try:
        yield _made(numbers, answers, more, about, judge, reading)
    except InputError as error:
        for number in numbers:
            yield rejected(number, str(error))


def _made(
    numbers: list[int], answers: list[Answer], more: list[Any], about: Any, judge: Judge, reading: Reading
) -> Item:
    if len(answers) == 1:
        raise InputError("is the only response to its prompt, and a task needs two; add another or remove it.")
    prompt = tuple(Message(role=role, content=content) for role, content in about[0])
    task, ids = task_from(prompt, answers, about[1])
    judgements = judge(task, list(zip(ids, more, strict=True)), reading)
    return Item(tuple(numbers), task.id, (task,), tuple(judgements), len(ids) - len(set(ids)))
