"""What was one currency worth in another on a day? Looked up in a table, straight, backwards or through a third one.

A rate holds from its day until the next one, but not for ever: an older one than `MAX_AGE_DAYS` is no rate. Where there
is none the answer is None and never a guess. Another table (a bank's service) is another object with the same method.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol

from sqlalchemy import select

from homing.storage.schema import exchange_rate
from homing.storage.state import State
from homing.storage.state.store import upsert

MAX_AGE_DAYS = 31


class Rates(Protocol):
    """What knows exchange rates."""

    def rate(self, currency: str, per: str, day: date) -> Decimal | None:
        """How many `per` one `currency` was on a day; None when it is not known."""


class Rate(NamedTuple):
    """One `currency` is `rate` of `per` from `day` on."""

    day: date
    currency: str
    per: str
    rate: Decimal


class RateTable:
    """Rates held in memory.

    Args:
        rates: in any order; of two for the same day and pair the later one counts.

    Example:
        >>> table = RateTable([Rate(date(2026, 1, 1), "USD", "CNY", Decimal("7.0"))])
        >>> table.rate("USD", "CNY", date(2026, 1, 20)), table.rate("USD", "CNY", date(2026, 3, 1))
        (Decimal('7.0'), None)
    """

    def __init__(self, rates: Iterable[Rate]) -> None:
        days: dict[tuple[str, str], dict[date, Decimal]] = defaultdict(dict)
        for one in rates:
            days[one.currency, one.per][one.day] = one.rate
        self._days = {pair: sorted(found) for pair, found in days.items()}
        self._rates = days
        self._third = sorted({c for pair in days for c in pair})

    def __len__(self) -> int:
        return sum(map(len, self._days.values()))

    def rate(self, currency: str, per: str, day: date) -> Decimal | None:
        """How many `per` one `currency` was on a day; None when it is not known."""
        if currency == per:
            return Decimal(1)
        straight = self._either(currency, per, day)
        if straight is not None:
            return straight
        for third in self._third:
            first, second = self._either(currency, third, day), self._either(third, per, day)
            if first is not None and second is not None:
                return first * second
        return None

    def _either(self, currency: str, per: str, day: date) -> Decimal | None:
        found = self._straight(currency, per, day)
        if found is not None:
            return found
        back = self._straight(per, currency, day)
        return None if back is None else 1 / back

    def _straight(self, currency: str, per: str, day: date) -> Decimal | None:
        days = self._days.get((currency, per))
        if not days:
            return None
        at = bisect_right(days, day) - 1
        if at < 0 or (day - days[at]).days > MAX_AGE_DAYS:
            return None
        return self._rates[currency, per][days[at]]


def read_rates(state: State) -> RateTable:
    """The rates of the workspace."""
    with state.read() as conn:
        rows = conn.execute(select(exchange_rate.c.day, exchange_rate.c.currency, exchange_rate.c.per,
                                   exchange_rate.c.rate)).all()  # fmt: skip
    return RateTable(Rate(date.fromisoformat(d), c, p, Decimal(repr(r))) for d, c, p, r in rows)


def keep_rates(state: State, rates: Iterable[Rate], source_id: str) -> int:
    """Write rates into the table; one for the same day and pair takes the place of the older one."""
    rows = [
        {"day": r.day.isoformat(), "currency": r.currency, "per": r.per, "rate": float(r.rate), "source_id": source_id}
        for r in rates if r.rate > 0
    ]  # fmt: skip
    with state.write() as conn:
        if rows:
            upsert(conn, exchange_rate, rows)
    return len(rows)
