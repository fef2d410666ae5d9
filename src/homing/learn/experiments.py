"""Who was assigned to which arm, and what did each of them do in the same stretch of time afterwards?

Everybody assigned counts in the arm the draw gave, sent to or not, whatever they did later (intention to treat); a
customer assigned twice, because two records became one, counts once, by the first draw. Each is observed for exactly
one outcome window from the assignment on; whoever's window is not over yet is left out and counted in `unfinished`.
What they did in the quarter *before* the assignment is a covariate: no arm could change it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from homing.core.errors import InvalidInput
from homing.core.query import Query
from homing.core.time import DAY

PRE_DAYS = 91  # a quarter of whole weeks before the assignment

_WHO = """
WITH assigned AS (
  SELECT customer_id, arg_min(variant_extract(properties, 'arm')::VARCHAR, (happened_us, log_offset)) AS arm,
    min(happened_us) AS at_us
  FROM events
  WHERE source_id = 'homing' AND name = 'Holdout Assigned' AND campaign = $campaign AND happened_us <= $as_of_us
    AND customer_id IS NOT NULL
  GROUP BY customer_id
)"""
_EACH = (
    _WHO
    + """,
facts AS (
  SELECT customer_id, happened_us, {value} AS worth FROM events
  WHERE kind = 'track' AND name = $event AND customer_id IN (SELECT customer_id FROM assigned)
)
SELECT a.customer_id, a.arm, a.at_us,
  count(*) FILTER (f.happened_us >= a.at_us AND f.happened_us < a.at_us + $window_us),
  coalesce(sum(f.worth) FILTER (f.happened_us >= a.at_us AND f.happened_us < a.at_us + $window_us), 0),
  count(*) FILTER (f.happened_us < a.at_us AND f.happened_us >= a.at_us - $pre_us),
  coalesce(sum(f.worth) FILTER (f.happened_us < a.at_us AND f.happened_us >= a.at_us - $pre_us), 0)
FROM assigned a LEFT JOIN facts f ON f.customer_id = a.customer_id
GROUP BY a.customer_id, a.arm, a.at_us
ORDER BY a.customer_id"""
)
_BY_DAY = (
    _WHO
    + """
SELECT (e.happened_us - a.at_us) // $day_us AS day, a.arm, count(*)
FROM assigned a JOIN events e ON e.customer_id = a.customer_id
WHERE e.kind = 'track' AND e.name = $event AND e.happened_us >= a.at_us AND e.happened_us < a.at_us + $window_us
  AND a.at_us + $window_us <= $as_of_us
GROUP BY ALL ORDER BY ALL"""
)
_REVENUE = "coalesce(revenue, 0)::DOUBLE"
_PROPERTY = "coalesce(TRY_CAST(variant_extract(properties, $value)::VARCHAR AS DOUBLE), 0)"


class Asks(Protocol):
    """What answers a query: the warehouse."""

    def ask(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows of a query."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """The question: which draw, which outcome, for how long, seen from when."""

    campaign: str
    as_of_us: int
    window_us: int
    event: str = "Order Completed"
    value: str = "revenue"  # the property that says what one event is worth

    def each(self) -> Query:
        """One row a customer: id, arm, assigned at, count and worth in the window, count and worth before.

        Raises:
            InvalidInput: the window is no time at all.
        """
        if self.window_us <= 0:
            raise InvalidInput(f"window is {self.window_us} microseconds, wanted above 0", field="window")
        own = self.value != "revenue"
        params = self._params() | {"pre_us": PRE_DAYS * DAY} | ({"value": self.value} if own else {})
        return Query(_EACH.format(value=_PROPERTY if own else _REVENUE), params)

    def by_day(self) -> Query:
        """Rows (day since assignment, arm, outcome events) of those whose window is over."""
        return Query(_BY_DAY, self._params() | {"day_us": DAY})

    def _params(self) -> dict[str, Any]:
        return {"campaign": self.campaign, "as_of_us": self.as_of_us, "window_us": self.window_us, "event": self.event}


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What everyone whose window is over did; arrays in the order of `customers`."""

    experiment: Experiment
    customers: tuple[str, ...]
    treated: NDArray[np.bool_]
    orders: NDArray[np.float64]
    revenue: NDArray[np.float64]
    orders_before: NDArray[np.float64]
    revenue_before: NDArray[np.float64]
    assigned_treated: int  # everyone drawn so far, also those whose window is not over
    assigned_control: int

    @property
    def unfinished(self) -> int:
        """How many were assigned too lately to be counted."""
        return self.assigned_treated + self.assigned_control - len(self.customers)


def outcomes_of(experiment: Experiment, warehouse: Asks) -> Outcomes:
    """Ask the warehouse."""
    rows = warehouse.ask(experiment.each())
    over = [r for r in rows if r[2] + experiment.window_us <= experiment.as_of_us]
    orders, revenue, orders_before, revenue_before = (
        np.array([float(r[i]) for r in over], dtype=np.float64) for i in range(3, 7)
    )
    return Outcomes(
        experiment,
        tuple(r[0] for r in over),
        np.array([r[1] != "control" for r in over], dtype=bool),
        orders,
        revenue,
        orders_before,
        revenue_before,
        assigned_treated=sum(r[1] != "control" for r in rows),
        assigned_control=sum(r[1] == "control" for r in rows),
    )
