"""The fit: Bradley–Terry logistic regression on scores of responses.

P(first is preferred) = σ(w·x(first) − w·x(second)), no intercept (Bradley & Terry 1952). Each family of features has a
spread: the standard deviation that its weights are believed to have (an L2 penalty of 1/(2·spread²)), 0 leaves it out.
The spreads are chosen one family after the other by cross-validation over prompts inside the training part. One slope,
fitted on the same held-out scores, then makes the probabilities as sure as they were right there; it has no intercept
and is positive, so it moves no ranking.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import GroupKFold

from reward_model.calibration import calibrating_slope, log_losses
from reward_model.design import Design
from reward_model.features import ENCODER, FAMILIES, LENGTH, NUMBER_COLUMNS, NUMBERED, RULER, Floats
from reward_model.observations import Ints, Observations
from reward_model.reference import reference
from reward_model.scaling import bounds, inside, scale_of
from reward_model.solver import Pairs, minimum

BOTH_SPREADS = (0.01, 0.03, 0.06, 0.1, 0.2, 0.4)
"""What is tried first, for surface and style alike."""
SPREADS: Mapping[str, tuple[float, ...]] = {
    "style": (0.0, 0.03, 0.1, 0.3),
    "relation": (0.03, 0.1, 0.3),
    "meaning": (0.1, 0.2, 0.4),
    "ending": (0.1, 0.2, 0.4),
    "words": (0.2, 0.4, 0.8),
    "characters": (0.2, 0.4, 0.8),
    ENCODER: (0.2, 0.5, 1.0),
}
"""Then each family, in this order, keeps the spread it has (at first none) or gets one of these.

Numbers are scaled to a mean square difference of 1 between the two responses of a pair, text families to length 1.
"""
FREE = 30.0
"""The spread of a weight that is not held back."""
SMALL = 200
"""Up to so many distinct pairs scikit-learn fits, on differences: the reference, and fast enough for so few."""
INNER_FOLDS = 3
MOST_TRIED = 20_000
"""Pairs on which spreads are chosen: more would choose the same, and take hours."""
EARNED = 1.0
"""A spread is changed for a gain of at least so many standard errors, over prompt groups: less may be chance.

The one-standard-error rule: Breiman, Friedman, Olshen & Stone (1984), Classification and Regression Trees, 3.4.3.
"""

Spreads = Mapping[str, float]
Tick = Callable[[], None]
"""Called after every fit; it may raise to stop the work."""


class FitRules(NamedTuple):
    """What may go into a model: its families; whether length's effect is taken out, and probabilities corrected.

    `encoder` names a sentence encoder, a folder or a model of the Hub, which is a family more; empty: none.
    """

    families: tuple[str, ...] = tuple(FAMILIES)
    without_length: bool = False
    calibrated: bool = True
    encoder: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The families, the encoder's included."""
        return (*self.families, ENCODER) if self.encoder else self.families


ALL = FitRules()


@dataclass(frozen=True)
class Choice:
    """The spread of each family that is used, and the slope that multiplies what was fitted."""

    spreads: Spreads
    slope: float = 1.0


class Coefficients(NamedTuple):
    """Weights for a `Design`: numbers in their own units, text families in the units of their blocks.

    Numbers below `low` count as `low`, above `high` as `high`: nothing is concluded beyond what was fitted.
    """

    numbers: Floats
    low: Floats
    high: Floats
    texts: Mapping[str, Floats]


def fits_a_choice(rules: FitRules) -> int:
    """How many small fits one choice takes."""
    return INNER_FOLDS * (len(BOTH_SPREADS) + sum(len(SPREADS[f]) for f in SPREADS if f in rules.names))


@dataclass(frozen=True)
class Part:
    """The pairs of a training part, ready to be fitted with any choice; `numbers` of all responses are scaled by it."""

    low: Floats
    high: Floats
    scale: Floats
    numbers: npt.NDArray[np.float32]
    pairs: Pairs
    known: dict[str, Floats] = field(default_factory=dict)
    """The last weights that were found: where the next fit begins."""


