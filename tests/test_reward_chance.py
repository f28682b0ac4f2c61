"""Labels thrown by coin on real answers: the reward model says one half, within its interval."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from reward_model.design import Design, design
from reward_model.evaluate import chance_share, metrics, out_of_fold
from reward_model.observations import Observations, observations
from tests.preferences_made import a_pair
from tests.real_tasks import different_tasks

SEEDS = range(5)
COINS = 250


@cache
def real_answers() -> tuple[Observations, Design]:
    """Two answers each to real prompts, of which one is called better by the order in which they stand."""
    pairs = [
        a_pair(task.prompt[0].content, task.responses[0].text, task.responses[1].text, group=task.group)
        for task in different_tasks()[:COINS]
    ]
    obs = observations(pairs)
    return obs, design(obs)


def by_coin(seed: int) -> dict[str, Any]:
    obs, made = real_answers()
    coins = np.random.default_rng(seed).integers(0, 2, len(obs)).astype(float)
    thrown = replace(obs, outcome=coins)
    with threadpool_limits(1):
        return metrics(thrown, out_of_fold(made, thrown, lambda: None))


def test_labels_thrown_by_coin_give_one_half_within_the_interval_under_each_of_five_seeds() -> None:
    found = [by_coin(seed) for seed in SEEDS]
    low, high = np.array([one["accuracy_ci"] for one in found]).T
    assert all((low <= 0.5) & (high >= 0.5)), [one["accuracy"] for one in found]
    assert all(high - low < 0.25)
    assert abs(np.mean([one["accuracy"] for one in found]) - 0.5) < 0.05


def test_nothing_is_promised_of_labels_thrown_by_coin() -> None:
    found = by_coin(0)
    assert found["log_loss"] > 0.68
    assert found["better_than"]["longer_wins"]["ci"][0] <= 0


def test_fits_that_say_the_same_hold_no_chance_and_fits_that_share_only_prompts_hold_nothing_else() -> None:
    chance = np.random.default_rng(0)
    signal, told = chance.normal(size=5000), chance.normal(size=(5, 5000))
    of_others = [told.sum(axis=0) - own for own in told]
    assert chance_share([signal] * 5) == 0
    assert chance_share(of_others) > 0.95
    assert 0.2 < chance_share([signal * 4 + noise for noise in of_others]) < 0.35
