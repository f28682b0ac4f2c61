"""The selects that the store is made of, and rows to schemas and back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from data import tables
from data.schemas import Judgement, Load, Project, Task

PAGE = 500
"""Rows fetched at a time, and ids in one SELECT … IN."""


def is_task(project_id: int, task_id: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """The condition that a row is this task."""
    return tables.task.c.project_id == project_id, tables.task.c.id == task_id


def current(project_id: int) -> sa.Select[Any]:
    """Judgements that no newer revision of the same annotator on the same task replaces."""
    old, new = tables.judgement, tables.judgement.alias("newer")
    newer = sa.select(1).where(
        new.c.project_id == old.c.project_id,
        new.c.task_id == old.c.task_id,
        new.c.annotator == old.c.annotator,
        new.c.revision > old.c.revision,
    )
    return sa.select(old).where(old.c.project_id == project_id, ~newer.exists())


def open_tasks(project: Project, annotator: str) -> sa.Select[Any]:
    """Tasks that need more judgements, and that this annotator has neither judged nor skipped."""
    t, j = tables.task.c, tables.judgement.c
    here = current(project.id).where(j.task_id == t.id).correlate(tables.task)
    mine = here.where(j.annotator == annotator, j.status != "withdrawn")
    done = sa.select(sa.func.count()).select_from(here.where(j.status == "submitted").subquery())
    return sa.select(tables.task).where(
        t.project_id == project.id, ~mine.exists(), done.scalar_subquery() < project.overlap
    )


def count(db: sa.Connection, query: sa.Select[Any]) -> int:
    """How many rows a query gives."""
    return db.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0


def by_key(db: sa.Connection, project_id: int, key: str) -> Judgement | None:
    """The judgement stored under this idempotency key, if any."""
    j = tables.judgement.c
    row = db.execute(sa.select(tables.judgement).where(j.project_id == project_id, j.idempotency_key == key))
    found = row.mappings().first()
    return judgement_from(found) if found else None


def judgements_under(db: sa.Connection, project_id: int, keys: Sequence[str]) -> list[Judgement]:
    """The judgements stored under any of these idempotency keys."""
    j, found = tables.judgement.c, list[Judgement]()
    for at in range(0, len(keys), PAGE):
        query = sa.select(tables.judgement).where(
            j.project_id == project_id, j.idempotency_key.in_(keys[at : at + PAGE])
        )
        found += [judgement_from(row) for row in db.execute(query).mappings()]
    return found


def known_keys(
    db: sa.Connection, table: sa.Table, column: sa.Column[Any], project_id: int, wanted: Sequence[str]
) -> set[str]:
    """Those of the wanted values that the project already holds in this column."""
    known: set[str] = set()
    for at in range(0, len(wanted), PAGE):
        part = column.in_(wanted[at : at + PAGE])
        known.update(db.scalars(sa.select(column).where(table.c.project_id == project_id, part)))
    return known


def insert(db: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, if there are any."""
    if rows:
        db.execute(sa.insert(table), rows)


def task_rows(db: sa.Connection, project_id: int, tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """The rows of new tasks, numbered on from the project's last."""
    last = sa.select(sa.func.max(tables.task.c.position)).where(tables.task.c.project_id == project_id)
    first = (db.scalar(last) or 0) + 1
    return [{"project_id": project_id, "position": first + n, **plain(task)} for n, task in enumerate(tasks)]


def judgement_rows(db: sa.Connection, project_id: int, judgements: Sequence[Judgement]) -> list[dict[str, Any]]:
    """The rows of new judgements, each the next revision of its annotator on its task."""
    revisions = newest_revisions(db, project_id, [j.task_id for j in judgements])
    rows = []
    for judgement in judgements:
        who = judgement.task_id, judgement.annotator
        revisions[who] = revisions.get(who, 0) + 1
        rows.append({"project_id": project_id, **plain(judgement), "revision": revisions[who]})
    return rows


def newest_revisions(db: sa.Connection, project_id: int, task_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    """The newest revision of each annotator on each of these tasks."""
    j, found = tables.judgement.c, {}
    for at in range(0, len(task_ids), PAGE):
        here = j.project_id == project_id, j.task_id.in_(task_ids[at : at + PAGE])
        query = sa.select(j.task_id, j.annotator, sa.func.max(j.revision)).where(*here)
        for task_id, annotator, revision in db.execute(query.group_by(j.task_id, j.annotator)):
            found[task_id, annotator] = revision
    return found


def plain(schema: Task | Judgement | Load) -> dict[str, Any]:
    """The fields as the database takes them: JSON-able, moments as they are."""
    moments = {k: v for k, v in schema if isinstance(v, datetime)}
    return schema.model_dump(mode="json") | moments


def without(row: Mapping[Any, Any], *names: str) -> dict[str, Any]:
    """A row as a dict, without these columns."""
    return {k: v for k, v in row.items() if k not in names}


def task_from(row: Mapping[Any, Any]) -> Task:
    """The task of a row."""
    return Task(**without(row, "project_id", "position"))


def judgement_from(row: Mapping[Any, Any]) -> Judgement:
    """The judgement of a row."""
    return Judgement(**without(row, "id", "project_id"))
