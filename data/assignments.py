"""Tasks in annotators' hands, and the drafts made on them.

A task that lies in somebody's hands is held: others are given other tasks, until nobody has touched it for HELD. When
all that is left is held, they are given what nobody has touched for IDLE.
Everything here happens on one connection, under `data.standing.hold` where it writes.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from data import tables
from data.choosing import next_task
from data.errors import InputError
from data.queries import count, insert, judgement_from, newest_revision, standing, task_from
from data.schemas import Judgement, Project, QueueName, Task

HELD = timedelta(minutes=30)
IDLE = timedelta(minutes=5)
"""How long a task that lies in somebody's hands is left to them: while there are others, and when there are none."""
TOUCHED = timedelta(minutes=1)
"""An assignment that was touched less than this ago need not be touched again."""
MOST = 50
"""Tasks that one person can have begun: nobody takes all of them out of the others' reach."""


Which = tuple[int, str, str]
"""Project id, task id, annotator."""


class Assignment(NamedTuple):
    """A task in an annotator's hands.

    `base_revision` is what a judgement will be made on top of (0: nothing yet), `before` that revision itself, and
    `draft` what was last kept on top of it; both None where there is none.
    """

    task: Task
    base_revision: int = 0
    before: Judgement | None = None
    draft: Mapping[str, Any] | None = None


class Hand(NamedTuple):
    """An assignment as it is kept, without the task and what was said of it."""

    task_id: str
    base_revision: int
    touched_at: datetime
    draft: Mapping[str, Any] | None


def given(db: sa.Connection, project: Project, annotator: str, now: datetime) -> Assignment | None:
    """What was given last and stands, else the first free task, which is put into the annotator's hands; or None."""
    for hand in _in_hand(db, project.id, annotator):
        if _stands(db, project.id, annotator, hand, now):
            _touch(db, (project.id, hand.task_id, annotator), hand.base_revision, touched_at=now)
            return _assignment(db, project.id, annotator, hand)
        take_from_hand(db, project.id, hand.task_id, annotator)
    free = next_task(db, project, annotator, (now - HELD, now - IDLE))
    if free is None:
        return None
    put_in_hand(db, project.id, free.task_id, annotator, now, free.queue)
    return _assignment(db, project.id, annotator, _in_hand(db, project.id, annotator)[0])


def still_at(db: sa.Connection, project_id: int, annotator: str, now: datetime) -> Assignment | None:
    """What was given last, if the annotator is at it now; it only reads."""
    for hand in _in_hand(db, project_id, annotator)[:1]:
        if hand.touched_at > now - TOUCHED and _stands(db, project_id, annotator, hand, now):
            return _assignment(db, project_id, annotator, hand)
    return None


def put_in_hand(
    db: sa.Connection, project_id: int, task_id: str, annotator: str, now: datetime, queue: QueueName | None = None
) -> None:
    """Make a task the most recently given one; a draft on its newest revision stays. IntegrityError: no such task."""
    which, base = (project_id, task_id, annotator), _base(db, project_id, task_id, annotator)
    if not _touch(db, which, base, given_at=now, touched_at=now):
        take_from_hand(db, *which)
        values = {"base_revision": base, "given_at": now, "touched_at": now, "draft": None, "queue": queue}
        names = {"project_id": project_id, "task_id": task_id, "annotator": annotator}
        insert(db, tables.assignment, [names | values])


def queue_of(db: sa.Connection, project_id: int, task_id: str, annotator: str) -> QueueName | None:
    """Why this task was given to this annotator, as it lies in hand; None where no queue has given it."""
    queue: QueueName | None = db.scalar(
        sa.select(tables.assignment.c.queue).where(*_is((project_id, task_id, annotator)))
    )
    return queue


def take_from_hand(db: sa.Connection, project_id: int, task_id: str, annotator: str) -> None:
    """Let go of a task and of its draft."""
    db.execute(sa.delete(tables.assignment).where(*_is((project_id, task_id, annotator))))


