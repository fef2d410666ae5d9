"""Which pairs wait for a person, and what was said of them? The queue, the answers, and the events that carry them.

An answer is an event in the log: `Records Linked` joins the two customers by the identifiers they are known by, and
`Records Not Linked` keeps the pair from being proposed again. The queue itself is what a run found; it is not derived
from the log, and what became of it is read from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, or_, select, tuple_, update

from homing.core.errors import NotFound
from homing.core.event import OWN_SOURCE, Event, Id
from homing.core.ids import stable_id
from homing.identity.graph import ACTIVE
from homing.identity.rules import rules_of
from homing.identity.winners import read_winners
from homing.storage.schema import identifier, link_answer, link_pair
from homing.storage.state.store import upsert

LINKED, NOT_LINKED = "Records Linked", "Records Not Linked"
ANSWERED = {LINKED: "linked", NOT_LINKED: "not_linked"}
Answer = Literal["accept", "reject"]
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two customers that may be one person."""

    pair_id: str
    run_id: str
    customer_a: str
    customer_b: str
    probability: float
    prior: float
    weights: Mapping[str, float]
    why: str
    status: str = "open"
    decided_us: int | None = None
    decided_by: str | None = None

    @property
    def place(self) -> tuple[float, str]:
        """Where it stands in the queue: the likeliest first."""
        return self.probability, self.pair_id


def pair_id(one: str, other: str) -> str:
    """The name of a pair, whichever of the two is named first."""
    return stable_id("l", *sorted((one, other)))


def keep(conn: Connection, pairs: Iterable[Pair]) -> None:
    """Put pairs into the queue; one that waits there already is brought up to date."""
    rows = [
        {"pair_id": p.pair_id, "run_id": p.run_id, "customer_a": p.customer_a, "customer_b": p.customer_b,
         "probability": p.probability, "prior": p.prior, "weights": dict(p.weights), "why": p.why,
         "status": p.status, "decided_us": p.decided_us, "decided_by": p.decided_by}
        for p in pairs
    ]  # fmt: skip
    upsert(conn, link_pair, rows)


def queue(
    conn: Connection, status: str = "open", *, run_id: str | None = None, after: tuple[float, str] | None = None,
    limit: int = 50,
) -> list[Pair]:  # fmt: skip
    """Pairs of a standing, the likeliest first."""
    statement = select(link_pair).where(link_pair.c.status == status)
    if run_id is not None:
        statement = statement.where(link_pair.c.run_id == run_id)
    if after is not None:
        statement = statement.where(tuple_(link_pair.c.probability, link_pair.c.pair_id) < tuple_(*after))
    ordered = statement.order_by(link_pair.c.probability.desc(), link_pair.c.pair_id.desc()).limit(limit)
    return [_pair(row) for row in conn.execute(ordered)]


def counts(conn: Connection) -> dict[str, int]:
    """How many pairs there are of each standing."""
    found = conn.execute(select(link_pair.c.status, func.count()).group_by(link_pair.c.status))
    return {str(row[0]): int(row[1]) for row in found}


def pairs_of(conn: Connection, ids: Sequence[str]) -> list[Pair]:
    """The pairs of these names.

    Raises:
        NotFound: one does not exist.
    """
    found: dict[str, Pair] = {}
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        for row in conn.execute(select(link_pair).where(link_pair.c.pair_id.in_(chunk))):
            found[row.pair_id] = _pair(row)
    missing = [i for i in ids if i not in found]
    if missing:
        raise NotFound(f"there is no pair {missing[0]!r}")
    return [found[i] for i in ids]


def decide(conn: Connection, ids: Sequence[str], status: str, *, by: str, now_us: int) -> None:
    """What became of pairs."""
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        conn.execute(
            update(link_pair)
            .where(link_pair.c.pair_id.in_(chunk))
            .values(status=status, decided_us=now_us, decided_by=by)
        )


def answer_event(
    event_id: str, pair: Pair, anchors: Mapping[str, Id], answer: Answer, now_us: int, *, by: str
) -> Event:  # fmt: skip
    """What the log is told of an answer.

    Args:
        event_id: the same for the same decision.
        pair: of which it is the answer.
        anchors: for each customer of it the identifier it is known by.
        answer: accept or reject.
        now_us: when.
        by: who said it.
    """
    a, b = anchors[pair.customer_a], anchors[pair.customer_b]
    said: dict[str, Any] = {
        "a": list(a), "b": list(b), "customers": [pair.customer_a, pair.customer_b], "pair": pair.pair_id,
        "probability": pair.probability, "run": pair.run_id, "by": by,
    }  # fmt: skip
    name = LINKED if answer == "accept" else NOT_LINKED
    return Event(event_id=event_id, kind="track", name=name, happened_us=now_us, source_id=OWN_SOURCE, properties=said)


def anchors_of(conn: Connection, customers: Iterable[str]) -> dict[str, Id]:
    """For each customer the strongest identifier that links; customers without one are left out."""
    rules, wanted = rules_of(conn), sorted(set(customers))
    best: dict[str, Id] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        statement = select(identifier).where(identifier.c.customer_id.in_(chunk), identifier.c.status == ACTIVE)
        for row in conn.execute(statement):
            i = Id(row.type, row.value)
            held = best.get(row.customer_id)
            if held is None or rules.priority(i) < rules.priority(held):
                best[row.customer_id] = i
    return best


def immutable_of(conn: Connection, customers: Iterable[str]) -> dict[str, dict[str, str]]:
    """For each customer the identifiers that belong to one person for good, by type: two that differ never join."""
    rules, wanted = rules_of(conn), sorted(set(customers))
    kinds = [kind for kind, rule in rules.types.items() if rule.immutable]
    held: dict[str, dict[str, str]] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        statement = select(identifier).where(
            identifier.c.customer_id.in_(chunk), identifier.c.type.in_(kinds), identifier.c.status == ACTIVE
        )
        for row in conn.execute(statement):
            held.setdefault(row.customer_id, {})[row.type] = row.value
    return held


def refused(conn: Connection) -> set[tuple[str, str]]:
    """Pairs of today's customers of which somebody said that they are two people."""
    winners = read_winners(conn)
    rows = conn.execute(
        select(link_answer.c.customer_a, link_answer.c.customer_b).where(link_answer.c.answer == "not_linked")
    )
    found = set()
    for row in rows:
        a, b = sorted((winners.of(row.customer_a), winners.of(row.customer_b)))
        found.add((a, b))
    return found


def answers_of(conn: Connection, customers: Sequence[str]) -> list[Row[Any]]:
    """What was said of these customers, oldest first."""
    named = or_(link_answer.c.customer_a.in_(customers), link_answer.c.customer_b.in_(customers))
    statement = select(link_answer).where(named).order_by(link_answer.c.at_us, link_answer.c.pair_id)
    return list(conn.execute(statement))


def _pair(row: Row[Any]) -> Pair:
    return Pair(row.pair_id, row.run_id, row.customer_a, row.customer_b, row.probability, row.prior, row.weights,
                row.why, row.status, row.decided_us, row.decided_by)  # fmt: skip
