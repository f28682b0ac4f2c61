"""Where projects, tasks, judgements and fitted models are kept.

Judgements are only ever added. The newest revision of one annotator on one task is the one that counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from data import tables
from data.database import Database, database_url
from data.errors import InputError, checked
from data.queries import (
    PAGE,
    by_key,
    count,
    current,
    insert,
    is_task,
    judgement_from,
    judgement_rows,
    judgements_under,
    known_keys,
    newest_revisions,
    open_tasks,
    plain,
    task_from,
    task_rows,
    without,
)
from data.schemas import Judgement, Load, Project, StoredModel, Task, check_fits, submission_key


class Added(NamedTuple):
    """How many of the tasks and judgements that were handed over were new."""

    tasks: int
    judgements: int


class Submission(NamedTuple):
    """The judgement as it is stored, and whether this call stored it (False: it was there already)."""

    judgement: Judgement
    is_new: bool


class Progress(NamedTuple):
    """Counts for one annotator: own judgements, own ones today (UTC), tasks left to judge; and all tasks."""

    mine: int
    mine_today: int
    left: int
    tasks: int


class Store:
    """All reading and writing of one database (SQLite or PostgreSQL)."""

    def __init__(self, url: str | None = None) -> None:
        self._db = Database(url or database_url())

    def close(self) -> None:
        """Give the connections back."""
        self._db.close()

    # Projects

    def projects(self) -> list[Project]:
        """All projects, oldest first."""
        with self._db.read() as db:
            rows = db.execute(sa.select(tables.project).order_by(tables.project.c.id)).mappings()
            return [Project(**row) for row in rows]

    def project(self, name: str) -> Project:
        """The project of this name; InputError when there is none."""
        found = [p for p in self.projects() if p.name == name]
        if not found:
            names = ", ".join(f"“{p.name}”" for p in self.projects()) or "none yet"
            raise InputError(f"There is no project “{name}”; the projects are: {names}.")
        return found[0]

    def create_project(self, project: Project) -> Project:
        """Store a new project and return it with its id; InputError when the name is taken."""
        try:
            with self._db.write() as db:
                made = db.execute(sa.insert(tables.project).values(project.model_dump(mode="json", exclude={"id"})))
                (key,) = made.inserted_primary_key or (0,)
        except IntegrityError:
            raise InputError(f"There is already a project “{project.name}”; choose another name.") from None
        return project.model_copy(update={"id": key})

    def update_project(self, project: Project) -> None:
        """Store the settings of a project that is there already: all but its name and its seed."""
        values = project.model_dump(mode="json", exclude={"id", "name", "seed"})
        with self._db.write() as db:
            db.execute(sa.update(tables.project).where(tables.project.c.id == project.id).values(values))

    # What comes in

    def add(self, project_id: int, tasks: Sequence[Task], judgements: Sequence[Judgement] = ()) -> Added:
        """Add what is not there yet, in one transaction: tasks by id, judgements by idempotency key.

        A second judgement of one annotator on one task becomes the next revision.
        """
        with self._db.write() as db:
            known = known_keys(db, tables.task, tables.task.c.id, project_id, [t.id for t in tasks])
            new_tasks = list({t.id: t for t in tasks if t.id not in known}.values())
            insert(db, tables.task, task_rows(db, project_id, new_tasks))
            column = tables.judgement.c.idempotency_key
            known = known_keys(db, tables.judgement, column, project_id, [j.idempotency_key for j in judgements])
            new = list({j.idempotency_key: j for j in judgements if j.idempotency_key not in known}.values())
            insert(db, tables.judgement, judgement_rows(db, project_id, new))
        return Added(len(new_tasks), len(new))

    def record_load(self, project_id: int, load: Load) -> None:
        """Remember what a file brought in."""
        with self._db.write() as db:
            insert(db, tables.load, [{"project_id": project_id, **plain(load)}])

    def loads(self, project_id: int) -> list[Load]:
        """What each file brought in, newest first."""
        query = sa.select(tables.load).where(tables.load.c.project_id == project_id).order_by(tables.load.c.id.desc())
        with self._db.read() as db:
            return [checked(Load, without(row, "id", "project_id")) for row in db.execute(query).mappings()]

    # Tasks

    def tasks(self, project_id: int) -> Iterator[Task]:
        """Every task of a project, in the order they came in."""
        query = sa.select(tables.task).where(tables.task.c.project_id == project_id).order_by(tables.task.c.position)
        with self._db.read() as db:
            for row in db.execution_options(yield_per=PAGE).execute(query).mappings():
                yield task_from(row)

    def task(self, project_id: int, task_id: str) -> Task:
        """The task with this id; InputError when the project has none."""
        with self._db.read() as db:
            row = db.execute(sa.select(tables.task).where(*is_task(project_id, task_id))).mappings().first()
        if row is None:
            raise InputError("This task is no longer in the project; reload the page.")
        return task_from(row)

    def next_task(self, project: Project, annotator: str) -> Task | None:
        """The first task that needs judgements and that this annotator has neither judged nor skipped."""
        query = open_tasks(project, annotator).order_by(tables.task.c.position).limit(1)
        with self._db.read() as db:
            row = db.execute(query).mappings().first()
        return task_from(row) if row else None

    # Judgements

    def submit(self, project_id: int, judgement: Judgement, base_revision: int = 0) -> Submission:
        """Store a judgement made on top of `base_revision` (0: the annotator's first on this task).

        Committed when it returns. The same submission again (double click, retry, second tab) changes nothing and
        returns what is stored. InputError when it does not fit the task, or when `base_revision` is not the newest.
        """
        check_fits(judgement, self.task(project_id, judgement.task_id))
        key = submission_key(judgement.task_id, judgement.annotator, base_revision)
        stamped = judgement.model_copy(
            update={"revision": base_revision + 1, "idempotency_key": key, "created_at": datetime.now(UTC)}
        )
        try:
            with self._db.write() as db:
                # The revision is read first: on PostgreSQL the same submission may be committed between the two reads.
                newest = newest_revisions(db, project_id, [stamped.task_id])
                if found := by_key(db, project_id, key):
                    return Submission(found, is_new=False)
                if newest.get((stamped.task_id, stamped.annotator), 0) != base_revision:
                    raise InputError(
                        "This task has been judged again meanwhile; reload the page to see that judgement."
                    )
                insert(db, tables.judgement, judgement_rows(db, project_id, [stamped]))
        except IntegrityError:
            return self._already_there(project_id, key)
        return Submission(stamped, is_new=True)

    def _already_there(self, project_id: int, key: str) -> Submission:
        with self._db.read() as db:
            found = by_key(db, project_id, key)
        if found is None:
            raise InputError("This judgement could not be stored; reload the page and submit it again.")
        return Submission(found, is_new=False)

    def withdraw(self, project_id: int, judgement: Judgement) -> Judgement:
        """Take back a submission or skip, as a new revision; InputError when it is not the newest any more."""
        taken_back = judgement.model_copy(update={"status": "withdrawn", "skip_reason": None})
        return self.submit(project_id, taken_back, judgement.revision).judgement

    def last_standing(self, project_id: int, annotator: str) -> Judgement | None:
        """The annotator's last submission or skip that has not been withdrawn; None when there is none."""
        j = tables.judgement.c
        query = current(project_id).where(j.annotator == annotator, j.status != "withdrawn")
        with self._db.read() as db:
            row = db.execute(query.order_by(j.id.desc()).limit(1)).mappings().first()
        return judgement_from(row) if row else None

    def latest(self, project_id: int, task_id: str, annotator: str) -> Judgement | None:
        """The newest revision of this annotator on this task, withdrawn ones included; None before the first."""
        j = tables.judgement.c
        query = current(project_id).where(j.task_id == task_id, j.annotator == annotator)
        with self._db.read() as db:
            row = db.execute(query).mappings().first()
        return judgement_from(row) if row else None

    def judgements(self, project_id: int, status: str = "submitted") -> list[Judgement]:
        """The newest revision of every annotator on every task, if it has this status; oldest first."""
        j = tables.judgement.c
        with self._db.read() as db:
            rows = db.execute(current(project_id).where(j.status == status).order_by(j.id)).mappings()
            return [judgement_from(row) for row in rows]

    def under_keys(self, project_id: int, keys: Sequence[str]) -> list[Judgement]:
        """Those judgements that are stored under one of these idempotency keys."""
        with self._db.read() as db:
            return judgements_under(db, project_id, keys)

    def progress(self, project: Project, annotator: str) -> Progress:
        """How far this annotator and this project are."""
        j, today = tables.judgement.c, datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        mine = current(project.id).where(j.annotator == annotator, j.status == "submitted")
        with self._db.read() as db:
            return Progress(
                count(db, mine),
                count(db, mine.where(j.created_at >= today)),
                count(db, open_tasks(project, annotator)),
                count(db, sa.select(tables.task.c.id).where(tables.task.c.project_id == project.id)),
            )

    def size(self, project_id: int) -> tuple[int, int]:
        """How many tasks and how many revisions of judgements there are; it changes with everything that is added."""
        kept = (tables.task, tables.judgement)
        with self._db.read() as db:
            tasks, revisions = (count(db, sa.select(t).where(t.c.project_id == project_id)) for t in kept)
        return tasks, revisions

    # Fitted reward models

    def save_model(self, project_id: int, card: Mapping[str, Any], weights: bytes, created_by: str) -> StoredModel:
        """Store a fit as the project's next version."""
        column, now = tables.reward_model.c.version, datetime.now(UTC)
        newest = sa.select(sa.func.max(column)).where(tables.reward_model.c.project_id == project_id)
        with self._db.write() as db:
            version = (db.scalar(newest) or 0) + 1
            values = {"version": version, "created_by": created_by, "created_at": now, "card": dict(card)}
            insert(db, tables.reward_model, [{"project_id": project_id, "weights": weights, **values}])
        return StoredModel(**values)

    def models(self, project_id: int) -> list[StoredModel]:
        """Every stored fit, newest first, without its weights."""
        m = tables.reward_model.c
        query = sa.select(m.version, m.created_by, m.created_at, m.card).where(m.project_id == project_id)
        with self._db.read() as db:
            return [StoredModel(**row) for row in db.execute(query.order_by(m.version.desc())).mappings()]

    def model_weights(self, project_id: int, version: int) -> bytes:
        """The weights of one stored fit; InputError when there is no such version."""
        m = tables.reward_model.c
        with self._db.read() as db:
            weights = db.scalar(sa.select(m.weights).where(m.project_id == project_id, m.version == version))
        if weights is None:
            raise InputError(f"The project has no reward model of version {version}; fit one first.")
        return bytes(weights)
