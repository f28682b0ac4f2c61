"""Which task an annotator is given next: in the usual order, or by the queues that the lead has turned on.

A queue has a share of the tasks given out. The rest is the control: the usual order, which no model has chosen. For
each annotator the shares hold to within a few tasks at any time (steps of the golden section fill the interval evenly),
and the same count of judgements always draws the same.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from data import tables
from data.queries import count, open_tasks
from data.routes import is_for
from data.schemas import Project, QueueName, fingerprint

GOLDEN = (5**0.5 - 1) / 2
BY_CHANCE = 0.2
"""This share of second opinions is asked for on judgements drawn by chance: what the others are compared with."""
SECOND_OPINIONS: tuple[QueueName, ...] = ("disagreement", "contested")
Place = QueueName | Literal["usual", "anywhere"]
"""Where a task is looked for: a queue, the usual order, or all open tasks, whatever they wait for."""


class Given(NamedTuple):
    """A task to give out, and the queue it counts for: random for the control; None where no queue has a say."""

    task_id: str
    queue: QueueName | None


def next_task(db: sa.Connection, project: Project, annotator: str, since: tuple[datetime, ...]) -> Given | None:
    """The first task that needs this annotator, counting those who hold it; None where none does.

    `since`: who touched a task after this moment holds it; when all are held, the next moment is tried.
    """
    places = tuple(_places(db, project, annotator))
    beyond = tables.task.c.position > _judged_up_to(db, project.id, annotator)
    for moment in since:
        for place in places:
            free = _in_order(project.id, annotator, place, beyond).where(_is_free(project, annotator, moment, place))
            if found := db.scalar(free):
                return Given(str(found), _counts_for(place))
    return None


def drawn(project: Project, annotator: str, n: int) -> Place:
    """Where this annotator's task number `n` (from 0) is looked for first."""
    begin = int(fingerprint([str(project.seed), annotator])[:8], 16) / 16**8
    at, below = (begin + n * GOLDEN) % 1, 0.0
    for queue, share in sorted(project.queues.items()):
        if at < below + share:
            return "random" if queue in SECOND_OPINIONS and at < below + BY_CHANCE * share else queue
        below += share
    return "usual"


def _places(db: sa.Connection, project: Project, annotator: str) -> Iterator[Place]:
    """Where to look, one after the other; what a queue that was turned off has left over comes last."""
    if any(project.queues.values()):
        s = tables.standing.c
        first = drawn(project, annotator, count(db, s.project_id == project.id, s.annotator == annotator))
        yield first
        rest: tuple[Place, ...] = ("usual", *sorted(q for q, share in project.queues.items() if share), "random")
        yield from (place for place in rest if place != first)
    yield "anywhere"


def _counts_for(place: Place) -> QueueName | None:
    if place == "anywhere":
        return None
    return "random" if place == "usual" else place


def _in_order(project_id: int, annotator: str, place: Place, beyond: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The ids of the open tasks of a place that this annotator has not judged; the first one only."""
    t, q, needed = tables.task.c, tables.queued.c, open_tasks(project_id, annotator).with_only_columns(tables.task.c.id)
    if place in ("usual", "anywhere"):
        return needed.where(beyond).order_by(t.position).limit(1)
    waiting = needed.join(tables.queued, sa.and_(q.project_id == t.project_id, q.task_id == t.id))
    return waiting.where(q.project_id == project_id, q.queue == place).order_by(q.place).limit(1)


def _is_free(project: Project, annotator: str, since: datetime, place: Place) -> sa.ColumnElement[bool]:
    """The condition that a task is for this annotator, and its judgements and the others who hold it are too few.

    Who takes up again what they have judged counts once. The usual order has nothing that waits for a second opinion.
    """
    t, a, s = tables.task.c, tables.assignment.c, tables.standing.c
    theirs = s.project_id == a.project_id, s.task_id == a.task_id, s.annotator == a.annotator, s.status == "submitted"
    is_new = sa.select(sa.func.count()).where(*theirs).scalar_subquery() == 0
    others = a.project_id == t.project_id, a.task_id == t.id, a.annotator != annotator, a.touched_at > since, is_new
    submitted = s.project_id == t.project_id, s.task_id == t.id, s.status == "submitted"
    held, done = (sa.select(sa.func.count()).where(*these).scalar_subquery() for these in (others, submitted))
    needed = held + done < (project.overlap if place == "usual" else project.overlap + t.extra)
    return sa.and_(needed, is_for(project, annotator))


def _judged_up_to(db: sa.Connection, project_id: int, annotator: str) -> int:
    """A position up to which this annotator has judged every open task; so far there is no need to look.

    It is what an annotator far ahead of the others is at; 0 where the open tasks before that have a gap.
    """
    t, s = tables.task.c, tables.standing.c
    mine = s.project_id == project_id, s.annotator == annotator, s.is_open
    last: int = db.scalar(sa.select(sa.func.max(s.position)).where(*mine)) or 0
    has_gap = count(db, t.project_id == project_id, t.is_open, t.position <= last) > count(db, *mine)
    return 0 if has_gap else last
