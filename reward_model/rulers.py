"""Rulers that know one thing of a response: its Markdown, or where it stood on the screen."""

from collections.abc import Sequence

import numpy as np
from scipy import optimize

from data.schemas import PreferencePair
from reward_model.calibration import log_losses
from reward_model.design import Design
from reward_model.evaluate import Fold
from reward_model.features import Floats
from reward_model.fit import folds
from reward_model.observations import Ints, Observations
from reward_model.surface import SURFACE

MARKDOWN = ("headings", "list_items", "bold", "code_blocks", "inline_code", "table_rows")
"""The surface features that count Markdown."""
_STRENGTHS = (0.01, 0.1, 1.0)
_INNER_FOLDS = 3


def markdown_margins(made: Design, obs: Observations, outer: Sequence[Fold]) -> Floats:
    """Held-out margins of a fit on Markdown counts alone; its strength is chosen inside each training part."""
    columns = [list(SURFACE).index(name) for name in MARKDOWN]
    counts = made.numbers[:, columns]
    x, margin = counts[obs.first] - counts[obs.second], np.zeros(len(obs))
    for fold in outer:
        strength = min(_STRENGTHS, key=lambda one: _inner_loss(x, obs, fold.train, one))
        margin[fold.test] = x[fold.test] @ small_fit(x, obs, fold.train, strength)
    return margin


def _inner_loss(x: Floats, obs: Observations, rows: Ints, strength: float) -> float:
    loss = 0.0
    for train, test in folds(obs.group[rows], _INNER_FOLDS):
        weights = small_fit(x, obs, rows[train], strength)
        test = rows[test]
        loss += float(log_losses(x[test] @ weights, obs.outcome[test]) @ obs.weight[test])
    return loss


def small_fit(x: Floats, obs: Observations, rows: Ints, strength: float) -> Floats:
    """Logistic weights for a few columns `x` (pairs × columns, first minus second), in the units of `x`.

    The penalty is scikit-learn's with C = `strength` on columns scaled to a mean square of 1; a tie is half each way.
    """
    scale = np.sqrt(np.average(x[rows] ** 2, axis=0, weights=obs.weight[rows]))
    scale[scale < 1e-9] = 1.0
    inside, outcome, weight = x[rows] / scale, obs.outcome[rows], obs.weight[rows]

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = inside @ weights
        pull = weight * (1 / (1 + np.exp(-np.clip(margin, -500, 500))) - outcome)
        value = float(log_losses(margin, outcome) @ weight) + float(weights @ weights) / (2 * strength)
        return value, inside.T @ pull + weights / strength

    found = optimize.minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x / scale)


def positions(pairs: Sequence[PreferencePair], obs: Observations) -> Floats | None:
    """1 where the first response stood before the second on the screen, −1 after it, NaN unknown; None: all unknown."""
    ahead = [_ahead(pair) for pair in pairs]
    chosen_ahead = np.array([np.nan if sign is None else sign for sign in ahead], dtype=np.float64)
    if np.isnan(chosen_ahead).all():
        return None
    return np.asarray(chosen_ahead * np.where(obs.outcome == 0, -1.0, 1.0))


def _ahead(pair: PreferencePair) -> int | None:
    if pair.chosen_place is None or pair.rejected_place is None:
        return None
    return 1 if pair.chosen_place < pair.rejected_place else -1
