"""What a card says of a fit beyond its weights: how good it is, where, why, and what would make it better."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from data.schemas import PreferencePair
from reward_model.ablation import ablation_findings, fits_for_ablation
from reward_model.bootstrap import draws
from reward_model.calibration import calibrating_slope, log_losses
from reward_model.design import Design
from reward_model.evaluate import Fold, HeldOut, metrics, outer_folds, some_folds
from reward_model.features import NUMBERED, Floats
from reward_model.fit import (
    MOST_TRIED,
    Choice,
    FitRules,
    Part,
    Tick,
    fitted,
    margins,
    part,
    some_groups,
    without_length,
)
from reward_model.learning import fits_for_learning, learning_findings, rankings
from reward_model.length import length_findings
from reward_model.observations import Ints, Observations
from reward_model.rulers import markdown_margins, positions
from reward_model.slices import slice_findings
from reward_model.ties import tie_findings
from reward_model.worst import worst_pairs

USUAL = {"numbers": 0.1, "texts": 0.2}
"""The spread of a family that is looked at alone where the choice left it out."""


def fits_for_findings(obs: Observations, rules: FitRules) -> int:
    """How many small fits `findings` takes."""
    n = some_folds([test for _, test in outer_folds(obs)], obs)
    return fits_for_learning(n, obs) + fits_for_ablation(n, rules.names)


def findings(
    pairs: Sequence[PreferencePair],
    made: Design,
    obs: Observations,
    held_out: HeldOut,
    slope: float,
    rules: FitRules,
    tick: Tick,
) -> dict[str, Any]:
    """Blocks of a card: metrics, calibration, length, slices, ties, worst, learning, ablation; JSON-able.

    `held_out` are the held-out predictions and their folds, `slope` is that of the final choice. Fits again, with the
    choices of each fold, for the learning curve and the ablation; `tick` is called for every one of them.
    """
    every = replace(held_out, markdown=markdown_margins(made, obs, held_out.folds), position=positions(pairs, obs))
    drawn, refits = draws(obs.group, chance=held_out.chance), _Refits(made, obs, held_out, rules)
    some = held_out.folds[: some_folds([fold.test for fold in held_out.folds], obs)]
    return {
        "metrics": metrics(obs, every),
        "calibration": calibration_findings(obs, held_out, slope, rules.calibrated),
        "length": length_findings(obs, held_out, drawn, rules.without_length),
        "slices": slice_findings(pairs, obs, held_out, drawn),
        "ties": tie_findings(obs, held_out),
        "worst": worst_pairs(pairs, obs, held_out),
        "learning": learning_findings(rankings(pairs), obs, held_out.margin, some, refits.grown, drawn, tick),
        "ablation": ablation_findings(rules.names, obs, refits.whole(some), some, refits.narrowed, drawn, tick),
    }


def calibration_findings(obs: Observations, held_out: HeldOut, slope: float, corrected: bool) -> dict[str, Any]:
    """The slope of the probabilities, and the held-out log-loss without and with it.

    Where it is `corrected`, each fold's slope was fitted inside its training part; else the slope of each fold is
    fitted on what the other folds hold out.
    """
    without, with_it = held_out.margin.copy(), held_out.margin.copy()
    for fold in held_out.folds:
        if corrected:
            without[fold.test] /= fold.best.slope
        else:
            others = np.setdiff1d(np.arange(len(obs)), fold.test)
            with_it[fold.test] *= _slope(obs, held_out.margin, others)
    return {
        "slope": slope if corrected else _slope(obs, held_out.margin, np.arange(len(obs))),
        "corrected": corrected,
        "log_loss_before": float(log_losses(without, obs.outcome).mean()),
        "log_loss_after": float(log_losses(with_it, obs.outcome).mean()),
    }


def _slope(obs: Observations, margin: Floats, rows: Ints) -> float:
    return calibrating_slope(margin[rows], obs.outcome[rows], obs.weight[rows])


class _Refits:
    """Fits on less, with the choices of a fold: fewer prompts, or fewer families."""

    def __init__(self, made: Design, obs: Observations, held_out: HeldOut, rules: FitRules) -> None:
        self.made, self.obs, self.held_out, self.rules = made, obs, held_out, rules
        self._parts = dict[int, Part]()

    def grown(self, fold: Fold, rows: Ints) -> Floats:
        """The margins of the fold's held-out pairs after a fit on `rows`."""
        return self._margins(fold, part(self.made, self.obs, rows), fold.best)

    def whole(self, outer: Sequence[Fold]) -> Floats:
        """The margins that narrower fits are compared with: the held-out ones, or those of as many training pairs."""
        margin = self.held_out.margin.copy()
        for fold in outer:
            margin[fold.test] = self.narrowed(fold, self.rules.names)
        return margin

    def narrowed(self, fold: Fold, families: Collection[str]) -> Floats:
        """The margins of the fold's held-out pairs after a fit with some of the families.

        Of a very large training part, groups that hold about `MOST_TRIED` of its pairs are fitted on.
        """
        chosen, large = {name for name, spread in fold.best.spreads.items() if spread}, len(fold.train) > MOST_TRIED
        if chosen <= set(families) and not large:
            return self.held_out.margin[fold.test]
        spreads = {family: fold.best.spreads.get(family, 0.0) for family in families}
        if not any(spreads.values()):
            spreads = {family: USUAL["numbers" if family in NUMBERED else "texts"] for family in families}
        return self._margins(fold, self._ready(fold, large), Choice(spreads, fold.best.slope))

    def _ready(self, fold: Fold, large: bool) -> Part:
        known = self._parts.get(id(fold))
        if known is None:
            rows = some_groups(self.obs.group, fold.train, MOST_TRIED) if large else fold.train
            known = self._parts[id(fold)] = part(self.made, self.obs, rows)
        return known

    def _margins(self, fold: Fold, ready: Part, choice: Choice) -> Floats:
        found = fitted(self.made, ready, choice, self.rules.without_length)
        return margins(self.made, fold.test, without_length(found) if self.rules.without_length else found)
