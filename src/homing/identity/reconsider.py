"""Who are these customers, now that somebody took one apart or a value links no more? Resolved again from their events.

A split keeps two sets of identifiers apart for good: taking a merge back, those that either side held just before it;
taking identifiers out, those and all the others, each of which stays one customer. A value that is blocked or shared,
by hand or learned, counts as never having linked anybody; one that is released counts as always having linked. What a
source said joins nobody while its agreement has expired. Then the events of all customers concerned are resolved again
(`retrace`), the tables say what that gives, and the warehouse is told whose the events are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from homing.collect.agreements import in_force, unreadable
from homing.core.event import Event, Id, Stored
from homing.core.ids import ID_TYPES
from homing.core.turn import Past, Turn
from homing.identity import component, hand, moot
from homing.identity.graph import ACTIVE, BLOCKED, SHARED, TRUSTED
from homing.identity.law import STILL, Law, ever_apart
from homing.identity.retrace import Retrace, read_events
from homing.identity.winners import id_rows
from homing.identity.writes import made_by
from homing.storage.schema import identifier_move, identity_conflict, identity_link, merge, rejected

if TYPE_CHECKING:
    from homing.identity.history import History
    from homing.identity.resolver import Resolver

MOST_CUSTOMERS = 200  # named by more of them, a value is blocked for its holder, and released from now on, only
Read = Callable[[int, int], list[Stored]]


@dataclass(slots=True)
class Reading:
    """What is read at one place of the log: the resolver as it stands and where the past is found."""

    resolver: Resolver
    history: History
    read: Read
    turn: Turn
    conn: Connection
    ended: set[str] = field(default_factory=set)  # links that hold no more from here on
    trusted: set[Id] = field(default_factory=set)  # values somebody said are nobody's but their own
    kept: tuple[frozenset[Id], ...] = ()  # sets of identifiers each of which is one customer
    moot: set[str] = field(default_factory=set)  # conflicts over a value that links no more: answered by that
    again: set[str] = field(default_factory=set)  # conflicts that were moot, over a value that links again


def reconsider(reading: Reading, event: Event) -> Past | None:
    """Carry out what an event of PARTING says; what the customers concerned did, or None when nobody is concerned."""
    reading.history.begin(reading.turn.offset)
    result = looked_at(reading, event)
    if result is None:
        return None
    component.write(reading, result, event)
    reading.history.tell(reading.turn.offset, result.renamed(), result.customers, result.aliases())
    return result.past()


def looked_at(reading: Reading, event: Event) -> component.Result | None:
    """What an event of PARTING would give; nothing is written, the resolver is not to be used after."""
    if event.name == hand.SPLIT:
        concerned = _split(reading, event)
    elif event.name == hand.BLOCK:
        concerned = _block(reading, event)
    elif event.name == hand.WEIGHED:
        concerned = _weigh(reading, event)
    else:
        concerned = _unblock(reading, event)
    if not concerned:
        return None
    old = component.read(reading.conn, reading.resolver, concerned)
    trace, owners = traced(reading, old)
    for side in reading.kept:
        _hold_together(reading, trace, side, event)
    return component.Result(old, trace, owners)


def traced(
    reading: Reading, old: component.Component, *, until: int | None = None
) -> tuple[Retrace, list[tuple[int, str]]]:
    """The past of a component resolved again up to an offset, and whose each event was until now."""
    offset = reading.turn.offset
    failed = _failed(reading.conn)
    owners = [one for one in reading.history.events_of(old.names, offset) if one[0] not in failed]
    events = list(read_events(reading.read, [o for o, _ in owners]))
    found = {i for stored in events for i in stored.event.ids if i.type in ID_TYPES} | old.held
    belonged, leaves = component.belonging(reading.conn, reading.resolver, old, found)
    resolver = reading.resolver
    apart, ended = ever_apart(reading.conn, resolver.law.apart)
    law = Law(resolver.law.rules, apart, resolver.law.still)
    closed = unreadable(in_force(reading.conn), reading.turn.now_us)
    trace = Retrace(law, belonged, lambda past: type(resolver)(None, law=past), closed)
    links = [row for row in _links(reading.conn, found) if row.link_id not in reading.ended]
    trace.run(events, links, leaves, ended, until=offset if until is None else until)
    return trace, owners


# -- what an event says ------------------------------------------------------------------------------------------------
def _split(reading: Reading, event: Event) -> list[str]:
    said, resolver = event.properties, reading.resolver
    customer_id = resolver.cache.winner(str(said.get("customer")))
    if said.get("merge"):
        sides = merge_sides(reading, customer_id, str(said["merge"]))
    else:
        held = set(resolver.cache.held(customer_id))
        out = {Id(str(i[0]), str(i[1])) for i in said.get("identifiers") or ()} & held
        sides = (frozenset(out), frozenset(held - out))
        reading.kept = sides
    if not all(sides):
        return []
    _end_links(reading, *sides)
    hand.separate(resolver, event, reading.turn, *sides, reason="split")
    return [customer_id]


def merge_sides(reading: Reading, customer_id: str, merge_id: str) -> tuple[frozenset[Id], frozenset[Id]]:
    """What the two customers of a merge held just before it; links that the merge rests on end."""
    nothing: frozenset[Id] = frozenset()
    m = merge.c
    row = reading.conn.execute(select(merge).where(m.merge_id == merge_id, m.undone_offset.is_(None))).one_or_none()
    if row is None or reading.resolver.cache.winner(row.winner) != customer_id:
        return nothing, nothing
    trace, _ = traced(reading, component.read(reading.conn, reading.resolver, [customer_id]), until=row.log_offset)
    cache = trace.resolver.cache
    for link in reading.conn.execute(select(identity_link.c.link_id).where(identity_link.c.event_id == row.event_id)):
        _end(reading, link.link_id)
    return frozenset(cache.held(cache.winner(row.loser))), frozenset(cache.held(cache.winner(row.winner)))


def _block(reading: Reading, event: Event) -> list[str]:
    i, status = _value(event), str(event.properties.get("status") or BLOCKED)
    resolver = reading.resolver
    if i is None or status not in STILL or resolver.law.still.get(i) == status:
        return []
    ident = resolver.cache.get(i)
    if event.properties.get("why") == "learned" and ident is not None and TRUSTED in ident.rivals:
        return []  # somebody said meanwhile that it is nobody's but its own
    reading.moot |= moot.over(reading.conn, resolver.cache, i)
    for name in sorted(reading.moot):
        resolver.writes.settled(name, moot.UNLINKED, reading.turn, made_by(event))
    resolver.law.still[i] = status
    resolver.writes.still(i, status, event, reading.turn)
    holder = {ident.customer_id} if ident is not None else set()
    return sorted(holder | _ever_joined(reading, i))


def _ever_joined(reading: Reading, i: Id) -> set[str]:
    """Whom a value may have joined or parted, while they are few.

    These are whoever held it, whose events name it, those with whom they exchanged cookies, and those with whom they
    could not be joined: its word decided there.
    """
    cache = reading.resolver.cache
    names = {row.customer_id for row in id_rows(reading.conn, identifier_move, [i])}
    names |= set(reading.history.naming(i, reading.turn.offset, most=MOST_CUSTOMERS + 1))
    return _around(reading, {cache.winner(c) for c in names})


def _weigh(reading: Reading, event: Event) -> list[str]:
    """The customers of an event, and everybody whom the source's events may have joined to them or parted from them."""
    source, found = str(event.properties.get("source")), set[str]()
    for name in event.properties.get("customers") or ():
        customer_id = reading.resolver.cache.winner(str(name))
        if customer_id not in found:
            found |= _around(reading, {customer_id}, source) or {customer_id}
    return sorted(found)


