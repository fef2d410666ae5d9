"""What does the console show of journeys and messages? Counts on nodes and edges, what each customer was sent or not.

Who passed a node is counted from its events, who waits there and what became of the messages from the rows of the
stream and the ledger. A customer who comes round again counts again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, func, select, tuple_

from homing.core.errors import NotFound
from homing.core.query import Query
from homing.storage.schema import journey_visit, message, send

ENTRY = "@entry"  # where an edge to the first node begins
HANDED_OVER = ("accepted", "delivered", "bounced")
_STEPS = """
SELECT variant_extract(properties, 'from_node')::VARCHAR, variant_extract(properties, 'node')::VARCHAR, count(*)
FROM event_fact
WHERE source_id = 'homing' AND name = 'Journey Step Reached'
  AND variant_extract(properties, 'journey')::VARCHAR = $journey
GROUP BY ALL"""


_COLUMNS = (
    send.c.send_key, send.c.customer_id, send.c.journey_id, send.c.node, send.c.campaign_id, send.c.channel,
    send.c.status, send.c.reason, send.c.decided_us, send.c.opened_us, send.c.clicked_us, message.c.subject,
)  # fmt: skip
_WHOLE = (
    message.c.html, message.c.text, message.c.headers, message.c.rendered_us, send.c.handing_us, send.c.accepted_us,
    send.c.changed_us,
)  # fmt: skip
_RENDERED = message.c.send_key == send.c.send_key


class Asks(Protocol):
    """What answers a query: the warehouse."""

    def ask(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows of a query."""


@dataclass(slots=True)
class NodeCounts:
    """What happened at one node."""

    reached: int = 0
    waiting: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    opened: int = 0
    clicked: int = 0


@dataclass(frozen=True, slots=True)
class JourneyCounts:
    """The counts of a journey, over all its versions; an edge is `a>b`."""

    nodes: Mapping[str, NodeCounts]
    edges: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class JourneyTotals:
    """A journey in a list."""

    entered: int = 0
    waiting: int = 0
    sent: int = 0


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A journey a customer is in."""

    journey_id: str
    version: int
    node: str
    since_us: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was decided, sent or not."""

    send_key: str
    customer_id: str
    journey_id: str
    node: str
    campaign_id: str | None
    channel: str
    status: str
    reason: str | None
    subject: str | None
    decided_us: int
    opened_us: int | None
    clicked_us: int | None


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it was rendered, and its life so far."""

    sent: Sent
    html: str | None
    text: str | None
    headers: Mapping[str, str]
    history: tuple[tuple[str, int], ...]


def journey_counts(conn: Connection, warehouse: Asks, journey_id: str) -> JourneyCounts:
    """The counts on the nodes and edges of one journey."""
    nodes: dict[str, NodeCounts] = {}
    edges: Counter[str] = Counter()
    for before, node, n in warehouse.ask(Query(_STEPS, {"journey": journey_id})):
        nodes.setdefault(node, NodeCounts()).reached += n
        edges[f"{before or ENTRY}>{node}"] += n
    v, s = journey_visit.c, send.c
    waits = select(v.node, func.count()).where(v.journey_id == journey_id, v.state == "waiting").group_by(v.node)
    for node, n in conn.execute(waits):
        nodes.setdefault(node, NodeCounts()).waiting = n
    by_node = (
        select(s.node, s.status, s.reason, func.count(), func.count(s.opened_us), func.count(s.clicked_us))
        .where(s.journey_id == journey_id)
        .group_by(s.node, s.status, s.reason)
    )
    for node, status, reason, n, opened, clicked in conn.execute(by_node):
        counts = nodes.setdefault(node, NodeCounts())
        counts.opened += opened
        counts.clicked += clicked
        if status == "refused":
            counts.refused[reason or status] += n
        elif status in HANDED_OVER:
            counts.sent += n
    return JourneyCounts(nodes, dict(edges))


def journey_totals(conn: Connection) -> dict[str, JourneyTotals]:
    """Every journey's visits, waiting ones and messages handed over."""
    v, s = journey_visit.c, send.c

    def by_journey(column: Any, *where: Any) -> dict[str, int]:
        rows = conn.execute(select(column, func.count()).where(*where).group_by(column))
        return {row[0]: row[1] for row in rows}

    entered, waiting = by_journey(v.journey_id), by_journey(v.journey_id, v.state == "waiting")
    sent = by_journey(s.journey_id, s.status.in_(HANDED_OVER))
    names = entered.keys() | sent.keys()
    return {name: JourneyTotals(entered.get(name, 0), waiting.get(name, 0), sent.get(name, 0)) for name in names}


def visits_of(conn: Connection, customer_id: str) -> list[VisitRow]:
    """The journeys a customer is in now, the newest first."""
    v = journey_visit.c
    rows = conn.execute(
        select(v.journey_id, v.version, v.node, v.since_us)
        .where(v.customer_id == customer_id, v.state == "waiting")
        .order_by(v.since_us.desc(), v.visit_id)
    )
    return [VisitRow(*row) for row in rows]


def sends_of(
    conn: Connection, customer_id: str, *, before: tuple[int, str] | None = None, limit: int = 50
) -> list[Sent]:
    """What a customer was sent or refused, newest first, behind a place (decided_us, send_key)."""
    statement = (
        select(*_COLUMNS)
        .join_from(send, message, _RENDERED, isouter=True)
        .where(send.c.customer_id == customer_id)
        .order_by(send.c.decided_us.desc(), send.c.send_key.desc())
    )
    if before is not None:
        statement = statement.where(tuple_(send.c.decided_us, send.c.send_key) < tuple_(*before))
    return [_sent(row) for row in conn.execute(statement.limit(limit))]


def message_of(conn: Connection, send_key: str) -> Letter:
    """One message as it was handed over.

    Raises:
        NotFound: there is no such send.
    """
    row = conn.execute(
        select(*_COLUMNS, *_WHOLE).join_from(send, message, _RENDERED, isouter=True).where(send.c.send_key == send_key)
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no message {send_key[:60]!r}")
    sent = _sent(row)
    steps = (
        ("decided", sent.decided_us), ("rendered", row.rendered_us), ("handing", row.handing_us),
        ("accepted", row.accepted_us), ("opened", sent.opened_us), ("clicked", sent.clicked_us),
    )  # fmt: skip
    history = sorted(((name, int(at)) for name, at in steps if at is not None), key=lambda x: x[1])
    if not any(name == sent.status for name, _ in history):
        history.append((sent.status, int(row.changed_us)))
    return Letter(sent, row.html, row.text, dict(row.headers or {}), tuple(history))


def _sent(row: Any) -> Sent:
    return Sent(
        row.send_key, row.customer_id, row.journey_id, row.node, row.campaign_id, row.channel, row.status, row.reason,
        row.subject, row.decided_us, row.opened_us, row.clicked_us,
    )  # fmt: skip
