"""Which identifiers does memory hold? All of them while they fit; beyond that the hot ones, read back when asked.

The cache and the tables together are the truth: an identifier changed since the last flush stays in memory until it
is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from homing.core.event import Id
from homing.identity.graph import Held, Ident
from homing.identity.winners import Winners, read_winners
from homing.storage.schema import identifier
from homing.storage.state import State
from homing.storage.state.lookup import looked_up


class Cache:
    """Identifiers by value and by customer."""

    def __init__(self, state: State | None, capacity: int) -> None:
        self._state = state
        self._capacity = capacity
        self._winners = Winners()
        self._idents: dict[Id, Ident] = {}
        self._held: dict[str, dict[Id, Ident]] = {}  # customers whose identifiers are all in memory
        self._dirty: dict[Id, Ident] = {}
        self._gone: set[Id] = set()  # rows that are to be deleted; they say nothing any more
        self._whole = self._loaded = state is None  # every stored identifier is in memory

    def get(self, i: Id) -> Ident | None:
        """The identifier, or None when nobody holds it."""
        self._load()
        found = self._idents.get(i)
        if found is None and not self._whole and i not in self._gone:
            self._read(type=i.type, value=i.value)
            found = self._idents.get(i)
        return found

    def winner(self, customer_id: str) -> str:
        """The customer that goes on; the same one when it was never merged."""
        self._load()
        return self._winners.of(customer_id)

    def held(self, customer_id: str) -> Held:
        """Everything a customer holds."""
        return self._holding(customer_id)

    def put(self, ident: Ident) -> None:
        """A new identifier."""
        held = self._holding(ident.customer_id)
        self._idents[ident.id] = ident
        held[ident.id] = ident
        self._dirty[ident.id] = ident
        self._gone.discard(ident.id)

    def drop(self, i: Id) -> None:
        """Nobody holds the identifier any more."""
        ident = self.get(i)
        if ident is not None:
            self._holding(ident.customer_id).pop(i, None)
            self._idents.pop(i, None)
            self._dirty.pop(i, None)
            self._gone.add(i)

    def touch(self, ident: Ident) -> None:
        """The identifier changed."""
        self._dirty[ident.id] = ident

    def move(self, ident: Ident, customer_id: str) -> None:
        """The identifier belongs to another customer from now on."""
        there = self._holding(customer_id)
        self._holding(ident.customer_id).pop(ident.id, None)
        ident.customer_id = customer_id
        there[ident.id] = ident
        self._dirty[ident.id] = ident

    def move_all(self, loser: str, winner: str) -> None:
        """Everything of `loser` belongs to `winner` from now on."""
        for ident in list(self.held(loser).values()):
            self.move(ident, winner)
        self._held.pop(loser, None)
        self._winners.add(loser, winner)

    def apart(self, losers: Iterable[str]) -> None:
        """These customers are themselves again."""
        self._load()
        self._winners.remove(losers)

    def joined(self, loser: str, winner: str) -> None:
        """`loser`, who holds nothing, is `winner` from now on."""
        self._load()
        self._winners.add(loser, winner)

    def everything(self) -> dict[Id, Ident]:
        """What memory holds."""
        return dict(self._idents)

    def take_gone(self) -> list[Id]:
        """Whose rows are to be deleted; they count as deleted."""
        taken, self._gone = sorted(self._gone), set()
        return taken

    def take_dirty(self) -> Iterable[Ident]:
        """What changed since the last time; it counts as written."""
        taken, self._dirty = self._dirty, {}
        return taken.values()

    def trim(self) -> bool:
        """Let go of the older half when memory is full, and say whether it was; call only after a flush."""
        full = len(self._idents) > self._capacity
        if full:
            self._whole = False
            self._held.clear()
            for i in list(self._idents)[: len(self._idents) - self._capacity // 2]:
                del self._idents[i]
        return full

    def forget(self) -> None:
        """Drop everything."""
        self._idents, self._held, self._dirty, self._gone = {}, {}, {}, set()
        self._loaded = self._whole = self._state is None

    def _holding(self, customer_id: str) -> dict[Id, Ident]:
        held = self._held.get(customer_id)
        if held is None:
            held = {}
            if not self._whole:
                stored = self._read(customer_id=customer_id)
                both = {**{i: self._idents[i] for i in stored if i not in self._gone}, **self._dirty}
                held = {i: x for i, x in both.items() if x.customer_id == customer_id}
            self._held[customer_id] = held
        return held

    def _load(self) -> None:
        if self._loaded or self._state is None:
            return
        with self._state.read() as conn:
            self._winners = read_winners(conn)
            count = conn.execute(select(func.count()).select_from(identifier)).scalar() or 0
        if count <= self._capacity:
            self._read()
            for ident in self._idents.values():
                self._held.setdefault(ident.customer_id, {})[ident.id] = ident
            self._whole = True
        self._loaded = True

    def _read(self, **which: str) -> list[Id]:
        if self._state is None:
            return []
        return [self._take(row) for row in looked_up(self._state, identifier, **which)]

    def _take(self, row: Any) -> Id:
        i = Id(row.type, row.value)
        if i not in self._idents and i not in self._gone:
            self._idents[i] = Ident(i, row.customer_id, row.first_us, row.last_us, row.source_id, row.status,
                                    tuple(row.rivals or ()))  # fmt: skip
        return i
