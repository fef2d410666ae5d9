"""What has this customer done, in numbers that can be added up in any order and across a merge?

Every figure is a sum, an extreme or a set of the newest days, so late events and merges give what the whole history
would have given. Money is kept in ten-thousandths of its currency, exactly.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise
from operator import attrgetter
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
    favourite: str | None = field(init=False)  # the category with the most lines; the first by name in a tie
    favourite_channel: str | None = field(init=False)  # the channel with the most activity, likewise
    active_hour: int | None = field(init=False)  # see `hour_of`
    activities: int = field(init=False)  # the sum of `hours`

    def __post_init__(self) -> None:
        self._sum_up()

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

    def act(self, hour: int, channel: str | None) -> None:
        """Something the customer did at this local hour, on this channel."""
        h = self.hours
        h[hour] += 1
        self.activities += 1
        if self.activities <= HOURS_NEEDED or self.active_hour is None:
            self.active_hour = hour_of(h)
        else:
            best = self.active_hour
            most = 2 * h[best] + h[best - 1] + h[best - 23]
            for near in (hour - 1) % 24, hour, (hour + 1) % 24:  # only these have a higher score than before
                score = 2 * h[near] + h[near - 1] + h[near - 23]
                if score > most or (score == most and near < best):
                    best, most = near, score
            self.active_hour = best
        if channel:
            n = self.channels[channel] = self.channels.get(channel, 0) + 1
            best_channel = self.favourite_channel
            if best_channel is None or (n, best_channel) > (self.channels[best_channel], channel):
                self.favourite_channel = channel

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
        self._sum_up()

    def as_dict(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "revenue": self.revenue, "first_order_us": self.first_order_us, "order_days": self.order_days,
            "hours": self.hours, "categories": self.categories, "channels": self.channels, "interest": self.interest,
            "sent": self.sent, "opened": self.opened, "clicked": self.clicked,
        }  # fmt: skip

    def _sum_up(self) -> None:
        self.favourite, self.favourite_channel = top(self.categories), top(self.channels)
        self.activities, self.active_hour = sum(self.hours), hour_of(self.hours)

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


def hour_of(hours: list[int]) -> int | None:
    """The hour of day with the most activity, neighbours counting half; None below three activities."""
    if sum(hours) < HOURS_NEEDED:
        return None
    score = [2 * hours[i] + hours[i - 1] + hours[i - 23] for i in range(24)]
    return score.index(max(score))


def top(counts: dict[str, int]) -> str | None:
    """The name with the highest count; the first by name in a tie; None when there is none."""
    most = max((n for name, n in counts.items() if name != OTHER), default=None)
    return None if most is None else min(name for name, n in counts.items() if n == most and name != OTHER)


def stats_of(stored: dict[str, Any], orders: int, last_order_us: int | None) -> Stats:
    """The sums as they were stored, with the two that have columns of their own."""
    return Stats(orders=orders, last_order_us=last_order_us, **stored)


_FIELDS = tuple(f.name for f in fields(Stats))
values_of = attrgetter(*_FIELDS)  # every field of a customer's sums, what is derived included


def restored(values: Sequence[object]) -> Stats:
    """The sums of which these are the values, as `values_of` gave them; nothing is derived again."""
    stats = Stats.__new__(Stats)
    for name, value in zip(_FIELDS, values, strict=True):
        setattr(stats, name, value)
    return stats
