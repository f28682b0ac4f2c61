"""Features: finite, stateless, readable, for every script, and blind to the order of responses."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reward_model.features import (
    COLUMNS,
    ENDING,
    EVERY_FAMILY,
    FAMILIES,
    LENGTH,
    NUMBERED,
    NUMBERS,
    blocks,
    column,
    family_of,
    features,
)
from reward_model.surface import SURFACE, surface_rows
from reward_model.words import NGRAMS, character_ngrams, tokens, word_ngrams

ANY_TEXT = st.text(max_size=60)


def value(name: str, response: str, prompt: str = "What is it?") -> float:
    return float(surface_rows([(prompt, response)])[0, list(SURFACE).index(name)])


@settings(deadline=None)
@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=1, max_size=5))
def test_features_are_finite_for_any_text(items: list[tuple[str, str]]) -> None:
    assert np.isfinite(blocks(items).numbers).all()
    rows = features(items)
    assert rows.shape == (len(items), COLUMNS)
    assert np.isfinite(rows.data).all()


@settings(deadline=None)
@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=2, max_size=5), st.randoms())
def test_no_feature_knows_where_a_response_stands(items: list[tuple[str, str]], chance: object) -> None:
    order = list(range(len(items)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    shuffled = features([items[n] for n in order])
    assert abs(shuffled - features(items)[order]).max() == 0
    alone = features([items[0]])
    assert abs(alone - features(items)[0]).max() == 0


def test_every_number_has_a_label_and_a_family_of_its_own() -> None:
    labels = list(NUMBERS.values())
    mine = np.concatenate([FAMILIES[family].columns for family in NUMBERED])
    assert sorted(mine.tolist()) == list(range(len(NUMBERS)))
    assert len(set(labels)) == len(labels)
    assert [list(NUMBERS)[at] for at in LENGTH] == ["log_characters", "log_words", "root_words"]
    assert all(label[0].isupper() or label[0] == "“" for label in labels)


@pytest.mark.parametrize(
    ("name", "less", "more"),
    [
        ("log_characters", "Short.", "Not so very short."),
        ("log_sentences", "One. Two.", "One. Two. Three! Four?"),
        ("list_items", "1. one", "- one\n- two\n3) three"),
        ("headings", "#hashtag", "# Title\n\n## Part"),
        ("bold", "a * b", "a **b** and __c__"),
        ("code_blocks", "`x`", "```\nx\n```"),
        ("inline_code", "x", "the `x` and `y`"),
        ("table_rows", "a | b", "| a | b |\n|---|---|"),
        ("links", "http", "https://example.org"),
        ("emoji", "fine", "fine 🙂"),
        ("shouted", "This is fine", "THIS is FINE"),
        ("repeated_lines", "a\nb", "a\na"),
        ("commas", "a b c", "a, b, c"),
        ("questions", "Is it.", "Is it？"),
        ("ends_well", "It is", "It is."),
        ("digits", "one", "1"),
        ("words_of_prompt", "cats and dogs", "it is what is it"),
        ("prompt_covered", "cats", "what"),
        ("connectives", "it rains", "it rains because of clouds"),
        ("connectives", "идёт дождь", "идёт дождь, потому что тучи"),
        ("connectives", "下雨了", "因为有云所以下雨了"),
        ("first_person", "you", "I and my friend"),
        ("first_person", "он", "я и мой друг"),
        ("refusals", "Sure, here it is.", "I’m sorry, but I can’t help with that."),
        ("refusals", "Конечно, вот.", "Я не могу с этим помочь."),
        ("refusals", "当然可以。", "我不能提供这个。"),
        ("hedges", "It is so.", "Maybe it is so."),
        ("hedges", "Это так.", "Возможно, это так."),
        ("hedges", "是这样。", "也许是这样。"),
        ("apologies", "No.", "Sorry, no."),
        ("as_machine", "I am Ann.", "As an AI language model, I …"),
    ],
)
def test_a_surface_feature_counts_what_its_label_says(name: str, less: str, more: str) -> None:
    assert value(name, more) > value(name, less)


def test_words_and_their_pairs_fall_out_of_a_text_in_small_letters() -> None:
    assert list(word_ngrams("The cat's here")) == ["the", "cat", "s", "here", "the cat", "cat s", "s here"]
    assert tokens("naïve हिन्दी слово") == ["naïve", "हिन्दी", "слово"]


@pytest.mark.parametrize(
    ("text", "words", "characters"),
    [
        ("今天天气", {"今", "天气", "今天"}, {"今天", "天天气", "今天天气"}),
        ("สวัสดี", {"ส", "สว"}, {"สวั", "วัสด"}),
        ("これはペン", {"ペン", "は"}, {"これは", "はペン"}),
    ],
)
def test_scripts_without_spaces_are_not_lost(text: str, words: set[str], characters: set[str]) -> None:
    assert words <= set(word_ngrams(text))
    assert characters <= set(character_ngrams(text))
    assert not any(" " in ngram for ngram in character_ngrams(text))


def test_character_ngrams_stay_inside_words_and_see_their_ends() -> None:
    found = set(character_ngrams("to be"))
    assert {" t", "to", " to ", "be "} <= found
    assert not any("o b" in ngram for ngram in found)


def test_mixed_scripts_are_cut_where_they_meet() -> None:
    assert {"use", "用", "用 use"} <= set(word_ngrams("用use"))
    assert " use" in set(character_ngrams("用use"))


@settings(deadline=None)
@given(ANY_TEXT)
def test_every_ngram_of_a_text_is_in_the_column_that_names_it(text: str) -> None:
    row = features([("", text)])
    for family, ngrams in NGRAMS.items():
        columns = {column(family, ngram) for ngram in ngrams(text)}
        own = {int(c) for c in row.indices if family_of(int(c)) == family}
        assert columns == own


def test_each_text_family_has_length_one() -> None:
    rows = features([("p", "some words here"), ("p", "")])
    for family in set(FAMILIES) - set(NUMBERED):
        block = rows[:, FAMILIES[family].columns]
        assert np.asarray(block.power(2).sum(axis=1)).ravel().tolist() == pytest.approx([1.0, 0.0])


def test_families_share_no_column_and_leave_none_out() -> None:
    every = np.concatenate([family.columns for family in EVERY_FAMILY.values()])
    assert sorted(every.tolist()) == list(range(COLUMNS))
    assert all(family_of(int(at)) == name for name, family in EVERY_FAMILY.items() for at in family.columns[[0, -1]])


@pytest.mark.parametrize("family", list(FAMILIES))
def test_a_family_that_is_not_asked_for_is_empty_and_the_others_stay(family: str) -> None:
    items = [("What is it?", "It is a **list** of words, perhaps.")]
    others = [name for name in FAMILIES if name != family]
    every, without = features(items), features(items, others)
    assert without[:, FAMILIES[family].columns].nnz == 0
    rest = np.concatenate([FAMILIES[name].columns for name in others])
    assert abs(every[:, rest] - without[:, rest]).max() == 0


def test_the_ending_is_read_by_itself() -> None:
    ends = "x" * 20 + " and so, all things considered, the answer is that she has one sister."
    one, two = (blocks([("p", start * 9 + ends)], ["ending"]).texts["ending"] for start in ("First part. ", "More. "))
    assert len(ends) > ENDING
    assert np.asarray(one) == pytest.approx(np.asarray(two))


def test_features_are_the_same_in_another_process() -> None:
    code = (
        "from reward_model.features import features; r = features([('p', 'Same words, 同样的词')]);"
        "print(sorted(zip(r.indices.tolist(), r.data.tolist())))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": s}
        ).stdout
        for s in ("1", "2")
    }
    assert len(outputs) == 1
