"""How do we know that this is one person? The identifiers, the links between them, the merges behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select

from homing.core.event import OWN_SOURCE, Id
from homing.identity.graph import priority
from homing.storage.schema import identifier, identity_conflict, identity_edge, identity_link, merge


@dataclass(frozen=True, slots=True)
class HeldId:
    """One identifier a customer holds."""

    type: str
    value: str
    first_us: int
    last_us: int
    status: str
    source_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """Why two identifiers are one person's: an event that names both, or somebody who says so."""

    a: Id
    b: Id
    event_id: str
    source_id: str
    at_us: int
    how: str = "same_event"  # same_event | hand | linked | split
    probability: float | None = None
    made_by: str | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge this customer came out of."""

    merge_id: str
    at_us: int
    loser: str
    winner: str
    reason: str
    event_id: str
    evidence: dict[str, Any]
    undone: bool = False  # the two were taken apart again


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What could not be joined, or gave way to a limit."""

    conflict_id: str
    at_us: int
    event_id: str
    reason: str
    details: dict[str, Any]
    status: str


@dataclass(frozen=True, slots=True)
class Identity:
    """How we know that this is one person."""

    identifiers: tuple[HeldId, ...]
    edges: tuple[Link, ...]
    merges: tuple[Merged, ...]
    conflicts: tuple[Contradiction, ...]


def identity_of(conn: Connection, customer_id: str) -> Identity:
    """Everything about a customer's identity: the strongest identifier first, what happened oldest first."""
    rows = conn.execute(select(identifier).where(identifier.c.customer_id == customer_id))
    held = sorted(rows, key=lambda r: priority(Id(r.type, r.value)))
    family = _family(conn, customer_id)
    return Identity(
        tuple(HeldId(r.type, r.value, r.first_us, r.last_us, r.status, r.source_id) for r in held),
        _links(conn, {Id(r.type, r.value) for r in held}),
        tuple(
            Merged(
                r.merge_id, r.at_us, r.loser, r.winner, r.reason, r.event_id, r.evidence, r.undone_offset is not None
            )
            for r in conn.execute(
                select(merge).where(merge.c.winner.in_(family)).order_by(merge.c.log_offset, merge.c.merge_id)
            )
        ),
        tuple(
            Contradiction(r.conflict_id, r.at_us, r.event_id, r.reason, r.details, r.status)
            for r in conn.execute(
                select(identity_conflict)
                .where(or_(identity_conflict.c.customer_id.in_(family), identity_conflict.c.other.in_(family)))
                .order_by(identity_conflict.c.at_us, identity_conflict.c.conflict_id)
            )
        ),
    )


def _family(conn: Connection, customer_id: str) -> list[str]:
    """The customer and everyone merged into it, however many steps ago."""
    family, last = [customer_id], [customer_id]
    while last:
        stands = (merge.c.winner.in_(last), merge.c.undone_offset.is_(None))
        last = list(conn.execute(select(merge.c.loser).where(*stands)).scalars())
        family += last
    return family


def _links(conn: Connection, held: set[Id]) -> tuple[Link, ...]:
    values = [i.value for i in held]
    rows = conn.execute(
        select(identity_edge)
        .where(or_(identity_edge.c.a_value.in_(values), identity_edge.c.b_value.in_(values)))
        .order_by(identity_edge.c.at_us, identity_edge.c.event_id)
    ).all()
    found = (Link(Id(r.a_type, r.a_value), Id(r.b_type, r.b_value), r.event_id, r.source_id, r.at_us) for r in rows)
    shown = [link for link in found if link.a in held or link.b in held]
    made = conn.execute(
        select(identity_link)
        .where(identity_link.c.ended_offset.is_(None))
        .where(or_(identity_link.c.a_value.in_(values), identity_link.c.b_value.in_(values)))
        .order_by(identity_link.c.log_offset, identity_link.c.link_id)
    )
    for r in made:
        a, b = Id(r.a_type, r.a_value), Id(r.b_type, r.b_value)
        if a != b and (a in held or b in held):
            shown.append(Link(a, b, r.event_id, OWN_SOURCE, r.at_us, r.how, r.probability, r.made_by))
    return tuple(shown)
