"""Where people disagree: tasks that several have judged, and what second opinions came to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from data.schemas import Judgement, QueueName, Ranking

MOST_PEOPLE = 5
"""What so many people have judged is as settled as it will be: one more would not tell."""
ASKED_AGAIN: tuple[QueueName, ...] = ("disagreement", "contested", "suspects", "random")
"""The queues whose judgements may be second opinions; random is what the others are compared with."""


class Contest(NamedTuple):
    """A task on which `people` disagree: the mean difference between two of them, 0 to 1."""

    task_id: str
    people: int
    difference: float


class Opinions(NamedTuple):
    """Second opinions from one queue: how many, and how many turn round what the first said of some pair."""

    queue: QueueName
    n: int
    changed: int


def contested(judgements: Iterable[Judgement]) -> list[Contest]:
    """The tasks on which two to four people disagree, the most contested first."""
    found = [_contest(task_id, said) for task_id, said in _by_task(judgements).items() if 1 < len(said) < MOST_PEOPLE]
    return sorted((one for one in found if one.difference > 0), key=lambda one: (-one.difference, one.task_id))


def _by_task(judgements: Iterable[Judgement]) -> dict[str, list[Judgement]]:
    """The submitted judgements of each task, in the order in which they were made."""
    by_task: defaultdict[str, list[Judgement]] = defaultdict(list)
    for one in sorted(judgements, key=lambda one: one.created_at):
        if one.status == "submitted":
            by_task[one.task_id].append(one)
    return by_task


def _contest(task_id: str, said: Sequence[Judgement]) -> Contest:
    differences = [difference(a, b) for a, b in combinations(said, 2)]
    return Contest(task_id, len(said), sum(differences) / len(differences))


def difference(one: Judgement, other: Judgement) -> float:
    """How differently two people judge a task, 0 to 1: the mean over the pairs of responses that both have ranked.

    1 where they prefer opposite ones, ½ where one says that they are equal. Where one says that nothing can be ranked
    and the other ranks: 1. Where there is no pair that both have ranked: 0.
    """
    if one.unrankable or other.unrankable:
        return float(bool(one.ranking or other.ranking))
    found = _differences(one.ranking, other.ranking)
    return sum(found) / len(found) if found else 0.0


def _differences(one: Ranking, other: Ranking) -> list[float]:
    first, second = _places(one), _places(other)
    pairs = combinations(sorted(first.keys() & second.keys()), 2)
    return [abs(_sign(first[a] - first[b]) - _sign(second[a] - second[b])) / 2 for a, b in pairs]


def _places(ranking: Ranking) -> dict[str, int]:
    return {response: place for place, tier in enumerate(ranking) for response in tier}


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def second_opinions(judgements: Iterable[Judgement]) -> list[Judgement]:
    """The judgements that a queue has asked for on tasks that somebody else had judged before; oldest first."""
    return [later for _, later in _seconds(judgements)]


def opinions(judgements: Iterable[Judgement]) -> list[Opinions]:
    """What second opinions came to, queue by queue; queues without any are absent."""
    found: defaultdict[QueueName, list[bool]] = defaultdict(list)
    for first, later in _seconds(judgements):
        if later.queue:
            found[later.queue].append(_turns_round(first, later))
    return [Opinions(queue, len(found[queue]), sum(found[queue])) for queue in ASKED_AGAIN if queue in found]


def _seconds(judgements: Iterable[Judgement]) -> list[tuple[Judgement, Judgement]]:
    said = _by_task(judgements).values()
    return [(one[0], later) for one in said for later in one[1:] if later.queue in ASKED_AGAIN]


def _turns_round(first: Judgement, later: Judgement) -> bool:
    """Whether some pair is preferred the other way round, or one of the two found that nothing can be ranked."""
    if first.unrankable or later.unrankable:
        return difference(first, later) > 0
    return any(one == 1 for one in _differences(first.ranking, later.ranking))
