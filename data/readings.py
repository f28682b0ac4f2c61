"""What was read in tasks: the language of the prompt and the sensitive topics."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import sqlalchemy as sa

from data import tables
from data.database import Database
from data.queries import PAGE
from data.routes import route_of
from data.schemas import Slice, slices_of
from data.standing import hold


class Reading(NamedTuple):
    """The language of a prompt (ISO 639-1, or empty) and the topics of its task."""

    language: str
    topics: tuple[str, ...]


class Readings:
    """The part of the store that keeps what was read in tasks."""

    _db: Database

    def keep_readings(self, project_id: int, readings: Mapping[str, Reading]) -> None:
        """Keep the language and the topics of tasks, by task id, in place of those that were kept."""
        with self._db.write() as db:
            hold(db, project_id)
            each = iter(readings.items())
            while some := list(islice(each, PAGE)):
                _keep(db, project_id, some)
            p = tables.project.c
            db.execute(sa.update(tables.project).where(p.id == project_id).values(touched=p.touched + 1))

    def slices(self, project_id: int) -> dict[Slice, int]:
        """The topics and languages of the tasks that are not set aside, with the number of tasks in each."""
        t, counts = tables.task.c, Counter[Slice]()
        routes = sa.select(t.route, sa.func.count()).where(t.project_id == project_id, ~t.is_aside).group_by(t.route)
        with self._db.read() as db:
            for route, n in db.execute(routes):
                counts.update(dict.fromkeys(_slices(route), n))
        return dict(counts)


def _slices(route: str) -> tuple[Slice, ...]:
    """The slices of the tasks of a route, as `data.routes` writes it."""
    named = [name.split(":", 1) for name in route.split(";") if name]
    language = next((name for by, name in named if by == "language"), "")
    return slices_of(language, [name for by, name in named if by == "topic"])


def _keep(db: sa.Connection, project_id: int, readings: Sequence[tuple[str, Reading]]) -> None:
    t = tables.task.c
    changed = (
        sa.update(tables.task)
        .where(t.project_id == sa.bindparam("of_project"), t.id == sa.bindparam("of_task"))
        .values({name: sa.bindparam(f"new_{name}") for name in ("language", "topics", "route")})
    )
    rows = [
        {
            "of_project": project_id,
            "of_task": task_id,
            "new_language": reading.language,
            "new_topics": list(reading.topics),
            "new_route": route_of(*reading),
        }
        for task_id, reading in readings
    ]
    db.execute(changed, rows)
