"""Keys and texts of a file's rows, kept on disk once they outgrow a little memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any


class Spill:
    """A temporary SQLite database (one without a name, which SQLite holds in memory until its cache is full).

    Whatever a file holds, it costs 16 MB of memory and the disk space of its rows.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for statement in (
            "PRAGMA cache_size = -16000",
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "PRAGMA temp_store = FILE",
            "CREATE TABLE seen (key TEXT PRIMARY KEY, row INTEGER) WITHOUT ROWID",
            "CREATE TABLE text (key TEXT PRIMARY KEY, value TEXT)",
            "CREATE TABLE member (key TEXT, row INTEGER, value TEXT, PRIMARY KEY (key, row)) WITHOUT ROWID",
            "BEGIN",
        ):
            self._db.execute(statement)

    def close(self) -> None:
        """Forget everything."""
        self._db.close()

    def first(self, key: str, row: int) -> int:
        """The row that had this key first: `row` itself when the key is new."""
        if self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, row)).rowcount:
            return row
        found: int = self._db.execute("SELECT row FROM seen WHERE key = ?", (key,)).fetchone()[0]
        return found

    def put(self, key: str, value: str) -> bool:
        """Keep a text under a key; False when the key is taken."""
        return bool(self._db.execute("INSERT OR IGNORE INTO text VALUES (?, ?)", (key, value)).rowcount)

    def get(self, key: str) -> str | None:
        """The text under a key."""
        found = self._db.execute("SELECT value FROM text WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None

    def collect(self, members: Iterable[tuple[str, int, str]]) -> None:
        """Keep members of groups: key of the group, row, text."""
        self._db.executemany("INSERT INTO member VALUES (?, ?, ?)", members)

    def groups(self) -> Iterator[Any]:
        """All members (key, row, text), group by group in the order of the groups' first rows."""
        return self._db.execute(
            "SELECT m.key, m.row, m.value FROM member m "
            "JOIN (SELECT key, min(row) AS first FROM member GROUP BY key) g ON g.key = m.key ORDER BY g.first, m.row"
        )
