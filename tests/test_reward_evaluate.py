"""The evaluation: only prompts that were not fitted, beside rulers, with intervals over prompts."""

from typing import Any

import numpy as np
import pytest

from data.errors import InputError
from data.schemas import PreferencePair
from reward_model.design import design
from reward_model.evaluate import (
    EASY_PAIRS,
    FEW_GROUPS,
    MORE_GROUPS,
    OUTER_FOLDS,
    HeldOut,
    fits_needed,
    length_differences,
    metrics,
    out_of_fold,
    reliability,
    split_rule,
)
from reward_model.findings import fits_for_findings
from reward_model.fit import ALL
from reward_model.observations import observations
from reward_model.training import Step, evaluated, trained
from tests.preferences_made import a_pair, made_pairs, shuffled_labels


def told(pairs: list[PreferencePair], margin: list[float]) -> dict[str, Any]:
    obs = observations(pairs)
    signed = np.array(margin) * np.where(obs.outcome == 0, -1, 1)
    return metrics(obs, HeldOut(signed, None, length_differences(obs)))


def test_accuracy_log_loss_and_brier_of_a_worked_example() -> None:
    pairs = [a_pair("p", "long answer", "short"), a_pair("q", "yes", "no, never"), a_pair("q", "a", "b", tie=True)]
    found = told(pairs, [np.log(3), -np.log(3), 0.0])
    assert found["accuracy"] == 0.5
    assert found["longer_wins"] == 0.5
    assert found["log_loss"] == pytest.approx((np.log(4 / 3) + np.log(4) + np.log(2)) / 3)
    assert found["brier"] == pytest.approx((0.25**2 + 0.75**2 + 0) / 3)
    assert (found["n_pairs"], found["n_ties"], found["n_prompts"], found["n_groups"]) == (3, 1, 2, 2)


def test_equal_scores_and_equal_lengths_count_half() -> None:
    found = told([a_pair("p", "same", "size"), a_pair("q", "here", "also")], [0.0, 1.0])
    assert found["accuracy"] == 0.75
    assert found["longer_wins"] == 0.5


def test_the_interval_is_drawn_over_prompts_and_not_over_pairs() -> None:
    answers = [(f"answer {n}", f"other {n}") for n in range(200)]
    few = [a_pair(f"p{n % 4}", *two) for n, two in enumerate(answers)]
    many = [a_pair(f"p{n}", *two) for n, two in enumerate(answers)]
    margin = [1.0 if n % 4 else -1.0 for n in range(200)]
    (low, high), (lower, higher) = told(few, margin)["accuracy_ci"], told(many, margin)["accuracy_ci"]
    assert high - low > 3 * (higher - lower)
    assert lower < 0.75 < higher


def test_one_prompt_alone_says_nothing_of_others() -> None:
    found = told([a_pair("p", f"answer {n}", "other") for n in range(30)], [1.0] * 30)
    assert (found["accuracy_ci"], found["longer_wins_ci"]) == ([0, 1], [0, 1])
    assert found["better_than"]["longer_wins"]["ci"] == [-1, 1]


def test_the_interval_of_five_prompts_holds_the_truth_about_as_often_as_it_says() -> None:
    pairs = [a_pair(f"p{n % 5}", f"answer {n}", "other") for n in range(50)]
    obs, chance, held = observations(pairs), np.random.default_rng(3), 0
    for seed in range(100):
        right = chance.random(50) < np.clip(chance.normal(0.6, 0.1, 5), 0, 1)[obs.group]
        margin = np.where(right, 1.0, -1.0) * (2 * obs.outcome - 1)
        low, high = metrics(obs, HeldOut(margin, None, length_differences(obs)), seed)["accuracy_ci"]
        held += low <= 0.6 <= high
    assert held >= 91


def test_a_model_is_compared_with_length_on_the_same_draws() -> None:
    pairs = [a_pair(f"p{n}", "long enough", "short") for n in range(20)]
    gain = told(pairs, [1.0] * 20)["better_than"]["longer_wins"]
    assert gain == {"difference": 0.0, "ci": [0.0, 0.0]}


