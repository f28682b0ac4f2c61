"""What several annotators say of the same two responses, as one pair: by majority, or weighed by their reliability."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from data.schemas import Judgement, PreferencePair, Task
from rankers.pairs import PairRules, PairSet, preference_pairs

Aggregation = Literal["all", "majority", "reliability"]
Floats = NDArray[np.float64]
AGGREGATIONS: Mapping[Aggregation, str] = {
    "all": "Every judgement makes its own pairs, so what many people judged counts more.",
    "majority": "One pair for every two responses: what most annotators prefer; where they are even, a tie.",
    "reliability": "One pair for every two responses, and how probable it is that the chosen one is better: annotators "
    "who mostly agree with the others count for more.",
}
"""Name of the choice → what it says."""
MERGED = "counted in the pair of several annotators"
"""Why a pair is left out: it went into another one."""
BEFORE, AS_MANY = 0.75, 4.0
"""An annotator of whom nothing is known is right this often, and that counts as much as this many judgements."""
MOST_RIGHT = 0.99
STEPS, NEAR = 200, 1e-9


@dataclass(frozen=True)
class Aggregated:
    """Pairs, one for every two responses; `merged` pairs went into them beyond that.

    `reliability` is how often each annotator is right, from 0.5 (as chance is) to 0.99; empty where nobody was weighed.
    """

    pairs: tuple[PreferencePair, ...]
    merged: int
    reliability: Mapping[str, float]


def aggregated(pairs: Sequence[PreferencePair], how: Aggregation) -> Aggregated:
    """The pairs as this choice has them; edits are kept as they are, each is its annotator's own."""
    if how == "all":
        return Aggregated(tuple(pairs), 0, {})
    items: defaultdict[tuple[str, frozenset[str]], list[PreferencePair]] = defaultdict(list)
    edits = [pair for pair in pairs if pair.is_edit]
    for pair in pairs:
        if not pair.is_edit:
            items[pair.task_id, frozenset((pair.chosen_id, pair.rejected_id))].append(pair)
    votes = [[_vote(pair, said[0]) for pair in said] for said in items.values()]
    known = reliability_of(items.values(), votes) if how == "reliability" else {}
    share = _by_reliability(known) if how == "reliability" else _by_majority
    made = [_one(said, vote, share(said, vote), how) for said, vote in zip(items.values(), votes, strict=True)]
    return Aggregated((*made, *edits), len(pairs) - len(edits) - len(made), known)


def aggregated_pairs(
    tasks: Mapping[str, Task], judgements: Iterable[Judgement], rules: PairRules, how: Aggregation
) -> PairSet:
    """The pairs of judgements under these rules, several annotators' as this choice has it."""
    made = preference_pairs(tasks, judgements, rules)
    found = aggregated(made.pairs, how)
    left_out = Counter(made.left_out) + Counter({MERGED: found.merged})
    return replace(made, pairs=found.pairs, left_out=dict(left_out))


def _vote(pair: PreferencePair, first: PreferencePair) -> int:
    """1 for what the first of the pairs has as chosen, −1 for the other, 0 for a tie."""
    return 0 if pair.tie else 1 if pair.chosen_id == first.chosen_id else -1


Share = Callable[[Sequence[PreferencePair], Sequence[int]], float]
"""From what annotators said to the probability, or share of votes, for the response named first."""


def _by_majority(said: Sequence[PreferencePair], votes: Sequence[int]) -> float:
    return (1 + sum(votes) / len(votes)) / 2


def _by_reliability(known: Mapping[str, float]) -> Share:
    def share(said: Sequence[PreferencePair], votes: Sequence[int]) -> float:
        odds = sum(vote * logit(known[pair.annotator]) for pair, vote in zip(said, votes, strict=True))
        return float(expit(odds))

    return share


