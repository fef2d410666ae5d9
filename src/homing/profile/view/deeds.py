"""What did a customer do by an instant, in the numbers her page shows? Read from her events, so any instant will do.

Of orders, returns and reviews the newest `MAX_ORDERS` are read whole. Where too little happened to say something,
nothing is said, and how much there was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from homing.core.calendar import shifts_between
from homing.core.event import OWN_SOURCE
from homing.core.query import Query
from homing.core.time import DAY, HOUR
from homing.profile.book import OWN_ACTIVITY
from homing.profile.view.life import ORDER, TOLD, Coded, Life, Numbers
from homing.storage.warehouse import Warehouse

HALF_LIFE_DAYS = 30  # an interest that is not shown again is worth half after so many days
WEIGHTS = {
    "Product Viewed": 1.0, "Product List Viewed": 0.5, "Products Searched": 1.0, "Product Clicked": 1.0,
    "Product Added": 3.0, "Product Added to Wishlist": 3.0, "Product Shared": 3.0, "Checkout Started": 4.0,
}  # fmt: skip
BOUGHT = 5.0  # the weight of a line of an order
MAX_ORDERS = 2_000
TOP = 12
Evidence = Sequence[Any]  # weight, events, the newest of them
Known = Mapping[str, tuple[str | None, str | None]]  # product -> category, name

_PRODUCTS = """
SELECT product_id, category, product_name FROM product WHERE product_id IN (SELECT unnest($ids))
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
        return self.named(ORDER)


def deeds(warehouse: Warehouse, life: Life, zone: str) -> Deeds:
    """Everything the page shows of what the customer did, hours and days in `zone` (IANA)."""
    events, at_us = life.deeds, life.at_us
    made = Deeds(at_us)
    if not events.num_rows:
        return made
    happened = events["happened_us"].to_numpy()
    names, sources = Coded.of(events["name"]), Coded.of(events["source_id"])
    own = ~sources.are({OWN_SOURCE}) | names.are(OWN_ACTIVITY)
    _hours(made, happened[own], zone)
    made.sources = _counts(sources, own, happened)
    made.channels = _counts(Coded.of(events["channel"]), own, happened)
    made.devices = _counts(Coded.of(events["device"]), own, happened)
    made.sessions = int(Coded.of(events["session_id"]).counted(own).astype(bool).sum())
    made.told = _told(events, names.are(TOLD), happened)
    lines = [(order.at_us, line) for order in made.orders for line in lines_of(order)]
    shown = _shown(events, names, at_us - happened, happened)
    known = _known(warehouse, {product for _, product, _ in shown}.union(_product(line) for _, line in lines))
    for category, product, evidence in shown:
        _interested(made, category, product, known, evidence)
    for us, line in lines:  # what was ordered interests her too
        weight = BOUGHT * 0.5 ** ((at_us - us) / (HALF_LIFE_DAYS * DAY))
        _interested(made, line.get("category"), _product(line), known, (weight, 1, us), label=line.get("name"))
    return made


def top(interests: Mapping[str, Interest], most: int = TOP) -> list[Interest]:
    """The greatest interests."""
    return sorted(interests.values(), key=lambda one: (-one.weight, one.name))[:most]


def _counts(column: Coded, own: Numbers, happened: Numbers) -> list[Count]:
    """How often each value is there, most first."""
    n = column.counted(own)
    last = np.zeros(len(column.values), np.int64)
    held = own & (column.codes >= 0)
    np.maximum.at(last, column.codes[held], happened[held])
    found = zip(column.values, n.tolist(), last.tolist(), strict=True)
    return sorted((Count(*one) for one in found if one[1]), key=lambda one: (-one.n, one.name))


def _hours(made: Deeds, happened: Numbers, zone: str) -> None:
    """By the day of the week and the hour that the clock showed: what a zone adds to UTC changes twice a year."""
    if not len(happened):
        return
    shifts = shifts_between(max(0, int(happened.min())), made.at_us, zone)
    place = np.searchsorted([begin for begin, _, _ in shifts], happened, side="right") - 1
    local = happened + np.array([shift for _, _, shift in shifts])[np.maximum(place, 0)]
    week = np.bincount((local // DAY + 3) % 7 * 24 + local // HOUR % 24, minlength=7 * 24)
    made.strip = week.reshape(7, 24).tolist()


def _told(events: pa.Table, told: Numbers, happened: Numbers) -> list[Told]:
    """The events that are read whole, newest first."""
    places = np.flatnonzero(told)
    newest = np.lexsort((events["log_offset"].to_numpy()[places], happened[places]))[::-1][:MAX_ORDERS]
    columns = ["name", "happened_us", "source_id", "revenue", "currency", "coupon", "properties"]
    rows = zip(*(column.to_pylist() for column in events.select(columns).take(places[newest]).columns), strict=True)
    return [
        Told(name, us, source, revenue, currency, coupon, msgspec.json.decode(properties or "{}"))
        for name, us, source, revenue, currency, coupon, properties in rows
    ]


def _shown(events: pa.Table, names: Coded, age: Numbers, happened: Numbers) -> list[tuple[str, str, Evidence]]:
    """How much was shown of an interest in each category and product."""
    weights = names.told({name: WEIGHTS.get(name, 0.0) for name in names.values}, 0.0)
    weights = weights * 0.5 ** (age / (HALF_LIFE_DAYS * DAY))
    seen = weights > 0
    categories, products = Coded.of(events["category"]), Coded.of(events["product_id"])
    wide = len(products.values) + 1
    pairs, place = np.unique(((categories.codes + 1) * wide + products.codes + 1)[seen], return_inverse=True)
    last = np.zeros(len(pairs), np.int64)
    np.maximum.at(last, place, happened[seen])
    summed, n = np.bincount(place, weights[seen], len(pairs)), np.bincount(place, minlength=len(pairs))
    kinds, things = ["", *categories.values], ["", *products.values]
    of = [(kinds[pair // wide], things[pair % wide]) for pair in pairs.tolist()]
    return [(*one, found) for one, *found in zip(of, summed.tolist(), n.tolist(), last.tolist(), strict=True)]


def _known(warehouse: Warehouse, products: set[str]) -> Known:
    """What the catalogue says of products."""
    ids = sorted(products - {""})
    return {row[0]: (row[1], row[2]) for row in warehouse.ask(Query(_PRODUCTS, {"ids": ids}))} if ids else {}


def _product(line: Mapping[str, Any]) -> str:
    return str(line.get("product_id") or "")


def _interested(
    made: Deeds, category: Any, product: str, known: Known, evidence: Evidence, *, label: Any = None
) -> None:
    """More evidence of an interest in a category and a product."""
    of_catalogue, name = known.get(product, (None, None))
    kind = category or of_catalogue
    if kind:
        made.categories.setdefault(str(kind), Interest(str(kind))).add(*evidence)
    if product:
        kept = made.products.setdefault(product, Interest(product))
        kept.label = kept.label or str(label or name or "")
        kept.add(*evidence)


def lines_of(order: Told) -> list[Mapping[str, Any]]:
    """The lines of an order that are objects."""
    lines = order.properties.get("products")
    return [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
