"""Ablation: a family that carries everything is missed, one that carries nothing is not."""

from collections.abc import Collection

import numpy as np
import pytest

from reward_model.ablation import ablation_findings, fits_for_ablation
from reward_model.bootstrap import draws
from reward_model.evaluate import Fold, held_out_by
from reward_model.features import Floats
from tests.held_out_made import outer_of, some_pairs


def test_the_family_that_carries_the_model_is_missed_and_an_idle_one_is_not() -> None:
    _, obs, held_out = some_pairs(500, 100)
    noise = np.random.default_rng(1).normal(size=500)
    ticks = list[int]()

    def refit(fold: Fold, families: Collection[str]) -> Floats:
        return np.asarray(held_out.margin[fold.test] if "words" in families else noise[fold.test])

    outer = outer_of(obs)
    families, drawn = ("surface", "words"), draws(obs.group)
    found = ablation_findings(families, obs, held_out.margin, outer, refit, drawn, lambda: ticks.append(1))
    surface, words = found
    assert [row["family"] for row in found] == ["surface", "words"]
    assert (surface["difference"], surface["ci"]) == (0, [0, 0])
    assert words["difference"] > 0.1
    assert words["ci"][0] > 0
    assert words["accuracy_alone"] == pytest.approx(surface["accuracy_without"])
    assert surface["alone_ci"][0] < 0.5 < surface["alone_ci"][1]
    assert len(ticks) == fits_for_ablation(5, families) == 20


def test_only_pairs_of_the_folds_that_were_fitted_again_count() -> None:
    _, obs, held_out = some_pairs(500, 100)
    outer = outer_of(obs)[:2]
    among = held_out_by(outer, obs)
    found = ablation_findings(
        ("a", "b"), obs, held_out.margin, outer, lambda fold, _: -held_out.margin[fold.test], draws(obs.group)
    )
    hit = ((held_out.margin > 0) == (obs.outcome == 1))[among].mean()
    assert found[0]["accuracy_without"] == pytest.approx(1 - hit)
    assert found[0]["difference"] == pytest.approx(2 * hit - 1)


def test_one_family_alone_has_nothing_to_take_away() -> None:
    _, obs, held_out = some_pairs(40, 10)
    assert ablation_findings(("words",), obs, held_out.margin, (), lambda *_: held_out.margin, draws(obs.group)) == []
    assert fits_for_ablation(5, ("words",)) == 0
