"""The fit: Bradley–Terry logistic regression on differences of features, with scikit-learn.

P(first is preferred) = σ(w·x(first) − w·x(second)), no intercept (Bradley & Terry 1952). Two numbers are chosen by
cross-validation over prompts inside the training part: how strongly surface weights are held back, and how loud
the n-grams are beside them (0 leaves them out). One slope, fitted on the same held-out scores, then makes the
probabilities as sure as they were right there; it has no intercept and is positive, so it moves no ranking.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize, sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from reward_model.features import SURFACE_COLUMNS, Floats, features
from reward_model.observations import Ints, Observations

STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
"""scikit-learn's C for standardised surface features: large trusts the data more."""
LOUDNESS = (2.0, 4.0, 8.0)
"""Factors on the n-grams, whose rows have length 1 a family, beside 0: the surface-only model."""
SLOPES = (0.01, 2.0)
"""The least and the largest calibrating slope: few prompts may ask for anything, and 0 would lose the ranking."""
INNER_FOLDS = 3
FITS_A_CHOICE = INNER_FOLDS * (len(STRENGTHS) + len(LOUDNESS))
RARE = 0.001
"""This share of the responses is beyond the bounds of a surface feature, at either end."""
MOST_ROTATED = 2_000
"""Up to so many responses the n-grams are rotated into as many dense columns: the same fit, faster."""

Columns = sparse.csr_matrix | npt.NDArray[np.float32]
Tick = Callable[[], None]
"""Called after every fit; it may raise to stop the work."""


class Choice(NamedTuple):
    """scikit-learn's C, the factor on the n-grams (0: surface only), and the slope that multiplies what was fitted."""

    strength: float
    loudness: float
    slope: float = 1.0


@dataclass(frozen=True)
class Design:
    """What is fitted: the features of every unique response, and which two of them each distinct pair compares.

    `rows` are `features` of the responses; `surface` is their dense part in the features' own units. `ngrams` (distinct
    pairs × columns, first minus second) has the hashed columns named by `active`, or a rotation of them: then `basis`
    (responses × columns) gives back the weights of `active` as `hashed`ᵀ·`basis`·w. `pair` says, for every
    observation, which distinct pair it is a vote on; `first` and `second` are that pair's responses.
    """

    rows: sparse.csr_matrix
    surface: Floats
    ngrams: Columns
    hashed: sparse.csr_matrix
    active: Ints
    basis: Floats | None
    pair: Ints
    first: Ints
    second: Ints


class Coefficients(NamedTuple):
    """Weights for a `Design`: surface in its own units, and n-grams (None: left out).

    Surface values below `low` count as `low`, above `high` as `high`: nothing is concluded beyond what was fitted.
    """

    surface: Floats
    low: Floats
    high: Floats
    ngrams: Floats | None


def design(obs: Observations) -> Design:
    """The design of all pairs; every unique response is featurised once, and no outcome is looked at."""
    rows = features(obs.items)
    every = rows[:, SURFACE_COLUMNS:].astype(np.float32)
    active = np.flatnonzero(every.getnnz(axis=0))
    hashed = sparse.csr_matrix(every[:, active])
    columns, basis = _rotated(hashed) if hashed.shape[0] <= MOST_ROTATED else (hashed, None)
    two, pair = np.unique(np.column_stack([obs.first, obs.second]), axis=0, return_inverse=True)
    first, second = two[:, 0], two[:, 1]
    surface = rows[:, :SURFACE_COLUMNS].toarray()
    return Design(rows, surface, columns[first] - columns[second], hashed, active, basis, pair, first, second)


def _rotated(hashed: sparse.csr_matrix) -> tuple[Any, Floats]:
    """hashed·R for an orthonormal R that loses nothing, and V with R = hashedᵀV.

    An L2-penalised fit does not notice a rotation, so the fit on hashed·R is the fit on hashed.
    """
    gram = np.asarray((hashed @ hashed.T).toarray(), dtype=np.float64)
    values, vectors = linalg.eigh(gram)
    kept = values > 1e-6 * max(float(values[-1]), 1e-12)
    lengths, directions = np.sqrt(values[kept]), vectors[:, kept]
    return np.asarray(directions * lengths, dtype=np.float32), np.asarray(directions / lengths, dtype=np.float64)


@dataclass(frozen=True)
class Part:
    """The pairs of a training part, ready to be fitted with any choice: surface scaled, both outcomes present."""

    low: Floats
    high: Floats
    scale: Floats
    surface: npt.NDArray[np.float32]
    ngrams: Columns
    outcome: Floats
    weight: Floats


def part(made: Design, obs: Observations, rows: Ints) -> Part:
    """The training part made of the observations `rows`.

    Votes on one pair are added up: the pair is one row for the first response with the weight of its wins and one for
    the second with that of its wins, a tie giving half to each. The likelihood is that of the single votes.
    """
    low, high = _bounds(made.surface[np.unique([obs.first[rows], obs.second[rows]])])
    pairs, outcome, weight = _votes(made.pair[rows], obs.outcome[rows], obs.weight[rows])
    inside = np.clip(made.surface, low, high)
    surface = inside[made.first[pairs]] - inside[made.second[pairs]]
    scale = _scale(surface, weight)
    ngrams: Columns = made.ngrams[pairs]
    if outcome.min() == outcome.max():
        surface[0], ngrams, outcome[0] = -surface[0], _first_turned(ngrams), 1 - outcome[0]
    return Part(low, high, scale, np.asarray(surface / scale, dtype=np.float32), ngrams, outcome, weight)


def _bounds(surface: Floats) -> tuple[Floats, Floats]:
    low, high = np.quantile(surface, [RARE, 1 - RARE], axis=0)
    return low, high


