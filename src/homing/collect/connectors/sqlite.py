"""Read a table or a query of a SQLite file, opened for reading alone."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from homing.collect.connectors.connector import Row, connectors
from homing.collect.connectors.tables import Reading, TablePuller, plain_row
from homing.core.errors import HomingError, InvalidInput, Transient
from homing.core.form import ask

BUSY_S = 10.0
STEPS = 100_000  # of the database's machine between two looks at the time
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_WAIT = frozenset({"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_INTERRUPT", "SQLITE_NOMEM"})


@connectors.register("sqlite")
class Sqlite(TablePuller, frozen=True):
    """Rows of a table or query of a SQLite file on this machine, whole or behind a cursor column; never written to.

    本机 SQLite 文件中的表或查询，可全量或按游标列增量读取，绝不写入。
    """

    path: Path = ask("The database file", "数据库文件路径")

    @contextmanager
    def open(self) -> Iterator[Reading]:
        """A connection that cannot write."""
        if not self.path.is_file():
            raise InvalidInput(f"there is no file {self.path.name!r}", field="path")
        conn = None
        try:
            conn = sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
            conn.text_factory = lambda raw: raw.decode("utf-8", "replace")
            conn.execute("PRAGMA query_only = ON")
            conn.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
            yield _Reading(conn, self.timeout_s)
        except sqlite3.Error as error:
            raise _meant(error) from None
        finally:
            if conn is not None:
                conn.close()

    def quote(self, name: str) -> str:
        """A name in double quotation marks."""
        return '"' + name.replace('"', '""') + '"'


class _Reading:
    """One connection."""

    def __init__(self, conn: sqlite3.Connection, timeout_s: int) -> None:
        self._conn = conn
        self._timeout_s = timeout_s
        self._ends = 0.0
        conn.set_progress_handler(lambda: time.monotonic() > self._ends, STEPS)

    def stream(self, sql: str, values: Sequence[Any], size: int) -> Iterator[list[dict[str, Any]]]:
        """The rows of a statement."""
        bound = [v if isinstance(v, int | float | str) else str(v) for v in values]
        self._ends = time.monotonic() + self._timeout_s
        cursor = self._conn.execute(sql, bound)
        names = [d[0] for d in cursor.description]
        while rows := cursor.fetchmany(size):
            yield [dict(zip(names, row, strict=True)) for row in rows]
            self._ends = time.monotonic() + self._timeout_s

    def plain(self, row: dict[str, Any]) -> Row:
        """A row as JSON."""
        return plain_row(row)


def _meant(error: sqlite3.Error) -> HomingError:
    """The error as ours."""
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    if any(name.startswith(code) for code in _WAIT):
        return Transient(f"the file cannot be read now ({name})")
    return InvalidInput(f"SQLite refuses ({name}): {str(error)[:200]}", field="settings")
