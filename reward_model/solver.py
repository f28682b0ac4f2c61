"""The optimum of the penalised likelihood, found over responses and not over pairs.

The likelihood is Σ weightᵢ·lossᵢ with P(first is preferred) = σ(s(first) − s(second)); each response is scored once,
however many pairs it is in, and the matrix of differences is never made. Passes over the features are in float32: they
are bound by memory. SciPy's L-BFGS does the rest (Byrd, Lu, Nocedal & Zhu 1995), along the directions of `curvature`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize
from scipy.special import expit

from reward_model.curvature import Block, Floats, Ints, directions, straight

LOOSE, EXACT = 1e-5, 1e-9
"""A fit ends when a step lowers the loss by less than this share of it: among choices, and for the final weights."""
MOST_PASSES = 5_000
MANY_PAIRS = 20_000
"""From so many pairs on, fewer passes are worth a look at the curvature."""


class Pairs(NamedTuple):
    """Distinct pairs: places of the two responses, share of weight for the first (½: a tie), and weight."""

    first: Ints
    second: Ints
    outcome: Floats
    weight: Floats


class NotConvergedError(RuntimeError):
    """The solver gave up before it was at the optimum."""


class _Likelihood:
    """The penalised loss of scaled blocks, and its gradient."""

    def __init__(self, blocks: Sequence[Block], loud: Sequence[float], pairs: Pairs) -> None:
        self.blocks, self.loud, self.pairs = blocks, loud, pairs
        self.turned = [block.T for block in blocks]
        self.ends = np.cumsum([block.shape[1] for block in blocks])[:-1]
        self.n = int(blocks[0].shape[0])

    def scores(self, weights: Floats) -> npt.NDArray[np.float32]:
        """The score of every response."""
        score = np.zeros(self.n, dtype=np.float32)
        for block, factor, part in zip(self.blocks, self.loud, np.split(weights, self.ends), strict=True):
            score += block @ (factor * part).astype(np.float32)
        return score

    def loss(self, weights: Floats) -> tuple[float, Floats]:
        """Loss and gradient: Σ weight·loss + ½|weights|²."""
        score = self.scores(weights)
        first, second, outcome, weight = self.pairs
        margin = (score[first] - score[second]).astype(np.float64)
        loss = float(weight @ (np.logaddexp(0, margin) - outcome * margin)) + float(weights @ weights) / 2
        pull = weight * (expit(margin) - outcome)
        residual = np.bincount(first, pull, self.n) - np.bincount(second, pull, self.n)
        return loss, self.gradient(residual.astype(np.float32)) + weights

    def gradient(self, residual: npt.NDArray[np.float32]) -> Floats:
        """What a residual of each response says of each weight."""
        parts = [factor * (turned @ residual) for turned, factor in zip(self.turned, self.loud, strict=True)]
        return np.concatenate(parts).astype(np.float64)


def minimum(
    blocks: Sequence[Block], loud: Sequence[float], pairs: Pairs, start: Sequence[Floats], exact: bool = False
) -> list[Floats]:
    """The weights of each block that make Σ weight·loss + ½|weights|² least, for the blocks multiplied by `loud`.

    `blocks` are responses × columns, float32; `start` is where to begin, a vector a block. NotConvergedError when there
    is no optimum after `MOST_PASSES`.
    """
    options: Any = {"maxiter": MOST_PASSES, "maxfun": MOST_PASSES, "ftol": EXACT if exact else LOOSE, "gtol": 1e-5}
    likelihood = _Likelihood(blocks, loud, pairs)
    is_large = len(pairs.first) >= MANY_PAIRS
    along = directions(blocks, loud, pairs.first, pairs.second, pairs.weight) if is_large else straight(blocks)

    def loss(place: Floats) -> tuple[float, Floats]:
        value, gradient = likelihood.loss(along.weights(place))
        return value, along.slope(gradient)

    found = optimize.minimize(loss, along.place(np.concatenate(start)), jac=True, method="L-BFGS-B", options=options)
    if found.nfev >= MOST_PASSES or not np.isfinite(found.fun):
        raise NotConvergedError(f"The fit did not converge in {found.nfev} passes: {found.message}")
    return np.split(along.weights(found.x), likelihood.ends)