def _votes(pair: Ints, outcome: Floats, weight: Floats) -> tuple[Ints, Floats, Floats]:
    """Distinct pairs with an outcome of 1 or 0 each and the weight of the votes for it; nothing without weight."""
    used, place = np.unique(pair, return_inverse=True)
    won, lost = (np.bincount(place, weights=weight * share) for share in (outcome, 1 - outcome))
    some, other = np.flatnonzero(won), np.flatnonzero(lost)
    outcomes = np.concatenate([np.ones(len(some)), np.zeros(len(other))])
    return used[np.concatenate([some, other])], outcomes, np.concatenate([won[some], lost[other]])


def _scale(surface: Floats, weight: Floats) -> Floats:
    size = np.sqrt(np.average(surface**2, axis=0, weights=weight))
    return np.where(size > 1e-9, size, 1.0)


def _first_turned(columns: Columns) -> Columns:
    """The first row turned round: the likelihood stays, and solvers see both outcomes."""
    sign = np.where(np.arange(columns.shape[0]) == 0, -1.0, 1.0).astype(np.float32)[:, None]
    return columns * sign if isinstance(columns, np.ndarray) else sparse.csr_matrix(columns.multiply(sign))


def fitted(ready: Part, choice: Choice, exact: bool = False) -> Coefficients:
    """The weights that a training part gives; `exact` asks for a tighter optimum."""
    solver = LogisticRegression(C=choice.strength, fit_intercept=False, max_iter=5000, tol=1e-6 if exact else 1e-4)
    solver.fit(_columns(ready, choice.loudness), ready.outcome, sample_weight=ready.weight)
    weights = choice.slope * solver.coef_[0].astype(np.float64)
    ngrams = weights[SURFACE_COLUMNS:] * choice.loudness if choice.loudness else None
    return Coefficients(weights[:SURFACE_COLUMNS] / ready.scale, ready.low, ready.high, ngrams)


def _columns(ready: Part, loudness: float) -> Columns:
    if not loudness:
        return ready.surface
    loud = ready.ngrams * np.float32(loudness)
    if isinstance(loud, np.ndarray):
        return np.hstack([ready.surface, loud])
    return sparse.csr_matrix(sparse.hstack([sparse.csr_matrix(ready.surface), loud], format="csr"))


def margins(made: Design, rows: Ints, weights: Coefficients) -> Floats:
    """Score of the first response minus score of the second, in logits, for the observations `rows`."""
    pairs = made.pair[rows]
    score = np.clip(made.surface, weights.low, weights.high) @ weights.surface
    found = np.asarray(score[made.first[pairs]] - score[made.second[pairs]])
    return found if weights.ngrams is None else found + np.asarray(made.ngrams[pairs] @ weights.ngrams)


def log_losses(margin: Floats, outcome: Floats) -> Floats:
    """−log of the probability given to what happened, per pair; a tie counts half each way."""
    return np.asarray(np.logaddexp(0, margin) - outcome * margin)


def folds(group: Ints, most: int) -> Iterator[tuple[Ints, Ints]]:
    """Train and held-out positions, `most` times or as often as there are groups; no group is on both sides."""
    splitter = GroupKFold(min(most, len(np.unique(group))))
    yield from splitter.split(np.zeros(len(group)), groups=group)


def choices(made: Design, obs: Observations, rows: Ints, tick: Tick) -> tuple[Choice, Choice]:
    """The best choice by held-out log-loss within `rows`, and the best surface-only choice, each with its slope."""
    inner = [(rows[train], rows[test]) for train, test in folds(obs.group[rows], INNER_FOLDS)]
    parts = [(part(made, obs, train), test) for train, test in inner]
    tested = np.concatenate([test for _, test in inner])
    outcome, weight = obs.outcome[tested], obs.weight[tested]

    def held_out(candidates: Sequence[Choice]) -> dict[Choice, Floats]:
        return {choice: np.concatenate([_unseen(made, one, choice, tick) for one in parts]) for choice in candidates}

    def loss(choice: Choice) -> float:
        return float(log_losses(found[choice], outcome) @ weight)

    found = held_out([Choice(strength, 0.0) for strength in STRENGTHS])
    ruler = min(found, key=loss)
    found |= held_out([Choice(ruler.strength, factor) for factor in LOUDNESS])
    best = min(found, key=loss)
    with_slope = [c._replace(slope=calibrating_slope(found[c], outcome, weight)) for c in (best, ruler)]
    return with_slope[0], with_slope[1]


def _unseen(made: Design, one: tuple[Part, Ints], choice: Choice, tick: Tick) -> Floats:
    tick()
    ready, test = one
    return margins(made, test, fitted(ready, choice))


def calibrating_slope(margin: Floats, outcome: Floats, weight: Floats) -> float:
    """The factor, inside `SLOPES`, that gives held-out margins (logits) the least log-loss."""

    def loss(slope: float) -> float:
        return float(log_losses(slope * margin, outcome) @ weight)

    return float(optimize.minimize_scalar(loss, bounds=SLOPES, method="bounded").x)


def full_weights(made: Design, weights: Coefficients) -> tuple[Ints, npt.NDArray[np.float32]]:
    """The columns of `features` that carry weight, in increasing order, and their weights."""
    surface = np.arange(SURFACE_COLUMNS)
    if weights.ngrams is None:
        return surface, weights.surface.astype(np.float32)
    hashed = weights.ngrams if made.basis is None else made.hashed.T @ (made.basis @ weights.ngrams)
    columns = np.concatenate([surface, SURFACE_COLUMNS + made.active])
    return columns, np.concatenate([weights.surface, np.asarray(hashed)]).astype(np.float32)
