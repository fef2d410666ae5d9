"""Where are events of which nobody knows yet whether they count? In a transaction that is open until it is known.

Whoever holds it adds to it and ends it, one thread at a time; others read and write meanwhile and see nothing of it. A
process that dies has loaded nothing. However often is added to it, whole groups of rows go to the disk at once, so that
the end is soon over, and memory holds what has not filled one.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

import duckdb

from homing.storage.warehouse import load
from homing.storage.warehouse.columns import Batch

LARGE_BYTES = 4_000_000  # of a batch: what the engine took for it is worth being given back


class Ahead:
    """Events that are loaded when it is committed; as a context, at its end.

    Args:
        cursor: makes cursors of their own.
        give_back: lets the system have what the engine holds and does not use.
    """

    def __init__(self, cursor: Callable[[], duckdb.DuckDBPyConnection], give_back: Callable[[], object]) -> None:
        self._cur, self._aside, self._give_back = cursor(), cursor(), give_back
        self._large = False
        self._incoming = load.Incoming(self._cur)
        self._cur.execute("BEGIN")

    def add(self, batch: Batch) -> int:
        """Load events above the mark, move the mark; return how many rows were new."""
        n = load.add(self._cur, self._aside, self._incoming, batch)
        if batch.events.nbytes > LARGE_BYTES:
            self._large = True
            self._give_back()
        return n

    def commit(self) -> None:
        """They count."""
        self._end("COMMIT")

    def rollback(self) -> None:
        """They do not."""
        self._end("ROLLBACK")

    def _end(self, how: str) -> None:
        try:
            self._cur.execute(how)
        finally:
            self._cur.close()
            self._aside.close()
        if self._large:
            self._give_back()

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.commit()
        else:
            self.rollback()
