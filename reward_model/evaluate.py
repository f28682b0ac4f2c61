"""How good a reward model is on prompts it was not fitted on, beside the rulers it has to beat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from reward_model.abreast import abreast
from reward_model.bootstrap import Bools, Draws, draws, quantiles
from reward_model.calibration import log_losses
from reward_model.design import Design
from reward_model.features import Floats
from reward_model.fit import (
    ALL,
    Choice,
    FitRules,
    Tick,
    choices,
    fits_a_choice,
    fitted,
    folds,
    margins,
    part,
    without_length,
)
from reward_model.observations import Ints, Observations

OUTER_FOLDS = 5
FEW_GROUPS, MORE_GROUPS, EASY_PAIRS = 10, 40, 20_000
"""Up to 10 groups each is held out by itself, and up to 40 where 20,000 pairs or fewer make it quick."""
ENOUGH_TESTED = 5_000
"""Held-out pairs that tell sizes and families of features apart well enough."""
BINS = tuple(np.linspace(0.5, 1.0, 11).round(2).tolist())
"""Borders of the reliability bins: the probability given to the favourite."""


class Fold(NamedTuple):
    """One outer fold: the observations fitted on, those held out, and the choices made inside the former."""

    train: Ints
    test: Ints
    best: Choice
    ruler: Choice


@dataclass(frozen=True)
class HeldOut:
    """Predictions for pairs whose group the model never saw, in the order of the observations.

    `margin` is the score of the first response minus that of the second (logits), `longer` the difference of the
    lengths in characters. `surface` and `markdown` are the margins of the fits on surface alone and on Markdown alone
    (None: there is none). `position` is 1 where the annotator saw the first response before the second, −1 the other
    way round, NaN where that is not known (None: nowhere). `folds` is how the predictions were made, `chance` how much
    of them is chance (`chance_share`; None: one model made them all), `even` the margins with every fit equally loud.
    """

    margin: Floats
    surface: Floats | None
    longer: Floats
    markdown: Floats | None = None
    position: Floats | None = None
    folds: tuple[Fold, ...] = ()
    chance: float | None = None
    even: Floats | None = None


def split_rule(n_groups: int, n_pairs: int = 0) -> int:
    """The number of outer folds: every group by itself where there are few of them, else `OUTER_FOLDS`."""
    few = MORE_GROUPS if n_pairs <= EASY_PAIRS else FEW_GROUPS
    return n_groups if n_groups <= few else OUTER_FOLDS


def fits_needed(n_groups: int, n_pairs: int = 0, rules: FitRules = ALL) -> int:
    """How many fits `out_of_fold` and the choice for the final model take."""
    return (split_rule(n_groups, n_pairs) + 1) * fits_a_choice(rules)


def outer_folds(obs: Observations) -> list[tuple[Ints, Ints]]:
    """What is fitted on and what is held out, in each outer fold."""
    return list(folds(obs.group, split_rule(len(obs.groups), len(obs))))


def out_of_fold(made: Design, obs: Observations, tick: Tick, rules: FitRules = ALL) -> HeldOut:
    """Held-out predictions for every pair; all choices are made again inside each training part."""
    margin, surface, even = np.zeros((3, len(obs)))
    all_of_them = np.arange(len(obs))

    def held_out(outer: tuple[Ints, Ints], tick: Tick) -> tuple[Fold, Floats]:
        train, test = outer
        best, ruler = choices(made, obs, train, tick, rules)
        ready = part(made, obs, train)
        found = fitted(made, ready, best, rules.without_length)
        said = margins(made, all_of_them, without_length(found) if rules.without_length else found)
        margin[test], even[test] = said[test], said[test] / loudness(said)
        surface[test] = margins(made, test, fitted(made, ready, ruler))
        return Fold(train, test, best, ruler), said.astype(np.float32)

    done, said = zip(*abreast(held_out, outer_folds(obs), tick), strict=True)
    return HeldOut(margin, surface, length_differences(obs), folds=done, chance=chance_share(said), even=even)


def chance_share(said: Sequence[npt.NDArray[np.floating[Any]]]) -> float:
    """How much of what the fits of the folds say, of the same pairs, is chance: 0 where all say the same.

    With nothing to learn, fits agree only as far as they share prompts: k folds share (k − 2) / (k − 1) of them, which
    then is how their margins correlate; there the share is 1.
    """
    margin = np.asarray(said, dtype=np.float64)
    margin /= loudness(margin)[:, None]
    k, n = margin.shape
    alike = ((margin.sum(axis=0) ** 2).sum() / n - (margin**2).sum() / n) / (k * (k - 1))
    return float(np.clip((1 - alike) * (k - 1), 0, 1))


def loudness(said: npt.NDArray[np.floating[Any]]) -> Any:
    """The root mean square of margins along their last axis, never 0."""
    return np.maximum(np.sqrt((np.asarray(said, dtype=np.float64) ** 2).mean(axis=-1)), 1e-12)


def accuracy_interval(obs: Observations, held_out: HeldOut, drawn: Draws) -> list[float]:
    """The 95 % interval of the accuracy, as wide as nothing to learn makes it unless that is ruled out.

    With nothing to learn, fold f is predicted by the sum of what the other folds say. The part of its hits that is
    linear in its margins is then a sum over pairs of folds, and what g says of f is what f says of g: each pair counts
    twice, so the variance of that part is double what draws of held-out hits see (simulated: 2.0 times for 5 folds and
    3 features or more; up to 3.5 for single prompts held out and 1 feature). The rest of a hit is new in every pair.
    That hits of folds covary, and that one cross-validation gives no unbiased estimate of it: Bengio and Grandvalet
    (2004), JMLR 5, 1089–1105. An interval is what a test does not reject: where 0.5 stands when it is asked with the
    variance that would then hold, so do the values around it.
    """
    hit = hits(held_out.margin, obs)
    low, high = drawn.interval(hit, obs.decided)
    if held_out.even is None or not held_out.even[obs.decided].any():
        return [low, high]
    least, most = drawn.interval(hit, obs.decided, twice=linear_share(obs, held_out.even, hit, drawn))
    return [min(low, least), max(high, most)] if least <= 0.5 <= most else [low, high]


def linear_share(obs: Observations, even: Floats, hit: Floats, drawn: Draws) -> float:
    """How much of the variance of `hit` over groups is linear in the margins `even`: 0 to 1; 2/π for single coins."""
    size = np.abs(even[obs.decided])
    linear = even * np.sign(2 * obs.outcome - 1) * size.mean() / (size**2).mean() / 2
    return min(1.0, drawn.spread(linear, obs.decided) / max(drawn.spread(hit, obs.decided), 1e-12))


def length_differences(obs: Observations) -> Floats:
    """Characters of the first response minus characters of the second, per pair."""
    length = np.array([len(response) for _, response in obs.items], dtype=np.float64)
    return length[obs.first] - length[obs.second]


def metrics(obs: Observations, held_out: HeldOut, seed: int = 0) -> dict[str, Any]:
    """The numbers of a card, JSON-able.

    Accuracies are shares of the pairs that are no ties; equal scores or lengths count half. Log-loss and Brier score
    count a tie as half each way. Intervals are 95 %, by bootstrap over groups (`Draws`); that of the log-loss is None
    where nothing can be told. `better_than` gives differences on the same pairs with their own intervals;
    `position_only` counts the `position_n_pairs` pairs whose order on the screen is known.
    """
    drawn = draws(obs.group, seed, held_out.chance)
    hit, loss = hits(held_out.margin, obs), log_losses(held_out.margin, obs.outcome)
    squared, every = (sigmoid(held_out.margin) - obs.outcome) ** 2, np.ones(len(obs), dtype=bool)
    return {
        "accuracy": float(hit[obs.decided].mean()),
        "accuracy_ci": accuracy_interval(obs, held_out, drawn),
        "log_loss": float(loss.mean()),
        "log_loss_ci": drawn.interval(loss, every) if drawn.tail(every) else None,
        "brier": float(squared.mean()),
        "brier_ci": drawn.interval(squared, every),
        **_calibration_error(obs, held_out, drawn),
        "n_pairs": len(obs),
        "n_ties": int((~obs.decided).sum()),
        "n_prompts": len({prompt for prompt, _ in obs.items}),
        "n_groups": len(obs.groups),
        **_beside_rulers(obs, held_out, drawn),
        "reliability": reliability(held_out.margin[obs.decided], obs.outcome[obs.decided]),
    }


def some_folds(tests: Sequence[Ints], obs: Observations) -> int:
    """How many of the folds hold `ENOUGH_TESTED` decided pairs out together: for what is fitted again many times."""
    held_out = np.cumsum([int(obs.decided[test].sum()) for test in tests])
    return min(int(np.searchsorted(held_out, ENOUGH_TESTED)) + 1, len(tests))


def held_out_by(outer: Sequence[Fold], obs: Observations) -> Bools:
    """Which pairs these folds hold out; ties do not count."""
    among = np.zeros(len(obs), dtype=bool)
    for fold in outer:
        among[fold.test] = True
    return among & obs.decided


def hits(margin: Floats, obs: Observations) -> Floats:
    """1 right, 0 wrong, ½ undecided; ½ for a tie too, which accuracies leave out."""
    return np.asarray((1 + np.sign(margin) * np.sign(2 * obs.outcome - 1)) / 2)


def _beside_rulers(obs: Observations, held_out: HeldOut, drawn: Draws) -> dict[str, Any]:
    """Each ruler's accuracy with its interval, and by how much the model is better than it on the same pairs."""
    hit, found = hits(held_out.margin, obs), dict[str, Any]()
    better: dict[str, Any] = {}
    for name, margin in _rulers(held_out).items():
        among = obs.decided & np.isfinite(margin)
        if not among.any():
            continue
        ruler = hits(np.nan_to_num(margin), obs)
        found |= {name: float(ruler[among].mean()), f"{name}_ci": drawn.interval(ruler, among)}
        found |= {"position_n_pairs": int(among.sum())} if name == "position_only" else {}
        better[name] = difference(drawn, hit - ruler, among)
    return found | {"better_than": better}


