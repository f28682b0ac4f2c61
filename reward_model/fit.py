"""The fit: Bradley–Terry logistic regression on differences of features, with scikit-learn.

P(first is preferred) = σ(w·x(first) − w·x(second)), no intercept (Bradley & Terry 1952). Two numbers are chosen by
cross-validation over prompts inside the training part: how strongly surface weights are held back, and how loud
the n-grams are beside them (0 leaves them out).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from reward_model.features import SURFACE_COLUMNS, Floats, features
from reward_model.observations import Ints, Observations

STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
"""scikit-learn's C for standardised surface features: large trusts the data more."""
LOUDNESS = (2.0, 4.0, 8.0)
"""Factors on the n-grams, whose rows have length 1 a family, beside 0: the surface-only model."""
INNER_FOLDS = 3
FITS_A_CHOICE = INNER_FOLDS * (len(STRENGTHS) + len(LOUDNESS))
MOST_ROTATED = 2_000
"""Up to so many responses the n-grams are rotated into as many dense columns: the same fit, faster."""

Columns = sparse.csr_matrix | npt.NDArray[np.float32]
Tick = Callable[[], None]
"""Called after every fit; it may raise to stop the work."""


class Choice(NamedTuple):
    """scikit-learn's C, and the factor on the n-grams (0: surface only)."""

    strength: float
    loudness: float


@dataclass(frozen=True)
class Differences:
    """What is fitted: first minus second, pairs × columns; and what leads back from columns to features.

    `rows` are the `features` of the unique responses. `surface` is in the features' own units. `ngrams` has the hashed
    columns named by `active`, or a rotation of them: then `basis` (responses × columns) gives back the weights of
    `active` as `hashed`ᵀ·`basis`·w.
    """

    rows: sparse.csr_matrix
    surface: Floats
    ngrams: Columns
    hashed: sparse.csr_matrix
    active: Ints
    basis: Floats | None


class Coefficients(NamedTuple):
    """Weights for `Differences`: surface in its own units, and n-grams (None: left out)."""

    surface: Floats
    ngrams: Floats | None


def differences(obs: Observations) -> Differences:
    """The differences of all pairs; every unique response is featurised once, and no outcome is looked at."""
    rows = features(obs.items)
    surface, every = rows[:, :SURFACE_COLUMNS].toarray(), rows[:, SURFACE_COLUMNS:].astype(np.float32)
    active = np.flatnonzero(every.getnnz(axis=0))
    hashed = sparse.csr_matrix(every[:, active])
    basis = _basis(hashed) if hashed.shape[0] <= MOST_ROTATED else None
    columns: Any = hashed if basis is None else np.asarray(hashed @ (hashed.T @ basis), dtype=np.float32)
    return Differences(
        rows, surface[obs.first] - surface[obs.second], columns[obs.first] - columns[obs.second], hashed, active, basis
    )


def _basis(hashed: sparse.csr_matrix) -> Floats:
    """V with hashedᵀV orthonormal: an L2-penalised fit on hashed·hashedᵀV is the fit on hashed."""
    gram = np.asarray((hashed @ hashed.T).toarray(), dtype=np.float64)
    values, vectors = linalg.eigh(gram)
    kept = values > 1e-6 * max(float(values[-1]), 1e-12)
    return np.asarray(vectors[:, kept] / np.sqrt(values[kept]), dtype=np.float64)


def fitted(diff: Differences, obs: Observations, rows: Ints, choice: Choice, exact: bool = False) -> Coefficients:
    """The weights that the pairs `rows` give; ties count half each way. `exact` asks for a tighter optimum."""
    scale = _scale(diff.surface[rows], obs.weight[rows])
    columns = _columns(diff, rows, scale, choice.loudness)
    columns, outcome, weight = _two_sided(columns, obs.outcome[rows], obs.weight[rows])
    solver = LogisticRegression(C=choice.strength, fit_intercept=False, max_iter=5000, tol=1e-6 if exact else 1e-4)
    weights = solver.fit(columns, outcome, sample_weight=weight).coef_[0].astype(np.float64)
    surface, ngrams = weights[:SURFACE_COLUMNS] / scale, weights[SURFACE_COLUMNS:] * choice.loudness
    return Coefficients(surface, ngrams if choice.loudness else None)


