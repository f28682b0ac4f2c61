"""Offensive words are found where they stand, also disguised; everyday words are left alone."""

import time
from pathlib import Path

import pytest

from data.clean.lexicon import LANGUAGES
from data.clean.offence import offending, offensive, weighed, words


def _found(text: str) -> list[str]:
    return [text[mark.start : mark.end] for mark in offensive(text)]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("You are an idiot, sir.", "idiot"),
        ("Что за говно ты написал", "говно"),
        ("他真是个王八蛋", "王八蛋"),
        ("👍 what an asshole 👍", "asshole"),
    ],
)
def test_a_listed_word_is_found_where_it_stands(text: str, word: str) -> None:
    assert _found(text) == [word]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("this is f*cking late", "f*cking"),
        ("well, s h i t happens", "s h i t"),
        ("you 1d10t", "1d10t"),
        ("какой ты дypaк", "дypaк"),
        ("иди ты, c.у.к.а", "c.у.к.а"),
        ("ну и г0вно", "г0вно"),
        ("suuuuck this biiiitch", "biiiitch"),
    ],
)
def test_a_disguised_word_is_found(text: str, word: str) -> None:
    assert word in _found(text)


@pytest.mark.parametrize(
    "text",
    [
        "How can I kill a Python process?",
        "The bass player shot a film in Essex and Scunthorpe.",
        "a b c d e f g",
        "2 * 3 * 4 = 24, и x*y",
        "Употреблять страховку и корабли, колебания, оскорбления",
        "这个性能测试的成人教育课程很好",
        "e.g. U.S.A., i.e. the state",
        "**bold** and *slanted* words",
    ],
)
def test_everyday_words_are_left_alone(text: str) -> None:
    assert _found(text) == []


def test_a_text_in_a_language_without_a_list_is_not_read_by_that_of_another() -> None:
    assert offensive("Das Seil ist dick, Idiot", "de") == ()
    assert len(offensive("Das Seil ist dick, Idiot, и говно", "de")) == 1
    assert len(offensive("Das Seil ist dick, Idiot, и говно")) == 3


def test_the_lists_are_those_of_the_source_with_what_is_added_and_left_out() -> None:
    for language in LANGUAGES:
        given, ours = set(words(language, as_given=True)), set(words(language))
        assert given - ours
        assert ours - given
    assert "how to kill" in words("en", as_given=True)
    assert "how to kill" not in words("en")


def test_a_listed_word_shifts_the_probability_and_does_not_decide() -> None:
    assert weighed(0.5, True) == pytest.approx(0.6)
    assert weighed(0.5, False) == pytest.approx(0.4)
    assert weighed(0.02, True) < 0.5 < weighed(0.98, False)
    assert weighed(0.0, True) == 0.0
    assert weighed(1.0, False) == pytest.approx(1.0)


@pytest.mark.parametrize("text", ["a*" * 100_000, "f u c k " * 25_000, "x" * 200_000, "3.0o " * 40_000, "бл*" * 66_000])
def test_hostile_text_is_read_in_a_moment(text: str) -> None:
    began = time.perf_counter()
    offensive(text)
    assert time.perf_counter() - began < 10


def test_no_more_than_the_first_two_hundred_thousand_characters_are_read() -> None:
    assert offensive("x " * 100_000 + "idiot") == ()


def test_the_lists_name_their_licence() -> None:
    folder = Path("data/clean/ldnoobw")
    assert "Attribution 4.0" in (folder / "LICENSE").read_text(encoding="utf-8")
    assert "Shutterstock" in (folder / "SOURCE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "probability", "marked"),
    [
        ("You idiot", 0.9, ["idiot"]),
        ("You idiot", 0.45, ["idiot"]),
        ("You idiot", 0.1, []),
        ("You are beneath contempt", 0.9, ["You are beneath contempt"]),
        ("You are beneath contempt", 0.55, []),
        ("", 1.0, []),
    ],
)
def test_a_flag_model_and_the_lists_say_together_what_offends(text: str, probability: float, marked: list[str]) -> None:
    assert [text[mark.start : mark.end] for mark in offending(text, lambda _text: probability)] == marked


def test_without_a_model_the_lists_alone_mark() -> None:
    assert [mark.what for mark in offending("You idiot")] == ["Offensive word"]
    assert offending("You are beneath contempt") == ()


def test_a_sign_that_looks_like_a_letter_hides_no_word() -> None:
    for hidden in ("1diot", "id1ot", "id!ot", "іdiot", "мyдaк", "myдак"):
        assert _found(f"You {hidden}, leave"), hidden
