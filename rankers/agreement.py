"""How far people agree: the ceiling for any model of their preferences."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import evalica
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student

from data.schemas import PreferencePair

RESAMPLES, SEED, MOST_CLUSTERS = 2000, 0, 2000
Item = tuple[str, str, str]
"""One pair of responses: task id and the two response ids in alphabetical order."""


@dataclass(frozen=True)
class Agreement:
    """The probability that two people who judge the same pair of responses say the same (0 to 1).

    `low` and `high` are a 95% interval by bootstrap over prompts; 0 and 1 where there is only one prompt. `n_pairs`
    counts pairs of responses with two or more annotators, `n_votes` what they said, `n_prompts` the prompt groups.
    """

    agreement: float
    low: float
    high: float
    n_pairs: int
    n_votes: int
    n_prompts: int


def human_ceiling(pairs: Sequence[PreferencePair]) -> Agreement | None:
    """How often two people prefer the same response, among those who prefer one; None where no two judged one pair.

    Every vote counts once: it is compared with the other votes on its pair. So this is the accuracy that one person
    reaches in predicting another, comparable with a model's accuracy on the same votes.
    """
    return _agreement([pair for pair in pairs if not pair.tie])


def agreement_with_ties(pairs: Sequence[PreferencePair]) -> Agreement | None:
    """The same as `human_ceiling`, with "they are equal" as a third answer."""
    return _agreement(pairs)


def agreement_in_words(pairs: Sequence[PreferencePair]) -> str:
    """One sentence with the numbers of `human_ceiling` and `agreement_with_ties`, for data cards."""
    ceiling, with_ties, alpha = human_ceiling(pairs), agreement_with_ties(pairs), preference_alpha(pairs)
    if with_ties is None:
        return "No two people judged the same pair of responses, so nothing is known of their agreement."
    parts = [_in_words("two people who both prefer one response prefer the same one", ceiling)] if ceiling else []
    parts += [_in_words("with ties as a third answer they say the same", with_ties)]
    parts += [f"Krippendorff's alpha (ordinal) is {alpha:.2f}"] if alpha is not None else []
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _in_words(what: str, found: Agreement) -> str:
    return (
        f"{what} in {found.agreement:.1%} of cases (95% interval over prompts {found.low:.1%} to {found.high:.1%}; "
        f"{found.n_pairs:,} pairs of responses, {found.n_prompts:,} prompts)"
    )


class Votes(NamedTuple):
    """The votes of a task on pairs of responses that two or more people judged.

    `agreeing` counts each vote by the share of the others that say the same.
    """

    agreeing: float
    votes: int
    pairs: int


def task_votes(pairs: Iterable[PreferencePair]) -> dict[str, Votes]:
    """The votes of each task, ties as a third answer; tasks that only one person has judged are absent."""
    sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0, 0])
    for (task_id, _first, _second), votes in _votes(pairs).items():
        if len(votes) > 1:
            said = list(votes.values())
            for n, more in enumerate((_agreeing(said), len(said), 1)):
                sums[task_id][n] += more
    return {task_id: Votes(agreeing, int(votes), int(n)) for task_id, (agreeing, votes, n) in sums.items()}


def agreement_of(votes: Iterable[tuple[str, Votes]]) -> Agreement | None:
    """The agreement on some tasks: the group and the votes of each; None for no tasks."""
    sums: defaultdict[str, NDArray[np.float64]] = defaultdict(lambda: np.zeros(3))
    for group, said in votes:
        sums[group] += said
    if not sums:
        return None
    per_group = np.array(list(sums.values()))
    agreeing, counted, n_pairs = per_group.sum(axis=0)
    low, high = _interval(per_group[:, :2])
    return Agreement(float(agreeing / counted), low, high, int(n_pairs), int(counted), len(per_group))


def _agreement(pairs: Sequence[PreferencePair]) -> Agreement | None:
    group_of = {pair.task_id: pair.group for pair in pairs}
    return agreement_of((group_of[task_id], votes) for task_id, votes in task_votes(pairs).items())


def _agreeing(said: Sequence[int]) -> float:
    """The votes on one pair, each counted by the share of the other votes that say the same."""
    same = sum(said.count(outcome) * (said.count(outcome) - 1) for outcome in set(said))
    return same / (len(said) - 1)


def _interval(per_group: NDArray[np.float64]) -> tuple[float, float]:
    """95 % percentile interval of a ratio of sums; a row per prompt: numerator, denominator.

    With few prompts the plain percentiles lie too near: Student's t, with as many prompts of one size as would say as
    much, moves them outwards. Source: Hesterberg (2015), The American Statistician 69, 371–386.
    """
    counts = per_group[:, 1]
    effective = counts.sum() ** 2 / (counts**2).sum()
    if effective <= 1:
        return 0.0, 1.0
    per_group = _clusters(per_group)
    n = len(per_group)
    tail = norm.cdf(student.ppf(0.025, effective - 1) * np.sqrt(effective / (effective - 1)))
    drawn = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), size=RESAMPLES) @ per_group
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [tail, 1 - tail])
    return float(low), float(high)


def _clusters(per_group: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rows; very many are put together at random into `MOST_CLUSTERS`: as honest, and the cost stays."""
    if len(per_group) <= MOST_CLUSTERS:
        return per_group
    place = np.random.default_rng(SEED).permutation(len(per_group)) % MOST_CLUSTERS
    return np.array([np.bincount(place, weights=column) for column in per_group.T]).T


def _votes(pairs: Iterable[PreferencePair]) -> dict[Item, dict[str, int]]:
    """What each annotator last said of each pair: 1 (the first response is better), −1 (the second), 0 (a tie)."""
    votes: defaultdict[Item, dict[str, int]] = defaultdict(dict)
    for pair in pairs:
        first, second = sorted((pair.chosen_id, pair.rejected_id))
        outcome = 0 if pair.tie else 1 if pair.chosen_id == first else -1
        votes[pair.task_id, first, second][pair.annotator] = outcome
    return dict(votes)


def task_agreement(pairs: Iterable[PreferencePair]) -> dict[str, float]:
    """How far people agree on each task that several have judged: of their pairs of votes the share that is the same.

    0 to 1, ties as a third answer; tasks that only one person has judged are absent.
    """
    return {task_id: said.agreeing / said.votes for task_id, said in task_votes(pairs).items()}


def preference_alpha(
    pairs: Sequence[PreferencePair], distance: Literal["ordinal", "nominal"] = "ordinal"
) -> float | None:
    """Krippendorff's alpha of the preferences: 1 is full agreement, chance gives 0; None where no answers vary.

    The answers are first, tie, second. Each pair counts both ways round, because otherwise alpha depends on which
    response happens to be called the first. Source: Krippendorff, Content Analysis, 4th edition, chapter 12.
    """
    units = [list(said.values()) for said in _votes(pairs).values() if len(said) > 1]
    if not units:
        return None
    ratings = np.full((max(map(len, units)), len(units)), np.nan)
    for column, said in enumerate(units):
        ratings[: len(said), column] = said
    both_ways = np.hstack([ratings, -ratings])
    found = evalica.alpha(pd.DataFrame(both_ways), distance=distance)
    return float(found.alpha) if found.expected > 0 else None
