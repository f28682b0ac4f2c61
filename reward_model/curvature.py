"""Directions in which the penalised loss curves about equally: along them L-BFGS needs a quarter of the passes.

The curvature is estimated at probabilities of one half, from some of the pairs, for each block by itself: what is
correlated in a few dense columns is turned apart, many columns are each stretched alone.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Block = sparse.csr_matrix | npt.NDArray[np.float32]
LOOKED_AT = 5_000
"""About so many pairs tell the curvature."""
MOST_TURNED = 300
"""Up to so many dense columns are turned: it takes a matrix of them."""


class Directions:
    """Coordinates in which the curvature is about 1; `axes` of a block is a matrix, or a length for each column."""

    def __init__(self, axes: Sequence[Floats]) -> None:
        self.axes = axes
        self.ends = np.cumsum([len(one) for one in axes])[:-1]

    def weights(self, place: Floats) -> Floats:
        """The weights at a place."""
        return np.concatenate([_along(axes, part) for axes, part in self._parts(place)])

    def slope(self, gradient: Floats) -> Floats:
        """What a gradient by the weights is by the place."""
        return np.concatenate([_along(axes.T, part) for axes, part in self._parts(gradient)])

    def place(self, weights: Floats) -> Floats:
        """Where these weights are."""
        parts = self._parts(weights)
        return np.concatenate([linalg.solve(axes, w) if axes.ndim == 2 else w / axes for axes, w in parts])

    def _parts(self, every: Floats) -> list[tuple[Floats, Floats]]:
        return list(zip(self.axes, np.split(every, self.ends), strict=True))


def _along(axes: Floats, part: Floats) -> Floats:
    return np.asarray(axes @ part if axes.ndim == 2 else axes * part)


def straight(blocks: Sequence[Block]) -> Directions:
    """The columns as they are: in a small fit a pass costs less than a look at the curvature."""
    return Directions([np.ones(block.shape[1]) for block in blocks])


def directions(blocks: Sequence[Block], loud: Sequence[float], first: Ints, second: Ints, weight: Floats) -> Directions:
    """The directions for blocks multiplied by `loud`, with a penalty of ½|weights|²."""
    some = slice(None, None, 1 + len(first) // LOOKED_AT)
    share = weight[some] * weight.sum() / weight[some].sum() / 4
    differences = (block[first[some]] - block[second[some]] for block in blocks)
    return Directions([_axes(one, factor**2 * share) for one, factor in zip(differences, loud, strict=True)])


def _axes(difference: Block, share: Floats) -> Floats:
    if sparse.issparse(difference):
        return np.asarray(1 / np.sqrt(1 + difference.power(2).T @ share))
    if difference.shape[1] > MOST_TURNED:
        return np.asarray(1 / np.sqrt(1 + (difference**2).T @ share))
    curvature = difference.T @ (share[:, None] * difference) + np.eye(difference.shape[1])
    return np.asarray(linalg.inv(linalg.cholesky(curvature)))
