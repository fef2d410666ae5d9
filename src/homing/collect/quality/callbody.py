"""How is a refused call kept so that it can be sent again? As one JSON object that says all its request said of it.

The path's kind, the batch's context and clock, and the id it was answered with go into the item, where it does not say
them itself. What cannot be read as an object is kept as it came, to be mended by hand.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from homing.collect.doors.segment_api import Arrival
from homing.collect.doors.wire import MAX_EVENT

SHAPE = "call"
_encoder = msgspec.json.Encoder()


class Kept(NamedTuple):
    """The text that is kept, and its shape: "" when it is not whole."""

    body: str
    shape: str


def call_body(raw: bytes, kind: str | None, message_id: str, arrival: Arrival) -> Kept:
    """A refused call as it is kept.

    Args:
        raw: the item's JSON, of any size and content.
        kind: the call its path names; None in a batch.
        message_id: the id it was answered with.
        arrival: what its request said.
    """
    if len(raw) > MAX_EVENT:
        return Kept(raw[:4_096].decode("utf-8", "replace"), "")
    said: dict[str, Any] = {}
    if kind is not None:
        said["type"] = kind
    if message_id:
        said["messageId"] = message_id
    if arrival.sent_at is not None:
        said["sentAt"] = arrival.sent_at
    if arrival.integrations is not None:
        said["integrations"] = arrival.integrations
    try:
        item = msgspec.json.decode(raw)
        if not isinstance(item, dict):
            raise TypeError
        item.pop("writeKey", None)  # it says who may send, not what was sent
        if arrival.context:
            own = item.get("context")
            item["context"] = {**arrival.context, **(own if isinstance(own, dict) else {})}
        whole = said | {k: v for k, v in item.items() if v is not None or k not in said}
        body = _encoder.encode(whole).decode()
    except (ValueError, TypeError, RecursionError):
        body = raw.decode("utf-8", "replace")
    return Kept(body, SHAPE if len(body) <= MAX_EVENT else "")
