"""How does a page watch events arrive? One thread tails the log for all watchers and tells each one's queue.

What is refused does not reach the log; the table of the refused is looked at beside it, and what is new there is told
in the same stream.
A watcher that cannot keep up, or a flood, loses events from view and is told how many; nobody makes the log wait. The
thread lives while somebody watches.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import func, select

from homing.core.errors import Overload
from homing.core.event import Stored
from homing.core.time import SECOND
from homing.identity import lookup_many
from homing.runtime import Runtime
from homing.storage.schema import rejected

WATCHERS = 32
QUEUE = 1_000
AT_ONCE = 200  # events a turn; with PAUSE_S a watcher sees up to a thousand a second
PAUSE_S = 0.2
WAIT_S = 1.0
LATE_US = 10 * SECOND  # a refused row is written at most so long after it came


class Seen(NamedTuple):
    """An event with the customer it is about; None when that is nobody known yet."""

    stored: Stored
    customer_id: str | None


class Refused(NamedTuple):
    """A row of the table of the refused."""

    row: Any


class Skipped(NamedTuple):
    """Events that passed too quickly to be shown."""

    n: int


Item = Seen | Refused | Skipped


@dataclass(eq=False)
class Watcher:
    """One page's queue; used in its own event loop alone."""

    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[Item] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    missed: int = 0

    def take(self, items: Sequence[Item]) -> None:
        """Queue these; count what does not fit."""
        for item in items:
            if self.missed and not self.queue.full():
                self.queue.put_nowait(Skipped(self.missed))
                self.missed = 0
            if self.queue.full():
                self.missed += item.n if isinstance(item, Skipped) else 1
            else:
                self.queue.put_nowait(item)


class Feed:
    """The live events of a workspace."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._watchers: set[Watcher] = set()
        self._running = False
        self._refusals = Refusals(runtime)

    def check_room(self) -> None:
        """Refuse one watcher too many before its answer begins.

        Raises:
            Overload: too many watch already.
        """
        if len(self._watchers) >= WATCHERS:
            raise Overload(f"{WATCHERS} pages watch already, wanted fewer", retry_after_s=30)

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[Watcher]:
        """A watcher of everything that arrives from now on; see `check_room`."""
        watcher = Watcher(asyncio.get_running_loop())
        with self._lock:
            self._watchers.add(watcher)
            if not self._running:
                self._running = True
                after = self._runtime.workspace.log.tail()
                self._refusals = Refusals(self._runtime)
                threading.Thread(target=self._run, args=(after,), name="live-feed", daemon=True).start()
        try:
            yield watcher
        finally:
            with self._lock:
                self._watchers.discard(watcher)

    def _run(self, after: int) -> None:
        log = self._runtime.workspace.log
        pause = threading.Event()
        while self._anyone():
            came = log.wait(after, WAIT_S)
            self._tell(self._refusals.new())
            if came:
                after = self._turn(after)
                pause.wait(PAUSE_S)

    def _anyone(self) -> bool:
        with self._lock:
            self._running = bool(self._watchers)
            return self._running

    def _turn(self, after: int) -> int:
        log = self._runtime.workspace.log
        items: list[Item] = []
        behind = log.tail() - after - AT_ONCE
        if behind > 0:
            items.append(Skipped(behind))
            after += behind
        stored = log.read(after, AT_ONCE)
        if not stored:
            return after
        self._runtime.worker.wait_past(stored[-1].offset, PAUSE_S)  # so that a new customer has an id
        items += named(self._runtime, stored)
        self._tell(items)
        return stored[-1].offset

    def _tell(self, items: Sequence[Item]) -> None:
        if not items:
            return
        with self._lock:
            watchers = list(self._watchers)
        for watcher in watchers:
            _tell(watcher, items)


class Refusals:
    """What was refused since this was made. Rows are written a moment after they came, and not quite in order, so the
    last seconds are looked at again each time.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._state = runtime.workspace.state
        with self._state.read() as conn:
            self._newest = int(conn.execute(select(func.max(rejected.c.at_us))).scalar() or 0)
        self._told: dict[str, int] = {row.rejected_id: row.at_us for row in self._look()}

    def new(self) -> list[Item]:
        """The rows that were not told yet, oldest first."""
        rows = [row for row in self._look() if row.rejected_id not in self._told]
        if not rows:
            return []
        self._told |= {row.rejected_id: row.at_us for row in rows}
        self._newest = max(self._newest, *(row.at_us for row in rows))
        self._told = {i: at for i, at in self._told.items() if at >= self._newest - LATE_US}
        return [Refused(row) for row in reversed(rows)]

    def _look(self) -> Sequence[Any]:
        recent = rejected.c.at_us >= self._newest - LATE_US
        with self._state.read() as conn:
            return conn.execute(select(rejected).where(recent).order_by(*_NEWEST).limit(AT_ONCE)).all()


_NEWEST = (rejected.c.at_us.desc(), rejected.c.rejected_id.desc())


def named(runtime: Runtime, stored: Sequence[Stored]) -> list[Seen]:
    """These events with the customers they are about."""
    with runtime.workspace.state.read() as conn:
        customers = lookup_many(conn, [(s.event.ids, s.offset) for s in stored])
    return [Seen(s, c) for s, c in zip(stored, customers, strict=True)]


def _tell(watcher: Watcher, items: Sequence[Item]) -> None:
    tell: Callable[..., object] = watcher.loop.call_soon_threadsafe
    try:
        tell(watcher.take, items)
    except RuntimeError:  # its loop has ended; the watcher goes with it
        return
