"""Answers that say the same in the same words are put together, and no others."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.alike import CJK, LONGEST, alike

LONG = " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(60))
CHINESE = "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏閏餘成歲律呂調陽雲騰致雨露結為霜金生麗水玉出崑岡"


def are_alike(one: str, other: str) -> bool:
    return alike([one, other]) == [[0, 1]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Yes, I can.", "  Yes, I   can. \n"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ", "Full width"),
        ("caf\u00e9", "cafe\u0301"),
        ("It’s fine", "It's fine"),
        ('He said "so"', "He said “so”!"),
        (LONG, LONG.replace("wordca ", "")),
        (LONG, f"{LONG}, indeed"),
        (CHINESE, CHINESE[:20] + CHINESE[21:]),
        ("x" * (LONGEST + 1), "x" * (LONGEST + 1) + "\n"),
        ("```\na = 1\n```", "```\na = 1  \n```\n"),
    ],
)
def test_what_says_the_same_in_the_same_words_is_alike(one: str, other: str) -> None:
    assert are_alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LONG, LONG.replace("wordca", "not wordca")),
        (LONG, LONG.replace("wordca", "isn't wordca")),
        (LONG, LONG.replace("wordca", "не wordca")),
        (LONG, LONG.replace("wordca", "7 wordca")),
        (LONG, LONG.replace("wordca", "another")),
        (LONG, LONG.replace("wordba wordca", "wordca wordba")),
        (LONG, LONG.replace("wordca", "**wordca**")),
        (LONG, f"{LONG}?"),
        (f"{LONG} 1.5", f"{LONG} 15"),
        (f"{LONG} 1.5", f"{LONG} 1 5"),
        (f"{LONG} 5", f"{LONG} -5"),
        (f"{LONG} 10²", f"{LONG} 102"),
        (LONG, " ".join(LONG.split()[:50])),
        (CHINESE, CHINESE[:20] + "不" + CHINESE[20:]),
        ("```\nif a:\n  b\nc\n```", "```\nif a:\n  b\n  c\n```"),
        ("```\nA = a\n```", "```\na = a\n```"),
        ("Yes", "No"),
        ("Read the rules.", "READ THE RULES."),
        ("", " "),
        ("x" * (LONGEST + 1), "x" * (LONGEST + 1) + " indeed"),
    ],
)
def test_what_differs_in_meaning_is_not_alike(one: str, other: str) -> None:
    assert not are_alike(one, other)


def test_groups_are_in_order_and_of_two_at_least() -> None:
    assert alike(["b", "a", "c", " a", "b ", "a"]) == [[0, 4], [1, 3, 5]]
    assert alike(["a"]) == alike([]) == alike(["a", "b"]) == []


def test_no_chain_leads_away_from_the_first() -> None:
    words = LONG.split()
    chain = [" ".join(words[:length]) for length in (60, 58, 56, 54)]
    assert are_alike(chain[0], chain[1])
    assert are_alike(chain[1], chain[2])
    assert not are_alike(chain[0], chain[2])
    assert alike(chain) == [[0, 1], [2, 3]]


TOKENS = [*"ab12.,?不好Aé", "not", "**", "```", "\n"]
TEXTS = st.lists(st.lists(st.sampled_from(TOKENS), max_size=30).map(" ".join), max_size=9)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_groups_never_overlap_and_every_copy_is_found(texts: list[str]) -> None:
    groups = alike(texts)
    members = [index for group in groups for index in group]
    assert len(members) == len(set(members))
    assert all(len(group) > 1 and group == sorted(group) for group in groups)
    assert [group[0] for group in groups] == sorted(group[0] for group in groups)
    for one in range(len(texts)):
        for other in range(one):
            if texts[one].strip() and texts[one] == texts[other]:
                assert any(one in group and other in group for group in groups)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_members_of_a_group_have_the_same_numbers_and_negations(texts: list[str]) -> None:
    for group in alike(texts):
        told = {tuple(word for word in texts[index].split() if word in {"1", "2", "not", "不", "?"}) for index in group}
        assert len(told) == 1


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_being_alike_goes_both_ways(one: str, other: str) -> None:
    assert are_alike(one, other) == are_alike(other, one)


HOSTILE = ["a", "a ", "1.", "\u0301\u0323", "\ufdfa", "ΐ ", "不", "a'", ". ", "\n\t", "```\n"]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("length", [200_000, LONGEST])
def test_hostile_texts_hang_nothing(unit: str, length: int) -> None:
    text = (unit * length)[: length - 1]
    texts = [f"{text[:n]}x{text[n:]}" for n in range(9)]
    assert all(len(group) > 1 for group in alike(texts))


def test_every_chinese_and_japanese_character_is_a_word() -> None:
    assert all(re.match(f"[{CJK}]", character) for character in "一龥々〇あンー豈𠀀")
    assert not any(re.match(f"[{CJK}]", character) for character in "aé1، 한")
