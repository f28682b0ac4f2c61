"""Bounds and scales of the features that have a name, from the training part alone."""

import numpy as np

from reward_model.features import Floats
from reward_model.solver import Pairs

RARE = 0.001
"""This share of the responses is beyond the bounds of a number, at either end."""
MOST_BOUNDED = 200_000
"""Of more responses, every so many-th tells the bounds."""
_AT_ONCE = 100_000


def bounds(numbers: Floats) -> tuple[Floats, Floats]:
    """Below and above what a number counts as the bound: nothing is concluded beyond what was fitted."""
    low, high = np.quantile(numbers[:: 1 + len(numbers) // MOST_BOUNDED], [RARE, 1 - RARE], axis=0)
    return low, high


def scale_of(numbers: Floats, pairs: Pairs) -> Floats:
    """The root of the weighted mean square difference between the two responses of a pair, or 1 where there is none."""
    squares = np.zeros(numbers.shape[1])
    for at in range(0, len(pairs.first), _AT_ONCE):
        some = slice(at, at + _AT_ONCE)
        squares += pairs.weight[some] @ (numbers[pairs.first[some]] - numbers[pairs.second[some]]) ** 2
    size = np.sqrt(squares / pairs.weight.sum())
    return np.where(size > 1e-9, size, 1.0)
