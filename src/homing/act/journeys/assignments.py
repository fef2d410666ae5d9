"""Who was held out of which campaign? Drawn when a customer enters the first time, kept for good.

The hash decides, the row remembers: a later change of the share moves nobody who was assigned already. When two
customers turn out to be one, the earlier assignment stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from homing.act.definitions.campaign import Campaign
from homing.core.event import OWN_SOURCE, own_event
from homing.core.turn import Past, Turn
from homing.decide.assign import holdout
from homing.storage.schema import assignment
from homing.storage.state.store import upsert

ASSIGNED = "Holdout Assigned"


class Assigned(NamedTuple):
    """An arm and since when."""

    arm: str
    at_us: int


class AssignmentBook:
    """The arms of campaigns, all in memory."""

    def __init__(self) -> None:
        self._arms: dict[str, dict[str, Assigned]] = {}  # customer -> experiment -> arm
        self._dirty: set[tuple[str, str]] = set()  # (experiment, customer)
        self._gone: set[str] = set()  # customers who are someone else now

    def load(self, conn: Connection) -> None:
        """Take every assignment into memory."""
        self._arms.clear()
        self._dirty.clear()
        self._gone.clear()
        for row in conn.execute(select(assignment)):
            self._arms.setdefault(row.customer_id, {})[row.experiment] = Assigned(row.arm, row.at_us)

    def assign(self, campaign: Campaign, customer_id: str, turn: Turn) -> str:
        """The customer's arm; drawn and told to the log the first time."""
        mine = self._arms.setdefault(customer_id, {})
        known = mine.get(campaign.id)
        if known is not None:
            return known.arm
        arm = holdout(customer_id, campaign.id, campaign.holdout.percent, salt=campaign.holdout.salt)
        mine[campaign.id] = Assigned(arm, turn.now_us)
        self._dirty.add((campaign.id, customer_id))
        turn.emit(
            own_event(
                f"assigned:{campaign.id}:{customer_id}",
                ASSIGNED,
                customer_id,
                turn.now_us,
                {"campaign": campaign.id, "journey": campaign.journey, "arm": arm},
            )
        )
        return arm

    def merge(self, loser: str, winner: str) -> None:
        """The earlier of two assignments stands."""
        theirs = self._arms.pop(loser, None)
        if not theirs:
            return
        self._gone.add(loser)
        mine = self._arms.setdefault(winner, {})
        for experiment, assigned in theirs.items():
            if experiment not in mine or assigned.at_us < mine[experiment].at_us:
                mine[experiment] = assigned
                self._dirty.add((experiment, winner))

    def recompute(self, customer_ids: Iterable[str], past: Past) -> None:
        """Customers were taken apart: each keeps the arms the log says were drawn for it, the earliest of each."""
        for customer_id in customer_ids:
            if self._arms.pop(customer_id, None):
                self._gone.add(customer_id)
        for step in past.steps:
            event = step.stored.event
            if event.name != ASSIGNED or event.source_id != OWN_SOURCE or step.customer_id is None:
                continue
            whose = past.today.get(step.customer_id, step.customer_id)
            experiment, arm = str(event.properties["campaign"]), str(event.properties["arm"])
            mine = self._arms.setdefault(whose, {})
            if experiment not in mine or event.happened_us < mine[experiment].at_us:
                mine[experiment] = Assigned(arm, event.happened_us)
            self._dirty.add((experiment, whose))

    def flush(self, conn: Connection) -> None:
        """Write what changed."""
        if self._gone:
            conn.execute(delete(assignment).where(assignment.c.customer_id.in_(self._gone)))
        rows = [
            {"experiment": experiment, "customer_id": customer_id, "arm": found.arm, "at_us": found.at_us}
            for experiment, customer_id in sorted(self._dirty)
            if (found := self._arms.get(customer_id, {}).get(experiment))
        ]
        upsert(conn, assignment, rows)
        self._dirty.clear()
        self._gone.clear()
