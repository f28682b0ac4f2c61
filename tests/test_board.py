"""The browser's word is never trusted: what the board sends is checked, stored once, and can be taken back."""

from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.board.carrying_out import KEPT, NOTHING_LEFT, TAKEN_BACK, carry_out, keep_draft
from app.board.submission import LETTERS, Board, Draft, Sent, as_drafted, board_of, judgement_of
from app.board.view import Seat, now_in_ms, view_of
from app.colours import FLAG_COLOURS, colours_of
from data.errors import InputError
from data.schemas import STANDARD_FLAGS, Judgement, Project
from data.store import Store
from tests.conftest import a_task

TASK = a_task("Why?", "one", "two", "three")
OTHER = a_task("Who?", "x", "y")
TWINS = a_task("Twice?", "The same words.", "Quite another answer.", "The  same words.")


def drafted(**more: Any) -> dict[str, Any]:
    return {"ranking": [["B"], ["A", "C"]]} | more


def sent(**more: Any) -> dict[str, Any]:
    said = {name: more.pop(name) for name in list(more) if name in Draft.model_fields}
    values = {"kind": "judge", "number": "n1", "task": TASK.id, "revision": 0, "seconds": 12.5}
    return values | {"draft": drafted(**said)} | more


def undo(revision: int, task: str = TASK.id) -> dict[str, Any]:
    return {"kind": "undo", "number": "n2", "task": task, "revision": revision}


@pytest.fixture
def seat(store: Store, project: Project) -> Seat:
    store.add(project.id, [TASK, OTHER, TWINS])
    return Seat(store, project, "ann")


def kept(seat: Seat, task_id: str = TASK.id) -> Judgement:
    found = seat.store.latest(seat.project.id, task_id, seat.annotator)
    assert found
    return found


def board(seat: Seat, task: Any = TASK) -> Board:
    return board_of(task, seat.annotator, seat.project.seed)


def judgements(seat: Seat) -> list[Judgement]:
    return seat.store.judgements(seat.project.id)


def test_letters_follow_the_shown_order_of_this_annotator() -> None:
    ids = board_of(TASK, "ann", 7).ids
    assert list(ids) == ["A", "B", "C"]
    assert sorted(ids.values()) == ["r1", "r2", "r3"]
    assert len({tuple(board_of(TASK, f"ann{n}", 7).ids.values()) for n in range(40)}) == 6


def test_a_message_becomes_a_judgement_of_the_right_responses(seat: Seat) -> None:
    flags = [{"answer": "C", "kind": "toxic", "note": " rude ", "severity": 2, "spans": [{"start": 0, "end": 3}]}]
    assert carry_out(sent(flags=flags, comment=" fine ", edits={"A": "better"}, reference="ideal"), seat) == ""
    stored, ids = kept(seat), board(seat).ids
    assert stored.ranking == ((ids["B"],), (ids["A"], ids["C"]))
    assert stored.shown_order == tuple(ids.values())
    assert [(f.response_id, f.kind, f.note, f.severity) for f in stored.flags] == [(ids["C"], "toxic", "rude", 2)]
    assert [(s.start, s.end) for s in stored.flags[0].spans] == [(0, 3)]
    assert [(e.response_id, e.text) for e in stored.edits] == [(ids["A"], "better")]
    assert (stored.comment, stored.reference, stored.seconds, stored.revision) == ("fine", "ideal", 12.5, 1)


def test_answers_that_say_the_same_are_judged_as_one(seat: Seat) -> None:
    here = board(seat, TWINS)
    (pair,) = here.alike
    other = next(letter for letter in here.ids if letter not in pair)
    flags = [{"answer": pair[0], "kind": "spam", "spans": [{"start": 0, "end": 3}]}]
    message = sent(task=TWINS.id, ranking=[[pair[0]], [other]], flags=flags, number="n7")
    assert carry_out(message, seat) == ""
    stored = kept(seat, TWINS.id)
    assert stored.ranking == (tuple(here.ids[letter] for letter in pair), (here.ids[other],))
    assert [(f.response_id, len(f.spans)) for f in stored.flags] == [(here.ids[pair[0]], 1), (here.ids[pair[1]], 0)]
    again = as_drafted(stored, here)
    assert again
    assert (again.ranking, again.apart, len(again.flags)) == (((pair[0],), (other,)), (), 1)


