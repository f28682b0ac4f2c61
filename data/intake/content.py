"""What a file's rows become: a task with its response ids, and imported judgements."""

from collections.abc import Sequence
from typing import NamedTuple

from data.errors import InputError
from data.intake.rows import quoted
from data.schemas import (
    MAX_RESPONSES,
    MIN_RESPONSES,
    Judgement,
    Message,
    Ranking,
    Response,
    Task,
    fingerprint,
    prompt_group,
    submission_key,
    task_id,
)


class Answer(NamedTuple):
    """One response before it has an id."""

    text: str
    source: str | None = None


class Item(NamedTuple):
    """What some rows became. `key` must not come twice in a file: what a repeated row would repeat."""

    rows: tuple[int, ...]
    key: str
    tasks: tuple[Task, ...]
    judgements: tuple[Judgement, ...] = ()


def task_from(prompt: Sequence[Message], answers: Sequence[Answer], group: str | None = None) -> tuple[Task, list[str]]:
    """The task, and the response id of each answer in the order given.

    Ids follow from the content: r1, r2, … in the order of the responses' fingerprints. So a task has the same ids in
    whichever order a file lists its responses, and the judgements of two files fit the same task.
    """
    _check_number(len(answers))
    _check_distinct(answers)
    prints = [fingerprint([a.text, a.source or ""]) for a in answers]
    order = sorted(range(len(answers)), key=prints.__getitem__)
    ids = [f"r{order.index(n) + 1}" for n in range(len(answers))]
    by_id = sorted(zip(ids, answers, strict=True), key=lambda pair: int(pair[0][1:]))
    responses = tuple(Response(id=name, text=answer.text, source=answer.source) for name, answer in by_id)
    messages = tuple(prompt)
    key = task_id(messages, responses)
    return Task(id=key, prompt=messages, responses=responses, group=group or prompt_group(messages)), ids


def _check_number(n: int) -> None:
    if n < MIN_RESPONSES:
        have = "one response" if n == 1 else "no response"
        raise InputError(f"the prompt has {have} and needs {MIN_RESPONSES} to {MAX_RESPONSES}; add more or remove it.")
    if n > MAX_RESPONSES:
        raise InputError(f"the prompt has {n} responses and {MAX_RESPONSES} is the most; remove some.")


def _check_distinct(answers: Sequence[Answer]) -> None:
    seen: dict[Answer, int] = {}
    for n, answer in enumerate(answers, start=1):
        if answer in seen:
            raise InputError(f"responses {seen[answer]} and {n} are the same ({quoted(answer.text)}); remove one.")
        seen[answer] = n


def imported(
    task: Task, annotator: str, ranking: Ranking, *, none_acceptable: bool = False, margin: float | None = None
) -> Judgement:
    """A judgement that a file brings. Its key is that of the annotator's first submission on the task."""
    return Judgement(
        task_id=task.id,
        annotator=annotator,
        ranking=ranking,
        none_acceptable=none_acceptable,
        margin=margin,
        idempotency_key=submission_key(task.id, annotator, 0),
    )
