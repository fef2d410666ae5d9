"""Who stands where? The visits that are under way, in memory by id and by customer, as rows in `journey_visit`.

A visit is one passage of one customer through one version of a journey; it stays on that version. Visits that ended
leave memory with the next flush; when a customer came last is then read from the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from homing.act.renames import Renames
from homing.core.ids import stable_id
from homing.core.turn import Past
from homing.storage.schema import journey_visit
from homing.storage.state.store import State, upsert

WAITING = "waiting"
DONE = "done"
EXITED = "exited"
_LAST_ENTRY = select(func.max(journey_visit.c.entered_us)).where(
    journey_visit.c.customer_id.in_(bindparam("names", expanding=True)),
    journey_visit.c.journey_id == bindparam("journey"),
)


@dataclass(slots=True)
class Visit:
    """One passage through a journey."""

    visit_id: str
    journey_id: str
    version: int
    customer_id: str
    entered_us: int
    node: str = ""
    state: str = WAITING
    since_us: int = 0
    reason: str | None = None
    arm: str = ""
    campaign_id: str | None = None
    steps: int = 0  # how many nodes were reached: numbers the step events
    due_us: int | None = None  # when its timer fires
    held: str | None = None  # paused: the node it would have gone to
    met: dict[str, str] = field(default_factory=dict)  # wait_for node -> where an event since entry leads

    def row(self) -> dict[str, Any]:
        """The visit as a row of `journey_visit`."""
        extra = {
            "arm": self.arm,
            "campaign": self.campaign_id,
            "steps": self.steps,
            "due_us": self.due_us,
            "held": self.held,
            "met": self.met,
        }
        return {
            "visit_id": self.visit_id,
            "journey_id": self.journey_id,
            "version": self.version,
            "customer_id": self.customer_id,
            "node": self.node,
            "state": self.state,
            "entered_us": self.entered_us,
            "since_us": self.since_us,
            "reason": self.reason,
            "vars": {k: v for k, v in extra.items() if v},
        }

    @classmethod
    def of(cls, row: Any) -> Visit:
        """The visit of a row."""
        extra = row.vars or {}
        return cls(
            row.visit_id,
            row.journey_id,
            row.version,
            row.customer_id,
            row.entered_us,
            row.node,
            row.state,
            row.since_us,
            row.reason,
            extra.get("arm", ""),
            extra.get("campaign"),
            extra.get("steps", 0),
            extra.get("due_us"),
            extra.get("held"),
            dict(extra.get("met", {})),
        )


def visit_id(journey_id: str, customer_id: str, entered_us: int) -> str:
    """The one id of a passage: of the customer who entered, whoever that turns out to be later."""
    return stable_id("v_", journey_id, customer_id, entered_us)


class VisitBook:
    """The visits of one stream worker."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._active: dict[str, Visit] = {}
        self._of_customer: dict[str, list[Visit]] = {}
        self._dirty: dict[str, Visit] = {}
        self._renames = Renames()
        self._last: dict[tuple[str, str], int] = {}  # (journey, customer) -> last entry, not flushed yet

    def load(self, conn: Connection) -> None:
        """Take every visit under way into memory."""
        self._clear()
        for row in conn.execute(select(journey_visit).where(journey_visit.c.state == WAITING)):
            self._put(Visit.of(row))

    def add(self, visit: Visit) -> None:
        """Take a new visit."""
        self._put(visit)
        self._last[visit.journey_id, visit.customer_id] = visit.entered_us
        self._dirty[visit.visit_id] = visit

    def get(self, visit_id: str) -> Visit | None:
        """The visit under way of that id."""
        return self._active.get(visit_id)

    def of(self, customer_id: str) -> tuple[Visit, ...]:
        """The visits of a customer that are under way, oldest first."""
        return tuple(self._of_customer.get(customer_id, ()))

    def in_journey(self, journey_id: str) -> Iterator[Visit]:
        """The visits of a journey that are under way, oldest first."""
        found = [v for v in self._active.values() if v.journey_id == journey_id]
        yield from sorted(found, key=lambda v: (v.entered_us, v.visit_id))

    def versions(self) -> set[tuple[str, int]]:
        """The journey versions someone is in."""
        return {(v.journey_id, v.version) for v in self._active.values()}

    def changed(self, visit: Visit) -> None:
        """The visit is to be written; one that ended is not under way any more."""
        self._dirty[visit.visit_id] = visit
        if visit.state != WAITING and visit.visit_id in self._active:
            del self._active[visit.visit_id]
            rest = [v for v in self._of_customer.get(visit.customer_id, ()) if v is not visit]
            self._of_customer[visit.customer_id] = rest
            if not rest:
                del self._of_customer[visit.customer_id]

    def last_entry(self, journey_id: str, customer_id: str) -> int | None:
        """When the customer entered the journey last; None when never."""
        if (journey_id, customer_id) in self._last:
            return self._last[journey_id, customer_id]
        asked = {"names": list(self._renames.names_of(customer_id)), "journey": journey_id}
        with self._state.read() as conn:
            found = conn.execute(_LAST_ENTRY, asked).scalar()
        return None if found is None else int(found)

    def merge(self, loser: str, winner: str) -> None:
        """The visits of `loser` are those of `winner` from now on."""
        for visit in self._of_customer.pop(loser, ()):
            visit.customer_id = winner
            self._of_customer.setdefault(winner, []).append(visit)
            self._dirty[visit.visit_id] = visit
        self._of_customer.get(winner, []).sort(key=lambda v: (v.entered_us, v.visit_id))
        for (journey_id, customer_id), at in list(self._last.items()):
            if customer_id == loser:
                self._last[journey_id, winner] = max(at, self._last.get((journey_id, winner), at))
        for visit in self._dirty.values():
            if visit.customer_id == loser:
                visit.customer_id = winner
        self._renames.add(loser, winner)

    def rehome(self, customer_ids: Sequence[str], past: Past, conn: Connection) -> list[Visit]:
        """Customers were taken apart: a visit is that of whoever entered it; return those under way that moved."""
        self.flush(conn)
        v, names = journey_visit.c, sorted({*customer_ids, *past.today})
        moved = []
        for row in conn.execute(
            select(journey_visit).where(v.customer_id.in_(customer_ids)).order_by(v.visit_id)
        ).all():
            entered = next((c for c in names if visit_id(row.journey_id, c, row.entered_us) == row.visit_id), "")
            whose = past.today.get(entered or row.customer_id, entered or row.customer_id)
            if whose == row.customer_id:
                continue
            conn.execute(update(journey_visit).where(v.visit_id == row.visit_id).values(customer_id=whose))
            visit = self._active.get(row.visit_id)
            if visit is not None:
                self._of_customer[visit.customer_id].remove(visit)
                visit.customer_id = whose
                self._of_customer.setdefault(whose, []).append(visit)
                self._of_customer[whose].sort(key=lambda one: (one.entered_us, one.visit_id))
                moved.append(visit)
        return moved

    def flush(self, conn: Connection) -> None:
        """Write what changed."""
        upsert(conn, journey_visit, [v.row() for v in self._dirty.values()])
        self._renames.write(conn, journey_visit)
        self._dirty.clear()
        self._renames.clear()
        self._last.clear()

    def forget(self) -> None:
        """The transaction failed: the rows are the truth."""
        with self._state.read() as conn:
            self.load(conn)

    def _put(self, visit: Visit) -> None:
        self._active[visit.visit_id] = visit
        self._of_customer.setdefault(visit.customer_id, []).append(visit)

    def _clear(self) -> None:
        self._active.clear()
        self._of_customer.clear()
        self._dirty.clear()
        self._renames.clear()
        self._last.clear()
