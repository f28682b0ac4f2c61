"""Answers that people would probably flag and have not: the review queue, the most probable first."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from data.schemas import Suggestion, Task
from reward_model.flag_features import counts
from reward_model.flag_model import FlagModel


class Suspect(NamedTuple):
    """An answer that a flag model would mark, how probable it holds the flag, and why in English."""

    task_id: str
    response_id: str
    kind: str
    probability: float
    why: str


def proposals(task: Task, models: Mapping[str, FlagModel], limits: Mapping[str, float]) -> tuple[Suggestion, ...]:
    """What the models propose for the answers of a task: every kind from its limit on."""
    found = counts([response.text for response in task.responses])
    return tuple(
        Suggestion(response_id=response.id, kind=kind, probability=float(probability))
        for kind, model in models.items()
        for response, probability in zip(task.responses, model.of_counts(found), strict=True)
        if probability >= limits[kind]
    )


def suspects(
    tasks: Sequence[Task],
    models: Mapping[str, FlagModel],
    limits: Mapping[str, float],
    flagged: Collection[tuple[str, str, str]] = (),
) -> list[Suspect]:
    """What the models mark, less what is `flagged` (task id, response id, kind), the most probable first."""
    answers = [(task.id, response.id) for task in tasks for response in task.responses]
    found = counts([response.text for task in tasks for response in task.responses])
    marked = [
        Suspect(*answer, kind, float(probability), f"{kind}, {probability:.0%} probable")
        for kind, model in models.items()
        for answer, probability in zip(answers, model.of_counts(found), strict=True)
        if probability >= limits[kind] and (*answer, kind) not in flagged
    ]
    return sorted(marked, key=lambda one: (-one.probability, one))
