"""Phrases and words are found in many texts at once as they would be found one by one."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reward_model.cuts import cut, patterns, readable
from reward_model.phrases import PHRASES, phrase_counts
from reward_model.words import SPACED, UNSPACED, spaced_words, tokens

SAID = (
    "i|can|not|i can't|able|i’m|because|sorry|as|an|ai|assistant|language model|e.g|of|kind of|u|не|могу|"
    "потому что|к сожалению, я|我不能|提供|作为ai|ß|İ|i\u0301|_"
)
TEXTS = st.lists(st.sampled_from([*SAID.split("|"), " ", " ", " ", ", ", "\n", "'"]), max_size=20).map("".join)


def counted(kind: str, text: str) -> int:
    """Phrases that begin outside those before them, word by word."""
    words, phrases, count, until = tokens(text.casefold()), list(map(tokens, PHRASES[kind].split("|"))), 0, 0
    for at in range(len(words)):
        lengths = [len(phrase) for phrase in phrases if words[at : at + len(phrase)] == phrase]
        count += bool(lengths) and at >= until
        until = max(until, at + max(lengths, default=0))
    return count


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=4))
def test_phrases_are_counted_in_many_texts_as_in_one(texts: list[str]) -> None:
    found = phrase_counts(*cut(readable([text.casefold() for text in texts]), patterns().word), len(texts))
    assert found.tolist() == [[counted(kind, text) for kind in PHRASES] for text in texts]


@pytest.mark.parametrize(
    ("kind", "text", "times"),
    [
        ("machine", "As a language model, I am an AI.", 2),
        ("machine", "as a language", 0),
        ("refusal", "К сожалению, я не могу.", 1),
        ("refusal", "I’m not able, I can't, 我不能提供这个。", 3),
        ("hedge", "it depends, kind of. depends it", 2),
        ("negation", "don't, don’t: not", 3),
    ],
)
def test_a_phrase_counts_once_whichever_others_it_holds(kind: str, text: str, times: int) -> None:
    found = phrase_counts(*cut([text.casefold()], patterns().word), 1)
    assert found[0, list(PHRASES).index(kind)] == counted(kind, text) == times


@settings(deadline=None)
@given(st.one_of(TEXTS, st.text(max_size=30), st.text(st.characters(max_codepoint=127))))
def test_words_of_plain_texts_are_those_of_any_text(text: str) -> None:
    assert tokens(text) == re.findall(rf"[{UNSPACED}]|{SPACED}", text)
    assert spaced_words(text) == re.findall(SPACED, text)
