"""How far the scores follow length."""

from typing import Any

import numpy as np
from scipy.stats import spearmanr

from reward_model.bootstrap import Bools, Draws
from reward_model.evaluate import HeldOut, hits
from reward_model.features import Floats
from reward_model.observations import Observations

EQUAL = 0.1
"""Lengths are equal within this share of the longer one."""


def length_gaps(obs: Observations) -> Floats:
    """By what share of the longer response the shorter one is shorter, in characters; 0 where both are empty."""
    length = np.array([len(response) for _, response in obs.items], dtype=np.float64)
    one, two = length[obs.first], length[obs.second]
    return np.asarray(np.abs(one - two) / np.maximum(np.maximum(one, two), 1))


def length_findings(obs: Observations, held_out: HeldOut, drawn: Draws, removed: bool) -> dict[str, Any]:
    """The card's block: accuracy where lengths are equal, and how score and length differences go together.

    `equal_length` is None where there is no such pair, `correlation` (Spearman, both ways round) where one of the two
    never differs. `removed`: length's effect was taken out of the scores.
    """
    among = obs.decided & (length_gaps(obs) <= EQUAL)
    return {
        "equal_length": _at_equal_length(obs, held_out, drawn, among) if among.any() else None,
        "correlation": _correlation(held_out.margin, held_out.longer),
        "removed": removed,
    }


def _at_equal_length(obs: Observations, held_out: HeldOut, drawn: Draws, among: Bools) -> dict[str, Any]:
    hit = hits(held_out.margin, obs)
    return {
        "accuracy": float(hit[among].mean()),
        "ci": drawn.interval(hit, among),
        "n_pairs": int(among.sum()),
        "n_prompts": len(np.unique(obs.group[among])),
    }


def _correlation(margin: Floats, longer: Floats) -> float | None:
    """Both ways round: which response is called the first then changes nothing."""
    if not margin.any() or not longer.any():
        return None
    found = spearmanr(np.concatenate([margin, -margin]), np.concatenate([longer, -longer]))
    return float(found.statistic)