def test_answers_that_say_the_same_can_be_set_apart(seat: Seat) -> None:
    here = board(seat, TWINS)
    (pair,) = here.alike
    message = sent(task=TWINS.id, ranking=[[pair[1]], [pair[0]]], apart=[pair[0]], number="n7")
    assert carry_out(message, seat) == ""
    again = as_drafted(kept(seat, TWINS.id), here)
    assert again
    assert (again.ranking, again.apart) == (((pair[1],), (pair[0],)), (pair[0],))


@pytest.mark.parametrize(("strength", "margin"), [("significantly", 1.0), ("negligibly", 0.0), (None, None)])
def test_the_strength_of_a_preference_becomes_the_margin(
    seat: Seat, strength: str | None, margin: float | None
) -> None:
    carry_out(sent(task=OTHER.id, ranking=[["B"], ["A"]], strength=strength), seat)
    assert kept(seat, OTHER.id).margin == margin
    again = as_drafted(kept(seat, OTHER.id), board(seat, OTHER))
    assert again
    assert again.strength == strength


def test_a_tie_of_two_has_no_strength(seat: Seat) -> None:
    carry_out(sent(task=OTHER.id, ranking=[["A", "B"]], strength="better"), seat)
    assert kept(seat, OTHER.id).margin is None


def test_the_same_message_twice_is_one_judgement_without_a_word(seat: Seat) -> None:
    for number in ("n1", "n1", "n2"):
        assert carry_out(sent(number=number), seat) == ""
    assert len(judgements(seat)) == 1


def test_another_judgement_from_a_second_tab_is_not_kept_and_said_so(seat: Seat) -> None:
    carry_out(sent(), seat)
    assert carry_out(sent(number="n2", ranking=[["A"]]), seat) == KEPT
    assert [len(j.ranking) for j in judgements(seat)] == [2]


def test_a_skip_needs_a_reason_and_says_nothing_of_the_answers(seat: Seat) -> None:
    with pytest.raises(InputError, match="reason"):
        carry_out(sent(kind="skip"), seat)
    assert carry_out(sent(kind="skip", reason="expertise"), seat) == ""
    stored = kept(seat)
    assert (stored.status, stored.skip_reason, stored.ranking) == ("skipped", "expertise", ())


def test_undo_takes_back_what_it_names_and_only_once(seat: Seat) -> None:
    carry_out(sent(), seat)
    assert view_of(seat)["task"] != TASK.id
    for _ in range(2):
        assert carry_out(undo(1), seat) == ""
        assert view_of(seat)["task"] == TASK.id
    assert not judgements(seat)
    assert (kept(seat).status, kept(seat).revision) == ("withdrawn", 2)


@pytest.mark.parametrize("message", [undo(1, "other"), undo(5)])
def test_undo_of_something_else_than_the_last_does_nothing(seat: Seat, message: dict[str, Any]) -> None:
    carry_out(sent(), seat)
    assert carry_out(message, seat) == NOTHING_LEFT
    assert len(judgements(seat)) == 1


