"""How surprising probabilities were, and the one number that makes them as sure as they were right."""

import numpy as np
from scipy import optimize

from reward_model.features import Floats

SLOPES = (0.01, 2.0)
"""The least and the largest calibrating slope: few prompts may ask for anything, and 0 would lose the ranking."""
BOLDER = 0.1
"""The standard deviation of the logarithm of slopes above 1, before anything is known."""


def log_losses(margin: Floats, outcome: Floats) -> Floats:
    """−log of the probability given to what happened, per pair; a tie counts half each way."""
    return np.asarray(np.logaddexp(0, margin) - outcome * margin)


def calibrating_slope(margin: Floats, outcome: Floats, weight: Floats) -> float:
    """The factor, inside `SLOPES`, that gives held-out margins (logits) the least log-loss.

    They were chosen for a small loss, so chance makes them look too modest: a factor above 1 needs evidence (a normal
    prior on its logarithm, of standard deviation `BOLDER`).
    """

    def loss(slope: float) -> float:
        boldness = max(float(np.log(slope)), 0.0) / BOLDER
        return float(log_losses(slope * margin, outcome) @ weight) + boldness**2 / 2

    return float(optimize.minimize_scalar(loss, bounds=SLOPES, method="bounded").x)
