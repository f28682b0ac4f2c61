"""Contributions sum to scores and their differences, by features and by words, whatever the model weighs."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.schemas import PreferencePair
from reward_model.explain import (
    _contribution,
    _names,
    contributions,
    contributions_of_difference,
    explanation,
    strongest,
)
from reward_model.features import (
    ENCODER,
    EVERY_FAMILY,
    FAMILIES,
    HASHED,
    NUMBER_COLUMNS,
    NUMBERED,
    NUMBERS,
    Item,
    column,
    features,
)
from reward_model.model import RewardModel
from reward_model.observations import observations
from reward_model.training import trained
from tests.preferences_made import BAD, GOOD, a_pair, made_pairs
from tests.test_word_shares import TEXTS

ITEMS = st.tuples(st.text(max_size=40), TEXTS)
BETTER = ("Say it", "A careful answer, because of **evidence** — 你好, Straße İstanbul! 👩\u200d👧\n\nIt ends well.")
WORSE = ("Say it", "whatever lol, dunno")


@cache
def weighing(*families: str) -> RewardModel:
    """A model in which every column of these families has a weight, whatever a fit would make of it."""
    columns = np.sort(np.concatenate([EVERY_FAMILY[family].columns for family in families])).astype(np.int32)
    weights = np.random.default_rng(1).normal(size=len(columns)).astype(np.float32)
    bounds = np.full(NUMBER_COLUMNS, 3.0)
    return RewardModel({"offset": 0.3}, columns, weights, -bounds, bounds, np.zeros(0, dtype=np.uint64))


@pytest.fixture(scope="module")
def fitted() -> RewardModel:
    """A fitted model that has every family: what the fit left out gets small weights of its own."""
    model, every = trained(made_pairs(40, noise=0.05)), weighing(*FAMILIES)
    weights = model.dense() + 0.01 * every.dense()
    columns = np.flatnonzero(weights).astype(np.int32)
    return RewardModel(
        model.card, columns, weights[columns].astype(np.float32), model.low, model.high, model.groups, model.held_out
    )


def check_sums(model: RewardModel, one: Item, two: Item) -> None:
    first, second = model.scores([one, two])
    assert sum(part.value for part in contributions(model, one)) == pytest.approx(first, abs=1e-9)
    parts = contributions_of_difference(model, one, two)
    assert sum(part.value for part in parts) == pytest.approx(first - second, abs=1e-9)
    assert [abs(part.value) for part in parts] == sorted((abs(part.value) for part in parts), reverse=True)
    for item, score in ((one, first), (two, second)):
        words, others = explanation(model, item)
        assert "".join(item[1][word.start : word.end] for word in words) == item[1]
        assert sum(word.value for word in words) + sum(p.value for p in others) == pytest.approx(score, abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(ITEMS, ITEMS)
def test_features_and_words_of_a_fitted_model_sum_to_the_score_and_to_the_difference(
    fitted: RewardModel, one: Item, two: Item
) -> None:
    check_sums(fitted, one, two)


@settings(max_examples=100, deadline=None)
@given(ITEMS, ITEMS)
def test_they_sum_however_large_the_weights_are(one: Item, two: Item) -> None:
    check_sums(weighing(*FAMILIES), one, two)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_alone_explains_all_of_the_score_and_the_others_nothing(family: str) -> None:
    model = weighing(family)
    check_sums(model, BETTER, WORSE)
    assert {part.family for part in contributions_of_difference(model, BETTER, WORSE)} == {family}
    words, others = explanation(model, BETTER)
    in_words = family in {*HASHED, "meaning", "ending"}
    assert any(word.value for word in words) == in_words
    assert any(part.family == family for part in others) != in_words


def test_an_encoder_is_explained_as_one_part_in_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "reward_model.features.encoded", lambda texts, _: np.array([[len(t)] * 1024 for t in texts]) / 99
    )
    model = weighing("words", ENCODER)
    check_sums(model, BETTER, WORSE)
    parts = [part for part in contributions_of_difference(model, BETTER, WORSE) if part.family == ENCODER]
    assert [part.name for part in parts] == [EVERY_FAMILY[ENCODER].label]
    assert ENCODER in {part.family for part in explanation(model, BETTER).others}


def test_a_long_text_sums_as_well() -> None:
    check_sums(weighing(*FAMILIES), ("p", "Careful words, да и 你好. " * 500), WORSE)


def test_a_word_gets_what_its_n_grams_add_and_the_others_nothing() -> None:
    every = weighing("words")
    only = every.columns == column("words", "careful")
    weights = np.where(only, 1.0, 0.0).astype(np.float32)
    model = RewardModel({"offset": 0.0}, every.columns, weights, every.low, every.high, every.groups)
    text = "Careful people, careful work"
    values = {text[w.start : w.end]: w.value for w in explanation(model, ("", text)).words if abs(w.value) > 1e-12}
    whole = model.scores([("", text)])[0]
    assert whole > 0
    assert values == pytest.approx({"Careful": whole / 2, "careful": whole / 2})


def test_the_ending_reads_the_end_only() -> None:
    text = "first " * 40 + "last"
    words = explanation(weighing("ending"), ("", text)).words
    assert not any(word.value for word in words if word.end <= len(text) - 80)
    assert any(word.value for word in words if word.end > len(text) - 80)


def strongest_of(model: RewardModel, pairs: list[PreferencePair]) -> dict[str, list[dict[str, Any]]]:
    obs = observations(pairs)
    return strongest(model, obs, model.bounded(features(obs.items)))


def test_the_strongest_are_listed_for_every_kind_with_their_signs(fitted: RewardModel) -> None:
    pairs = made_pairs(40, noise=0.05)
    found = strongest_of(fitted, pairs)
    assert set(found) == {"surface", "ngrams", "meaning", "families"}
    assert [row["family"] for row in found["families"]] == list(FAMILIES)
    assert all(row["weight"] > 0 for row in found["families"])
    words = {row["name"]: row["weight"] for row in found["ngrams"] if row["family"] == "words"}
    assert all(words[word] > 0 for word in GOOD if word in words)
    assert all(words[word] < 0 for word in BAD if word in words)
    assert {*GOOD, *BAD} & {*words}
    assert all(set(row) == {"family", "name", "weight", "also"} for rows in found.values() for row in rows)


def test_a_word_of_the_embedding_weighs_what_it_moves_between_the_answers_of_a_pair() -> None:
    model = weighing("meaning")
    pairs = [a_pair(f"p{n}", "tree", "tree river") for n in range(6)]
    found = {row["name"]: row["weight"] for row in strongest_of(model, pairs)["meaning"]}
    one, two = (dict(_by_name(model, text)) for text in ("tree", "tree river"))
    assert abs(found["river"]) == pytest.approx(abs(two["river"]))
    assert np.sign(found["river"]) == np.sign(two["river"])
    assert abs(found["tree"]) == pytest.approx(abs(one["tree"] - two["tree"]))


def test_contributions_carry_names_that_people_can_read(fitted: RewardModel) -> None:
    parts = contributions(fitted, ("Say it", "A careful answer, because."))
    names = {(part.family, part.name) for part in parts}
    assert {("words", "careful"), ("meaning", "careful"), ("typical", "Typical response")} <= names
    assert {name for family, name in names if family in NUMBERED} <= set(NUMBERS.values())
    assert next(part for part in parts if part.family == "words" and part.name == "careful").value > 0


def test_n_grams_that_share_a_column_are_named_by_the_most_frequent_and_the_others_noted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reward_model.explain.columns_of", lambda _family, ngrams: dict.fromkeys(ngrams, 7))
    part = _contribution("words", 7, 1.0, _names(["aa bb aa", "aa"]))
    assert part.name == "aa"
    assert "bb" in part.also


def _by_name(model: RewardModel, text: str) -> list[tuple[str, float]]:
    return [(part.name, part.value) for part in contributions(model, ("", text)) if part.family == "meaning"]
