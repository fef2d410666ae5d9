"""What is a fact? One event: who, what, when, from where; the log holds nothing else.

The wire format is Segment's; this is what is left of it after the door: identifiers typed and normalised, the time
corrected. `happened_us` never lies after `received_us`.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import msgspec

Kind = Literal["track", "identify", "page", "screen", "group", "alias"]
KINDS: tuple[Kind, ...] = ("track", "identify", "page", "screen", "group", "alias")

OWN_SOURCE = "homing"  # events that acting, measuring and computing produce
CUSTOMER = "customer_id"  # the identifier type of our own events; no door takes it from outside


class Id(NamedTuple):
    """One identifier of a person: its type and its normalised value."""

    type: str
    value: str


class Event(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A fact as the log keeps it."""

    event_id: str
    kind: Kind
    name: str = ""
    happened_us: int
    source_id: str
    ids: tuple[Id, ...] = ()
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}
    group_id: str = ""
    previous: Id | None = None  # alias: the identifier that becomes one with `ids[0]`


def own_event(
    event_id: str, name: str, customer_id: str, happened_us: int, properties: dict[str, Any], *, kind: Kind = "track"
) -> Event:
    """A fact Homing itself produced about a customer; `event_id` must be the same whenever it is produced again."""
    return Event(
        event_id=event_id,
        kind=kind,
        name=name,
        happened_us=happened_us,
        source_id=OWN_SOURCE,
        ids=(Id(CUSTOMER, customer_id),),
        properties=properties,
    )


class Stored(NamedTuple):
    """An event with the place and the instant the log gave it."""

    offset: int
    received_us: int
    event: Event


class Verdict(NamedTuple):
    """What became of one event at the door; `offset` is set when it was accepted."""

    status: Literal["accepted", "duplicate", "rejected"]
    offset: int | None = None
    reason: str = ""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """The event as the bytes the log keeps."""
    return _encoder.encode(event)


def decode(body: bytes) -> Event:
    """The event of those bytes."""
    return _decoder.decode(body)
