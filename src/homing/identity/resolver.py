"""Whom is this event about? The first stage of the stream: identifiers in, one customer out.

The strongest identifier decides; weaker ones join their customer unless that would put two people into one. An
identifier that may not join is set aside and recorded: a cookie or a device then follows the newest sign-in, any other
stays with whom it was. History does not move with a cookie: events before the move stay where they were. A value that
was set aside for too many people is shared: the log is told so, and reading that, nothing is joined by it any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from msgspec.structs import replace as changed
from sqlalchemy import Connection

from homing.core.errors import Terminal
from homing.core.event import CUSTOMER, OWN_SOURCE, Event, Id, Stored
from homing.core.ids import ID_TYPES, stable_id
from homing.core.time import HOUR
from homing.core.turn import Past, Turn
from homing.identity import hand, moot
from homing.identity.cache import Cache
from homing.identity.graph import (
    ACTIVE,
    ANONYMOUS,
    BLOCKED,
    DEMOTED,
    NOBODY,
    SEPARATED,
    SHARED,
    TRUSTED,
    Ident,
    Merge,
    Resolution,
    active,
    evidence,
    obstacle,
    seniority,
    stale,
)
from homing.identity.history import History
from homing.identity.law import Law, read_law
from homing.identity.reconsider import Reading, reconsider
from homing.identity.rules import rules_of
from homing.identity.writes import Writes
from homing.storage.definitions import Definition
from homing.storage.state import State

ORDERED = 100_000  # sets of identifiers whose order is remembered


class Resolver:
    """The identity stage of one stream worker.

    Args:
        state: where identifiers, links, merges and conflicts are kept; None: in memory alone, to look at a past.
        capacity: identifiers held in memory; below it nothing is ever read back.
        law: what forbids a join; None: what the tables say.
        history: whose events were whose; needed to take customers apart.
    """

    def __init__(
        self, state: State | None, *, capacity: int = 300_000, law: Law | None = None, history: History | None = None
    ) -> None:
        self._state = state
        self._history = history
        self.cache = Cache(state, capacity)
        self.writes = Writes()
        self._law = law
        self._ordered: dict[tuple[Id, ...], list[Id]] = {}  # of events before, for most name the same identifiers
        self._settled: dict[tuple[Id, ...], tuple[Resolution, list[Ident]]] = {}  # of events that taught nothing new

    @property
    def law(self) -> Law:
        """What forbids a join, as it stands."""
        if self._law is None:
            if self._state is None:
                self._law = Law()
            else:
                with self._state.read() as conn:
                    self._law = read_law(conn)
        return self._law

    def resolve(self, event: Event, turn: Turn) -> Resolution:
        """The customer of the event; makes one when nobody holds its identifiers, merges those it shows to be one."""
        settled = self._settled.get(event.ids)
        if settled is not None and event.previous is None and event.source_id != OWN_SOURCE:
            resolution, idents = settled
            owner, at, told = resolution.customer_id, event.happened_us, True
            for ident in idents:
                if ident.customer_id != owner:
                    break
                told = told and ident.first_us <= at < ident.last_us + HOUR
            else:
                if not told:
                    self._stretch(idents, at)
                return resolution
        return self._resolve(event, turn)

    def alone(self, event: Event) -> Event:
        """What of an event joins nobody: it names the strongest of its identifiers."""
        return changed(event, ids=self.law.strongest(event.ids), previous=None)

    def _resolve(self, event: Event, turn: Turn) -> Resolution:
        for named in event.ids:
            if named.type == CUSTOMER:
                if event.name in hand.JOINING and event.source_id == OWN_SOURCE:
                    return hand.join(self, event, turn)
                return Resolution(self.cache.winner(named.value))
        if event.name in hand.JOINING and event.source_id == OWN_SOURCE:
            return hand.join(self, event, turn)
        ids = self._named(event)
        if not ids:
            return NOBODY
        strongest = self.cache.get(ids[0])
        owner = None if strongest is None else strongest.customer_id
        known = owner is not None and all(
            (i := self.cache.get(x)) is not None and i.customer_id == owner for x in ids[1:]
        )
        if known:
            resolution = Resolution(owner)
            self._settle(event, ids, resolution)
        else:
            linking = self._linking(ids)
            if not linking:
                return NOBODY
            resolution = self.join(event, linking, turn)
            if len(linking) < len(ids):
                resolution = replace(resolution, aside=resolution.aside | (set(ids) - set(linking)))
            ids = linking
        self._seen(event, ids, resolution.customer_id)
        return resolution

    def reconsider(
        self, stored: Stored, turn: Turn, conn: Connection, read: Callable[[int, int], list[Stored]]
    ) -> Past | None:
        """A customer was taken apart, or a value links no more, or again: who are these people now?

        Must be called between two batches, the warehouse standing at the offset before.

        Args:
            stored: an event that `hand.PARTING` names.
            turn: its turn.
            conn: the transaction.
            read: the log's.

        Returns:
            What the customers concerned did, for all other stages; None when nobody is concerned.

        Raises:
            Terminal: this resolver was made without a warehouse.
        """
        if self._history is None:
            raise Terminal("a customer is to be taken apart, wanted a warehouse that knows who did what")
        past = reconsider(Reading(self, self._history, read, turn, conn), stored.event)
        self._settled.clear()
        return past

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> None:  # noqa: ARG002 - every stage's form
        """New rules are in force, or were taken back; what was joined before stays."""
        law, before = self.law, self.law.rules.blocked
        law.rules = rules_of(conn)
        self._ordered.clear()
        self._settled.clear()
        for name in moot.among(conn, law.rules.blocked - before, "open"):
            self.writes.settled(name, moot.UNLINKED, turn, "homing")
        self.writes.reopened(moot.among(conn, before - law.rules.blocked, moot.UNLINKED))
        for i in sorted(law.rules.blocked - before):
            self.release(i, turn)

    def flush(self, conn: Connection) -> None:
        """Write what changed since the last flush."""
        self.writes.flush(conn, self.cache.take_dirty(), self.cache.take_gone())
        if self.cache.trim():
            self._settled.clear()

    def forget(self) -> None:
        """Drop what memory holds; the tables are the truth."""
        self.writes = Writes()
        self._law = None
        self._ordered.clear()
        self._settled.clear()
        self.cache.forget()

    def release(self, i: Id, turn: Turn) -> None:
        """Nobody holds the identifier from now on; what it meant before it meant."""
        ident = self.cache.get(i)
        if ident is not None:
            self.writes.moved(i, ident.customer_id, turn)
            self.drop(i)

    def drop(self, i: Id) -> None:
        """Nobody holds the identifier any more, and nothing is written down of that."""
        self._settled.clear()
        self.cache.drop(i)

    # -- joining -------------------------------------------------------------------------------------------------------
    def join(
        self, event: Event, ids: list[Id], turn: Turn, *, by_hand: bool = False, reason: str = ""
    ) -> Resolution:  # fmt: skip
        """One customer of these identifiers, strongest first, as far as nothing forbids it."""
        group: set[Id] = set()  # the active identifiers of the person this event is about
        uncounted: set[Id] = set()
        joined: list[str] = []  # the customers that person was so far
        fresh: list[Id] = []
        aside: list[tuple[Id, str]] = []
        for i in ids:
            ident = self.cache.get(i)
            if ident is None:
                adding: set[Id] = {i}
            elif ident.customer_id in joined:
                continue
            else:
                held = self.cache.held(ident.customer_id)
                adding = {i} if ident.status == DEMOTED else active(held)
                uncounted |= stale(held, self.law, event.happened_us) - {i}
            why = obstacle(group, adding, self.law, stale=uncounted, by_hand=by_hand) if group else None
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
        winner, merges = self._merge(event, ids, joined, turn, reason)
        for i in fresh:
            self._attach(event, i, winner)
        for i, why in aside:
            self._set_aside(event, i, why, winner, turn)
        self._keep_limits(event, ids, winner, turn)
        apart = frozenset(i for i, why in aside if why == SEPARATED)
        return Resolution(winner, merges, created=not joined, aside=apart)

    def _merge(
        self, event: Event, ids: list[Id], joined: list[str], turn: Turn, reason: str
    ) -> tuple[str, tuple[Merge, ...]]:
        if not joined:
            return stable_id("c", event.event_id), ()
        ranked = sorted(joined, key=lambda c: seniority(c, self.cache.held(c)))
        winner = ranked[0]
        merges = []
        for loser in ranked[1:]:
            proof = evidence(ids, self.cache.held(loser), self.cache.held(winner))
            self.writes.merged(event, Merge(loser, winner), proof, turn, reason)
            self.cache.move_all(loser, winner)
            merges.append(Merge(loser, winner))
        return winner, tuple(merges)

    def _attach(self, event: Event, i: Id, customer_id: str) -> None:
        status = SHARED if self.law.standing(i) == SHARED else ACTIVE
        self.cache.put(Ident(i, customer_id, event.happened_us, event.happened_us, event.source_id, status))

    def _set_aside(self, event: Event, i: Id, why: str, customer_id: str, turn: Turn) -> None:
        ident = self.cache.get(i)
        owner = ident.customer_id if ident else None
        if why == SEPARATED:  # somebody said so: it stays where it is; evidence of later is worth a question
            held = set(self.cache.held(customer_id))
            found = self.law.apart.between(held, {i} if ident is None else active(self.cache.held(ident.customer_id)))
            if found is None or not found.asks or turn.offset <= found.log_offset:
                return
        self.writes.conflict(event, customer_id, why, {"id": list(i), "owner": owner}, turn)
        if ident is None or owner == customer_id:
            return
        if why != "demoted":
            self._contested(event, ident, customer_id, turn)
        if i.type in ANONYMOUS and why != SEPARATED:
            self.writes.moved(i, ident.customer_id, turn)
            self.cache.move(ident, customer_id)
            ident.status = ACTIVE

    def _contested(self, event: Event, ident: Ident, customer_id: str, turn: Turn) -> None:
        """One more customer has this identifier who cannot be one person with its own: is it shared?"""
        after = self.law.rules.types[ident.id.type].shared_after
        if not after or TRUSTED in ident.rivals:
            return
        rivals = {self.cache.winner(c) for c in ident.rivals} | {customer_id, ident.customer_id}
        ident.rivals = tuple(sorted(rivals))
        if len(rivals) >= after:
            turn.emit(hand.learned(event, ident.id, len(rivals)))
            ident.rivals = ()
        self.cache.touch(ident)

    def _keep_limits(self, event: Event, ids: list[Id], customer_id: str, turn: Turn) -> None:
        rules = self.law.rules.types
        for kind in sorted({i.type for i in ids}):
            everything = self.cache.held(customer_id)
            held = [x for x in everything.values() if x.id.type == kind and x.status == ACTIVE]
            over = len(held) - rules[kind].limit
            if over <= 0:
                continue
            old = stale(everything, self.law, event.happened_us) if rules[kind].window_us is not None else set()
            held = [x for x in held if x.id not in old]
            over = len(held) - rules[kind].limit
            spared = set(ids)
            for ident in sorted(held, key=lambda x: (x.id in spared, x.age))[: max(0, over)]:
                ident.status = DEMOTED
                self.cache.touch(ident)
                self.writes.conflict(event, customer_id, f"demoted:{kind}", {"id": list(ident.id)}, turn)

    def _seen(self, event: Event, ids: list[Id], customer_id: str | None) -> None:
        here = []
        for i in ids:
            ident = self.cache.get(i)
            if ident is None or ident.customer_id != customer_id:
                continue
            here.append(ident)
        self._stretch(here, event.happened_us)
        linking = [ident.id for ident in here if ident.status == ACTIVE]
        for weaker in linking[1:]:
            self.writes.edge(event, linking[0], weaker)

    def _stretch(self, idents: Iterable[Ident], at_us: int) -> None:
        """They were met at this instant; an hour is fine enough, and saves a write an event."""
        for ident in idents:
            if at_us >= ident.last_us + HOUR:
                ident.last_us = at_us
                self.cache.touch(ident)
            if at_us < ident.first_us:
                ident.first_us = at_us
                self.cache.touch(ident)

    def _settle(self, event: Event, ids: list[Id], resolution: Resolution) -> None:
        """Remember whom an event named, for the next that names the same; where each links, its edges are written."""
        idents = [ident for i in ids if (ident := self.cache.get(i)) is not None]
        if event.previous is None and all(ident.status == ACTIVE for ident in idents):
            if len(self._settled) >= ORDERED:
                self._settled.clear()
            self._settled[event.ids] = (resolution, idents)

    def _linking(self, ids: list[Id]) -> list[Id]:
        """The identifiers that may be joined; a shared one alone means its own customer, a blocked one nobody."""
        standing = {i: self.law.standing(i) for i in ids}
        free = [i for i in ids if standing[i] is None]
        return free or [i for i in ids if standing[i] != BLOCKED][:1]

    def _named(self, event: Event) -> list[Id]:
        """The identifiers of an event, strongest first, each once; an alias names the previous one too."""
        named = event.ids if event.previous is None else (*event.ids, event.previous)
        if len(named) == 1:
            return list(named) if named[0].type in ID_TYPES else []
        known = self._ordered.get(named)
        if known is None:
            if len(self._ordered) >= ORDERED:
                self._ordered.clear()
            known = sorted({i for i in named if i.type in ID_TYPES}, key=self.law.rules.priority)
            self._ordered[named] = known
        return known
