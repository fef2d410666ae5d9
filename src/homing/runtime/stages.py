"""In which order do the stages see an event? Identity, consent, profile, segments, journeys, ledger; so do merges.

A stage applies in memory and reads; it writes only in `flush`, inside the worker's one transaction. After a failed
transaction it forgets, and reads its tables again when asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection

from homing.collect.definitions.agreement import KIND as AGREEMENT
from homing.core.condition import Condition, parse
from homing.core.event import Event, Stored
from homing.core.turn import MembershipChange, Timer, Turn
from homing.runtime.lending import Lending, Standing
from homing.storage.definitions import Definition


class Stage(Protocol):
    """What every stage can do; one that has a `load(conn)` is asked to read what it needs before the first event."""

    def flush(self, conn: Connection) -> None:
        """Write the rows that changed since the last flush."""

    def forget(self) -> None:
        """Drop what memory holds; the tables are the truth."""

    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        """Two customers turned out to be one."""


class Resolution(Protocol):
    """Whom an event is about."""

    @property
    def customer_id(self) -> str | None:
        """The customer, or None when the event names nobody."""

    @property
    def merges(self) -> Sequence[Any]:
        """The merges this event caused: (loser, winner)."""


class Resolver(Protocol):
    """Identity: which customer an event belongs to."""

    def resolve(self, event: Event, turn: Turn) -> Resolution:
        """The customer of the event, and the merges it caused."""

    def flush(self, conn: Connection) -> None:
        """Write the rows that changed since the last flush."""

    def forget(self) -> None:
        """Drop what memory holds."""


class Consent(Stage, Protocol):
    """Govern: what each customer allows."""

    def apply(self, stored: Stored, customer_id: str | None, turn: Turn) -> None:
        """Take an event."""


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

    def apply(self, stored: Stored, turn: Turn) -> str | None:
        """One event through every stage; return the customer it is about."""
        found = self.identity.resolve(stored.event, turn)
        for merged in found.merges:
            for stage in self._mergeable():
                stage.merge(merged.loser, merged.winner, turn)
        customer = found.customer_id
        self.consent.apply(stored, customer, turn)
        changed = self.profile.apply(stored, customer, turn)
        changes = self.segments.apply(stored, customer, changed, turn)
        self.journeys.apply(stored, customer, changes, turn)
        self.ledger.apply(stored, customer, turn)
        return customer

    def wake(self, timer: Timer, turn: Turn) -> None:
        """One timer, handed to the stage that set it."""
        if timer.kind == "segment":
            changes = self.segments.wake(timer, turn)
            if changes:
                self.journeys.on_membership(changes, turn)
        elif timer.kind == AGREEMENT:
            if self.lending is not None:
                self.lending.wake(timer, turn)
        else:
            self.journeys.wake(timer, turn)

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> None:
        """A definition came into force or was taken back, at this place of the log."""
        if definition.kind == "segment":
            changes = self.segments.publish(definition, turn, conn)
            if changes:
                self.journeys.on_membership(changes, turn)
        elif definition.kind in {"journey", "campaign"}:
            if definition.kind == "journey":
                self.segments.watch(definition.id, _branches(definition), turn, conn)
            self.journeys.publish(definition, turn, conn)

        elif definition.kind == AGREEMENT and self.lending is not None:
            self._lend(self.lending.publish(definition, turn, conn), turn, conn)

    def expire(self, turn: Turn, conn: Connection) -> None:
        """An agreement has ended at this place of the log."""
        if self.lending is not None:
            self._lend(self.lending.stand(turn, conn), turn, conn)

    def _lend(self, standing: Standing, turn: Turn, conn: Connection) -> None:
        self.profile.lend(*standing, turn, conn)
        changes = self.segments.again(turn, conn)
        if changes:
            self.journeys.on_membership(changes, turn)

    def load(self, conn: Connection) -> None:
        """Read what every stage needs to begin."""
        if self.lending is not None:
            self.profile.set_lent(*self.lending.load(conn))
        for stage in self._all():
            if hasattr(stage, "load"):
                stage.load(conn)

    def flush(self, conn: Connection) -> None:
        """Write what every stage changed."""
        for stage in self._all():
            stage.flush(conn)

    def forget(self) -> None:
        """Drop what every stage holds in memory."""
        for stage in self._all():
            stage.forget()

    def _mergeable(self) -> Iterator[Stage]:
        yield from (self.consent, self.profile, self.segments, self.journeys, self.ledger)

    def _all(self) -> Iterator[Any]:
        yield from (self.identity, *self._mergeable())


def _branches(journey: Definition) -> list[Condition]:
    nodes = journey.document.get("nodes", ()) if journey.status != "deleted" else ()
    return [parse(node["condition"]) for node in nodes if node.get("type") == "branch"]
