"""A workspace down to the profile: events go through identity, consent and profile, and into the warehouse."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from homing.core.event import Event, Id, Stored
from homing.core.time import parse_iso
from homing.core.turn import Turn
from homing.govern import ConsentBook
from homing.identity import Resolution, Resolver
from homing.profile import ProfileBook
from homing.runtime.copies import copy_state
from homing.storage.state import State
from homing.storage.warehouse import BatchBuilder, Warehouse

ZONE, CURRENCY = "America/New_York", "USD"
START = parse_iso("2018-01-01T12:00:00Z")
Ids = Iterable[tuple[str, str]]


class World:
    """The first three stages over real stores; `restart` throws memory away."""

    def __init__(self, folder: Path, *, capacity: int = 300_000, warehouse: bool = True) -> None:
        self.folder = folder
        shutil.copy(_empty_state(), folder / "state.db")
        self.state = State(folder / "state.db")
        self._warehouse = Warehouse(folder / "warehouse.duckdb") if warehouse else None
        self.capacity = capacity
        self.offset = 0
        self.now_us = START
        self.begin()

    def begin(self) -> None:
        self.identity = Resolver(self.state, capacity=self.capacity)
        self.consent = ConsentBook(self.state)
        self.profile = ProfileBook(self.state, zone=ZONE, currency=CURRENCY)
        self._batch = BatchBuilder()

    def take(self, event: Event, received_us: int | None = None) -> Resolution:
        """One event through the stages, received when it happened unless said otherwise."""
        self.offset += 1
        self.now_us = max(self.now_us, event.happened_us if received_us is None else received_us)
        turn = Turn(self.now_us, self.offset)
        stored = Stored(self.offset, self.now_us, event)
        found = self.identity.resolve(event, turn)
        for merged in found.merges:
            self.consent.merge(merged.loser, merged.winner, turn)
            self.profile.merge(merged.loser, merged.winner, turn)
        self.consent.apply(stored, found.customer_id, turn)
        self.changed = self.profile.apply(stored, found.customer_id, turn)
        self._batch.add(stored, found.customer_id)
        return found

    def track(self, name: str, ids: Ids, at_us: int | None = None, /, **properties: Any) -> str:
        """A track event; return whom it was about."""
        event = made(f"e{self.offset + 1}", name, ids, self.now_us if at_us is None else at_us, properties)
        return str(self.take(event).customer_id)

    def identify(self, ids: Ids, at_us: int | None = None, /, **traits: Any) -> str:
        """An identify event; return whom it was about."""
        event = Event(event_id=f"e{self.offset + 1}", kind="identify", source_id="shop", traits=traits,
                      happened_us=self.now_us if at_us is None else at_us, ids=tuple(Id(*i) for i in ids))  # fmt: skip
        return str(self.take(event).customer_id)

    def flush(self) -> None:
        """Commit, and load the warehouse."""
        with self.state.write() as conn:
            for stage in (self.identity, self.consent, self.profile):
                stage.flush(conn)
        if self._warehouse is None:
            return
        if len(self._batch):
            self.warehouse.load(self._batch.build())
            self._batch = BatchBuilder()
        copy_state(self.state, self.warehouse, up_to=self.offset)

    def restart(self) -> None:
        """Commit, then begin again with nothing in memory."""
        self.flush()
        self.begin()

    def trait(self, customer_id: str, name: str) -> Any:
        return self.profile.trait_of(customer_id, name)

    @property
    def warehouse(self) -> Warehouse:
        assert self._warehouse is not None
        return self._warehouse

    def close(self) -> None:
        if self._warehouse is not None:
            self._warehouse.close()
        self.state.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@cache
def _empty_state() -> Path:
    """A migrated state without rows: copying it is faster than migrating each time."""
    path = Path(tempfile.mkdtemp()) / "state.db"
    State(path).close()
    return path


def made(event_id: str, name: str, ids: Ids, at_us: int, properties: dict[str, Any] | None = None) -> Event:
    """A track event."""
    return Event(event_id=event_id, kind="track", name=name, happened_us=at_us, source_id="shop",
                 ids=tuple(Id(*i) for i in ids), properties=properties or {})  # fmt: skip