def part(made: Design, obs: Observations, rows: Ints) -> Part:
    """The training part made of the observations `rows`.

    Votes on one pair are added up into the share of weight for its first response, a tie giving half to each. The
    likelihood is that of the single votes.
    """
    used, place = np.unique(made.pair[rows], return_inverse=True)
    low, high = bounds(made.numbers, np.unique([made.first[used], made.second[used]]))
    weight, won = (np.bincount(place, obs.weight[rows] * share).astype(float) for share in (1.0, obs.outcome[rows]))
    pairs = Pairs(made.first[used], made.second[used], won / weight, weight)
    numbers = inside(made.numbers, low, high)
    scale = scale_of(numbers, pairs)
    np.divide(numbers, scale, out=numbers, casting="same_kind")
    return Part(low, high, scale, numbers, pairs)


def fitted(made: Design, ready: Part, choice: Choice, free_length: bool = False, exact: bool = False) -> Coefficients:
    """The weights that a training part gives; `exact` asks for a tighter optimum."""
    spread = _number_spreads(choice.spreads, free_length)
    used = {family: choice.spreads[family] for family in made.texts if choice.spreads.get(family)}
    if spread.any() or used:
        ready.known.update(_optimum(made, ready, spread, used, exact))
    found = {name: choice.slope * weights for name, weights in ready.known.items()}
    numbers = found["numbers"] / ready.scale if spread.any() else np.zeros(NUMBER_COLUMNS)
    return Coefficients(numbers, ready.low, ready.high, {family: found[family] for family in used})


def _optimum(made: Design, ready: Part, spread: Floats, used: Spreads, exact: bool) -> dict[str, Floats]:
    """The weights of the scaled numbers and of each family's block, from where the last fit of this part ended."""
    some = np.flatnonzero(spread)
    blocks = [ready.numbers[:, some] * spread[some].astype(np.float32), *(made.texts[f].block for f in used)]
    start = [ready.known.get("numbers", np.zeros(NUMBER_COLUMNS))[some] / spread[some]]
    start += [ready.known.get(f, np.zeros(made.texts[f].block.shape[1])) / used[f] for f in used]
    loud = [1.0, *used.values()]
    small = len(ready.pairs.first) <= SMALL
    found = reference(blocks, loud, ready.pairs) if small else minimum(blocks, loud, ready.pairs, start, exact)
    numbers = np.zeros(NUMBER_COLUMNS)
    numbers[some] = found[0] * spread[some]
    texts = {family: weights * used[family] for family, weights in zip(used, found[1:], strict=True)}
    return {**texts, "numbers": numbers}


def begin_at(ready: Part, made: Design, weights: Floats) -> None:
    """Let the first fit of a part begin at these weights of all features, as an earlier model had them."""
    ready.known["numbers"] = weights[:NUMBER_COLUMNS] * ready.scale
    ready.known.update({family: text.coordinates(weights[text.columns]) for family, text in made.texts.items()})


def _number_spreads(spreads: Spreads, free_length: bool) -> Floats:
    every = np.zeros(NUMBER_COLUMNS)
    for family in NUMBERED:
        every[FAMILIES[family].columns] = spreads.get(family, 0.0)
    if free_length:
        every[LENGTH] = FREE
    return every


def without_length(weights: Coefficients) -> Coefficients:
    """The same weights, but those of length are 0: two answers that differ in length alone get the same score."""
    numbers = weights.numbers.copy()
    numbers[LENGTH] = 0.0
    return weights._replace(numbers=numbers)


def scores(made: Design, weights: Coefficients) -> Floats:
    """The score of every response of the design, in logits."""
    score = np.clip(made.numbers, weights.low, weights.high) @ weights.numbers
    for family, text in weights.texts.items():
        score = score + made.texts[family].block @ text
    return np.asarray(score)


def margins(made: Design, rows: Ints, weights: Coefficients) -> Floats:
    """Score of the first response minus score of the second, in logits, for the observations `rows`."""
    score, pairs = scores(made, weights), made.pair[rows]
    return np.asarray(score[made.first[pairs]] - score[made.second[pairs]])


def folds(group: Ints, most: int) -> Iterator[tuple[Ints, Ints]]:
    """Train and held-out positions, `most` times or as often as there are groups; no group is on both sides."""
    splitter = GroupKFold(min(most, len(np.unique(group))))
    yield from splitter.split(np.zeros(len(group)), groups=group)


