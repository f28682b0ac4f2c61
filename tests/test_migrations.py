"""A database of an earlier version opens with all that is in it, on SQLite and on PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from data.database import MIGRATIONS
from data.schemas import STANDARD_FLAGS, STANDARD_TOPICS, Judgement
from data.store import Store
from tests.conftest import a_judgement, a_task

TASKS = [a_task(f"Question {n}?", "Yes.", "No.") for n in range(4)]
FLAG = {"response_id": "r2", "kind": "toxic", "note": "“дурак”"}
WHEN = datetime(2024, 5, 1, 12, tzinfo=UTC)


def said() -> list[Judgement]:
    """Two people have judged the first task, one the second; a judgement was changed, one withdrawn, one skipped."""
    return [
        a_judgement(TASKS[0], ("r1",), ("r2",), annotator="ann", flags=[FLAG], idempotency_key="1"),
        a_judgement(TASKS[0], ("r2",), ("r1",), annotator="ann", flags=[FLAG], idempotency_key="2", revision=2),
        a_judgement(TASKS[0], ("r1", "r2"), annotator="bob", idempotency_key="3", seconds=3.5),
        a_judgement(TASKS[1], ("r1",), ("r2",), annotator="ann", idempotency_key="4", margin=2.0),
        a_judgement(TASKS[2], ("r1",), annotator="ann", idempotency_key="5"),
        a_judgement(TASKS[2], ("r1",), annotator="ann", idempotency_key="6", revision=2, status="withdrawn"),
        a_judgement(TASKS[3], annotator="ann", idempotency_key="7", status="skipped", skip_reason="other"),
    ]


@pytest.fixture
def first(any_url: str) -> str:
    """A database as the first version made and filled it."""
    engine, config = sa.create_engine(any_url), Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        _fill(connection)
    engine.dispose()
    return any_url


def _fill(connection: sa.Connection) -> None:
    found = sa.MetaData()
    found.reflect(connection)
    project = {"id": 1, "name": "Old", "guideline": "Be kind.", "overlap": 2, "seed": 7}
    connection.execute(sa.insert(found.tables["project"]), [project])
    _insert(
        connection, found.tables["task"], [t.model_dump(mode="json") | {"position": n} for n, t in enumerate(TASKS, 1)]
    )
    rows = [judgement.model_dump(mode="json") | {"created_at": WHEN} for judgement in said()]
    _insert(connection, found.tables["judgement"], rows)


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """The columns that the table had then."""
    kept = [{name: row[name] for name in table.columns.keys() & row.keys()} | {"project_id": 1} for row in rows]
    connection.execute(sa.insert(table), kept)


def test_all_that_was_judged_is_there_and_says_what_it_said(first: str) -> None:
    store = Store(first)
    expected = [j.model_copy(update={"created_at": WHEN}) for j in said()]
    assert list(store.tasks(1)) == TASKS
    assert store.judgements(1) == [expected[n] for n in (1, 2, 3)]
    assert store.judgements(1, "skipped") == [expected[6]]
    assert store.latest(1, TASKS[2].id, "ann") == expected[5]
    assert store.work_of(1, "ann") == [(expected[6], TASKS[3]), (expected[3], TASKS[1]), (expected[1], TASKS[0])]
    store.close()


def test_a_project_keeps_its_settings_and_gets_the_flags_of_a_new_one(first: str) -> None:
    store = Store(first)
    (project,) = store.projects()
    assert (project.name, project.guideline, project.overlap, project.seed) == ("Old", "Be kind.", 2, 7)
    assert (project.flags, project.topics, project.criteria) == (STANDARD_FLAGS, STANDARD_TOPICS, ())
    assert not project.scores
    assert not project.review
    store.close()


def test_work_goes_on_where_it_was_left(first: str) -> None:
    store = Store(first)
    (project,) = store.projects()
    assert store.progress(project, "ann", since=WHEN) == (2, 2, 1, 4)
    assert store.progress(project, "cem") == (0, 0, 3, 4)
    given = [store.assign(project, who) for who in ("ann", "bob", "cem")]
    assert [one.task.id if one else None for one in given] == [TASKS[2].id, TASKS[1].id, TASKS[2].id]
    assert given[0]
    assert given[0].base_revision == 2
    assert store.submit(1, a_judgement(TASKS[2], ("r2",)), base_revision=2).is_new
    store.close()