def _around(reading: Reading, names: Iterable[str], source: str = "") -> set[str]:
    """These customers and all with whom they exchanged cookies, could not be joined, or stand on an event of a source.

    Nobody where they come to more than MOST_CUSTOMERS.
    """
    conn, cache = reading.conn, reading.resolver.cache
    found: set[str] = set()
    last = set(names)
    while last and len(found | last) <= MOST_CUSTOMERS:
        found |= last
        old = component.read(conn, reading.resolver, sorted(last)).names
        lost = component.rows_with(conn, select(identifier_move), (identifier_move.c.customer_id,), old)
        moved = {Id(row.type, row.value) for row in lost}.union(*(cache.held(c) for c in last))
        owners = {row.customer_id for row in id_rows(conn, identifier_move, moved)}
        moved |= _named_by(reading, old, source) if source else set()
        owners |= {ident.customer_id for m in moved if (ident := cache.get(m)) is not None}
        c = identity_conflict.c
        refused = component.rows_with(conn, select(identity_conflict), (c.customer_id, c.other), old)
        owners |= {name for row in refused for name in (row.customer_id, row.other) if name is not None}
        last = {cache.winner(c) for c in owners} - found
    return set() if last else found


def _named_by(reading: Reading, customers: Iterable[str], source: str) -> set[Id]:
    """Every identifier on the events of a source that were about these customers."""
    offsets = [offset for offset, _ in reading.history.events_of(customers, reading.turn.offset, source=source)]
    events = [stored.event for stored in read_events(reading.read, offsets)]
    named = {i for event in events for i in event.ids if i.type in ID_TYPES}
    return named | {event.previous for event in events if event.previous is not None}


