"""What second opinions are worth: held-out accuracy without them and with them, on the same pairs."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import numpy as np

from data.schemas import PreferencePair
from reward_model.abreast import abreast
from reward_model.bootstrap import draws
from reward_model.design import design
from reward_model.evaluate import OUTER_FOLDS
from reward_model.fit import ALL, Tick, choices, fits_a_choice, fitted, folds, margins, part
from reward_model.observations import Ints, check_enough, observations

FITS = OUTER_FOLDS * fits_a_choice(ALL)
"""How many small fits a comparison takes."""


def relabelled(
    pairs: Sequence[PreferencePair], second: Sequence[bool], report: Callable[[int], None]
) -> dict[str, Any] | None:
    """Accuracy `before` and `after`, JSON-able; None where there is no second opinion, or nothing to test on.

    `second` says which pairs come from second opinions. Before: fits without them; after: fits with all pairs. Tested
    are pairs of held-out prompts, on tasks without a second opinion: what they say is the same before and after.
    `report` is told how many of the `FITS` are done. InputError where the first judgements alone are too few for a fit.
    """
    obs, is_second = observations(pairs), np.array(second, dtype=bool)
    again = {pair.task_id for pair, one in zip(pairs, second, strict=True) if one}
    tested = obs.decided & np.array([pair.task_id not in again for pair in pairs])
    if not is_second.any() or not tested.any():
        return None
    check_enough(observations([pair for pair, one in zip(pairs, second, strict=True) if not one]))
    made = design(obs)
    margin = np.zeros((2, len(obs)))

    def held_out(fold: tuple[Ints, Ints], tick: Tick) -> None:
        train, test = fold
        choice, _ = choices(made, obs, train, tick, ALL)
        for way, rows in enumerate((train[~is_second[train]], train)):
            margin[way, test] = margins(made, test, fitted(made, part(made, obs, rows), choice))

    done = count(1)
    abreast(held_out, list(folds(obs.group, OUTER_FOLDS)), lambda: report(next(done)))
    hits = (1 + np.sign(margin) * np.sign(obs.outcome - 0.5)) / 2
    drawn = draws(obs.group)
    return {
        "before": float(hits[0, tested].mean()),
        "after": float(hits[1, tested].mean()),
        "ci": drawn.interval(hits[1] - hits[0], tested),
        "n_pairs": int(tested.sum()),
        "n_second": int(is_second.sum()),
    }
