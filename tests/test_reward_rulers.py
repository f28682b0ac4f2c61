"""Rulers that know one thing: Markdown, or the place on the screen."""

import numpy as np
import pytest

from data.schemas import PreferencePair
from reward_model.design import design
from reward_model.evaluate import HeldOut, metrics
from reward_model.observations import observations
from reward_model.rulers import markdown_margins, positions, small_fit
from tests.held_out_made import numbers_only, outer_of, some_pairs
from tests.preferences_made import a_pair


def listed(n: int, wins: float, seed: int = 0) -> list[PreferencePair]:
    """Pairs of a list and of plain words; the list wins with a probability."""
    chance = np.random.default_rng(seed)
    pairs = []
    for k in range(n):
        two = f"- red {k}\n- green\n- blue", f"Red {k} and green, then blue."
        pairs.append(a_pair(f"Colours {k % 40}", *(two if chance.random() < wins else two[::-1])))
    return pairs


@pytest.mark.parametrize(("wins", "low", "high"), [(0.8, 0.7, 0.9), (0.2, 0.7, 0.9), (0.5, 0.3, 0.62)])
def test_a_taste_for_markdown_is_found_whichever_way_it_goes(wins: float, low: float, high: float) -> None:
    obs = observations(listed(200, wins))
    margin = markdown_margins(design(obs, ("surface",)), obs, outer_of(obs))
    found = metrics(obs, HeldOut(margin, None, margin, markdown=margin))
    assert low <= found["markdown_only"] <= high
    assert found["better_than"]["markdown_only"] == {"difference": 0, "ci": [0, 0]}


def test_answers_without_markdown_leave_its_ruler_undecided() -> None:
    _, obs, held_out = some_pairs(60, 12)
    margin = markdown_margins(design(obs, ("surface",)), obs, outer_of(obs))
    assert not margin.any()
    assert metrics(obs, HeldOut(held_out.margin, None, margin, markdown=margin))["markdown_only"] == 0.5


def test_a_small_fit_finds_the_weights_that_made_the_outcomes() -> None:
    chance = np.random.default_rng(0)
    x, truth = chance.normal(0, [1, 10], (4_000, 2)), np.array([1.0, -0.1])
    outcome = (chance.random(4_000) < 1 / (1 + np.exp(-x @ truth))).astype(float)
    found = small_fit(x, numbers_only(outcome, np.arange(4_000)), np.arange(4_000), 100.0)
    assert found == pytest.approx(truth, rel=0.15)


def placed(chosen: int | None, rejected: int | None, n: int) -> PreferencePair:
    return a_pair(f"q{n}", f"yes {n}", f"no {n}", chosen_place=chosen, rejected_place=rejected)


def test_the_answer_shown_first_wins_as_often_as_it_did() -> None:
    pairs = [placed(1, 3, 0), placed(2, 4, 1), placed(2, 1, 2), placed(1, 2, 3), placed(None, None, 4)]
    obs = observations(pairs)
    position = positions(pairs, obs)
    margin = np.ones(5) * (2 * obs.outcome - 1)
    found = metrics(obs, HeldOut(margin, None, margin, position=position))
    assert found["position_only"] == 0.75
    assert found["position_n_pairs"] == 4
    assert found["better_than"]["position_only"]["difference"] == 0.25


def test_without_a_known_place_there_is_no_ruler_of_position() -> None:
    pairs = [placed(None, None, n) for n in range(4)]
    obs = observations(pairs)
    assert positions(pairs, obs) is None
    margin = np.ones(4)
    assert "position_only" not in metrics(obs, HeldOut(margin, None, margin))
    tie_alone = [placed(None, None, 1), a_pair("p", "a", "b", tie=True, chosen_place=1, rejected_place=2)]
    told = observations(tie_alone)
    held_out = HeldOut(np.ones(2), None, np.ones(2), position=positions(tie_alone, told))
    assert "position_only" not in metrics(told, held_out)