def _unblock(reading: Reading, event: Event) -> list[str]:
    i, resolver = _value(event), reading.resolver
    if i is None or resolver.law.still.pop(i, None) is None:
        return []
    reading.again |= set(moot.among(reading.conn, {i}, moot.UNLINKED))
    resolver.writes.reopened(reading.again)
    resolver.writes.lifted(i, event, reading.turn)
    named = reading.history.naming(i, reading.turn.offset, most=MOST_CUSTOMERS + 1)
    ident = resolver.cache.get(i)
    customers = {resolver.cache.winner(c) for c in named} | ({ident.customer_id} if ident is not None else set())
    if len(named) > MOST_CUSTOMERS:  # too many to be taken for one customer anyway
        if ident is not None and ident.status == SHARED:
            ident.status = ACTIVE
            ident.rivals = (TRUSTED,)
            resolver.cache.touch(ident)
        return []
    reading.trusted.add(i)
    return sorted(customers)


def _value(event: Event) -> Id | None:
    kind, value = event.properties.get("type"), event.properties.get("value")
    return Id(str(kind), str(value)) if kind in ID_TYPES and value else None


# -- links -------------------------------------------------------------------------------------------------------------
def _hold_together(reading: Reading, trace: Retrace, side: Iterable[Id], event: Event) -> None:
    """One customer of these identifiers: what their events do not join is joined because somebody says so."""
    first, *others = sorted(side, key=reading.resolver.law.rules.priority)
    turn, writes = reading.turn, reading.resolver.writes
    if trace.owner(first) is None and not any(trace.owner(i) for i in others):
        trace.link(writes.linked(event, first, first, "split", turn), turn.now_us, turn.offset)
    known = trace.owner(first)
    for i in others:
        if known is None or trace.owner(i) != known:
            trace.link(writes.linked(event, first, i, "split", turn), turn.now_us, turn.offset)
            known = trace.owner(first)


def _end_links(reading: Reading, one: frozenset[Id], other: frozenset[Id]) -> None:
    for row in _links(reading.conn, one | other):
        ends = Id(row.a_type, row.a_value), Id(row.b_type, row.b_value)
        if any(a in one and b in other for a, b in (ends, ends[::-1])):
            _end(reading, row.link_id)


def _end(reading: Reading, link_id: str) -> None:
    reading.ended.add(link_id)
    reading.resolver.writes.ended(identity_link, link_id, reading.turn)


def _links(conn: Connection, ids: Iterable[Id]) -> component.Rows:
    """The links in force that hang on these identifiers, in the order of the log."""
    wanted = set(ids)
    c = identity_link.c
    rows = component.rows_with(conn, select(identity_link).where(c.ended_offset.is_(None)), (c.a_value, c.b_value),
                               {i.value for i in wanted})  # fmt: skip
    found = [r for r in rows if Id(r.a_type, r.a_value) in wanted and Id(r.b_type, r.b_value) in wanted]
    return sorted(found, key=lambda r: (r.log_offset, r.link_id))


def _failed(conn: Connection) -> set[int]:
    """The offsets that a stage could not process: they never counted."""
    rows = conn.execute(select(rejected.c.rejected_id).where(rejected.c.code == "stage_failed")).scalars()
    return {int(row.split(":")[1]) for row in rows if row.split(":")[1].isdigit()}
