"""The store keeps what it acknowledged: the same tests on SQLite and on PostgreSQL."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from data import tables
from data.database import database_url
from data.errors import InputError
from data.schemas import STANDARD_FLAGS, STANDARD_TOPICS, Load, Project, Rejection, Task
from data.store import Added, Store
from tests.conftest import a_judgement, a_task


@pytest.fixture
def tasks() -> list[Task]:
    return [a_task(f"Question {n}?", "Yes.", "No.", "Perhaps, 也许, ربما.") for n in range(5)]


@pytest.fixture
def here(any_store: Store, tasks: list[Task]) -> tuple[Store, Project]:
    project = any_store.create_project(Project(name="Here", guideline="Prefer the short one.", overlap=2, seed=7))
    any_store.add(project.id, tasks)
    return any_store, project


def given(store: Store, project: Project, annotator: str) -> Task | None:
    found = store.assign(project, annotator)
    return found.task if found else None


def test_a_project_comes_back_as_it_was_stored(here: tuple[Store, Project]) -> None:
    store, project = here
    assert store.projects() == [project]
    assert store.project("Here") == project


def test_every_setting_of_a_project_can_be_changed(here: tuple[Store, Project]) -> None:
    store, project = here
    assert (project.flags, project.topics) == (STANDARD_FLAGS, STANDARD_TOPICS)
    settings = {
        "guideline": "Предпочитайте краткий ответ.",
        "overlap": 3,
        "flags": [{"kind": "rude", "label": "Грубость", "definition": "Is rude.", "example": "“Ты дурак”"}],
        "topics": [{"topic": "war", "label": "War"}],
        "criteria": [{"criterion": "honest", "label": "Honest", "definition": "Says what is so."}],
        "scores": True,
        "review": True,
    }
    changed = Project.model_validate(project.model_dump() | settings)
    store.update_project(changed)
    assert store.projects() == [changed]


def test_a_taken_or_unknown_project_name_is_refused_with_a_sentence(here: tuple[Store, Project]) -> None:
    store, _ = here
    with pytest.raises(InputError, match="already a project “Here”"):
        store.create_project(Project(name="Here"))
    with pytest.raises(InputError, match="no project “There”; the projects are: “Here”"):
        store.project("There")


def test_tasks_come_back_in_the_order_they_came_in(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    assert list(store.tasks(project.id)) == tasks
    assert store.task(project.id, tasks[3].id) == tasks[3]


def test_adding_the_same_again_adds_nothing(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    judgements = [a_judgement(tasks[0], ("r1",), ("r2", "r3"))]
    assert store.add(project.id, tasks, judgements) == Added(0, 1)
    assert store.add(project.id, [*tasks, tasks[0]], judgements * 2) == Added(0, 0)


def test_two_projects_hold_the_same_task_apart(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    other = store.create_project(Project(name="Other"))
    assert store.add(other.id, tasks[:1]) == Added(1, 0)
    store.submit(other.id, a_judgement(tasks[0], ("r1",)))
    assert store.judgements(project.id) == []


def test_a_submission_comes_back_whole(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    judgement = a_judgement(
        tasks[0],
        ("r2",),
        ("r1", "r3"),
        flags=[
            {"response_id": "r1", "kind": "sensitive-topic", "note": "“дурак”", "topic": "health", "severity": 3},
            {
                "response_id": "r1",
                "kind": "unfactual",
                "spans": [{"start": 0, "end": 3}],
                "verdict": "outdated",
                "correction": "也许",
                "sources": [{"url": "https://ru.wikipedia.org/wiki/Россия", "kind": "secondary"}],
            },
        ],
        criteria={"honest": [["r3"], ["r1", "r2"]]},
        scores={"r1": 1, "r3": 7},
        edits=[{"response_id": "r2", "text": "Нет."}],
        reference="ربما.",
        comment="Не уверена 🙂",
        shown_order=("r3", "r1", "r2"),
        seconds=12.5,
        none_acceptable=True,
    )
    stored = store.submit(project.id, judgement)
    assert stored.is_new
    assert store.judgements(project.id) == [stored.judgement]
    assert store.latest(project.id, tasks[0].id, "ann") == stored.judgement
    same = {"revision", "idempotency_key", "created_at"}
    assert stored.judgement.model_dump(exclude=same) == judgement.model_dump(exclude=same)
    assert stored.judgement.created_at.tzinfo == UTC


def test_the_same_submission_again_changes_nothing(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    first = store.submit(project.id, a_judgement(tasks[0], ("r1",), ("r2",)))
    again = store.submit(project.id, a_judgement(tasks[0], ("r2",), ("r1",)))
    assert not again.is_new
    assert again.judgement == first.judgement
    assert store.judgements(project.id) == [first.judgement]


def test_a_change_is_a_new_revision_and_only_it_counts(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    store.submit(project.id, a_judgement(tasks[0], ("r1",), ("r2",)))
    changed = store.submit(project.id, a_judgement(tasks[0], ("r2",), ("r1",)), base_revision=1)
    assert changed.judgement.revision == 2
    assert store.judgements(project.id) == [changed.judgement]


def test_undo_takes_the_last_submission_back_and_the_task_returns(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    first, last = (store.submit(project.id, a_judgement(task, ("r1",))).judgement for task in tasks[:2])
    assert store.last_standing(project.id, "ann") == last
    undone = store.withdraw(project.id, last)
    assert (undone.task_id, undone.status, undone.revision) == (tasks[1].id, "withdrawn", 2)
    assert given(store, project, "ann") == tasks[1]
    assert [j.task_id for j in store.judgements(project.id)] == [tasks[0].id]
    assert store.last_standing(project.id, "ann") == first
    store.withdraw(project.id, first)
    assert store.last_standing(project.id, "ann") is None


def test_a_second_judgement_in_a_file_becomes_the_next_revision(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    votes = [a_judgement(tasks[0], (f"r{n}",), idempotency_key=f"row {n}") for n in (1, 2, 3)]
    assert store.add(project.id, [], votes[:2]) == Added(0, 2)
    assert store.add(project.id, [], votes[2:]) == Added(0, 1)
    assert [(j.ranking, j.revision) for j in store.judgements(project.id)] == [((("r3",),), 3)]


def test_a_submission_on_top_of_an_older_or_unknown_revision_is_refused(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    with pytest.raises(InputError, match="judged again meanwhile"):
        store.submit(project.id, a_judgement(tasks[0], ("r1",)), base_revision=4)
    store.add(project.id, [], [a_judgement(tasks[0], ("r1",), idempotency_key="from a file")])
    with pytest.raises(InputError, match="judged again meanwhile"):
        store.submit(project.id, a_judgement(tasks[0], ("r2",)), base_revision=0)


def test_a_withdrawn_task_can_be_judged_again(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    store.withdraw(project.id, store.submit(project.id, a_judgement(tasks[0], ("r1",))).judgement)
    again = store.submit(project.id, a_judgement(tasks[0], ("r3",)), base_revision=2)
    assert again.is_new
    assert store.judgements(project.id) == [again.judgement]


def test_a_skip_can_be_undone_too(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    skipped = store.submit(project.id, a_judgement(tasks[0], status="skipped", skip_reason="language")).judgement
    assert given(store, project, "ann") == tasks[1]
    store.withdraw(project.id, skipped)
    assert given(store, project, "ann") == tasks[0]


def test_a_task_goes_to_others_until_enough_have_judged_it(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    store.submit(project.id, a_judgement(tasks[0], status="skipped", skip_reason="expertise", annotator="a"))
    assert given(store, project, "b") == tasks[0]
    for annotator in ("b", "c"):
        store.submit(project.id, a_judgement(tasks[0], ("r1",), annotator=annotator))
    assert given(store, project, "d") == tasks[1]


def test_progress_counts_own_work_and_what_is_left(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    store.submit(project.id, a_judgement(tasks[0], ("r1",)))
    store.submit(project.id, a_judgement(tasks[1], status="skipped", skip_reason="other"))
    old = a_judgement(tasks[2], ("r1",), created_at=datetime(2024, 5, 1, tzinfo=UTC))
    store.add(project.id, [], [old])
    assert store.progress(project, "ann") == (2, 1, 2, 5)
    assert store.progress(project, "someone else") == (0, 0, 5, 5)
    assert store.progress(project, "ann", since=datetime(2024, 4, 30, 22, tzinfo=UTC)).mine_today == 2
    assert store.progress(project, "ann", since=datetime.now(UTC) + timedelta(hours=1)).mine_today == 0
    store.update_project(project.model_copy(update={"overlap": 1}))
    assert store.progress(project, "ann") == (2, 1, 2, 5)
    assert store.progress(project, "someone else") == (0, 0, 3, 5)


def test_what_does_not_fit_the_task_is_refused(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    with pytest.raises(InputError, match="an answer that the task does not have"):
        store.submit(project.id, a_judgement(tasks[0], ("r9",)))
    with pytest.raises(InputError, match="shown order"):
        store.submit(project.id, a_judgement(tasks[0], ("r1",), shown_order=("r1", "r2")))
    with pytest.raises(InputError, match="no longer in the project"):
        store.submit(project.id, a_judgement(a_task("Else?", "a", "b"), ("r1",)))
    assert store.judgements(project.id) == []


def test_twenty_people_at_once_lose_and_double_nothing(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here

    def work(n: int) -> None:
        for task in tasks:
            for _ in range(2):
                store.submit(project.id, a_judgement(task, ("r1",), annotator=f"a{n}"))

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(work, range(20)))
    stored = store.judgements(project.id)
    assert len(stored) == len({(j.task_id, j.annotator) for j in stored}) == 20 * len(tasks)


def test_one_judgement_when_two_processes_submit_the_same(
    here: tuple[Store, Project], any_url: str, tasks: list[Task]
) -> None:
    store, project = here
    other = Store(any_url)

    def both(task: Task) -> list[bool]:
        with ThreadPoolExecutor(2) as pool:
            done = pool.map(lambda s: s.submit(project.id, a_judgement(task, ("r1",))).is_new, (store, other))
        return sorted(done)

    assert [both(task) for task in tasks] == [[False, True]] * len(tasks)
    other.close()


def test_loads_are_remembered_newest_first(here: tuple[Store, Project]) -> None:
    store, project = here
    load = Load(
        file="a.jsonl", format="tasks", rows=3, rows_used=2, rows_rejected=1, tasks=2, judgements=0,
        rejections=(Rejection(row=2, reason="Row 2: prompt is empty; give it some text."),), loaded_by="local",
    )  # fmt: skip
    store.record_load(project.id, load)
    store.record_load(project.id, load.model_copy(update={"file": "b.jsonl"}))
    assert [found.file for found in store.loads(project.id)] == ["b.jsonl", "a.jsonl"]
    assert store.loads(project.id)[1] == load


def test_every_fit_is_a_version_that_stays(here: tuple[Store, Project]) -> None:
    store, project = here
    store.save_model(project.id, {"accuracy": 0.6}, b"one", "local")
    second = store.save_model(project.id, {"accuracy": 0.7}, b"two", "local")
    assert [(m.version, m.card["accuracy"]) for m in store.models(project.id)] == [(2, 0.7), (1, 0.6)]
    assert store.models(project.id)[0] == second
    assert store.model_weights(project.id, 1) == b"one"
    with pytest.raises(InputError, match="no reward model of version 3"):
        store.model_weights(project.id, 3)


def test_the_migrations_make_the_tables_that_the_code_uses(any_store: Store, any_url: str) -> None:
    engine = sa.create_engine(any_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, tables.METADATA) == []
    engine.dispose()


def test_a_database_that_is_up_to_date_opens_as_it_is(any_store: Store, any_url: str, tasks: list[Task]) -> None:
    project = any_store.create_project(Project(name="Old"))
    any_store.add(project.id, tasks)
    reopened = Store(any_url)
    assert list(reopened.tasks(project.id)) == tasks
    reopened.close()


def test_sqlite_runs_in_wal_mode_with_synced_commits(store: Store, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "rankdesk.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    with store._db.write() as db:
        assert db.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert db.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert db.exec_driver_sql("PRAGMA busy_timeout").scalar() == 15_000


def test_the_database_can_be_put_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////tmp/elsewhere.db")
    assert database_url() == "sqlite:////tmp/elsewhere.db"
    monkeypatch.delenv("DATABASE_URL")
    assert database_url().endswith("/data/local/rankdesk.db")


@pytest.mark.timeout(60)
def test_thousands_of_judgements_of_one_person_are_read_at_once_after_they_were_loaded(any_store: Store) -> None:
    project = any_store.create_project(Project(name="Loaded"))
    tasks = [a_task(f"Question {n}?", "a", "b") for n in range(4_000)]
    any_store.add(project.id, tasks, [a_judgement(task, ("r1",)) for task in tasks])
    assert len(any_store.judgements(project.id)) == len(any_store.work_of(project.id, "ann")) == 4_000
