"""What is each customer's trait worth right now? Kept as events arrive, exact to the microsecond, without polling.

A customer has the memories that the live traits rest on (see `memories`); a value is computed when it is asked for, at
the stage's instant. Which traits an event may have changed is known by its name and filter alone. What changes a value
without an event, leaving a window and another day having passed, is a durable timer, and only for traits that somebody
watches (a segment that is judged by them): nobody else would hear of it, for whoever reads computes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection

from homing.core.errors import Terminal
from homing.core.event import Event, Stored
from homing.core.time import zone_of
from homing.core.turn import Timer, Turn
from homing.profile.traits import backfill
from homing.profile.traits.conditions import DefinedTraits
from homing.profile.traits.definition import KIND, Trait, depends_on
from homing.profile.traits.memories import NEVER, Memory
from homing.profile.traits.paths import ANY_ACTIVITY, is_activity
from homing.profile.traits.program import Feed, Program, build
from homing.profile.traits.said import Words
from homing.storage import definitions
from homing.storage.definitions import Definition
from homing.storage.schema import trait_state
from homing.storage.state import State
from homing.storage.state.hot import Hot
from homing.storage.warehouse import Warehouse

CAPACITY = 200_000  # customers held in memory
NOTHING: frozenset[str] = frozenset()


class Person:
    """What is remembered of one customer."""

    __slots__ = ("armed_us", "memories")

    def __init__(self, memories: dict[str, Memory] | None = None, armed_us: int = 0) -> None:
        self.memories: dict[str, Memory] = memories if memories is not None else {}
        self.armed_us = armed_us  # when the timer is due; 0: none


class TraitStage:
    """The trait stage of the stream worker.

    Args:
        state: where memory lies between batches.
        warehouse: asked when a trait is published, for what happened before.
        zone: IANA zone of the workspace, for hours and weekdays.
        capacity: customers held in memory at most, after a flush.
    """

    def __init__(self, state: State, warehouse: Warehouse, *, zone: str = "UTC", capacity: int = CAPACITY) -> None:
        self.warehouse = warehouse
        self.zone = zone_of(zone)
        self.held = Hot(state, trait_state, encode, decode, capacity)
        self._closed: frozenset[str] = NOTHING
        self.now_us = 0  # the instant at which values are read; every turn sets it
        self._watched: dict[str, frozenset[str]] = {}  # by whom
        self._start()

    def _start(self) -> None:
        self.run([])
        self.held.forget()

    # -- the stage -----------------------------------------------------------------------------------------------------
    def load(self, conn: Connection) -> None:
        """Read what is in force, and as many customers as fit."""
        self.run(in_force(conn))
        self.held.load(conn)

    def run(self, traits: Collection[tuple[Trait, int]]) -> None:
        """Keep these traits, each with its version, from now on; memories are the caller's care."""
        self.program: Program = build(sorted(traits, key=lambda one: one[0].id), self.zone)
        self._follow()

    def apply(self, stored: Stored, customer_id: str | None, turn: Turn) -> frozenset[str]:
        """Take an event; return the names of the traits it may have changed."""
        self.now_us = turn.now_us
        event, program = stored.event, self.program
        feeds = program.by_event.get(event.name, ())
        if self._any and is_activity(event):
            feeds = (*feeds, *self._any)
        words = event.traits if event.traits and program.by_word and event.kind == "identify" else None
        if customer_id is None or not (feeds or words) or event.source_id in self._closed:
            return NOTHING
        person, new = self.held.opened.young.get(customer_id) or self.held.find(customer_id), False
        if person is None:
            person, new = Person(), True
        changed = self._remember(person, feeds, stored, turn.now_us) if feeds else NOTHING
        if words:
            changed |= self._hear(person, stored)
        if changed:
            if new:
                self.held.put(customer_id, person)
            else:
                self.held.touch(customer_id)
            if self._moving and (moving := self._moved_by(changed)):
                self._arm(customer_id, person, moving, turn)
        return changed

    def wake(self, timer: Timer, turn: Turn) -> frozenset[str]:
        """A customer's earliest instant has come; return the traits that may have changed by it."""
        self.now_us = turn.now_us
        person = self.held.find(timer.customer_id)
        if person is None:
            return NOTHING
        person.armed_us = 0
        self.held.touch(timer.customer_id)
        self._arm(timer.customer_id, person, self._moving, turn)
        return self._moving

    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        """Two customers are one: the memory of both."""
        self.now_us = turn.now_us
        old = self.held.find(loser)
        if old is None:
            return
        person = self.held.find(winner)
        if person is None:
            person = Person()
        for key, memory in old.memories.items():
            leaf, mine = self.program.leaves.get(key), person.memories.get(key)
            if leaf is not None:
                person.memories[key] = memory if mine is None else leaf.unite(mine, memory)
        if old.armed_us:
            turn.cancel_timer(KIND, loser)
        self.held.put(winner, person)
        self.held.drop(loser)
        self._arm(winner, person, self._moving, turn)

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> frozenset[str]:
        """A trait comes into force, changes or is taken back; return the traits whose values may be others now."""
        self.now_us = turn.now_us
        traits = {trait.id: (trait, version) for trait, version in in_force(conn) if trait.id != definition.id}
        if definition.status == "live":
            made = Trait.model_validate(definition.document)
            traits[made.id] = (made, definition.version)
        before = set(self.program.entries)
        backfill.restart(self, list(traits.values()), turn, conn)
        return frozenset(before | self.program.entries.keys()) & self._below(definition.id) | {definition.id}

    def again(self, closed: frozenset[str], turn: Turn, conn: Connection) -> frozenset[str]:
        """Other sources may be read now: remember everything anew; return every trait."""
        self.now_us, self._closed = turn.now_us, closed
        backfill.restart(self, in_force(conn), turn, conn, anew=True)
        return frozenset(self.program.entries)

    def set_closed(self, closed: frozenset[str]) -> None:
        """What stood when the worker stopped: the sources of which nothing may be read."""
        self._closed = closed

    def recompute(self, customer_ids: Collection[str], turn: Turn, conn: Connection) -> None:  # noqa: ARG002
        """Nothing is remembered of these customers; their events come again."""
        self.now_us = turn.now_us
        for customer in customer_ids:
            if (known := self.held.find(customer)) is not None and known.armed_us:
                turn.cancel_timer(KIND, customer)
            self.held.drop(customer)

    def watch(self, asker: str, names: Iterable[str], turn: Turn, conn: Connection) -> None:
        """From now on tell of these traits' changes by time too; set the timers of what was not watched before."""
        before = self._moving
        self.watching(asker, names)
        fresh = self._moving - before
        if not fresh:
            return
        self.now_us = turn.now_us
        for n, customer in enumerate(self.held.everybody(conn), start=1):
            person = self.held.find(customer)
            if person is not None and self._arm(customer, person, fresh, turn):
                self.held.touch(customer)
            if n % backfill.CHUNK == 0:
                self.flush(conn)

    def watching(self, asker: str, names: Iterable[str]) -> None:
        """What an asker watched when the worker stopped; its timers stand."""
        self._watched[asker] = frozenset(names)
        self._follow()

    # -- what others ask -----------------------------------------------------------------------------------------------
    def in_warehouse(self) -> DefinedTraits:
        """The traits in force, for whoever asks the warehouse for those who satisfy a condition."""
        return DefinedTraits([entry.trait for entry in self.program.entries.values()], self.zone)

    def defines(self, name: str) -> bool:
        """Whether a live definition says what this trait is."""
        return name in self.program.entries

    def value_of(self, customer_id: str, name: str) -> Any:
        """A defined trait's value at the stage's instant; None when there is none."""
        person = self.held.find(customer_id)
        return self.program.value(name, person.memories if person else {}, self.now_us)

    # -- rows ----------------------------------------------------------------------------------------------------------
    def flush(self, conn: Connection) -> None:
        """Write the rows that changed."""
        self.held.flush(conn)

    def forget(self) -> None:
        """Drop what memory holds; `load` reads it again."""
        self._start()

    # -- for the stage and for the backfill ----------------------------------------------------------------------------
    def arm(self, customer_id: str, person: Person, turn: Turn) -> None:
        """Set the next wake-up anew."""
        if person.armed_us:
            turn.cancel_timer(KIND, customer_id)
            person.armed_us = 0
        self._arm(customer_id, person, self._moving, turn)

    # -- inside --------------------------------------------------------------------------------------------------------
    def _remember(self, person: Person, feeds: tuple[Feed, ...], stored: Stored, now_us: int) -> frozenset[str]:
        offset, _, event = stored
        memories, happened, changed = person.memories, event.happened_us, NOTHING
        known = memories.get
        for feed in feeds:
            if feed.tests:
                properties = event.properties
                if not all([test(properties.get(name)) for name, test in feed.tests]):  # noqa: C419 - a third faster
                    continue
            kept = False
            for get, adds in feed.adds:
                value = None if get is None else get(event)
                for key, add in adds:
                    memory = add(known(key), happened, offset, value, now_us)
                    if memory is not None:
                        memories[key] = memory
                        kept = True
            if kept:
                changed = changed | feed.traits if changed else feed.traits
        return changed

    def _moved_by(self, changed: frozenset[str]) -> frozenset[str]:
        """Of traits that changed those that move by time and are watched; the same few sets come again and again."""
        found = self._moved.get(changed)
        if found is None:
            found = self._moved[changed] = changed & self._moving
        return found

    def _hear(self, person: Person, stored: Stored) -> frozenset[str]:
        event, memories, changed = stored.event, person.memories, NOTHING
        by, version = said_by(event)
        for name, value in event.traits.items():
            for feed in self.program.by_word.get(name, ()):
                (_, ((key, add),)), leaf = feed.adds[0], self.program.leaves[feed.leaves[0]]
                if isinstance(leaf, Words) and not hears(leaf, by, version):
                    continue
                word = [value, event.source_id, version]
                memory = add(memories.get(key), event.happened_us, stored.offset, word, self.now_us)
                if memory is not None:
                    memories[key] = memory
                    changed |= feed.traits
        return changed

    def _arm(self, customer_id: str, person: Person, names: Iterable[str], turn: Turn) -> bool:
        """Wake the customer when one of these next changes by time, unless that is to happen earlier anyway."""
        due = self.program.changes_at(names, person.memories, turn.now_us)
        if due == NEVER or (person.armed_us and person.armed_us <= due):
            return False
        person.armed_us = due
        turn.set_timer(KIND, customer_id, due, customer_id)
        return True

    def _follow(self) -> None:
        watched = frozenset().union(*self._watched.values())
        self._moving = frozenset(n for n, entry in self.program.entries.items() if n in watched and entry.moves)
        self._moved: dict[frozenset[str], frozenset[str]] = {}
        self._any = self.program.by_event.get(ANY_ACTIVITY, ())

    def _below(self, name: str) -> frozenset[str]:
        """A trait and those that read it, however far."""
        return below(name, {n: entry.trait for n, entry in self.program.entries.items()})