def _scale(surface: Floats, weight: Floats) -> Floats:
    size = np.sqrt(np.average(surface**2, axis=0, weights=weight))
    return np.where(size > 1e-9, size, 1.0)


def _columns(diff: Differences, rows: Ints, scale: Floats, loudness: float) -> Columns:
    surface = np.asarray(diff.surface[rows] / scale, dtype=np.float32)
    if not loudness:
        return surface
    ngrams = diff.ngrams[rows] * np.float32(loudness)
    if isinstance(ngrams, np.ndarray):
        return np.hstack([surface, ngrams])
    return sparse.csr_matrix(sparse.hstack([sparse.csr_matrix(surface), ngrams], format="csr"))


def _two_sided(columns: Columns, outcome: Floats, weight: Floats) -> tuple[Columns, Floats, Floats]:
    """Ties as two rows of half the weight; and where all outcomes are alike, one row turned round, as solvers need."""
    tied = np.flatnonzero(outcome == 0.5)
    once = np.flatnonzero(outcome != 0.5)
    order = np.concatenate([once, tied, tied])
    columns, weight = columns[order], np.concatenate([weight[once], weight[tied] / 2, weight[tied] / 2])
    outcome = np.concatenate([outcome[once], np.ones(len(tied)), np.zeros(len(tied))])
    if len(outcome) and outcome.min() == outcome.max():
        sign = np.where(np.arange(len(outcome)) == 0, -1.0, 1.0).astype(np.float32)[:, None]
        outcome[0] = 1 - outcome[0]
        columns = columns * sign if isinstance(columns, np.ndarray) else sparse.csr_matrix(columns.multiply(sign))
    return columns, outcome, weight


def margins(diff: Differences, rows: Ints, weights: Coefficients) -> Floats:
    """Score of the first response minus score of the second, in logits, for the pairs `rows`."""
    found = np.asarray(diff.surface[rows] @ weights.surface, dtype=np.float64)
    return found if weights.ngrams is None else found + np.asarray(diff.ngrams[rows] @ weights.ngrams)


def log_losses(margin: Floats, outcome: Floats) -> Floats:
    """−log of the probability given to what happened, per pair; a tie counts half each way."""
    return np.asarray(np.logaddexp(0, margin) - outcome * margin)


def folds(group: Ints, most: int) -> Iterator[tuple[Ints, Ints]]:
    """Train and held-out positions, `most` times or as often as there are groups; no group is on both sides."""
    splitter = GroupKFold(min(most, len(np.unique(group))))
    yield from splitter.split(np.zeros(len(group)), groups=group)


def choices(diff: Differences, obs: Observations, rows: Ints, tick: Tick) -> tuple[Choice, Choice]:
    """The best choice by held-out log-loss within `rows`, and the best surface-only choice."""

    def losses(candidates: Sequence[Choice]) -> dict[Choice, float]:
        return {choice: _held_out_loss(diff, obs, rows, choice, tick) for choice in candidates}

    quiet = losses([Choice(strength, 0.0) for strength in STRENGTHS])
    ruler = min(quiet, key=lambda choice: quiet[choice])
    every = quiet | losses([Choice(ruler.strength, factor) for factor in LOUDNESS])
    return min(every, key=lambda choice: every[choice]), ruler


def _held_out_loss(diff: Differences, obs: Observations, rows: Ints, choice: Choice, tick: Tick) -> float:
    total = 0.0
    for train, held_out in folds(obs.group[rows], INNER_FOLDS):
        tick()
        weights = fitted(diff, obs, rows[train], choice)
        losses = log_losses(margins(diff, rows[held_out], weights), obs.outcome[rows[held_out]])
        total += float(losses @ obs.weight[rows[held_out]])
    return total


def full_weights(diff: Differences, weights: Coefficients) -> tuple[Ints, npt.NDArray[np.float32]]:
    """The columns of `features` that carry weight, in increasing order, and their weights."""
    surface = np.arange(SURFACE_COLUMNS)
    if weights.ngrams is None:
        return surface, weights.surface.astype(np.float32)
    hashed = weights.ngrams if diff.basis is None else diff.hashed.T @ (diff.basis @ weights.ngrams)
    columns = np.concatenate([surface, SURFACE_COLUMNS + diff.active])
    return columns, np.concatenate([weights.surface, np.asarray(hashed)]).astype(np.float32)
