"""What to judge next: the tasks from which a reward model would learn most.

Two things count. A response that has seldom been compared says something new, and so does a prompt of which little has
been judged: what is chosen spreads over both. And where the model is unsure, an answer moves it most. On pairs of known
prompts this needs about half the judgements of a choice by chance; designs from the variance of the weights alone
(D- and V-optimal) and the least certain pairs alone were worse on prompts that nobody had judged.
"""

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from reward_model.features import Floats

SURENESS = 2.0
"""The surest task waits as long as one whose two responses have been compared once more each."""


@dataclass(frozen=True)
class Candidates:
    """Tasks that can be judged: the numbers of their responses and of their prompts' groups, and the model's scores.

    `scores` has the score (logits) of every response by its number, `compared` how often each has been judged, `judged`
    how many tasks of each group have been judged.
    """

    responses: Sequence[tuple[int, ...]]
    group: Sequence[int]
    scores: Floats
    compared: Sequence[int]
    judged: Sequence[int]


class Pick(NamedTuple):
    """A task to judge: its number, how unsure the model is of it (0 to 1), how often its responses were judged."""

    task: int
    unsure: float
    compared: float


def informative(these: Candidates, most: int) -> list[Pick]:
    """Up to `most` of the tasks, those first from which the model would learn most once those before are judged."""
    unsure = np.array([unsureness(these.scores[list(own)]) for own in these.responses], dtype=np.float64)
    last = SURENESS * rankdata(-unsure) / max(len(unsure), 1)
    compared, judged = Counter(dict(enumerate(these.compared))), Counter(dict(enumerate(these.judged)))

    def cost(task: int) -> float:
        own, group = these.responses[task], these.group[task]
        return 2 * _mean(compared, own) + judged[group] / (1 + judged[group]) + float(last[task])

    waiting = [(cost(task), task) for task in range(len(unsure))]
    heapq.heapify(waiting)
    picked = list[Pick]()
    while waiting and len(picked) < most:
        known, task = heapq.heappop(waiting)
        if (now := cost(task)) > known:  # what was picked meanwhile has made it dearer; it never becomes cheaper
            heapq.heappush(waiting, (now, task))
            continue
        picked.append(Pick(task, float(unsure[task]), _mean(compared, these.responses[task])))
        compared.update(these.responses[task])
        judged[these.group[task]] += 1
    return picked


def unsureness(scores: Floats) -> float:
    """How unsure a model is of the ranking of responses with these scores: 4·p·(1 − p), the mean over their pairs."""
    first, second = np.triu_indices(len(scores), 1)
    half = np.abs(scores[first] - scores[second]) / 2
    return float(np.mean(1 / np.cosh(np.minimum(half, 300.0)) ** 2))


def _mean(counts: Counter[int], keys: Sequence[int]) -> float:
    return sum(counts[key] for key in keys) / len(keys)
