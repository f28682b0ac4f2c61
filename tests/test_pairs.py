"""How a ranking becomes pairs: properties, and every case of the flag policies."""

from collections import Counter
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schemas import Judgement, PreferencePair, Task
from rankers.agreement import human_ceiling, preference_alpha
from rankers.leaderboard import EDIT, leaderboard, win_rates
from rankers.pairs import (
    FLAG_POLICIES,
    NOT_BY_CRITERION,
    NOT_SUBMITTED,
    UNRANKABLE,
    UNRANKED,
    WEIGHTINGS,
    PairRules,
    left_out_of,
    pairs_frame,
    pairs_from,
    preference_pairs,
    rules_in_words,
)
from reward_model.observations import observations
from tests.conftest import a_judgement, a_task

ALL_RULES = [PairRules(w, flags, by) for w in WEIGHTINGS for flags in FLAG_POLICIES for by in ("", "honest")]
IGNORED = PairRules(flags="ignored")


@st.composite
def judged(draw: st.DrawFn) -> tuple[Task, Judgement]:
    """A task of 2 to 9 responses and a judgement that ranks some of them, in tiers, and flags and rewrites some."""
    n = draw(st.integers(2, 9))
    task = a_task("Which?", *(f"answer {i}" for i in range(n)))
    ids = draw(st.permutations([r.id for r in task.responses]))
    placed = ids[: draw(st.integers(1, n))]
    borders = draw(st.lists(st.booleans(), min_size=len(placed) - 1, max_size=len(placed) - 1))
    tiers: list[tuple[str, ...]] = [(placed[0],)]
    for i, is_new in zip(placed[1:], borders, strict=True):
        tiers = [*tiers, (i,)] if is_new else [*tiers[:-1], (*tiers[-1], i)]
    flagged = draw(st.sets(st.sampled_from(ids)))
    flags = [{"response_id": i, "kind": "toxic"} for i in sorted(flagged)]
    edits = [{"response_id": i, "text": f"{i} rewritten"} for i in sorted(draw(st.sets(st.sampled_from(ids))))]
    order = tuple(draw(st.permutations(ids)))
    return task, a_judgement(task, *tiers, flags=flags, edits=edits, shown_order=order)


def ranked(pairs: list[PreferencePair]) -> list[PreferencePair]:
    """The pairs of the ranking, without the edits."""
    return [pair for pair in pairs if not pair.is_edit]


def said(pairs: list[PreferencePair]) -> Counter[tuple[object, ...]]:
    """What the pairs say: (chosen, rejected), a tie without order."""
    return Counter(
        ("tie", frozenset({p.chosen_id, p.rejected_id})) if p.tie else (p.chosen_id, p.rejected_id) for p in pairs
    )


@given(judged())
def test_there_is_one_pair_for_every_two_ranked_responses_and_one_tie_for_every_two_in_a_tier(
    case: tuple[Task, Judgement],
) -> None:
    task, judgement = case
    sizes = [len(tier) for tier in judgement.ranking]
    pairs = ranked(pairs_from(task, judgement, IGNORED))
    strict = sum(a * b for i, a in enumerate(sizes) for b in sizes[i + 1 :])
    assert sum(not p.tie for p in pairs) == strict
    assert sum(p.tie for p in pairs) == sum(comb(size, 2) for size in sizes)


@given(judged())
def test_renaming_the_responses_renames_the_pairs(case: tuple[Task, Judgement]) -> None:
    task, judgement = case
    new = {r.id: f"z{99 - n}" for n, r in enumerate(task.responses)}
    renamed_task = task.model_copy(
        update={"responses": tuple(r.model_copy(update={"id": new[r.id]}) for r in task.responses)}
    )
    renamed = judgement.model_copy(
        update={
            "ranking": tuple(tuple(new[i] for i in tier) for tier in judgement.ranking),
            "flags": tuple(f.model_copy(update={"response_id": new[f.response_id]}) for f in judgement.flags),
            "edits": (),
        }
    )
    for rules in ALL_RULES:
        expected = [
            p.model_copy(update={"chosen_id": new[p.chosen_id], "rejected_id": new[p.rejected_id]})
            for p in ranked(pairs_from(task, judgement, rules))
        ]
        assert said(ranked(pairs_from(renamed_task, renamed, rules))) == said(expected)


