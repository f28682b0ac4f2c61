"""From preference pairs to a fitted reward model whose card says how far it can be trusted."""

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from data.errors import InputError
from data.schemas import PreferencePair
from reward_model.evaluate import HeldOut, fits_needed, length_differences, metrics, out_of_fold, split_rule
from reward_model.explain import strongest
from reward_model.features import SETTINGS
from reward_model.fit import LOUDNESS, STRENGTHS, Choice, Design, choices, design, fitted, full_weights, part
from reward_model.model import FORMAT, RewardModel, group_mark
from reward_model.observations import Observations, check_enough, data_fingerprint, observations

READING, TESTING, FITTING = STEPS = (
    "Reading the responses",
    "Fitting on some prompts, testing on the others",
    "Fitting on everything",
)
"""What a fit does, one after the other."""


@dataclass(frozen=True)
class Step:
    """How far a fit is: `done` of `total` small fits, and what is being done."""

    done: int
    total: int
    doing: str


Report = Callable[[Step], None]
"""Told of every step; it may raise to stop the fit."""


def _silent(_step: Step) -> None:
    return None


def trained(pairs: Sequence[PreferencePair], report: Report = _silent) -> RewardModel:
    """A reward model of all pairs, with held-out metrics in its card; InputError when there are too few.

    The metrics come from grouped folds (`out_of_fold`); the weights from a last fit on everything.
    """
    with threadpool_limits(1):  # the matrices are small: on busy cores a second thread made fits 20 times slower
        return _trained(pairs, report)


def _trained(pairs: Sequence[PreferencePair], report: Report) -> RewardModel:
    obs = observations(pairs)
    check_enough(obs)
    counter = _Counter(fits_needed(len(obs.groups), len(obs)), report)
    counter.say(READING)
    made = design(obs)
    counter.say(TESTING)
    held_out = out_of_fold(made, obs, counter.tick)
    counter.say(FITTING)
    choice, ruler = choices(made, obs, np.arange(len(obs)), counter.tick)
    model = _final(made, obs, choice)
    card = _card(pairs, obs, held_out, choice) | {"surface_only_C": ruler.strength} | dict(model.card)
    return replace(model, card=card)


class _Counter:
    """Counts small fits and reports them."""

    def __init__(self, total: int, report: Report) -> None:
        self.done, self.total, self.doing, self.report = 0, total, "", report

    def say(self, doing: str) -> None:
        """Name what comes next."""
        self.doing = doing
        self.report(Step(self.done, self.total, doing))

    def tick(self) -> None:
        """One small fit more."""
        self.done += 1
        self.report(Step(self.done, self.total, self.doing))


def _final(made: Design, obs: Observations, choice: Choice) -> RewardModel:
    found = fitted(part(made, obs, np.arange(len(obs))), choice, exact=True)
    columns, weights = full_weights(made, found)
    marks = np.unique(np.array([group_mark(group) for group in obs.groups], dtype=np.uint64))
    plain = RewardModel({}, columns.astype(np.int32), weights, found.low, found.high, marks)
    rows = plain.bounded(made.rows)
    typical = float(np.mean(rows @ plain.dense()))
    return replace(plain, card={"offset": typical, "strongest": strongest(plain, obs, rows)})


def _card(pairs: Sequence[PreferencePair], obs: Observations, held_out: HeldOut, choice: Choice) -> dict[str, Any]:
    folds = split_rule(len(obs.groups), len(obs))
    rule = "each group held out by itself" if folds == len(obs.groups) else f"{folds} folds of groups"
    return {
        "format": FORMAT,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": {
            "fingerprint": data_fingerprint(pairs),
            "n_responses": len(obs.items),
            "annotators": len({pair.annotator for pair in pairs}),
        },
        "features": dict(SETTINGS),
        "choice": {"C": choice.strength, "ngram_factor": choice.loudness, "slope": choice.slope},
        "tried": {"C": list(STRENGTHS), "ngram_factor": [0.0, *LOUDNESS]},
        "split": {"by": "group (prompt)", "rule": rule, "folds": folds, "choices": "made inside each training part"},
        "metrics": metrics(obs, held_out),
        "versions": _versions(),
    }


def _versions() -> Mapping[str, str]:
    packages = ("numpy", "scipy", "scikit-learn", "safetensors")
    return {"python": platform.python_version()} | {package: version(package) for package in packages}


def evaluated(model: RewardModel, pairs: Sequence[PreferencePair]) -> dict[str, Any]:
    """`metrics` of a model on pairs of groups that it was not fitted on; InputError when it was, or without pairs."""
    seen = {pair.group for pair in pairs if model.saw(pair.group)}
    if seen:
        raise InputError(
            f"{len(seen)} of the prompts were in the training data of this reward model; evaluate it on others."
        )
    if not any(not pair.tie for pair in pairs):
        raise InputError("There is no pair left to evaluate on: each is a tie or its prompt was in the training data.")
    obs = observations(pairs)
    scores = model.scores(obs.items)
    return metrics(obs, HeldOut(scores[obs.first] - scores[obs.second], None, length_differences(obs)))
