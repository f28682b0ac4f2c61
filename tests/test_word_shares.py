"""Every n-gram and every piece falls on characters of the text, and nothing is lost on the way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reward_model.embedding import embeddings, pieces
from reward_model.word_shares import by_character, character_places, piece_span, valued, word_places, words_of
from reward_model.words import character_ngrams, word_ngrams

ODD = (
    "",
    " ",
    "\n\n",
    "Straße İstanbul ŉ ﬁne",
    "e\u0301tude",
    "👩\u200d👩\u200d👧 1\ufe0f\u20e3",
    "你好，世界。ok",
    "مَرْحَبًا بِكُم",
    "สวัสดี",
)
SCRIPTS = "aB ßİŉé'’_*#-.,!?\n\t\u0301\u200d\ufe0f你好，日本ごสวัدَمرहिन्Жёצ👩👧🇩🇪0½"
TEXTS = st.one_of(st.text(max_size=60), st.text(alphabet=SCRIPTS, max_size=80), st.sampled_from(ODD))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_the_places_are_those_of_the_n_grams_that_are_features(text: str) -> None:
    assert [place.ngram for place in character_places(text)] == list(character_ngrams(text))
    words = list(word_places(text))
    pairs = [place.ngram for place in words if place.part == 0.5]
    assert pairs[::2] == pairs[1::2]
    assert [place.ngram for place in words if place.part == 1] + pairs[::2] == list(word_ngrams(text))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_a_place_has_the_letters_of_its_n_gram(text: str) -> None:
    for place in character_places(text):
        assert place.ngram.strip() == text[place.start : place.end]
    for place in word_places(text):
        there = text[place.start : place.end].casefold()
        assert place.part == 0.5 or place.ngram in there


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_the_words_cover_a_text_and_cut_nothing_that_is_drawn_as_one(text: str) -> None:
    assert "".join(text[start:end] for start, end in words_of(text)) == text
    assert all(text[start] not in "\u0301\u200d\ufe0f" for start, _ in words_of(text)[1:])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop, it’s **bold**!", ["Don't", " ", "stop", ",", " ", "it’s", " ", "**", "bold", "**!"]),
        ("e\u0301tude Straße", ["e\u0301tude", " ", "Straße"]),
        ("你好，ok", ["你", "好", "，", "ok"]),
        ("हिन्दी में", ["हिन्दी", " ", "में"]),
        ("مَرْحَبًا", ["مَرْحَبًا"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("👩\u200d👧 1\ufe0f\u20e3", ["👩\u200d👧", " ", "1\ufe0f\u20e3"]),
        ("", []),
    ],
)
def test_words_are_what_a_reader_takes_for_words(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in words_of(text)] == words


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_every_piece_of_the_embedding_stands_for_some_characters(text: str) -> None:
    spans = [piece_span(text, piece.start, piece.end) for piece in pieces(text)]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    whole = sum((piece.vector for piece in pieces(text)), np.zeros(256))
    assert whole == pytest.approx(embeddings([text])[0], abs=1e-5)


def test_a_piece_stands_for_its_letters_and_only_without_any_for_white_space() -> None:
    assert piece_span("so what", 2, 7) == (3, 7)
    assert piece_span("so \n", 2, 4) == (2, 4)
    assert piece_span("so", 2, 2) == (1, 2)


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(0, 1000))
def test_what_is_given_to_places_comes_back_in_the_words(text: str, seed: int) -> None:
    places = [*word_places(text), *character_places(text)]
    values = np.random.default_rng(seed).normal(size=len(places))
    characters = by_character(len(text), [(place.start, place.end) for place in places], values)
    assert sum(word.value for word in valued(text, characters)) == pytest.approx(values.sum(), abs=1e-9)


def test_a_value_falls_evenly_on_the_characters_of_its_place() -> None:
    characters = by_character(6, [(0, 2), (1, 5)], [1.0, 2.0])
    assert characters == pytest.approx([0.5, 1.0, 0.5, 0.5, 0.5, 0.0])
    assert [word.value for word in valued("ab cde", characters)] == pytest.approx([1.5, 0.5, 1.0])
