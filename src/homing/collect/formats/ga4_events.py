"""What did people do, as Google Analytics 4 counted it? Its export to BigQuery, saved as JSON lines.

E-commerce events take Segment's names, `page_view` is a page, everything else keeps its own. The export has no id of an
event; an event is known by who, when, what and its parameters, so a day exported again adds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from homing.collect.connectors.connector import Row
from homing.collect.formats.format import About, LineFormat, LineReader, Memory, Unreadable, formats
from homing.collect.formats.ga4_names import EVENTS, PARAMETERS, PURCHASES, UNSET, number_of, product_of
from homing.collect.met import unlike
from homing.core.form import ask
from homing.core.ids import stable_id
from homing.core.time import from_us

NOBODY = "anonymous"  # satisfies the wire, is never an identifier
MAX_ITEMS = 200
_KNOWN = ("stream_id", "user_pseudo_id", "event_timestamp", "event_name", "event_bundle_sequence_id",
          "batch_page_id", "batch_ordering_id", "batch_event_index")  # fmt: skip
_MICROSECONDS = re.compile(r"^[0-9]{1,16}$", re.ASCII)
_encoder = msgspec.json.Encoder(order="deterministic")
_Object = dict[str, Any]


@formats.register("ga4_events")
class Ga4Events(LineFormat, frozen=True):
    """Events of Google Analytics 4 as BigQuery exports them: newline-delimited JSON.

    Google Analytics 4 导出到 BigQuery 的事件：每行一个 JSON。
    """

    title: ClassVar[tuple[str, str]] = ("Google Analytics 4 events", "Google Analytics 4 事件")

    purchases: bool = ask(
        "Purchases are orders; switch off where orders come from the shop itself",
        "购买即订单；若订单另由商城系统导入请关闭", default=True,
    )  # fmt: skip

    def reader(self, about: About, memory: Memory | None = None) -> LineReader:  # noqa: ARG002
        """A reader; every line stands for itself."""
        return _Reader(purchases=self.purchases)


class _Reader(LineReader):
    def __init__(self, *, purchases: bool) -> None:
        self._purchases = purchases

    def take(self, line: str) -> Row | None:
        """The event of a line."""
        try:
            found = msgspec.json.decode(line)
        except (ValueError, RecursionError):
            raise Unreadable("bad_json", "the line is not JSON") from None
        if not isinstance(found, dict):
            raise Unreadable("bad_json", "the line is not a JSON object")
        name = found.get("event_name")
        if not isinstance(name, str) or not name:
            raise Unreadable("missing_event", "event_name is empty, wanted the event's name")
        parameters = _values(found.get("event_params"))
        row: Row = {
            "type": {"page_view": "page", "screen_view": "screen"}.get(name, "track"),
            "time": _instant(found.get("event_timestamp")),
            "anonymous_id": _text(found.get("user_pseudo_id")) or NOBODY,
            "message_id": _id_of(found),
            "properties": self._properties(name, found, parameters),
            "context": _context(found, parameters),
        }
        if row["type"] == "track":
            row["event"] = EVENTS.get(name, name) if self._purchases or name not in PURCHASES else name
        if user := _text(found.get("user_id")):
            row["customer_id"] = user
        return row

    def _properties(self, name: str, found: _Object, parameters: _Object) -> _Object:
        out = {PARAMETERS.get(k, k): v for k, v in parameters.items()}
        sale = _object(found.get("ecommerce"))
        if name in PURCHASES or sale.get("transaction_id"):
            out |= _sale(name, sale, out)
        items = found.get("items")
        products = [product_of(i) for i in items[:MAX_ITEMS] if isinstance(i, dict)] if isinstance(items, list) else []
        if len(products) == 1 and EVENTS.get(name, "").startswith("Product ") and "List" not in EVENTS[name]:
            out = {**products[0], **out}
        elif products:
            out["products"] = products
        if name in {"page_view", "screen_view"}:
            out |= _page(parameters)
        return out


def _sale(name: str, sale: Mapping[str, Any], said: _Object) -> _Object:
    """What an order or a refund says: its number, its amounts."""
    out: _Object = {}
    order = _text(sale.get("transaction_id")) or _text(said.get("order_id"))
    if order:
        out["order_id"] = order
    amount = number_of(sale.get("refund_value" if name == "refund" else "purchase_revenue"))
    amount = number_of(said.get("value")) if amount is None else amount
    if amount is not None:
        out["total" if name == "refund" else "revenue"] = amount
    for theirs, ours in (("tax_value", "tax"), ("shipping_value", "shipping")):
        value = number_of(sale.get(theirs))
        if value is not None:
            out[ours] = value
    return out


def _page(parameters: _Object) -> _Object:
    url = _text(parameters.get("page_location"))
    return _said(
        url=url, path=_path(url), title=_text(parameters.get("page_title")),
        referrer=_text(parameters.get("page_referrer")),
    )  # fmt: skip


def _context(found: _Object, parameters: _Object) -> _Object:
    device, geo = _object(found.get("device")), _object(found.get("geo"))
    first = _object(found.get("traffic_source"))
    who, session = _text(found.get("user_pseudo_id")), parameters.get("ga_session_id")
    return _said(
        session_id=f"{who}.{session}" if who and session is not None else "",
        campaign=_campaign(found, parameters),
        page=_page(parameters),
        device=_said(
            type=_text(device.get("category")), manufacturer=_text(device.get("mobile_brand_name")),
            model=_text(device.get("mobile_model_name")),
        ),
        os=_said(name=_text(device.get("operating_system")), version=_text(device.get("operating_system_version"))),
        location=_said(
            country=_text(geo.get("country")), region=_text(geo.get("region")), city=_text(geo.get("city"))
        ),
        locale=_text(device.get("language")),
        traits=_values(found.get("user_properties")),
        first_source=_said(**{n: _text(first.get(n)) for n in ("source", "medium", "name")}),
    )  # fmt: skip


def _campaign(found: _Object, parameters: _Object) -> _Object:
    """Where the visit came from: as collected with the event, else as the session's, else as the event's parameters."""
    collected = _object(found.get("collected_traffic_source"))
    session = _object(_object(found.get("session_traffic_source_last_click")).get("manual_campaign"))
    ways = (
        {n: collected.get(f"manual_{n}") for n in ("source", "medium", "term", "content")}
        | {"name": collected.get("manual_campaign_name")},
        {n: session.get(n) for n in ("source", "medium", "term", "content")} | {"name": session.get("campaign_name")},
        {n: parameters.get(n) for n in ("source", "medium", "term", "content")} | {"name": parameters.get("campaign")},
    )
    return next((said for way in ways if (said := _said(**{n: _text(v) for n, v in way.items()}))), {})


def _values(listed: Any) -> _Object:
    """Repeated key and value records as one object; whole numbers come as text."""
    out: _Object = {}
    for one in listed if isinstance(listed, list) else []:
        key = one.get("key") if isinstance(one, dict) else None
        value = _object(one.get("value")) if isinstance(one, dict) else {}
        if not isinstance(key, str) or not key:
            continue
        said = next((number_of(value[n]) for n in ("int_value", "double_value", "float_value")
                     if value.get(n) is not None), None)  # fmt: skip
        text = value.get("string_value")
        if said is not None:
            out[key] = said
        elif isinstance(text, str) and text not in UNSET:
            out[key] = text
    return out


def _instant(value: Any) -> str:
    text = str(value)
    if isinstance(value, bool) or not _MICROSECONDS.match(text):
        raise Unreadable("bad_time", unlike("event_timestamp", text, "a count of microseconds"))
    return from_us(int(text)).isoformat()


def _id_of(found: _Object) -> str:
    what = _encoder.encode([found.get("event_params"), found.get("items")]).decode()
    return stable_id("ga4-", *(found.get(n) for n in _KNOWN), what, size=15)


def _path(url: str) -> str:
    rest = url.split("://", 1)[-1]
    path = rest[rest.find("/") :] if "/" in rest else "/"
    return path.split("?", 1)[0].split("#", 1)[0] if url else ""


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return "" if str(value) in UNSET else str(value)


def _said(**values: Any) -> _Object:
    return {name: value for name, value in values.items() if value or value == 0}
