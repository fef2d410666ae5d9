"""What did a customer do by an instant, in the numbers her page shows? Read from her events, so any instant will do.

One statement gathers what is counted; orders, returns and reviews are read one by one, the newest `MAX_ORDERS`. Where
too little happened to say something, nothing is said, and how much there was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from homing.core.calendar import shifts_between
from homing.core.event import OWN_SOURCE
from homing.core.query import Query
from homing.core.time import DAY, HOUR
from homing.profile.book import OWN_ACTIVITY
from homing.profile.hers import hers_of
from homing.storage.warehouse import Warehouse

HALF_LIFE_DAYS = 30  # an interest that is not shown again is worth half after so many days
WEIGHTS = {
    "Product Viewed": 1.0, "Product List Viewed": 0.5, "Products Searched": 1.0, "Product Clicked": 1.0,
    "Product Added": 3.0, "Product Added to Wishlist": 3.0, "Product Shared": 3.0, "Checkout Started": 4.0,
}  # fmt: skip
BOUGHT = 5.0  # the weight of a line of an order
RETURNS = ("Order Refunded", "Order Cancelled", "Order Returned", "Product Returned")
REVIEWS = ("Product Reviewed", "Review Submitted", "Review Added", "Feedback Submitted", "NPS Answered",
           "Survey Answered")  # fmt: skip
COMPLAINTS = ("Complaint Filed", "Complaint Received", "Ticket Opened", "Support Ticket Opened")
_CASES = " ".join(f"WHEN '{name}' THEN {weight}" for name, weight in WEIGHTS.items())
MAX_ORDERS = 2_000
TOP = 12

_SQL = """
WITH hers AS MATERIALIZED (
  SELECT name, happened_us, source_id, channel, device, session_id, category, product_id, {local} AS local_us,
    source_id <> '{own}' OR list_contains($own_activity, name) AS own,
    (CASE name {weights} ELSE 0 END) * pow(0.5, ($at - happened_us) / {half_life}.0) AS weight
  FROM event_fact WHERE {hers} AND happened_us <= $at AND kind <> 'identify'
), wanted AS (
  SELECT hers.*, coalesce(hers.category, p.category) AS kind_of, p.product_name
  FROM hers LEFT JOIN product p USING (product_id) WHERE weight > 0
)
SELECT 'hour', CAST((local_us // {day} + 3) % 7 AS VARCHAR), CAST((local_us // {hour}) % 24 AS VARCHAR), count(*),
  0, max(happened_us) FROM hers WHERE own GROUP BY ALL
UNION ALL SELECT 'channel', channel, '', count(*), 0, max(happened_us) FROM hers WHERE own AND channel IS NOT NULL
  GROUP BY ALL
UNION ALL SELECT 'device', device, '', count(*), 0, max(happened_us) FROM hers WHERE own AND device IS NOT NULL
  GROUP BY ALL
UNION ALL SELECT 'source', source_id, '', count(*), 0, max(happened_us) FROM hers WHERE own GROUP BY ALL
UNION ALL SELECT 'session', '', '', count(DISTINCT session_id), 0, max(happened_us) FROM hers
  WHERE own AND session_id IS NOT NULL GROUP BY ALL
UNION ALL SELECT 'category', kind_of, '', count(*), sum(weight), max(happened_us) FROM wanted
  WHERE kind_of IS NOT NULL GROUP BY ALL
UNION ALL SELECT 'product', product_id, coalesce(max(product_name), ''), count(*), sum(weight), max(happened_us)
  FROM wanted WHERE product_id IS NOT NULL GROUP BY product_id
"""
_ORDERS = """
SELECT name, happened_us, source_id, CAST(revenue AS DOUBLE), currency, coupon,
  CAST(CAST(properties AS JSON) AS VARCHAR)
FROM event_fact WHERE {hers} AND happened_us <= $at AND name IN ({names})
ORDER BY happened_us DESC, log_offset DESC LIMIT {most}
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One event that is read whole."""

    name: str
    at_us: int
    source: str
    revenue: float | None
    currency: str | None
    coupon: str | None
    properties: Mapping[str, Any]


@dataclass(slots=True)
class Interest:
    """How much something interests her: a decayed weight, on how many events it rests, the newest of them."""

    name: str
    label: str = ""
    weight: float = 0.0
    n: int = 0
    last_us: int = 0

    def add(self, weight: float, n: int, last_us: int) -> None:
        """More evidence."""
        self.weight += weight
        self.n += n
        self.last_us = max(self.last_us, last_us)


@dataclass(frozen=True, slots=True)
class Count:
    """How often, and when last."""

    name: str
    n: int
    last_us: int


@dataclass(slots=True)
class Deeds:
    """What she did by the instant."""

    at_us: int
    strip: list[list[int]] = field(default_factory=lambda: [[0] * 24 for _ in range(7)])  # Monday first, local hours
    channels: list[Count] = field(default_factory=list)
    devices: list[Count] = field(default_factory=list)
    sources: list[Count] = field(default_factory=list)
    sessions: int = 0
    categories: dict[str, Interest] = field(default_factory=dict)
    products: dict[str, Interest] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)  # orders, returns, reviews, complaints; newest first

    def named(self, *names: str) -> list[Told]:
        """Those of these names."""
        return [one for one in self.told if one.name in names]

    @property
    def orders(self) -> list[Told]:
        """Her orders, newest first."""
        return self.named("Order Completed")


def deeds(warehouse: Warehouse, customer_id: str, at_us: int, zone: str) -> Deeds:
    """Everything the page shows of what the customer did by then, hours and days in `zone` (IANA)."""
    hers, params = hers_of(warehouse, customer_id)
    made = Deeds(at_us)
    bound = {"at": at_us, "own_activity": sorted(OWN_ACTIVITY)}
    sql = _SQL.format(hers=hers, own=OWN_SOURCE, local=_local(at_us, zone), weights=_CASES, day=DAY, hour=HOUR,
                      half_life=HALF_LIFE_DAYS * DAY)  # fmt: skip
    for what, name, more, n, weight, last_us in warehouse.ask(Query(sql, params | bound)):
        if what == "hour":
            made.strip[int(name)][int(more)] = n
        elif what == "session":
            made.sessions = n
        elif what in {"category", "product"}:
            kept = made.categories if what == "category" else made.products
            kept.setdefault(name, Interest(name, more)).add(weight, n, last_us)
        else:
            {"channel": made.channels, "device": made.devices, "source": made.sources}[what].append(
                Count(name, n, last_us)
            )
    for counts in (made.channels, made.devices, made.sources):
        counts.sort(key=lambda one: (-one.n, one.name))
    made.told = _told(warehouse, hers, params, at_us)
    _bought(made, warehouse)
    return made


def top(interests: Mapping[str, Interest], most: int = TOP) -> list[Interest]:
    """The greatest interests."""
    return sorted(interests.values(), key=lambda one: (-one.weight, one.name))[:most]


def _told(warehouse: Warehouse, hers: str, params: dict[str, Any], at_us: int) -> list[Told]:
    names = ("Order Completed", *RETURNS, *REVIEWS, *COMPLAINTS)
    bound = {f"n{k}": name for k, name in enumerate(names)}
    sql = _ORDERS.format(hers=hers, names=", ".join(f"${name}" for name in bound), most=MAX_ORDERS)
    rows = warehouse.ask(Query(sql, params | bound | {"at": at_us}))
    return [
        Told(name, happened_us, source, revenue, currency, coupon, msgspec.json.decode(properties or "{}"))
        for name, happened_us, source, revenue, currency, coupon, properties in rows
    ]


def _bought(made: Deeds, warehouse: Warehouse) -> None:
    """What was ordered interests her too."""
    lines = [(order.at_us, line) for order in made.orders for line in lines_of(order)]
    ids = sorted({str(line["product_id"]) for _, line in lines if line.get("product_id")})
    known: dict[str, tuple[str | None, str | None]] = {}
    if ids:
        sql = "SELECT product_id, category, product_name FROM product WHERE list_contains($ids, product_id)"
        known = {row[0]: (row[1], row[2]) for row in warehouse.ask(Query(sql, {"ids": ids}))}
    for at_us, line in lines:
        product = str(line.get("product_id") or "")
        category, name = known.get(product, (None, None))
        weight = BOUGHT * 0.5 ** ((made.at_us - at_us) / (HALF_LIFE_DAYS * DAY))
        kind = line.get("category") or category
        if kind:
            made.categories.setdefault(str(kind), Interest(str(kind))).add(weight, 1, at_us)
        if product:
            label = str(line.get("name") or name or "")
            kept = made.products.setdefault(product, Interest(product, label))
            kept.label = kept.label or label
            kept.add(weight, 1, at_us)


def lines_of(order: Told) -> list[Mapping[str, Any]]:
    """The lines of an order that are objects."""
    lines = order.properties.get("products")
    return [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []


def _local(at_us: int, zone: str) -> str:
    """An event's local time in microseconds, as SQL: what the zone adds to UTC changes twice a year."""
    shifts = shifts_between(max(0, at_us - 5 * 366 * DAY), at_us, zone)
    cases = " ".join(f"WHEN happened_us >= {begin} THEN {shift}" for begin, _, shift in reversed(shifts))
    return f"(happened_us + CASE {cases} ELSE {shifts[0][2]} END)"
