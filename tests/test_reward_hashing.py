"""Hashed n-grams: those of the words module, in buckets that stay where they are for ever."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reward_model import hashing
from reward_model.hashing import BUCKETS, bucket, hashed
from reward_model.words import NGRAMS

SCRIPTS = st.one_of(
    st.text(max_size=40),
    st.text("abc ÀßİıſŉΣςσ.,_'-Ⅳǅΐ①½٣߀", max_size=40),
    st.text("ab 今天気かなﾊﾟสวัကខ𠀀一。，", max_size=40),
    st.text("हिन्दी தமிழ் عَرَبِيّ עִבְרִית ё\u0301e\u0301 \u200d", max_size=40),
    st.text("a 今\n\t\x0b\x1c\x1f\x85\xa0\u1680\u2003\u2028\u202f\u3000\u200b\ufeff", max_size=40),
    st.text(st.characters(categories=("Cs", "Ll", "Lo", "Nd", "No", "Mn", "Zs")), max_size=20),
)


@pytest.mark.parametrize("family", NGRAMS)
@settings(deadline=None)
@given(st.lists(SCRIPTS, max_size=6))
def test_a_row_holds_the_ngrams_of_its_text_in_any_script(family: str, texts: list[str]) -> None:
    rows = hashed(texts, family)
    assert rows.shape == (len(texts), BUCKETS)
    for n, text in enumerate(texts):
        expected = sorted({bucket(ngram) for ngram in NGRAMS[family](text)})
        assert sorted(rows[n].indices.tolist()) == expected


@pytest.mark.parametrize("family", NGRAMS)
def test_every_letter_of_unicode_falls_into_the_same_ngrams(family: str) -> None:
    text = "".join(f"a{chr(n)}b " for n in range(0x20000) if not 0xD800 <= n < 0xE000)
    ngrams = sorted(set(NGRAMS[family](text)))
    assert sorted(hashed([text], family).indices.tolist()) == np.unique(hashing.buckets(ngrams)).tolist()


def test_buckets_never_move() -> None:
    """The low 18 bits of XXH64 with seed 0; 0xef46db3751d8e999 for no bytes is in its specification."""
    assert bucket("") == 0xEF46DB3751D8E999 % BUCKETS
    assert {ngram: bucket(ngram) for ngram in FIXED} == FIXED


FIXED = {"the": 220966, "of the": 209066, " th": 239731, "слово": 162947, "今天": 49477}


@pytest.mark.parametrize("family", NGRAMS)
def test_rows_have_length_one_and_no_memory_of_their_neighbours(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["some words here, some", "", "one", "今天天气", " ", "x" * 50]
    together = hashed(texts, family)
    assert together.dtype == np.float32
    assert together.power(2).sum(axis=1).A1.tolist() == pytest.approx([1, 0, 1, 1, 0, 1])
    monkeypatch.setattr(hashing, "ROWS", 2)
    monkeypatch.setattr(hashing, "CHARACTERS_A_CHUNK", 12)
    assert abs(hashed(texts, family) - together).max() == 0


def test_no_text_has_no_row() -> None:
    assert hashed([], "words").shape == (0, BUCKETS)
