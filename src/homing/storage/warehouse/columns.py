"""Which columns does an event become? What every query filters on is promoted; the rest stays in `properties`.

Property names are Segment's e-commerce names. A value that has not the column's type stays in `properties` only: the
column is empty, the fact is not lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import pyarrow as pa

from homing.core.event import Event, Stored
from homing.core.time import DAY

EVENT_COLUMNS: dict[str, pa.DataType] = {
    "log_offset": pa.int64(),
    "event_id": pa.string(),
    "kind": pa.string(),
    "name": pa.string(),
    "happened_us": pa.int64(),
    "received_us": pa.int64(),
    "day": pa.int32(),
    "source_id": pa.string(),
    "customer_id": pa.string(),
    "ids": pa.string(),
    "session_id": pa.string(),
    "channel": pa.string(),
    "campaign": pa.string(),
    "order_id": pa.string(),
    "product_id": pa.string(),
    "category": pa.string(),
    "store_id": pa.string(),
    "coupon": pa.string(),
    "price": pa.float64(),
    "quantity": pa.float64(),
    "revenue": pa.float64(),
    "currency": pa.string(),
    "path": pa.string(),
    "country": pa.string(),
    "device": pa.string(),
    "properties": pa.string(),
    "traits": pa.string(),
    "context": pa.string(),
}
LINE_COLUMNS: dict[str, pa.DataType] = {
    "log_offset": pa.int64(),
    "line": pa.int32(),
    "customer_id": pa.string(),
    "happened_us": pa.int64(),
    "order_id": pa.string(),
    "product_id": pa.string(),
    "product_name": pa.string(),
    "category": pa.string(),
    "brand": pa.string(),
    "quantity": pa.float64(),
    "price": pa.float64(),
    "revenue": pa.float64(),
    "currency": pa.string(),
}
PRODUCT_COLUMNS: dict[str, pa.DataType] = {
    "log_offset": pa.int64(),
    "product_id": pa.string(),
    "product_name": pa.string(),
    "category": pa.string(),
    "brand": pa.string(),
    "price": pa.float64(),
    "url": pa.string(),
    "image_url": pa.string(),
    "properties": pa.string(),
}
ORDER = "Order Completed"
PRODUCT = "Product Updated"

_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Batch:
    """Columnar rows ready to be loaded; `last_offset` is the mark they bring the warehouse to."""

    last_offset: int
    events: pa.Table
    lines: pa.Table
    products: pa.Table


@dataclass(slots=True)
class BatchBuilder:
    """Collects stored events into columns."""

    last_offset: int = 0
    _events: list[tuple[Any, ...]] = field(default_factory=list)
    _lines: list[tuple[Any, ...]] = field(default_factory=list)
    _products: list[tuple[Any, ...]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._events)

    def add(self, stored: Stored, customer_id: str | None) -> None:
        """Take one event, with the customer it belongs to."""
        event = stored.event
        self.last_offset = stored.offset
        self._events.append(_event_row(stored, customer_id))
        if event.name == ORDER and event.kind == "track":
            self._lines += _line_rows(stored, customer_id)
        elif event.name == PRODUCT and event.kind == "track":
            self._products.append(_product_row(stored))

    def build(self) -> Batch:
        """The batch of everything taken so far."""
        return Batch(
            self.last_offset,
            _table(self._events, EVENT_COLUMNS),
            _table(self._lines, LINE_COLUMNS),
            _table(self._products, PRODUCT_COLUMNS),
        )


def number(value: object) -> float | None:
    """A number that was sent as a number or as digits; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None


def text(value: object) -> str | None:
    """A short text or number as text; None for anything else or nothing."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


def order_revenue(event: Event) -> float | None:
    """What an order brought: `revenue`, else `total`, else `value`."""
    for name in ("revenue", "total", "value"):
        found = number(event.properties.get(name))
        if found is not None:
            return found
    return None


def _event_row(stored: Stored, customer_id: str | None) -> tuple[Any, ...]:
    e, p, c = stored.event, stored.event.properties, stored.event.context
    page, campaign, device = _sub(c, "page"), _sub(c, "campaign"), _sub(c, "device")
    return (
        stored.offset,
        e.event_id,
        e.kind,
        e.name,
        e.happened_us,
        stored.received_us,
        e.happened_us // DAY,
        e.source_id,
        customer_id,
        _json.encode(e.ids).decode(),
        text(p.get("session_id") or c.get("session_id")),
        text(p.get("channel") or c.get("channel")),
        text(p.get("campaign") or campaign.get("name")),
        text(p.get("order_id")),
        text(p.get("product_id")),
        text(p.get("category")),
        text(p.get("store_id")),
        text(p.get("coupon")),
        number(p.get("price")),
        number(p.get("quantity")),
        order_revenue(e),
        text(p.get("currency")),
        text(p.get("path") or page.get("path")),
        text(_sub(c, "location").get("country")),
        text(device.get("type")),
        _json.encode(p).decode(),
        _json.encode(e.traits).decode(),
        _json.encode(c).decode(),
    )


def _line_rows(stored: Stored, customer_id: str | None) -> list[tuple[Any, ...]]:
    e = stored.event
    products = e.properties.get("products")
    if not isinstance(products, list):
        return []
    out = []
    for n, line in enumerate(p for p in products if isinstance(p, dict)):
        price, quantity = number(line.get("price")), number(line.get("quantity"))
        revenue = number(line.get("revenue"))
        if revenue is None and price is not None:
            revenue = price * (1.0 if quantity is None else quantity)
        out.append(
            (
                stored.offset,
                n,
                customer_id,
                e.happened_us,
                text(e.properties.get("order_id")),
                text(line.get("product_id")),
                text(line.get("name")),
                text(line.get("category")),
                text(line.get("brand")),
                quantity,
                price,
                revenue,
                text(e.properties.get("currency")),
            )
        )
    return out


def _product_row(stored: Stored) -> tuple[Any, ...]:
    p = stored.event.properties
    return (
        stored.offset,
        text(p.get("product_id")),
        text(p.get("name")),
        text(p.get("category")),
        text(p.get("brand")),
        number(p.get("price")),
        text(p.get("url")),
        text(p.get("image_url")),
        _json.encode(p).decode(),
    )


def _sub(of: dict[str, Any], name: str) -> dict[str, Any]:
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def _table(rows: list[tuple[Any, ...]], columns: dict[str, pa.DataType]) -> pa.Table:
    by_column = zip(*rows, strict=True) if rows else ([] for _ in columns)
    arrays = [pa.array(values, type=kind) for values, kind in zip(by_column, columns.values(), strict=True)]
    return pa.table(arrays, names=list(columns))
