"""Bounds and scales of the features that have a name, from the training part alone."""

import numpy as np
import numpy.typing as npt

from reward_model.features import Floats
from reward_model.observations import Ints
from reward_model.solver import Pairs

RARE = 0.001
"""This share of the responses is beyond the bounds of a number, at either end."""
MOST_BOUNDED = 200_000
"""Of more responses, every so many-th tells the bounds."""
_AT_ONCE = 20_000


def bounds(numbers: Floats, rows: Ints) -> tuple[Floats, Floats]:
    """Below and above what a number counts as the bound, by these rows: nothing is concluded beyond what was fitted."""
    low, high = np.quantile(numbers[rows[:: 1 + len(rows) // MOST_BOUNDED]], [RARE, 1 - RARE], axis=0)
    return low, high


def inside(numbers: Floats, low: Floats, high: Floats) -> npt.NDArray[np.float32]:
    """The numbers within their bounds, as they are fitted."""
    return np.clip(numbers, low, high, out=np.empty(numbers.shape, np.float32), casting="same_kind")


def scale_of(numbers: npt.NDArray[np.float32], pairs: Pairs) -> Floats:
    """The root of the weighted mean square difference between the two responses of a pair, or 1 where there is none."""
    squares = np.zeros(numbers.shape[1])
    for at in range(0, len(pairs.first), _AT_ONCE):
        some = slice(at, at + _AT_ONCE)
        difference = numbers[pairs.first[some]].astype(np.float64) - numbers[pairs.second[some]]
        squares += pairs.weight[some] @ difference**2
    size = np.sqrt(squares / pairs.weight.sum())
    return np.where(size > 1e-9, size, 1.0)
