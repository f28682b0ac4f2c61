"""What the routes of a project come to: which tasks wait for whom, and who is here."""

import sqlalchemy as sa

from data import tables
from data.database import Database
from data.queries import open_tasks
from data.routes import Waiting, is_for
from data.schemas import Project


class Routing:
    """The part of the store that tells what waits for whom."""

    _db: Database

    def waiting(self, project_id: int) -> Waiting:
        """The tasks that lack judgements by their routes, and how many of them each annotator has been through."""
        t, s, n = tables.task.c, tables.standing.c, sa.func.count()
        tasks = sa.select(t.route, n).where(t.project_id == project_id, t.is_open).group_by(t.route)
        same = sa.and_(t.project_id == s.project_id, t.id == s.task_id)
        judged = sa.select(s.annotator, t.route, n).select_from(tables.standing.join(tables.task, same))
        through = judged.where(s.project_id == project_id, s.is_open).group_by(s.annotator, t.route)
        with self._db.read() as db:
            return Waiting(
                {route: count for route, count in db.execute(tasks)},
                {(who, route): count for who, route, count in db.execute(through)},
            )

    def annotators(self, project_id: int) -> list[str]:
        """Everybody who has judged or been given a task of the project, by name."""
        found = (
            sa.select(table.c.annotator).where(table.c.project_id == project_id)
            for table in (tables.standing, tables.assignment)
        )
        with self._db.read() as db:
            return sorted(db.scalars(sa.union(*found)))

    def withheld(self, project: Project, annotator: str) -> int:
        """How many tasks lack judgements that the routes give to others only, and not to this annotator."""
        if not project.routes:
            return 0
        others = open_tasks(project.id, annotator).where(~is_for(project, annotator)).subquery()
        with self._db.read() as db:
            return db.scalar(sa.select(sa.func.count()).select_from(others)) or 0