@given(judged())
def test_reversing_a_ranking_reverses_the_pairs(case: tuple[Task, Judgement]) -> None:
    task, judgement = case
    upside_down = judgement.model_copy(update={"ranking": judgement.ranking[::-1]})
    turned = [
        p.model_copy(update={"chosen_id": p.rejected_id, "rejected_id": p.chosen_id})
        for p in ranked(pairs_from(task, judgement, IGNORED))
    ]
    assert said(ranked(pairs_from(task, upside_down, IGNORED))) == said(turned)


@given(judged())
def test_the_shown_order_and_the_order_in_the_file_change_nothing_but_the_places(
    case: tuple[Task, Judgement],
) -> None:
    task, judgement = case
    shuffled = judgement.model_copy(update={"shown_order": judgement.shown_order[::-1]})
    other_file = task.model_copy(update={"responses": task.responses[::-1]})
    nowhere = {"chosen_place": None, "rejected_place": None}
    for rules in ALL_RULES:
        one, two = pairs_from(other_file, shuffled, rules), pairs_from(task, judgement, rules)
        assert [p.model_copy(update=nowhere) for p in one] == [p.model_copy(update=nowhere) for p in two]


@given(judged())
def test_the_weights_of_a_ranking_add_up_as_the_rule_says(case: tuple[Task, Judgement]) -> None:
    task, judgement = case
    k = sum(map(len, judgement.ranking))
    total = {"2/k": k - 1, "1/(k choose 2)": min(1, k - 1), "1": comb(k, 2)}
    for weighting in WEIGHTINGS:
        weights = [p.weight for p in ranked(pairs_from(task, judgement, PairRules(weighting, "ignored")))]
        assert sum(weights) == pytest.approx(total[weighting])
        assert len(set(weights)) <= 1


@given(judged())
def test_what_is_made_and_what_is_left_out_are_all_the_pairs_of_the_task(case: tuple[Task, Judgement]) -> None:
    task, judgement = case
    for status, reason in [("submitted", None), ("skipped", "language"), ("withdrawn", None)]:
        now = judgement.model_copy(update={"status": status, "skip_reason": reason})
        for rules in ALL_RULES:
            made = pairs_from(task, now, rules)
            left_out = left_out_of(task, now, rules)
            assert len(made) + left_out.total() == comb(len(task.responses), 2) + len(judgement.edits)
            assert all(left_out.values())
            assert (status == "submitted") or (not made and set(left_out) == {NOT_SUBMITTED})


@given(judged())
def test_a_flagged_response_is_never_chosen_and_under_the_stricter_policy_never_in_a_pair(
    case: tuple[Task, Judgement],
) -> None:
    task, judgement = case
    for pair in pairs_from(task, judgement, PairRules(flags="never chosen")):
        assert not pair.chosen_flags
        assert not (pair.tie and pair.rejected_flags)
    for pair in pairs_from(task, judgement, PairRules(flags="excluded")):
        assert not pair.chosen_flags
        assert not pair.rejected_flags


CASES = [
    # better tier first, flagged, kept by: never chosen, excluded
    ((("r1",), ("r2",)), (), True, True),
    ((("r1",), ("r2",)), ("r2",), True, False),
    ((("r1",), ("r2",)), ("r1",), False, False),
    ((("r1",), ("r2",)), ("r1", "r2"), False, False),
    ((("r1", "r2"),), (), True, True),
    ((("r1", "r2"),), ("r1",), False, False),
    ((("r1", "r2"),), ("r2",), False, False),
    ((("r1", "r2"),), ("r1", "r2"), False, False),
]


@pytest.mark.parametrize(("ranking", "flagged", "never_chosen", "excluded"), CASES)
def test_each_policy_keeps_what_its_table_says(
    ranking: tuple[tuple[str, ...], ...], flagged: tuple[str, ...], never_chosen: bool, excluded: bool
) -> None:
    task = a_task("Which?", "one", "two")
    judgement = a_judgement(task, *ranking, flags=[{"response_id": i, "kind": "spam"} for i in flagged])
    kept = {policy: bool(pairs_from(task, judgement, PairRules(flags=policy))) for policy in FLAG_POLICIES}
    assert kept == {"never chosen": never_chosen, "excluded": excluded, "ignored": True}


