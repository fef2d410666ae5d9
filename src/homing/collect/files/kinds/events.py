"""What does a row of events say? Whatever a call over the wire can say; columns that feed no field are properties."""

from __future__ import annotations

from typing import Any

import msgspec

from homing.collect.doors.segment_api import Arrival, translate
from homing.collect.files.aliases import WHO
from homing.collect.files.feed import ImportRequest
from homing.collect.files.kind import Kind, Make, add
from homing.collect.files.records import Row, RowProblem, fingerprint
from homing.core.event import Event
from homing.core.time import from_us

NOBODY = "anonymous"  # a blocked value: satisfies the wire, is never an identifier
_ENVELOPE = frozenset({"integrations", "sentAt", "receivedAt", "version", "writeKey", "_metadata"})
_FIELDS: dict[str, str] = {
    "event": "event eventname action 事件 事件名 事件名称 行为",
    "type": "type kind 类型 调用类型",
    "time": "time timestamp datetime date occurredat happenedat originaltimestamp 时间 日期 发生时间 事件时间",
    "message_id": "messageid eventid 消息id 事件id",
    "properties": "properties 属性",
    "context": "context 上下文",
    "traits": "traits",
    "group_id": "groupid 群组id",
    "previous_id": "previousid",
}


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


add(Kind("events", "an event", "一个事件", {**_FIELDS, **WHO}, _events, needs=(("time",), ("event", "type"))))
