"""How do facts get into the warehouse? By a second reader of the log, in small batches, never ahead of the stream.

Its mark stands in the warehouse itself and moves in the same transaction as the rows, so a crash loads nothing twice.
It names an event's customer as the stream resolved it (asked again after a restart); the views resolve later merges.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import Connection

from homing.core.errors import Transient
from homing.core.event import Id
from homing.runtime.copies import copy_state
from homing.runtime.logs import where
from homing.runtime.metrics import LOAD_SECONDS, WAREHOUSE_OFFSET
from homing.runtime.rounds import Rounds
from homing.runtime.stream import Stream
from homing.storage.log import EventLog
from homing.storage.state import State
from homing.storage.warehouse import Warehouse, raw_batch
from homing.storage.warehouse.columns import read_envelope

EVENTS = 30_000  # events a load at most: what stopping may have to wait for
BYTES = 24_000_000  # of their bodies: a load of long events is over sooner
PORTION = 5_000  # events read at a time
EVERY_S = 1.0  # how old an event may grow before it is loaded
CHECKPOINT_S = 60.0
BACK_OFF_S = 2.0

CustomersOf = Callable[[Connection, Sequence[tuple[Sequence[Id], int]]], Sequence[str | None]]

_log = structlog.get_logger("homing.loader")


class Loader:
    """The thread that loads the warehouse.

    Args:
        log: what is read.
        state: where identity and the copied rows are.
        warehouse: what is loaded.
        stream: what it never overtakes.
        customers_of: identity's answer to whom events belong.
    """

    def __init__(
        self, log: EventLog, state: State, warehouse: Warehouse, stream: Stream, customers_of: CustomersOf
    ) -> None:
        self._event_log = log
        self._state = state
        self._warehouse = warehouse
        self._stream = stream
        self._customers_of = customers_of
        self._loading = threading.RLock()
        self._rounds = Rounds("warehouse-loader", self._round, log=_log, failed="loader_failed", retry_s=BACK_OFF_S)
        self._folded = time.monotonic()
        self.mark = warehouse.mark()
        self.healthy = True

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """Finish the load in hand, then end; the next start goes on from the mark."""
        self._rounds.stop()

    def ring(self) -> None:
        """There is something that should not wait for the next load."""
        self._rounds.ring()

    def catch_up(self, up_to: int | None = None) -> int:
        """Load until the warehouse stands at `up_to`, or at the stream's offset; return that offset.

        Raises:
            Transient: the warehouse cannot be written now.
        """
        goal = self._stream.offset if up_to is None else up_to
        try:
            with self._loading:
                while self.mark < goal:
                    if self._rounds.stopping.is_set():
                        return self.mark
                    self._load(goal)
                copy_state(self._state, self._warehouse, up_to=goal)
        except Exception as error:
            _log.error("load_failed", error=type(error).__name__, at=where(error))
            raise Transient("the warehouse cannot be loaded now") from error
        return goal

    def _load(self, goal: int) -> None:
        began = time.perf_counter()
        raw = self._read(goal)
        batch = raw_batch(raw, self._customers(raw))
        self._warehouse.load(batch)
        self.mark = batch.last_offset
        WAREHOUSE_OFFSET.set(self.mark)
        LOAD_SECONDS.observe(time.perf_counter() - began)

    def _read(self, goal: int) -> list[tuple[int, int, bytes]]:
        """What comes next, as much as one load takes."""
        raw: list[tuple[int, int, bytes]] = []
        at, size, last = self.mark, 0, min(goal, self.mark + EVENTS)
        while at < last and size < BYTES:
            portion = self._event_log.read_raw(at, min(PORTION, last - at))
            raw += portion
            size += sum(len(body) for _, _, body in portion)
            at = portion[-1][0]
        return raw

    def _customers(self, raw: Sequence[tuple[int, int, bytes]]) -> list[str | None]:
        """Whom the stream found each event to be about; identity is asked, at once, for those it no longer knows."""
        known = self._stream.customers
        found = {offset: known.pop(offset) for offset, _, _ in raw if offset in known}
        asked = [(read_envelope(body).ids, offset) for offset, _, body in raw if offset not in found]
        if asked:
            with self._state.read() as conn:
                answers = self._customers_of(conn, asked)
            found.update((offset, customer) for (_, offset), customer in zip(asked, answers, strict=True))
        return [found[offset] for offset, _, _ in raw]

    def _seal(self) -> None:
        try:
            self._warehouse.seal()
        except Exception as error:  # the order is for speed alone: the facts are loaded
            _log.error("seal_failed", error=type(error).__name__, at=where(error))

    def _round(self) -> float:
        try:
            self.catch_up()
        except Transient:  # told of already
            self.healthy = False
            return BACK_OFF_S
        self.healthy = True
        self._seal()
        if time.monotonic() - self._folded > CHECKPOINT_S:
            self._warehouse.checkpoint()
            self._folded = time.monotonic()
        return EVERY_S
