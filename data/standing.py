"""Which revision of each annotator on each task stands, and which tasks need more judgements.

Both follow from the judgements. They are written down, in the transaction that adds a judgement, so that the next task
and the counts of 20,000 tasks come in a few milliseconds.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from data import tables
from data.queries import PAGE, count
from data.routes import is_for
from data.schemas import Project

_PROJECT_LOCK = 7_265_874
"""An arbitrary constant: with a project's id, the PostgreSQL advisory lock of its writers."""


class Progress(NamedTuple):
    """Counts for one annotator: own judgements, own ones today, tasks left to judge; and all tasks.

    What `Project.routes` gives to others only, and what is set aside, is not among them.
    """

    mine: int
    mine_today: int
    left: int
    tasks: int


def progress(db: sa.Connection, project: Project, annotator: str, today: datetime) -> Progress:
    """How far this annotator and this project are, when today began at this moment."""
    t, s = tables.task.c, tables.standing.c
    mine, tasks = (s.project_id == project.id, s.annotator == annotator), t.project_id == project.id
    submitted = *mine, s.status == "submitted"
    before, since = (count(db, *submitted, when) for when in (s.created_at < today, s.created_at >= today))
    left = count(db, tasks, t.is_open, is_for(project, annotator)) - _through(db, project, annotator)
    # Positions count up from 1 and no task is ever removed, so the last one is the number of tasks.
    every = db.scalar(sa.select(sa.func.max(t.position)).where(tasks)) or 0
    return Progress(before + since, since, max(left, 0), every - count(db, tasks, t.is_aside))


def _through(db: sa.Connection, project: Project, annotator: str) -> int:
    """How many of the open tasks that are for this annotator they have judged or skipped."""
    t, s = tables.task.c, tables.standing.c
    mine = s.project_id == project.id, s.annotator == annotator, s.is_open
    if not project.routes:
        return count(db, *mine)
    return count(db, *mine, t.project_id == s.project_id, t.id == s.task_id, is_for(project, annotator))


def hold(db: sa.Connection, project_id: int) -> None:
    """Let nobody else write to this project until the transaction ends; SQLite has one writer anyway.

    Everything that is read after it on PostgreSQL is as the writer before has left it (READ COMMITTED).
    """
    if db.dialect.name == "postgresql":
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(_PROJECT_LOCK, project_id)))


def settle(db: sa.Connection, project_id: int, task_ids: Sequence[str]) -> None:
    """Write down anew what stands on these tasks, after judgements of them have been added."""
    for at in range(0, len(task_ids), PAGE):
        some = task_ids[at : at + PAGE]
        _settle_revisions(db, project_id, some)
        _settle_needs(db, tables.task.c.id.in_(some), tables.standing.c.task_id.in_(some), project_id)


def settle_overlap(db: sa.Connection, project_id: int) -> None:
    """Write down anew which tasks need more judgements, after the project's overlap has changed."""
    _settle_needs(db, sa.true(), sa.true(), project_id)


def _settle_revisions(db: sa.Connection, project_id: int, task_ids: Sequence[str]) -> None:
    kept, old, new = tables.standing.c, tables.judgement.c, tables.judgement.alias("newer").c
    same = new.project_id == old.project_id, new.task_id == old.task_id, new.annotator == old.annotator
    newest = sa.select(sa.func.max(new.revision)).where(*same).scalar_subquery()
    task = tables.task.c
    columns = old.project_id, old.task_id, old.annotator, old.id, old.status, old.created_at, task.position, sa.true()
    of_task = task.project_id == old.project_id, task.id == old.task_id
    here = old.project_id == project_id, old.task_id.in_(task_ids), *of_task
    stands = sa.select(*columns).where(*here, old.status != "withdrawn", old.revision == newest)
    db.execute(sa.delete(tables.standing).where(kept.project_id == project_id, kept.task_id.in_(task_ids)))
    db.execute(sa.insert(tables.standing).from_select(list(tables.standing.columns.keys()), stands))


def _settle_needs(
    db: sa.Connection, tasks: sa.ColumnElement[bool], kept: sa.ColumnElement[bool], project_id: int
) -> None:
    task, standing, project = tables.task, tables.standing, tables.project
    of_task = standing.c.project_id == task.c.project_id, standing.c.task_id == task.c.id
    done = sa.select(sa.func.count()).where(*of_task, standing.c.status == "submitted").scalar_subquery()
    overlap = sa.select(project.c.overlap).where(project.c.id == project_id).scalar_subquery()
    is_open = sa.select(task.c.is_open).where(*of_task).scalar_subquery()
    needed = sa.and_(~task.c.is_aside, done < overlap + task.c.extra)
    db.execute(sa.update(task).where(task.c.project_id == project_id, tasks).values(is_open=needed))
    db.execute(sa.update(standing).where(standing.c.project_id == project_id, kept).values(is_open=is_open))
