"""Answers of released models as they are kept: what was answered, and what the reward model made of it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from data import tables
from data.database import Database
from data.queries import PAGE, insert, known_keys, without
from data.schemas import WatchedAnswer, WatchedScore
from data.standing import hold

_SCORING = ("model_version", "score", "unlike", "flags")
"""What changes when an answer is scored again."""


class WatchedSize(NamedTuple):
    """How many answers are kept, the least and the largest version of the model that scored them (0: there are none).

    `sum` adds the scores, so that it all changes whenever an answer comes in or is scored again.
    """

    n: int
    least: int
    most: int
    sum: float


class WatchedAnswers:
    """The part of the store that keeps the answers of released models."""

    _db: Database

    def add_watched(self, project_id: int, answers: Sequence[WatchedAnswer]) -> int:
        """Keep answers and return how many were new; those that are there already take over the new scores."""
        table, by_id = tables.watched_answer, {answer.id: answer for answer in answers}
        with self._db.write() as db:
            hold(db, project_id)
            known = known_keys(db, table, table.c.id, project_id, list(by_id))
            insert(db, table, [_row(project_id, answer) for answer in by_id.values() if answer.id not in known])
            _score_again(db, [_row(project_id, by_id[key]) for key in sorted(known)])
        return len(by_id) - len(known)

    def watched(self, project_id: int) -> list[WatchedAnswer]:
        """All watched answers, oldest first."""
        w = tables.watched_answer.c
        query = sa.select(tables.watched_answer).where(w.project_id == project_id).order_by(w.written_at, w.id)
        with self._db.read() as db:
            rows = db.execution_options(yield_per=PAGE).execute(query).mappings()
            return [WatchedAnswer(**without(row, "project_id")) for row in rows]

    def watched_scores(self, project_id: int, version: int) -> list[WatchedScore]:
        """What this version of the model made of the watched answers, oldest first, without the answers themselves."""
        w = tables.watched_answer.c
        columns = [w[name] for name in WatchedScore.model_fields]
        query = sa.select(*columns).where(w.project_id == project_id, w.model_version == version)
        with self._db.read() as db:
            rows = db.execution_options(yield_per=PAGE).execute(query.order_by(w.written_at, w.id)).mappings()
            return [WatchedScore(**row) for row in rows]

    def watched_size(self, project_id: int) -> WatchedSize:
        """How many answers are watched, and by which versions of the model."""
        w = tables.watched_answer.c
        query = sa.select(sa.func.count(), sa.func.min(w.model_version), sa.func.max(w.model_version))
        with self._db.read() as db:
            n, least, most, added = db.execute(
                query.add_columns(sa.func.sum(w.score)).where(w.project_id == project_id)
            ).one()
        return WatchedSize(int(n), int(least or 0), int(most or 0), float(added or 0.0))


def _score_again(db: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    table = tables.watched_answer
    here = table.c.project_id == sa.bindparam("of_project"), table.c.id == sa.bindparam("of_id")
    changed = sa.update(table).where(*here).values({name: sa.bindparam(f"new_{name}") for name in _SCORING})
    names = {"project_id": "of_project", "id": "of_id", **{name: f"new_{name}" for name in _SCORING}}
    db.execute(changed, [{names[name]: value for name, value in row.items() if name in names} for row in rows])


def _row(project_id: int, answer: WatchedAnswer) -> dict[str, Any]:
    return {"project_id": project_id, **answer.model_dump(), "flags": dict(answer.flags)}
