"""Where are events of which nobody knows yet whether they count? In a transaction that is open until it is known.

Whoever holds it adds to it and ends it, one thread at a time; others read and write meanwhile and see nothing of it. A
process that dies has loaded nothing. However often is added to it, whole groups of rows go to the disk at once, so that
the end is soon over.
"""

from __future__ import annotations

from types import TracebackType

import duckdb

from homing.storage.warehouse import load
from homing.storage.warehouse.columns import Batch


class Ahead:
    """Events that are loaded when it is committed; as a context, at its end.

    Args:
        cur: a cursor of its own.
    """

    def __init__(self, cur: duckdb.DuckDBPyConnection) -> None:
        self._cur = cur
        cur.execute("BEGIN")

    def add(self, batch: Batch) -> int:
        """Load events above the mark, move the mark; return how many rows were new."""
        return load.add(self._cur, batch)

    def commit(self) -> None:
        """They count."""
        try:
            self._cur.execute("COMMIT")
        finally:
            self._cur.close()

    def rollback(self) -> None:
        """They do not."""
        try:
            self._cur.execute("ROLLBACK")
        finally:
            self._cur.close()

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.commit()
        else:
            self.rollback()
