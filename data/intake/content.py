"""What a file's rows become: a task with its response ids, and imported judgements."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from data.errors import InputError, Sentence, checked
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
    """What some rows became. `key` must not come twice in a file: what a repeated row would repeat.

    `merged` counts the responses that said the same as another of their task, from the same source. `masked` counts by
    kind what was masked in a task, by its id, and in a judgement, by its key.
    """

    rows: tuple[int, ...]
    key: str
    tasks: tuple[Task, ...]
    judgements: tuple[Judgement, ...] = ()
    merged: int = 0
    masked: Mapping[str, Mapping[str, int]] = {}


def task_from(prompt: Sequence[Message], answers: Sequence[Answer], group: str | None = None) -> tuple[Task, list[str]]:
    """The task, and the response id of each answer in the order given; answers that are the same are one response.

    Ids follow from the content: r1, r2, … in the order of the responses' fingerprints. So a task has the same ids in
    whichever order a file lists its responses, and the judgements of two files fit the same task.
    """
    prints = [fingerprint([a.text, a.source or ""]) for a in answers]
    different = dict(sorted(zip(prints, answers, strict=True), key=itemgetter(0)))
    _check_number(len(different), answers)
    ids = {found: f"r{n}" for n, found in enumerate(different, 1)}
    responses = tuple(Response(id=ids[found], text=a.text, source=a.source) for found, a in different.items())
    messages = tuple(prompt)
    key = task_id(messages, responses)
    task = Task(id=key, prompt=messages, responses=responses, group=group or prompt_group(messages))
    return task, [ids[found] for found in prints]


def merged(ids: Sequence[str]) -> int:
    """How many answers became one response with another, by the ids that `task_from` gives."""
    return len(ids) - len(set(ids))


def _check_number(n: int, answers: Sequence[Answer]) -> None:
    if n == 1 < len(answers):
        same = Sentence("all responses are the same ({response}); a task needs two that differ.")
        raise InputError(same, response=quoted(answers[0].text))
    if n < MIN_RESPONSES:
        have = Sentence("one response") if n == 1 else Sentence("no response")
        told = {"have": have, "least": MIN_RESPONSES, "most": MAX_RESPONSES}
        raise InputError("the prompt has {have} and needs {least} to {most}; add more or remove it.", **told)
    if n > MAX_RESPONSES:
        raise InputError("the prompt has {n} responses and {most} is the most; remove some.", n=n, most=MAX_RESPONSES)


def imported(task: Task, annotator: str, ranking: Ranking, **said: Any) -> Judgement:
    """A judgement that a file brings, with whatever else it says. Its key is that of a first submission on the task."""
    key = submission_key(task.id, annotator, 0)
    values = {"task_id": task.id, "annotator": annotator, "ranking": ranking, "idempotency_key": key, **said}
    return checked(Judgement, values, Sentence("the judgement"))


def tiers(places: Iterable[tuple[str, float]]) -> Ranking:
    """The ranking of response ids by their places, the smallest first; the same place is a tie.

    An id that has two places, since two answers were the same, stands at the better one.
    """
    best: dict[str, float] = {}
    for name, place in places:
        best[name] = min(place, best.get(name, place))
    return tuple(tuple(sorted(i for i, at in best.items() if at == place)) for place in sorted(set(best.values())))
