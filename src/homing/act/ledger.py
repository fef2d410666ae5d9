"""What was decided to be sent, and what not? One row a send, written by the stream before anyone calls a provider.

The key of a send follows from the visit and the node, so deciding again gives the same row and not a second one. The
stream writes new rows and what came back (opened, clicked); from `queued` on the sender alone changes the status.
`changed_us` grows with every transaction: who copies rows can ask for what is above its mark.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from homing.act.gate import Earlier
from homing.act.renames import Renames
from homing.core.event import OWN_SOURCE, Stored
from homing.core.ids import stable_id
from homing.core.time import DAY
from homing.core.turn import Turn
from homing.storage.schema import journey_visit, send
from homing.storage.state.store import State, insert_new

REFUSED = "refused"
QUEUED = "queued"
HANDING = "handing"
ACCEPTED = "accepted"
BOUNCED = "bounced"
FAILED = "failed"
UNKNOWN = "unknown"

LOOK_BACK_US = 35 * DAY  # a calendar month and its edges
HOT = 20_000  # customers whose recent sends stay in memory
_RECENT = select(send.c.send_key, send.c.channel, send.c.decided_us).where(
    send.c.customer_id.in_(bindparam("names", expanding=True)),
    send.c.decided_us > bindparam("since"),
    send.c.next_try_us > 0,  # a refused one was never to be tried
)
SEEN = {"Message Opened": "opened_us", "Message Clicked": "clicked_us"}


@dataclass(frozen=True, slots=True)
class Planned:
    """A send that was decided: to be handed over, or refused with a reason."""

    send_key: str
    journey_id: str
    version: int
    node: str
    campaign_id: str | None
    visit_id: str
    customer_id: str
    channel: str
    purpose: str
    content_id: str
    address: str | None
    arm: str
    decided_us: int
    reason: str | None = None  # why it is refused; None: it is queued


def send_key(journey_id: str, version: int, node: str, visit_id: str, step: int) -> str:
    """The one key of a send; a visit that comes round to a node again is another step."""
    return stable_id("m_", journey_id, version, node, visit_id, step)


def stamp(conn: Connection, now_us: int) -> int:
    """The `changed_us` of this transaction: the instant, but above every one given before."""
    newest = conn.execute(select(func.max(send.c.changed_us))).scalar()
    return max(now_us, int(newest or 0) + 1)


class LedgerBook:
    """The stream's side of the ledger."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._new: dict[str, Planned] = {}
        self._seen: dict[tuple[str, str], int] = {}  # (column, key) -> first instant
        self._earlier: OrderedDict[str, dict[str, Earlier]] = OrderedDict()  # customer -> send key -> when
        self._renames = Renames()
        self._now_us = 0

    def load(self, conn: Connection) -> None:
        """Nothing is needed beforehand."""

    def earlier(self, customer_id: str, now_us: int, *, but: str = "") -> Sequence[Earlier]:
        """The messages decided for a customer in the last 35 days up to now, refused ones and `but` left out.

        A replay finds its own rows already: the one in question and later ones must not count.
        """
        return [e for key, e in self._recent(customer_id, now_us).items() if key != but and e.at_us <= now_us]

    def put(self, planned: Planned) -> None:
        """Take a decision."""
        if planned.reason is None:
            recent = self._recent(planned.customer_id, planned.decided_us)
            recent[planned.send_key] = Earlier(planned.channel, planned.decided_us)
        self._new[planned.send_key] = planned
        self._now_us = max(self._now_us, planned.decided_us)

    def apply(self, stored: Stored, _customer_id: str | None, turn: Turn) -> None:
        """Note that a message was opened or clicked; the first time counts."""
        event = stored.event
        column = SEEN.get(event.name)
        if column is None or event.source_id != OWN_SOURCE:
            return
        key = (column, str(event.properties.get("send_key", "")))
        self._seen[key] = min(event.happened_us, self._seen.get(key, event.happened_us))
        self._now_us = max(self._now_us, turn.now_us)

    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        """The sends of `loser` are those of `winner` from now on."""
        self._earlier.pop(loser, None)
        self._earlier.pop(winner, None)
        self._renames.add(loser, winner)
        self._now_us = max(self._now_us, turn.now_us)

    def recompute(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> None:
        """Customers were taken apart: a send is that of whoever made the visit; nothing is decided again."""
        for customer_id in customer_ids:
            self._earlier.pop(customer_id, None)
        whose = select(journey_visit.c.customer_id).where(journey_visit.c.visit_id == send.c.visit_id).scalar_subquery()
        theirs = select(send.c.send_key, whose.label("whose")).where(send.c.customer_id.in_(customer_ids))
        moved = [
            r for r in conn.execute(theirs.add_columns(send.c.customer_id)) if r.whose not in {None, r.customer_id}
        ]
        if moved:
            conn.execute(
                update(send).where(send.c.send_key == bindparam("k")).values(
                    customer_id=bindparam("whose"), changed_us=stamp(conn, turn.now_us)),
                [{"k": r.send_key, "whose": r.whose} for r in moved],
            )  # fmt: skip

    def flush(self, conn: Connection) -> None:
        """Write what is new."""
        if self._new or self._seen:
            changed = stamp(conn, self._now_us)
            insert_new(conn, send, [_row(p, changed) for p in self._new.values()])
            for column in set(SEEN.values()):
                self._write_seen(conn, column, changed)
        self._renames.write(conn, send)
        self._clear()

    def forget(self) -> None:
        """The transaction failed: the rows are the truth."""
        self._clear()
        self._earlier.clear()

    def _clear(self) -> None:
        self._new.clear()
        self._seen.clear()
        self._renames.clear()

    def _recent(self, customer_id: str, now_us: int) -> dict[str, Earlier]:
        known = self._earlier.get(customer_id)
        if known is None:
            known = self._earlier[customer_id] = self._read_recent(customer_id, now_us)
            if len(self._earlier) > HOT:
                self._earlier.popitem(last=False)
        else:
            self._earlier.move_to_end(customer_id)
        return known

    def _read_recent(self, customer_id: str, now_us: int) -> dict[str, Earlier]:
        names = self._renames.names_of(customer_id)
        with self._state.read() as conn:
            rows = conn.execute(_RECENT, {"names": list(names), "since": now_us - LOOK_BACK_US})
            found = {r.send_key: Earlier(r.channel, r.decided_us) for r in rows}
        fresh = [p for p in self._new.values() if p.reason is None and p.customer_id in names]
        return found | {p.send_key: Earlier(p.channel, p.decided_us) for p in fresh}

    def _write_seen(self, conn: Connection, column: str, changed: int) -> None:
        rows = [{"k": key, "seen": at} for (name, key), at in self._seen.items() if name == column]
        if rows:
            conn.execute(
                update(send)
                .where(send.c.send_key == bindparam("k"), send.c[column].is_(None))
                .values({column: bindparam("seen"), "changed_us": changed}),
                rows,
            )


def _row(planned: Planned, changed: int) -> dict[str, Any]:
    queued = planned.reason is None
    return {
        "send_key": planned.send_key,
        "journey_id": planned.journey_id,
        "version": planned.version,
        "node": planned.node,
        "campaign_id": planned.campaign_id,
        "visit_id": planned.visit_id,
        "customer_id": planned.customer_id,
        "channel": planned.channel,
        "purpose": planned.purpose,
        "content_id": planned.content_id,
        "address": planned.address,
        "status": QUEUED if queued else REFUSED,
        "reason": planned.reason,
        "vars": {"arm": planned.arm} if planned.arm else {},
        "decided_us": planned.decided_us,
        "next_try_us": planned.decided_us if queued else 0,
        "attempts": 0,
        "logged": 0 if queued else 1,  # a refusal goes to the log by the stream's own outbox
        "changed_us": changed,
    }
