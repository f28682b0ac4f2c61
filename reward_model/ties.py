"""Ties that people gave against ties that the model would give."""

from typing import Any

import numpy as np

from reward_model.evaluate import HeldOut
from reward_model.observations import Observations


def tie_findings(obs: Observations, held_out: HeldOut) -> dict[str, Any] | None:
    """The card's block; None where nobody gave a tie.

    The model is taken to say “equal” where its margin is at most `threshold`, set so that it says so as often as people
    did. `counts` has a row for what the model said and a column for what people said: first, tie, second. Which
    response is called the first follows from a hash of the texts.
    """
    n = int((~obs.decided).sum())
    if not n:
        return None
    threshold = float(np.quantile(np.abs(held_out.margin), n / len(obs)))
    said = np.where(np.abs(held_out.margin) <= threshold, 1, np.where(held_out.margin > 0, 0, 2))
    was = np.asarray(np.rint(2 - 2 * obs.outcome), dtype=np.intp)
    counts = np.bincount(3 * said + was, minlength=9).reshape(3, 3)
    return {"n": n, "threshold": threshold, "counts": counts.tolist()}
