"""Which call would make this event? The way back from the log to the wire, so that what came can be sent again.

Only what came as a call has one: a row of a file or of a database has another way in, and our own events have none.
The instant is the corrected one and the id is the one it came with, so sending it to the same server changes nothing.
"""

from __future__ import annotations

from typing import Any

import msgspec

from homing.collect.quality.inspector import MARKS
from homing.core.event import CUSTOMER, OWN_SOURCE, Event
from homing.core.time import from_us

NOBODY = "anonymous"  # a value that satisfies the wire and names nobody
_CLIENT = "client:"


def call_of(event: Event) -> dict[str, Any] | None:
    """The call as JSON; None when the event did not come as one.

    Args:
        event: as the log keeps it.
    """
    message_id = event.event_id.removeprefix(_CLIENT)
    if event.source_id == OWN_SOURCE or (":" in event.event_id and not event.event_id.startswith(_CLIENT)):
        return None
    ids = {one.type: one.value for one in reversed(event.ids)}
    if CUSTOMER in ids:
        return None
    call: dict[str, Any] = {
        "type": event.kind,
        "messageId": message_id,
        "timestamp": from_us(event.happened_us).isoformat(),
    }
    call |= {name: ids[kind] for kind, name in (("user_id", "userId"), ("anonymous_id", "anonymousId")) if kind in ids}
    if event.kind == "alias":
        call["previousId"] = event.previous.value if event.previous else ""
        call["userId"] = event.ids[0].value if event.ids else ""
    elif "userId" not in call and "anonymousId" not in call:
        call["anonymousId"] = NOBODY
    if event.name:
        call["event" if event.kind == "track" else "name"] = event.name
    if event.group_id:
        call["groupId"] = event.group_id
    parts = {"properties": event.properties, "traits": event.traits, "context": _context(event)}
    return call | {name: part for name, part in parts.items() if part}


def call_text(event: Event) -> str | None:
    """The same as text, indented; numbers keep every digit."""
    call = call_of(event)
    return None if call is None else msgspec.json.format(msgspec.json.encode(call), indent=2).decode()


def _context(event: Event) -> dict[str, Any]:
    return {name: value for name, value in event.context.items() if name != MARKS}
