"""How freely the weights of a flag model may grow: chosen inside the training part, never on what is reported."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.model_selection import StratifiedGroupKFold

from reward_model.flag_model import Bools, Floats, fit

STRENGTHS = (0.25, 1.0, 4.0, 16.0)
"""scikit-learn's C, from the most cautious on."""
INNER_FOLDS = 3
FITS_A_CHOICE = len(STRENGTHS) * INNER_FOLDS
Tick = Callable[[], None]
"""Called after every fit; it may raise to stop the work."""


def chosen_strength(found: sparse.csr_matrix, flagged: Bools, groups: npt.NDArray[np.intp], tick: Tick) -> float:
    """The most cautious strength whose share of errors on held-out groups is within one standard error of the least.

    What comes to be judged differs from what was fitted on, and a cautious model suffers less from that. Source:
    Breiman, Friedman, Olshen & Stone (1984), Classification and Regression Trees, 3.4.3.
    """
    wrong = np.zeros((len(STRENGTHS), len(flagged)))
    splitter = StratifiedGroupKFold(INNER_FOLDS, shuffle=True, random_state=0)
    for train, test in splitter.split(groups, flagged, groups):
        for at, strength in enumerate(STRENGTHS):
            said = fit(found[train], flagged[train], strength).model({}).of_counts(found[test]) >= 0.5
            wrong[at, test] = said != flagged[test]
            tick()
    errors = wrong.mean(axis=1)
    least = int(np.argmin(errors))
    near = errors <= errors[least] + _standard_error(wrong[least], groups)
    return STRENGTHS[int(np.argmax(near))]


def _standard_error(wrong: Floats, groups: npt.NDArray[np.intp]) -> float:
    """Of the share of errors, over groups."""
    _, place = np.unique(groups, return_inverse=True)
    sums = np.bincount(place, weights=wrong - wrong.mean())
    return float(np.sqrt((sums**2).sum() * len(sums) / max(len(sums) - 1, 1)) / len(wrong))
