"""A database engine for SQLite or PostgreSQL, brought to the newest migration."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

LOCAL = Path(__file__).parent / "local"
MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 7_265_873
"""An arbitrary constant: the PostgreSQL advisory lock that lets one process migrate at a time."""


def database_url() -> str:
    """`DATABASE_URL` from the environment, or the SQLite file in data/local."""
    return os.environ.get("DATABASE_URL") or f"sqlite:///{LOCAL / 'rankdesk.db'}"


class Database:
    """Short transactions on one engine: `write()` and `read()`.

    On SQLite a write begins with BEGIN IMMEDIATE (a deferred one that reads first fails with "database is locked"
    whatever the busy timeout), and one lock a process keeps the waiting fair. Commits are synced to disk
    (synchronous=FULL), so an acknowledged judgement survives a power cut.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._reader = self._engine.execution_options(read_only=True)
        self._writing = Lock()
        self._migrate()

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction that may change data; committed at the end of the block, undone on an exception."""
        with self._writing, self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One transaction that only reads; it never waits for a writer."""
        with self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.read() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        if current == ScriptDirectory.from_config(config).get_current_head():
            return
        with self.write() as connection:
            if self.dialect == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _engine(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        # What is read after a lock has been waited for must be what the writer before has left.
        level = "READ COMMITTED"
        return sa.create_engine(parsed, isolation_level=level, pool_pre_ping=True, pool_size=20, max_overflow=20)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, connect_args={"timeout": 15}, pool_size=20, max_overflow=20)
    sa.event.listen(engine, "connect", _on_connect)
    sa.event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: sa.Connection) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
