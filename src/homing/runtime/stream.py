"""What does one batch of the stream do? Events and due timers in time order, then one commit with the log offset.

A timer due at or before an event's `received_us` fires first, at its own due time; when the log is read to its end,
timers fire up to the log's watermark. So the result is a function of the log alone, however the batches were cut and
however often the process died. What a stage cannot process is set aside in `rejected` (`stage_failed`), whole, and the
stream goes on: the same event fails the same way in every replay.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from homing.core.errors import Terminal, Transient
from homing.core.event import OWN_SOURCE, Event, Stored, Verdict, encode
from homing.core.turn import Timer, Turn
from homing.identity.hand import PARTING
from homing.runtime.lending import EXPIRED
from homing.runtime.logs import where
from homing.runtime.stages import Stages
from homing.storage import definitions, outbox
from homing.storage.log import EventLog
from homing.storage.schema import consumer, rejected
from homing.storage.state import State
from homing.storage.state.store import insert_new, upsert
from homing.storage.timers import TimerQueue

STREAM = "stream"
PUBLISHED = "Definition Published"
# taken by themselves, with the warehouse standing where the stream stands
_TURNING = frozenset({PUBLISHED, EXPIRED, *PARTING})
READ = 4_000  # events read at a time
MAX_TURNS = 4_000  # events and timers a transaction
MOST_TURNS = 256_000  # where the log is far ahead: a customer's rows are written once, however often they changed
FAR = 20_000  # events the log is ahead
AHEAD = 10  # groups of events on their way to the log at a time
YOUNG = 1_000  # turns between two looks for cycles: by itself the interpreter looks seldom, and then at everything
KNOWN_EVENTS = 200_000  # events whose customer is kept for the loader, so that it need not ask again

_log = structlog.get_logger("homing.stream")
_TRY_AGAIN = (Transient, Terminal, OSError, MemoryError, OperationalError)


@dataclass(slots=True)
class _Batch:
    """What one transaction will hold."""

    offset: int
    progress_us: int
    turns: int = 0
    events: list[Event] = field(default_factory=list)
    aside: list[dict[str, object]] = field(default_factory=list)
    customers: dict[int, str | None] = field(default_factory=dict)
    turn: Turn = field(init=False)  # of one event or timer after the other; what they emit is gathered in `events`

    def __post_init__(self) -> None:
        self.turn = Turn(self.progress_us, self.offset, self.events)

    def at(self, now_us: int) -> Turn:
        """The turn of what comes next."""
        self.turn.now_us, self.turn.offset = now_us, self.offset
        return self.turn


class Stream:
    """The stream's place in the log and how it moves on; one thread only.

    Args:
        log: what is read.
        state: where the stages' rows, the timers, the outbox and the offset are committed together.
        stages: what sees each event.
    """

    def __init__(self, log: EventLog, state: State, stages: Stages) -> None:
        self._event_log = log
        self._state = state
        self._stages = stages
        self.before_publish: Callable[[int], object] | None = None  # brings the warehouse to the offset before
        self._timers = TimerQueue(state)
        self._published = -1  # offset of a definition that came last: another right behind it finds the same warehouse
        self._skip: set[object] = set()
        self._size = MAX_TURNS
        self._careful = self._careful_left = 0  # a flush failed and nobody knows whose row it was: so many at a time
        self._turns = 0  # since cycles were looked for
        self._stale = False  # a transaction failed: read the tables again before the next batch
        self._at: Stored | Timer | None = None
        self.customers: dict[int, str | None] = {}  # offset -> customer, until the loader takes it
        self.under_way: dict[int, str | None] = {}  # the same of the batch in hand, which may still be rolled back
        self._waiting: list[Event] | None = None  # committed and not in the log yet; None: only the outbox knows
        self._on_way: list[Future[list[Verdict]]] = []  # handed to the log, not durable yet for all we know
        self._told = False  # what the outbox holds is in the log
        self.pressed: Callable[[], bool] = lambda: False  # somebody waits for the end of the batch
        with state.read() as conn:
            place = conn.execute(select(consumer).where(consumer.c.name == STREAM)).one_or_none()
            self.offset: int = place.log_offset if place else 0
            self.progress_us: int = place.updated_us if place else 0
            stages.load(conn)

    def step(self, until_us: int | None = None) -> bool:
        """Process one batch.

        Args:
            until_us: fire timers up to here once the log is read; the log's watermark when None.

        Returns:
            True when anything was processed; False when there was nothing to do.
        """
        if self._stale:
            self._reload()
        watermark = self._event_log.watermark() if until_us is None else until_us
        size = self._careful if self._careful_left else self._turns_next()
        batch = _Batch(self.offset, self.progress_us)
        self.under_way = batch.customers
        try:
            with _uncollected() if size > MAX_TURNS else nullcontext():
                published = self._fill(batch, watermark, size)
                if published is not None and batch.turns == 0:
                    self._publish(published)
                    return True
                self._size = min(8 * size, MOST_TURNS) if batch.turns >= size >= MAX_TURNS else MAX_TURNS
                return self._finish(batch)
        except _TRY_AGAIN:
            self._stale = True
            raise
        except Exception as error:
            self._stale = True
            self._blame(error, batch)
            return True

    def next_due(self) -> int | None:
        """When the earliest timer is due; None when there is none."""
        return self._timers.next_due()

    @property
    def delivered(self) -> bool:
        """Whether everything that was committed is in the log."""
        return self._waiting is not None and not self._waiting and not self._on_way

    def deliver(self) -> None:
        """Hand what was committed to the log; the next batch need not wait until it is durable, only its commit."""
        if self._waiting is None:
            outbox.drain(self._state, self._event_log)
            self._waiting = []
        elif self._waiting and not self._on_way:
            on_way: list[Future[list[Verdict]]] = []
            for first in range(0, len(self._waiting), outbox.BATCH):
                wait(on_way[-AHEAD : -AHEAD + 1])  # a large batch leaves room for others
                some = self._waiting[first : first + outbox.BATCH]
                on_way.append(self._event_log.append_async(some, dedupe="ever"))
            self._on_way = on_way

    def arrive(self) -> bool:
        """Wait until what was handed over is durable; it leaves the outbox with the next transaction, or by `tidy`.

        What the log did not take stays, and is handed over again: the log knows what it holds.

        Returns:
            False when nothing was on its way.
        """
        if not self._on_way:
            return False
        on_way, self._on_way = self._on_way, []
        wait(on_way)
        for answer in on_way:
            answer.result()
        self._waiting, self._told = [], True
        return True

    def tidy(self) -> None:
        """Strike out what was delivered, where no transaction comes that would."""
        self.arrive()
        if self._told:
            with self._state.write() as conn:
                outbox.clear(conn)
            self._told = False

    def run(self, work: Callable[[Turn, Connection], object]) -> object:
        """Other work between two batches, in one transaction with what it sets and emits."""
        if self._stale:
            self._reload()
        turn = Turn(max(self._event_log.watermark(), self.progress_us), self.offset)
        try:
            with self._transaction() as conn:
                result = work(turn, conn)
                batch = _Batch(self.offset, self.progress_us)
                self._write(conn, turn, batch)
        except BaseException:
            self._stale = True
            raise
        self._committed(batch)
        return result

    # -- one batch -----------------------------------------------------------------------------------------------------
    def _turns_next(self) -> int:
        """How many turns: all there are where the log is far ahead, else more and more where batches are filled."""
        return MOST_TURNS if self._event_log.tail() - self.offset >= FAR else self._size

    def _fill(self, batch: _Batch, watermark: int, size: int) -> Stored | None:
        """Apply what comes next, up to `size` turns; return the definition that comes next, all before it applied."""
        while batch.turns < size:
            wanted = min(READ, size - batch.turns)
            stored = self._event_log.read(batch.offset, wanted)
            for item in stored:
                if self._fire(batch, item.received_us, size) or batch.turns >= size:
                    return None
                if self._publishes(item):
                    return item
                self._event(batch, item)
            if len(stored) < wanted:
                self._fire(batch, watermark, size)
                return None
            if self.pressed():
                return None
        return None

    def _fire(self, batch: _Batch, until_us: int, size: int) -> bool:
        """Fire timers due by `until_us`; True when the batch is full before they are all done."""
        while batch.turns < size:
            timer = self._timers.pop_due(until_us)
            if timer is None:
                batch.progress_us = max(batch.progress_us, until_us)
                return False
            self._at = timer
            batch.turns += 1
            turn = batch.at(timer.due_us)
            if timer in self._skip:
                batch.aside.append(_timer_row(timer))
            else:
                self._stages.wake(timer, turn)
            self._timers.take(turn)
        return True

    def _event(self, batch: _Batch, item: Stored) -> None:
        self._at = item
        batch.turns += 1
        batch.offset = item.offset
        turn = batch.at(item.received_us)
        if item.offset in self._skip:
            batch.aside.append(_event_row(item))
        else:
            batch.customers[item.offset] = self._stages.apply(item, turn)
        if turn.timers:
            self._timers.take(turn)

    def _finish(self, batch: _Batch) -> bool:
        if batch.turns == 0:
            self.progress_us = max(self.progress_us, batch.progress_us)
            return False
        if batch.turns > 1:
            self._at = None  # a row that cannot be written may be anybody's
        with self._transaction() as conn:
            self._write(conn, None, batch)
        self._committed(batch)
        self._turns += batch.turns
        if self._turns >= YOUNG and gc.isenabled():
            self._turns = 0
            gc.collect(0)
        return True

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """Whatever was delivered before is struck out in it, so it has to be durable by now."""
        self.arrive()
        with self._state.write() as conn:
            yield conn

    def _write(self, conn: Connection, turn: Turn | None, batch: _Batch) -> None:
        if turn is not None:
            self._timers.take(turn)
            batch.events += turn.events
        self._stages.flush(conn)
        self._timers.flush(conn)
        if self._told:
            outbox.clear(conn)
        outbox.put(conn, batch.events)
        insert_new(conn, rejected, batch.aside)
        row = {"name": STREAM, "log_offset": batch.offset, "updated_us": batch.progress_us}
        upsert(conn, consumer, [row])

    # -- definitions ---------------------------------------------------------------------------------------------------
    def _publishes(self, item: Stored) -> bool:
        return item.event.name in _TURNING and item.event.source_id == OWN_SOURCE and item.offset not in self._skip

    def _publish(self, item: Stored) -> None:
        """A definition comes into force, is taken back, or an agreement ends, exactly here in the log."""
        self._at = item
        if self.before_publish is not None and item.offset - 1 != self._published:
            self.before_publish(item.offset - 1)
        said = item.event.properties
        batch = _Batch(item.offset, max(self.progress_us, item.received_us), turns=1)
        turn = Turn(item.received_us, item.offset)
        with self._transaction() as conn:
            if item.event.name == EXPIRED:
                self._stages.expire(turn, conn)
            elif item.event.name in PARTING:
                self._stages.part(item, turn, conn, self._event_log.read)
            else:
                kind, name, version = str(said["kind"]), str(said["id"]), int(said["version"])
                known = definitions.set_status(
                    conn, kind, name, str(said["status"]), now_us=item.received_us, version=version
                )
                self._stages.publish(known, turn, conn)
            self._write(conn, turn, batch)
        self._committed(batch)
        if item.event.name == PUBLISHED:
            self._published = item.offset

    def _committed(self, batch: _Batch) -> None:
        if len(self.customers) < KNOWN_EVENTS:
            self.customers.update(batch.customers)
        self.offset, self.progress_us = batch.offset, batch.progress_us
        self._careful_left = max(0, self._careful_left - batch.turns)
        self._told = False
        if self._waiting is not None:
            self._waiting += batch.events

    # -- failure -------------------------------------------------------------------------------------------------------
    def _reload(self) -> None:
        self._stages.forget()
        self._timers.forget()
        with self._state.read() as conn:
            self._stages.load(conn)
        self._stale = False

    def _blame(self, error: Exception, batch: _Batch) -> None:
        """Set aside what failed; when that is not known, go on in ever smaller transactions until it shows.

        Raises:
            Exception: it was set aside already, so the fault is not its own.
        """
        culprit, self._at = self._at, None
        if culprit is None:  # the flush failed: some row of this batch cannot be written
            self._careful, self._careful_left = max(1, batch.turns // 8), batch.turns
            _log.warning("batch_failed", error=type(error).__name__, at=where(error), offset=batch.offset)
            return
        place = culprit.offset if isinstance(culprit, Stored) else culprit
        if place in self._skip:
            raise error
        self._skip.add(place)
        kind = "event" if isinstance(culprit, Stored) else f"timer {culprit.kind}"
        _log.error("stage_failed", error=type(error).__name__, at=where(error), what=kind, offset=batch.offset)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Cycles wait for the end of a large batch: it opens customers by the thousand, and none of them holds any."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _event_row(item: Stored) -> dict[str, object]:
    return _aside(f"stage:{item.offset}", item.received_us, item.event.source_id, f"offset {item.offset}",
                  encode(item.event).decode())  # fmt: skip


def _timer_row(timer: Timer) -> dict[str, object]:
    return _aside(f"stage:{timer.kind}:{timer.key}:{timer.due_us}", timer.due_us, OWN_SOURCE,
                  f"timer {timer.kind} {timer.key}", "")  # fmt: skip


def _aside(rejected_id: str, at_us: int, source_id: str, place: str, body: str) -> dict[str, object]:
    return {
        "rejected_id": rejected_id, "at_us": at_us, "source_id": source_id, "import_id": None, "place": place,
        "code": "stage_failed", "message": "a stage could not process it; it was set aside and the stream went on",
        "body": body, "shape": "", "status": "open", "settled_us": None,
    }  # fmt: skip
