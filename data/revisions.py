"""How tasks and judgements are added, on one connection; nothing that is there is changed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from data import tables
from data.assignments import put_in_hand, queue_of, take_from_hand
from data.errors import InputError
from data.queries import PAGE, by_key, insert, known_keys, newest_revision, plain
from data.routes import route_of
from data.schemas import Judgement, Task, submission_key
from data.standing import hold, settle


class Added(NamedTuple):
    """How many of the tasks and judgements that were handed over were new."""

    tasks: int
    judgements: int


class Submission(NamedTuple):
    """The judgement as it is stored, and whether this call stored it (False: it was there already)."""

    judgement: Judgement
    is_new: bool


def add_new(db: sa.Connection, project_id: int, tasks: Sequence[Task], judgements: Sequence[Judgement]) -> Added:
    """Add the tasks whose ids and the judgements whose idempotency keys are not there yet."""
    hold(db, project_id)
    known = known_keys(db, tables.task, tables.task.c.id, project_id, [t.id for t in tasks])
    new_tasks = list({t.id: t for t in tasks if t.id not in known}.values())
    insert(db, tables.task, _task_rows(db, project_id, new_tasks))
    column = tables.judgement.c.idempotency_key
    known = known_keys(db, tables.judgement, column, project_id, [j.idempotency_key for j in judgements])
    new = list({j.idempotency_key: j for j in judgements if j.idempotency_key not in known}.values())
    insert(db, tables.judgement, _judgement_rows(db, project_id, new))
    settle(db, project_id, list({j.task_id for j in new}))
    return Added(len(new_tasks), len(new))


def submit(db: sa.Connection, project_id: int, judgement: Judgement, base_revision: int) -> Submission:
    """Add a judgement as the revision after `base_revision`, and take its task out of the annotator's hands.

    A withdrawal puts it there instead. The queue that gave the task out stays with all revisions. InputError when
    `base_revision` is not the newest.
    """
    task_id, annotator, now = judgement.task_id, judgement.annotator, datetime.now(UTC)
    key = submission_key(task_id, annotator, base_revision)
    hold(db, project_id)
    if found := by_key(db, project_id, key):
        return Submission(found, is_new=False)
    newest = newest_revision(db, project_id, task_id, annotator)
    if (newest.revision if newest else 0) != base_revision:
        raise InputError("This task has been judged again meanwhile; reload the page to see that judgement.")
    queue = newest.queue if newest else queue_of(db, project_id, task_id, annotator)
    stamp = {"revision": base_revision + 1, "idempotency_key": key, "created_at": now, "queue": queue}
    stamped = judgement.model_copy(update=stamp)
    insert(db, tables.judgement, [{"project_id": project_id, **plain(stamped)}])
    settle(db, project_id, [task_id])
    take_from_hand(db, project_id, task_id, annotator)
    if judgement.status == "withdrawn":
        put_in_hand(db, project_id, task_id, annotator, now)
    return Submission(stamped, is_new=True)


def _task_rows(db: sa.Connection, project_id: int, tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """The rows of new tasks, numbered on from the project's last."""
    last = sa.select(sa.func.max(tables.task.c.position)).where(tables.task.c.project_id == project_id)
    first = (db.scalar(last) or 0) + 1
    new = {"project_id": project_id, "is_open": True, "extra": 0, "is_aside": False}
    return [
        {**new, "position": first + n, **plain(task), "route": route_of(task.language, task.topics)}
        for n, task in enumerate(tasks)
    ]


def _judgement_rows(db: sa.Connection, project_id: int, judgements: Sequence[Judgement]) -> list[dict[str, Any]]:
    """The rows of new judgements, each a later revision of its annotator on its task, its own if it can."""
    revisions = _newest_revisions(db, project_id, [j.task_id for j in judgements])
    rows = []
    for judgement in judgements:
        who = judgement.task_id, judgement.annotator
        revisions[who] = max(revisions.get(who, 0) + 1, judgement.revision)
        rows.append({"project_id": project_id, **plain(judgement), "revision": revisions[who]})
    return rows


def _newest_revisions(db: sa.Connection, project_id: int, task_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    """The newest revision of each annotator on each of these tasks."""
    j, found = tables.judgement.c, {}
    for at in range(0, len(task_ids), PAGE):
        here = j.project_id == project_id, j.task_id.in_(task_ids[at : at + PAGE])
        query = sa.select(j.task_id, j.annotator, sa.func.max(j.revision)).where(*here)
        for task_id, annotator, revision in db.execute(query.group_by(j.task_id, j.annotator)):
            found[task_id, annotator] = revision
    return found