def test_a_set_of_pairs_counts_everything_it_left_out_and_why() -> None:
    task = a_task("Which?", "one", "two", "three")
    flags = [{"response_id": "r1", "kind": "unfactual"}, {"response_id": "r1", "kind": "toxic"}]
    judgements = [
        a_judgement(task, ("r1",), ("r2",), ("r3",), annotator="a", flags=flags),
        a_judgement(task, ("r2", "r1"), annotator="b", none_acceptable=True),
        a_judgement(task, annotator="c", status="skipped", skip_reason="language"),
        a_judgement(task, annotator="d", none_acceptable=True),
    ]
    made = preference_pairs({task.id: task}, judgements, PairRules())
    assert said(list(made.pairs)) == Counter({("r2", "r3"): 1, ("tie", frozenset({"r1", "r2"})): 1})
    assert made.left_out == {UNRANKED: 2 + 3, NOT_SUBMITTED: 3, "flagged response preferred": 2}
    assert (made.possible, made.judgements, made.none_acceptable, made.ties) == (12, 3, 2, 1)
    assert len(made.pairs) + sum(made.left_out.values()) == made.possible


def test_a_judgement_of_an_unknown_task_is_an_error_and_not_dropped() -> None:
    task = a_task("Which?", "one", "two")
    with pytest.raises(KeyError):
        preference_pairs({}, [a_judgement(task, ("r1",), ("r2",))], PairRules())


def test_a_pair_keeps_where_it_came_from() -> None:
    task = a_task("Which?", "one", "two", sources=("m-1", "m-2"))
    flags = [{"response_id": "r1", "kind": "spam"}]
    judgement = a_judgement(task, ("r2",), ("r1",), annotator="ann", margin=2.0, flags=flags)
    (pair,) = pairs_from(task, judgement, PairRules())
    assert (pair.chosen, pair.rejected, pair.chosen_source, pair.rejected_source) == ("two", "one", "m-2", "m-1")
    assert (pair.task_id, pair.group, pair.prompt) == (task.id, task.group, task.prompt)
    assert (pair.annotator, pair.margin, pair.judged_at) == ("ann", 2.0, judgement.created_at)
    assert (pair.chosen_flags, pair.rejected_flags, pair.weight) == ((), ("spam",), 1.0)


def test_the_table_of_pairs_has_a_row_a_pair_and_its_columns_even_when_it_is_empty() -> None:
    task = a_task("Which?", "one", "two", "three", sources=("a", "b", "c"))
    flags = [{"response_id": "r3", "kind": "spam"}, {"response_id": "r3", "kind": "toxic"}]
    pairs = pairs_from(task, a_judgement(task, ("r1", "r2"), ("r3",), flags=flags), PairRules())
    frame = pairs_frame(pairs)
    assert list(frame["rejected_flags"]) == ["", "spam, toxic", "spam, toxic"]
    assert list(frame["prompt"]) == ["Which?"] * 3
    assert list(frame["tie"]) == [True, False, False]
    assert list(pairs_frame([]).columns) == list(frame.columns)


@given(judged())
def test_a_pair_says_where_the_annotator_saw_its_responses_and_an_edit_was_nowhere(
    case: tuple[Task, Judgement],
) -> None:
    task, judgement = case
    for pair in pairs_from(task, judgement, IGNORED):
        shown = judgement.shown_order
        assert pair.rejected_place is not None
        assert shown[pair.rejected_place - 1] == pair.rejected_id
        assert pair.chosen_place == (None if pair.is_edit else shown.index(pair.chosen_id) + 1)


def test_a_place_is_missing_where_the_order_on_the_screen_is_not_known() -> None:
    task = a_task("Which?", "one", "two")
    (pair,) = pairs_from(task, a_judgement(task, ("r1",), ("r2",)), PairRules())
    assert (pair.chosen_place, pair.rejected_place) == (None, None)
    assert pairs_frame([pair])["chosen_place"].isna().all()


@given(judged())
def test_an_edit_is_preferred_to_what_was_edited_as_in_a_ranking_of_two(case: tuple[Task, Judgement]) -> None:
    task, judgement = case
    for weighting, rule in WEIGHTINGS.items():
        made = [p for p in pairs_from(task, judgement, PairRules(weighting)) if p.is_edit]
        assert [(p.chosen, p.rejected_id) for p in made] == [(e.text, e.response_id) for e in judgement.edits]
        assert {p.weight for p in made} <= {rule.of_one_pair(2)}
        assert not any(p.tie or p.chosen_source or p.margin or p.chosen_flags for p in made)
        assert len({p.chosen_id for p in made} - {r.id for r in task.responses}) == len(made)


