"""Who bought lately, often, much? Each customer with an order gets 1 to 5 for each, and one of eleven named segments.

Quintiles over everybody with an order: the score is 1 + the number of whole fifths that lie strictly below. Equal
values always share a score, the lowest their group reaches; so where half of all customers ordered once they all
have 1, not one to three by chance. Recency counts whole days of 24 hours before `as_of`. Orders in another currency
than the one asked for do not count.
"""

from __future__ import annotations

from typing import NamedTuple

from homing.core.query import Query

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

SCORES = """
WITH sums AS (
  SELECT customer_id, ($as_of - max(happened_us)) // 86400000000 AS recency_days, count(*) AS orders,
    sum(coalesce(revenue, 0)) AS spent
  FROM events
  WHERE kind = 'track' AND name = 'Order Completed' AND customer_id IS NOT NULL AND happened_us <= $as_of
    AND coalesce(currency, $currency) = $currency
  GROUP BY customer_id
)
SELECT customer_id, recency_days, orders, CAST(spent AS DOUBLE) AS revenue,
  1 + 5 * (rank() OVER (ORDER BY recency_days DESC) - 1) // count(*) OVER () AS r,
  1 + 5 * (rank() OVER (ORDER BY orders) - 1) // count(*) OVER () AS f,
  1 + 5 * (rank() OVER (ORDER BY spent) - 1) // count(*) OVER () AS m
FROM sums
"""


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
