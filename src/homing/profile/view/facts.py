"""Which numbers of a customer's page follow from what she did? Each with its n, its sources and the newest evidence.

A number that too little supports is None, and its n says how little there was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

from homing.core.condition_values import number_of
from homing.core.time import DAY
from homing.profile.view.deeds import Deeds, Told, lines_of
from homing.profile.view.life import COMPLAINTS, RETURNS, REVIEWS

Unit = Literal["count", "money", "share", "days", "per_30_days", "hour", "text", "rating"]
ENOUGH = 3  # orders before a habit is named
_SCORES = ("rating", "score", "stars", "nps", "value")


@dataclass(frozen=True, slots=True)
class Fact:
    """One value: `n` events of `sources` support it, the newest at `at_us`."""

    key: str
    value: float | str | None
    unit: Unit
    n: int
    sources: tuple[str, ...] = ()
    at_us: int | None = None


def behaviour(done: Deeds) -> list[Fact]:
    """How often, how much at a time, where and when."""
    orders = done.orders
    facts = [_of("orders", float(len(orders)) if orders else None, "count", orders)]
    span_days = (done.at_us - orders[-1].at_us) / DAY if orders else 0.0
    often = len(orders) / (span_days / 30) if len(orders) >= ENOUGH and span_days >= 1 else None
    facts.append(_of("order_frequency", often, "per_30_days", orders))
    days = sorted({order.at_us // DAY for order in orders})
    gaps = [later - earlier for earlier, later in pairwise(days)]
    facts.append(_of("usual_gap", float(median(gaps)) if len(days) >= ENOUGH else None, "days", orders))
    for key, counts in (("favourite_channel", done.channels), ("main_device", done.devices)):
        total = sum(one.n for one in counts)
        best = counts[0] if counts else None
        facts.append(Fact(key, best.name if best and total >= ENOUGH else None, "text", total,
                          tuple(one.name for one in done.sources), best.last_us if best else None))  # fmt: skip
    hours = [sum(day[hour] for day in done.strip) for hour in range(24)]
    known = sum(hours)
    newest = max((one.last_us for one in done.sources), default=None)
    facts.append(Fact("active_hour", float(_busiest(hours)) if known >= ENOUGH else None, "hour", known,
                      tuple(one.name for one in done.sources), newest))  # fmt: skip
    if done.sessions:
        facts.append(Fact("sessions", float(done.sessions), "count", done.sessions,
                          tuple(one.name for one in done.sources), newest))  # fmt: skip
    return facts


def value_of(done: Deeds, currency: str) -> list[Fact]:
    """What RFM rests on: days since the last order, orders, money."""
    orders = _in(done.orders, currency)
    since = (done.at_us - orders[0].at_us) // DAY if orders else None
    return [
        _of("recency_days", None if since is None else float(since), "days", orders),
        _of("orders", float(len(orders)) if orders else None, "count", orders),
        _of("revenue", _sum(orders) if orders else None, "money", orders),
    ]


def spending(done: Deeds, currency: str) -> list[Fact]:
    """What she spends, and whether she waits for a price."""
    orders = _in(done.orders, currency)
    year = [order for order in orders if order.at_us > done.at_us - 365 * DAY]
    prices = [price for order in orders for line in lines_of(order) if (price := number_of(line.get("price")))]
    paid = [order for order in orders if order.revenue]
    reduced = [order for order in orders if order.coupon or _discount(order) > 0]
    full = sum((order.revenue or 0.0) + _discount(order) for order in orders)
    enough = len(orders) >= ENOUGH
    return [
        _of("spent_365_days", _sum(year) if year else None, "money", year),
        _of("average_order", _sum(paid) / len(paid) if paid else None, "money", paid),
        _of("largest_order", max(order.revenue or 0.0 for order in paid) if paid else None, "money", paid),
        _of("average_price", sum(prices) / len(prices) if prices else None, "money", orders, n=len(prices)),
        _of("orders_at_reduced_price", len(reduced) / len(orders) if enough else None, "share", orders),
        _of("discount_share", sum(map(_discount, orders)) / full if enough and full > 0 else None, "share", orders),
    ]


def satisfaction(done: Deeds) -> list[Fact]:
    """What she said of it, and what came back."""
    rated = [(score, one) for one in done.named(*REVIEWS) if (score := _rating(one)) is not None]
    reviews = [one for _, one in rated]
    returned, orders = done.named(*RETURNS), done.orders
    gone = {str(one.properties.get("order_id")) for one in returned if one.properties.get("order_id")}
    complaints = done.named(*COMPLAINTS)
    return [
        _of("average_rating", sum(score for score, _ in rated) / len(rated) if rated else None, "rating", reviews),
        _of("last_rating", rated[0][0] if rated else None, "rating", reviews[:1]),
        _of("returned_orders", min(1.0, len(gone) / len(orders)) if len(orders) >= ENOUGH else None, "share",
            [*returned, *orders], n=len(orders)),
        _of("complaints", float(len(complaints)) if complaints else None, "count", complaints),
    ]  # fmt: skip


def _of(key: str, value: float | None, unit: Unit, told: Sequence[Told], *, n: int | None = None) -> Fact:
    return Fact(key, value, unit, len(told) if n is None else n, _sources(told),
                max((one.at_us for one in told), default=None))  # fmt: skip


def _sources(told: Iterable[Told]) -> tuple[str, ...]:
    return tuple(sorted({one.source for one in told}))


def _in(orders: list[Told], currency: str) -> list[Told]:
    return [order for order in orders if (order.currency or currency) == currency]


def _sum(orders: Iterable[Told]) -> float:
    return round(sum(order.revenue or 0.0 for order in orders), 4)


def _discount(order: Told) -> float:
    return max(0.0, number_of(order.properties.get("discount")) or 0.0)


def _rating(told: Told) -> float | None:
    return next((found for name in _SCORES if (found := number_of(told.properties.get(name))) is not None), None)


def _busiest(hours: list[int]) -> int:
    score = [2 * hours[i] + hours[i - 1] + hours[i - 23] for i in range(24)]
    return score.index(max(score))
