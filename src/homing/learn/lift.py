"""How many more orders, how much more revenue, how many more buyers did the treatment make?

The estimand: the mean over everyone assigned to treatment of what they did in the outcome window, minus what they would
have done unassigned. It counts those who were never reached, because the decision to run the campaign is about all of
them. Counts and money are adjusted for the same customer's figure in the quarter before the assignment; the share of
buyers is not adjusted (Newcombe).
A metric that cannot be computed is absent and says why; it is never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from homing.core.errors import InvalidInput
from homing.core.stats import LEVEL, Difference, difference, newcombe
from homing.learn.experiments import Outcomes

Metric = Literal["orders", "revenue", "conversion"]
METRICS: tuple[Metric, ...] = ("orders", "revenue", "conversion")


@dataclass(frozen=True, slots=True)
class Lift:
    """The effect on one metric: a customer assigned to treatment, and all of them together."""

    metric: Metric
    per_customer: Difference
    unadjusted: Difference

    @property
    def total(self) -> tuple[float, float, float]:
        """(estimate, low, high) of what the treatment brought in all."""
        d = self.per_customer
        return d.estimate * d.n_treated, d.low * d.n_treated, d.high * d.n_treated


def lift(of: Outcomes, metric: Metric, *, level: float = LEVEL) -> Lift:
    """The effect on one metric.

    Args:
        of: what everyone did.
        metric: `orders` (outcome events a customer), `revenue` (their worth a customer), or `conversion` (the share
            with at least one).
        level: confidence, in (0, 1).

    Returns:
        The estimate with its interval, adjusted and not; for conversion both are the same.

    Raises:
        InvalidInput: an arm has fewer than two customers whose window is over.
    """
    n1 = int(of.treated.sum())
    n0 = len(of.customers) - n1
    if min(n1, n0) < 2:
        raise InvalidInput(
            f"{n1} treated and {n0} held out have completed their window, wanted two of each", field="campaign"
        )
    if metric == "conversion":
        bought = of.orders > 0
        shares = newcombe((int(bought[of.treated].sum()), n1), (int(bought[~of.treated].sum()), n0), level=level)
        return Lift(metric, shares, shares)
    y = of.orders if metric == "orders" else of.revenue
    before = of.orders_before if metric == "orders" else of.revenue_before
    adjusted = difference(y, of.treated, before[:, None], level=level)
    return Lift(metric, adjusted, difference(y, of.treated, level=level))
