"""Whom is this event about? The first stage of the stream: identifiers in, one customer out.

The strongest identifier decides; weaker ones join their customer unless that would put two people into one. An
identifier that may not join is set aside and recorded: a cookie or a device then follows the newest sign-in, any other
stays with whom it was. History does not move with a cookie: events before the move stay where they were.
"""

from __future__ import annotations

from sqlalchemy import Connection

from homing.core.event import CUSTOMER, Event, Id
from homing.core.ids import ID_TYPES, stable_id
from homing.core.time import MINUTE
from homing.core.turn import Turn
from homing.identity.cache import Cache
from homing.identity.graph import (
    ACTIVE,
    ANONYMOUS,
    DEMOTED,
    NOBODY,
    Ident,
    Merge,
    Resolution,
    active,
    evidence,
    obstacle,
    priority,
    seniority,
)
from homing.identity.writes import Writes
from homing.storage.state import State


class Resolver:
    """The identity stage of one stream worker.

    Args:
        state: where identifiers, links, merges and conflicts are kept.
        capacity: identifiers held in memory; below it nothing is ever read back.
    """

    def __init__(self, state: State, *, capacity: int = 300_000) -> None:
        self._cache = Cache(state, capacity)
        self._writes = Writes()

    def resolve(self, event: Event, turn: Turn) -> Resolution:
        """The customer of the event; makes one when nobody holds its identifiers, merges those it shows to be one."""
        for named in event.ids:
            if named.type == CUSTOMER:
                return Resolution(self._cache.winner(named.value))
        ids = _named(event)
        if not ids:
            return NOBODY
        found = {i: ident for i in ids if (ident := self._cache.get(i)) is not None}
        owners = {ident.customer_id for ident in found.values()}
        if len(found) == len(ids) and len(owners) == 1:
            resolution = Resolution(owners.pop())
        else:
            resolution = self._join(event, ids, found, turn)
        self._seen(event, ids, resolution.customer_id)
        return resolution

    def flush(self, conn: Connection) -> None:
        """Write what changed since the last flush."""
        self._writes.flush(conn, self._cache.take_dirty())
        self._cache.trim()

    def forget(self) -> None:
        """Drop what memory holds; the tables are the truth."""
        self._writes = Writes()
        self._cache.forget()

    # -- joining -------------------------------------------------------------------------------------------------------
    def _join(self, event: Event, ids: list[Id], found: dict[Id, Ident], turn: Turn) -> Resolution:
        group: set[Id] = set()  # the active identifiers of the person this event is about
        joined: list[str] = []  # the customers that person was so far
        fresh: list[Id] = []
        aside: list[tuple[Id, str]] = []
        for i in ids:
            ident = found.get(i)
            if ident is None:
                adding: set[Id] = {i}
            elif ident.customer_id in joined:
                continue
            else:
                adding = {i} if ident.status == DEMOTED else active(self._cache.held(ident.customer_id))
            why = obstacle(group, adding) if group else None
            if ident is not None and ident.status == DEMOTED and group:
                why = why or "demoted"
            if ident is None and (why is None or why.startswith("limit:")):
                fresh.append(i)  # where that breaks a limit, the one seen longest ago gives way below
                group |= adding if why is None else set()
            elif why is not None:
                aside.append((i, why))
            else:
                group |= adding
                if ident is not None:
                    joined.append(ident.customer_id)
        winner, merges = self._merge(event, ids, joined, turn)
        for i in fresh:
            self._attach(event, i, winner)
        for i, why in aside:
            self._set_aside(event, i, why, winner, turn)
        self._keep_limits(event, winner, turn)
        return Resolution(winner, merges, created=not joined)

    def _merge(self, event: Event, ids: list[Id], joined: list[str], turn: Turn) -> tuple[str, tuple[Merge, ...]]:
        if not joined:
            return stable_id("c", event.event_id), ()
        ranked = sorted(joined, key=lambda c: seniority(c, self._cache.held(c)))
        winner = ranked[0]
        merges = []
        for loser in ranked[1:]:
            proof = evidence(ids, self._cache.held(loser), self._cache.held(winner))
            self._writes.merged(event, Merge(loser, winner), proof, turn)
            self._cache.move_all(loser, winner)
            merges.append(Merge(loser, winner))
        return winner, tuple(merges)

    def _attach(self, event: Event, i: Id, customer_id: str) -> None:
        self._cache.put(Ident(i, customer_id, event.happened_us, event.happened_us, event.source_id))

    def _set_aside(self, event: Event, i: Id, why: str, customer_id: str, turn: Turn) -> None:
        ident = self._cache.get(i)
        owner = ident.customer_id if ident else None
        self._writes.conflict(event, customer_id, why, {"id": list(i), "owner": owner}, turn)
        if ident is not None and i.type in ANONYMOUS and owner != customer_id:
            self._writes.moved(i, ident.customer_id, turn)
            self._cache.move(ident, customer_id)
            ident.status = ACTIVE

    def _keep_limits(self, event: Event, customer_id: str, turn: Turn) -> None:
        for kind in {i.type for i in _named(event)}:
            held = [x for x in self._cache.held(customer_id).values() if x.id.type == kind and x.status == ACTIVE]
            over = len(held) - ID_TYPES[kind].limit
            if over <= 0:
                continue
            spared = set(event.ids)
            for ident in sorted(held, key=lambda x: (x.id in spared, x.age))[:over]:
                ident.status = DEMOTED
                self._cache.touch(ident)
                self._writes.conflict(event, customer_id, f"demoted:{kind}", {"id": list(ident.id)}, turn)

    def _seen(self, event: Event, ids: list[Id], customer_id: str | None) -> None:
        here = []
        for i in ids:
            ident = self._cache.get(i)
            if ident is None or ident.customer_id != customer_id:
                continue
            here.append(ident)
            if event.happened_us >= ident.last_us + MINUTE:  # a minute is fine enough, and saves a write an event
                ident.last_us = event.happened_us
                self._cache.touch(ident)
            if event.happened_us < ident.first_us:
                ident.first_us = event.happened_us
                self._cache.touch(ident)
        linking = [ident.id for ident in here if ident.status == ACTIVE]
        for weaker in linking[1:]:
            self._writes.edge(event, linking[0], weaker)


def _named(event: Event) -> list[Id]:
    """The identifiers of an event, strongest first, each once; an alias names the previous one too."""
    named = event.ids if event.previous is None else (*event.ids, event.previous)
    if len(named) == 1:
        return [named[0]] if named[0].type in ID_TYPES else []
    return sorted({i for i in named if i.type in ID_TYPES}, key=priority)
