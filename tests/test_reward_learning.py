"""The learning curve: nested prompts, a forecast that holds the true gain, a stop rule that states its threshold."""

from typing import Any

import numpy as np
import pytest

from reward_model.bootstrap import draws
from reward_model.evaluate import Fold
from reward_model.features import Floats
from reward_model.fit import Tick
from reward_model.learning import (
    FEWEST_GROUPS,
    REPEATS,
    SHARES,
    THRESHOLD,
    fits_for_learning,
    learning_findings,
    rankings,
    with_ceiling,
)
from reward_model.observations import Ints
from tests.held_out_made import numbers_only, outer_of
from tests.preferences_made import a_pair

COLUMNS, EACH = 60, 4
TRUTH = np.random.default_rng(9).normal(size=COLUMNS) * np.arange(1, COLUMNS + 1) ** -0.5


def made(prompts: int, seed: int, strength: float = 1.0) -> tuple[Floats, Floats, Ints]:
    """Differences of features, outcomes and groups, from known weights and prompts that pull in their own way."""
    chance = np.random.default_rng(seed)
    group = np.repeat(np.arange(prompts), EACH)
    x = chance.normal(size=(len(group), COLUMNS)) + 0.5 * chance.normal(size=(prompts, COLUMNS))[group]
    pull = 0.5 * chance.normal(size=prompts)[group]
    return x, (chance.random(len(group)) < 1 / (1 + np.exp(-(strength * x @ TRUTH + pull)))).astype(float), group


def ridge(x: Floats, outcome: Floats) -> Floats:
    """Logistic weights with a penalty, by Newton's method."""
    weights = np.zeros(COLUMNS)
    for _ in range(5):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        curve = x.T @ (x * (p * (1 - p))[:, None]) + 3 * np.eye(COLUMNS)
        weights -= np.linalg.solve(curve, x.T @ (p - outcome) + 3 * weights)
    return weights


def found_of(prompts: int, seed: int, strength: float = 1.0, tick: Tick = lambda: None) -> Any:
    x, outcome, group = made(prompts, seed, strength)
    obs, margin = numbers_only(outcome, group), np.zeros(len(group))
    outer = outer_of(obs)
    for fold in outer:
        margin[fold.test] = x[fold.test] @ ridge(x[fold.train], outcome[fold.train])

    def refit(fold: Fold, rows: Ints) -> Floats:
        assert np.isin(rows, fold.train).all()
        return np.asarray(x[fold.test] @ ridge(x[rows], outcome[rows]))

    return learning_findings(group, obs, margin, outer, refit, draws(group), tick)


def true_accuracy(prompts: int, strength: float) -> float:
    """The mean accuracy of models of so many prompts on very many others."""
    x, outcome, _ = made(2_500, 1_000, strength)
    hits = [(x @ ridge(*made(prompts, 2_000 + n, strength)[:2]) > 0) == (outcome == 1) for n in range(60)]
    return float(np.mean(hits))


def test_the_curve_rises_with_the_rankings_and_ends_at_the_whole_training_part() -> None:
    ticks = list[int]()
    found = found_of(150, 0, tick=lambda: ticks.append(1))
    points = found["points"]
    assert [point["n"] for point in points] == [15, 30, 60, 120]
    assert points[-1]["accuracy"] > points[0]["accuracy"] + 0.05
    assert all(point["low"] < point["accuracy"] < point["high"] for point in points)
    assert (found["unit"], found["total"]) == ("rankings", 150)
    assert len(ticks) == fits_for_learning(5, numbers_only(*made(150, 0)[1:])) == 5 * len(SHARES) * REPEATS


@pytest.mark.parametrize(("prompts", "strength"), [(30, 1.0), (80, 1.0), (150, 0.4), (400, 1.0)])
def test_the_forecast_holds_the_true_gain_about_as_often_as_it_says(prompts: int, strength: float) -> None:
    runs = [found_of(prompts, seed, strength) for seed in range(40)]
    for block in ("forecast", "doubling"):
        more = runs[0][block]["more"]
        truth = true_accuracy(prompts + more, strength) - true_accuracy(prompts, strength)
        held = [abs(run[block]["gain"] - truth) <= run[block]["half"] for run in runs]
        assert np.mean(held) >= 0.85


def test_forecasts_are_for_a_round_number_of_rankings_and_for_twice_as_many() -> None:
    found = found_of(150, 1)
    assert (found["forecast"]["more"], found["doubling"]["more"]) == (50, 150)
    assert abs(found["forecast"]["gain"]) < abs(found["doubling"]["gain"])


def test_it_says_stop_only_where_twice_the_rankings_would_surely_gain_less_than_the_threshold() -> None:
    early, late = found_of(60, 2), found_of(1_500, 2)
    assert (early["stop"], early["why"]) == (False, None)
    assert (late["stop"], late["why"]) == (True, "flat")
    assert late["doubling"]["gain"] + late["doubling"]["half"] < late["threshold"] == THRESHOLD


def test_a_model_that_agrees_with_people_as_they_do_with_each_other_has_learnt_enough() -> None:
    found = found_of(60, 3)
    assert with_ceiling(found, 0.8, {"accuracy": 0.79}) == found | {"stop": True, "why": "ceiling"}
    assert with_ceiling(found, 0.8, {"accuracy": 0.9}) == with_ceiling(found, 0.8, None) == found


def test_few_prompts_have_no_curve() -> None:
    assert found_of(FEWEST_GROUPS - 1, 4) is None
    assert found_of(FEWEST_GROUPS, 4) is not None


def test_a_ranking_is_what_one_person_said_of_one_task() -> None:
    pairs = [
        a_pair("p", "a", "b"),
        a_pair("p", "a", "c"),
        a_pair("p", "a", "b", annotator="two"),
        a_pair("q", "a", "b"),
    ]
    numbers = rankings(pairs)
    assert numbers[0] == numbers[1]
    assert len(set(numbers.tolist())) == 3
