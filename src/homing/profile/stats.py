"""What has this customer done, in numbers that can be added up in any order and across a merge?

Every figure is a sum, an extreme or a set of the newest days, so late events and merges give what the whole history
would have given. Money is kept in ten-thousandths of its currency, exactly.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

UNIT = 10_000  # ten-thousandths in one of a currency
DAYS_KEPT = 64  # newest days with an order: enough for 63 gaps
CATEGORIES_KEPT = 500
OTHER = ""  # order lines of every further category; never a favourite
HOURS_NEEDED = 3  # activities before an active hour is named


@dataclass(slots=True)
class Stats:
    """The sums of one customer."""

    orders: int = 0
    revenue: dict[str, int] = field(default_factory=dict)  # currency -> ten-thousandths
    first_order_us: int | None = None
    last_order_us: int | None = None
    order_days: list[int] = field(default_factory=list)  # local day numbers, ascending, the newest DAYS_KEPT
    hours: list[int] = field(default_factory=lambda: [0] * 24)  # own activity by local hour
    categories: dict[str, int] = field(default_factory=dict)  # order lines
    channels: dict[str, int] = field(default_factory=dict)  # own activity
    interest: int = 0  # views, searches, carts, clicks
    sent: int = 0
    opened: int = 0
    clicked: int = 0
    favourite: str | None = None  # the category with the most lines; the first by name in a tie

    def order(self, at_us: int, day: int, units: int, currency: str) -> None:
        """One order."""
        self.orders += 1
        self.revenue[currency] = self.revenue.get(currency, 0) + units
        if self.first_order_us is None or at_us < self.first_order_us:
            self.first_order_us = at_us
        if self.last_order_us is None or at_us > self.last_order_us:
            self.last_order_us = at_us
        self._order_day(day)

    def lines(self, categories: list[str]) -> None:
        """The categories of an order's lines, one each."""
        counts = self.categories
        for name in categories:
            kept = name if name in counts or len(counts) < CATEGORIES_KEPT else OTHER
            n = counts[kept] = counts.get(kept, 0) + 1
            best = self.favourite
            if kept == OTHER:
                continue
            if best is None or (n, best) > (counts[best], kept):
                self.favourite = kept

    def active_hour(self) -> int | None:
        """The hour of day with the most activity, neighbours counting half; None below three activities."""
        h = self.hours
        if sum(h) < HOURS_NEEDED:
            return None
        score = [2 * h[i] + h[i - 1] + h[i - 23] for i in range(24)]
        return score.index(max(score))

    def gaps(self) -> list[int]:
        """Days between one day with an order and the next."""
        return [later - earlier for earlier, later in pairwise(self.order_days)]

    def add(self, other: Stats) -> None:
        """The sums of two customers who are one."""
        self.orders += other.orders
        for mine, theirs in ((self.revenue, other.revenue), (self.categories, other.categories),
                             (self.channels, other.channels)):  # fmt: skip
            for name, n in theirs.items():
                mine[name] = mine.get(name, 0) + n
        firsts = [x for x in (self.first_order_us, other.first_order_us) if x is not None]
        lasts = [x for x in (self.last_order_us, other.last_order_us) if x is not None]
        self.first_order_us, self.last_order_us = min(firsts, default=None), max(lasts, default=None)
        self.order_days = sorted({*self.order_days, *other.order_days})[-DAYS_KEPT:]
        self.hours = [a + b for a, b in zip(self.hours, other.hours, strict=True)]
        self.interest += other.interest
        self.sent += other.sent
        self.opened += other.opened
        self.clicked += other.clicked
        self.favourite = top(self.categories)

    def as_dict(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "revenue": self.revenue, "first_order_us": self.first_order_us, "order_days": self.order_days,
            "hours": self.hours, "categories": self.categories, "channels": self.channels, "interest": self.interest,
            "sent": self.sent, "opened": self.opened, "clicked": self.clicked,
        }  # fmt: skip

    def _order_day(self, day: int) -> None:
        days = self.order_days
        if not days or day > days[-1]:
            days.append(day)
        else:
            at = bisect_left(days, day)
            if days[at] == day:
                return
            days.insert(at, day)
        if len(days) > DAYS_KEPT:
            del days[0]


def top(counts: dict[str, int]) -> str | None:
    """The name with the highest count; the first by name in a tie; None when there is none."""
    most = max((n for name, n in counts.items() if name != OTHER), default=None)
    return None if most is None else min(name for name, n in counts.items() if n == most and name != OTHER)


def stats_of(stored: dict[str, Any], orders: int, last_order_us: int | None) -> Stats:
    """The sums as they were stored, with the two that have columns of their own."""
    return Stats(orders=orders, last_order_us=last_order_us, favourite=top(stored["categories"]), **stored)
