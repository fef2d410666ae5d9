"""What stands in the tables about some customers, and what stands there after their past was resolved again?

A component is some customers with everyone who was merged into them. Only what they hold is written: an identifier that
belongs to somebody else by now stays with them, and what happened between these customers and others stays recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, Row, Select, delete, or_, select, update

from homing.core.event import CUSTOMER, OWN_SOURCE, Event, Id
from homing.core.ids import stable_id
from homing.core.turn import Past, Step
from homing.identity.graph import BLOCKED, TRUSTED, Ident, seniority
from homing.identity.retrace import Retrace
from homing.identity.winners import CHUNK, Winners, id_rows
from homing.storage.schema import identifier_move, identity_conflict, identity_edge, merge
from homing.storage.state.store import upsert

if TYPE_CHECKING:
    from homing.identity.reconsider import Reading
    from homing.identity.resolver import Resolver

Rows = list[Row[Any]]


@dataclass(frozen=True, slots=True)
class Component:
    """Some customers and everyone who was merged into them."""

    concerned: tuple[str, ...]
    names: frozenset[str]
    held: frozenset[Id]
    merges: Rows


def read(conn: Connection, resolver: Resolver, concerned: Sequence[str]) -> Component:
    """What stands about these customers."""
    names, last, merges = set(concerned), list(concerned), []
    while last:
        found = rows_with(conn, select(merge).where(merge.c.undone_offset.is_(None)), (merge.c.winner,), last)
        last = [row.loser for row in found if row.loser not in names]
        names.update(last)
        merges += found
    held = frozenset(i for customer_id in concerned for i in resolver.cache.held(customer_id))
    merges.sort(key=lambda row: (row.log_offset, row.merge_id))
    return Component(tuple(concerned), frozenset(names), held, merges)


def belonging(
    conn: Connection, resolver: Resolver, old: Component, found: Iterable[Id]
) -> tuple[Callable[[Id, int], bool], list[tuple[int, Id]]]:
    """Whether an identifier was these customers' at an offset, and where one left them for somebody else."""
    wanted = set(found)
    moves: dict[Id, list[tuple[int, str]]] = {}
    for row in id_rows(conn, identifier_move, wanted):
        moves.setdefault(Id(row.type, row.value), []).append((row.until_offset, row.customer_id))
    today = {i: ident.customer_id for i in wanted if (ident := resolver.cache.get(i)) is not None}

    def belonged(i: Id, offset: int) -> bool:
        later = [move for move in moves.get(i, ()) if move[0] > offset]
        owner = min(later)[1] if later else today.get(i)
        return owner is None or owner in old.names

    leaves = []
    for i, past in moves.items():
        owners = [owner for _, owner in sorted(past)] + [today.get(i)]
        for n, (until, owner) in enumerate(sorted(past)):
            after = owners[n + 1]
            lost = resolver.law.standing(i) == BLOCKED if after is None else after not in old.names
            if owner in old.names and lost:
                leaves.append((until, i))
    return belonged, sorted(leaves)


