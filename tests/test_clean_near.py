"""Near duplicates: found in any script, in groups around a middle, without a comparison of all with all."""

import random
import time

import pytest

from data.clean.near import near_groups, plain, similarity, sketch
from tests.bench_near import compared, pile

LONG = "The engine pulls the train through the valley, and the smoke hangs over the river until the evening wind comes."
RUSSIAN = "Паровоз тянет поезд через долину, и дым висит над рекой, пока не придёт вечерний ветер с далёких гор."
CHINESE = "火车头拉着列车穿过山谷，烟雾一直悬在河面上，直到傍晚的风从远处的山上吹来，孩子们才跑回家去。"
HINDI = "इंजन ट्रेन को घाटी से होकर खींचता है और धुआँ शाम की हवा आने तक नदी के ऊपर लटका रहता है।"


def places(*texts: str) -> list[list[int]]:
    return [sorted(m.place for m in group) for group in near_groups(lambda: texts)]


@pytest.mark.parametrize("text", [LONG, RUSSIAN, CHINESE, HINDI])
def test_a_text_with_one_word_changed_is_near_in_any_script(text: str) -> None:
    assert places(text, "Something else altogether stands here.", text[:-4] + "!") == [[0, 2]]


def test_case_width_punctuation_and_white_space_do_not_count() -> None:
    assert places("What is this?", "WHAT  is\nthis", "Ｗhat is this…", "What was this?") == [[0, 1, 2]]


def test_short_texts_that_differ_in_what_they_ask_are_not_near() -> None:
    assert places("Write a poem about cats", "Write a poem about dogs", "写一首关于猫的诗", "写一首关于狗的诗") == []


def test_vowel_signs_of_hindi_count() -> None:
    assert plain("की") != plain("का")


def test_empty_texts_and_lone_marks_are_in_no_group() -> None:
    assert places("", "", "!!!", "…", "\ud800", "\ud800") == [[4, 5]]


def test_a_chain_of_small_changes_does_not_join_its_ends() -> None:
    words = LONG.split()
    chain = [" ".join([*(f"{w}x" for w in words[:n]), *words[n:]]) for n in range(len(words))]
    for group in near_groups(lambda: chain):
        middle = sketch(chain[group[0].place])
        assert all(similarity(middle, sketch(chain[m.place])) >= 0.8 for m in group)
    assert len(near_groups(lambda: chain)) > 1


def test_the_first_of_a_group_says_how_alike_the_others_are() -> None:
    (group,) = near_groups(lambda: [LONG, LONG + " Yes.", LONG.upper()])
    assert group[0].likeness == 1
    assert [m.likeness == 1 for m in sorted(group)] == [True, group[0].place == 1, True]


def test_long_texts_are_compared_by_a_fair_sample() -> None:
    rng = random.Random(2)
    words = [f"{rng.randrange(10**6)}" for _ in range(4_000)]
    one, other = " ".join(words), " ".join([*words[:3_600], *(f"n{n}" for n in range(400))])
    exact = len(set(words[:3_600])) / 4_400
    assert similarity(sketch(one), sketch(other)) == pytest.approx(exact, abs=0.06)


def test_a_pile_of_planted_copies_is_found_as_by_comparing_all() -> None:
    texts, part = pile(4_000, random.Random(3))
    wanted, inside = compared(texts, part), set(part)
    groups = [{m.place for m in group} & inside for group in near_groups(lambda: texts)]
    assert sum(any({a, b} <= group for group in groups) for a, b in wanted) >= 0.95 * len(wanted)


def test_a_thousand_texts_of_one_template_are_compared_with_the_first_and_not_with_each_other() -> None:
    read: list[int] = []
    texts = [f"{LONG} {RUSSIAN} This is number {n}." for n in range(3_000)]
    groups = near_groups(lambda: texts, watch=read.append)
    assert max(map(len, groups)) > 2_900
    assert read[-1] >= 2_500


def test_what_the_watch_raises_ends_the_search() -> None:
    def stop(_read: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        near_groups(lambda: [LONG, LONG], watch=stop)


@pytest.mark.parametrize("text", ["a" + "\u0301\u0316" * 99_000, "\ufdfa" * 200_000, "x" * 200_000, "文字" * 100_000])
def test_hostile_text_takes_bounded_time(text: str) -> None:
    began = time.process_time()
    assert places(text, f"{text}!") == [[0, 1]]
    assert time.process_time() - began < 20
