"""What does a Segment call mean? Pure translation from the wire to an event, one verdict an item, nothing raised.

Times are corrected by the sender's own clock: happened = received - (sent - original), never after received. An
identifier that names nobody ("null", "0000") is left out of `ids` but stays in traits and context as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from os import urandom
from typing import Any, NamedTuple, get_args

import msgspec

from homing.collect.doors.names import to_v2
from homing.collect.doors.wire import Batch, Item, No, PlainBatch, decode_item
from homing.core.errors import InvalidInput
from homing.core.event import Event, Id, Kind
from homing.core.ids import ID_TYPES, MAX_ID, is_plain, normalise
from homing.core.time import SECOND, parse_iso

MAX_MESSAGE_ID = 100
MAX_NAME = 200
MAX_EXTERNAL_IDS = 20
KNOWN_IDS = 20_000  # identifiers whose normal form is remembered
_BY_TWO = frozenset({"track", "page", "screen"})  # these name a person by userId and anonymousId
_SPELLED = frozenset({"email", "phone"})  # identifiers whose values have another normal form
_KINDS: dict[str, Kind] = {k: k for k in get_args(Kind)}


class Arrival(NamedTuple):
    """What the door knows of a request: who sent it, when it came, and what its envelope says for all items."""

    source_id: str
    received_us: int
    region: str = "US"
    ip: str = ""
    sent_at: Any = None
    context: dict[str, Any] | None = None
    integrations: Any = None
    new_id: Callable[[], str] | None = None  # of an item without messageId; by default the instant and chance


def arrival_of(source: str, received_us: int, region: str, ip: str, envelope: Batch | PlainBatch) -> Arrival:
    """The arrival of a batch, with what its envelope says."""
    context = envelope.context if isinstance(envelope.context, dict) else None
    return Arrival(source, received_us, region, ip, envelope.sentAt, context, envelope.integrations)


class Taken(NamedTuple):
    """An item after translation: an event, or the code and message of why not; warnings harm nothing."""

    message_id: str
    event: Event | None
    code: str = ""
    message: str = ""
    warnings: tuple[str, ...] = ()


def translate(raw: bytes | msgspec.Raw, kind: str | None, arrival: Arrival) -> Taken:
    """One item from the wire.

    Args:
        raw: the item's JSON.
        kind: the call the path names; None when the item's own `type` says it.
        arrival: what is known of the request.

    Returns:
        The event or the reason there is none; never raises for what a client sent.
    """
    try:
        item = decode_item(bytes(raw))
    except No as no:
        return Taken("", None, no.code, no.message)
    return taken_of(item, kind, arrival)


def taken_of(item: Item, kind: str | None, arrival: Arrival) -> Taken:
    """Like `translate`, of an item that was read."""
    message_id = item.messageId
    if not isinstance(message_id, str):
        message_id = "" if message_id is None else str(message_id)
    if len(message_id) > MAX_MESSAGE_ID:
        met = f"messageId has {len(message_id)} characters, at most {MAX_MESSAGE_ID}"
        return Taken(message_id[:MAX_MESSAGE_ID], None, "message_id_too_long", met)
    message_id = message_id or _new_id(arrival)
    try:
        return _event(item, kind, message_id, arrival)
    except No as no:
        return Taken(message_id, None, no.code, no.message)


def _new_id(arrival: Arrival) -> str:
    """32 hexadecimal digits; the instant leads, so that the log's index grows at its end."""
    return arrival.new_id() if arrival.new_id else f"{arrival.received_us:014x}{urandom(9).hex()}"


def event_id_of(message_id: str) -> str:
    """The id an event from outside has in the log: one that looks like our own derived ids (`sent:…`) is set apart."""
    return f"client:{message_id}" if ":" in message_id else message_id


def _event(item: Item, kind_of_path: str | None, message_id: str, arrival: Arrival) -> Taken:
    kind = _KINDS.get(kind_of_path or item.type or "")
    if kind is None:
        raise _unknown(item)
    _require(item, kind)
    context = item.context or {}
    if arrival.context or item.integrations or arrival.integrations or "direct" in context:
        context = _context(context, item, arrival)
    name, properties = _named(item, kind)
    happened_us = _happened(item, arrival)
    event_id = event_id_of(message_id)
    if kind in _BY_TWO and "device" not in context and "externalIds" not in context:
        ids, warnings = _by_two(item.userId, item.anonymousId, arrival.region)
        event = Event(
            event_id=event_id, kind=kind, name=name, happened_us=happened_us, source_id=arrival.source_id, ids=ids,
            properties=properties, context=context,
        )  # fmt: skip
        return Taken(message_id, event, "", "", tuple(warnings)) if warnings else Taken(message_id, event)
    traits = item.traits or {}
    if kind == "identify" and not traits and isinstance(context.get("traits"), dict):
        traits = context["traits"]
    ids, warnings = _ids(item, kind, traits, context, arrival.region)
    previous = typed_id("anonymous_id", item.previousId, arrival.region, warnings) if kind == "alias" else None
    event = Event(
        event_id=event_id,
        kind=kind,
        name=name,
        happened_us=happened_us,
        source_id=arrival.source_id,
        ids=ids,
        properties=properties,
        traits=traits if kind in {"identify", "group"} else {},
        context=context,
        group_id=str(item.groupId) if kind == "group" else "",
        previous=previous,  # what becomes one with the user: clients fill it with the anonymous id
    )
    return Taken(message_id, event, "", "", tuple(warnings))


def _unknown(item: Item) -> No:
    met = "absent" if item.type is None else repr(item.type[:40])
    return No("unknown_type", f"type is {met}, wanted one of {', '.join(_KINDS)}")


