"""`python -m tests.bench_next FOLDER`: does “what to judge next” save judgements, and find wrong ones?

FOLDER holds `ukpconvarg1/`. Ten seeds each. *Informative*: pairs are judged in batches, by the queue or by chance, from
the same 200 pairs on; after each batch the model is fitted anew. Accuracy is counted on eight topics that nobody
judged, and, another run, on a quarter of the pairs of the topics that are judged: what it takes to know these answers.
*Disagreement*: 15 % of the judgements of 24 topics are flipped; the queue is ranked by margins of folds that hold
topics out; the first tenth is judged again, and accuracy counted on the eight topics left. The model is fitted with the
spreads in the middle of those that are tried, fixed beforehand: nothing is chosen by what is reported.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from data.intake.preferences import read_preferences
from data.schemas import PreferencePair
from reward_model.calibration import log_losses
from reward_model.design import Design, design
from reward_model.fit import BOTH_SPREADS, SPREADS, Choice, Coefficients, fitted, folds, margins, part, scores
from reward_model.informative import Candidates, informative
from reward_model.observations import Ints, Observations, observations
from tests.bench_sets import preference_sets, written

SEEDS = range(1000, 1010)
"""None of them was looked at when the rule was made."""
BAR, BEGIN, FULL = 0.6, 200, 4000
BATCHES = (200, 400, 800, 1200, 1600, 2000, 2400, 3000, 4000)
FLIPPED, LOOKED_AT = 0.15, 0.1
MIDDLE = Choice(
    dict.fromkeys(("surface", "style"), BOTH_SPREADS[3]) | {name: tried[1] for name, tried in SPREADS.items()}
)
Floats = npt.NDArray[np.float64]


class Ukp(NamedTuple):
    """The pairs, ready to be fitted."""

    obs: Observations
    made: Design

    def accuracy(self, train: Ints, test: Ints) -> float:
        """The share of the pairs `test` that a fit on the pairs `train` gets right."""
        return self.right(self.weights(train), test)

    def weights(self, train: Ints, obs: Observations | None = None) -> Coefficients:
        """A fit on the pairs `train`, as `obs` has their outcomes."""
        return fitted(self.made, part(self.made, obs or self.obs, train), MIDDLE)

    def right(self, weights: Coefficients, test: Ints) -> float:
        """The share of the pairs `test` that these weights get right."""
        towards = np.sign(self.obs.outcome[test] - 0.5)
        return float(np.mean(np.sign(margins(self.made, test, weights)) == towards))


Split = Callable[[Observations, np.random.Generator], tuple[Ints, Ints]]


def unseen_topics(obs: Observations, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """All pairs of 24 topics, and those of the other eight."""
    held_out = np.isin(obs.group, rng.permutation(len(obs.groups))[: len(obs.groups) // 4])
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def same_topics(obs: Observations, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Three quarters of the pairs, and the others."""
    order = rng.permutation(len(obs))
    return order[len(obs) // 4 :], order[: len(obs) // 4]


def candidates(ukp: Ukp, pool: Ints, judged: Ints, weights: Coefficients) -> tuple[Candidates, Ints]:
    """The pairs of the pool that have not been judged, as tasks, and their numbers."""
    obs, left = ukp.obs, np.setdiff1d(pool, judged)
    every = np.concatenate([obs.first[judged], obs.second[judged]])
    these = Candidates(
        responses=list(zip(obs.first[left].tolist(), obs.second[left].tolist(), strict=True)),
        group=obs.group[left].tolist(),
        scores=scores(ukp.made, weights),
        compared=np.bincount(every, minlength=len(obs.items)).tolist(),
        judged=np.bincount(obs.group[judged], minlength=len(obs.groups)).tolist(),
    )
    return these, left


def curves(ukp: Ukp, split: Split, seed: int) -> tuple[list[float], list[float]]:
    """Accuracy after each batch, chosen by chance and by the queue."""
    rng = np.random.default_rng(seed)
    pool, test = split(ukp.obs, rng)
    order = rng.permutation(pool)
    by_chance = [ukp.accuracy(order[:n], test) for n in BATCHES]
    judged, weights = order[:BEGIN], ukp.weights(order[:BEGIN])
    by_queue = [ukp.right(weights, test)]
    for n in BATCHES[1:]:
        these, left = candidates(ukp, pool, judged, weights)
        judged = np.concatenate([judged, left[[pick.task for pick in informative(these, n - len(judged))]]])
        weights = ukp.weights(judged)
        by_queue.append(ukp.right(weights, test))
    return by_chance, by_queue


def show_savings(ukp: Ukp, name: str, split: Split) -> None:
    """How many pairs each way needs for the accuracy that chance has with all `FULL`."""
    found = np.array([curves(ukp, split, seed) for seed in SEEDS])
    mean, spread = found.mean(axis=0), found.std(axis=0, ddof=1)
    say(f"\nMost informative, tested on {name}: mean ± standard deviation of {len(SEEDS)} seeds")
    say("| pairs | by chance | by the queue | difference, paired |\n|---|---|---|---|")
    for at, n in enumerate(BATCHES):
        gain = found[:, 1, at] - found[:, 0, at]
        cells = [f"{mean[way, at]:.4f} ± {spread[way, at]:.4f}" for way in (0, 1)]
        say(f"| {n:,} | {cells[0]} | {cells[1]} | {gain.mean():+.4f} ± {gain.std(ddof=1):.4f} |")
    wanted = mean[0, BATCHES.index(FULL)]
    chance, queue = (first_reaching(curve, wanted) for curve in mean)
    verdict = "met" if queue <= BAR * FULL else "missed"
    say(f"What chance has with {FULL:,} pairs, {wanted:.4f}, the queue has with {queue:,.0f}: {queue / FULL:.0%}.")
    say(f"At most {BAR:.0%} asked for: {verdict}.")
    say(f"Chance itself first has it with {chance:,.0f}.")
    alone = np.array([first_reaching(by_queue, by_chance[-1]) for by_chance, by_queue in found])
    seen = np.minimum(alone, FULL)
    say(
        f"Seed by seed, never counted as {FULL:,}: {seen.mean():,.0f} ± {seen.std(ddof=1):,.0f} pairs, median "
        f"{np.median(seen):,.0f}; {np.mean(seen <= BAR * FULL):.0%} of the seeds need {BAR:.0%} of them or fewer."
    )


def first_reaching(curve: Floats, wanted: float) -> float:
    """How many pairs a curve needs, on straight lines between its points; infinity where it does not get there."""
    for at, reached in enumerate(curve):
        if reached >= wanted:
            before = max(at - 1, 0)
            share = (wanted - curve[before]) / (reached - curve[before]) if at else 1.0
            return float(BATCHES[before] + share * (BATCHES[at] - BATCHES[before]))
    return float("inf")


def noise(ukp: Ukp, seed: int) -> list[float]:
    """Share of flips in the first tenth of the queue; accuracy as flipped, mended by queue, by chance, and clean."""
    rng = np.random.default_rng(seed)
    pool, test = unseen_topics(ukp.obs, rng)
    flipped = rng.permutation(pool)[: round(FLIPPED * len(pool))]
    wrong = turned(ukp.obs, flipped)
    loss = np.zeros(len(pool))
    for train, held_out in folds(ukp.obs.group[pool], 8):
        margin = margins(ukp.made, pool[held_out], ukp.weights(pool[train], wrong))
        loss[held_out] = log_losses(margin, wrong.outcome[pool[held_out]])
    first = pool[np.argsort(-loss)[: round(LOOKED_AT * len(pool))]]
    mended = [turned(wrong, np.intersect1d(some, flipped)) for some in (first, rng.permutation(pool)[: len(first)])]
    reached = [ukp.right(ukp.weights(pool, one), test) for one in (wrong, *mended, ukp.obs)]
    return [float(np.isin(first, flipped).mean()), *reached]


def turned(obs: Observations, some: Ints) -> Observations:
    """The same pairs, some of them judged the other way round."""
    outcome = obs.outcome.copy()
    outcome[some] = 1 - outcome[some]
    return replace(obs, outcome=outcome)


def show_noise(ukp: Ukp) -> None:
    """What the disagreement queue finds of planted flips, and what it is worth to judge them again."""
    found = np.array([noise(ukp, seed) for seed in SEEDS])
    mean, spread = found.mean(axis=0), found.std(axis=0, ddof=1)
    times = mean[0] / FLIPPED
    say(f"\nConfident disagreements: {FLIPPED:.0%} of the judgements flipped, {len(SEEDS)} seeds")
    say(
        f"Flips among the first {LOOKED_AT:.0%} of the queue: {mean[0]:.3f} ± {spread[0]:.3f}, {times:.1f} times the "
        f"base rate ({'met' if times >= 3 else 'missed'})."
    )
    names = ("as flipped", "the queue's first tenth judged again", "as many by chance judged again", "without flips")
    say("| on topics that nobody judged | accuracy | against as flipped, paired |\n|---|---|---|")
    for name, reached in zip(names, found.T[1:], strict=True):
        gain = reached - found[:, 1]
        cells = f"{reached.mean():.4f} ± {reached.std(ddof=1):.4f} | {gain.mean():+.4f} ± {gain.std(ddof=1):.4f}"
        say(f"| {name} | {cells} |")


def say(line: str) -> None:
    """Print it at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    """Both measurements on UKPConvArg1 Strict."""
    with tempfile.TemporaryDirectory() as scratch:
        path = written(preference_sets()[0], folder, Path(scratch) / "pairs.jsonl")
        if path is None:
            sys.exit(f"{folder} holds no ukpconvarg1.")
        obs = observations([pair for pair in read_preferences(path) if isinstance(pair, PreferencePair)])
    with threadpool_limits(1):
        ukp = Ukp(obs, design(obs))
        show_savings(ukp, "topics that nobody judged", unseen_topics)
        show_savings(ukp, "other pairs of the same topics", same_topics)
        show_noise(ukp)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tests.bench_next FOLDER")
    main(Path(sys.argv[1]))
