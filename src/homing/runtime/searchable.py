"""How does a search find a customer a moment after the stream met her? A follower copies names out of the state.

It reads customers that changed since its mark, as the warehouse's copies do, and writes only what is called otherwise
now, into a file of its own: the stream's transactions wait for nothing. A search waits for a follower that is nearly
there; while a large workspace is first copied, what has come so far is found.
"""

from __future__ import annotations

import threading
import time

import structlog
from sqlalchemy import select

from homing.runtime.rounds import Rounds
from homing.storage.schema import customer
from homing.storage.search import Entry, SearchIndex
from homing.storage.state import State

ROWS = 10_000  # customers a transaction
EVERY_S = 1.0
REST = 2  # times as long as it worked does it rest, when there is more to do than it can

_log = structlog.get_logger("homing.search")


class Searchable:
    """The thread that keeps the index.

    Args:
        state: where customers are.
        index: where they are found.
    """

    def __init__(self, state: State, index: SearchIndex) -> None:
        self._state = state
        self._index = index
        self._copying = threading.Lock()
        self._rounds = Rounds("search-index", self._round, log=_log, failed="search_index_failed", retry_s=EVERY_S)

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """Finish what is in hand, then end."""
        self._rounds.stop()

    def catch_up(self) -> None:
        """Copy everything that changed up to now."""
        while self.step() == ROWS:
            pass

    def step(self) -> int:
        """Copy one page; return how many customers it had."""
        with self._copying:
            mark = self._index.mark()
            wanted = (
                select(customer.c.customer_id, customer.c.merged_into, customer.c.search, customer.c.display,
                       customer.c.changed_offset)
                .where(customer.c.changed_offset > mark)
                .order_by(customer.c.changed_offset)
                .limit(ROWS)
            )  # fmt: skip
            with self._state.read() as conn:
                rows = conn.execute(wanted).all()
                if len(rows) == ROWS and rows[0].changed_offset == rows[-1].changed_offset:
                    whole = wanted.where(customer.c.changed_offset == rows[0].changed_offset).limit(None)
                    rows = conn.execute(whole).all()  # so many in one turn: a merge undone, an agreement's end
            if not rows:
                return 0
            last = rows[-1].changed_offset
            # a customer changes again only at a later offset: a page ends between two offsets, never inside one
            end = last - 1 if len(rows) == ROWS and rows[0].changed_offset < last else last
            self._index.put([_entry(*called) for *called, changed in rows if changed <= end], end)
            return len(rows)

    def _round(self) -> float:
        began = time.monotonic()
        more = self.step() >= ROWS
        return min(EVERY_S, (time.monotonic() - began) * REST) if more else EVERY_S


def _entry(customer_id: str, merged_into: str | None, search: str, display: str) -> Entry:
    if merged_into is not None:
        return Entry(customer_id, None)
    return Entry(customer_id, search, name_alone(display))


def name_alone(display: str) -> str:
    """What a list shows of a customer, where that is a name and no address or number."""
    shown = display.lower()
    return "" if "@" in shown or shown.startswith("+") else shown