@dataclass
class Result:
    """What the past gives now."""

    old: Component
    trace: Retrace
    owners: list[tuple[int, str]]  # whose each event was until now
    today: dict[str, str] = field(init=False)
    steps: list[Step] = field(init=False)

    def __post_init__(self) -> None:
        cache = self.trace.resolver.cache
        self.today = {name: cache.winner(name) for name in sorted(self.trace.created)}
        self.parts = sorted(set(self.today.values()), key=lambda c: seniority(c, cache.held(c)))
        self.gone = sorted(self.old.names - self.trace.created)  # nothing of their own is left
        for name in self.gone:
            self.today[name] = self._heir(name)
        was = dict(self.owners)
        self.steps = [self._named(step, was.get(step.stored.offset)) for step in self.trace.steps]

    @property
    def customers(self) -> list[str]:
        """Everyone concerned: those there were and those there are."""
        return sorted(self.old.names | self.today.keys())

    def aliases(self) -> dict[str, str]:
        """Who of them goes on as whom."""
        return {name: today for name, today in self.today.items() if name != today}

    def renamed(self) -> list[tuple[int, str]]:
        """(offset, customer) of the events that are somebody else's now."""
        now = {step.stored.offset: step.customer_id for step in self.steps if step.customer_id is not None}
        return [(offset, now[offset]) for offset, was in self.owners if now.get(offset, was) != was]

    def past(self) -> Past:
        """What they did, as it is understood now."""
        return Past(tuple(self.customers), tuple(self._doubted()), self.today)

    def owner(self, i: Id) -> str | None:
        """Who holds an identifier now; None when none of them does."""
        return self.trace.owner(i)

    def _heir(self, name: str) -> str:
        old = Winners((row.loser, row.winner) for row in self.old.merges).of(name)
        if old in self.trace.created:
            return self.today[old]
        return self.parts[0] if self.parts else old

    def _named(self, step: Step, was: str | None) -> Step:
        whose = step.customer_id
        if whose in self.trace.created or (whose is None and was is None):
            return step
        return step._replace(customer_id=self.today.get(whose or was or "", whose or was))

    def _doubted(self) -> Iterable[Step]:
        """Own events name a customer who was several people then: each of them may be meant."""
        groups: dict[str, set[str]] = {name: {name} for name in self.old.names}
        winners, waiting = Winners(), list(self.old.merges)
        for step in self.steps:
            while waiting and waiting[0].log_offset < step.stored.offset:
                row = waiting.pop(0)
                groups.setdefault(winners.of(row.winner), set()).update(groups.get(row.loser, {row.loser}))
                winners.add(row.loser, row.winner)
            event = step.stored.event
            named = next((i.value for i in event.ids if i.type == CUSTOMER), None)
            if named is None or event.source_id != OWN_SOURCE:
                yield step
                continue
            then = {self.today[name] for name in groups.get(winners.of(named), ()) if name in self.today}
            if winners.of(named) in self.old.concerned:
                then |= {p for p in self.parts if p not in self.old.names}  # parts that had no name of their own
            mine = self.today.get(step.customer_id or "", step.customer_id)
            yield step._replace(perhaps=tuple(sorted(then - {mine})))


# -- writing -----------------------------------------------------------------------------------------------------------
def write(reading: Reading, result: Result, event: Event) -> None:
    """Put what the past gives in the place of what stood."""
    _identifiers(reading, result)
    _moves(reading, result)
    _merges(reading, result, event)
    _edges(reading, result)
    _conflicts(reading, result)


def _identifiers(reading: Reading, result: Result) -> None:
    live, law = reading.resolver.cache, reading.resolver.law
    made = result.trace.resolver.cache.everything()
    known = {i: live.get(i) for i in result.old.held}
    live.apart(row.loser for row in result.old.merges)
    for row in result.trace.resolver.writes.merges:
        live.joined(row["loser"], row["winner"])
    for name in result.gone:
        live.joined(name, result.today[name])
    for i, ident in sorted(made.items()):
        mine = known.get(i)
        if law.standing(i) == BLOCKED:
            reading.resolver.writes.moved(i, ident.customer_id, reading.turn)
        elif mine is not None:
            live.move(mine, ident.customer_id)
            mine.first_us, mine.last_us, mine.source_id = ident.first_us, ident.last_us, ident.source_id
            mine.status = ident.status
        elif live.get(i) is None:
            mine = Ident(i, ident.customer_id, ident.first_us, ident.last_us, ident.source_id, ident.status)
            live.put(mine)
        if mine is not None and i in reading.trusted:
            mine.rivals = (TRUSTED,)
    for i in sorted(result.old.held):
        if i not in made or law.standing(i) == BLOCKED:
            live.drop(i)


