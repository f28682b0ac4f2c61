"""`python -m tests.bench_coverage [RUNS]`: how often 95 % intervals hold the truth, on judgements whose truth is known.

Accuracy: prompts differ in size and in what makes a good response, larger ones are easier, some pairs are ties. Each
run draws prompts, fits on folds of them, and asks `reward_model.evaluate.metrics` for intervals. The truth is what the
very models of these folds reach on prompts without end (60,000, each outcome by its probability).

Strengths: sources are ranked, by people who agree within a prompt more than across prompts, and the truth is what
`rankers.leaderboard` finds without a prior on as many.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from rankers.leaderboard import PRIOR_VARIANCE, Comparisons, fitted_strengths, interval_half_width, wins_and_ties
from reward_model.calibration import log_losses
from reward_model.evaluate import HeldOut, chance_share, loudness, metrics, sigmoid, split_rule
from reward_model.fit import folds
from reward_model.observations import Observations

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
RUNS, LOW, HIGH = 400, 0.93, 0.97
FEATURES, ENDLESS, PAIRS_EACH = 10, 60_000, 2
TASTE = np.linspace(1.0, -0.6, FEATURES)
"""What makes a good response, averaged over prompts: weights of the features. The first one is the length."""


class World(NamedTuple):
    """How judgements come about: prompts a run, how unequal their sizes, how much they differ, how often a tie."""

    name: str
    prompts: int
    unequal: float
    differ: float
    ties: float
    taste: float = 1.0
    """How much prompts have in common: 0 leaves nothing to learn."""


WORLDS = (
    World("12 prompts, each held out by itself", 12, 0.5, 0.5, 0.1),
    World("32 prompts, each held out by itself", 32, 1.0, 0.5, 0.1),
    World("60 prompts, 5 folds", 60, 0.0, 0.0, 0.0),
    World("200 prompts, 5 folds, very unequal", 200, 1.2, 1.0, 0.3),
    World("200 prompts, nothing to learn", 200, 0.5, 0.5, 0.1, taste=0.0),
    World("60 prompts, very unequal, nothing to learn", 60, 1.2, 1.0, 0.3, taste=0.0),
    World("200 prompts, little to learn", 200, 0.5, 0.5, 0.1, taste=0.1),
)


class Judged(NamedTuple):
    """Pairs: differences of features, the probabilities of a tie and, if none, that the first wins; group numbers.

    `stands_for` is how many pairs of its prompt each one stands for.
    """

    x: Floats
    tie: Floats
    first: Floats
    group: Ints
    stands_for: Floats


def judged(world: World, prompts: int, chance: np.random.Generator, most: int = 1_000_000) -> Judged:
    """Pairs of `prompts` new prompts, at most so many each."""
    large = chance.normal(size=prompts)
    all_of_them = 1 + np.floor(6 * np.exp(world.unequal * (large - world.unequal / 2))).astype(int)
    sizes = np.minimum(all_of_them, most)
    taste = world.taste * TASTE * (1 + 0.3 * large[:, None] * (world.unequal > 0)) + world.differ * chance.normal(
        size=(prompts, FEATURES)
    )
    group = np.repeat(np.arange(prompts), sizes)
    x = chance.normal(size=(len(group), FEATURES))
    better = np.einsum("ij,ij->i", x, taste[group])
    return Judged(x, world.ties * np.exp(-np.abs(better)), expit(better), group, (all_of_them / sizes)[group])


def accuracy_run(world: World, endless: Judged, chance: np.random.Generator) -> dict[str, bool]:
    """Whether each interval of one run holds its truth."""
    now = judged(world, world.prompts, chance)
    outcome = np.where(chance.random(len(now.x)) < now.tie, 0.5, chance.random(len(now.x)) < now.first)
    margin, even = np.zeros((2, len(outcome)))
    truths, said = list[Mapping[str, float]](), list[Floats]()
    for train, test in folds(now.group, split_rule(world.prompts, len(outcome))):
        weights = fitted(now.x[train], outcome[train])
        said.append(now.x @ weights)
        margin[test], even[test] = said[-1][test], said[-1][test] / loudness(said[-1])
        truths += [_truth(endless, weights)] * len(test)
    held_out = HeldOut(margin, None, now.x[:, 0], chance=chance_share(said), even=even)
    told = metrics(_observations(now, outcome), held_out)
    told["gain_ci"] = told["better_than"]["longer_wins"]["ci"]
    mean = {name: float(np.mean([truth[name] for truth in truths])) for name in truths[0]}
    return {name: told[f"{name}_ci"][0] <= mean[name] <= told[f"{name}_ci"][1] for name in mean}


def fitted(x: Floats, outcome: Floats) -> Floats:
    """Logistic weights with a penalty of ½‖w‖², by Newton's method."""
    weights = np.zeros(x.shape[1])
    for _ in range(8):
        p = expit(x @ weights)
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.eye(len(weights))
        weights -= np.linalg.solve(hessian, x.T @ (p - outcome) + weights)
    return weights


