"""Intervals over prompts: they hold the truth as often as they say, at any size, and cost little."""

from typing import Any

import numpy as np
import pytest

from reward_model.bootstrap import MOST_CLUSTERS, RESAMPLES, draws
from reward_model.evaluate import HeldOut, metrics, sigmoid
from tests.held_out_made import numbers_only


def test_every_draw_holds_as_many_groups_as_there_are() -> None:
    drawn = draws(np.array([5, 5, 2, 9]))
    assert drawn.times.shape == (RESAMPLES, 3)
    assert np.all(drawn.times.sum(axis=1) == 3)


def test_the_mean_of_a_draw_counts_each_pair_as_often_as_its_group_was_drawn() -> None:
    group, values = np.array([0, 0, 1]), np.array([1.0, 0.0, 1.0])
    drawn = draws(group)
    among = np.ones(3, dtype=bool)
    by_hand = (drawn.times[:, 0] * 1 + drawn.times[:, 1] * 1) / (drawn.times[:, 0] * 2 + drawn.times[:, 1])
    assert drawn.means(values, among) == pytest.approx(by_hand)


def test_draws_without_a_pair_of_a_slice_say_nothing_of_it() -> None:
    drawn = draws(np.arange(4))
    among = np.array([True, True, False, False])
    means = drawn.means(np.array([1.0, 1.0, 0.0, 0.0]), among)
    assert len(means) < RESAMPLES
    assert np.all(means == 1)


def test_a_slice_of_one_group_says_nothing_of_others() -> None:
    drawn = draws(np.array([0, 0, 1, 1]))
    assert drawn.interval(np.ones(4), np.array([True, True, False, False])) == [0.0, 1.0]


def test_many_groups_are_drawn_in_clusters_that_give_the_same_interval() -> None:
    chance = np.random.default_rng(0)
    group = np.repeat(np.arange(5_000), 2)
    values = np.clip(chance.normal(0.5, 0.2, 5_000)[group] + chance.normal(0, 0.1, 10_000), 0, 1)
    drawn = draws(group)
    low, high = drawn.interval(values, np.ones(10_000, dtype=bool))
    per_group = np.bincount(group, values) / 2
    assert drawn.n == MOST_CLUSTERS
    assert high - low == pytest.approx(2 * 1.96 * per_group.std() / np.sqrt(5_000), rel=0.1)


@pytest.mark.parametrize("too_sure", [1.0, 2.5])
def test_the_interval_of_the_calibration_error_holds_the_true_one(too_sure: float) -> None:
    truth, held = true_error(too_sure), 0
    for seed in range(100):
        found = calibration_of(seed, 400, too_sure)
        low, high = found["ece_ci"]
        held += low <= truth <= high
    assert held >= 92


def true_error(too_sure: float) -> float:
    """The error of the same model over very many pairs."""
    return float(calibration_of(1_000, 200_000, too_sure)["ece"])


def calibration_of(seed: int, n: int, too_sure: float) -> dict[str, Any]:
    """The metrics of margins that are `too_sure` times the log-odds which made the outcomes."""
    chance = np.random.default_rng(seed)
    margin = chance.normal(0, 1, n)
    obs = numbers_only((chance.random(n) < sigmoid(margin)).astype(float), np.arange(n) // 2)
    return metrics(obs, HeldOut(too_sure * margin, None, margin))


def test_log_loss_and_brier_lie_inside_their_intervals_and_one_prompt_says_nothing() -> None:
    chance = np.random.default_rng(1)
    margin = chance.normal(0, 1, 300)
    outcome = (chance.random(300) < sigmoid(margin)).astype(float)
    found = metrics(numbers_only(outcome, np.arange(300) // 3), HeldOut(margin, None, margin))
    for name in ("log_loss", "brier", "accuracy"):
        low, high = found[f"{name}_ci"]
        assert low < found[name] < high
    alone = metrics(numbers_only(outcome, np.zeros(300, dtype=int)), HeldOut(margin, None, margin))
    assert (alone["log_loss_ci"], alone["brier_ci"], alone["ece_ci"]) == (None, [0, 1], [0, 1])
