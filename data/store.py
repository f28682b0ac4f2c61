"""Where projects, tasks, judgements and fitted models are kept.

Judgements are only ever added. The newest revision of one annotator on one task is the one that counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from data import tables
from data.assignments import Assignment, draft_kept, given, judged_by, put_in_hand, still_at, take_from_hand
from data.changes import Changes
from data.database import Database, database_url
from data.datasets import Datasets
from data.errors import InputError, Sentence, checked
from data.flag_models import FlagModels
from data.learned_topics import TopicModels
from data.models import RewardModels
from data.queries import (
    PAGE,
    Size,
    aside,
    count,
    insert,
    is_task,
    judgement_from,
    judgements_under,
    last_standing,
    newest_revision,
    plain,
    project_from,
    project_of,
    standing,
    task_from,
    tasks_under,
    without,
)
from data.queues import MOST_QUEUED, fill, sizes, waiting
from data.readings import Readings
from data.revisions import Added, Submission, add_new, submit
from data.routing import Routing
from data.schemas import Judgement, Load, Project, QueuedTask, QueueName, Task, check_fits
from data.standing import Progress, hold, progress, settle_overlap
from data.watched import WatchedAnswers

__all__ = ["Added", "Assignment", "Progress", "Size", "Store", "Submission"]


class Store(RewardModels, FlagModels, WatchedAnswers, Changes, Readings, TopicModels, Routing, Datasets):
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
            return [project_from(row) for row in rows]

    def project(self, name: str) -> Project:
        """The project of this name; InputError when there is none."""
        found = [p for p in self.projects() if p.name == name]
        if not found:
            names = ", ".join(f"“{p.name}”" for p in self.projects()) or Sentence("none yet")
            raise InputError("There is no project “{name}”; the projects are: {projects}.", name=name, projects=names)
        return found[0]

    def create_project(self, project: Project) -> Project:
        """Store a new project and return it with its id; InputError when the name is taken."""
        try:
            with self._db.write() as db:
                made = db.execute(sa.insert(tables.project).values(_row(project)))
                (key,) = made.inserted_primary_key or (0,)
        except IntegrityError:
            raise InputError("There is already a project “{name}”; choose another name.", name=project.name) from None
        return project.model_copy(update={"id": key})

    def update_project(self, project: Project, before: Project | None = None) -> None:
        """Store the settings of a project that is there already: all but its name and its seed.

        InputError when `before` is given, and is not how the project is stored any more.
        """
        values = project.model_dump(mode="json", exclude={"id", "name", "seed"})
        with self._db.write() as db:
            hold(db, project.id)
            if before and before != project_of(db, project.id):
                raise InputError("Somebody has changed this project meanwhile; reload it and make your changes again.")
            db.execute(sa.update(tables.project).where(tables.project.c.id == project.id).values(values))
            settle_overlap(db, project.id)

    # What comes in

    def add(self, project_id: int, tasks: Sequence[Task], judgements: Sequence[Judgement] = ()) -> Added:
        """Add what is not there yet, in one transaction: tasks by id, judgements by idempotency key.

        A second judgement of one annotator on one task becomes the next revision.
        """
        with self._db.write() as db:
            return add_new(db, project_id, tasks, judgements)

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
        """Every task of a project that is not set aside, in the order they came in."""
        t = tables.task.c
        query = sa.select(tables.task).where(t.project_id == project_id, ~t.is_aside).order_by(t.position)
        with self._db.read() as db:
            for row in db.execution_options(yield_per=PAGE).execute(query).mappings():
                yield task_from(row)

    def task(self, project_id: int, task_id: str) -> Task:
        """The task with this id; InputError when the project has none."""
        with self._db.read() as db:
            row = db.execute(sa.select(tables.task).where(*is_task(project_id, task_id))).mappings().first()
        if row is None:
            raise _no_task()
        return task_from(row)

    def tasks_under(self, project_id: int, ids: Sequence[str]) -> list[Task]:
        """Those tasks that have one of these ids."""
        with self._db.read() as db:
            return tasks_under(db, project_id, ids)

    # Judgements

    def submit(self, project_id: int, judgement: Judgement, base_revision: int = 0) -> Submission:
        """Store a judgement made on top of `base_revision` (0: the annotator's first on this task).

        Committed when it returns. The same submission again (double click, retry, second tab) changes nothing and
        returns what is stored. InputError when it does not fit the task, or when `base_revision` is not the newest.
        """
        return self._submitted(project_id, judgement, base_revision)

    def withdraw(self, project_id: int, judgement: Judgement) -> Judgement:
        """Take back a submission or skip, as a new revision, and put its task into the annotator's hands.

        InputError when it is not the newest any more.
        """
        taken_back = judgement.model_copy(update={"status": "withdrawn", "skip_reason": None})
        return self._submitted(project_id, taken_back, judgement.revision).judgement

    def _submitted(self, project_id: int, judgement: Judgement, base_revision: int) -> Submission:
        check_fits(judgement, self.task(project_id, judgement.task_id))
        with self._db.write() as db:
            return submit(db, project_id, judgement, base_revision)

    def last_standing(self, project_id: int, annotator: str) -> Judgement | None:
        """The annotator's last submission or skip that has not been withdrawn; None when there is none."""
        with self._db.read() as db:
            return last_standing(db, project_id, annotator)

    def latest(self, project_id: int, task_id: str, annotator: str) -> Judgement | None:
        """The newest revision of this annotator on this task, withdrawn ones included; None before the first."""
        with self._db.read() as db:
            return newest_revision(db, project_id, task_id, annotator)

    def judgements(self, project_id: int, status: str = "submitted") -> list[Judgement]:
        """The newest revision of every annotator on every task, if it is submitted (or skipped); oldest first.

        Those on tasks that are set aside are not among them.
        """
        j = tables.judgement.c
        kept = j.status == status, j.task_id.not_in(aside(project_id))
        with self._db.read() as db:
            rows = db.execute(standing(project_id).where(*kept).order_by(j.id)).mappings()
            return [judgement_from(row) for row in rows]

    def under_keys(self, project_id: int, keys: Sequence[str]) -> list[Judgement]:
        """Those judgements that are stored under one of these idempotency keys."""
        with self._db.read() as db:
            return judgements_under(db, project_id, keys)

    def progress(self, project: Project, annotator: str, since: datetime | None = None) -> Progress:
        """How far this annotator and this project are; today began at `since` (by default, at midnight in UTC)."""
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        with self._db.read() as db:
            return progress(db, project, annotator, since or midnight)

    def size(self, project_id: int) -> Size:
        """How large the project is; it changes with everything that is added or changed."""
        p = tables.project.c
        with self._db.read() as db:
            tasks = count(db, tables.task.c.project_id == project_id)
            judgements = count(db, tables.judgement.c.project_id == project_id)
            return Size(tasks, judgements, db.scalar(sa.select(p.touched).where(p.id == project_id)) or 0)

    # Tasks in hand

    def assign(self, project: Project, annotator: str, now: datetime | None = None) -> Assignment | None:
        """What this annotator is to judge now: what lies in hand, else the first task that needs it; None: none does.

        Nobody is given a task that enough others are at; so it may be None while somebody is at the last ones.
        """
        moment = now or datetime.now(UTC)
        with self._db.read() as db:
            if found := still_at(db, project.id, annotator, moment):
                return found
        with self._db.write() as db:
            hold(db, project.id)
            return given(db, project, annotator, moment)

    def give(self, project_id: int, task_id: str, annotator: str) -> None:
        """Put a task into the annotator's hands, before all that lies there; InputError when there is no such task."""
        with self._changing_hands(project_id) as db:
            put_in_hand(db, project_id, task_id, annotator, datetime.now(UTC))

    def put_back(self, project_id: int, task_id: str, annotator: str) -> None:
        """Take a task out of the annotator's hands, and its draft with it."""
        with self._changing_hands(project_id) as db:
            take_from_hand(db, project_id, task_id, annotator)

    def keep_draft(
        self, project_id: int, task_id: str, annotator: str, base_revision: int, draft: Mapping[str, Any]
    ) -> bool:
        """Keep what an annotator has said so far; False when the task has been judged since `base_revision`.

        InputError when there is no such task.
        """
        with self._changing_hands(project_id) as db:
            return draft_kept(db, (project_id, task_id, annotator), base_revision, draft, datetime.now(UTC))

    @contextmanager
    def _changing_hands(self, project_id: int) -> Iterator[sa.Connection]:
        try:
            with self._db.write() as db:
                hold(db, project_id)
                yield db
        except IntegrityError:
            raise _no_task() from None

    def work_of(self, project_id: int, annotator: str) -> list[tuple[Judgement, Task]]:
        """What stands of an annotator's judgements, skips included, each with its task; newest first."""
        with self._db.read() as db:
            return judged_by(db, project_id, annotator)

    # What to judge next

    def fill_queue(self, project_id: int, queue: QueueName, wanted: Sequence[QueuedTask]) -> None:
        """Put these tasks into a queue in place of those that stand there; none empties it."""
        with self._db.write() as db:
            hold(db, project_id)
            fill(db, project_id, queue, wanted)

    def queue(self, project_id: int, queue: QueueName, most: int = MOST_QUEUED) -> list[QueuedTask]:
        """What waits in a queue, the most urgent first."""
        with self._db.read() as db:
            return waiting(db, project_id, queue, most)

    def queue_sizes(self, project_id: int) -> Mapping[QueueName, int]:
        """How many tasks wait in each queue; queues in which none waits are absent."""
        with self._db.read() as db:
            return sizes(db, project_id)

    # People

    def settings_of(self, annotator: str) -> dict[str, Any]:
        """What a person has set for themselves, in every project; empty when nothing is."""
        p = tables.person.c
        with self._db.read() as db:
            return dict(db.scalar(sa.select(p.settings).where(p.annotator == annotator)) or {})

    def keep_settings(self, annotator: str, settings: Mapping[str, Any]) -> None:
        """Keep a person's settings, in place of those that were kept."""
        p = tables.person.c
        with self._db.write() as db:
            hold(db, 0)  # no project has this number
            changed = sa.update(tables.person).where(p.annotator == annotator).values(settings=dict(settings))
            if not db.execute(changed).rowcount:
                insert(db, tables.person, [{"annotator": annotator, "settings": dict(settings)}])


def _row(project: Project) -> dict[str, Any]:
    return project.model_dump(mode="json", exclude={"id"}) | {"touched": 0}


def _no_task() -> InputError:
    return InputError("This task is no longer in the project; reload the page.")
