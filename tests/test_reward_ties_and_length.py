"""Ties, length and the worst pairs on the card."""

import numpy as np
import pytest

from reward_model.bootstrap import draws
from reward_model.evaluate import HeldOut
from reward_model.length import length_findings, length_gaps
from reward_model.observations import observations
from reward_model.ties import tie_findings
from reward_model.worst import LONGEST, MOST, worst_pairs
from tests.held_out_made import numbers_only, some_pairs
from tests.preferences_made import a_pair


def test_the_model_says_equal_as_often_as_people_did_and_every_pair_is_counted_once() -> None:
    chance = np.random.default_rng(0)
    truth = chance.normal(0, 2, 1_000)
    outcome = np.where(np.abs(truth) < 0.5, 0.5, (truth > 0).astype(float))
    found = tie_findings(numbers_only(outcome, np.arange(1_000)), HeldOut(truth, None, truth))
    assert found is not None
    counts = np.array(found["counts"])
    assert counts.sum() == 1_000
    assert counts[1].sum() == pytest.approx(found["n"], abs=1)
    assert counts[1, 1] >= found["n"] - 1
    assert found["threshold"] == pytest.approx(0.5, abs=0.05)
    assert (counts[0, 2], counts[2, 0]) == (0, 0)


def test_rows_are_what_the_model_said_and_columns_what_people_said() -> None:
    outcome, margin = np.array([1.0, 1.0, 0.0, 0.5]), np.array([2.0, -2.0, -2.0, 3.0])
    found = tie_findings(numbers_only(outcome, np.arange(4)), HeldOut(margin, None, margin))
    assert found is not None
    assert np.array(found["counts"]).sum(axis=0).tolist() == [2, 1, 1]
    assert found["counts"][0][1] == 1


def test_without_ties_there_is_no_confusion_to_show() -> None:
    _, obs, held_out = some_pairs(40, 10)
    assert tie_findings(obs, held_out) is None


def test_lengths_within_a_tenth_of_each_other_are_equal() -> None:
    pairs = [a_pair("p", "a" * 100, "b" * 91), a_pair("q", "a" * 100, "b" * 89), a_pair("r", "c", "")]
    obs = observations(pairs)
    assert length_gaps(obs) == pytest.approx([0.09, 0.11, 1.0])
    held_out = HeldOut(2 * obs.outcome - 1, None, np.array([9.0, 11.0, 1.0]) * (2 * obs.outcome - 1))
    found = length_findings(obs, held_out, draws(obs.group), False)
    assert (found["equal_length"]["n_pairs"], found["equal_length"]["accuracy"]) == (1, 1)


def test_scores_that_follow_length_correlate_with_it_and_those_that_do_not_do_not() -> None:
    _, obs, held_out = some_pairs(600, 100)
    drawn, other = draws(obs.group), np.random.default_rng(0).normal(size=600)
    ruler = length_findings(obs, HeldOut(held_out.longer, None, held_out.longer), drawn, False)
    free = length_findings(obs, HeldOut(other, None, held_out.longer), drawn, True)
    assert ruler["correlation"] == pytest.approx(1)
    assert abs(free["correlation"]) < 0.1
    assert (ruler["removed"], free["removed"]) == (False, True)


def test_which_response_is_called_the_first_does_not_change_the_correlation() -> None:
    _, obs, held_out = some_pairs(200, 50)
    sign = np.random.default_rng(0).choice([-1.0, 1.0], 200)
    turned = HeldOut(sign * held_out.margin, None, sign * held_out.longer)
    drawn = draws(obs.group)
    one, two = (length_findings(obs, held, drawn, False)["correlation"] for held in (held_out, turned))
    assert one == pytest.approx(two)


def test_scores_that_never_differ_have_no_correlation() -> None:
    _, obs, held_out = some_pairs(40, 10)
    flat = HeldOut(np.zeros(40), None, held_out.longer)
    assert length_findings(obs, flat, draws(obs.group), False)["correlation"] is None


def test_the_worst_pairs_come_first_with_what_the_model_gave_to_the_chosen_one() -> None:
    pairs = [a_pair(f"p{n}", f"good {n}", f"poor {n}") for n in range(4)]
    obs = observations(pairs)
    margin = np.array([-1.0, 2.0, -3.0, 0.0]) * (2 * obs.outcome - 1)
    found = worst_pairs(pairs, obs, HeldOut(margin, None, margin))
    assert [(one["chosen"], one["margin"]) for one in found] == [("good 2", -3), ("good 0", -1)]
    assert found[0]["probability"] == pytest.approx(1 / (1 + np.exp(3)))


def test_the_worst_are_few_short_and_never_ties_or_the_same_two_answers_again() -> None:
    long = [a_pair(f"p{n}", "y" * 5_000 + str(n), "n") for n in range(30)]
    again = [a_pair("same", "yes", "no", annotator=f"a{n}") for n in range(5)]
    pairs = [*long, *again, a_pair("t", "x", "z", tie=True)]
    obs = observations(pairs)
    margin = -np.array([*range(1, 31), *[100.0] * 5, 500.0]) * np.where(obs.outcome == 0, -1, 1)
    found = worst_pairs(pairs, obs, HeldOut(margin, None, margin))
    assert len(found) == MOST
    assert [one["chosen"] for one in found].count("yes") == 1
    assert max(len(one["chosen"]) for one in found) == LONGEST
    assert all(one["chosen"] != "x" for one in found)
