"""In which order do the stages see an event? Identity, consent, profile, segments, journeys, ledger; so do merges.

A stage applies in memory and reads; it writes only in `flush`, inside the worker's one transaction. After a failed
transaction it forgets, and reads its tables again when asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection

from homing.act.ledger import SEEN
from homing.collect.definitions.agreement import KIND as AGREEMENT
from homing.core.condition import Condition, parse
from homing.core.event import Event, Id, Stored
from homing.core.turn import MembershipChange, Past, Timer, Turn
from homing.govern.consent import HEARD
from homing.identity.retrace import without
from homing.profile.marks import KINDS as MARKS
from homing.profile.marks import TAG, MarkBook
from homing.profile.tags.book import NAMES as TAGGED
from homing.profile.traits import KIND as TRAIT
from homing.profile.traits import TraitStage
from homing.runtime import again, following
from homing.runtime.lending import Lending, Standing
from homing.storage.definitions import Definition

Read = Callable[[int, int], list[Stored]]  # the log's: events above an offset, at most so many
LEARNING = frozenset({"segment", TAG, TRAIT})  # kinds of timers that stages which learn set


class Stage(Protocol):
    """What every stage can do; one that has a `load(conn)` is asked to read what it needs before the first event.

    When customers are taken apart (an un-merge, a split, an identifier that no longer links), everything known of them
    is computed again from their own events (`runtime/again.py`). In this order, inside one transaction, between two
    batches, the warehouse standing at `turn.offset - 1` and naming the new customers already:

    1. `recompute(customer_ids, turn, conn)` of every stage: drop what memory and tables hold of these customers, and
       cancel the timers that wait for them. `turn.past` says what they did and who they are from now on.
    2. Stages that learn (consent, profile, segments: what `Stages.learn` asks) are given the past once more: `merge`,
       `apply` and `wake`, in the order of the log, with turns of their own at the instants of the past. What they emit
       is thrown away, for it was emitted then; a timer that is still to come is kept. Stages that act (journeys,
       ledger) are not: they decide in step 1 whose visits and sends those were.
    3. `recomputed(customer_ids, turn, conn)` of every learning stage that has one: what differs from before, as of now;
       segments say who entered and left.

    So a stage that keeps rows a customer has to do one thing: forget a customer so thoroughly that applying all events
    again gives the same rows. Rows still stand in the tables that other connections read: remember that they are void.
    """

    def flush(self, conn: Connection) -> None:
        """Write the rows that changed since the last flush."""

    def forget(self) -> None:
        """Drop what memory holds; the tables are the truth."""

    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        """Two customers turned out to be one."""

    def recompute(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> None:
        """These customers are computed anew: drop what is kept of them, or say whose it is from now on."""


class Resolution(Protocol):
    """Whom an event is about."""

    @property
    def customer_id(self) -> str | None:
        """The customer, or None when the event names nobody."""

    @property
    def merges(self) -> Sequence[Any]:
        """The merges this event caused: (loser, winner)."""

    @property
    def aside(self) -> Collection[Id]:
        """Identifiers of the event that say nothing of this customer."""


class Resolver(Protocol):
    """Identity: which customer an event belongs to."""

    def resolve(self, event: Event, turn: Turn) -> Resolution:
        """The customer of the event, and the merges it caused."""

    def alone(self, event: Event) -> Event:
        """What of an event joins nobody."""

    def reconsider(self, stored: Stored, turn: Turn, conn: Connection, read: Read) -> Past | None:
        """Take customers apart; what those concerned did, as it is understood from now on."""

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> None:
        """New rules are in force."""

    def flush(self, conn: Connection) -> None:
        """Write the rows that changed since the last flush."""

    def forget(self) -> None:
        """Drop what memory holds."""


class Consent(Stage, Protocol):
    """Govern: what each customer allows."""

    def apply(self, stored: Stored, customer_id: str | None, turn: Turn) -> None:
        """Take an event."""

    def object(self, stored: Stored, customer_id: str) -> None:
        """Take an event that this customer may have meant: only a no counts."""


class Profiles(Stage, Protocol):
    """Profile: what is known of each customer."""

    def apply(self, stored: Stored, customer_id: str | None, turn: Turn) -> frozenset[str]:
        """Take an event; return the names of traits that changed."""

    def lend(self, lent: frozenset[str], closed: frozenset[str], turn: Turn, conn: Connection) -> None:
        """Keep what these sources say apart, and show nothing of the closed ones."""

    def set_lent(self, lent: frozenset[str], closed: frozenset[str]) -> None:
        """What stood when the stream stopped."""


class Segments(Stage, Protocol):
    """Segments: who is a member."""

    def apply(
        self, stored: Stored, customer_id: str | None, changed_traits: frozenset[str], turn: Turn
    ) -> Sequence[MembershipChange]:
        """Take an event; return who entered or left what."""

    def wake(self, timer: Timer, turn: Turn) -> Sequence[MembershipChange]:
        """A membership may have run out."""

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> Sequence[MembershipChange]:
        """A segment was published, changed or taken back."""

    def again(self, turn: Turn, conn: Connection) -> Sequence[MembershipChange]:
        """What may be read has changed: judge everything anew."""

    def remark(self, owner: str, turn: Turn, conn: Connection) -> Sequence[MembershipChange]:
        """A tag or a lifecycle came into force, changed or was taken back."""

    def touch(self, customer_id: str, traits: Collection[str], turn: Turn) -> Sequence[MembershipChange]:
        """Traits changed without an event; return who entered or left what."""

    def watched(self) -> frozenset[str]:
        """The traits that anything is judged by."""

    def everybody(self, conn: Connection) -> list[str]:
        """Every customer the stage knows."""

    def watch(self, journey: str, conditions: Sequence[Condition], turn: Turn, conn: Connection) -> None:
        """A journey will ask these conditions; none: it will ask no more."""


class Ledger(Stage, Protocol):
    """Act: what was decided to be sent, and what came back."""

    def apply(self, stored: Stored, customer_id: str | None, turn: Turn) -> None:
        """Take an event."""


class Journeys(Stage, Protocol):
    """Act: who waits where in which journey."""

    def apply(self, stored: Stored, customer_id: str | None, changes: Sequence[MembershipChange], turn: Turn) -> None:
        """Take an event and the membership changes it caused."""

    def on_membership(self, changes: Sequence[MembershipChange], turn: Turn) -> None:
        """Membership changed without an event."""

    def wake(self, timer: Timer, turn: Turn) -> None:
        """A waiting customer's time has come."""

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> None:
        """A journey was published, paused or taken back."""


