"""How does one laptop answer questions over everything? One DuckDB file, one loading thread, many reading cursors.

A load is one transaction that carries its own mark, so loading the same offsets again changes nothing. The process
that loads holds the file; nobody else may open it meanwhile.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from homing.core.errors import Conflict, InvalidInput
from homing.core.query import Query
from homing.storage.warehouse import rename, seal
from homing.storage.warehouse.ahead import Ahead
from homing.storage.warehouse.columns import Batch
from homing.storage.warehouse.marks import EVENTS_MARK, mark_of, set_mark
from homing.storage.warehouse.tables import GUARDED, MIGRATIONS, OPEN

_VARIANT = {"properties", "traits", "context", "stats"}
USER_S = 30.0
_UNGUARDED = re.compile(
    r"\b(?:event_row|order_line_row|product_row|trait_row|renamed_row)\b|\bquery(?:_table)?\s*\(", re.IGNORECASE
)


class Warehouse:
    """The embedded warehouse.

    Args:
        path: the DuckDB file; made when absent, migrated to the newest tables.
        threads: threads a query may use.
        memory_mb: memory all queries together may use before they spill to disk.
    """

    def __init__(self, path: Path, *, threads: int = 2, memory_mb: int = 1024) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        try:
            self._root = duckdb.connect(
                str(path),
                config={
                    "threads": threads,
                    "memory_limit": f"{memory_mb}MB",
                    "checkpoint_threshold": "256MB",
                    "enable_external_access": False,
                    "preserve_insertion_order": False,
                    "write_buffer_row_group_count": 1,  # a group of rows that is full is written, the commit is short
                },
            )
        except duckdb.IOException as error:
            raise Conflict(
                "another process holds the warehouse of this workspace open, wanted it for ourselves"
            ) from error
        self._memory_mb = memory_mb
        self._writing = threading.RLock()
        self.defined_now: Callable[[], Any] = lambda: None  # the traits in force, for conditions that name them
        self._migrate()
        found = self._root.execute("SELECT source_id FROM closed_source").fetchall()
        self._closed = frozenset(str(row[0]) for row in found)
        self.closed_now: Callable[[], frozenset[str]] | None = None  # asked before every question

    # -- questions -----------------------------------------------------------------------------------------------------
    def ask(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._cursor() as cur:
            return cur.execute(query.sql, dict(query.params)).fetchall()

    def ask_dicts(self, query: Query) -> list[dict[str, Any]]:
        """The rows of a query, each by column name."""
        with self._cursor() as cur:
            cur.execute(query.sql, dict(query.params))
            names = [d[0] for d in cur.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cur.fetchall()]

    def ask_arrow(self, query: Query) -> pa.Table:
        """The rows of a query as an Arrow table."""
        with self._cursor() as cur:
            return cur.sql(query.sql, params=dict(query.params)).to_arrow_table()

    def ask_user(
        self, sql: str, *, limit: int = 10_000, seconds: float = USER_S
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """A statement a person wrote: one SELECT, read-only, at most `limit` rows and so many seconds.

        Returns:
            (column names, rows).

        Raises:
            InvalidInput: not one SELECT, or DuckDB cannot run it; its words are passed on.
        """
        if _UNGUARDED.search(sql):
            raise InvalidInput("the statement reaches around the views, wanted events, customers, sends …", field="sql")
        try:
            statements = duckdb.extract_statements(sql)
        except duckdb.Error as error:
            raise InvalidInput(f"the statement cannot be read: {error}", field="sql") from error
        kinds = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
        if len(statements) != 1 or statements[0].type not in kinds:
            raise InvalidInput("wanted one SELECT; nothing else may be run here", field="sql")
        with self._cursor() as cur:
            too_long = threading.Timer(seconds, cur.interrupt)
            too_long.daemon = True
            too_long.start()
            try:
                cur.execute("BEGIN TRANSACTION READ ONLY")
                cur.execute(statements[0])
                return [d[0] for d in cur.description or ()], cur.fetchmany(limit)
            except duckdb.InterruptException as error:
                raise InvalidInput(f"the statement ran for {seconds:g} s, wanted a lighter one", field="sql") from error
            except duckdb.Error as error:
                raise InvalidInput(f"the statement cannot be run: {error}", field="sql") from error
            finally:
                too_long.cancel()
                too_long.join()  # an interrupt must not meet a cursor that is closed

    # -- what may be read ----------------------------------------------------------------------------------------------
    def close_sources(self, sources: Iterable[str]) -> None:
        """From now on nobody reads what came from these sources, and everybody what came from all others."""
        wanted = frozenset(sources)
        with self._writing:
            if wanted == self._closed:
                return
            with self._transaction() as cur:
                cur.execute("DELETE FROM closed_source")
                for source in sorted(wanted):
                    cur.execute("INSERT INTO closed_source VALUES ($source)", {"source": source})
                if bool(wanted) != bool(self._closed):
                    for statement in duckdb.extract_statements(GUARDED if wanted else OPEN):
                        cur.execute(statement)
            self._closed = wanted

    # -- loading -------------------------------------------------------------------------------------------------------
    def mark(self, name: str = EVENTS_MARK) -> int:
        """How far a copy has come: the last log offset loaded, or the last change copied; 0 at the beginning."""
        with self._plain_cursor() as cur:
            return mark_of(cur, name)

    def load(self, batch: Batch) -> int:
        """Load events above the mark, move the mark; return how many rows were new. One transaction."""
        with self._writing, self.ahead() as rows:
            return rows.add(batch)

    def ahead(self) -> Ahead:
        """A transaction for events, open until whoever asked for it ends it; there is one at a time."""
        return Ahead(self._quiet_cursor, self.give_back)

    def replace(self, table: str, key: str, rows: pa.Table, marks: Mapping[str, int]) -> None:
        """Put `rows` in the place of those with the same `key`, and move marks. One transaction."""
        with self._transaction() as cur:
            if rows.num_rows:
                cur.register("incoming", rows)
                cur.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM incoming)")
                cur.execute(f"INSERT INTO {table} BY NAME SELECT {_selected(rows.column_names)} FROM incoming")
                cur.unregister("incoming")
            for name, value in marks.items():
                set_mark(cur, name, value)

    def seal(self, run: int = seal.RUN) -> bool:
        """Sort the next full run of events by customer; False when none is full. One transaction."""
        with self._transaction() as cur:
            above = mark_of(cur, seal.MARK)
            if mark_of(cur, EVENTS_MARK) - above < run:
                return False
            seal.seal(cur, above, above + run)
            set_mark(cur, seal.MARK, above + run)
        self.give_back()
        return True

    def reattribute(
        self, at_offset: int, owners: rename.Owners, customers: Sequence[str], aliases: Mapping[str, str]
    ) -> None:
        """From a place of the log on these events are those of others (see `rename`). One transaction."""
        with self._transaction() as cur:
            rename.rename(cur, at_offset, owners, customers, aliases)

    def take_back(self, at_offset: int) -> None:
        """Undo what `reattribute` was told at this place or later, and was not committed. One transaction."""
        with self._transaction() as cur:
            rename.take_back(cur, at_offset)

    def checkpoint(self) -> None:
        """Fold the write-ahead file into the database file."""
        with self._writing:
            self._root.execute("CHECKPOINT")

    def limit(self, memory_mb: int) -> None:
        """From now on all queries together use so much memory at most before they spill to disk."""
        self._memory_mb = memory_mb
        self.give_back()

    def give_back(self) -> None:
        """Let the system have what the engine holds and does not use: for the next load it would keep all of it."""
        with self._plain_cursor() as cur:  # that is done whenever the limit is set, be it the same
            cur.execute(f"SET GLOBAL memory_limit = '{self._memory_mb}MB'")

    def close(self) -> None:
        """Let go of the file."""
        with self._writing:
            self._root.close()

    # -- inside --------------------------------------------------------------------------------------------------------
    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if self.closed_now is not None and (wanted := self.closed_now()) != self._closed:
            self.close_sources(wanted)
        with self._plain_cursor() as cur:
            yield cur

    @contextmanager
    def _plain_cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cur = self._quiet_cursor()
        try:
            yield cur
        finally:
            cur.close()

    def _quiet_cursor(self) -> duckdb.DuckDBPyConnection:
        cur = self._root.cursor()
        cur.execute("SET enable_progress_bar = false")  # else a long question may write to standard output
        return cur

    @contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._writing, self._plain_cursor() as cur:
            cur.execute("BEGIN")
            try:
                yield cur
            except BaseException:
                cur.execute("ROLLBACK")
                raise
            cur.execute("COMMIT")

    def _migrate(self) -> None:
        with self._transaction() as cur:
            cur.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER)")
            at = cur.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchall()[0][0]
            for version, script in MIGRATIONS:
                if version > at:
                    for statement in duckdb.extract_statements(script):
                        cur.execute(statement)
                    cur.execute("INSERT INTO schema_version VALUES ($v)", {"v": version})


def _selected(names: Sequence[str]) -> str:
    return ", ".join(f"CAST({n}::JSON AS VARIANT) AS {n}" if n in _VARIANT else n for n in names)
