"""The same optimum by scikit-learn, on differences of features: slower, and not ours."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from reward_model.features import Block, Floats
from reward_model.solver import Pairs


def reference(blocks: Sequence[Block], loud: Sequence[float], pairs: Pairs) -> list[Floats]:
    """What `solver.minimum` finds: weights of each block, for the blocks multiplied by `loud`."""
    differences = [_difference(block, pairs) * factor for block, factor in zip(blocks, loud, strict=True)]
    columns, outcome, weight = _rows(np.hstack(differences), pairs)
    solver = LogisticRegression(C=1.0, fit_intercept=False, max_iter=5_000, tol=1e-6)
    found = solver.fit(columns, outcome, sample_weight=weight).coef_[0].astype(np.float64)
    return np.split(found, np.cumsum([block.shape[1] for block in blocks])[:-1])


def _difference(block: Block, pairs: Pairs) -> Floats:
    dense = block.toarray() if sparse.issparse(block) else np.asarray(block)
    return np.asarray(dense[pairs.first] - dense[pairs.second], dtype=np.float64)


def _rows(columns: Floats, pairs: Pairs) -> tuple[Floats, Floats, Floats]:
    """One row for each side that has weight; the first is turned round where all fall one way, as solvers ask."""
    won, lost = pairs.weight * pairs.outcome, pairs.weight * (1 - pairs.outcome)
    some, other = np.flatnonzero(won), np.flatnonzero(lost)
    rows, outcome = np.vstack([columns[some], columns[other]]), np.repeat([1.0, 0.0], [len(some), len(other)])
    if outcome.min() == outcome.max():
        rows[0], outcome[0] = -rows[0], 1 - outcome[0]
    return rows, outcome, np.concatenate([won[some], lost[other]])
