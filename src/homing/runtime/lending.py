"""Which sources are under an agreement, and of which has it expired, at this place of the log?

An agreement that is published sets a timer for its end. When the timer fires, an event says so in the log, and the
stages take it where it stands: what the source said is no longer shown, every segment is judged anew, and what only its
events joined is taken apart, some customers at a time (`Evidence Weighed`). Extending the agreement is publishing it
again; then its evidence counts again. A replay does the same at the same places.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace as changed
from sqlalchemy import Connection, select

from homing.collect.agreements import Terms, in_force, unreadable
from homing.collect.definitions.agreement import KIND, Agreement
from homing.core.event import OWN_SOURCE, Event, Stored
from homing.core.turn import Timer, Turn
from homing.identity.weighing import weighings
from homing.storage.definitions import Definition
from homing.storage.schema import consumer
from homing.storage.warehouse import Warehouse

EXPIRED = "Agreement Expired"
STREAM = "stream"
Standing = tuple[frozenset[str], frozenset[str]]  # sources under an agreement, and those of them that are closed


class Lending:
    """What the stream knows of agreements.

    Args:
        warehouse: told which sources are closed, before anything is judged anew.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self.told: Callable[[dict[str, Terms]], None] | None = None  # whoever answers readers hears of it first
        self.closed: frozenset[str] = frozenset()  # as the stream stands

    def load(self, conn: Connection) -> Standing:
        """What stood when the stream stopped."""
        progress = conn.execute(select(consumer.c.updated_us).where(consumer.c.name == STREAM)).scalar()
        lent, self.closed = _standing(in_force(conn), progress or 0)
        return lent, self.closed

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> Standing:
        """An agreement was published, changed or taken back: when does it end?"""
        expires_us = Agreement.model_validate(definition.document).expires_us()
        if definition.status != "deleted" and expires_us > turn.now_us:
            turn.set_timer(KIND, definition.id, expires_us, "")
        else:
            turn.cancel_timer(KIND, definition.id)
        return self.stand(turn, conn)

    def stand(self, turn: Turn, conn: Connection) -> Standing:
        """What stands now; the warehouse shows nothing else from here on."""
        terms = in_force(conn)
        if self.told is not None:
            self.told(terms)
        lent, closed = _standing(terms, turn.now_us)
        self.closed = closed
        self._warehouse.close_sources(closed)
        for event in weighings(self._warehouse, closed, turn):
            turn.emit(event)
        return lent, closed

    def read(self, stored: Stored) -> Stored:
        """The event as it may be read: of a closed source nothing but that it was."""
        if stored.event.source_id not in self.closed:
            return stored
        return stored._replace(event=changed(stored.event, name="", properties={}, traits={}, context={}))

    def wake(self, timer: Timer, turn: Turn) -> None:
        """An agreement has ended: say so in the log."""
        event_id = f"agreement-expired:{timer.key}:{timer.due_us}"
        turn.emit(Event(event_id=event_id, kind="track", name=EXPIRED, happened_us=timer.due_us, source_id=OWN_SOURCE,
                        properties={"agreement": timer.key}))  # fmt: skip


def _standing(terms: Mapping[str, Terms], now_us: int) -> Standing:
    return frozenset(terms), unreadable(terms, now_us)
