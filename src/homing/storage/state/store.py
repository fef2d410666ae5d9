"""Where do rows live? In one SQL database behind SQLAlchemy Core; embedded that is a SQLite file in WAL mode.

One writer at a time, many readers. A write is one transaction: it commits whole or not at all, durable before
`write()` returns.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Dialect, Engine, LargeBinary, Table, create_engine, event, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from homing.core.errors import Transient
from homing.storage import schema
from homing.storage.migrate import migrate_state

WRITE_WAIT_S = 30
CHECKPOINT_PAGES = 10_000  # 40 MB: rows lie scattered, and a page that changes often is copied back once


class State:
    """The embedded state store.

    Args:
        path: the SQLite file; made when absent, migrated to the newest schema.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.RLock()
        self._asking = threading.Lock()
        self._asked: PoolProxiedConnection | None = None  # kept for `ask`
        self.engine = _engine(path)
        migrate_state(self.engine)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction; other writers wait for it.

        Raises:
            Transient: another writer held the store for too long.
        """
        if not self._lock.acquire(timeout=WRITE_WAIT_S):
            raise Transient(f"the state store was busy for {WRITE_WAIT_S} s, wanted to write")
        try:
            with self.engine.connect() as conn:
                conn.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield conn
                except BaseException:
                    conn.exec_driver_sql("ROLLBACK")
                    raise
                conn.exec_driver_sql("COMMIT")
        finally:
            self._lock.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read: one consistent picture for all statements inside."""
        with self.engine.connect() as conn:
            driver = driver_of(conn)
            driver.execute("BEGIN")  # the driver's own call: a read is asked for often and costs half of SQLAlchemy's
            try:
                yield conn
            finally:
                driver.execute("ROLLBACK")

    def ask(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """The rows of one statement by itself, in what is committed: a quarter of what `read` costs.

        Raises:
            Transient: the connection was closed.
        """
        with self._asking:
            if self._asked is None:
                self._asked = self.engine.raw_connection()
            driver: Any = self._asked.dbapi_connection
            if driver is None:
                raise Transient("the state store has let go of its connection")
            return list(driver.execute(sql, values))

    def close(self) -> None:
        """Let go of the file."""
        with self._asking:
            if self._asked is not None:
                self._asked.close()
                self._asked = None
        self.engine.dispose()


def driver_of(conn: Connection) -> Any:
    """The driver's own connection.

    Raises:
        Transient: it was closed.
    """
    driver = conn.connection.dbapi_connection
    if driver is None:
        raise Transient("the state store has let go of its connection")
    return driver


def upsert(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, replacing every non-key column where the primary key stands already.

    The statement is SQLAlchemy's, the rows go to the driver as they are: a flush writes thousands of them.

    Raises:
        Transient: the store cannot be written now.
    """
    _write(conn, table, rows, replacing=True)


def insert_new(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose primary key does not stand yet; leave the others as they are.

    Raises:
        Transient: the store cannot be written now.
    """
    _write(conn, table, rows, replacing=False)


def _write(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, replacing: bool) -> None:
    if not rows:
        return
    driver = driver_of(conn)
    sql, picked, written = _insert_into(table, tuple(rows[0]), conn.dialect, replacing)
    made: Iterable[Sequence[Any]] = map(picked, rows)
    if written:
        made = [_written(row, written) for row in made]
    try:
        driver.executemany(sql, made)
    except sqlite3.OperationalError as error:
        raise Transient(f"the state store cannot be written now: {error}") from error


@lru_cache(maxsize=256)  # SQLAlchemy takes a millisecond to put one together, and a flush wants ten
def _insert_into(
    table: Table, given: tuple[str, ...], dialect: Dialect, replacing: bool
) -> tuple[str, Callable[[Mapping[str, Any]], Sequence[Any]], list[tuple[int, Any]]]:
    """The statement, what picks a row's values in its order, and which of them are to be turned into the driver's."""
    statement = insert(table)
    if replacing:
        changed = {name: statement.excluded[name] for name in given if not table.columns[name].primary_key}
        whole = statement.on_conflict_do_update(index_elements=[c.name for c in table.primary_key], set_=changed)
    else:
        whole = statement.on_conflict_do_nothing()
    compiled = whole.compile(dialect=dialect, column_keys=list(given))
    names = compiled.positiontup or []
    writers = [(place, _writer(table.columns[name], dialect)) for place, name in enumerate(names)]
    first, *more = names
    picked = itemgetter(first, *more) if more else lambda row: (row[first],)
    return str(compiled), picked, [(place, write) for place, write in writers if write is not None]


def _written(row: Sequence[Any], written: Sequence[tuple[int, Any]]) -> Sequence[Any]:
    values = list(row)
    for place, write in written:
        values[place] = write(values[place])
    return values


def _writer(column: Column[Any], dialect: Dialect) -> Any:
    kind = column.type.dialect_impl(dialect)
    return None if isinstance(kind, LargeBinary) else kind.bind_processor(dialect)


def offset_of(conn: Connection, consumer: str) -> int:
    """The log offset a consumer has committed; 0 when it has not begun."""
    found = conn.execute(select(schema.consumer.c.log_offset).where(schema.consumer.c.name == consumer)).scalar()
    return int(found or 0)


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite+pysqlite:///{path}",
        poolclass=QueuePool,
        pool_size=16,
        max_overflow=32,
        json_serializer=_to_json,
        json_deserializer=msgspec.json.decode,
        connect_args={"check_same_thread": False, "timeout": WRITE_WAIT_S, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: object) -> None:
        cursor = raw.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            "cache_size=-65536",
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