def test_undo_never_takes_back_what_another_tab_submits_meanwhile(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    carry_out(sent(), seat)
    last = seat.store.last_standing(seat.project.id, "ann")

    def looked_up_just_before_the_other_tab(*_: object) -> Judgement | None:
        monkeypatch.undo()
        carry_out(sent(number="m1", task=OTHER.id, ranking=[["A"]]), seat)
        return last

    monkeypatch.setattr(seat.store, "last_standing", looked_up_just_before_the_other_tab)
    carry_out(undo(1), seat)
    assert view_of(seat)["task"] == TASK.id
    assert [j.task_id for j in judgements(seat)] == [OTHER.id]


def test_a_second_tab_is_not_told_that_what_was_taken_back_was_kept(seat: Seat) -> None:
    carry_out(sent(), seat)
    carry_out(undo(1), seat)
    assert carry_out(sent(number="m1", ranking=[["A"]]), seat) == TAKEN_BACK
    assert view_of(seat)["task"] == TASK.id
    assert not judgements(seat)


def test_what_was_taken_back_is_filled_in_again_and_can_be_judged_again(seat: Seat) -> None:
    flags = [{"answer": "A", "kind": "spam", "note": "x"}]
    carry_out(sent(flags=flags, comment="c"), seat)
    carry_out(undo(1), seat)
    before = view_of(seat)["before"]
    assert before["ranking"] == [["B"], ["A", "C"]]
    assert [(f["answer"], f["kind"], f["note"]) for f in before["flags"]] == [("A", "spam", "x")]
    assert before["comment"] == "c"
    assert carry_out(sent(number="n3", revision=2, ranking=[["C"]]), seat) == ""
    assert [j.revision for j in judgements(seat)] == [3]


def test_nothing_said_before_is_no_draft(seat: Seat) -> None:
    assert as_drafted(None, board(seat)) is None


def test_a_draft_comes_back_until_the_task_is_judged(seat: Seat) -> None:
    assert view_of(seat)["draft"] is None
    assert keep_draft({"task": TASK.id, "revision": 0, "draft": drafted(comment="half", changed=7)}, seat)
    found = view_of(seat)["draft"]
    assert (found["ranking"], found["comment"], found["changed"]) == ([["B"], ["A", "C"]], "half", 7)
    carry_out(sent(), seat)
    assert not keep_draft({"task": TASK.id, "revision": 0, "draft": drafted()}, seat)
    carry_out(undo(1), seat)
    assert view_of(seat)["draft"] is None


def test_no_draft_is_from_the_future(seat: Seat) -> None:
    ahead = now_in_ms() + 86_400_000
    assert keep_draft({"task": TASK.id, "revision": 0, "draft": drafted(comment="ahead", changed=ahead)}, seat)
    shown = view_of(seat)
    assert shown["draft"]["changed"] <= shown["now"] <= now_in_ms()
    later = now_in_ms() + 1
    assert keep_draft({"task": TASK.id, "revision": 0, "draft": drafted(comment="here", changed=later)}, seat)
    assert view_of(seat)["draft"]["comment"] == "here"


def test_what_an_annotator_insists_on_replaces_what_had_been_on_its_way(seat: Seat) -> None:
    carry_out(sent(), seat)
    for _ in range(2):
        assert carry_out(sent(number="n2", ranking=[["C"]], insists=True), seat) == ""
    assert [(j.revision, len(j.ranking)) for j in judgements(seat)] == [(2, 1)]
    assert carry_out(sent(number="n3", ranking=[["A"]]), seat) == KEPT
    carry_out(undo(2), seat)
    assert carry_out(sent(number="n4", ranking=[["A"]], insists=True), seat) == TAKEN_BACK


WRONG_DRAFTS: list[Any] = [
    {"ranking": [["D"]]},
    {"ranking": [["A", "A"]]},
    {"ranking": [["A"], ["A"]]},
    {"ranking": [[]]},
    {"ranking": [["a"]]},
    {"ranking": [["r1"]]},
    {"ranking": "AB"},
    {"ranking": []},
    {"comment": "x" * 5_001},
    {"comment": "\x00"},
    {"comment": ["x"]},
    {"none_acceptable": "yes"},
    {"unrankable": True},
    {"flags": [{"answer": "A", "kind": "boring"}]},
    {"flags": [{"answer": "E", "kind": "toxic"}]},
    {"flags": [{"answer": "A", "kind": "toxic"}] * 2},
    {"flags": [{"answer": "A", "kind": "toxic", "severity": 4}]},
    {"flags": [{"answer": "A", "kind": "toxic", "spans": [{"start": 0, "end": 99}]}]},
    {"flags": [{"answer": "A", "kind": "unfactual", "sources": [{"url": "javascript:x", "kind": "primary"}]}]},
    {"flags": [{"answer": "A", "kind": "sensitive-topic", "topic": "weather"}]},
    {"criteria": {"funny": [["A"]]}},
    {"scores": {"A": 5}},
    {"edits": {"A": " "}},
    {"edits": {"E": "x"}},
    {"reference": "x" * 200_001},
]
WRONG: list[Any] = [
    {},
    "text",
    7,
    [],
    sent(kind="delete"),
    sent(task="no such task"),
    sent(task=None),
    sent(revision=-1),
    sent(revision="0"),
    sent(revision=True),
    sent(revision=3),
    sent(seconds=-1),
    sent(seconds=float("nan")),
    sent(kind="skip", reason="tired"),
    sent(annotator="someone else"),
    *(sent(**draft) for draft in WRONG_DRAFTS),
]


@pytest.mark.parametrize("payload", WRONG, ids=range(len(WRONG)))
def test_a_wrong_message_gets_one_sentence_and_stores_nothing(payload: Any, seat: Seat) -> None:
    with pytest.raises(InputError, match=r"^[^\n]+\.$"):
        carry_out(payload, seat)
    assert not judgements(seat)


@pytest.mark.parametrize("payload", [{}, 7, {"task": TASK.id, "revision": 0, "draft": {"ranking": "x"}}])
def test_a_draft_that_is_none_gets_one_sentence(payload: Any, seat: Seat) -> None:
    with pytest.raises(InputError, match=r"^[^\n]+\.$"):
        keep_draft(payload, seat)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(LETTERS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["kind", "number", "task", "revision", "seconds", "reason", "draft"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3),
    st.dictionaries(st.sampled_from(list(Draft.model_fields)), JSON, max_size=3),
)
def test_no_message_raises_anything_but_a_sentence(seat: Seat, changes: dict[str, Any], said: dict[str, Any]) -> None:
    with suppress(InputError):
        assert isinstance(carry_out(sent(**said) | changes, seat), str)


def test_a_day_bounds_the_time_spent(seat: Seat) -> None:
    made = judgement_of(Sent.model_validate(sent(seconds=1e9)), board(seat), seat.project, "ann")
    assert made.seconds == 86_400


def test_every_standard_flag_has_its_own_hue() -> None:
    assert list(FLAG_COLOURS) == [flag.kind for flag in STANDARD_FLAGS]
    assert len(set(FLAG_COLOURS.values())) == len(STANDARD_FLAGS)


def test_a_projects_own_flags_take_the_hues_that_are_left() -> None:
    found = colours_of(["toxic", "boring", "long"])
    assert found["toxic"] == FLAG_COLOURS["toxic"]
    assert len(set(found.values())) == 3
    assert len(colours_of([f"kind-{n}" for n in range(20)])) == 20


def test_a_draft_belongs_to_one_project_task_revision_and_annotator(store: Store) -> None:
    keys = set()
    for name, who in product(("x", "y"), ("ann", "bob")):
        projects = {p.name: p for p in store.projects()}
        seat = Seat(store, projects.get(name) or store.create_project(Project(name=name, overlap=2)), who)
        store.add(seat.project.id, [TASK, OTHER])
        first = view_of(seat)
        carry_out(sent(number=f"{name}{who}", task=first["task"], ranking=[["A"]]), seat)
        keys |= {first["key"], view_of(seat)["key"]}
    assert len(keys) == 8


def test_the_browser_learns_letters_but_no_sources_and_no_ids(store: Store, project: Project) -> None:
    store.add(project.id, [a_task("Q?", "one", "two $x^2$", sources=("gpt-9", "llama-9"))])
    shown = str(view_of(Seat(store, project, "ann")))
    assert "<math" in shown
    assert not [hidden for hidden in ("gpt-9", "llama-9", "'r1'", "'r2'") if hidden in shown]


def test_the_view_says_what_was_saved_last(seat: Seat) -> None:
    assert view_of(seat)["last"] is None
    carry_out(sent(), seat)
    key = kept(seat).idempotency_key
    assert view_of(seat)["last"] == {"task": TASK.id, "revision": 1, "saved": key, "skipped": False}
    assert (view_of(seat)["done"], view_of(seat)["today"], view_of(seat)["left"]) == (1, 1, 2)
