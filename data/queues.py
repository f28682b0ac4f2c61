"""The queues of what to judge next: filled, counted, listed.

A second opinion makes room for one more person on a task that has all its judgements (`task.extra`), and takes the
room back when it is no longer asked for and nobody has used it.
Everything here happens on one connection, under `data.standing.hold` where it writes.
"""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from data import tables
from data.errors import InputError
from data.queries import insert, known_keys
from data.schemas import QueuedTask, QueueName
from data.standing import settle

MOST_QUEUED = 1_000
"""Tasks in one queue: what is waited for longer than that is out of date anyway."""


def fill(db: sa.Connection, project_id: int, queue: QueueName, wanted: Sequence[QueuedTask]) -> None:
    """Put these tasks into a queue in place of those that stand there; InputError: one is not in the project."""
    rows = list({one.task_id: one for one in wanted}.values())[:MOST_QUEUED]
    ids = [one.task_id for one in rows]
    if known_keys(db, tables.task, tables.task.c.id, project_id, ids) != set(ids):
        raise InputError("A task of this queue is not in the project; fill the queues again.")
    q = tables.queued.c
    before = _again(db, project_id)
    db.execute(sa.delete(tables.queued).where(q.project_id == project_id, q.queue == queue))
    insert(db, tables.queued, [{"project_id": project_id, **one.model_dump(), "queue": queue} for one in rows])
    after = _again(db, project_id)
    asked = [one.task_id for one in rows if one.again]
    _make_room(db, project_id, asked, 1)
    _make_room(db, project_id, sorted(before - after), 0)
    settle(db, project_id, sorted({*before, *asked}))


def _again(db: sa.Connection, project_id: int) -> set[str]:
    """The tasks for which some queue wants one more person."""
    q = tables.queued.c
    return set(db.scalars(sa.select(q.task_id).where(q.project_id == project_id, q.again)))


def _make_room(db: sa.Connection, project_id: int, task_ids: Sequence[str], places: int) -> None:
    """Let so many more people judge these tasks than have judged them; what the overlap still asks for is not touched.

    A task that waits already has room, so asking again makes no more of it.
    """
    t, s, p = tables.task.c, tables.standing.c, tables.project.c
    of_task = s.project_id == t.project_id, s.task_id == t.id, s.status == "submitted"
    done = sa.select(sa.func.count()).where(*of_task).scalar_subquery()
    overlap = sa.select(p.overlap).where(p.id == project_id).scalar_subquery()
    extra = sa.case((done < overlap, 0), else_=done - overlap + places)
    for one in task_ids:
        db.execute(sa.update(tables.task).where(t.project_id == project_id, t.id == one).values(extra=extra))


def waiting(db: sa.Connection, project_id: int, queue: QueueName, most: int) -> list[QueuedTask]:
    """What waits in a queue, the most urgent first; what has been judged often enough does not wait."""
    columns = tables.queued.c.queue, tables.queued.c.task_id, tables.queued.c.place, tables.queued.c.why
    query = _waiting(project_id).with_only_columns(*columns, tables.queued.c.again)
    found = query.where(tables.queued.c.queue == queue).order_by(tables.queued.c.place).limit(most)
    return [QueuedTask(**row) for row in db.execute(found).mappings()]


def sizes(db: sa.Connection, project_id: int) -> Mapping[QueueName, int]:
    """How many tasks wait in each queue; queues in which none waits are absent."""
    q = tables.queued.c
    query = _waiting(project_id).with_only_columns(q.queue, sa.func.count()).group_by(q.queue)
    return {queue: n for queue, n in db.execute(query)}


def _waiting(project_id: int) -> sa.Select[tuple[str]]:
    q, t = tables.queued.c, tables.task.c
    same = sa.and_(q.project_id == t.project_id, q.task_id == t.id)
    return sa.select(q.task_id).join(tables.task, same).where(q.project_id == project_id, t.is_open)
