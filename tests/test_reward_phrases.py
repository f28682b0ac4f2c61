"""Short cuts on the way to a feature never change what is counted."""

import re
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reward_model.surface import SURFACE, surface_row
from reward_model.words import SPACED, UNSPACED, WORDS_OF, plain_words, spaced_words, tokens

SAID = (
    "i|can|not|i can't|able|i’m|because|sorry|as|an|ai|e.g|of|kind of|u|не|могу|потому что|我不能|作为ai|ß|İ|i\u0301|_"
)
TEXTS = st.lists(st.sampled_from([*SAID.split("|"), " ", " ", " ", ", ", "\n", "'"]), max_size=20).map("".join)


@pytest.mark.parametrize("kind", WORDS_OF)
@settings(deadline=None)
@given(TEXTS)
def test_phrases_are_searched_wherever_they_may_stand(kind: str, text: str) -> None:
    small = text.casefold()
    assert WORDS_OF[kind].count(small, plain_words(small)) == len(WORDS_OF[kind].pattern.findall(small))


@settings(deadline=None)
@given(st.one_of(TEXTS, st.text(max_size=30), st.text(st.characters(max_codepoint=127))))
def test_words_of_plain_texts_are_those_of_any_text(text: str) -> None:
    assert tokens(text) == re.findall(rf"[{UNSPACED}]|{SPACED}", text)
    assert spaced_words(text) == re.findall(SPACED, text)


@settings(deadline=None)
@given(st.text("aabÀ1!今\ud800", max_size=30))
def test_characters_are_counted_one_by_one(text: str) -> None:
    found = dict(zip(SURFACE, surface_row("", text), strict=True))
    runs = sum(letter.isalpha() and len(list(run)) > 2 for letter, run in groupby(text))
    assert (found["stretched"] > 0) == (runs > 0)
    assert found["digits"] == sum(map(str.isdigit, text)) / (len(text) or 1)
    assert found["capitals"] == sum(map(str.isupper, text)) / (sum(map(str.isalpha, text)) or 1)