def test_reliability_bins_hold_every_pair_once_and_count_the_favourites_wins() -> None:
    margin = np.array([0.0, 1.0, -1.0, 2.0, -8.0])
    outcome = np.array([1.0, 1.0, 1.0, 0.0, 0.0])
    bins = reliability(margin, outcome)
    assert sum(b["n"] for b in bins) == 5
    assert all(b["low"] <= b["said"] <= b["high"] for b in bins)
    assert [b["was"] for b in bins] == [0.5, 0.5, 0.0, 1.0]


def test_few_groups_are_held_out_one_by_one_and_many_in_folds() -> None:
    assert split_rule(MORE_GROUPS, EASY_PAIRS) == MORE_GROUPS
    assert split_rule(MORE_GROUPS + 1, EASY_PAIRS) == OUTER_FOLDS
    assert split_rule(FEW_GROUPS, EASY_PAIRS + 1) == FEW_GROUPS
    assert split_rule(FEW_GROUPS + 1, EASY_PAIRS + 1) == OUTER_FOLDS


@pytest.mark.parametrize("n_prompts", [6, 42])
def test_held_out_predictions_know_nothing_of_the_outcomes_they_predict(n_prompts: int) -> None:
    pairs = made_pairs(n_prompts, each=5)
    of_first = {pair.group for pair in pairs[:5]}
    spoilt = [
        p.model_copy(update={"chosen": p.rejected, "rejected": p.chosen}) if p.group in of_first else p for p in pairs
    ]
    one, two = observations(pairs), observations(spoilt)
    ticks = list[int]()
    before = out_of_fold(design(one), one, lambda: ticks.append(1))
    after = out_of_fold(design(two), two, lambda: None)
    assert len(ticks) + len(ticks) // split_rule(n_prompts) == fits_needed(n_prompts)
    if n_prompts <= FEW_GROUPS:
        same = [one.items[k] == two.items[m] for k, m in zip(one.first[:5], two.first[:5], strict=True)]
        assert all(same)
        assert before.margin[:5] == pytest.approx(after.margin[:5], abs=0.02)


def test_a_real_preference_is_found_and_shuffled_labels_give_one_half() -> None:
    pairs = made_pairs(60, each=3)
    found, chance = trained(pairs).card["metrics"], trained(shuffled_labels(pairs)).card["metrics"]
    assert found["accuracy_ci"][0] > 0.7
    assert chance["accuracy_ci"][0] <= 0.5 <= chance["accuracy_ci"][1]
    assert chance["log_loss"] > 0.6


def test_a_random_split_by_pairs_would_flatter_but_groups_do_not() -> None:
    # One group, whose answers recur in every pair, says nothing of other groups.
    chance = np.random.default_rng(1)
    best = {n: chance.permutation([f"{w} thing" for w in ("red", "green", "blue")]) for n in range(20)}
    pairs = [a_pair(f"q{n}", order[0], order[k]) for n, order in best.items() for k in (1, 2)]
    found = trained(pairs).card["metrics"]
    assert found["accuracy_ci"][0] <= 0.5


def test_progress_is_told_from_nothing_to_all_and_can_stop_the_fit() -> None:
    steps, pairs = list[Step](), made_pairs(12)
    trained(pairs, steps.append)
    assert steps[0].done == 0
    needed = fits_needed(12, len(pairs)) + fits_for_findings(observations(pairs), ALL)
    assert steps[-1].done == steps[-1].total == needed
    assert [s.done for s in steps] == sorted(s.done for s in steps)

    def stop(step: Step) -> None:
        if step.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(made_pairs(12), stop)


def test_evaluation_refuses_prompts_of_the_training_data() -> None:
    pairs = made_pairs(12)
    model = trained(pairs)
    with pytest.raises(InputError, match="were in the training data"):
        evaluated(model, pairs[:3])
    with pytest.raises(InputError, match="no pair left"):
        evaluated(model, [])
    fresh = [p.model_copy(update={"group": f"new {p.group}"}) for p in made_pairs(20, seed=5, noise=0)]
    found = evaluated(model, fresh)
    assert found["accuracy"] > 0.6
    assert "surface_only" not in found
    assert found["n_pairs"] == 60
