"""Judgements that contradict what the reward model is sure of.

The model's word on a judgement is held out: it comes from a fit that never saw the prompt, so it cannot have learnt the
answer that it is held against.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from data.schemas import PreferencePair
from reward_model.calibration import log_losses
from reward_model.features import Floats
from reward_model.model import HeldOutPairs
from reward_model.observations import observations, pair_mark


class Doubt(NamedTuple):
    """A judgement that the model holds for wrong: the mean log-loss of its pairs, and their mean probability."""

    task_id: str
    annotator: str
    loss: float
    probability: float


def disagreements(pairs: Sequence[PreferencePair], held_out: HeldOutPairs) -> list[Doubt]:
    """The judgements in which the model sees less than an even chance, the most confident disagreement first.

    Only pairs of which the model has a held-out margin count.
    """
    margins, obs = held_out_margins(pairs, held_out), observations(pairs)
    loss = log_losses(margins, obs.outcome)
    by_judgement: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for pair, one in zip(pairs, loss, strict=True):
        if np.isfinite(one) and not pair.is_edit:
            by_judgement[pair.task_id, pair.annotator].append(float(one))
    found = [_doubt(which, losses) for which, losses in by_judgement.items()]
    return sorted((one for one in found if one.probability < 0.5), key=lambda one: (-one.loss, one.task_id))


def _doubt(which: tuple[str, str], losses: Sequence[float]) -> Doubt:
    mean = sum(losses) / len(losses)
    return Doubt(*which, mean, float(np.exp(-mean)))


def held_out_margins(pairs: Sequence[PreferencePair], held_out: HeldOutPairs) -> Floats:
    """The held-out margin of each pair in the order of `observations`; NaN where the model has none."""
    known: Mapping[int, float] = dict(zip(held_out.mark.tolist(), held_out.margin.tolist(), strict=True))
    return np.array([known.get(int(pair_mark(pair)), np.nan) for pair in pairs], dtype=np.float64)
