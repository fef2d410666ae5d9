"""Who is in which segment right now? Kept as events arrive, exact to the microsecond, without polling.

Each customer has a memory (see `leaves`), a mask of the predicates that hold (see `program`), the segments it is in,
and for each predicate the instant until which its answer is sure. The earliest of those is a durable timer: leaving a
window and an absence becoming true are wake-ups. The timer may be early (an event moved the instant on) and then is
set again; it is never late.
What runs is what was published: the conditions stand in `segment_build`, with other segments written out.
Where a segment asks for the first by a trait, one customer's value moves others in and out: all of them are judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, select

from homing.core.condition import Condition, fingerprint, parse
from homing.core.errors import InvalidInput
from homing.core.event import Stored, own_event
from homing.core.turn import MembershipChange, Timer, Turn
from homing.segments import backfill
from homing.segments.backfill import ASKER
from homing.segments.leaves import NEVER
from homing.segments.marks import Owners, owners_of, settle
from homing.segments.person import Person, decode, encode
from homing.segments.program import Bit, Program, Sources, TraitOf, build
from homing.segments.standing import Standings
from homing.storage.definitions import Definition
from homing.storage.schema import segment_build, segment_member, segment_state
from homing.storage.state import State
from homing.storage.state.hot import Hot
from homing.storage.state.store import upsert
from homing.storage.warehouse import Warehouse

CAPACITY = 200_000  # customers held in memory
KIND = "segment"  # of timers and of definitions
ENTERED, LEFT = "Segment Entered", "Segment Left"


class SegmentStream:
    """The segment stage of the stream worker.

    Args:
        state: where memory lies between batches.
        warehouse: asked when a segment is published, for what happened before.
        trait_of: a customer's trait by name, None when it is not there.
        zone: of the customers who name none; the days and hours of conditions are theirs.
        capacity: customers held in memory at most, after a flush.
    """

    def __init__(
        self, state: State, warehouse: Warehouse, trait_of: TraitOf, *, zone: str = "UTC", capacity: int = CAPACITY
    ) -> None:
        self._state = state
        self.warehouse = warehouse
        self.trait_of = trait_of
        self.zone = zone
        self.held = Hot(state, segment_state, encode, decode, capacity)
        self._carried: list[MembershipChange] = []
        self.owners: Owners | None = None  # of tags and stages, whose conditions are judged here as well
        self._start()

    def _start(self) -> None:
        self.standings = Standings(self)
        self.run({}, {})
        self.held.forget()
        self._moved: dict[tuple[str, str], int | None] = {}
        self._carried.clear()
        self._before: dict[str, int] = {}  # segment -> since when, of customers that are computed anew

    # -- the stage -----------------------------------------------------------------------------------------------------
    def load(self, conn: Connection) -> None:
        """Read what runs, and as many customers as fit."""
        rows = conn.execute(select(segment_build.c.segment_id, segment_build.c.condition)).all()
        trees = {row.segment_id: parse(row.condition) for row in rows if not row.segment_id.startswith(ASKER)}
        asked = {row.segment_id: tuple(map(parse, row.condition["of"])) for row in rows if row.segment_id not in trees}
        self.run(trees, asked)
        self.held.load(conn)
        self.standings.load(conn)

    def run(self, trees: Mapping[str, Condition], asked: Mapping[str, tuple[Condition, ...]]) -> None:
        """Judge these segments and answer these questions from now on; memories are the caller's care."""
        sources = Sources(self.trait_of, self.is_member, self.standings.stands, self.zone)
        self.program: Program = build(trees, asked, sources)
        self.marks = owners_of(trees, ASKER) if self.owners is not None else {}

    def apply(
        self, stored: Stored, customer_id: str | None, changed_traits: Collection[str], turn: Turn
    ) -> list[MembershipChange]:
        """Take an event; return who entered or left what, merges just before included."""
        if customer_id is None or (self.program.idle and self.held.knows(customer_id)):
            return self.taken()
        person = self.held.opened.young.get(customer_id) or self.find(customer_id)
        if person is None:
            person = self._new(customer_id)
            self.program.remember(person, stored, turn.now_us)
            self.standings.move(customer_id, person, turn)
            self.judge(customer_id, person, self.program.by_place, turn, segments=self.program.rules)
            return self.taken()
        found = self.program.remember(person, stored, turn.now_us)
        if found is not None:
            self.held.touch(customer_id)
        if changed_traits:
            found = found or []
            by_trait = self.program.by_trait
            if not by_trait.keys().isdisjoint(changed_traits):
                for name in changed_traits:
                    found += by_trait.get(name, ())
            if self.program.tops:
                self.held.touch(customer_id)
                found += self.standings.move(customer_id, person, turn, changed_traits)
        if found:
            self.judge(customer_id, person, found, turn)
        return self.taken()

    def wake(self, timer: Timer, turn: Turn) -> list[MembershipChange]:
        """A customer's earliest instant has come."""
        person = self.find(timer.customer_id)
        if person is not None:
            person.armed_us = 0
            now, places = turn.now_us, self.program.by_place
            due = [places[place] for place, until in person.until.items() if until <= now]
            self.judge(timer.customer_id, person, due, turn)
            self._arm(timer.customer_id, person, min(person.until.values(), default=NEVER), turn)
        return self.taken()

    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        """Two customers are one: unite what is remembered and judge everything again.

        A membership that either had and both together still have goes on, since the earlier of the two; it is no
        entry. What the merge changes is returned by the `apply` that follows.
        """
        old = self.find(loser)
        person = self.find(winner)
        if person is None:
            person = self._new(winner)
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
            self.held.drop(loser)
            self.standings.remove(loser, turn)
        self.standings.move(winner, person, turn)
        self.judge(winner, person, self.program.by_place, turn, segments=self.program.rules)

    def recompute(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> None:  # noqa: ARG002
        """Nothing is remembered of these customers; their events come again."""
        self._before = {}
        self.standings.hold()
        for customer_id in customer_ids:
            person = self.find(customer_id)
            if person is None:
                continue
            for segment, since in person.member.items():
                self._moved[segment, customer_id] = None
                self._before[segment] = min(since, self._before.get(segment, since))
            turn.cancel_timer(KIND, customer_id)
            self.held.drop(customer_id)
            self.standings.remove(customer_id, turn)

    def recomputed(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> list[MembershipChange]:  # noqa: ARG002
        """Say who entered and left, now; a membership that each part still has goes on and is no entry."""
        displaced = self.standings.release()
        for customer_id in sorted(customer_ids):
            self.standings.judge(customer_id, Turn(turn.now_us, turn.offset))
        self._carried.clear()  # what was said then
        for customer_id in sorted(customer_ids):
            person = self.find(customer_id)
            if person is None:
                continue
            for segment in sorted(self._before.keys() | person.member.keys()):
                since, known = person.member.get(segment), self._before.get(segment)
                if since is not None and known is not None:
                    self._moved[segment, customer_id] = person.member[segment] = max(since, known)
                else:
                    self._tell(customer_id, segment, since is not None, turn)
                    if since is not None:
                        self._moved[segment, customer_id] = person.member[segment] = turn.now_us
        self._before = {}
        for customer_id in sorted(displaced.difference(customer_ids)):
            self.standings.judge(customer_id, turn)
        return self.taken()

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> list[MembershipChange]:
        """A segment comes into force, changes or is taken back; what happened before is read from the warehouse."""
        return backfill.publish(self, definition, turn, conn)

    def remark(self, owner: str, turn: Turn, conn: Connection) -> list[MembershipChange]:
        """A tag or a lifecycle comes into force, changes or is taken back, where `publish` may be called."""
        return backfill.publish(self, owner, turn, conn)

    def watched(self) -> frozenset[str]:
        """The traits that anything is judged by."""
        return frozenset(self.program.by_trait) | {top.trait for top in self.program.tops.values()}

    def touch(self, customer_id: str, traits: Collection[str], turn: Turn) -> list[MembershipChange]:
        """Traits changed without an event; return who entered or left what."""
        person = self.find(customer_id)
        bits = [bit for name in sorted(traits) for bit in self.program.by_trait.get(name, ())]
        if person is not None and self.program.tops:
            self.held.touch(customer_id)
            bits += self.standings.move(customer_id, person, turn, traits)
        if person is not None and bits:
            self.judge(customer_id, person, bits, turn)
        return self.taken()

    def watch(self, journey: str, conditions: Sequence[Condition], turn: Turn, conn: Connection) -> None:
        """From now on `holds` can answer these conditions too; none takes all of the journey's back.

        Those of earlier versions stay, for the visits that are still in them. Must be called where `publish` may be:
        between two batches, the warehouse standing where the stream stands.
        """
        backfill.watch(self, ASKER + journey, tuple(conditions), turn, conn)

    def again(self, turn: Turn, conn: Connection) -> list[MembershipChange]:
        """What may be read has changed: remember and judge everything anew, where `publish` may be called."""
        return backfill.again(self, turn, conn)

    # -- what journeys ask ---------------------------------------------------------------------------------------------
    def is_member(self, customer_id: str, segment: str) -> bool:
        """Whether the customer is in the segment now."""
        person = self.find(customer_id)
        return person is not None and segment in person.member

    def segments_of(self, customer_id: str) -> list[str]:
        """The segments the customer is in now, by id."""
        person = self.find(customer_id)
        return [] if person is None else sorted(person.member)

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
        person = self.find(customer_id)
        return answer(customer_id, person.memories if person else {}, now_us)[0]

    # -- rows ----------------------------------------------------------------------------------------------------------
    def flush(self, conn: Connection) -> None:
        """Write the rows that changed."""
        left = [{"s": s, "c": c} for (s, c), since in self._moved.items() if since is None]
        if left:
            match = (segment_member.c.segment_id == bindparam("s"), segment_member.c.customer_id == bindparam("c"))
            conn.execute(delete(segment_member).where(*match), left)
        entered = [(s, c, since) for (s, c), since in self._moved.items() if since is not None]
        upsert(conn, segment_member, [{"segment_id": s, "customer_id": c, "since_us": t} for s, c, t in entered])
        self._moved.clear()
        self.held.flush(conn)

    def forget(self) -> None:
        """Drop what memory holds; `load` reads it again."""
        self._start()

    # -- for the stage and for the backfill ----------------------------------------------------------------------------
    def person(self, customer_id: str) -> tuple[Person, bool]:
        """What is remembered of a customer, and whether they are new to us; the row will be written."""
        found = self.find(customer_id)
        if found is None:
            return self._new(customer_id), True
        self.held.touch(customer_id)
        return found, False

    def judge(
        self, customer_id: str, person: Person, bits: Iterable[Bit], turn: Turn, *, segments: Iterable[str] = ()
    ) -> None:
        """Judge these predicates of a customer now, record what follows and set the next wake-up.

        Args:
            customer_id: whose.
            person: what is remembered of them.
            bits: the predicates whose answer may be another one now.
            turn: the instant.
            segments: looked at even if none of their predicates changed.
        """
        now, memories, until = turn.now_us, person.memories, person.until
        mask, due = person.mask, NEVER
        self.held.touch(customer_id)
        touched = set(segments)
        for bit in bits:
            judge = bit.judge
            holds, sure = bit.evaluate(customer_id, memories, now) if judge is None else judge(memories, now)
            if sure != NEVER:
                until[bit.place] = sure
                due = min(due, sure)
            elif bit.place in until:
                del until[bit.place]
            if holds != (mask & bit.flag != 0):
                mask ^= bit.flag
                touched.update(bit.segments)
        person.mask = mask
        if self.marks:
            due = min(due, settle(self, customer_id, person, touched, turn))
            mask = person.mask
        for segment in sorted(touched):
            holds = self.program.rules[segment](mask)
            if holds != (segment in person.member):
                self._change(customer_id, person, segment, holds, turn)
        self._arm(customer_id, person, due, turn)

    def everybody(self, conn: Connection) -> list[str]:
        """Every customer the stream knows; writes what is waiting to be written first."""
        self.flush(conn)
        return self.held.everybody(conn)

    def taken(self) -> list[MembershipChange]:
        """What changed since this was last asked."""
        if not self._carried:
            return []
        taken, self._carried = self._carried, []
        return taken

    def drop(self, customer_id: str, person: Person, segment: str) -> None:
        """A segment was taken back: nobody leaves it, it is gone."""
        if person.member.pop(segment, None) is not None:
            self._moved[segment, customer_id] = None

    def _arm(self, customer_id: str, person: Person, due_us: int, turn: Turn) -> None:
        """Wake the customer at `due_us`, unless that is to happen earlier anyway."""
        if due_us != NEVER and (person.armed_us == 0 or due_us < person.armed_us):
            person.armed_us = due_us
            turn.set_timer(KIND, customer_id, due_us, customer_id)

    def _change(self, customer_id: str, person: Person, segment: str, entered: bool, turn: Turn) -> None:
        now = turn.now_us
        if entered:
            self._moved[segment, customer_id] = person.member[segment] = now
        else:
            del person.member[segment]
            self._moved[segment, customer_id] = None
        self._tell(customer_id, segment, entered, turn)

    def _tell(self, customer_id: str, segment: str, entered: bool, turn: Turn) -> None:
        now = turn.now_us
        way = "in" if entered else "out"
        turn.emit(own_event(f"seg:{segment}:{customer_id}:{now}:{turn.offset}:{way}", ENTERED if entered else LEFT,
                            customer_id, now, {"segment": segment}))  # fmt: skip
        self._carried.append(MembershipChange(segment, customer_id, entered, now))

    def find(self, customer_id: str) -> Person | None:
        """What is remembered of a customer; None: they are new to us."""
        return self.held.find(customer_id)

    def _new(self, customer_id: str) -> Person:
        person = Person()
        self.held.put(customer_id, person)
        return person