def _rulers(held_out: HeldOut) -> Mapping[str, Floats]:
    named = {
        "longer_wins": held_out.longer,
        "surface_only": held_out.surface,
        "markdown_only": held_out.markdown,
        "position_only": held_out.position,
    }
    return {name: margin for name, margin in named.items() if margin is not None}


def difference(drawn: Draws, gains: Floats, among: Bools) -> dict[str, Any]:
    """The mean of paired `gains` (−1 to 1) with its interval."""
    return {"difference": float(gains[among].mean()), "ci": drawn.interval(gains, among, -1.0)}


def _calibration_error(obs: Observations, held_out: HeldOut, drawn: Draws) -> dict[str, Any]:
    """Expected calibration error over `BINS`, of the pairs that are no ties.

    Chance alone makes the bins differ from what was said. So the interval begins at what is left of the error when as
    much as draws differ from it is taken off, and ends where the draws' lower end, mirrored at the error, does.
    """
    favourite, won, place = _binned(held_out.margin, obs.outcome)
    inside = [np.where(obs.decided & (place == n), favourite - won, 0.0) for n in range(len(BINS) - 1)]
    sizes = np.maximum(drawn.sums(obs.decided.astype(np.float64)), 1)
    gaps = np.array([values.sum() for values in inside]) / int(obs.decided.sum())
    drawn_gaps = np.array([drawn.sums(values) for values in inside]) / sizes
    error, tail = float(np.abs(gaps).sum()), drawn.tail(obs.decided)
    if not tail:
        return {"ece": error, "ece_ci": [0.0, 1.0]}
    low, _ = quantiles(np.abs(drawn_gaps).sum(axis=0), tail)
    _, chance = quantiles(np.abs(drawn_gaps - gaps[:, None]).sum(axis=0), tail)
    return {"ece": error, "ece_ci": [max(0.0, error - chance), min(1.0, max(error, 2 * error - low))]}


def sigmoid(margin: Floats) -> Floats:
    """The probability that margins (logits) stand for."""
    return np.asarray(1 / (1 + np.exp(-np.clip(margin, -500, 500))))


def _binned(margin: Floats, outcome: Floats) -> tuple[Floats, Floats, Ints]:
    """The favourite's probability, whether it won, and in which of `BINS` the pair lies."""
    favourite = np.maximum(sigmoid(margin), sigmoid(-margin))
    won = np.where(margin == 0, 0.5, np.where(margin > 0, outcome, 1 - outcome))
    return favourite, won, np.clip(np.digitize(favourite, BINS) - 1, 0, len(BINS) - 2)


def reliability(margin: Floats, outcome: Floats) -> list[dict[str, float]]:
    """How often the favourite won, by the probability given to it: bins of `BINS` that hold at least one pair.

    Each bin: `low`, `high`, `n`, mean probability `said`, share `was` of pairs that the favourite won.
    """
    favourite, won, place = _binned(margin, outcome)
    return [
        {
            "low": BINS[n],
            "high": BINS[n + 1],
            "n": int((place == n).sum()),
            "said": float(favourite[place == n].mean()),
            "was": float(won[place == n].mean()),
        }
        for n in sorted(set(place.tolist()))
    ]