def in_force(conn: Connection) -> list[tuple[Trait, int]]:
    """The traits in force, each with its version."""
    return [
        (Trait.model_validate(known.document), known.version)
        for known in definitions.published(conn, KIND)
        if known.status == "live"
    ]


def said_by(event: Event) -> tuple[str | None, str | None]:
    """The model that an identify event says it comes from, and its version."""
    computed = event.context.get("computed")
    if type(computed) is not dict:
        return None, None
    by, version = computed.get("by"), computed.get("version")
    return by if type(by) is str else None, version if type(version) is str else None


def hears(leaf: Words, by: str | None, version: str | None) -> bool:
    """Whether a word of this model and version counts for a leaf."""
    _, _, model, wanted = leaf.extra
    return (model is None or by == model) and (wanted is None or version == wanted)


def below(name: str, traits: dict[str, Trait]) -> frozenset[str]:
    """A trait and those that read it, however far."""
    found = {name}
    while more := {n for n, trait in traits.items() if n not in found and depends_on(trait.of) & found}:
        found |= more
    return frozenset(found)


class _Row(msgspec.Struct, array_like=True):
    """A person as stored."""

    memories: dict[str, Any]
    armed_us: int


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Row)


def encode(person: Person) -> bytes:
    """The person as the bytes a row keeps."""
    return _encoder.encode(_Row(person.memories, person.armed_us))


def decode(body: bytes) -> Person:
    """The person of those bytes.

    Raises:
        Terminal: another version wrote them.
    """
    try:
        row = _decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise Terminal("what traits remember was written by another version, wanted `homing rebuild` once") from error
    return Person(row.memories, row.armed_us)
