"""How do rows become orders? Lines with the same order id become one `Order Completed` with its products.

Revenue is the exact decimal sum of the lines. A line that cannot be read is refused, the rest of its order goes in. An
order that only takes money back becomes `Order Refunded`. An order without a customer is a fact about no one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pyarrow as pa

from homing.collect.files.feed import FeedBatch, ImportRequest, RowReject, Share
from homing.collect.files.fields import ColumnMap, whole_columns
from homing.collect.files.ordersql import MAX_LINES, OrderSql
from homing.collect.normalise import EMPTY, MONTH_FIRST_REGIONS, TimeReader, number, proves_day_first, wall_to_us
from homing.collect.segment_api import typed_id
from homing.collect.wire import No, guard
from homing.core.errors import InvalidInput
from homing.core.event import Event, Id
from homing.core.time import DAY
from homing.storage.files import Scratch

ORDER, REFUND = "Order Completed", "Order Refunded"


class OrderFeed:
    """The orders of a file.

    Args:
        scratch: its rows.
        mapping: its columns.
        request: how it is meant.
        now_us: nothing may have happened a day after this.
    """

    def __init__(self, scratch: Scratch, mapping: ColumnMap, request: ImportRequest, now_us: int) -> None:
        self._scratch = scratch
        self._mapping = mapping
        self._request = request
        self._now_us = now_us
        whole = whole_columns(scratch, [*mapping.identifiers().values(), mapping.fields["order_id"]])
        self._sql = OrderSql(mapping, scratch.types, scratch.damaged, whole)
        self._ids = list(mapping.identifiers())
        self.lines = self._sql.lines
        place = mapping.fields.get("products")
        self._typed = self.lines or (place is not None and scratch.types[place].endswith("[]"))
        self.day_first: bool | None = None
        self._orders = self._of_nobody = 0

    def batches(self) -> Iterator[FeedBatch]:
        """Refused rows first, then rows that stand twice, then the orders by time."""
        self._mend()
        self._scratch.run(self._sql.checked(self._now_us + DAY))
        if self.lines:
            self._scratch.run(self._sql.too_long())
        yield from self._refused()
        twice = int(self._scratch.ask(self._sql.drop_twice())[0][0])
        if twice:
            yield FeedBatch([], [], [], twice)
        for rows in self._scratch.stream(self._sql.orders()):
            yield self._batch(rows)

    def counts(self) -> dict[str, int]:
        """How many orders the file holds, and how many of them name no customer."""
        return {"orders": self._orders, "orders_without_customer": self._of_nobody}

    def _mend(self) -> None:
        """Read by hand what the database could not: each distinct odd number and time once."""
        for name in self._sql.numbers:
            odd = [str(r[0]) for r in self._scratch.ask(self._sql.odd(name))]
            read = [_number(text) for text in odd]
            self._scratch.put(f"mend_{name}", pa.table({
                "said": pa.array(odd, pa.string()),
                "meant": pa.array(read, pa.string()),
            }))  # fmt: skip
        odd = [str(r[0]) for r in self._scratch.ask(self._sql.odd("time"))]
        self.day_first = proves_day_first(odd)
        assumed = self._request.region not in MONTH_FIRST_REGIONS if self.day_first is None else self.day_first
        reader = TimeReader(self._request.zone, assumed)
        parts = [_time(reader, text) for text in odd]
        self._scratch.put("mend_time", pa.table({
            "said": pa.array(odd, pa.string()),
            "meant": pa.array([p[0] for p in parts], pa.int64()),
            "zoned": pa.array([p[1] for p in parts], pa.bool_()),
        }))  # fmt: skip

    def _refused(self) -> Iterator[FeedBatch]:
        for rows in self._scratch.stream(self._sql.refused()):
            rejects = []
            for row, problem, *values in rows:
                code, _, name = str(problem).partition(":")
                rejects.append(RowReject(row, code, _WORDS[code].format(name), tuple(_text(v) for v in values)))
            yield FeedBatch([], [], rejects)

    def _batch(self, rows: list[tuple[Any, ...]]) -> FeedBatch:
        batch, odd = FeedBatch([], [], []), []
        for row in rows:
            event = self._event(row)
            if event is None:
                odd.append(row[1])
                continue
            batch.events.append(event)
            batch.shares.append(Share(row[2], 1))
            self._of_nobody += not event.ids
        self._orders += len(batch.events)
        for row_number, *values in self._scratch.ask(self._sql.rows(odd)) if odd else []:
            said = _WORDS["shape"].format("products")
            batch.rejects.append(RowReject(row_number, "shape", said, tuple(_text(v) for v in values)))
        return batch

    def _event(self, row: tuple[Any, ...]) -> Event | None:
        """The order; None when its `products` are no list."""
        order_id, _row, _lines, at, zoned, revenue, gains, products, currency, coupon, store, channel, *who = row
        happened = at if zoned else wall_to_us(at, self._request.zone)
        refund = revenue is not None and revenue < 0 and not gains
        properties: dict[str, Any] = {"order_id": order_id, "currency": currency or self._request.currency}
        if refund:
            properties["total"] = -revenue
        elif revenue is not None:
            properties["revenue"] = revenue
        for name, value in (("coupon", coupon), ("store_id", store), ("channel", channel)):
            if value is not None:
                properties[name] = value
        if products is not None:
            found = _written(products) if self._typed else _listed(products)
            if found is None:
                return None
            properties["products"] = found
        return Event(
            event_id=f"order:{self._request.source}:{order_id}",
            kind="track",
            name=REFUND if refund else ORDER,
            happened_us=min(happened, self._now_us),
            source_id=self._request.source,
            ids=self._who(who),
            properties=properties,
        )

    def _who(self, values: list[Any]) -> tuple[Id, ...]:
        ignored: list[str] = []
        found = (
            typed_id(kind, value, self._request.region, ignored) for kind, value in zip(self._ids, values, strict=True)
        )
        return tuple(one for one in found if one is not None)


_NOT_JSON = re.compile(r'(?<!\\)":(?:-?Infinity|NaN)')
_WORDS = {
    "missing_value": "{} is empty, wanted a value",
    "bad_time": "{} cannot be read as a time",
    "bad_number": "{} cannot be read as a number",
    "future_time": "{} lies in the future",
    "encoding": "the row holds bytes that are no text in the file's encoding",
    "event_too_large": f"{{}} has over {MAX_LINES} lines",
    "shape": "{} is not a JSON list of products",
}


def _written(text: str) -> msgspec.Raw:
    """JSON the database wrote of typed columns: sound but for what is no number, which becomes null."""
    if "NaN" in text or "Infinity" in text:
        text = _NOT_JSON.sub('":null', text)
    return msgspec.Raw(text.encode())


def _listed(text: str) -> list[dict[str, Any]] | None:
    """The products somebody wrote as JSON; None when they are no list of objects."""
    try:
        found = msgspec.json.decode(text)
        guard(found)
    except (No, ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and all(isinstance(p, dict) for p in found) else None


def _number(text: str) -> str | None:
    if text.strip().lower() in EMPTY:
        return ""  # means nothing, and that is allowed
    try:
        return str(number(text))
    except InvalidInput:
        return None


def _time(reader: TimeReader, text: str) -> tuple[int | None, bool]:
    try:
        return reader.parts(text)
    except InvalidInput:
        return None, False


def _text(value: object) -> str:
    return "" if value is None else str(value)
