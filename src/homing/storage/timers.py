"""Which wake-up comes next? One indexed due-time table; the worker takes them in time order with the events.

What a turn sets or cancels is seen by the next `due` at once and written with the turn's own transaction.
"""

from __future__ import annotations

import heapq

from sqlalchemy import Connection, bindparam, delete, select

from homing.core.turn import Timer, Turn
from homing.storage.schema import timer as table
from homing.storage.state.store import State, upsert

AHEAD = 2_000  # rows read at a time


class TimerQueue:
    """The timers of one stream worker."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._dirty: dict[tuple[str, str], Timer | None] = {}
        self._heap: list[Timer] = []
        self._live: dict[tuple[str, str], Timer] = {}
        self._read_to_us: int | None = -1  # every stored timer due by then is in memory; None: all are

    def take(self, turn: Turn) -> None:
        """Remember what a turn set and cancelled."""
        for key, timer in turn.timers.items():
            self._dirty[key] = timer
            self._live.pop(key, None)
            if timer is not None:
                self._live[key] = timer
                heapq.heappush(self._heap, timer)
        turn.timers.clear()

    def pop_due(self, until_us: int) -> Timer | None:
        """The earliest timer due at or before `until_us`, removed; None when there is none."""
        if self._read_to_us is not None:
            self._fill(until_us)
        heap = self._heap
        while heap and heap[0].due_us <= until_us:
            timer = heapq.heappop(heap)
            if self._live.get((timer.kind, timer.key)) == timer:
                del self._live[timer.kind, timer.key]
                self._dirty[timer.kind, timer.key] = None
                return timer
        return None

    def next_due(self) -> int | None:
        """When the earliest timer is due; None when there is none."""
        while self._heap and self._live.get((self._heap[0].kind, self._heap[0].key)) != self._heap[0]:
            heapq.heappop(self._heap)
        first = self._heap[0].due_us if self._heap else None
        if self._read_to_us is None or (first is not None and first <= self._read_to_us):
            return first
        unwritten = len(self._dirty)
        with self._state.read() as conn:
            rows = conn.execute(
                select(table.c.due_us, table.c.kind, table.c.key).order_by(table.c.due_us).limit(unwritten + 1)
            ).all()
        stored = [r.due_us for r in rows if (r.kind, r.key) not in self._dirty]
        fresh = [t.due_us for t in self._dirty.values() if t is not None]
        return min(stored + fresh, default=None)

    def flush(self, conn: Connection) -> None:
        """Write what changed since the last flush."""
        gone = [{"k": kind, "n": key} for (kind, key), t in self._dirty.items() if t is None]
        if gone:
            conn.execute(delete(table).where(table.c.kind == bindparam("k"), table.c.key == bindparam("n")), gone)
        upsert(conn, table, [t._asdict() for t in self._dirty.values() if t is not None])
        self._dirty.clear()

    def forget(self) -> None:
        """Drop what memory holds: the transaction failed, the table is the truth."""
        self._dirty.clear()
        self._heap.clear()
        self._live.clear()
        self._read_to_us = -1

    def _fill(self, until_us: int) -> None:
        while self._read_to_us is not None and self._read_to_us < until_us:
            with self._state.read() as conn:
                rows = conn.execute(
                    select(table).where(table.c.due_us > self._read_to_us).order_by(table.c.due_us).limit(AHEAD)
                ).all()
                edge = rows[-1].due_us if len(rows) == AHEAD else None
                if edge is not None:  # a whole instant or nothing: the limit may have cut through one
                    rows = conn.execute(
                        select(table).where(table.c.due_us > self._read_to_us, table.c.due_us <= edge)
                    ).all()
            for row in rows:
                timer = Timer(row.due_us, row.kind, row.key, row.customer_id)
                if (timer.kind, timer.key) not in self._dirty:
                    self._live[timer.kind, timer.key] = timer
                    heapq.heappush(self._heap, timer)
            self._read_to_us = edge
