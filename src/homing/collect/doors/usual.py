"""Which items need no second look? Most: they become events here in few steps; the others take the long way.

An item is usual when it is a `track` or a `page` of a person named by userId or anonymousId, and nothing about it is
to be put in order: no v1 name, no device or external ids, no integrations, no envelope to merge. A batch of nothing
else is made field by field, a step over all its items at once, which is twice as quick. What comes out is what
`segment_api.taken_of` says of the same item, to the byte; a property test holds the three together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain, repeat
from operator import attrgetter, sub
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

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
from homing.core.time import FIRST, SECOND
from homing.storage.log import Packed

FEW = 24  # items that are as quick one by one
PACK = 128  # events encoded together: half of what a block of the log holds
_ASKS = frozenset({"device", "externalIds", "direct"})  # a context that says one of these is looked at
_RENAMED = frozenset({"", *V1_NAMES})  # a track of such a name is looked at
_KINDS: dict[str, Literal["track", "page"]] = {"track": "track", "page": "page"}
_DIGITS = bytes(48 if 48 <= c < 58 else c for c in range(256))
_WRITTEN = b"0000-00-00T00:00:00.000Z"
_TEXT = f"S{len(_WRITTEN)}"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_read = datetime.fromisoformat
_integrations, _category = attrgetter("integrations"), attrgetter("category")
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


class _OddId(Exception):
    """An identifier that is looked at."""


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
    if kind is None and len(items) > FEW and (every := _all_usual(items, arrival)):
        message_ids = [kept.event_id for kept in every]
        return Opened(message_ids, packed(message_ids, every), {})
    message_ids, ids = [], []
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


def _all_usual(items: Sequence[Item], arrival: Arrival) -> list[_Kept] | None:
    """The events of a batch; None when one of its items is not usual. Says of each what `_maker` says."""
    message_ids: list[Any] = [i.messageId for i in items]
    kinds = [i.type for i in items]
    users, anonymous = [i.userId for i in items], [i.anonymousId for i in items]
    tracked = [i.event or "" for i in items if i.type == "track"]
    contexts = [i.context or {} for i in items]
    if (
        arrival.context or arrival.integrations or not _KINDS.keys() >= set(kinds) or not _RENAMED.isdisjoint(tracked)
        or set(map(type, message_ids)) != {str} or not all(message_ids) or ":" in "".join(message_ids)
        or max(map(len, message_ids)) > MAX_MESSAGE_ID or any(map(_integrations, items))
        or not _ASKS.isdisjoint(chain.from_iterable(contexts))
    ):  # fmt: skip
        return None
    names = tracked
    if len(tracked) < len(items):
        if any(map(_category, items)):
            return None
        names = [(i.event if i.type == "track" else i.name) or "" for i in items]
    happened = _all_happened(items, arrival)
    try:
        ids = list(map(_ids_of, users, anonymous, repeat(arrival.region)))
    except _OddId:
        return None
    if happened is None or None in ids or max(map(len, names)) > MAX_NAME:
        return None
    properties = [i.properties or {} for i in items]
    return list(map(_Kept, message_ids, kinds, names, happened, repeat(arrival.source_id), ids, properties, contexts))


def _all_happened(items: Sequence[Item], arrival: Arrival) -> list[int] | None:
    """When each of them happened; None when one of them does not say so in the usual way."""
    if arrival.sent_at is not None:
        shift = _shift(arrival.sent_at, arrival.received_us)
    elif [i for i in items if i.sentAt is not None]:
        return None
    else:
        shift = 0
    said = [i.timestamp if i.originalTimestamp is None else i.originalTimestamp for i in items]
    try:
        happened = _all_instants(said)
    except (TypeError, ValueError, OverflowError):  # as in `_maker`
        return None
    if shift:
        happened = happened + shift
    if happened.min() < 0:
        return None
    found: list[int] = np.minimum(happened, arrival.received_us).tolist()
    return found


def _all_instants(said: Sequence[Any]) -> NDArray[np.int64]:
    """Microseconds of texts; those that are written as JavaScript writes them are read together."""
    raw = "".join(said).encode()
    if raw.translate(_DIGITS) == _WRITTEN * len(said) and set(map(len, said)) == {len(_WRITTEN)}:
        instants = np.frombuffer(raw.replace(b"Z", b"\0"), _TEXT).astype("M8[us]").view(np.int64)
        if instants.min() >= FIRST:  # numpy has a year 0, the calendar has none
            return instants
    after = map(sub, map(_read, said), repeat(_EPOCH))
    return np.array([(one.days * 86_400 + one.seconds) * SECOND + one.microseconds for one in after], np.int64)


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
def _ids_of(user: object, anonymous: object, region: str) -> msgspec.Raw | None:
    """Both identifiers as the log keeps them; None when there is something to say about them.

    Raises:
        _OddId: one is no text, or long; what is raised is not remembered, so that what is remembered is short.
    """
    for one in (user, anonymous):
        if one is not None and (type(one) is not str or len(one) > MAX_ID):
            raise _OddId
    ids, warnings = known_two.__wrapped__(user, anonymous, region)  # remembered here
    return msgspec.Raw(_encode(ids)) if ids and not warnings else None


def _nothing(_item: Item) -> None:
    """An envelope that says something of all items makes none of them usual."""


def _shift(said: object, received_us: int) -> int:
    """How far the sender's clock is behind ours; 0 when it cannot be read."""
    sent = instant_of(said)
    return 0 if sent is None else received_us - sent