def _one(said: Sequence[PreferencePair], votes: Sequence[int], share: float, how: Aggregation) -> PreferencePair:
    """What was said of two responses, in one pair."""
    first, is_tie = said[0], abs(share - 0.5) < NEAR
    turned = share < 0.5 and not is_tie
    sides = ("rejected", "chosen") if turned else ("chosen", "rejected")
    better, worse = (getattr(first, f"{side}_id") for side in sides)
    update = {
        f"{new}_{what}": getattr(first, f"{side}_{what}")
        for new, side in zip(("chosen", "rejected"), sides, strict=True)
        for what in ("id", "source")
    }
    texts = {new: getattr(first, side) for new, side in zip(("chosen", "rejected"), sides, strict=True)}
    flags = {"chosen_flags": _flags_of(said, better), "rejected_flags": _flags_of(said, worse)}
    alone = len(said) == 1
    rest = {
        "tie": is_tie,
        "annotator": first.annotator if alone else f"{len(said)} annotators",
        "weight": float(np.mean([pair.weight for pair in said])),
        "margin": _margin(said, votes, turned),
        "judged_at": max(pair.judged_at for pair in said),
        "chosen_place": first.chosen_place if alone else None,
        "rejected_place": first.rejected_place if alone else None,
        "probability": max(share, 1 - share) if how == "reliability" else None,
    }
    return first.model_copy(update=update | texts | flags | rest)


def _flags_of(said: Iterable[PreferencePair], response_id: str) -> tuple[str, ...]:
    """The kinds of flags that anybody set on this response."""
    kinds = {
        kind for pair in said for kind in (pair.chosen_flags if pair.chosen_id == response_id else pair.rejected_flags)
    }
    return tuple(sorted(kinds))


def _margin(said: Sequence[PreferencePair], votes: Sequence[int], turned: bool) -> float | None:
    """By how much the better one is better on average, who prefers the other counted against it; None: not all say."""
    given = [pair.margin for pair in said]
    if any(margin is None for margin in given):
        return None
    mean = np.mean([vote * (margin or 0.0) for vote, margin in zip(votes, given, strict=True)])
    return max(0.0, float(-mean if turned else mean))


def reliability_of(items: Iterable[Sequence[PreferencePair]], votes: Iterable[Sequence[int]]) -> dict[str, float]:
    """How often each annotator is right about which of two responses is better, 0.5 to 0.99, found from their votes.

    Expectation maximisation with one accuracy an annotator (Dawid & Skene 1979, Applied Statistics 28(1), 20–28; with
    one coin: Zhang et al. 2016, JMLR 17(102)), pulled towards `BEFORE`. A tie says nothing of which is better. Nobody
    counts against what they say: who is wrong more often than chance counts for nothing.
    """
    rows = [
        (n, pair.annotator, vote)
        for n, (said, some) in enumerate(zip(items, votes, strict=True))
        for pair, vote in zip(said, some, strict=True)
    ]
    names = sorted({who for _, who, _ in rows})
    item = np.array([n for n, _, _ in rows], dtype=np.intp)
    who = np.searchsorted(names, [name for _, name, _ in rows]) if rows else np.zeros(0, dtype=np.intp)
    vote = np.array([v for _, _, v in rows], dtype=np.float64)
    right = _accuracies(item, who, vote, len(names))
    return dict(zip(names, right.tolist(), strict=True))


def _accuracies(item: NDArray[np.intp], who: NDArray[np.intp], vote: Floats, n: int) -> Floats:
    right, decided = np.full(n, BEFORE), np.abs(vote)
    times = np.bincount(who, decided, n)
    for _ in range(STEPS):
        first_is_better = expit(np.bincount(item, vote * logit(right)[who]))[item]
        agrees = np.where(vote > 0, first_is_better, 1 - first_is_better) * decided
        found = (AS_MANY * BEFORE + np.bincount(who, agrees, n)) / (AS_MANY + times)
        found = np.clip(found, 0.5, MOST_RIGHT)
        if np.allclose(found, right, atol=1e-6):
            break
        right = found
    return right
