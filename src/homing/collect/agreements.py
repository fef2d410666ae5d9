"""May this source's data be kept, and may it be read now? Asked of every event at the door and before every question.

With no agreement in force both cost one look at a flag. A source under several agreements is readable while one holds.
The answer for reading changes at the very instant of expiry: it is worked out from the clock, not by a job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from homing.collect.definitions.agreement import FIRST_PARTY, KIND, Agreement
from homing.core.event import Event
from homing.storage import definitions
from homing.storage.state import State

PLACE = "agreement"  # in an event's context
NEVER = 1 << 62
NOTHING: frozenset[str] = frozenset()
_ALWAYS = frozenset({"user_id", "anonymous_id"})  # what joins the event to somebody says nothing by itself


class Terms(NamedTuple):
    """One agreement as it is asked at the door."""

    id: str
    relation: str
    purpose: tuple[str, ...]
    fields: frozenset[str] | None
    expires_us: int


class Passed(NamedTuple):
    """An event as it may be kept, what was left out of it, and why it may not be kept at all."""

    event: Event
    warnings: tuple[str, ...] = ()
    refused: tuple[str, str] | None = None


class Agreements:
    """The agreements in force, by source.

    Args:
        state: holds the definitions.
        clock: what time it is.
    """

    def __init__(self, state: State, clock: Callable[[], int]) -> None:
        self._state, self._clock = state, clock
        self.active = False
        self._terms: dict[str, Terms] = {}
        self._closed, self._until = NOTHING, NEVER
        self.renew()

    def on_publish(self, kind: str, _id: str) -> None:
        """A definition stands otherwise."""
        if kind == KIND:
            self.renew()

    def renew(self) -> None:
        """Read the agreements again."""
        with self._state.read() as conn:
            self.adopt(in_force(conn))

    def adopt(self, terms: dict[str, Terms]) -> None:
        """These are the terms from now on."""
        self._terms = terms
        self._until = 0
        self.active = bool(terms)

    def look(self, event: Event) -> Passed:
        """The event with its provenance and without the fields that were not agreed on."""
        terms = self._terms.get(event.source_id)
        if terms is None:
            if PLACE not in event.context:
                return Passed(event)
            context = {k: v for k, v in event.context.items() if k != PLACE}  # nobody says this for themselves
            return Passed(msgspec.structs.replace(event, context=context))
        if self._clock() >= terms.expires_us:
            return Passed(event, refused=("agreement_expired", f"the agreement {terms.id} has expired"))
        provenance = {"id": terms.id, "relation": terms.relation, "purpose": list(terms.purpose)}
        if terms.fields is None:
            return Passed(msgspec.structs.replace(event, context=event.context | {PLACE: provenance}))
        return _narrowed(event, terms.fields, provenance)

    def closed(self) -> frozenset[str]:
        """The sources whose data may not be read at this instant."""
        now = self._clock()
        if now >= self._until:
            self._closed = unreadable(self._terms, now)
            self._until = min((t.expires_us for t in self._terms.values() if t.expires_us > now), default=NEVER)
        return self._closed

    def party(self, source_id: str) -> str:
        """Whose data a source brings: first_party, second_party or third_party."""
        terms = self._terms.get(source_id)
        return FIRST_PARTY if terms is None else terms.relation

    def agreement(self, source_id: str) -> str | None:
        """The agreement a source is under."""
        terms = self._terms.get(source_id)
        return None if terms is None else terms.id


def in_force(conn: Connection) -> dict[str, Terms]:
    """Source to its terms, as the agreements stand; pausing one does not free what it binds."""
    return terms_of(Agreement.model_validate(d.document) for d in definitions.published(conn, KIND))


def unreadable(terms: Mapping[str, Terms], now_us: int) -> frozenset[str]:
    """The sources whose data may not be read at an instant."""
    return frozenset(source for source, t in terms.items() if t.expires_us <= now_us)


def terms_of(agreements: Iterable[Agreement]) -> dict[str, Terms]:
    """Source to its terms; of several the one that holds longest."""
    found: dict[str, Terms] = {}
    for a in agreements:
        fields = None if a.fields is None else frozenset(a.fields)
        terms = Terms(a.id, a.relation, a.purpose, fields, a.expires_us())
        for source in a.sources:
            if source not in found or terms.expires_us > found[source].expires_us:
                found[source] = terms
    return found


def _narrowed(event: Event, fields: frozenset[str], provenance: dict[str, Any]) -> Passed:
    """What was agreed on; of the context only that, for it may hold anything."""
    left_out = sorted((event.properties.keys() | event.traits.keys()) - fields)
    ids = tuple(i for i in event.ids if i.type in _ALWAYS or i.type in fields)
    left_out += sorted({i.type for i in event.ids} - {i.type for i in ids} - set(left_out))
    kept = msgspec.structs.replace(
        event,
        ids=ids,
        properties={n: v for n, v in event.properties.items() if n in fields},
        traits={n: v for n, v in event.traits.items() if n in fields},
        context={n: v for n, v in event.context.items() if f"context.{n}" in fields} | {PLACE: provenance},
    )
    warnings = (f"not agreed on, left out: {', '.join(left_out[:20])}",) if left_out else ()
    return Passed(kept, warnings)
