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
    known = _held_out(held_out)
    told = [pair for pair in pairs if not pair.is_edit and int(pair_mark(pair)) in known]
    margin = np.array([known[int(pair_mark(pair))] for pair in told], dtype=np.float64)
    losses = defaultdict[tuple[str, str], list[float]](list)
    for pair, loss in zip(told, log_losses(margin, observations(told).outcome), strict=True):
        losses[pair.task_id, pair.annotator].append(float(loss))
    found = [_doubt(which, own) for which, own in losses.items()]
    return sorted((one for one in found if one.probability < 0.5), key=lambda one: (-one.loss, one.task_id))


def _doubt(which: tuple[str, str], losses: Sequence[float]) -> Doubt:
    mean = sum(losses) / len(losses)
    return Doubt(*which, mean, float(np.exp(-mean)))


def _held_out(held_out: HeldOutPairs) -> Mapping[int, float]:
    """The margins by the marks of their pairs; they stand in the order of `observations`, whatever was chosen."""
    return dict(zip(held_out.mark.tolist(), held_out.margin.tolist(), strict=True))
