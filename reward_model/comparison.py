"""Two versions of a reward model, compared on the held-out pairs that both have."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from reward_model.bootstrap import RESAMPLES, Bools, Draws, Floats, draws
from reward_model.calibration import log_losses
from reward_model.model import HeldOutPairs
from reward_model.observations import Ints

BETTER, WORSE, CANNOT_TELL, NOTHING_COMMON = "better", "worse", "cannot tell", "no common pairs"
SAYS: Mapping[str, str] = {
    BETTER: "The newer version is right more often on the pairs that both have held out.",
    WORSE: "The newer version is right less often on the pairs that both have held out.",
    CANNOT_TELL: "The pairs that both versions have held out cannot tell which is right more often.",
    NOTHING_COMMON: "The two versions have no pair in common, so they cannot be compared pair by pair.",
}
"""Verdict → a sentence."""


class _Common(NamedTuple):
    """The pairs that both hold, once each."""

    before: Floats
    after: Floats
    outcome: Floats
    group: Ints


def compared(before: HeldOutPairs, after: HeldOutPairs) -> dict[str, Any]:
    """Is `after` better than `before`? Both predict pairs of prompts that they were not fitted on.

    `accuracy` (pairs that are no ties) and `log_loss` hold `before`, `after`, `difference` with its 95 % interval `ci`
    (prompts drawn with replacement, both versions on the same draw) and `p`, the two-sided p-value of no difference
    (signs of prompts by coin); both are None where nothing is common. The `verdict` follows from the interval of the
    difference of accuracies.
    """
    common = _common(before, after)
    decided = common.outcome != 0.5
    sizes = {"n_pairs": len(decided), "n_prompts": len(np.unique(common.group)), "n_decided": int(decided.sum())}
    if not decided.any():
        return {**sizes, "accuracy": None, "log_loss": None, "verdict": NOTHING_COMMON}
    drawn = draws(common.group)
    margins, towards = (common.before, common.after), np.sign(2 * common.outcome - 1)
    hit = [(1 + np.sign(margin) * towards) / 2 for margin in margins]
    loss = [log_losses(margin, common.outcome) for margin in margins]
    accuracy = _difference(hit[0], hit[1], decided, drawn)
    return {
        **sizes,
        "accuracy": accuracy,
        "log_loss": _difference(loss[0], loss[1], np.ones(len(decided), dtype=bool), drawn),
        "verdict": _verdict(accuracy["ci"]),
    }


def _common(before: HeldOutPairs, after: HeldOutPairs) -> _Common:
    _, one, two = np.intersect1d(before.mark, after.mark, return_indices=True)
    group = np.asarray(np.unique(after.group[two], return_inverse=True)[1], dtype=np.intp)
    margins = before.margin[one].astype(np.float64), after.margin[two].astype(np.float64)
    return _Common(*margins, outcome=after.outcome[two].astype(np.float64), group=group)


def _difference(before: Floats, after: Floats, among: Bools, drawn: Draws) -> dict[str, Any]:
    gains = np.asarray(after - before)
    return {
        "before": float(before[among].mean()),
        "after": float(after[among].mean()),
        "difference": float(gains[among].mean()),
        "ci": drawn.interval(gains, among, -1.0),
        "p": _p_value(np.where(among, gains, 0.0), drawn),
    }


def _p_value(gains: Floats, drawn: Draws) -> float:
    """How often a gain this large comes about when each prompt's gain gets its sign by coin (Fisher 1935)."""
    sums = np.bincount(drawn.place, weights=gains, minlength=drawn.n)
    signs = np.random.default_rng(drawn.seed).choice([-1.0, 1.0], size=(RESAMPLES, drawn.n))
    larger = np.abs(signs @ sums) >= abs(sums.sum()) - 1e-12
    return float((1 + larger.sum()) / (1 + RESAMPLES))


def _verdict(interval: list[float]) -> str:
    low, high = interval
    if low > 0:
        return BETTER
    return WORSE if high < 0 else CANNOT_TELL
