"""Which families of features carry what: held-out accuracy without each, and with each alone."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from reward_model.bootstrap import Draws
from reward_model.evaluate import Fold, difference, hits, tested
from reward_model.features import Floats
from reward_model.observations import Observations

Refit = Callable[[Fold, Collection[str]], Floats]
"""A fit with some families on a fold's training part → the margins of the fold's held-out pairs."""


def fits_for_ablation(n_folds: int, n_families: int) -> int:
    """How many fits an ablation takes."""
    return 2 * n_folds * n_families if n_families > 1 else 0


def ablation_findings(
    families: Sequence[str], obs: Observations, margin: Floats, outer: Sequence[Fold], refit: Refit, drawn: Draws
) -> list[dict[str, Any]]:
    """The card's list: one row a family, in their order; none where there is one family alone.

    `difference` is the accuracy with all families less `accuracy_without` (above 0: the family helps), on the same
    pairs. The fits are made with the choices of each fold, which know nothing of its held-out pairs. `margin` is the
    held-out margin with all families.
    """
    if len(families) < 2:
        return []
    among, whole = tested(outer, obs), hits(margin, obs)

    def held_out(used: Collection[str]) -> Floats:
        found = np.zeros(len(obs))
        for fold in outer:
            found[fold.test] = refit(fold, used)
        return hits(found, obs)

    rows = list[dict[str, Any]]()
    for family in families:
        without, alone = held_out([one for one in families if one != family]), held_out([family])
        rows.append(
            {
                "family": family,
                "accuracy_without": float(without[among].mean()),
                **difference(drawn, whole - without, among),
                "accuracy_alone": float(alone[among].mean()),
                "alone_ci": drawn.interval(alone, among),
            }
        )
    return rows