def test_edits_of_two_people_have_ids_of_their_own_and_do_not_touch_agreement_or_sources() -> None:
    task = a_task("Which?", "one", "two", sources=("m-1", "m-2"))
    edits = [{"response_id": "r1", "text": "three"}]
    people = {who: a_judgement(task, ("r1",), ("r2",), annotator=who, edits=edits) for who in ("ann", "bob")}
    with_edits = preference_pairs({task.id: task}, people.values(), PairRules()).pairs
    without = [pair for pair in with_edits if not pair.is_edit]
    assert len({pair.chosen_id for pair in with_edits if pair.is_edit}) == 2
    assert human_ceiling(with_edits) == human_ceiling(without)
    assert preference_alpha(with_edits) == preference_alpha(without)
    board, plain = leaderboard(with_edits), leaderboard(without)
    assert (board.boards, board.n_pairs, dict(board.left_out)) == (plain.boards, 2, {EDIT: 2})
    assert win_rates(with_edits).equals(win_rates(without))


def test_each_policy_treats_an_edit_as_unflagged_and_preferred_to_what_it_corrects() -> None:
    task = a_task("Which?", "one", "two")
    edits, flags = [{"response_id": "r1", "text": "1"}], [{"response_id": "r1", "kind": "unfactual"}]
    judgement = a_judgement(task, edits=edits, flags=flags)
    made = {policy: pairs_from(task, judgement, PairRules(flags=policy)) for policy in FLAG_POLICIES}
    assert {policy: len(pairs) for policy, pairs in made.items()} == {"never chosen": 1, "excluded": 0, "ignored": 1}
    assert (made["ignored"][0].chosen_flags, made["ignored"][0].rejected_flags) == ((), ("unfactual",))


def test_what_cannot_be_ranked_makes_no_pairs_of_a_ranking_and_says_why() -> None:
    task = a_task("Which?", "one", "two", "three")
    judgement = a_judgement(task, unrankable=True, edits=[{"response_id": "r2", "text": "better"}])
    made = preference_pairs({task.id: task}, [judgement], PairRules())
    assert [(p.chosen, p.rejected) for p in made.pairs] == [("better", "two")]
    assert (dict(made.left_out), made.possible, made.edits) == ({UNRANKABLE: 3}, 4, 1)


def test_pairs_can_be_made_of_the_ranking_by_one_criterion() -> None:
    task = a_task("Which?", "one", "two", "three")
    judgement = a_judgement(
        task, ("r1",), ("r2",), criteria={"honest": [["r3"], ["r1"]]}, edits=[{"response_id": "r2", "text": "2"}]
    )
    made = preference_pairs({task.id: task}, [judgement], PairRules(criterion="honest"))
    assert said(list(made.pairs)) == Counter({("r3", "r1"): 1})
    assert (dict(made.left_out), made.possible) == ({UNRANKED: 2, NOT_BY_CRITERION: 1}, 4)
    other = preference_pairs({task.id: task}, [judgement], PairRules(criterion="clear"))
    assert (other.pairs, dict(other.left_out)) == ((), {UNRANKED: 3, NOT_BY_CRITERION: 1})
    assert rules_in_words(PairRules(criterion="honest"))["Ranking"].startswith("honest: The ranking by this criterion")
    assert "preferred to that response" in rules_in_words(PairRules())["Ranking"]


def test_a_strength_of_preference_belongs_to_the_overall_ranking_of_two() -> None:
    two, three = a_task("Which?", "one", "two"), a_task("Which?", "one", "two", "three")
    ranking = ("r1",), ("r2",)
    edits = [{"response_id": "r2", "text": "2"}]
    pairs = pairs_from(two, a_judgement(two, *ranking, margin=0.0, edits=edits), PairRules())
    assert [(p.is_edit, p.margin) for p in pairs] == [(False, 0.0), (True, None)]
    by = a_judgement(two, criteria={"honest": ranking}, flags=[{"response_id": "r1", "kind": "spam"}], margin=1.0)
    assert [p.margin for p in pairs_from(two, by, PairRules(flags="ignored", criterion="honest"))] == [None]
    assert [p.margin for p in pairs_from(three, a_judgement(three, *ranking, margin=1.0), PairRules())] == [None]


def test_a_reward_model_takes_an_edit_as_one_more_response_to_the_prompt() -> None:
    task = a_task("Which?", "one", "two")
    judgement = a_judgement(task, ("r1",), ("r2",), edits=[{"response_id": "r1", "text": "three"}])
    pairs = pairs_from(task, judgement, PairRules())
    seen = observations(pairs)
    chosen = [seen.items[f if o else s][1] for f, s, o in zip(seen.first, seen.second, seen.outcome, strict=True)]
    assert chosen == ["one", "three"]
    assert {text for _, text in seen.items} == {"one", "two", "three"}
    assert list(pairs_frame(pairs)["is_edit"]) == [False, True]
