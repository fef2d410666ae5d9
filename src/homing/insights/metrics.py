"""How is the shop doing, day by day and in all? Events, orders, money, and what became of messages.

Events are those that came from outside; what Homing itself did is not counted among them. Money is the workspace's
currency; an order in another one counts as an order and adds nothing. A message is counted on the day it was taken
over, opened or clicked first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from homing.core.query import Query
from homing.insights.days import Days, last_days
from homing.storage.warehouse import Warehouse

_DAILY = """
WITH days AS (SELECT unnest($starts) AS start),
happened AS (
  SELECT d.start, count(*) FILTER (WHERE e.source_id <> 'homing') AS events,
    count(DISTINCT e.customer_id) FILTER (WHERE e.source_id <> 'homing') AS customers,
    count(*) FILTER (WHERE e.kind = 'track' AND e.name = 'Order Completed') AS orders,
    sum(e.revenue) FILTER (WHERE e.kind = 'track' AND e.name = 'Order Completed'
      AND coalesce(e.currency, $currency) = $currency) AS revenue
  FROM events e ASOF JOIN days d ON e.happened_us >= d.start
  WHERE e.happened_us BETWEEN $since AND $as_of GROUP BY d.start
),
moments AS (
  SELECT 'sent' AS what, accepted_us AS at_us FROM send_fact WHERE accepted_us BETWEEN $since AND $as_of
  UNION ALL SELECT 'opened', opened_us FROM send_fact WHERE opened_us BETWEEN $since AND $as_of
  UNION ALL SELECT 'clicked', clicked_us FROM send_fact WHERE clicked_us BETWEEN $since AND $as_of
),
messages AS (
  SELECT d.start, count(*) FILTER (WHERE what = 'sent') AS sent, count(*) FILTER (WHERE what = 'opened') AS opened,
    count(*) FILTER (WHERE what = 'clicked') AS clicked
  FROM moments m ASOF JOIN days d ON m.at_us >= d.start GROUP BY d.start
)
SELECT d.start, coalesce(h.events, 0), coalesce(h.customers, 0), coalesce(h.orders, 0),
  CAST(coalesce(h.revenue, 0) AS DOUBLE), coalesce(m.sent, 0), coalesce(m.opened, 0), coalesce(m.clicked, 0)
FROM days d LEFT JOIN happened h USING (start) LEFT JOIN messages m USING (start)
ORDER BY d.start
"""

_TOTALS = """
SELECT
  (SELECT count(*) FROM customers),
  (SELECT count(*) FROM event_fact WHERE source_id <> 'homing' AND happened_us <= $as_of),
  (SELECT count(*) FROM event_fact WHERE happened_us <= $as_of),
  o.orders, o.buyers, CAST(o.revenue AS DOUBLE),
  (SELECT count(*) FROM send_fact WHERE accepted_us <= $as_of),
  (SELECT count(*) FROM send_fact WHERE opened_us <= $as_of),
  (SELECT count(*) FROM send_fact WHERE clicked_us <= $as_of),
  (SELECT count(*) FROM send_fact WHERE status = 'refused' AND decided_us <= $as_of),
  (SELECT max(received_us) FROM event_fact),
  $as_of
FROM (
  SELECT count(*) AS orders, count(DISTINCT customer_id) AS buyers,
    coalesce(sum(revenue) FILTER (WHERE coalesce(currency, $currency) = $currency), 0) AS revenue
  FROM events WHERE kind = 'track' AND name = 'Order Completed' AND happened_us <= $as_of
) o
"""


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One local day."""

    day: date
    events: int
    customers: int  # who did something
    orders: int
    revenue: float
    sends: int
    opened: int
    clicked: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Everything up to an instant."""

    customers: int
    events: int
    facts: int  # events with those Homing produced
    orders: int
    buyers: int
    revenue: float
    sent: int
    opened: int
    clicked: int
    refused: int
    newest_us: int | None  # when the newest loaded event was received
    as_of_us: int


def daily_query(days: Days, as_of_us: int, currency: str) -> Query:
    """One row a day, in order, the days on which nothing happened included."""
    return Query(_DAILY, {**days.params, "as_of": as_of_us, "currency": currency})


def overview_days(
    warehouse: Warehouse, days: int, as_of_us: int, *, zone: str, currency: str
) -> tuple[DayFigures, ...]:
    """The last `days` local days up to `as_of_us`; the last one is not over."""
    wanted = last_days(days, as_of_us, zone)
    rows = warehouse.ask(daily_query(wanted, as_of_us, currency))
    return tuple(DayFigures(day, *row[1:]) for day, row in zip(wanted.dates, rows, strict=True))


def totals(warehouse: Warehouse, as_of_us: int, *, currency: str) -> Totals:
    """The figures of the overview."""
    (row,) = warehouse.ask(Query(_TOTALS, {"as_of": as_of_us, "currency": currency}))
    return Totals(*row)
