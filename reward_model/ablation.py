"""Which families of features carry what: held-out accuracy without each, and with each alone."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import numpy as np

from reward_model.abreast import abreast
from reward_model.bootstrap import Draws
from reward_model.evaluate import Fold, difference, held_out_by, hits
from reward_model.features import Floats
from reward_model.fit import Tick
from reward_model.observations import Observations

Refit = Callable[[Fold, Collection[str]], Floats]
"""A fit with some families on a fold's training part → the margins of the fold's held-out pairs."""


def fits_for_ablation(n_folds: int, families: Sequence[str]) -> int:
    """How many fits an ablation takes."""
    return 2 * n_folds * len(families) if len(families) > 1 else 0


def ablation_findings(
    families: Sequence[str],
    obs: Observations,
    margin: Floats,
    outer: Sequence[Fold],
    refit: Refit,
    drawn: Draws,
    tick: Tick = lambda: None,
) -> list[dict[str, Any]]:
    """The card's list: one row a family, in their order; none where there is one family alone.

    `difference` is the accuracy with all families less `accuracy_without` (above 0: the family helps), on the same
    pairs. The fits are made with the choices of each fold, which know nothing of its held-out pairs. `margin` is the
    held-out margin with all families.
    """
    if len(families) < 2:
        return []
    among, whole = held_out_by(outer, obs), hits(margin, obs)
    rows = list[dict[str, Any]]()
    for family, without, alone in _refitted(families, obs, outer, refit, tick):
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


def _refitted(
    families: Sequence[str], obs: Observations, outer: Sequence[Fold], refit: Refit, tick: Tick
) -> Iterator[tuple[str, Floats, Floats]]:
    """Each family with the hits of the fits without it and of those with it alone."""
    used = [*([one for one in families if one != family] for family in families), *([family] for family in families)]

    def of_fold(fold: Fold, tick: Tick) -> list[Floats]:
        found = []
        for some in used:
            tick()
            found.append(refit(fold, some))
        return found

    margins = np.zeros((len(used), len(obs)))
    for fold, found in zip(outer, abreast(of_fold, outer, tick), strict=True):
        margins[:, fold.test] = found
    for n, family in enumerate(families):
        yield family, hits(margins[n], obs), hits(margins[n + len(families)], obs)
