"""From preference pairs to a fitted reward model whose card says how far it can be trusted."""

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from data.errors import InputError, Sentence
from data.schemas import UNNAMED, PreferencePair
from reward_model.design import Design, design
from reward_model.evaluate import HeldOut, fits_needed, length_differences, metrics, out_of_fold, split_rule
from reward_model.explain import strongest
from reward_model.features import SETTINGS
from reward_model.findings import findings, fits_for_findings
from reward_model.fit import (
    ALL,
    BOTH_SPREADS,
    SPREADS,
    Choice,
    FitRules,
    begin_at,
    choices,
    fitted,
    full_weights,
    part,
    scores,
    some_groups,
    without_length,
)
from reward_model.model import FORMAT, HeldOutPairs, RewardModel, group_mark
from reward_model.observations import Ints, Observations, check_enough, data_fingerprint, observations, pair_mark
from reward_model.seen import training_marks, was_seen

MOST_NAMED = 2_000
"""So many pairs are looked at to say which features weigh most."""
MOST_TESTED = 100_000
"""Of more pairs the held-out figures come from whole prompt groups that hold about so many: they say as much."""
CHOICES = "made inside each training part"
READING, TESTING, FITTING, FINDING = STEPS = (
    "Reading the responses",
    "Fitting on some prompts, testing on the others",
    "Fitting on everything",
    "Fitting with less, to see what carries the model and what more would bring",
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


def trained(
    pairs: Sequence[PreferencePair],
    report: Report = _silent,
    rules: FitRules = ALL,
    before: RewardModel | None = None,
) -> RewardModel:
    """A reward model of all pairs, with held-out metrics in its card; InputError when there are too few.

    The metrics come from grouped folds (`out_of_fold`); the weights from a last fit on everything, which begins at
    those of the model `before`, if there is one.
    """
    with threadpool_limits(1):  # the matrices are small: on busy cores a second thread made fits 20 times slower
        return _trained(pairs, report, rules, before)


def _trained(
    pairs: Sequence[PreferencePair], report: Report, rules: FitRules, before: RewardModel | None
) -> RewardModel:
    obs = observations(pairs)
    check_enough(obs)
    rows = tested_rows(obs)
    told, some = [pairs[row] for row in rows], obs.some(rows)
    counter = _Counter(fits_needed(len(some.groups), len(some), rules) + fits_for_findings(some, rules), report)
    counter.say(READING)
    made = design(obs, rules.names, rules.encoder)
    tested = made.some(rows)
    counter.say(TESTING)
    held_out = out_of_fold(tested, some, counter.tick, rules)
    counter.say(FITTING)
    choice, ruler = choices(made, obs, np.arange(len(obs)), counter.tick, rules)
    model = _final(made, obs, choice, rules, before)
    model = replace(model, groups=training_marks(pairs), held_out=_kept(told, some, held_out))
    counter.say(FINDING)
    found = findings(told, tested, some, held_out, choice.slope, rules, counter.tick)
    return replace(model, card=_card(pairs, obs, choice, ruler, rules) | found | dict(model.card))


def tested_rows(obs: Observations) -> Ints:
    """The pairs whose held-out predictions make the card: all, or of very many whole groups of about `MOST_TESTED`."""
    every = np.arange(len(obs))
    return every if len(obs) <= MOST_TESTED else some_groups(obs.group, every, MOST_TESTED)


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


def _final(made: Design, obs: Observations, choice: Choice, rules: FitRules, before: RewardModel | None) -> RewardModel:
    ready = part(made, obs, np.arange(len(obs)))
    if before is not None:
        begin_at(ready, made, before.dense())
    found = fitted(made, ready, choice, rules.without_length, exact=True)
    if rules.without_length:
        found = without_length(found)
    columns, weights = full_weights(made, found)
    typical = float(np.mean(scores(made, found)))
    card = {"offset": typical, "fit_rules": _rules(rules)}
    plain = RewardModel(card, columns.astype(np.int32), weights, found.low, found.high, np.zeros(0, np.uint64))
    some = obs.some(np.arange(0, len(obs), -(-len(obs) // MOST_NAMED)))
    return replace(plain, card={**card, "strongest": strongest(plain, some, plain.features(some.items))})


def _rules(rules: FitRules) -> dict[str, Any]:
    return rules._asdict() | {"families": list(rules.families)}


def _kept(pairs: Sequence[PreferencePair], obs: Observations, held_out: HeldOut) -> HeldOutPairs:
    marks = np.array([pair_mark(pair) for pair in pairs], dtype=np.uint64)
    group = np.array([group_mark(group) for group in obs.groups], dtype=np.uint64)[obs.group]
    return HeldOutPairs(marks, group, held_out.margin.astype(np.float32), obs.outcome.astype(np.float32))


def _card(
    pairs: Sequence[PreferencePair],
    obs: Observations,
    choice: Choice,
    ruler: Choice,
    rules: FitRules,
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": {
            "fingerprint": data_fingerprint(pairs),
            "n_responses": len(obs.items),
            "annotators": len({pair.annotator for pair in pairs} - {UNNAMED}),
        },
        "features": dict(SETTINGS),
        "choice": {"spreads": dict(choice.spreads), "slope": choice.slope, "surface_only": dict(ruler.spreads)},
        "tried": {"surface": list(BOTH_SPREADS)} | {family: list(tried) for family, tried in SPREADS.items()},
        "split": _split(obs),
        "versions": _versions(),
    }


def _split(obs: Observations) -> dict[str, Any]:
    obs = obs.some(tested_rows(obs))
    folds = split_rule(len(obs.groups), len(obs))
    rule = "each group held out by itself" if folds == len(obs.groups) else f"{folds} folds of groups"
    return {"by": "group (prompt)", "rule": rule, "folds": folds, "tested": len(obs), "choices": CHOICES}


def _versions() -> Mapping[str, str]:
    packages = ("numpy", "scipy", "scikit-learn", "safetensors")
    return {"python": platform.python_version()} | {package: version(package) for package in packages}


def evaluated(model: RewardModel, pairs: Sequence[PreferencePair]) -> dict[str, Any]:
    """`metrics` of a model on prompts that it was not fitted on; InputError when it was, or without pairs."""
    seen = {pair.group for pair in pairs if was_seen(model, pair)}
    if seen:
        fault = Sentence("{n} of the prompts were in the training data of this reward model; evaluate it on others.")
        raise InputError(fault, n=len(seen))
    if not any(not pair.tie for pair in pairs):
        raise InputError("There is no pair left to evaluate on: each is a tie or its prompt was in the training data.")
    obs = observations(pairs)
    scores = model.scores(obs.items)
    return metrics(obs, HeldOut(scores[obs.first] - scores[obs.second], None, length_differences(obs)))
