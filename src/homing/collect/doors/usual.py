"""Which items need no second look? Most: they become events here in few steps; the others take the long way.

An item is usual when it is a `track` or a `page` of a person named by userId or anonymousId, and nothing about it is
to be put in order: no v1 name, no device or external ids, no integrations, no envelope to merge. What comes out is
what `segment_api.taken_of` says of the same item, to the byte; a property test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec

from homing.collect.doors.names import V1_NAMES
from homing.collect.doors.segment_api import (
    KNOWN_IDS,
    MAX_MESSAGE_ID,
    MAX_NAME,
    Arrival,
    Taken,
    instant_of,
    known_two,
    taken_of,
)
from homing.collect.doors.wire import Item
from homing.core.event import Event
from homing.core.ids import MAX_ID
from homing.core.time import SECOND
from homing.storage.log import Packed

PACK = 128  # events encoded together: half of what a block of the log holds
_ASKS = frozenset({"device", "externalIds", "direct"})  # a context that says one of these is looked at
_RENAMED = frozenset({"", *V1_NAMES})  # a track of such a name is looked at
_KINDS: dict[str, Literal["track", "page"]] = {"track": "track", "page": "page"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_read = datetime.fromisoformat
_encode = msgspec.json.Encoder().encode


class _Kept(msgspec.Struct, omit_defaults=True, gc=False):
    """A usual event as it is encoded: what `Event` says, its identifiers as bytes. A default is what it leaves out."""

    event_id: str
    kind: str
    name: str = ""
    happened_us: int | None = None
    source_id: str | None = None
    ids: msgspec.Raw | None = None
    properties: dict[str, Any] = {}
    context: dict[str, Any] = {}


class Opened(NamedTuple):
    """Items after translation."""

    message_ids: list[str]
    packed: list[Packed]  # those that are events
    special: dict[int, Taken]  # by their place: what is no event, or one with warnings


NOTHING = Opened([], [], {})


def opened(items: Sequence[Item], kind: str | None, arrival: Arrival) -> Opened:
    """Translate items.

    Args:
        items: as they were read.
        kind: the call the path names; None when each item says its own.
        arrival: what is known of the request.
    """
    message_ids: list[str] = []
    ids: list[str] = []
    events: list[Event | _Kept] = []
    special: dict[int, Taken] = {}
    usual = _maker(kind, arrival)
    for item in items:
        kept = usual(item)
        if kept is not None:
            message_ids.append(kept.event_id)
            ids.append(kept.event_id)
            events.append(kept)
            continue
        message_id, event, code, _, warnings = taken = taken_of(item, kind, arrival)
        if code or warnings:
            special[len(message_ids)] = taken._replace(event=None)
        message_ids.append(message_id)
        if event is not None:
            ids.append(event.event_id)
            events.append(event)
    return Opened(message_ids, packed(ids, events), special)


def opened_of(taken: Sequence[Taken]) -> Opened:
    """The same, of items that were translated one by one."""
    events = [one.event for one in taken if one.event is not None]
    special = {n: one._replace(event=None) for n, one in enumerate(taken) if one.event is None or one.warnings}
    return Opened([one.message_id for one in taken], packed([e.event_id for e in events], events), special)


def packed(ids: list[str], events: Sequence[Event | _Kept]) -> list[Packed]:
    """Events as they go to the log."""
    if len(events) == 1:
        return [Packed(ids, _encode(events[0]))]
    if len(events) <= PACK:
        return [Packed(ids, _encode(events)[1:-1])] if events else []
    cuts = range(0, len(events), PACK)
    return [Packed(ids[at : at + PACK], _encode(events[at : at + PACK])[1:-1]) for at in cuts]


def _maker(kind: str | None, arrival: Arrival) -> Callable[[Item], _Kept | None]:
    """What makes the event of a usual item and None of any other; everything it needs is at hand in its cells."""
    if arrival.context or arrival.integrations:
        return _nothing
    source_id, received, region = arrival.source_id, arrival.received_us, arrival.region
    shift_of_all = None if arrival.sent_at is None else _shift(arrival.sent_at, received)

    def usual(item: Item) -> _Kept | None:
        said_kind = _KINDS.get(kind or item.type or "")
        message_id, user, anonymous, context = item.messageId, item.userId, item.anonymousId, item.context
        name = (item.event if said_kind == "track" else item.name) or ""
        if (
            said_kind is None or (item.category if said_kind == "page" else name in _RENAMED) or len(name) > MAX_NAME
            or type(message_id) is not str or not 0 < len(message_id) <= MAX_MESSAGE_ID or ":" in message_id
            or not (user is None or (type(user) is str and len(user) <= MAX_ID))
            or not (anonymous is None or (type(anonymous) is str and len(anonymous) <= MAX_ID))
            or item.integrations or (context and not _ASKS.isdisjoint(context))
        ):  # fmt: skip
            return None
        ids = _ids_of(user, anonymous, region)
        if ids is None:
            return None
        happened = received
        original = item.timestamp if item.originalTimestamp is None else item.originalTimestamp
        if original is not None:
            try:
                after = _read(original) - _EPOCH
            except (TypeError, ValueError, OverflowError):  # a number, no time at all, or one without a zone
                return None
            shift = shift_of_all
            if shift is None:
                shift = 0 if item.sentAt is None else _shift(item.sentAt, received)
            happened = (after.days * 86_400 + after.seconds) * SECOND + after.microseconds + shift
            if happened > received:
                happened = received
            elif happened < 0:
                return None
        return _Kept(message_id, said_kind, name, happened, source_id, ids, item.properties or {}, context or {})

    return usual


@lru_cache(maxsize=KNOWN_IDS)
def _ids_of(user: str | None, anonymous: str | None, region: str) -> msgspec.Raw | None:
    """Both identifiers as the log keeps them; None when there is something to say about them."""
    ids, warnings = known_two.__wrapped__(user, anonymous, region)  # remembered here
    return msgspec.Raw(_encode(ids)) if ids and not warnings else None


def _nothing(_item: Item) -> None:
    """An envelope that says something of all items makes none of them usual."""


def _shift(said: object, received_us: int) -> int:
    """How far the sender's clock is behind ours; 0 when it cannot be read."""
    sent = instant_of(said)
    return 0 if sent is None else received_us - sent
