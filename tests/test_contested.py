"""Where people disagree, and what second opinions came to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schemas import Judgement, Ranking
from rankers.contested import MOST_PEOPLE, Contest, Opinions, contested, difference, opinions, second_opinions
from tests.conftest import a_judgement, a_task

TASK, OTHER = a_task("Why?", "One.", "Two.", "Three."), a_task("How?", "One.", "Two.", "Three.")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
RANKINGS = st.permutations(["r1", "r2", "r3"]).map(lambda ids: tuple((i,) for i in ids))


def said(minute: int, annotator: str, *tiers: tuple[str, ...], task: Any = TASK, **more: object) -> Judgement:
    return a_judgement(task, *tiers, annotator=annotator, created_at=BEGAN + timedelta(minutes=minute), **more)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((("r1",), ("r2",), ("r3",)), (("r1",), ("r2",), ("r3",)), 0.0),
        ((("r1",), ("r2",), ("r3",)), (("r3",), ("r2",), ("r1",)), 1.0),
        ((("r1",), ("r2",), ("r3",)), (("r2",), ("r1",), ("r3",)), 1 / 3),
        ((("r1",), ("r2",)), (("r1", "r2"),), 0.5),
        ((("r1",), ("r2",)), (("r3",),), 0.0),
    ],
)
def test_two_rankings_differ_by_the_pairs_they_order_otherwise(one: Ranking, other: Ranking, expected: float) -> None:
    assert difference(said(1, "ann", *one), said(2, "bob", *other)) == pytest.approx(expected)


def test_who_can_rank_nothing_differs_from_who_ranks_and_not_from_who_cannot_either() -> None:
    nothing, ranked = said(1, "ann", unrankable=True), said(2, "bob", ("r1",), ("r2",))
    assert difference(nothing, ranked) == 1
    assert difference(nothing, said(3, "cem", unrankable=True)) == 0


@given(RANKINGS, RANKINGS)
def test_a_difference_is_the_same_both_ways_and_within_0_and_1(one: Ranking, other: Ranking) -> None:
    first, second = said(1, "ann", *one), said(2, "bob", *other)
    assert difference(first, second) == difference(second, first)
    assert 0 <= difference(first, second) <= 1
    assert (difference(first, second) == 0) == (one == other)


def test_the_most_contested_task_comes_first_and_agreement_is_no_contest() -> None:
    agreed = a_task("Who?", "One.", "Two.")
    found = contested([
        said(1, "ann", ("r1",), ("r2",), ("r3",)), said(2, "bob", ("r2",), ("r1",), ("r3",)),
        said(1, "ann", ("r1",), ("r2",), task=OTHER), said(2, "bob", ("r2",), ("r1",), task=OTHER),
        said(1, "ann", ("r1",), task=agreed), said(2, "bob", ("r1",), task=agreed),
    ])  # fmt: skip
    assert found == [Contest(OTHER.id, 2, 1.0), Contest(TASK.id, 2, 1 / 3)]


def test_what_enough_people_have_judged_is_not_asked_again_and_a_skip_is_no_opinion() -> None:
    votes = [
        said(n, f"p{n}", ("r1",), ("r2",)) if n % 2 else said(n, f"p{n}", ("r2",), ("r1",)) for n in range(MOST_PEOPLE)
    ]
    assert contested(votes) == []
    assert len(contested(votes[:-1])) == 1
    assert contested([votes[0], said(9, "eve", status="skipped", skip_reason="other")]) == []


def test_second_opinions_are_counted_by_queue_and_by_whether_they_turn_the_first_round() -> None:
    judgements = [
        said(5, "bob", ("r2",), ("r1",), queue="disagreement"), said(1, "ann", ("r1",), ("r2",), queue="random"),
        said(1, "ann", ("r1",), ("r2",), task=OTHER), said(2, "bob", ("r1", "r2"), task=OTHER, queue="random"),
        said(3, "cem", ("r1",), ("r2",), task=OTHER),
    ]  # fmt: skip
    assert opinions(judgements) == [Opinions("disagreement", 1, 1), Opinions("random", 1, 0)]
    assert {(one.task_id, one.annotator) for one in second_opinions(judgements)} == {
        (TASK.id, "bob"),
        (OTHER.id, "bob"),
    }
