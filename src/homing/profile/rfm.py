"""Who bought lately, often, much? Each customer with an order gets 1 to 5 for each, and one of eleven named segments.

Quintiles over everybody with an order: the score is 1 + the number of whole fifths that lie strictly below. Equal
values always share a score, the lowest their group reaches; so where half of all customers ordered once they all
have 1, not one to three by chance. Recency counts whole days of 24 hours before `as_of`. Orders in another currency
than the one asked for do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from homing.core.query import Query
from homing.storage.warehouse import Warehouse

# rows: recency 1 .. 5; columns: the mean of frequency and monetary, rounded half up, 1 .. 5
_GRID = (
    ("lost", "lost", "at_risk", "cannot_lose", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("about_to_sleep", "about_to_sleep", "needs_attention", "loyal", "loyal"),
    ("promising", "potential_loyalists", "potential_loyalists", "loyal", "champions"),
    ("new_customers", "potential_loyalists", "potential_loyalists", "champions", "champions"),
)
SEGMENTS = (
    "champions", "loyal", "potential_loyalists", "new_customers", "promising", "needs_attention", "about_to_sleep",
    "at_risk", "cannot_lose", "hibernating", "lost",
)  # fmt: skip

FIFTHS = 4  # limits between five fifths
_LIMITS = "[" + ", ".join(f"0.{2 * k}" for k in range(1, FIFTHS + 1)) + "]"


def _score(value: str, limits: str) -> str:
    """One more for each limit that the value is above: as many as there are whole fifths below it."""
    return "1 + " + " + ".join(f"CAST({value} > {limits}[{k}] AS BIGINT)" for k in range(1, FIFTHS + 1))


# The k-th limit is the value at place ceil(k n / 5): exactly what lies above it has k whole fifths strictly below.
_SUMS = """sums AS MATERIALIZED (
  SELECT customer_id, ($as_of - max(happened_us)) // 86400000000 AS recency_days, count(*) AS orders,
    sum(coalesce(revenue, 0)) AS spent
  FROM events
  WHERE kind = 'track' AND name = 'Order Completed' AND customer_id IS NOT NULL AND happened_us <= $as_of
    AND coalesce(currency, $currency) = $currency
  GROUP BY customer_id
)"""
_OF_ALL = f"""limits AS (
  SELECT count(*) AS people, quantile_disc(-recency_days, {_LIMITS}) AS r, quantile_disc(orders, {_LIMITS}) AS f,
    quantile_disc(spent, {_LIMITS}) AS m
  FROM sums
)"""
SCORES = f"""
WITH {_SUMS}, {_OF_ALL}
SELECT customer_id, recency_days, orders, CAST(spent AS DOUBLE) AS revenue,
  {_score("-recency_days", "limits.r")} AS r,
  {_score("orders", "limits.f")} AS f,
  {_score("spent", "limits.m")} AS m
FROM sums, limits
"""
_HUNDREDTHS = "[" + ", ".join(f"0.{k:02d}" for k in range(1, 100)) + "]"
_LIMITS_OF_ALL = f"""
WITH {_SUMS}
SELECT count(*), list_transform(quantile_disc(-recency_days, {_HUNDREDTHS}), lambda x: -x),
  quantile_disc(orders, {_HUNDREDTHS}), CAST(quantile_disc(spent, {_HUNDREDTHS}) AS DOUBLE[])
FROM sums
"""


class RfmLimits(NamedTuple):
    """Where the hundredths of everybody with an order end, from the lowest to the highest: 99 limits a measure.

    A customer passes a limit of recency with fewer days, of the others with more orders or money. Every twentieth
    limit ends a fifth: a score is 1 + how many of those she passes.
    """

    people: int
    recency_days: tuple[int, ...]
    orders: tuple[int, ...]
    revenue: tuple[float, ...]


def fifths(limits: Sequence[Any]) -> tuple[Any, ...]:
    """The four limits that decide the score."""
    return tuple(limits[20 * k - 1] for k in range(1, FIFTHS + 1))


class RfmScore(NamedTuple):
    """One customer's recency, frequency and monetary scores, with what they rest on."""

    customer_id: str
    recency_days: int
    orders: int
    revenue: float
    r: int
    f: int
    m: int

    @property
    def segment(self) -> str:
        """The code of the named segment; `core.words` has its name in both languages."""
        return segment_of(self.r, self.f, self.m)


def segment_of(r: int, f: int, m: int) -> str:
    """The named segment of three scores.

    Example:
        >>> segment_of(5, 5, 4), segment_of(1, 4, 5), segment_of(1, 1, 1)
        ('champions', 'cannot_lose', 'lost')
    """
    return _GRID[r - 1][(f + m + 1) // 2 - 1]


def rfm_query(as_of_us: int, currency: str) -> Query:
    """Every customer with an order by `as_of_us`, as the fields of `RfmScore`, by customer."""
    return Query(f"{SCORES}ORDER BY customer_id", {"as_of": as_of_us, "currency": currency})


def rfm_limits(warehouse: Warehouse, as_of_us: int, currency: str) -> RfmLimits | None:
    """Where the fifths end at an instant; None when nobody has ordered."""
    ((people, *limits),) = warehouse.ask(Query(_LIMITS_OF_ALL, {"as_of": as_of_us, "currency": currency}))
    return RfmLimits(people, *(tuple(x) for x in limits)) if people else None
