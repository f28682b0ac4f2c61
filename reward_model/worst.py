"""The pairs that a model gets most wrong."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from data.schemas import PreferencePair
from reward_model.evaluate import HeldOut, sigmoid
from reward_model.features import prompt_text
from reward_model.observations import Observations

MOST = 20
LONGEST = 2_000
"""Characters of each text that a card keeps."""


def worst_pairs(pairs: Sequence[PreferencePair], obs: Observations, held_out: HeldOut) -> list[dict[str, Any]]:
    """Up to `MOST` pairs whose rejected response scored highest above the chosen one, held out; the worst first.

    `margin` is the score of the chosen response minus that of the rejected one, `probability` what that gives to the
    chosen one. The same two answers stand here once, with the first person who preferred what the model does not.
    """
    margin = held_out.margin * np.sign(2 * obs.outcome - 1)
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for n in np.argsort(margin, kind="stable"):
        if margin[n] >= 0 or len(found) == MOST:
            break
        pair = pairs[int(n)]
        found.setdefault((pair.group, pair.chosen, pair.rejected), _told(pair, float(margin[n])))
    return list(found.values())


def _told(pair: PreferencePair, margin: float) -> dict[str, Any]:
    return {
        "task_id": pair.task_id,
        "group": pair.group,
        "annotator": pair.annotator,
        "prompt": prompt_text(pair.prompt)[:LONGEST],
        "chosen": pair.chosen[:LONGEST],
        "rejected": pair.rejected[:LONGEST],
        "margin": margin,
        "probability": float(sigmoid(np.array([margin]))[0]),
    }