class Note(Stage, Protocol):
    """Something else that is written down of events, after all others have seen them."""

    def apply(self, stored: Stored, customer_id: str | None, turn: Turn) -> None:
        """Take an event."""

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> None:
        """A definition came into force or was taken back."""


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of one workspace, in order."""

    identity: Resolver
    consent: Consent
    profile: Profiles
    segments: Segments
    journeys: Journeys
    ledger: Ledger
    lending: Lending | None = None
    marks: MarkBook | None = None  # tags and lifecycle stages
    traits: TraitStage | None = None  # that are defined
    notes: tuple[Note, ...] = ()  # answers to pairs that may be one person, households and accounts

    def apply(self, stored: Stored, turn: Turn) -> str | None:
        """One event through every stage; return the customer it is about."""
        if self.lending is not None and self.lending.closed and stored.event.source_id in self.lending.closed:
            stored = stored._replace(event=self.identity.alone(stored.event))  # it passed the door just before the end
        found = self.identity.resolve(stored.event, turn)
        for merged in found.merges:
            for stage in self._mergeable():
                stage.merge(merged.loser, merged.winner, turn)
        customer = found.customer_id
        if found.aside:
            stored = without(stored, found.aside)
        changes = self.learn(stored, customer, turn)
        self.journeys.apply(stored, customer, changes, turn)
        if stored.event.name in SEEN:
            self.ledger.apply(stored, customer, turn)
        for note in self.notes:
            note.apply(stored, customer, turn)
        return customer

    def learn(self, stored: Stored, customer: str | None, turn: Turn) -> Sequence[MembershipChange]:
        """What an event teaches of a customer; asked again, in order, when a past is computed anew."""
        name = stored.event.name
        if name in HEARD:
            self.consent.apply(stored, customer, turn)
        changed = self.profile.apply(stored, customer, turn)
        if self.traits is not None and (more := self.traits.apply(stored, customer, turn)):
            changed = changed | more if changed else more
        if name in TAGGED and self.marks is not None:
            changed |= self.marks.apply(stored, customer, turn)
        readable = self.lending.read(stored) if self.lending is not None and self.lending.closed else stored
        return self.segments.apply(readable, customer, changed, turn)

    def wake(self, timer: Timer, turn: Turn) -> None:
        """One timer, handed to the stage that set it."""
        if self.traits is not None:
            self.traits.now_us = turn.now_us
        if timer.kind in LEARNING:
            changes = self.remind(timer, turn)
            if changes:
                self.journeys.on_membership(changes, turn)
        elif timer.kind == AGREEMENT:
            if self.lending is not None:
                self.lending.wake(timer, turn)
        else:
            self.journeys.wake(timer, turn)

    def remind(self, timer: Timer, turn: Turn) -> Sequence[MembershipChange]:
        """A timer of a stage that learns; asked again when a past is computed anew."""
        if self.traits is not None:
            self.traits.now_us = turn.now_us
        if timer.kind in {TAG, TRAIT}:
            owner = self.marks if timer.kind == TAG else self.traits
            changed = owner.wake(timer, turn) if owner is not None else frozenset()
            return self.segments.touch(timer.customer_id, changed, turn)
        return self.segments.wake(timer, turn)

    def part(self, stored: Stored, turn: Turn, conn: Connection, read: Read) -> None:
        """Customers were taken apart, or a value links no more, or again: all that is known of them is another."""
        past = self.identity.reconsider(stored, turn, conn, read)
        if past is not None:
            again.recompute(self, past, turn, conn)

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> None:
        """A definition came into force or was taken back, at this place of the log."""
        if self.traits is None:
            self._publish(definition, turn, conn)
            return
        self.traits.now_us = turn.now_us
        if definition.kind == TRAIT:
            following.publish(self, self.traits, definition, turn, conn)
            return
        self._publish(definition, turn, conn)
        following.follow(self, self.traits, turn, conn)

    def _publish(self, definition: Definition, turn: Turn, conn: Connection) -> None:
        for note in self.notes:
            note.publish(definition, turn, conn)
        if definition.kind == "identity":
            self.identity.publish(definition, turn, conn)
        elif definition.kind == "segment":
            changes = self.segments.publish(definition, turn, conn)
            if changes:
                self.journeys.on_membership(changes, turn)
        elif definition.kind in MARKS and self.marks is not None:
            self._mark(self.marks, definition, turn, conn)
        elif definition.kind in {"journey", "campaign"}:
            if definition.kind == "journey":
                self.segments.watch(definition.id, _branches(definition), turn, conn)
            self.journeys.publish(definition, turn, conn)

        elif definition.kind == AGREEMENT and self.lending is not None:
            self._lend(self.lending.publish(definition, turn, conn), turn, conn)

    def _mark(self, marks: MarkBook, definition: Definition, turn: Turn, conn: Connection) -> None:
        """A tag or a lifecycle; what changes by it may turn segments, and they journeys."""
        alone = marks.publish(definition, turn, conn)
        changes = list(self.segments.remark(f"{definition.kind}:{definition.id}", turn, conn))
        for customer_id, traits in sorted(alone.items()):
            changes += self.segments.touch(customer_id, traits, turn)
        if changes:
            self.journeys.on_membership(changes, turn)

    def expire(self, turn: Turn, conn: Connection) -> None:
        """An agreement has ended at this place of the log."""
        if self.lending is not None:
            self._lend(self.lending.stand(turn, conn), turn, conn)

    def _lend(self, standing: Standing, turn: Turn, conn: Connection) -> None:
        self.profile.lend(*standing, turn, conn)
        if self.traits is not None:
            self.traits.again(standing[1], turn, conn)
        changes = self.segments.again(turn, conn)
        if changes:
            self.journeys.on_membership(changes, turn)

    def load(self, conn: Connection) -> None:
        """Read what every stage needs to begin."""
        if self.lending is not None:
            standing = self.lending.load(conn)
            self.profile.set_lent(*standing)
            if self.traits is not None:
                self.traits.set_closed(standing[1])
        for stage in self._all():
            if hasattr(stage, "load"):
                stage.load(conn)
        if self.traits is not None:
            self.traits.watching(following.SEGMENTS, self.segments.watched())

    def flush(self, conn: Connection) -> None:
        """Write what every stage changed."""
        for stage in self._all():
            stage.flush(conn)

    def forget(self) -> None:
        """Drop what every stage holds in memory."""
        for stage in self._all():
            stage.forget()

    def learning(self) -> tuple[Stage, ...]:
        """The stages that know of customers, in order; they can be given a past once more."""
        own = [stage for stage in (self.traits, self.marks) if stage is not None]
        return (self.consent, self.profile, *own, self.segments)

    def acting(self) -> tuple[Stage, ...]:
        """The stages that act, in order; what they did is done."""
        return (self.journeys, self.ledger, *self.notes)

    def _mergeable(self) -> Iterator[Stage]:
        yield from (*self.learning(), *self.acting())

    def _all(self) -> Iterator[Any]:
        yield from (self.identity, *self._mergeable())


def _branches(journey: Definition) -> list[Condition]:
    nodes = journey.document.get("nodes", ()) if journey.status != "deleted" else ()
    return [parse(node["condition"]) for node in nodes if node.get("type") == "branch"]
