"""The browser's word is never trusted: what the board sends is checked, stored once, and can be taken back."""

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.board.board import SCRIPTS, Shown, afterwards, flag_table
from app.board.submission import LETTERS, TAKEN_BACK, Outcome, Sent, as_drafted, carry_out, judgement_of, letters
from app.colours import FLAG_COLOURS, colours_of
from data.schemas import STANDARD_FLAGS, FlagKind, Judgement, Project
from data.store import Store
from tests.conftest import a_judgement, a_task

TASK = a_task("Why?", "one", "two", "three")
OTHER = a_task("Who?", "x", "y")


def sent(**more: Any) -> dict[str, Any]:
    values = {"kind": "judge", "number": "n1", "project": 1, "task": TASK.id, "revision": 0}
    return values | {"seconds": 12.5, "ranking": [["B"], ["A", "C"]]} | more


@pytest.fixture
def filled(store: Store, project: Project) -> Project:
    store.add(project.id, [TASK, OTHER])
    return project


def test_letters_follow_the_shown_order_of_this_annotator() -> None:
    ids = letters(TASK, "ann", 7)
    assert list(ids) == ["A", "B", "C"]
    assert sorted(ids.values()) == ["r1", "r2", "r3"]
    assert len({tuple(letters(TASK, f"ann{n}", 7).values()) for n in range(40)}) == 6


def test_a_message_becomes_a_judgement_of_the_right_responses(store: Store, filled: Project) -> None:
    flags = [{"answer": "C", "kind": "toxic", "note": " rude "}]
    assert carry_out(sent(flags=flags, comment=" fine "), store, filled, "ann") == Outcome("n1")
    stored, ids = store.latest(filled.id, TASK.id, "ann"), letters(TASK, "ann", filled.seed)
    assert stored
    assert stored.ranking == ((ids["B"],), (ids["A"], ids["C"]))
    assert stored.shown_order == tuple(ids.values())
    assert [(f.response_id, f.kind, f.note) for f in stored.flags] == [(ids["C"], "toxic", "rude")]
    assert (stored.comment, stored.seconds, stored.revision) == ("fine", 12.5, 1)


def test_the_same_message_twice_is_one_judgement_without_a_word(store: Store, filled: Project) -> None:
    for number in ("n1", "n1", "n2"):
        assert carry_out(sent(number=number), store, filled, "ann") == Outcome(number)
    assert len(store.judgements(filled.id)) == 1


def test_another_judgement_from_a_second_tab_is_not_kept_and_said_so(store: Store, filled: Project) -> None:
    carry_out(sent(), store, filled, "ann")
    second = carry_out(sent(number="n2", ranking=[["A"]]), store, filled, "ann")
    assert second.note == "You had judged this task before; that judgement was kept."
    assert [len(j.ranking) for j in store.judgements(filled.id)] == [2]


def test_a_skip_needs_a_reason_and_says_nothing_of_the_answers(store: Store, filled: Project) -> None:
    assert carry_out(sent(kind="skip"), store, filled, "ann").error
    assert carry_out(sent(kind="skip", reason="expertise", flags=[]), store, filled, "ann") == Outcome("n1")
    stored = store.latest(filled.id, TASK.id, "ann")
    assert stored
    assert (stored.status, stored.skip_reason, stored.ranking) == ("skipped", "expertise", ())


def test_undo_takes_back_what_it_names_and_only_once(store: Store, filled: Project) -> None:
    carry_out(sent(), store, filled, "ann")
    undo = {"kind": "undo", "number": "n2", "project": 1, "task": TASK.id, "revision": 1}
    assert carry_out(undo, store, filled, "ann") == Outcome("n2", reopened=TASK.id)
    assert carry_out(undo, store, filled, "ann") == Outcome("n2", reopened=TASK.id)
    assert not store.judgements(filled.id)
    newest = store.latest(filled.id, TASK.id, "ann")
    assert newest
    assert (newest.status, newest.revision) == ("withdrawn", 2)


def test_undo_of_something_else_than_the_last_does_nothing(store: Store, filled: Project) -> None:
    carry_out(sent(), store, filled, "ann")
    for values in ({"task": "other", "revision": 1}, {"task": TASK.id, "revision": 5}):
        outcome = carry_out({"kind": "undo", "number": "n", "project": 1, **values}, store, filled, "ann")
        assert outcome.note == "There was nothing left to undo."
    assert len(store.judgements(filled.id)) == 1


