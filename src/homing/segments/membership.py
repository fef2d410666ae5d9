"""How many would that be, and who is in it? The preview asks the warehouse, the lists read what the stream keeps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from homing.core.condition import Condition
from homing.profile import COMPUTED_TRAITS
from homing.segments.compile import count, members
from homing.storage.schema import segment_member
from homing.storage.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Preview:
    """How a condition would turn out."""

    count: int
    total: int  # customers there are
    examples: tuple[str, ...]  # the first ids, in their order
    at_us: int


@dataclass(frozen=True, slots=True)
class Member:
    """A customer in a segment."""

    customer_id: str
    since_us: int


@dataclass(frozen=True, slots=True)
class Membership:
    """A segment a customer is in."""

    segment_id: str
    since_us: int


def preview(
    warehouse: Warehouse, tree: Condition, at_us: int, *, examples: int = 5, computed: Collection[str] = COMPUTED_TRAITS
) -> Preview:
    """Count the customers who satisfy a tree (see `written_out` for other segments) at an instant."""
    ((n, total, first),) = warehouse.ask(count(tree, at_us, examples=examples, computed=computed))
    return Preview(n, total, tuple(first), at_us)


def ask_members(
    warehouse: Warehouse, tree: Condition, at_us: int, *, computed: Collection[str] = COMPUTED_TRAITS
) -> frozenset[str]:
    """The ids of those who satisfy a tree at an instant, from the warehouse."""
    return frozenset(row[0] for row in warehouse.ask(members(tree, at_us, computed=computed)))


def members_of(conn: Connection, segment: str, *, after: str = "", limit: int = 100) -> list[Member]:
    """The members as the stream keeps them, by id, beginning behind `after`."""
    rows = conn.execute(
        select(segment_member.c.customer_id, segment_member.c.since_us)
        .where(segment_member.c.segment_id == segment, segment_member.c.customer_id > after)
        .order_by(segment_member.c.customer_id)
        .limit(limit)
    )
    return [Member(*row) for row in rows]


def counts(conn: Connection) -> dict[str, int]:
    """How many members each segment has; a segment without members is not there."""
    rows = conn.execute(select(segment_member.c.segment_id, func.count()).group_by(segment_member.c.segment_id))
    return {row[0]: row[1] for row in rows}


def segments_of(conn: Connection, customer_id: str) -> list[Membership]:
    """The segments a customer is in, oldest membership first."""
    rows = conn.execute(
        select(segment_member.c.segment_id, segment_member.c.since_us)
        .where(segment_member.c.customer_id == customer_id)
        .order_by(segment_member.c.since_us, segment_member.c.segment_id)
    )
    return [Membership(*row) for row in rows]
