"""What a project's labels have taught about sensitive topics, and by what its tasks were last read."""

import sqlalchemy as sa

from data import tables
from data.clean.topic_labels import LearnedTopics
from data.database import Database
from data.errors import checked
from data.queries import insert
from data.standing import hold


class TopicModels:
    """The part of the store that keeps what labels have taught about topics."""

    _db: Database

    def keep_learned_topics(self, project_id: int, learned: LearnedTopics) -> None:
        """Keep what was learned, in place of what was."""
        with self._db.write() as db:
            _forget(db, project_id)
            insert(db, tables.topic_model, [{"project_id": project_id, "learned": learned.model_dump(mode="json")}])

    def learned_topics(self, project_id: int) -> LearnedTopics | None:
        """What was learned last; None where nothing was, or it was forgotten."""
        t = tables.topic_model.c
        with self._db.read() as db:
            kept = db.scalar(sa.select(t.learned).where(t.project_id == project_id))
        return checked(LearnedTopics, kept) if kept else None

    def forget_learned_topics(self, project_id: int) -> None:
        """Go back to the lists of words."""
        with self._db.write() as db:
            _forget(db, project_id)

    def note_read(self, project_id: int, by: str) -> None:
        """Note by what the topics of all tasks were read, as `read_by` names it."""
        t = tables.topic_reading.c
        with self._db.write() as db:
            hold(db, project_id)
            db.execute(sa.delete(tables.topic_reading).where(t.project_id == project_id))
            insert(db, tables.topic_reading, [{"project_id": project_id, "by": by}])

    def last_read(self, project_id: int) -> str:
        """By what the topics of all tasks were last read; empty where they never were."""
        t = tables.topic_reading.c
        with self._db.read() as db:
            return db.scalar(sa.select(t.by).where(t.project_id == project_id)) or ""


def _forget(db: sa.Connection, project_id: int) -> None:
    hold(db, project_id)
    db.execute(sa.delete(tables.topic_model).where(tables.topic_model.c.project_id == project_id))