def _truth(endless: Judged, weights: Floats) -> dict[str, float]:
    margin, each = endless.x @ weights, endless.stands_for
    decided = each * (1 - endless.tie)
    right = np.where(margin > 0, endless.first, 1 - endless.first)
    longer = np.where(endless.x[:, 0] > 0, endless.first, 1 - endless.first)
    outcome = (1 - endless.tie) * endless.first + endless.tie / 2
    p = sigmoid(margin)
    squared = endless.first * (1 - p) ** 2 + (1 - endless.first) * p**2
    brier = (1 - endless.tie) * squared + endless.tie * (p - 0.5) ** 2
    return {
        "accuracy": float(np.average(right, weights=decided)),
        "longer_wins": float(np.average(longer, weights=decided)),
        "gain": float(np.average(right - longer, weights=decided)),
        "log_loss": float(np.average(log_losses(margin, outcome), weights=each)),
        "brier": float(np.average(brier, weights=each)),
    }


def _observations(now: Judged, outcome: Floats) -> Observations:
    n, groups = len(outcome), tuple(str(group) for group in range(int(now.group.max()) + 1))
    items, each = (("", ""), ("", "")), np.zeros(n, dtype=np.intp)
    return Observations(items, each, each + 1, outcome, np.ones(n), now.group, groups)


class Contest(NamedTuple):
    """How rankings of sources come about: prompts a run, how much they differ, how often a tie, how unequal."""

    name: str
    prompts: int
    differ: float
    ties: float
    unequal: bool


CONTESTS = (
    Contest("200 prompts, 3 annotators each", 200, 1.0, 0.2, False),
    Contest("40 prompts, 3 annotators each", 40, 1.0, 0.2, False),
    Contest("100 prompts, 1 to 9 annotators", 100, 0.5, 0.3, True),
)
STRENGTHS, DRAWN = np.linspace(-1.2, 1.2, 8), 4
"""Of the sources, on average over prompts; each ranking has so many of them."""


def compared(contest: Contest, prompts: int, chance: np.random.Generator, endless: bool = False) -> Comparisons:
    """All pairs of each ranking; `endless`: each pair three times, weighted by the probability of its outcome."""
    strengths = STRENGTHS + contest.differ * chance.normal(size=(prompts, len(STRENGTHS)))
    annotators = chance.integers(1, 10, prompts) if contest.unequal else np.full(prompts, 3)
    prompt = np.repeat(np.arange(prompts), annotators)
    one, two = np.triu_indices(DRAWN, 1)
    shown = np.argsort(chance.random((prompts, len(STRENGTHS))))[:, :DRAWN][prompt]
    first, second, prompt = shown[:, one].ravel(), shown[:, two].ravel(), np.repeat(prompt, len(one))
    gap = strengths[prompt, first] - strengths[prompt, second]
    tie = contest.ties * np.exp(-np.abs(gap))
    sources = tuple(f"source {n}" for n in range(len(STRENGTHS)))
    if endless:
        return _every_outcome(sources, Judged(gap, tie, expit(gap), prompt, gap), first, second)
    won, is_tie = chance.random(len(gap)) < expit(gap), chance.random(len(gap)) < tie
    better, worse = np.where(won, first, second), np.where(won, second, first)
    return Comparisons(sources, better, worse, is_tie, np.ones(len(gap)), prompt)


def _every_outcome(sources: tuple[str, ...], chances: Judged, first: Ints, second: Ints) -> Comparisons:
    n, decided = len(first), 1 - chances.tie
    weight = np.concatenate([decided * chances.first, decided * (1 - chances.first), chances.tie])
    better, worse = np.concatenate([first, second, first]), np.concatenate([second, first, second])
    return Comparisons(sources, better, worse, np.arange(3 * n) >= 2 * n, weight, np.tile(chances.group, 3))


def strengths_of(these: Comparisons, prior_variance: float = PRIOR_VARIANCE) -> Floats:
    """Strengths as the leaderboard fits them."""
    wins, ties = wins_and_ties(these, these.weight)
    return fitted_strengths(wins + ties / 2, prior_variance)


def strength_run(contest: Contest, truth: Floats, chance: np.random.Generator) -> dict[str, float]:
    """The share of the sources whose interval holds the truth, in one run; and of the outermost two alone."""
    these = compared(contest, contest.prompts, chance)
    found = strengths_of(these)
    held = np.abs(found - truth) <= interval_half_width(these, found)
    return {"all sources": float(held.mean()), "strongest": float(held[-1]), "weakest": float(held[0])}


def main(runs: int) -> None:
    """Print the share of runs in which each interval holds the truth, and how many shares are out of bounds."""
    began, shares = time.monotonic(), list[float]()
    for world in WORLDS:
        chance = np.random.default_rng(0)
        endless = judged(world, ENDLESS, chance, PAIRS_EACH)
        shares.append(_said(world.name, [accuracy_run(world, endless, chance) for _ in range(runs)]))
    for contest in CONTESTS:
        chance = np.random.default_rng(0)
        truth = strengths_of(compared(contest, ENDLESS, chance, endless=True), prior_variance=1e6)
        shares.append(_said(contest.name, [strength_run(contest, truth, chance) for _ in range(runs)]))
    inside = sum(LOW <= share <= HIGH for share in shares)
    _say(f"{inside} of {len(shares)} in bold lie within {LOW} to {HIGH}; {time.monotonic() - began:.0f} s")


def _said(name: str, held: Sequence[Mapping[str, float]]) -> float:
    """One line; the share that counts is the first."""
    means = {what: float(np.mean([run[what] for run in held])) for what in held[0]}
    first, *others = (f"{what} {share:.3f}" for what, share in means.items())
    _say(f"{name}: **{first}**, {', '.join(others)}")
    return next(iter(means.values()))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
