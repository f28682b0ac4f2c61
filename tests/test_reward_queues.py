"""What the reward model wants judged next: the most informative tasks, and judgements that it is sure are wrong."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.schemas import PreferencePair
from reward_model.disagreement import disagreements
from reward_model.informative import Candidates, informative, unsureness
from reward_model.model import HeldOutPairs
from reward_model.observations import observations, pair_mark
from reward_model.relabelling import relabelled
from tests.preferences_made import made_pairs


def candidates(responses: Sequence[tuple[int, ...]], scores: list[float], **more: Sequence[int]) -> Candidates:
    n, tasks = len(scores), len(responses)
    plain: dict[str, Sequence[int]] = {"group": list(range(tasks)), "compared": [0] * n, "judged": [0] * tasks}
    return Candidates(responses=responses, scores=np.array(scores), **(plain | more))


def test_the_task_of_which_the_model_is_least_sure_comes_first() -> None:
    picked = informative(candidates([(0, 1), (2, 3), (4, 5)], [0, 3, 0, 0.1, 0, 1]), 3)
    assert [pick.task for pick in picked] == [1, 2, 0]
    assert picked[0].unsure == pytest.approx(1, abs=0.01)


def test_responses_that_were_never_compared_come_before_those_that_were_often() -> None:
    picked = informative(candidates([(0, 1), (2, 3)], [0, 0, 0, 3], compared=[5, 5, 0, 0]), 2)
    assert [pick.task for pick in picked] == [1, 0]


def test_a_prompt_of_which_nothing_was_judged_comes_before_one_that_was() -> None:
    these = candidates([(0, 1), (2, 3), (4, 5)], [0, 1, 0, 1, 0, 1], group=[0, 1, 1], judged=[3, 0])
    assert informative(these, 1)[0].task in (1, 2)


def test_what_is_picked_spreads_over_the_responses() -> None:
    every = [(a, b) for a in range(6) for b in range(a + 1, 6)]
    picked = informative(candidates(every, [0.0] * 6, group=[0] * 15), 3)
    assert sorted(response for pick in picked for response in every[pick.task]) == list(range(6))


@given(st.lists(st.floats(-2000, 2000), min_size=2, max_size=9))
def test_unsureness_is_a_share_and_falls_as_scores_move_apart(scores: list[float]) -> None:
    assert 0 <= unsureness(np.array(scores)) <= 1
    assert unsureness(2 * np.array(scores)) <= unsureness(np.array(scores)) + 1e-12


@given(st.integers(0, 8), st.integers(1, 10))
def test_nothing_is_picked_twice_and_never_more_than_asked_for(n: int, most: int) -> None:
    picked = informative(candidates([(2 * i, 2 * i + 1) for i in range(n)], [0.0] * 2 * n), most)
    assert len({pick.task for pick in picked}) == len(picked) == min(n, most)


def test_the_surest_contradiction_comes_first_and_agreement_is_none() -> None:
    pairs = [replace_text(pair, n) for n, pair in enumerate(made_pairs(20)[:4])]
    held_out = said_of(pairs, chosen_by=[2.0, -1.0, -3.0, 0.5])
    found = disagreements(pairs, held_out)
    assert [doubt.task_id for doubt in found] == [pairs[2].task_id, pairs[1].task_id]
    assert found[0].probability == pytest.approx(1 / (1 + np.exp(3)), rel=1e-5)


def test_a_pair_of_which_nothing_held_out_is_known_is_no_disagreement() -> None:
    pairs = [replace_text(pair, n) for n, pair in enumerate(made_pairs(20)[:2])]
    found = disagreements(pairs, said_of(pairs[:1], chosen_by=[-2.0]))
    assert [doubt.task_id for doubt in found] == [pairs[0].task_id]
    assert disagreements(pairs, said_of([], [])) == []


def replace_text(pair: PreferencePair, n: int) -> PreferencePair:
    texts = {"chosen": f"{pair.chosen} {n}", "rejected": f"{pair.rejected} {n}"}
    return pair.model_copy(update=texts | {"task_id": f"task {n}"})


def said_of(pairs: list[PreferencePair], chosen_by: list[float]) -> HeldOutPairs:
    """What a model holds: the margin of the chosen response over the rejected one."""
    towards = 2 * observations(pairs).outcome - 1 if pairs else np.zeros(0)
    marks = np.array([pair_mark(pair) for pair in pairs], dtype=np.uint64)
    margin = np.array(chosen_by) * towards
    return HeldOutPairs(marks, marks, margin.astype(np.float32), ((towards + 1) / 2).astype(np.float32))


def flipped(pairs: list[PreferencePair], every: int) -> list[PreferencePair]:
    """The same pairs, every so manyth judged the other way round, each a task of its own."""
    found = []
    for n, pair in enumerate(pairs):
        turned = {"chosen": pair.rejected, "rejected": pair.chosen} if n % every == 0 else {}
        found.append(pair.model_copy(update=turned | {"task_id": f"task {n}"}))
    return found


def test_second_opinions_that_mend_planted_noise_raise_the_held_out_accuracy() -> None:
    clean = made_pairs(60, noise=0)
    wrong = flipped(clean, 3)
    again = [
        pair.model_copy(update={"task_id": f"task {n}", "annotator": who})
        for n, pair in enumerate(clean) for who in ("bob", "cem") if n % 3 == 0
    ]  # fmt: skip
    found = relabelled([*wrong, *again], [False] * len(wrong) + [True] * len(again), lambda _done: None)
    assert found
    assert found["after"] >= found["before"]
    assert found["n_second"] == len(again)
    assert found["n_pairs"] == len([n for n in range(len(clean)) if n % 3])


def test_without_second_opinions_there_is_nothing_to_compare_and_too_few_judgements_are_refused() -> None:
    pairs = made_pairs(10)
    assert relabelled(pairs, [False] * len(pairs), lambda _done: None) is None
    with pytest.raises(InputError, match="Rank more"):
        relabelled(pairs, [n >= 12 for n in range(len(pairs))], lambda _done: None)
