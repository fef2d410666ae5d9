"""How do facts get into the warehouse? By a second reader of the log, in small batches, never ahead of the stream.

Its mark stands in the warehouse itself and moves in the same transaction as the rows, so a crash loads nothing twice.
It names an event's customer as the stream resolved it (asked again after a restart); the views resolve later merges.
While a long batch of the stream is under way, what that batch has passed is laid ready in a transaction that stays
open. Once the batch is committed, so is the load, if all customers are those that were committed; otherwise it is
dropped, and loaded anew.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any

import structlog
from sqlalchemy import Connection

from homing.core.errors import Transient
from homing.core.event import Id
from homing.runtime.copies import copy_state
from homing.runtime.logs import where
from homing.runtime.metrics import LOAD_SECONDS, WAREHOUSE_OFFSET
from homing.runtime.rounds import Rounds
from homing.runtime.stream import Stream
from homing.storage.log import Block, EventLog
from homing.storage.state import State
from homing.storage.warehouse import Ahead, Warehouse, block_batch
from homing.storage.warehouse.columns import read_envelope

EVENTS = 30_720  # events read and added at a time: what stopping and asking may have to wait for
TOGETHER = 245_760  # events a transaction: two whole groups of rows of the warehouse, which are written once
BYTES = 24_000_000  # of their bodies at a time
PORTION = 5_000  # events read at a time
EVERY_S = 1.0  # how old an event may grow before it is loaded
FOLLOW_S = 0.1  # while a long batch of the stream is under way
LEAST = 8_192  # events of it that are worth being laid ready
STALE_S = 60.0  # how old the copy of the customers may grow while the stream is far behind
CHECKPOINT_S = 60.0
BACK_OFF_S = 2.0

_UNKNOWN = object()
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
        self._ahead: Ahead | None = None  # events of the stream's batch under way, and whose they seem to be
        self._laid: list[str | None] = []
        self._behind = False  # more of it is to be laid ready at once
        self._folded = self._copied = time.monotonic()
        self.mark = warehouse.mark()
        self.healthy = True

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """Finish the load in hand, then end; the next start goes on from the mark."""
        self._rounds.stop()
        with self._loading:
            self._drop()

    def ring(self) -> None:
        """There is something that should not wait for the next load."""
        self._rounds.ring()

    def catch_up(self, up_to: int | None = None) -> int:
        """Load until the warehouse stands at `up_to`, or at the stream's offset; return that offset.

        Raises:
            Transient: the warehouse cannot be written now.
        """
        return self._bring(self._stream.offset if up_to is None else up_to)

    def _bring(self, goal: int, *, copying: bool = True) -> int:
        try:
            with self._loading:
                while self.mark < goal:
                    if self._rounds.stopping.is_set():
                        return self.mark
                    self._load(goal)
                if copying:
                    copy_state(self._state, self._warehouse, up_to=goal)
                    self._copied = time.monotonic()
        except Exception as error:
            _log.error("load_failed", error=type(error).__name__, at=where(error))
            raise Transient("the warehouse cannot be loaded now") from error
        return goal

    def _load(self, goal: int) -> None:
        """What the stream has committed, as much as a transaction takes; what lies ready of it is no longer to do."""
        begun, at = self._begun(goal)
        last = min(goal, self.mark + TOGETHER)
        with begun as rows:
            while at < last:
                began = time.perf_counter()
                blocks, end = self._read(at, last)
                rows.add(block_batch(blocks, self._customers(at, end), end))
                at = end
                LOAD_SECONDS.observe(time.perf_counter() - began)
                if self._rounds.stopping.is_set():
                    break
        self._moved(at)

    def _moved(self, mark: int) -> None:
        self.mark = mark
        WAREHOUSE_OFFSET.set(mark)

    def _read(self, at: int, last: int) -> tuple[list[Block], int]:
        """The blocks that come next, as many as are added at a time, and the last offset that is wanted of them."""
        blocks: list[Block] = []
        size, last = 0, min(last, at + EVENTS)
        while at < last and size < BYTES:
            portion = self._event_log.read_blocks(at, min(PORTION, last - at))
            blocks += portion
            size += sum(len(block.bodies) for block in portion)
            at = min(last, portion[-1].first + portion[-1].events - 1)
        return blocks, at

    def _customers(self, at: int, last: int) -> list[str | None]:
        """Whom the stream found each event to be about; identity is asked, at once, for those it no longer knows."""
        known = self._stream.customers
        found: list[Any] = [known.pop(offset, _UNKNOWN) for offset in range(at + 1, last + 1)]
        unknown = [n for n, customer in enumerate(found) if customer is _UNKNOWN]
        if unknown:
            raw = self._event_log.read_raw(at, last - at)
            asked = [(read_envelope(raw[n][2]).ids, raw[n][0]) for n in unknown]
            with self._state.read() as conn:
                answers = self._customers_of(conn, asked)
            for n, customer in zip(unknown, answers, strict=True):
                found[n] = customer
        return found

    # -- ahead of the stream's commit ----------------------------------------------------------------------------------
    def follow(self) -> bool:
        """Lay ready what the stream's batch under way has passed; whether anything lies ready."""
        with self._loading:
            if self.mark < self._stream.offset:  # another batch is under way by now
                return self._ahead is not None
            found, at = self._stream.under_way, self.mark + len(self._laid)
            offsets = range(at + 1, at + EVENTS + 1)
            whose: list[Any] = list(takewhile(_is_known, (found.get(offset, _UNKNOWN) for offset in offsets)))
            self._behind = len(whose) == EVENTS
            if len(whose) >= LEAST:
                try:
                    self._lay(at, whose)
                except BaseException:
                    self._drop()
                    raise
            return self._ahead is not None

    def _lay(self, at: int, whose: Sequence[str | None]) -> None:
        began = time.perf_counter()
        blocks, end = self._read(at, at + len(whose))
        self._ahead = self._ahead or self._warehouse.ahead()
        self._ahead.add(block_batch(blocks, whose[: end - at], end))
        self._laid += whose[: end - at]
        LOAD_SECONDS.observe(time.perf_counter() - began)

    def _begun(self, goal: int) -> tuple[Ahead, int]:
        """The transaction of what lies ready, and how far that goes, if it is what was committed; else a new one."""
        if self._ahead is None:
            return self._warehouse.ahead(), self.mark
        known, end = self._stream.customers, self.mark + len(self._laid)
        laid = range(self.mark + 1, end + 1)
        if end > goal or any(known.get(n, _UNKNOWN) != whose for n, whose in zip(laid, self._laid, strict=True)):
            self._drop()
            return self._warehouse.ahead(), self.mark
        rows, self._ahead, self._laid = self._ahead, None, []
        for offset in laid:
            del known[offset]
        return rows, end

    def _drop(self) -> None:
        rows, self._ahead, self._laid = self._ahead, None, []
        if rows is not None:
            rows.rollback()

    def _seal(self) -> None:
        try:
            self._warehouse.seal()
        except Exception as error:  # the order is for speed alone: the facts are loaded
            _log.error("seal_failed", error=type(error).__name__, at=where(error))

    def _round(self) -> float:
        try:
            self._bring(self._stream.offset, copying=not self._far_behind())
        except Transient:  # told of already
            self.healthy = False
            return BACK_OFF_S
        self.healthy = True
        if self.follow():
            return 0.0 if self._behind else FOLLOW_S
        self._seal()
        if time.monotonic() - self._folded > CHECKPOINT_S:
            self._warehouse.checkpoint()
            self._folded = time.monotonic()
        return EVERY_S

    def _far_behind(self) -> bool:
        """Customers that change again soon need not be copied now."""
        recent = time.monotonic() - self._copied < STALE_S
        return recent and self._event_log.tail() - self._stream.offset > EVENTS


def _is_known(customer: object) -> bool:
    return customer is not _UNKNOWN