def _require(item: Item, kind: Kind) -> None:
    if kind == "alias":
        if item.previousId in (None, "") or item.userId in (None, ""):
            raise No("missing_previous", "alias wants previousId and userId")
        return
    if item.userId in (None, "") and item.anonymousId in (None, ""):
        raise No("missing_identity", "neither userId nor anonymousId, wanted at least one")
    if kind == "track" and not item.event:
        raise No("missing_event", "track without an event, wanted its name")
    if kind == "group" and item.groupId in (None, ""):
        raise No("missing_group", "group without groupId, wanted it")


def _named(item: Item, kind: Kind) -> tuple[str, dict[str, Any]]:
    properties = item.properties or {}
    name = (item.event if kind == "track" else item.name if kind in {"page", "screen"} else "") or ""
    if len(name) > MAX_NAME:
        raise No("name_too_long", f"the name has {len(name)} characters, at most {MAX_NAME}")
    if kind == "track":
        return to_v2(name, properties)
    if item.category and kind in {"page", "screen"} and "category" not in properties:
        properties = {**properties, "category": item.category}
    return name, properties


def _context(context: dict[str, Any], item: Item, arrival: Arrival) -> dict[str, Any]:
    if arrival.context:
        context = {**arrival.context, **context}
    integrations = item.integrations or arrival.integrations
    if isinstance(integrations, dict) and integrations not in ({}, {"All": True}):
        context = {**context, "integrations": integrations}
    if context.get("direct") is True and arrival.ip and "ip" not in context:
        context = {**context, "ip": arrival.ip}
    return context


# -- who ---------------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=KNOWN_IDS)
def _normalised(kind: str, value: str, region: str) -> Id | None:
    try:
        return normalise(kind, value, region=region)
    except InvalidInput:
        return None


def typed_id(kind: str, value: object, region: str, warnings: list[str]) -> Id | None:
    """The identifier, or None and a warning when the value names nobody."""
    if type(value) is str and kind not in _SPELLED and is_plain(value):
        return Id(kind, value)
    if value is None or value == "" or isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    found = _normalised(kind, text, region) if len(text) <= MAX_ID else None  # what is remembered is short
    if found is None:
        warnings.append(f"{kind} names nobody or cannot be read")
    return found


def _by_two(user: object, anonymous: object, region: str) -> tuple[tuple[Id, ...], Sequence[str]]:
    """Most calls name a person by these two and nothing else, and the same person again and again."""
    if len(str(user)) <= MAX_ID and len(str(anonymous)) <= MAX_ID:  # what is remembered is short
        return known_two(user, anonymous, region)
    return _typed([("user_id", user), ("anonymous_id", anonymous)], region, [])


@lru_cache(maxsize=KNOWN_IDS)
def known_two(user: object, anonymous: object, region: str) -> tuple[tuple[Id, ...], Sequence[str]]:
    """The identifiers of these two and the warnings about them, remembered; ask only of what is short."""
    warnings: list[str] = []
    first = typed_id("user_id", user, region, warnings)
    second = typed_id("anonymous_id", anonymous, region, warnings)
    if first is None or second is None:
        return tuple(one for one in (first, second) if one is not None), tuple(warnings)
    return (first, second), tuple(warnings)


def _ids(
    item: Item, kind: Kind, traits: dict[str, Any], context: dict[str, Any], region: str
) -> tuple[tuple[Id, ...], list[str]]:
    warnings: list[str] = []
    wanted: list[tuple[str, object]] = [("user_id", item.userId)]
    if kind != "alias":
        wanted.append(("anonymous_id", item.anonymousId))
    device = context.get("device")
    if isinstance(device, dict):
        wanted.append(("device_id", device.get("id")))
    external = context.get("externalIds")
    if isinstance(external, list):
        wanted += _external(external, warnings)
    if kind == "identify":
        wanted += [("email", traits.get("email")), ("phone", traits.get("phone"))]
    return _typed(wanted, region, warnings)


def _typed(wanted: list[tuple[str, object]], region: str, warnings: list[str]) -> tuple[tuple[Id, ...], list[str]]:
    found = (typed_id(kind_of_id, value, region, warnings) for kind_of_id, value in wanted)
    return tuple(dict.fromkeys(one for one in found if one is not None)), warnings


def _external(listed: list[Any], warnings: list[str]) -> list[tuple[str, object]]:
    out: list[tuple[str, object]] = []
    for one in listed[:MAX_EXTERNAL_IDS]:
        kind = one.get("type") if isinstance(one, dict) else None
        if isinstance(kind, str) and kind in ID_TYPES:
            out.append((kind, one.get("id")))
        else:
            warnings.append("an external id of unknown type")
    return out


# -- when --------------------------------------------------------------------------------------------------------------
def _happened(item: Item, arrival: Arrival) -> int:
    original = item.timestamp if item.originalTimestamp is None else item.originalTimestamp
    received = arrival.received_us
    if original is None or original == "":
        return received
    at = instant_of(original)
    if at is None:
        raise No("bad_time", "timestamp cannot be read, wanted ISO 8601")
    said = item.sentAt if arrival.sent_at is None else arrival.sent_at
    sent = None if said is None else instant_of(said)
    happened = at if sent is None else received - (sent - at)
    if happened < 0:
        raise No("bad_time", "timestamp lies before 1970")
    return happened if happened < received else received


def instant_of(value: Any) -> int | None:
    """Microseconds of ISO 8601 text, or of a number of seconds or milliseconds; None when it is no time."""
    if isinstance(value, str):
        try:
            return parse_iso(value)
        except (InvalidInput, OverflowError):
            return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e14:
        return int(value * (SECOND if value < 1e11 else 1000))
    return None
