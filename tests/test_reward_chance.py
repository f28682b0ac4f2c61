"""Labels thrown by coin on real answers: the reward model says one half, within its interval."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from reward_model.bootstrap import draws
from reward_model.design import Design, design
from reward_model.evaluate import (
    HeldOut,
    accuracy_interval,
    chance_share,
    hits,
    linear_share,
    loudness,
    metrics,
    out_of_fold,
    sigmoid,
)
from reward_model.features import Floats
from reward_model.fit import folds
from reward_model.observations import Observations, observations
from tests.held_out_made import numbers_only
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


def test_two_parts_in_pi_of_single_coins_are_linear_and_more_where_pairs_of_a_prompt_go_together() -> None:
    chance = np.random.default_rng(0)
    alone = made_linear_share(chance.normal(size=20_000), chance.integers(0, 2, 20_000), np.arange(20_000))
    prompt = np.repeat(np.arange(1_000), 20)
    margin = chance.normal(size=20_000)
    same_way = chance.random(20_000) < sigmoid(margin * np.repeat(chance.normal(0, 0.7, 1_000), 20))
    assert abs(alone - 2 / np.pi) < 0.02
    assert made_linear_share(margin, same_way, prompt) > 0.72


def made_linear_share(margin: Floats, first_won: Sequence[int] | Any, group: Any) -> float:
    obs = numbers_only(np.asarray(first_won, dtype=float), group)
    return linear_share(obs, margin, hits(margin, obs), draws(obs.group))


def test_an_interval_reaches_to_one_half_only_where_nothing_to_learn_could_have_given_it() -> None:
    chance = np.random.default_rng(0)
    margin = np.abs(chance.normal(size=200))
    for share, reaches in ((0.585, True), (0.70, False)):
        obs = numbers_only((np.arange(200) < 200 * share).astype(float), np.arange(200))
        drawn, known = draws(obs.group, chance=0.0), HeldOut(margin, None, margin, chance=0.0, even=margin)
        plain = accuracy_interval(obs, replace(known, even=None), drawn)
        assert plain[0] > 0.5
        found = accuracy_interval(obs, known, drawn)
        assert (found[0] < 0.5 and found[1] > plain[1]) is reaches
        assert (found == plain) is not reaches


def test_the_interval_holds_one_half_in_95_of_100_runs_with_nothing_to_learn_from_three_features() -> None:
    chance, runs = np.random.default_rng(5), 300
    held = np.array([null_run(chance) for _ in range(runs)])
    with_it, without = held.mean(axis=0)
    assert with_it > without
    assert 0.93 <= with_it <= 0.97


def null_run(chance: np.random.Generator) -> tuple[bool, bool]:
    """Whether the interval holds one half, and whether that would be so if fits of folds had nothing in common."""
    x, group = chance.normal(size=(240, 3)), np.repeat(np.arange(120), 2)
    outcome = chance.integers(0, 2, 240).astype(float)
    margin, even, said = np.zeros(240), np.zeros(240), list[Floats]()
    for train, test in folds(group, 5):
        said.append(x @ np.linalg.solve(x[train].T @ x[train] + np.eye(3), x[train].T @ (outcome[train] - 0.5)))
        margin[test], even[test] = said[-1][test], said[-1][test] / loudness(said[-1])
    obs, known = numbers_only(outcome, group), HeldOut(margin, None, margin, chance=chance_share(said), even=even)
    drawn = draws(obs.group, chance=known.chance)
    intervals = [accuracy_interval(obs, one, drawn) for one in (known, replace(known, even=None))]
    one, other = (low <= 0.5 <= high for low, high in intervals)
    return one, other
