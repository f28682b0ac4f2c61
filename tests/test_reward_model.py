"""A saved model: plain data that scores the same everywhere, and damaged files refused in one sentence."""

import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load as tensors_of
from safetensors.numpy import save as bytes_of

from data.errors import InputError
from reward_model.features import FAMILIES, NUMBER_COLUMNS, Item
from reward_model.model import CARD, WEIGHTS, RewardModel, load, model_from, save, weights_bytes
from reward_model.observations import pair_mark
from reward_model.training import trained
from tests.preferences_made import made_pairs

ITEMS: list[Item] = [("Say it", "A careful answer because of evidence."), ("Say it", "whatever lol 你好"), ("", "")]


@pytest.fixture(scope="module")
def model() -> RewardModel:
    return trained(made_pairs(60, noise=0.05))


@pytest.fixture
def folder(model: RewardModel, tmp_path: Path) -> Path:
    save(model, tmp_path / "deep" / "model")
    return tmp_path / "deep" / "model"


def test_what_is_saved_and_loaded_scores_the_same(model: RewardModel, folder: Path) -> None:
    again = load(folder)
    assert again.scores(ITEMS).tolist() == model.scores(ITEMS).tolist()
    assert again.card == json.loads(json.dumps(dict(model.card)))
    assert weights_bytes(again) == weights_bytes(model)
    assert sorted(path.name for path in folder.iterdir()) == sorted([CARD, WEIGHTS])


def test_the_same_pairs_in_another_order_give_the_same_model(model: RewardModel) -> None:
    again = trained(made_pairs(60, noise=0.05)[::-1])
    assert again.card["data"] == model.card["data"]
    assert again.card["choice"]["spreads"] == model.card["choice"]["spreads"]
    assert again.card["choice"]["slope"] == pytest.approx(model.card["choice"]["slope"], rel=1e-4)
    assert again.scores(ITEMS) == pytest.approx(model.scores(ITEMS), abs=1e-3)


def test_only_columns_with_weight_are_kept_and_the_typical_response_scores_zero(model: RewardModel) -> None:
    assert len(model.columns) < 5_000
    items = [(p.prompt[0].content, text) for p in made_pairs(60, noise=0.05) for text in (p.chosen, p.rejected)]
    assert model.scores(list(dict.fromkeys(items))).mean() == pytest.approx(0, abs=1e-6)


def test_the_card_says_how_the_model_was_made(model: RewardModel) -> None:
    card = model.card
    assert card["format"] == 2
    assert card["metrics"]["n_pairs"] == 180
    assert card["split"]["folds"] == 5
    assert card["choice"]["spreads"]["surface"] in card["tried"]["surface"]
    assert card["fit_rules"] == {"families": list(FAMILIES), "without_length": False, "calibrated": True, "encoder": ""}
    assert set(card["versions"]) >= {"python", "numpy", "scikit-learn"}
    assert len(card["data"]["fingerprint"]) == 32


def test_scores_do_not_run_away_beyond_what_was_fitted(model: RewardModel) -> None:
    shouted = "CAREFUL! " * 20_000
    assert abs(model.scores([("Say it", shouted)])[0]) < 50


def test_no_score_depends_on_the_other_responses(model: RewardModel) -> None:
    assert model.scores(ITEMS)[::-1] == pytest.approx(model.scores(ITEMS[::-1]), abs=1e-12)


@pytest.mark.parametrize("missing", [CARD, WEIGHTS])
def test_a_missing_file_is_named(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(InputError, match=f"{missing} is missing"):
        load(folder)


def test_a_model_keeps_what_it_said_of_each_pair_before_it_had_seen_it(model: RewardModel, folder: Path) -> None:
    pairs, kept = made_pairs(60, noise=0.05), load(folder).held_out
    assert kept.mark.tolist() == [pair_mark(pair) for pair in pairs]
    right = np.sign(kept.margin) == np.sign(2 * kept.outcome - 1)
    assert right.mean() == pytest.approx(model.card["metrics"]["accuracy"], abs=1e-6)
    assert len(set(kept.group.tolist())) == 60


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "\udcff"])
def test_a_damaged_card_is_refused(folder: Path, text: str) -> None:
    (folder / CARD).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match="card of the reward model"):
        load(folder)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"format": 99}, "another version"), ({"features": {}}, "another version"), ({"offset": "x"}, "no number")],
)
def test_a_card_that_does_not_fit_is_refused(model: RewardModel, change: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        model_from(dict(model.card) | change, weights_bytes(model))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_bytes_that_are_no_weights_are_refused(model: RewardModel, raw: bytes) -> None:
    with pytest.raises(InputError):
        model_from(model.card, raw)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_weights_with_damaged_bytes_are_refused_or_still_whole(model: RewardModel, data: st.DataObject) -> None:
    raw = bytearray(weights_bytes(model))
    at = data.draw(st.integers(0, 400))
    raw[at] ^= data.draw(st.integers(1, 255))
    with suppress(InputError):
        assert np.isfinite(model_from(model.card, bytes(raw)).weights).all()


@pytest.mark.parametrize(
    "change",
    [
        {"columns": np.array([3, 2], dtype=np.int32)},
        {"columns": np.array([-1], dtype=np.int32), "weights": np.zeros(1, dtype=np.float32)},
        {"weights": np.array([np.nan], dtype=np.float32)},
        {"weights": np.zeros((2, 2), dtype=np.float32)},
        {"groups": np.zeros(1, dtype=np.float32)},
        {"pair_margin": np.zeros(1, dtype=np.float32)},
        {"low": np.ones(NUMBER_COLUMNS), "high": np.zeros(NUMBER_COLUMNS)},
        {"low": np.zeros(2)},
    ],
)
def test_tensors_that_do_not_fit_together_are_refused(model: RewardModel, change: dict[str, np.ndarray]) -> None:
    with pytest.raises(InputError, match="do not fit together"):
        model_from(model.card, bytes_of(tensors_of(weights_bytes(model)) | change))


def test_a_model_knows_the_groups_it_was_fitted_on(model: RewardModel) -> None:
    assert model.saw("Say something about number 3")
    assert not model.saw("Say something about number 3000")
