"""A task in an annotator's hands: given to one, held for a while, with its draft; on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import tables
from data.assignments import HELD, IDLE, MOST
from data.errors import InputError
from data.schemas import Project, Task
from data.store import Assignment, Store
from tests.conftest import a_judgement, a_task

NOW = datetime.now(UTC)
LATER = NOW + HELD + timedelta(minutes=1)
_NUMBERS = count()


@pytest.fixture
def tasks() -> list[Task]:
    return [a_task(f"Question {n}?", "Yes.", "No.", "Perhaps.") for n in range(5)]


@pytest.fixture
def here(any_store: Store, tasks: list[Task]) -> tuple[Store, Project]:
    project = any_store.create_project(Project(name="Here"))
    any_store.add(project.id, tasks)
    return any_store, project


def hand(store: Store, project: Project, annotator: str, now: datetime | None = None) -> Assignment:
    found = store.assign(project, annotator, now)
    assert found
    return found


def test_a_task_in_hand_comes_again_until_it_is_judged(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    first = hand(store, project, "ann")
    assert first == Assignment(tasks[0], 0, None, None)
    assert hand(store, project, "ann") == first
    store.submit(project.id, a_judgement(tasks[0], ("r1",)))
    assert hand(store, project, "ann").task == tasks[1]


def test_what_one_person_has_in_hand_is_given_to_nobody_else_for_half_an_hour(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    assert hand(store, project, "ann", NOW).task == tasks[0]
    assert hand(store, project, "bob", NOW + HELD - timedelta(minutes=1)).task == tasks[1]
    assert hand(store, project, "cem", LATER).task == tasks[0]


def test_looking_at_a_task_again_keeps_it_in_hand(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    hand(store, project, "ann", NOW)
    hand(store, project, "ann", NOW + HELD / 2)
    assert hand(store, project, "bob", LATER).task == tasks[1]


def test_as_many_people_as_the_overlap_asks_for_have_the_same_task_in_hand(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    twice = project.model_copy(update={"overlap": 2})
    store.update_project(twice)
    assert [hand(store, twice, who).task for who in ("a", "b", "c")] == [tasks[0], tasks[0], tasks[1]]
    store.submit(project.id, a_judgement(tasks[0], ("r1",), annotator="a"))
    assert hand(store, twice, "d").task == tasks[1]


def test_who_takes_up_again_what_they_have_judged_keeps_nobody_else_from_it(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    twice = project.model_copy(update={"overlap": 2})
    store.update_project(twice)
    said = store.submit(project.id, a_judgement(tasks[0], ("r1",), annotator="ann")).judgement
    store.give(project.id, tasks[0].id, "ann")
    assert hand(store, twice, "bob").task == tasks[0]
    store.put_back(project.id, tasks[0].id, "bob")
    store.withdraw(project.id, said)
    assert [hand(store, twice, who).task for who in ("bob", "cem")] == [tasks[0], tasks[1]]


def test_when_all_that_is_left_is_held_it_is_given_as_soon_as_its_holder_idles(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    for task in tasks[1:]:
        store.submit(project.id, a_judgement(task, ("r1",)))
    hand(store, project, "ann", NOW)
    assert store.assign(project, "bob", NOW + IDLE - timedelta(minutes=1)) is None
    assert hand(store, project, "bob", NOW + IDLE + timedelta(minutes=1)).task == tasks[0]


def test_a_task_that_was_left_without_a_word_is_no_longer_in_hand(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    hand(store, project, "ann", NOW)
    hand(store, project, "bob", LATER)
    assert hand(store, project, "ann", LATER).task == tasks[1]


def test_a_draft_comes_back_however_long_it_was_left_and_whoever_judged_meanwhile(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    hand(store, project, "ann", NOW)
    draft = {"ranking": [["A"], ["B", "C"]], "comment": "Не \x00 уверена 🙂 \ud800", "scores": {"A": 5}}
    assert store.keep_draft(project.id, tasks[0].id, "ann", 0, draft)
    store.submit(project.id, a_judgement(tasks[0], ("r1",), annotator="bob"))
    assert hand(store, project, "ann", NOW + timedelta(days=3)) == Assignment(tasks[0], 0, None, draft)
    assert store.submit(project.id, a_judgement(tasks[0], ("r2",))).is_new
    assert len(store.judgements(project.id)) == 2


def test_the_newest_draft_counts_and_none_is_kept_of_what_has_been_judged_since(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    hand(store, project, "ann")
    for n in (1, 2):
        assert store.keep_draft(project.id, tasks[0].id, "ann", 0, {"comment": str(n)})
    assert hand(store, project, "ann").draft == {"comment": "2"}
    store.submit(project.id, a_judgement(tasks[0], ("r1",)))
    assert not store.keep_draft(project.id, tasks[0].id, "ann", 0, {"comment": "late"})
    assert hand(store, project, "ann") == Assignment(tasks[1], 0, None, None)


def test_a_draft_that_comes_late_does_not_replace_a_newer_one(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    newer, older = {"comment": "on the phone", "changed": 200}, {"comment": "on the laptop", "changed": 100}
    assert store.keep_draft(project.id, tasks[0].id, "ann", 0, newer)
    assert not store.keep_draft(project.id, tasks[0].id, "ann", 0, older)
    assert hand(store, project, "ann").draft == newer
    store.submit(project.id, a_judgement(tasks[0], ("r1",)))
    assert store.keep_draft(project.id, tasks[0].id, "ann", 1, older)


def test_nobody_takes_all_tasks_into_hand_by_drafts(any_store: Store) -> None:
    project = any_store.create_project(Project(name="Many"))
    many = [a_task(f"Question {n}?", "a", "b") for n in range(MOST + 1)]
    any_store.add(project.id, many)
    for task in many[:-1]:
        assert any_store.keep_draft(project.id, task.id, "ann", 0, {"comment": "mine"})
    with pytest.raises(InputError, match="begun 50 other tasks"):
        any_store.keep_draft(project.id, many[-1].id, "ann", 0, {"comment": "mine"})
    assert any_store.keep_draft(project.id, many[0].id, "ann", 0, {"comment": "still"})
    assert hand(any_store, project, "bob").task == many[-1]
    any_store.submit(project.id, a_judgement(many[0], ("r1",)))
    assert any_store.keep_draft(project.id, many[-1].id, "ann", 0, {"comment": "mine"})


def test_a_draft_of_a_task_that_nobody_gave_puts_it_into_hand(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    assert store.keep_draft(project.id, tasks[3].id, "ann", 0, {"comment": "kept"})
    assert hand(store, project, "ann") == Assignment(tasks[3], 0, None, {"comment": "kept"})


def test_a_file_that_judges_for_somebody_ends_what_they_had_in_hand(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    hand(store, project, "ann")
    store.keep_draft(project.id, tasks[0].id, "ann", 0, {"comment": "old"})
    store.add(project.id, [], [a_judgement(tasks[0], ("r1",))])
    assert hand(store, project, "ann").task == tasks[1]


def test_undo_puts_the_task_into_hand_before_the_one_that_was_begun(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    last = store.submit(project.id, a_judgement(tasks[0], ("r1",))).judgement
    hand(store, project, "ann")
    store.keep_draft(project.id, tasks[1].id, "ann", 0, {"comment": "begun"})
    undone = store.withdraw(project.id, last)
    assert hand(store, project, "ann") == Assignment(tasks[0], 2, undone, None)
    store.submit(project.id, a_judgement(tasks[0], ("r2",)), base_revision=2)
    assert hand(store, project, "ann") == Assignment(tasks[1], 0, None, {"comment": "begun"})


def test_what_was_judged_can_be_taken_up_again_and_put_back(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    said = store.submit(project.id, a_judgement(tasks[0], ("r1",))).judgement
    store.give(project.id, tasks[0].id, "ann")
    assert hand(store, project, "ann") == Assignment(tasks[0], 1, said, None)
    store.keep_draft(project.id, tasks[0].id, "ann", 1, {"comment": "changing"})
    store.give(project.id, tasks[0].id, "ann")
    assert hand(store, project, "ann").draft == {"comment": "changing"}
    store.put_back(project.id, tasks[0].id, "ann")
    assert hand(store, project, "ann").task == tasks[1]
    assert store.judgements(project.id) == [said]


def test_a_task_that_is_not_there_cannot_be_given_or_drafted(here: tuple[Store, Project]) -> None:
    store, project = here
    with pytest.raises(InputError, match="no longer in the project"):
        store.give(project.id, "no such task", "ann")
    with pytest.raises(InputError, match="no longer in the project"):
        store.keep_draft(project.id, "no such task", "ann", 0, {})


def test_own_work_is_listed_newest_first_with_skips_and_without_what_was_taken_back(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    first = store.submit(project.id, a_judgement(tasks[0], ("r1",))).judgement
    skipped = store.submit(project.id, a_judgement(tasks[1], status="skipped", skip_reason="other")).judgement
    store.withdraw(project.id, store.submit(project.id, a_judgement(tasks[2], ("r1",))).judgement)
    store.submit(project.id, a_judgement(tasks[3], ("r1",), annotator="bob"))
    changed = store.submit(project.id, a_judgement(tasks[0], ("r2",)), first.revision).judgement
    assert store.work_of(project.id, "ann") == [(changed, tasks[0]), (skipped, tasks[1])]


def test_settings_are_a_persons_own_and_are_replaced_whole(any_store: Store) -> None:
    assert any_store.settings_of("ann") == {}
    any_store.keep_settings("ann", {"language": "ru", "keys": {"skip": "k"}})
    any_store.keep_settings("ann", {"language": "zh"})
    assert (any_store.settings_of("ann"), any_store.settings_of("bob")) == ({"language": "zh"}, {})


def test_twenty_people_in_two_processes_judge_a_hundred_tasks_once_each(any_store: Store, any_url: str) -> None:
    project = any_store.create_project(Project(name="Many"))
    any_store.add(project.id, [a_task(f"Question {n}?", "a", "b") for n in range(100)])
    stores = any_store, Store(any_url)

    def work(n: int) -> int:
        store, who = stores[n % 2], f"a{n}"
        for done in count():
            found = store.assign(project, who)
            if found is None:
                return done
            store.keep_draft(project.id, found.task.id, who, 0, {"comment": who})
            store.submit(project.id, a_judgement(found.task, ("r1",), annotator=who), found.base_revision)
        return 0

    with ThreadPoolExecutor(20) as pool:
        done = list(pool.map(work, range(20)))
    stores[1].close()
    judged = [j.task_id for j in any_store.judgements(project.id)]
    assert sum(done) == len(judged) == len(set(judged)) == 100


def test_two_tabs_of_one_person_get_the_same_task(here: tuple[Store, Project], any_url: str) -> None:
    store, project = here
    other = Store(any_url)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: (store, other)[n % 2].assign(project, "ann"), range(8)))
    other.close()
    assert len({one.task.id for one in found if one}) == 1


DONE = st.sampled_from(["submit", "skip", "withdraw", "file", "overlap"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(DONE, st.sampled_from("abc"), st.integers(0, 2)), max_size=14))
def test_what_stands_and_what_is_open_follow_from_the_judgements(
    store: Store, steps: list[tuple[str, str, int]]
) -> None:
    project = store.create_project(Project(name=f"Random {next(_NUMBERS)}", overlap=2))
    tasks = [a_task(f"Question {n}?", "a", "b") for n in range(3)]
    store.add(project.id, tasks)
    for step, who, n in steps:
        project = carried_out(store, project, step, who, tasks[n])
    expected = {task.id: set[Any]() for task in tasks}
    for status in ("submitted", "skipped"):
        for judgement in store.judgements(project.id, status):
            newest = store.latest(project.id, judgement.task_id, judgement.annotator)
            assert newest == judgement
            expected[judgement.task_id].add((judgement.annotator, status))
    assert kept(store, project) == {
        task_id: (said, sum(status == "submitted" for _, status in said) < project.overlap)
        for task_id, said in expected.items()
    }
    for who in "abc":
        needed = [t for t in tasks if kept(store, project)[t.id][1] and who not in {w for w, _ in expected[t.id]}]
        assert store.progress(project, who).left == len(needed)
        found = store.assign(project, who, datetime.now(UTC) + timedelta(days=1))
        assert (found.task if found else None) == (needed[0] if needed else None)
        if found:
            store.put_back(project.id, found.task.id, who)


def carried_out(store: Store, project: Project, step: str, who: str, task: Task) -> Project:
    newest = store.latest(project.id, task.id, who)
    base = newest.revision if newest else 0
    if step == "submit":
        store.submit(project.id, a_judgement(task, ("r1",), annotator=who), base)
    elif step == "skip":
        store.submit(project.id, a_judgement(task, annotator=who, status="skipped", skip_reason="other"), base)
    elif step == "withdraw" and newest and newest.status != "withdrawn":
        store.withdraw(project.id, newest)
    elif step == "file":
        store.add(project.id, [], [a_judgement(task, ("r2",), annotator=who, idempotency_key=f"row {next(_NUMBERS)}")])
    elif step == "overlap":
        project = project.model_copy(update={"overlap": project.overlap % 3 + 1})
        store.update_project(project)
    return project


def kept(store: Store, project: Project) -> dict[str, tuple[set[tuple[str, str]], bool]]:
    """What the tables say: task id → who said what, and whether the task is open."""
    t, s = tables.task.c, tables.standing.c
    with store._db.read() as db:
        tasks = db.execute(sa.select(t.id, t.is_open).where(t.project_id == project.id)).all()
        rows = db.execute(
            sa.select(s.task_id, s.annotator, s.status, s.is_open).where(s.project_id == project.id)
        ).all()
    assert all(dict(map(tuple, tasks))[task_id] == is_open for task_id, _, _, is_open in rows)
    return {i: ({(who, status) for task_id, who, status, _ in rows if task_id == i}, open_) for i, open_ in tasks}