def test_undo_never_takes_back_what_another_tab_submits_meanwhile(
    store: Store, filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out(sent(), store, filled, "ann")
    last = store.last_standing(filled.id, "ann")

    def looked_up_just_before_the_other_tab(*_: object) -> Judgement | None:
        monkeypatch.undo()
        carry_out(sent(number="m1", task=OTHER.id, ranking=[["A"]]), store, filled, "ann")
        return last

    monkeypatch.setattr(store, "last_standing", looked_up_just_before_the_other_tab)
    undo = {"kind": "undo", "number": "n2", "project": 1, "task": TASK.id, "revision": 1}
    assert carry_out(undo, store, filled, "ann").reopened == TASK.id
    assert [j.task_id for j in store.judgements(filled.id)] == [OTHER.id]


def test_a_second_tab_is_not_told_that_what_was_taken_back_was_kept(store: Store, filled: Project) -> None:
    carry_out(sent(), store, filled, "ann")
    carry_out({"kind": "undo", "number": "n2", "project": 1, "task": TASK.id, "revision": 1}, store, filled, "ann")
    second = carry_out(sent(number="m1", ranking=[["A"]]), store, filled, "ann")
    assert second == Outcome("m1", note=TAKEN_BACK, reopened=TASK.id)
    assert not store.judgements(filled.id)


def test_what_was_taken_back_can_be_judged_again(store: Store, filled: Project) -> None:
    carry_out(sent(flags=[{"answer": "A", "kind": "spam", "note": "x"}], comment="c"), store, filled, "ann")
    judged = store.last_standing(filled.id, "ann")
    assert judged
    store.withdraw(filled.id, judged)
    before = as_drafted(store.latest(filled.id, TASK.id, "ann"), letters(TASK, "ann", filled.seed))
    assert before == {"ranking": [["B"], ["A", "C"]], "none": False, "flags": {"A": {"spam": "x"}}, "comment": "c"}
    assert carry_out(sent(number="n3", revision=2, ranking=[["C"]]), store, filled, "ann") == Outcome("n3")
    assert [j.revision for j in store.judgements(filled.id)] == [3]


def test_nothing_said_before_is_an_empty_draft() -> None:
    assert as_drafted(None, {}) == {}


WRONG: list[Any] = [
    {},
    "text",
    7,
    [],
    sent(kind="delete"),
    sent(project=2),
    sent(project="1"),
    sent(task="no such task"),
    sent(task=None),
    sent(revision=-1),
    sent(revision="0"),
    sent(revision=True),
    sent(revision=3),
    sent(ranking=[["D"]]),
    sent(ranking=[["A", "A"]]),
    sent(ranking=[["A"], ["A"]]),
    sent(ranking=[[]]),
    sent(ranking=[["a"]]),
    sent(ranking=[["r1"]]),
    sent(ranking="AB"),
    sent(ranking=[]),
    sent(seconds=-1),
    sent(seconds=float("nan")),
    sent(comment="x" * 5_001),
    sent(comment="\x00"),
    sent(comment=["x"]),
    sent(none_acceptable="yes"),
    sent(flags=[{"answer": "A", "kind": "boring"}]),
    sent(flags=[{"answer": "E", "kind": "toxic"}]),
    sent(flags=[{"answer": "A", "kind": "toxic"}] * 2),
    sent(kind="skip", reason="tired"),
    sent(annotator="someone else"),
]


@pytest.mark.parametrize("payload", WRONG, ids=range(len(WRONG)))
def test_a_wrong_message_gets_one_sentence_and_stores_nothing(payload: Any, store: Store, filled: Project) -> None:
    outcome = carry_out(payload, store, filled, "ann")
    assert outcome.error.endswith(".")
    assert "\n" not in outcome.error
    assert not store.judgements(filled.id)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(LETTERS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["kind", "number", "task", "revision", "seconds", "ranking", "none_acceptable", "flags", "comment", "reason"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3))
def test_no_message_raises_anything(store: Store, filled: Project, changes: dict[str, Any]) -> None:
    assert isinstance(carry_out(sent() | changes, store, filled, "ann"), Outcome)


def test_a_day_bounds_the_time_spent() -> None:
    assert judgement_of(Sent.model_validate(sent(seconds=1e9)), TASK, "ann", 0).seconds == 86_400


def test_every_flag_has_its_own_hue() -> None:
    assert list(FLAG_COLOURS) == [f.kind for f in STANDARD_FLAGS] == list(flag_table(Project(name="x")))
    own = [*STANDARD_FLAGS[:3], *(FlagKind(kind=f"own-{n}", label="Own", definition="x") for n in range(5))]
    assert len(set(colours_of(STANDARD_FLAGS).values())) == len(set(colours_of(own).values())) == 8


def test_the_strip_says_what_was_saved() -> None:
    assert afterwards(None, 0, 0)["last"] is None
    kept = a_judgement(TASK, ("r1",))
    said = afterwards(kept, 12, 3)
    assert said["last"] == {"task": TASK.id, "revision": 1, "saved": kept.idempotency_key}
    assert said["saved_text"] == "Saved · 3 today"
    skipped = a_judgement(TASK, status="skipped", skip_reason="other")
    assert afterwards(skipped, 12, 3)["saved_text"].startswith("Skipped")


def test_a_draft_belongs_to_one_project_task_revision_and_annotator() -> None:
    projects, people = [Project(id=1, name="x"), Project(id=2, name="y")], ("ann", "bob")
    everything = product(projects, (TASK, OTHER), (0, 2), people)
    keys = {Shown(project, task, {}, n, {}, who).key for project, task, n, who in everything}
    assert len(keys) == 16


def test_the_function_that_streamlit_calls_comes_last() -> None:
    assert SCRIPTS[-1] == "board"