def _moves(reading: Reading, result: Result) -> None:
    m = identifier_move
    for part in _chunks(sorted(result.old.names)):
        reading.conn.execute(delete(m).where(m.c.customer_id.in_(part)))
    writes = reading.resolver.writes
    writes.moves += result.trace.resolver.writes.moves
    writes.moves += [
        {"type": i.type, "value": i.value, "until_offset": until, "customer_id": owner}
        for i, until, owner in result.trace.left
    ]


def _merges(reading: Reading, result: Result, event: Event) -> None:
    turn, conn = reading.turn, reading.conn
    new = {row["merge_id"]: row for row in result.trace.resolver.writes.merges}
    for row in result.old.merges:
        if row.merge_id not in new:
            undone = {"undone_offset": turn.offset, "undone_event": event.event_id}
            conn.execute(update(merge).where(merge.c.merge_id == row.merge_id).values(undone))
    standing = {"undone_offset": None, "undone_event": None}
    rows = [row | standing for row in new.values()]
    rows += [
        {"merge_id": stable_id("m", event.event_id, name, result.today[name]), "log_offset": turn.offset,
         "loser": name, "winner": result.today[name], "at_us": turn.now_us, "event_id": event.event_id,
         "reason": "recomputed", "evidence": {}} | standing
        for name in result.gone if result.today[name] != name
    ]  # fmt: skip
    upsert(conn, merge, rows)


def _edges(reading: Reading, result: Result) -> None:
    e, held = identity_edge.c, result.old.held
    values = {i.value for i in held}
    gone = []
    for row in rows_with(reading.conn, select(identity_edge), (e.a_value, e.b_value), values):
        a, b = Id(row.a_type, row.a_value), Id(row.b_type, row.b_value)
        if a in held and b in held:
            gone.append((a, b))
            where = (e.a_type == a.type, e.a_value == a.value, e.b_type == b.type, e.b_value == b.value)
            reading.conn.execute(delete(identity_edge).where(*where))
    reading.resolver.writes.unseen(gone)
    reading.resolver.writes.edges += result.trace.resolver.writes.edges


def _conflicts(reading: Reading, result: Result) -> None:
    c, names = identity_conflict.c, result.old.names
    whose = {step.stored.event.event_id: result.today.get(step.customer_id or "", step.customer_id)
             for step in result.steps}  # fmt: skip
    found = rows_with(reading.conn, select(identity_conflict), (c.customer_id, c.other), names)
    for row in found:  # of these customers, whatever their standing: few, where everybody's open ones are many
        if row.conflict_id in reading.moot or (row.status != "open" and row.conflict_id not in reading.again):
            continue
        here = update(identity_conflict).where(c.conflict_id == row.conflict_id)
        if row.customer_id in names and (row.other is None or row.other in names):
            reading.conn.execute(delete(identity_conflict).where(c.conflict_id == row.conflict_id))
        elif row.customer_id in names:
            customer = whose.get(row.event_id) or result.today.get(row.customer_id, row.customer_id)
            reading.conn.execute(here.values(customer_id=customer))
        else:
            holder = result.owner(Id(*row.details["id"])) if "id" in row.details else None
            reading.conn.execute(here.values(other=holder or result.today.get(row.other, row.other)))
    reading.resolver.writes.conflicts += result.trace.resolver.writes.conflicts


def rows_with(conn: Connection, base: Select[Any], columns: Sequence[Column[Any]], values: Iterable[str]) -> Rows:
    """The rows of a statement in which one of these columns has one of these values, each once."""
    found: dict[tuple[Any, ...], Row[Any]] = {}
    table = columns[0].table
    keys = [column.name for column in table.primary_key]
    for part in _chunks(sorted(values)):
        for row in conn.execute(base.where(or_(*(column.in_(part) for column in columns)))):
            found[tuple(getattr(row, key) for key in keys)] = row
    return list(found.values())


def _chunks(values: list[str]) -> Iterable[list[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