def draft_kept(db: sa.Connection, which: Which, base_revision: int, draft: Mapping[str, Any], now: datetime) -> bool:
    """Keep a draft; False when it was not made on top of the newest revision, or is older than the one that is kept.

    A task that is not in hand is put there, less than MOST lie there: InputError. IntegrityError: no such task.
    """
    if _base(db, *which) != base_revision or draft.get("changed", 0) < _changed(db, which, base_revision):
        return False
    if not _touch(db, which, base_revision, touched_at=now, draft=dict(draft)):
        _check_room(db, which)
        put_in_hand(db, *which, now)
        _touch(db, which, base_revision, draft=dict(draft))
    return True


def _changed(db: sa.Connection, which: Which, base_revision: int) -> int:
    """When the draft that is kept on this revision was changed, as its browser has dated it; 0 where there is none."""
    a = tables.assignment.c
    kept = db.scalar(sa.select(a.draft).where(*_is(which), a.base_revision == base_revision))
    return int((kept or {}).get("changed", 0))


def _check_room(db: sa.Connection, which: Which) -> None:
    a, (project_id, task_id, annotator) = tables.assignment.c, which
    if count(db, a.project_id == project_id, a.annotator == annotator, a.task_id != task_id) >= MOST:
        raise InputError("You have begun 50 other tasks; judge or skip these first.")


def judged_by(db: sa.Connection, project_id: int, annotator: str) -> list[tuple[Judgement, Task]]:
    """What stands of an annotator's judgements, skips included, each with its task; newest first."""
    j, t, s = tables.judgement.c, tables.task.c, tables.standing.c
    mine = s.project_id == project_id, s.annotator == annotator
    said = standing(project_id).where(j.annotator == annotator).order_by(j.id.desc())
    judged = sa.select(tables.task).where(t.project_id == project_id, t.id.in_(sa.select(s.task_id).where(*mine)))
    tasks = {task.id: task for task in map(task_from, db.execute(judged).mappings())}
    return [(one, tasks[one.task_id]) for one in map(judgement_from, db.execute(said).mappings())]


def _in_hand(db: sa.Connection, project_id: int, annotator: str) -> list[Hand]:
    """What lies in an annotator's hands, the most recently given first."""
    a = tables.assignment.c
    query = sa.select(a.task_id, a.base_revision, a.touched_at, a.draft)
    mine = query.where(a.project_id == project_id, a.annotator == annotator)
    return [Hand(*row) for row in db.execute(mine.order_by(a.given_at.desc()))]


def _stands(db: sa.Connection, project_id: int, annotator: str, hand: Hand, now: datetime) -> bool:
    """Whether a task stays in the annotator's hands.

    Not once it has been judged on. With a draft it stays, whoever else judges it meanwhile. Without one it is free
    after HELD, and as soon as others have judged it often enough, unless it was taken up again to be changed.
    """
    if _base(db, project_id, hand.task_id, annotator) != hand.base_revision:
        return False
    is_held = hand.touched_at > now - HELD
    return hand.draft is not None or (is_held and (hand.base_revision > 0 or _is_open(db, project_id, hand.task_id)))


def _is_open(db: sa.Connection, project_id: int, task_id: str) -> bool:
    t = tables.task.c
    return bool(db.scalar(sa.select(t.is_open).where(t.project_id == project_id, t.id == task_id)))


def _assignment(db: sa.Connection, project_id: int, annotator: str, hand: Hand) -> Assignment:
    """What lies in the annotator's hands, with the task and what was said of it."""
    t = tables.task.c
    row = db.execute(sa.select(tables.task).where(t.project_id == project_id, t.id == hand.task_id)).mappings().one()
    newest = newest_revision(db, project_id, hand.task_id, annotator)
    return Assignment(task_from(row), hand.base_revision, newest, hand.draft)


def _base(db: sa.Connection, project_id: int, task_id: str, annotator: str) -> int:
    """The number of the newest revision; 0 before the first."""
    newest = newest_revision(db, project_id, task_id, annotator)
    return newest.revision if newest else 0


def _touch(db: sa.Connection, which: Which, base_revision: int, **values: Any) -> bool:
    """Change an assignment that was made on top of this revision; False when there is none."""
    at = *_is(which), tables.assignment.c.base_revision == base_revision
    return db.execute(sa.update(tables.assignment).where(*at).values(values)).rowcount > 0


def _is(which: Which) -> tuple[sa.ColumnElement[bool], ...]:
    a, (project_id, task_id, annotator) = tables.assignment.c, which
    return a.project_id == project_id, a.task_id == task_id, a.annotator == annotator