def some_groups(group: Ints, rows: Ints, most: int) -> Ints:
    """Those of the rows that are of groups drawn by chance, the same each time, until they are about `most`."""
    order = np.random.default_rng(0).permutation(np.unique(group[rows]))
    counts = np.bincount(group[rows], minlength=int(order.max()) + 1)[order]
    return rows[np.isin(group[rows], order[: 1 + int(np.searchsorted(np.cumsum(counts), most))])]


def choices(made: Design, obs: Observations, rows: Ints, tick: Tick, rules: FitRules) -> tuple[Choice, Choice]:
    """The best choice by held-out log-loss within `rows`, and the best surface-only choice, each with its slope.

    Of very many rows, groups that hold about `MOST_TRIED` of them are looked at.
    """
    if len(rows) > MOST_TRIED:
        rows = some_groups(obs.group, rows, MOST_TRIED)
    made, obs, rows = made.some(rows), obs.some(rows), np.arange(len(rows))
    search = _search(made, obs, rows, tick, rules.without_length)
    ruler = search.best([dict.fromkeys(RULER, spread) for spread in BOTH_SPREADS])
    found: Spreads = {family: spread for family, spread in ruler.items() if family in rules.names}
    for family, tried in SPREADS.items():
        if family in rules.names:
            found = search.better(found, [{**found, family: spread} for spread in tried])
    return search.choice(found, rules.calibrated), search.choice(ruler, rules.calibrated)


@dataclass(frozen=True)
class _Search:
    """Inner folds, ready to be fitted, and what has been found on their held-out parts."""

    fit: Callable[[Spreads, Part, Ints], Floats]
    inner: Sequence[tuple[Part, Ints]]
    outcome: Floats
    weight: Floats
    group: Ints
    found: list[tuple[Spreads, Floats]] = field(default_factory=list)

    def best(self, tried: Sequence[Spreads]) -> Spreads:
        """Those of the spreads that give the least held-out log-loss."""
        return min(tried, key=lambda spreads: float(self.losses(spreads).sum()))

    def better(self, kept: Spreads, tried: Sequence[Spreads]) -> Spreads:
        """The best of `tried` where it has `EARNED` its place, else what is kept."""
        found = self.best([kept, *tried])
        gain = self.losses(kept) - self.losses(found)
        sums = np.bincount(self.group, weights=gain)
        error = float(np.sqrt(((sums - sums.mean()) ** 2).sum() * len(sums) / max(len(sums) - 1, 1)))
        return found if gain.sum() > EARNED * error else kept

    def losses(self, spreads: Spreads) -> Floats:
        """The weighted held-out log-loss of each pair."""
        return log_losses(self.margin(spreads), self.outcome) * self.weight

    def margin(self, spreads: Spreads) -> Floats:
        """The held-out margins that these spreads give; 0 where nothing is used. Fitted once."""
        for known, margin in self.found:
            if known == spreads:
                return margin
        margin = np.concatenate([self.fit(spreads, ready, test) for ready, test in self.inner])
        self.found.append((spreads, margin))
        return margin

    def choice(self, spreads: Spreads, calibrated: bool) -> Choice:
        """The spreads with the slope that fits them."""
        slope = calibrating_slope(self.margin(spreads), self.outcome, self.weight) if calibrated else 1.0
        return Choice(spreads, slope)


def _search(made: Design, obs: Observations, rows: Ints, tick: Tick, free_length: bool) -> _Search:
    def held_out(spreads: Spreads, ready: Part, test: Ints) -> Floats:
        tick()
        return margins(made, test, fitted(made, ready, Choice(spreads), free_length))

    inner = [(rows[train], rows[test]) for train, test in folds(obs.group[rows], INNER_FOLDS)]
    parts = [(part(made, obs, train), test) for train, test in inner]
    tested = np.concatenate([test for _, test in inner])
    _, group = np.unique(obs.group[tested], return_inverse=True)
    return _Search(held_out, parts, obs.outcome[tested], obs.weight[tested], group)


def full_weights(made: Design, weights: Coefficients) -> tuple[Ints, npt.NDArray[np.float32]]:
    """The columns of `features` that carry weight, in increasing order, and their weights."""
    named = np.flatnonzero(weights.numbers)
    columns, values = [named], [weights.numbers[named]]
    for family in (family for family in made.texts if family in weights.texts):
        columns.append(made.texts[family].columns)
        values.append(made.texts[family].weights(weights.texts[family]))
    return np.concatenate(columns), np.concatenate(values).astype(np.float32)
