"""Weights, letters and names at the edge of what can be: figures stay finite, and are told apart."""

import numpy as np

from reward_model.card import markdown
from reward_model.embedding import embeddings, pieces
from reward_model.observations import observations
from reward_model.training import trained
from tests.preferences_made import made_pairs


def test_weights_far_apart_neither_vanish_nor_overflow() -> None:
    pairs = made_pairs()
    far = {0: 1.5e308, 1: 1.5e308, 2: 1e-300}
    weight = observations([p.model_copy(update={"weight": far.get(n, 1.0)}) for n, p in enumerate(pairs)]).weight
    assert np.isfinite(weight).all()
    assert (weight > 0).all()
    assert np.isclose(weight.mean(), 1)
    assert weight[0] == weight[1] > weight[2]


def test_half_a_surrogate_pair_reads_as_a_question_mark() -> None:
    assert np.array_equal(embeddings(["a \ud800 b"]), embeddings(["a ? b"]))
    assert [piece[:2] for piece in pieces("a \ud800 b")] == [piece[:2] for piece in pieces("a ? b")]


def test_a_card_in_markdown_names_every_strong_feature_and_shows_spaces_between_letters() -> None:
    rows = [{"family": "meaning", "name": "", "weight": 1.0}, {"family": "characters", "name": " hat", "weight": 1.0}]
    card = {**trained(made_pairs()).card, "strongest": {"meaning": rows}}
    assert "| signs and white space |" in markdown(card)
    assert "| ␣hat |" in markdown(card)
