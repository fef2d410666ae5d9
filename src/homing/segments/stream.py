"""Who is in which segment right now? Kept as events arrive, exact to the microsecond, without polling.

Each customer has a memory (see `leaves`), the segments it is in, and for each segment the instant until which its
answer is sure. The earliest of those is a durable timer: leaving a window and an absence becoming true are wake-ups.
The timer may be early (an event moved the instant on) and then is set again; it is never late.
What runs is what was published: the conditions stand in `segment_build`, with other segments written out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, select

from homing.core.condition import Condition, fingerprint, parse
from homing.core.errors import InvalidInput
from homing.core.event import Stored, own_event
from homing.core.turn import MembershipChange, Timer, Turn
from homing.segments import backfill
from homing.segments.backfill import ASKER
from homing.segments.leaves import NEVER, Memory
from homing.segments.program import Program, TraitOf, build
from homing.storage.definitions import Definition
from homing.storage.schema import segment_build, segment_member, segment_state
from homing.storage.state import State
from homing.storage.state.store import upsert
from homing.storage.warehouse import Warehouse

CAPACITY = 200_000  # customers held in memory
KIND = "segment"  # of timers and of definitions
ENTERED, LEFT = "Segment Entered", "Segment Left"


class Person(msgspec.Struct, array_like=True):
    """What the stream remembers of one customer."""

    memories: dict[str, Memory] = {}
    member: dict[str, int] = {}  # segment -> since when
    until: dict[str, int] = {}  # segment -> the instant until which its answer is sure, when that is not for ever
    armed_us: int = 0  # when the timer is due; 0: none


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Person).decode


class SegmentStream:
    """The segment stage of the stream worker.

    Args:
        state: where memory lies between batches.
        warehouse: asked when a segment is published, for what happened before.
        trait_of: a customer's trait by name, None when it is not there.
        capacity: customers held in memory at most, after a flush.
    """

    def __init__(self, state: State, warehouse: Warehouse, trait_of: TraitOf, *, capacity: int = CAPACITY) -> None:
        self._state = state
        self.warehouse = warehouse
        self._trait_of = trait_of
        self._capacity = capacity
        self._carried: list[MembershipChange] = []
        self._start()

    def _start(self) -> None:
        self.run({}, {})
        self._people: dict[str, Person] = {}
        self._dirty: set[str] = set()
        self._gone: set[str] = set()
        self._moved: dict[tuple[str, str], int | None] = {}
        self._complete = False  # every stored customer is in memory
        self._carried.clear()

    # -- the stage -----------------------------------------------------------------------------------------------------
    def load(self, conn: Connection) -> None:
        """Read what runs, and as many customers as fit."""
        rows = conn.execute(select(segment_build.c.segment_id, segment_build.c.condition)).all()
        trees = {row.segment_id: parse(row.condition) for row in rows if not row.segment_id.startswith(ASKER)}
        asked = {row.segment_id: tuple(map(parse, row.condition["of"])) for row in rows if row.segment_id not in trees}
        self.run(trees, asked)
        n = conn.execute(select(func.count()).select_from(segment_state)).scalar_one()
        self._complete = n <= self._capacity
        if self._complete:
            for customer, body in conn.execute(select(segment_state.c.customer_id, segment_state.c.state)):
                self._people.setdefault(customer, _decode(body))

    def run(self, trees: Mapping[str, Condition], asked: Mapping[str, tuple[Condition, ...]]) -> None:
        """Judge these segments and answer these questions from now on; memories are the caller's care."""
        self.program: Program = build(trees, asked, self._trait_of, self.is_member)

    def apply(
        self, stored: Stored, customer_id: str | None, changed_traits: Iterable[str], turn: Turn
    ) -> list[MembershipChange]:
        """Take an event; return who entered or left what, merges just before included."""
        if customer_id is None:
            return self.taken()
        person = self._find(customer_id)
        touched: set[str] = set()
        if person is None:
            person = self._people[customer_id] = Person()
            self._dirty.add(customer_id)
            touched.update(self.program.evaluate)
        for watched in self.program.by_event.get(stored.event.name, ()):
            properties = stored.event.properties
            if all(test(properties.get(name)) for name, test in watched.tests):
                leaf = watched.leaf
                item = [stored.event.happened_us, stored.offset, properties.get(leaf.of) if leaf.of else None]
                memory = leaf.add(person.memories.get(watched.key), item, turn.now_us)
                if memory is not None:
                    person.memories[watched.key] = memory
                    touched.update(watched.segments)
        for name in changed_traits:
            touched.update(self.program.by_trait.get(name, ()))
        if touched:
            self.judge(customer_id, person, touched, turn)
        return self.taken()

    def wake(self, timer: Timer, turn: Turn) -> list[MembershipChange]:
        """A customer's earliest instant has come."""
        person = self._find(timer.customer_id)
        if person is not None:
            person.armed_us = 0
            due = [segment for segment, until in person.until.items() if until <= turn.now_us]
            self.judge(timer.customer_id, person, due, turn)
        return self.taken()

    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        """Two customers are one: unite what is remembered and judge everything again.

        A membership that either had and both together still have goes on, since the earlier of the two; it is no
        entry. What the merge changes is returned by the `apply` that follows.
        """
        old = self._find(loser)
        person = self._find(winner)
        if person is None:
            person = self._people[winner] = Person()
        if old is not None:
            for key, memory in old.memories.items():
                leaf, mine = self.program.leaves.get(key), person.memories.get(key)
                if leaf is not None:
                    person.memories[key] = memory if mine is None else leaf.unite(mine, memory)
            for segment, since in old.member.items():
                self._moved[segment, loser] = None
                self._moved[segment, winner] = person.member[segment] = min(since, person.member.get(segment, since))
            if old.armed_us:
                turn.cancel_timer(KIND, loser)
            del self._people[loser]
            self._dirty.discard(loser)
            self._gone.add(loser)
        self.judge(winner, person, self.program.evaluate, turn)

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> list[MembershipChange]:
        """A segment comes into force, changes or is taken back; what happened before is read from the warehouse."""
        return backfill.publish(self, definition, turn, conn)

    def watch(self, journey: str, conditions: Sequence[Condition], turn: Turn, conn: Connection) -> None:
        """From now on `holds` can answer these conditions too; none takes all of the journey's back.

        Those of earlier versions stay, for the visits that are still in them. Must be called where `publish` may be:
        between two batches, the warehouse standing where the stream stands.
        """
        backfill.watch(self, ASKER + journey, tuple(conditions), turn, conn)

    # -- what journeys ask ---------------------------------------------------------------------------------------------
    def is_member(self, customer_id: str, segment: str) -> bool:
        """Whether the customer is in the segment now."""
        person = self._find(customer_id)
        return person is not None and segment in person.member

    def members(self, segment: str) -> frozenset[str]:
        """Everyone in the segment now."""
        with self._state.read() as conn:
            rows = select(segment_member.c.customer_id).where(segment_member.c.segment_id == segment)
            inside = set(conn.execute(rows).scalars())
        for (moved, customer_id), since in self._moved.items():
            if moved == segment:
                (inside.discard if since is None else inside.add)(customer_id)
        return frozenset(inside)

    def holds(self, condition: Condition, customer_id: str, now_us: int) -> bool:
        """Whether a watched condition holds for the customer at this instant.

        Raises:
            InvalidInput: the condition is not watched.
        """
        answer = self.program.answers.get(fingerprint(condition))
        if answer is None:
            raise InvalidInput("a condition that is not watched, wanted one of a published journey", field="condition")
        person = self._find(customer_id)
        return answer(customer_id, person.memories if person else {}, now_us)[0]

    # -- rows ----------------------------------------------------------------------------------------------------------
    def flush(self, conn: Connection) -> None:
        """Write the rows that changed; then let go of whom there is no room for."""
        gone = [{"c": customer} for customer in self._gone]
        if gone:
            conn.execute(delete(segment_state).where(segment_state.c.customer_id == bindparam("c")), gone)
        left = [{"s": s, "c": c} for (s, c), since in self._moved.items() if since is None]
        if left:
            match = (segment_member.c.segment_id == bindparam("s"), segment_member.c.customer_id == bindparam("c"))
            conn.execute(delete(segment_member).where(*match), left)
        entered = [(s, c, since) for (s, c), since in self._moved.items() if since is not None]
        upsert(conn, segment_member, [{"segment_id": s, "customer_id": c, "since_us": t} for s, c, t in entered])
        rows = [{"customer_id": c, "state": _encode(self._people[c])} for c in sorted(self._dirty)]
        upsert(conn, segment_state, rows)
        self._dirty.clear()
        self._gone.clear()
        self._moved.clear()
        over = len(self._people) - self._capacity
        if over > 0:
            self._complete = False
            for customer in list(self._people)[:over]:
                del self._people[customer]

    def forget(self) -> None:
        """Drop what memory holds; `load` reads it again."""
        self._start()

    # -- for the stage and for the backfill ----------------------------------------------------------------------------
    def person(self, customer_id: str) -> tuple[Person, bool]:
        """What is remembered of a customer, and whether they are new to us; the row will be written."""
        found = self._find(customer_id)
        new = found is None
        if found is None:
            found = self._people[customer_id] = Person()
        self._dirty.add(customer_id)
        return found, new

    def judge(self, customer_id: str, person: Person, segments: Iterable[str], turn: Turn) -> None:
        """Judge these segments of a customer now, record what changed and set the next wake-up."""
        now = turn.now_us
        self._dirty.add(customer_id)
        self._gone.discard(customer_id)
        for segment in sorted(segments):
            evaluate = self.program.evaluate.get(segment)
            if evaluate is None:  # taken back meanwhile
                person.until.pop(segment, None)
                continue
            holds, until = evaluate(customer_id, person.memories, now)
            if until == NEVER:
                person.until.pop(segment, None)
            else:
                person.until[segment] = until
            if holds != (segment in person.member):
                self._change(customer_id, person, segment, holds, turn)
        due = min(person.until.values(), default=NEVER)
        if due != NEVER and (person.armed_us == 0 or due < person.armed_us):
            person.armed_us = due
            turn.set_timer(KIND, customer_id, due, customer_id)

    def everybody(self, conn: Connection) -> list[str]:
        """Every customer the stream knows; writes what is waiting to be written first."""
        self.flush(conn)
        return list(conn.execute(select(segment_state.c.customer_id).order_by(segment_state.c.customer_id)).scalars())

    def taken(self) -> list[MembershipChange]:
        """What changed since this was last asked."""
        if not self._carried:
            return []
        taken, self._carried = self._carried, []
        return taken

    def drop(self, customer_id: str, person: Person, segment: str) -> None:
        """A segment was taken back: nobody leaves it, it is gone."""
        person.until.pop(segment, None)
        if person.member.pop(segment, None) is not None:
            self._moved[segment, customer_id] = None

    def _change(self, customer_id: str, person: Person, segment: str, entered: bool, turn: Turn) -> None:
        now = turn.now_us
        if entered:
            self._moved[segment, customer_id] = person.member[segment] = now
        else:
            del person.member[segment]
            self._moved[segment, customer_id] = None
        way = "in" if entered else "out"
        turn.emit(own_event(f"seg:{segment}:{customer_id}:{now}:{turn.offset}:{way}", ENTERED if entered else LEFT,
                            customer_id, now, {"segment": segment}))  # fmt: skip
        self._carried.append(MembershipChange(segment, customer_id, entered, now))

    def _find(self, customer_id: str) -> Person | None:
        found = self._people.get(customer_id)
        if self._complete or customer_id in self._gone:
            return found
        if found is not None:  # the longest unseen leave first
            self._people[customer_id] = self._people.pop(customer_id)
            return found
        with self._state.read() as conn:
            body = conn.execute(
                select(segment_state.c.state).where(segment_state.c.customer_id == customer_id)
            ).scalar()
        if body is None:
            return None
        self._people[customer_id] = _decode(body)
        return self._people[customer_id]
