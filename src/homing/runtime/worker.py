"""Who drives the stream? One thread: batch, commit, deliver, again; idle it sleeps until log, timer or call rings.

Calls (other work that needs the stream to stand still) run in the same thread between two batches. A failure of disk or
database is waited out; it never loses an event, because nothing of a failed batch was kept.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection

from homing.core.errors import Conflict
from homing.core.turn import Turn
from homing.runtime.clock import Clock
from homing.runtime.metrics import BATCH_SECONDS, STREAM_OFFSET
from homing.runtime.rounds import Rounds
from homing.runtime.stream import Stream
from homing.storage.log import EventLog

T = TypeVar("T")
IDLE_S = 1.0
LISTEN_S = 0.2  # how soon the bell notices that it shall stop
BACK_OFF_S = 0.5

_log = structlog.get_logger("homing.worker")


class Worker:
    """The thread that owns the stream.

    Args:
        stream: what it drives.
        log: rings when it grows.
        clock: says how long a timer has still to wait.
    """

    def __init__(self, stream: Stream, log: EventLog, clock: Clock) -> None:
        self.stream = stream
        self._event_log = log
        self._clock = clock
        self._calls: deque[tuple[Callable[[Turn, Connection], Any], Future[Any]]] = deque()
        self._changed = threading.Condition()
        self._rounds = Rounds(
            "stream-worker", self._round, log=_log, failed="batch_rolled_back", retry_s=BACK_OFF_S, clock=clock
        )
        self._stopping = self._rounds.stopping.is_set
        self._bell = threading.Thread(target=self._listen, name="log-bell", daemon=True)
        self._moved_s = 0.0
        self.on_commit: list[Callable[[], None]] = []
        stream.pressed = lambda: bool(self._calls) or self._stopping()

    def start(self) -> None:
        """Begin."""
        self._rounds.start()
        self._bell.start()

    def stop(self) -> None:
        """Finish the batch in hand, then end."""
        self._rounds.stop()
        if self._bell.ident is not None:
            self._bell.join()
        with self._changed:
            self._changed.notify_all()
        while self._calls:
            self._calls.popleft()[1].set_exception(Conflict("the worker was stopped before it came to this"))
        self.stream.tidy()

    @property
    def healthy(self) -> bool:
        """Whether the last batch went well; one that did not is rolled back and comes again."""
        return self._rounds.healthy

    @property
    def alive(self) -> bool:
        """Whether the thread runs and its last batch went well."""
        return self.healthy and self._rounds.alive

    def ring(self) -> None:
        """There may be something to do."""
        self._rounds.ring()

    def call(self, work: Callable[[Turn, Connection], T]) -> Future[T]:
        """Run `work` between two batches, in one transaction with what it emits."""
        answer: Future[T] = Future()
        self._calls.append((work, answer))
        self.ring()
        return answer

    def wait_past(self, offset: int, timeout_s: float) -> bool:
        """Wait until the stream has committed `offset`; False when the time ran out first."""
        with self._changed:
            return self._changed.wait_for(lambda: self.stream.offset >= offset or self._stopping(), timeout_s)

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until the log is read, timers due by now fired, calls and outbox are empty; False on time-out."""
        now = self._clock()
        self.ring()
        with self._changed:
            return self._changed.wait_for(lambda: self._stopping() or self._idle_since(now), timeout_s)

    def _idle_since(self, now_us: int) -> bool:
        stream = self.stream
        behind = stream.offset < self._event_log.tail() or stream.progress_us < now_us
        return not (behind or self._calls) and stream.delivered

    # -- the threads ---------------------------------------------------------------------------------------------------
    def _listen(self) -> None:
        seen = self._event_log.tail()
        while not self._stopping():
            if self._event_log.wait(seen, LISTEN_S):
                seen = self._event_log.tail()
                self.ring()

    def _round(self) -> float:
        moved = self._once()
        with self._changed:
            self._changed.notify_all()
        return 0.0 if moved else self._idle_s()

    def _once(self) -> bool:
        self._deliver()
        while self._calls:
            self._call(*self._calls.popleft())
            self._deliver()
        began = time.perf_counter()
        moved = self.stream.step()
        if moved:
            BATCH_SECONDS.observe(time.perf_counter() - began)
            STREAM_OFFSET.set(self.stream.offset)
            for tell in self.on_commit:
                tell()
            self._deliver()
            self._moved_s = time.monotonic()
        elif self.stream.arrive():
            return True  # what is in the log now comes next
        elif time.monotonic() - self._moved_s >= IDLE_S:
            self.stream.tidy()
        return moved

    def _call(self, work: Callable[[Turn, Connection], Any], answer: Future[Any]) -> None:
        try:
            answer.set_result(self.stream.run(work))
        except BaseException as error:
            answer.set_exception(error)

    def _deliver(self) -> None:
        if not self.stream.delivered:
            self.stream.deliver()

    def _idle_s(self) -> float:
        due = self.stream.next_due()
        real = None if due is None else self._clock.real_s_until(due)
        return IDLE_S if real is None else min(IDLE_S, real)
