"""What did the campaign truly bring? The sum of what each message that arrived was worth, a customer assigned.

The same customers as in the estimate: those assigned to treatment whose outcome window is over. See `effect` for what
the figure means; the simulator, which knows the chances, keeps each arrival's worth; nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from homing.demo.simulator import Arrival
from homing.learn import Outcomes
from homing.storage.schema import identifier
from homing.storage.state import State


@dataclass(frozen=True, slots=True)
class Truth:
    """The expected effect on a customer assigned to treatment."""

    orders: float
    revenue: float
    treated: int  # how many customers the means are over
    messages: int  # how many messages reached them

    def as_list(self) -> list[dict[str, object]]:
        """The form the campaign's page reads."""
        return [{"metric": "orders", "value": self.orders}, {"metric": "revenue", "value": self.revenue}]


def truth_of(arrivals: Iterable[Arrival], of: Outcomes, household: Mapping[str, int]) -> Truth | None:
    """The truth for everyone treated in `of`; None when nobody was.

    Args:
        arrivals: every message of this campaign that reached a mailbox.
        of: who was assigned, as the estimate sees it.
        household: customer id to household.
    """
    treated = {household[c] for c, t in zip(of.customers, of.treated, strict=True) if t and c in household}
    reached = [a for a in arrivals if a.household in treated]
    n = int(of.treated.sum())
    if not n:
        return None
    return Truth(sum(a.worth_orders for a in reached) / n, sum(a.worth_revenue for a in reached) / n, n, len(reached))


def households_of(state: State, customers: Sequence[str]) -> dict[str, int]:
    """Customer id to household, by the member card."""
    wanted = set(customers)
    cards = select(identifier.c.customer_id, identifier.c.value).where(identifier.c.type == "member_card")
    with state.read() as conn:
        return {r.customer_id: int(r.value) for r in conn.execute(cards) if r.customer_id in wanted}
