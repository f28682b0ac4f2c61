"""The tables, as SQLAlchemy Core sees them; the migrations make them, and a test holds the two together."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


class UtcTime(sa.TypeDecorator[datetime]):
    """A moment, stored in UTC and read back aware of it, on SQLite too."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """What goes in: any aware moment, as UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """What comes out: UTC, also from SQLite, which forgets the zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _of_project() -> sa.Column[int]:
    return sa.Column("project_id", sa.ForeignKey("project.id"), primary_key=True)


project = sa.Table(
    "project",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("guideline", sa.Text, nullable=False),
    sa.Column("overlap", sa.Integer, nullable=False),
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("flags", JSON, nullable=False),
    sa.Column("topics", JSON, nullable=False),
    sa.Column("criteria", JSON, nullable=False),
    sa.Column("scores", sa.Boolean, nullable=False),
    sa.Column("review", sa.Boolean, nullable=False),
    sa.Column("suggestions", sa.Text, nullable=False),
    sa.Column("thresholds", JSON, nullable=False),
    sa.Column("queues", JSON, nullable=False),
    sa.Column("alarms", JSON, nullable=False),
    sa.Column("glossary", JSON, nullable=False),
    sa.Column("seeds", JSON, nullable=False),
    sa.Column("routes", JSON, nullable=False),
    sa.Column("touched", sa.Integer, nullable=False),
)
"""`touched` counts how often its tasks were changed or read, so that what was made from them is known to be old."""
task = sa.Table(
    "task",
    METADATA,
    _of_project(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("prompt", JSON, nullable=False),
    sa.Column("responses", JSON, nullable=False),
    sa.Column("group", sa.Text, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("extra", sa.Integer, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("topics", JSON, nullable=False),
    sa.Column("gold", sa.Boolean, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("is_aside", sa.Boolean, nullable=False),
    sa.UniqueConstraint("project_id", "position"),
    sa.Index(None, "project_id", "is_open", "position"),
    sa.Index(None, "project_id", "is_aside"),
)
"""`is_open`: fewer people have judged it than the project's overlap and `extra` (second opinions) ask for.

`route` holds what `Project.routes` may name of it: `;language:ru;topic:health;`. `is_aside`: nobody is given it, and it
counts nowhere.
"""
judgement = sa.Table(
    "judgement",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("project_id", sa.Integer, nullable=False),
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("annotator", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("ranking", JSON, nullable=False),
    sa.Column("criteria", JSON, nullable=False),
    sa.Column("scores", JSON, nullable=False),
    sa.Column("none_acceptable", sa.Boolean, nullable=False),
    sa.Column("unrankable", sa.Boolean, nullable=False),
    sa.Column("flags", JSON, nullable=False),
    sa.Column("edits", JSON, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("skip_reason", sa.Text),
    sa.Column("shown_order", JSON, nullable=False),
    sa.Column("seconds", sa.Float),
    sa.Column("margin", sa.Float),
    sa.Column("suggested", JSON, nullable=False),
    sa.Column("queue", sa.Text),
    sa.Column("idempotency_key", sa.Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.ForeignKeyConstraint(["project_id", "task_id"], ["task.project_id", "task.id"]),
    sa.UniqueConstraint("project_id", "task_id", "annotator", "revision"),
    sa.UniqueConstraint("project_id", "idempotency_key"),
    sa.Index(None, "project_id", "annotator", "id"),
)
standing = sa.Table(
    "standing",
    METADATA,
    sa.Column("project_id", sa.Integer, primary_key=True),
    sa.Column("task_id", sa.Text, primary_key=True),
    sa.Column("annotator", sa.Text, primary_key=True),
    sa.Column("judgement_id", sa.ForeignKey("judgement.id"), nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Index(None, "project_id", "annotator", "status", "created_at"),
    sa.Index(None, "project_id", "annotator", "is_open", "position"),
)
"""The newest revision of each annotator on each task, unless it was withdrawn; it follows from the judgements.

