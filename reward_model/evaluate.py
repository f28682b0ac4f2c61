"""How good a reward model is on prompts it was not fitted on, beside the rulers it has to beat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from reward_model.features import Floats
from reward_model.fit import (
    FITS_A_CHOICE,
    Design,
    Tick,
    choices,
    fitted,
    folds,
    log_losses,
    margins,
    part,
)
from reward_model.observations import Observations

OUTER_FOLDS = 5
FEW_GROUPS = 10
"""Up to so many groups each is held out by itself; above, five folds of groups."""
RESAMPLES = 2_000
BINS = tuple(np.linspace(0.5, 1.0, 11).round(2).tolist())
"""Borders of the reliability bins: the probability given to the favourite."""


@dataclass(frozen=True)
class HeldOut:
    """Predictions for pairs whose group the model never saw, in the order of the observations.

    `margin` is the score of the first response minus that of the second (logits), `surface` the same of the
    surface-only model (None where there is none), `longer` the difference of the lengths in characters.
    """

    margin: Floats
    surface: Floats | None
    longer: Floats


def split_rule(n_groups: int) -> int:
    """The number of outer folds: every group by itself up to `FEW_GROUPS`, else `OUTER_FOLDS`."""
    return n_groups if n_groups <= FEW_GROUPS else OUTER_FOLDS


def fits_needed(n_groups: int) -> int:
    """How many fits `out_of_fold` and the choice for the final model take."""
    return (split_rule(n_groups) + 1) * FITS_A_CHOICE


def out_of_fold(made: Design, obs: Observations, tick: Tick) -> HeldOut:
    """Held-out predictions for every pair; all choices are made again inside each training part."""
    margin, surface = np.zeros(len(obs)), np.zeros(len(obs))
    for train, held_out in folds(obs.group, split_rule(len(obs.groups))):
        best, ruler = choices(made, obs, train, tick)
        ready = part(made, obs, train)
        margin[held_out] = margins(made, held_out, fitted(ready, best))
        surface[held_out] = margins(made, held_out, fitted(ready, ruler))
    return HeldOut(margin, surface, length_differences(obs))


def length_differences(obs: Observations) -> Floats:
    """Characters of the first response minus characters of the second, per pair."""
    length = np.array([len(response) for _, response in obs.items], dtype=np.float64)
    return length[obs.first] - length[obs.second]


def metrics(obs: Observations, held_out: HeldOut, seed: int = 0) -> dict[str, Any]:
    """The numbers of a card, JSON-able.

    Accuracies are shares of the pairs that are no ties; equal scores or lengths count half. Log-loss and Brier score
    count a tie as half each way. Intervals are 95 %, by bootstrap over groups. `better_than` gives differences on the
    same pairs with their own intervals, as wide as Student's t asks for with so few groups (`_tail`).
    """
    hits = {"model": _hits(held_out.margin, obs), "longer_wins": _hits(held_out.longer, obs)}
    if held_out.surface is not None:
        hits["surface_only"] = _hits(held_out.surface, obs)
    shares = _resampled(hits, obs, seed)
    rulers = [name for name in hits if name != "model"]
    probability, tail = _sigmoid(held_out.margin), _tail(obs)
    return {
        "accuracy": _mean(hits["model"]),
        "accuracy_ci": _interval(shares["model"], tail, 0.0),
        "log_loss": float(log_losses(held_out.margin, obs.outcome).mean()),
        "brier": float(np.mean((probability - obs.outcome) ** 2)),
        "n_pairs": len(obs),
        "n_ties": int((~obs.decided).sum()),
        "n_prompts": len({prompt for prompt, _ in obs.items}),
        "n_groups": len(obs.groups),
        **{ruler: _mean(hits[ruler]) for ruler in rulers},
        **{f"{ruler}_ci": _interval(shares[ruler], tail, 0.0) for ruler in rulers},
        "better_than": {
            ruler: {
                "difference": _mean(hits["model"]) - _mean(hits[ruler]),
                "ci": _interval(shares["model"] - shares[ruler], tail, -1.0),
            }
            for ruler in rulers
        },
        "reliability": reliability(held_out.margin[obs.decided], obs.outcome[obs.decided]),
    }


def _hits(margin: Floats, obs: Observations) -> Floats:
    """1 right, 0 wrong, ½ undecided, for the pairs that are no ties."""
    return np.asarray((1 + np.sign(margin[obs.decided]) * (2 * obs.outcome[obs.decided] - 1)) / 2)


def _mean(values: Floats) -> float:
    return float(values.mean())


def _resampled(hits: Mapping[str, Floats], obs: Observations, seed: int) -> dict[str, Floats]:
    """The share of hits in `RESAMPLES` draws of groups with replacement; the same draws for all."""
    used, group = np.unique(obs.group[obs.decided], return_inverse=True)
    counts = np.bincount(group)
    draw = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {name: [] for name in hits}
    sums = {name: np.bincount(group, weights=values) for name, values in hits.items()}
    for _ in range(RESAMPLES):
        times = np.bincount(draw.integers(0, len(used), len(used)), minlength=len(used))
        for name, total in sums.items():
            drawn[name].append(float(times @ total) / float(times @ counts))
    return {name: np.array(values) for name, values in drawn.items()}


def _tail(obs: Observations) -> float:
    """The share of the draws that a 95 % interval leaves out at either end; 0 where one group holds every pair.

    With few groups the plain 2.5 % give intervals that are too narrow: Student's t, with as many groups of one size as
    would say as much, asks for a smaller share. Source: Hesterberg (2015), The American Statistician 69, 371–386.
    """
    counts = np.bincount(obs.group[obs.decided])
    effective = counts.sum() ** 2 / (counts**2).sum()
    if effective <= 1:
        return 0.0
    return float(norm.cdf(student.ppf(0.025, effective - 1) * np.sqrt(effective / (effective - 1))))


def _interval(shares: Floats, tail: float, least: float) -> list[float]:
    """From `least` to 1 where nothing can be told from the draws."""
    return [float(edge) for edge in np.quantile(shares, [tail, 1 - tail])] if tail else [least, 1.0]


def _sigmoid(margin: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(margin, -500, 500))))


def reliability(margin: Floats, outcome: Floats) -> list[dict[str, float]]:
    """How often the favourite won, by the probability given to it: bins of `BINS` that hold at least one pair.

    Each bin: `low`, `high`, `n`, mean probability `said`, share `was` of pairs that the favourite won.
    """
    favourite = np.maximum(_sigmoid(margin), _sigmoid(-margin))
    won = np.where(margin == 0, 0.5, np.where(margin > 0, outcome, 1 - outcome))
    place = np.clip(np.digitize(favourite, BINS) - 1, 0, len(BINS) - 2)
    return [
        {
            "low": BINS[n],
            "high": BINS[n + 1],
            "n": int((place == n).sum()),
            "said": _mean(favourite[place == n]),
            "was": _mean(won[place == n]),
        }
        for n in sorted(set(place.tolist()))
    ]
