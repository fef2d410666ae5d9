"""What does a row of each kind say? A customer is an identify call, a product and an event are track calls.

Consent columns (`email_consent` …) become `Consent Updated` beside the customer: yes grants, no withdraws, empty says
nothing.
"""

from __future__ import annotations

from typing import Any

import msgspec

from homing.collect.files.feed import Feed, ImportRequest
from homing.collect.files.fields import ColumnMap
from homing.collect.files.orders import OrderFeed
from homing.collect.files.records import Make, RecordFeed, Row, RowBook, RowProblem, fingerprint
from homing.collect.normalise import yes_or_no
from homing.collect.segment_api import Arrival, translate
from homing.core.errors import InvalidInput
from homing.core.event import Event
from homing.core.ids import ID_TYPES
from homing.core.time import from_us
from homing.storage.files import Scratch

CONSENTS = {f"{channel}_consent": channel for channel in ("email", "sms", "push", "wechat")}
_WHO = frozenset({"customer_id", *ID_TYPES})
NOBODY = "anonymous"  # a blocked value: satisfies the wire, is never an identifier
_ENVELOPE = frozenset({"integrations", "sentAt", "receivedAt", "version", "writeKey", "_metadata"})
_OWN: dict[str, frozenset[str]] = {
    "customers": _WHO | CONSENTS.keys() | {"time"},
    "products": frozenset({"product_id", "name", "category", "brand", "price", "url", "image_url", "time"}),
    "events": _WHO
    | {"event", "type", "time", "message_id", "properties", "context", "traits", "group_id", "previous_id"},
}


def feed_of(scratch: Scratch, mapping: ColumnMap, request: ImportRequest, now_us: int) -> Feed:
    """The file read as its kind."""
    if request.kind == "orders":
        return OrderFeed(scratch, mapping, request, now_us)
    book = RowBook(scratch, mapping, request, now_us, _OWN[request.kind])
    makers = {"customers": _customers, "products": _products, "events": _events}
    return RecordFeed(scratch, book, makers[request.kind](request, now_us))


def _customers(request: ImportRequest, now_us: int) -> Make:
    def make(row: Row) -> list[Event]:
        ids = row.ids()
        if not ids:
            raise RowProblem("missing_value", "no identifier names anybody, wanted at least one")
        traits = row.rest() | {n: v for n in ("email", "phone") if (v := row.text(n)) is not None}
        consents = {channel: _consent(row, name) for name, channel in CONSENTS.items() if row.raw(name) is not None}
        print_of = fingerprint(ids, traits, row.text("time"))
        at = row.time(now_us)
        out = [Event(event_id=f"customer:{request.source}:{print_of}", kind="identify", happened_us=at,
                     source_id=request.source, ids=ids, traits=traits)]  # fmt: skip
        for channel, status in consents.items():
            out.append(
                Event(
                    event_id=f"consent:{request.source}:{fingerprint(ids, channel, status, row.text('time'))}",
                    kind="track",
                    name="Consent Updated",
                    happened_us=at,
                    source_id=request.source,
                    ids=ids,
                    properties={"purpose": "marketing", "channel": channel, "status": status},
                )
            )
        return out

    return make


def _consent(row: Row, name: str) -> str:
    try:
        return "granted" if yes_or_no(row.raw(name)) else "withdrawn"
    except InvalidInput:
        raise RowProblem("bad_consent", f"{name} is neither yes nor no") from None


def _products(request: ImportRequest, now_us: int) -> Make:
    def make(row: Row) -> list[Event]:
        product_id = row.text("product_id")
        if product_id is None:
            raise RowProblem("missing_value", "product_id is empty, wanted a value")
        known = {n: row.text(n) for n in ("name", "category", "brand", "url", "image_url")}
        price = row.number("price")
        properties = row.rest() | {n: v for n, v in known.items() if v is not None} | {"product_id": product_id}
        if price is not None:
            properties["price"] = price
        event_id = f"product:{request.source}:{product_id}:{fingerprint(properties)}"
        return [Event(event_id=event_id, kind="track", name="Product Updated", happened_us=row.time(now_us),
                      source_id=request.source, properties=properties)]  # fmt: skip

    return make


def _events(request: ImportRequest, now_us: int) -> Make:
    arrival = Arrival(request.source, now_us, request.region)

    def make(row: Row) -> list[Event]:
        item = _item(row)
        item["timestamp"] = from_us(row.time(None)).isoformat()
        taken = translate(msgspec.json.encode(item), None, arrival)
        if taken.event is None:
            raise RowProblem(taken.code, taken.message)
        if item["messageId"] is not None:
            return [taken.event]
        return [msgspec.structs.replace(taken.event, event_id=f"event:{request.source}:{fingerprint(item)}")]

    return make


def _item(row: Row) -> dict[str, Any]:
    """The row as a Segment call."""
    rest = {n: v for n, v in row.rest().items() if n not in _ENVELOPE}
    context = _object(row, "context")
    others = [{"type": i.type, "id": i.value} for i in row.ids() if i.type not in {"user_id", "anonymous_id"}]
    if others:
        context = {**context, "externalIds": [*_listed(context.get("externalIds")), *others]}
    return {
        "type": row.text("type") or "track",
        "event": row.text("event"),
        "name": row.text("event"),
        "userId": row.text("customer_id") or row.text("user_id"),
        "anonymousId": row.text("anonymous_id") or (NOBODY if others else None),
        "messageId": row.text("message_id"),
        "groupId": row.text("group_id"),
        "previousId": row.text("previous_id"),
        "properties": {**rest, **_object(row, "properties")},
        "traits": _object(row, "traits"),
        "context": context,
    }


def _object(row: Row, name: str) -> dict[str, Any]:
    value = row.raw(name)
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (ValueError, RecursionError):
            raise RowProblem("bad_json", f"{name} is not a JSON object") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RowProblem("shape", f"{name} is not a JSON object")
    return value


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