`position` and `is_open` are those of the task.
"""
assignment = sa.Table(
    "assignment",
    METADATA,
    sa.Column("project_id", sa.Integer, primary_key=True),
    sa.Column("task_id", sa.Text, primary_key=True),
    sa.Column("annotator", sa.Text, primary_key=True),
    sa.Column("base_revision", sa.Integer, nullable=False),
    sa.Column("given_at", UtcTime, nullable=False),
    sa.Column("touched_at", UtcTime, nullable=False),
    sa.Column("draft", sa.JSON(none_as_null=True)),
    sa.Column("queue", sa.Text),
    sa.ForeignKeyConstraint(["project_id", "task_id"], ["task.project_id", "task.id"]),
    sa.Index(None, "project_id", "annotator", "given_at"),
)
"""A task in an annotator's hands. A draft is the browser's text as it came: JSON, because JSONB refuses some of it."""
person = sa.Table(
    "person",
    METADATA,
    sa.Column("annotator", sa.Text, primary_key=True),
    sa.Column("settings", JSON, nullable=False),
)
load = sa.Table(
    "load",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("project_id", sa.ForeignKey("project.id"), nullable=False, index=True),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("licence", sa.Text, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("rows_used", sa.Integer, nullable=False),
    sa.Column("rows_rejected", sa.Integer, nullable=False),
    sa.Column("tasks", sa.Integer, nullable=False),
    sa.Column("judgements", sa.Integer, nullable=False),
    sa.Column("merged", sa.Integer, nullable=False),
    sa.Column("masked", JSON, nullable=False),
    sa.Column("added", JSON, nullable=False),
    sa.Column("unasked", JSON, nullable=False),
    sa.Column("rejections", JSON, nullable=False),
    sa.Column("loaded_by", sa.Text, nullable=False),
    sa.Column("loaded_at", UtcTime, nullable=False),
)
reward_model = sa.Table(
    "reward_model",
    METADATA,
    _of_project(),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("card", JSON, nullable=False),
    sa.Column("weights", sa.LargeBinary, nullable=False),
)
flag_model = sa.Table(
    "flag_model",
    METADATA,
    _of_project(),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("card", JSON, nullable=False),
    sa.Column("weights", sa.LargeBinary, nullable=False),
)
topic_model = sa.Table(
    "topic_model",
    METADATA,
    _of_project(),
    sa.Column("learned", JSON, nullable=False),
)
"""What the labels of a project have taught about sensitive topics."""
topic_reading = sa.Table(
    "topic_reading",
    METADATA,
    _of_project(),
    sa.Column("by", sa.Text, nullable=False),
)
"""By what the topics of all tasks were last read."""
queued = sa.Table(
    "queued",
    METADATA,
    sa.Column("project_id", sa.Integer, primary_key=True),
    sa.Column("queue", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("again", sa.Boolean, nullable=False),
    sa.ForeignKeyConstraint(["project_id", "task_id"], ["task.project_id", "task.id"]),
    sa.Index(None, "project_id", "queue", "place"),
)
"""Tasks that a queue wants judged; each time a queue is filled anew, its rows are replaced."""
watched_answer = sa.Table(
    "watched_answer",
    METADATA,
    _of_project(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("written_at", UtcTime, nullable=False),
    sa.Column("prompt", sa.Text, nullable=False),
    sa.Column("response", sa.Text, nullable=False),
    sa.Column("group", sa.Text, nullable=False),
    sa.Column("model_version", sa.Integer, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("unlike", sa.Float, nullable=False),
    sa.Column("flags", JSON, nullable=False),
    sa.Index(None, "project_id", "source", "written_at"),
)
change = sa.Table(
    "change",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("project_id", sa.Integer, nullable=False),
    sa.Column("batch", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("part", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("undone_by", sa.Text),
    sa.Column("undone_at", UtcTime),
    sa.ForeignKeyConstraint(["project_id", "task_id"], ["task.project_id", "task.id"]),
    sa.Index(None, "project_id", "task_id"),
)
dataset_version = sa.Table(
    "dataset_version",
    METADATA,
    _of_project(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("choice", JSON, nullable=False),
    sa.Column("files", JSON, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("left_out", JSON, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
)
dataset_block = sa.Table(
    "dataset_block",
    METADATA,
    sa.Column("project_id", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("file", sa.Text, primary_key=True),
    sa.Column("at", sa.Integer, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(["project_id", "number"], ["dataset_version.project_id", "dataset_version.number"]),
)
"""The files of a version, packed with zlib, in blocks of some megabytes."""
