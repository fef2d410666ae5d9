"""Where do refused items go? Into the table `rejected`, with place, code and body, to be seen and mended.

A flood of bad items must not become a flood of writes: what waits is bounded, one thread writes a group a moment, the
table keeps so much (`keeping`), and what was too much is counted.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from homing.collect.keeping import LIMIT, Kept, trim
from homing.core.errors import HomingError
from homing.storage.schema import rejected
from homing.storage.state import State
from homing.storage.state.store import insert_new

MAX_BODY = 32 * 1024  # characters of a refused item that are kept
MAX_MESSAGE = 300
WAITING_ROWS = 2_000
WAITING_CHARS = 16 * 1024 * 1024
ROWS_A_GROUP = 500
PAUSE_S = 0.1  # so at most 5,000 rows a second are written


class Reject(NamedTuple):
    """One item that was not taken."""

    at_us: int
    source_id: str
    place: str  # item 3, row 12
    code: str
    message: str
    body: str
    import_id: str | None = None
    shape: str = ""  # what the body is: "call", "row:orders"; "" when it cannot be sent again
    rejected_id: str = ""  # of an item that may be read again: it is kept once; made up when empty


def write_rejects(conn: Connection, rows: Sequence[Reject]) -> None:
    """Keep these rows, cut to size, inside the caller's transaction; one that is kept already stays as it is."""
    insert_new(conn, rejected, [_row(r) for r in rows])


class RejectKeeper:
    """Takes refused items without making the caller wait for the disk.

    Args:
        state: where the table is.
        limit: how much the table keeps.
    """

    def __init__(self, state: State, limit: Kept = LIMIT) -> None:
        self._state = state
        self._waiting: deque[tuple[list[Reject], Future[None]]] = deque()
        self._rows = 0
        self._chars = 0
        self._limit = limit
        self._fresh_rows = self._fresh_bytes = 0  # written since the last look at how much there is
        self._wake = threading.Condition()
        self._closed = False
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="reject-keeper", daemon=True)
        self._thread.start()

    def put(self, rows: list[Reject]) -> Future[None]:
        """Keep these rows; the future is done when they are written, or at once when there are too many."""
        done: Future[None] = Future()
        with self._wake:
            full = self._rows + len(rows) > WAITING_ROWS or self._chars > WAITING_CHARS
            if self._closed or full:
                self.dropped += len(rows)
                done.set_result(None)
                return done
            self._rows += len(rows)
            self._chars += sum(len(r.body) for r in rows)
            self._waiting.append((rows, done))
            self._wake.notify()
        return done

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                group = self._take()
            self._write([row for rows, _ in group for row in rows])
            for _, done in group:
                done.set_result(None)
            if not self._closed:
                threading.Event().wait(PAUSE_S)

    def _take(self) -> list[tuple[list[Reject], Future[None]]]:
        group, rows = [self._waiting.popleft()], 0
        rows = len(group[0][0])
        while self._waiting and rows + len(self._waiting[0][0]) <= ROWS_A_GROUP:
            group.append(self._waiting.popleft())
            rows += len(group[-1][0])
        self._rows -= rows
        self._chars -= sum(len(r.body) for rejects, _ in group for r in rejects)
        return group

    def _write(self, rows: list[Reject]) -> None:
        try:
            with self._state.write() as conn:
                write_rejects(conn, rows)
        except (HomingError, SQLAlchemyError):
            self.dropped += len(rows)  # a diagnosis that cannot be kept must not stop the door
            return
        self._fresh_rows += len(rows)
        self._fresh_bytes += sum(len(r.body) for r in rows)
        if self._fresh_rows >= self._limit.rows // 100 or self._fresh_bytes >= self._limit.bytes // 8:
            with suppress(HomingError, SQLAlchemyError):  # the next look comes
                trim(self._state, self._limit)
                self._fresh_rows = self._fresh_bytes = 0


def _row(r: Reject) -> dict[str, object]:
    return {
        "rejected_id": r.rejected_id or f"r{r.at_us:x}-{uuid4().hex[:12]}",
        "at_us": r.at_us,
        "source_id": r.source_id,
        "import_id": r.import_id,
        "place": r.place,
        "code": r.code,
        "message": r.message[:MAX_MESSAGE],
        "body": r.body[:MAX_BODY],
        "shape": r.shape,
        "status": "open",
        "settled_us": None,
    }
