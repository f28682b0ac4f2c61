"""The selects that the store is made of, and rows to schemas and back.

What is asked of each row is a scalar subquery, never EXISTS: PostgreSQL would make a join of the whole table of that,
where one row is looked for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from data import tables
from data.schemas import Judgement, Load, Project, Task

PAGE = 500
"""Rows fetched at a time, and ids in one SELECT … IN."""


class Size(NamedTuple):
    """How many tasks and revisions of judgements a project has, and how often its tasks were changed or read."""

    tasks: int
    judgements: int
    touched: int


def is_task(project_id: int, task_id: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """The condition that a row is this task."""
    return tables.task.c.project_id == project_id, tables.task.c.id == task_id


def project_of(db: sa.Connection, project_id: int) -> Project:
    """The project of this number as it is stored; NoResultFound when there is none."""
    return project_from(db.execute(sa.select(tables.project).where(tables.project.c.id == project_id)).mappings().one())


def aside(project_id: int) -> sa.Select[Any]:
    """The ids of the tasks that are set aside."""
    t = tables.task.c
    return sa.select(t.id).where(t.project_id == project_id, t.is_aside)


def standing(project_id: int) -> sa.Select[Any]:
    """All judgements that stand: no newer revision of the same annotator on the same task replaces them.

    A join, which takes one pass in whatever order; row by row it takes minutes before PostgreSQL has its statistics.
    """
    j, s = tables.judgement.c, tables.standing.c
    kept = sa.select(tables.judgement).join(tables.standing, s.judgement_id == j.id)
    return kept.where(s.project_id == project_id)


def last_standing(db: sa.Connection, project_id: int, annotator: str) -> Judgement | None:
    """The annotator's last judgement that stands; None when there is none. Row by row: mostly the first one does."""
    j, s = tables.judgement.c, tables.standing.c
    who = s.project_id == j.project_id, s.task_id == j.task_id, s.annotator == j.annotator
    kept = sa.select(s.judgement_id).where(*who).scalar_subquery()
    mine = j.project_id == project_id, j.annotator == annotator, j.id == kept
    row = db.execute(sa.select(tables.judgement).where(*mine).order_by(j.id.desc()).limit(1)).mappings().first()
    return judgement_from(row) if row else None


def newest_revision(db: sa.Connection, project_id: int, task_id: str, annotator: str) -> Judgement | None:
    """The newest revision of this annotator on this task, withdrawn ones included; None before the first."""
    j = tables.judgement.c
    here = sa.select(tables.judgement).where(j.project_id == project_id, j.task_id == task_id, j.annotator == annotator)
    row = db.execute(here.order_by(j.revision.desc()).limit(1)).mappings().first()
    return judgement_from(row) if row else None


def open_tasks(project_id: int, annotator: str) -> sa.Select[Any]:
    """Tasks that need more judgements, and that this annotator has neither judged nor skipped."""
    t, s = tables.task.c, tables.standing.c
    mine = s.project_id == t.project_id, s.task_id == t.id, s.annotator == annotator
    said = sa.select(sa.func.count()).where(*mine).scalar_subquery()
    return sa.select(tables.task).where(t.project_id == project_id, t.is_open, said == 0)


def count(db: sa.Connection, *conditions: sa.ColumnElement[bool]) -> int:
    """In how many rows of one table all of this holds."""
    return db.scalar(sa.select(sa.func.count()).where(*conditions)) or 0


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


def tasks_under(db: sa.Connection, project_id: int, ids: Sequence[str]) -> list[Task]:
    """The tasks of a project that have one of these ids."""
    t, found = tables.task.c, list[Task]()
    for at in range(0, len(ids), PAGE):
        query = sa.select(tables.task).where(t.project_id == project_id, t.id.in_(ids[at : at + PAGE]))
        found += [task_from(row) for row in db.execute(query).mappings()]
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


def plain(schema: Task | Judgement | Load) -> dict[str, Any]:
    """The fields as the database takes them: JSON-able, moments as they are."""
    moments = {k: v for k, v in schema if isinstance(v, datetime)}
    return schema.model_dump(mode="json") | moments


def without(row: Mapping[Any, Any], *names: str) -> dict[str, Any]:
    """A row as a dict, without these columns."""
    return {k: v for k, v in row.items() if k not in names}


def project_from(row: Mapping[Any, Any]) -> Project:
    """The project of a row."""
    return Project(**without(row, "touched"))


def task_from(row: Mapping[Any, Any]) -> Task:
    """The task of a row."""
    return Task(**without(row, "project_id", "position", "is_open", "extra", "route", "is_aside"))


def judgement_from(row: Mapping[Any, Any]) -> Judgement:
    """The judgement of a row."""
    return Judgement(**without(row, "id", "project_id"))
