"""Many judgements of the same two responses become one pair: by majority, or weighed by who is mostly right."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schemas import Message, PreferencePair
from rankers.aggregation import AGGREGATIONS, MERGED, Aggregation, aggregated, aggregated_pairs
from rankers.pairs import PairRules
from tests.conftest import a_judgement, a_task

PROMPT = (Message(role="user", content="Which?"),)
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def a_pair(winner: str, annotator: str, task: str = "t", **more: object) -> PreferencePair:
    """What an annotator says of responses a and b: a, b, or a tie."""
    chosen, rejected = ("b", "a") if winner == "b" else ("a", "b")
    values = {
        "task_id": task,
        "group": task,
        "prompt": PROMPT,
        "chosen_id": chosen,
        "rejected_id": rejected,
        "chosen": f"text {chosen}",
        "rejected": f"text {rejected}",
        "chosen_source": f"source {chosen}",
        "rejected_source": f"source {rejected}",
        "tie": winner == "tie",
        "annotator": annotator,
        "judged_at": WHEN,
    }
    return PreferencePair.model_validate(values | more)


def said(*winners: str) -> list[PreferencePair]:
    return [a_pair(winner, f"ann {n}") for n, winner in enumerate(winners)]


@pytest.mark.parametrize(
    ("winners", "expected"),
    [
        (("a", "a", "b"), "a"),
        (("b", "a", "b"), "b"),
        (("a", "b"), "tie"),
        (("tie", "b"), "b"),
        (("tie", "tie", "a"), "a"),
        (("tie",), "tie"),
    ],
)
def test_the_majority_decides_and_where_it_is_even_it_is_a_tie(winners: tuple[str, ...], expected: str) -> None:
    (made,) = aggregated(said(*winners), "majority").pairs
    assert ("tie" if made.tie else made.chosen_id) == expected
    assert (made.chosen, made.chosen_source) == (f"text {made.chosen_id}", f"source {made.chosen_id}")
    assert (made.rejected, made.rejected_source) == (f"text {made.rejected_id}", f"source {made.rejected_id}")


@given(st.lists(st.sampled_from(["a", "b", "tie"]), min_size=1, max_size=9), st.sampled_from(list(AGGREGATIONS)))
def test_what_is_made_and_what_is_merged_is_all_there_was(winners: list[str], how: Aggregation) -> None:
    made = aggregated(said(*winners), how)
    assert len(made.pairs) + made.merged == len(winners)
    assert len(made.pairs) == (len(winners) if how == "all" else 1)


@given(st.lists(st.sampled_from(["a", "b", "tie"]), min_size=1, max_size=9), st.randoms())
def test_the_order_of_the_judgements_changes_nothing(winners: list[str], chance: object) -> None:
    pairs = said(*winners)
    shuffled = sorted(pairs, key=lambda _pair: chance.random())  # type: ignore[attr-defined]
    one, other = (aggregated(some, "reliability").pairs[0] for some in (pairs, shuffled))
    assert one.tie == other.tie
    assert one.probability == pytest.approx(other.probability)
    assert one.tie or one.chosen_id == other.chosen_id


def simulated(right: dict[str, float], items: int) -> tuple[list[PreferencePair], dict[str, str]]:
    chance = np.random.default_rng(3)
    truth = {f"t{n}": str(chance.choice(["a", "b"])) for n in range(items)}
    other = {"a": "b", "b": "a"}
    pairs = [
        a_pair(best if chance.random() < often else other[best], who, task)
        for task, best in truth.items()
        for who, often in right.items()
    ]
    return pairs, truth


def test_who_is_mostly_right_is_found_and_outvotes_those_who_guess() -> None:
    right = {"best": 0.95, "good": 0.85, "fair": 0.75, "guess 1": 0.5, "guess 2": 0.5, "guess 3": 0.5}
    pairs, truth = simulated(right, 1_000)
    weighed, counted = aggregated(pairs, "reliability"), aggregated(pairs, "majority")
    for who, often in right.items():
        assert weighed.reliability[who] == pytest.approx(often, abs=0.08)
    hits = [np.mean([p.chosen_id == truth[p.task_id] for p in made.pairs]) for made in (weighed, counted)]
    assert hits[0] > 0.9
    assert hits[0] > hits[1] + 0.05


def test_the_probability_is_as_often_right_as_it_says() -> None:
    pairs, truth = simulated({"one": 0.85, "two": 0.75, "three": 0.65}, 2_000)
    made = aggregated(pairs, "reliability").pairs
    sure = np.array([pair.probability for pair in made])
    hit = np.array([pair.chosen_id == truth[pair.task_id] for pair in made])
    for low, high in ((0.5, 0.75), (0.75, 0.9), (0.9, 1.0)):
        here = (sure >= low) & (sure < high)
        assert hit[here].mean() == pytest.approx(sure[here].mean(), abs=0.05)


def test_who_is_wrong_more_often_than_chance_counts_for_nothing_and_not_against() -> None:
    pairs, _ = simulated({"one": 0.9, "two": 0.9, "three": 0.9, "troll": 0.05}, 300)
    assert aggregated(pairs, "reliability").reliability["troll"] == 0.5


def test_one_judgement_stays_what_it_was_but_for_its_probability() -> None:
    pair = a_pair("b", "ann", chosen_place=2, rejected_place=1, margin=0.5, weight=0.4)
    assert aggregated([pair], "majority").pairs == (pair,)
    (made,) = aggregated([pair], "reliability").pairs
    assert made.model_copy(update={"probability": None}) == pair
    assert made.probability == pytest.approx(0.75, abs=0.02)


def test_flags_of_everybody_stay_with_their_response() -> None:
    one = a_pair("a", "ann", rejected_flags=("toxic",))
    two = a_pair("b", "bob", chosen_flags=("spam",))
    three = a_pair("b", "cyd")
    (made,) = aggregated([one, two, three], "majority").pairs
    assert (made.chosen_id, made.chosen_flags, made.rejected_flags) == ("b", ("spam", "toxic"), ())


def test_margins_are_averaged_with_those_who_prefer_the_other_counted_against() -> None:
    pairs = [a_pair("b", "ann", margin=1.0), a_pair("b", "bob", margin=0.5), a_pair("a", "cyd", margin=0.3)]
    assert aggregated(pairs, "majority").pairs[0].margin == pytest.approx((1.0 + 0.5 - 0.3) / 3)
    assert aggregated([*pairs, a_pair("b", "dan")], "majority").pairs[0].margin is None


def test_edits_are_never_merged() -> None:
    edit = a_pair("a", "ann", is_edit=True, chosen_id="a/edit/ann")
    made = aggregated([*said("a", "b"), edit], "majority")
    assert edit in made.pairs
    assert made.merged == 1


def test_nothing_gives_nothing() -> None:
    assert aggregated([], "reliability").pairs == ()


def test_pairs_that_are_merged_are_counted_among_those_left_out() -> None:
    task = a_task("Which?", "one", "two", "three")
    judgements = [a_judgement(task, ("r1",), ("r2",), annotator=who) for who in ("ann", "bob", "cyd")]
    made = aggregated_pairs({task.id: task}, judgements, PairRules(), "majority")
    assert len(made.pairs) == 1
    assert made.left_out == {MERGED: 2, "response not ranked": 6}
    assert len(made.pairs) + sum(made.left_out.values()) == made.possible
