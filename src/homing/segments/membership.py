"""How many would that be, and who is in it? The preview asks the warehouse, the lists read what the stream keeps."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from homing.core.calendar import Zones, is_zone
from homing.core.condition import Condition, reads_zone
from homing.core.stats import wilson
from homing.profile import COMPUTED_TRAITS
from homing.segments.compile import count, members, sample
from homing.segments.sql_tables import zones_said
from homing.storage.schema import segment_member, segment_state
from homing.storage.warehouse import Warehouse

SAMPLE = 10_000  # customers drawn for a first answer


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


@dataclass(frozen=True, slots=True)
class Estimate:
    """How a condition would turn out, judged by a random share of the customers."""

    count: int
    low: int  # of the interval that holds the true count with 95 % confidence
    high: int
    total: int  # customers there are
    sampled: int  # customers that were looked at
    at_us: int


def preview(
    warehouse: Warehouse, tree: Condition, at_us: int, *, examples: int = 5,
    computed: Collection[str] = COMPUTED_TRAITS, zone: str = "UTC",
) -> Preview:  # fmt: skip
    """Count the customers who satisfy a tree (see `written_out` for other segments) at an instant.

    `zone` is the workspace's; see `ask_members`.
    """
    zones = zones_of(warehouse, tree, zone)
    asked = count(tree, at_us, examples=examples, computed=computed, zones=zones, defined=warehouse.defined_now())
    ((n, total, first),) = warehouse.ask(asked)
    return Preview(n, total, tuple(first), at_us)


def estimate(
    warehouse: Warehouse, conn: Connection, tree: Condition, at_us: int, *,
    computed: Collection[str] = COMPUTED_TRAITS, zone: str = "UTC", people: int = SAMPLE,
) -> Estimate | None:  # fmt: skip
    """Judge about so many customers, drawn by a hash of their ids, and say what that means for all.

    Args:
        warehouse: asked.
        conn: tells how many customers there are.
        tree: see `written_out` for other segments.
        at_us: the instant.
        computed: names of traits that are read from `customers`.
        zone: the workspace's; see `ask_members`.
        people: how many customers to draw, about.

    Returns:
        The estimate with a Wilson interval; None when there are not many more customers than would be drawn.
    """
    total = int(conn.execute(select(func.count()).select_from(segment_state)).scalar_one())
    if total < 2 * people:
        return None
    below = int(people / total * 2**32)
    zones = zones_of(warehouse, tree, zone)
    drawn = sample(tree, at_us, below=below, computed=computed, zones=zones, defined=warehouse.defined_now())
    ((hits, n),) = warehouse.ask(drawn)
    if n == 0:
        return None
    hits = min(hits, n)
    low, high = wilson(hits, n)
    return Estimate(round(hits / n * total), math.floor(low * total), math.ceil(high * total), total, n, at_us)


def ask_members(
    warehouse: Warehouse, tree: Condition, at_us: int, *, computed: Collection[str] = COMPUTED_TRAITS,
    zone: str = "UTC",
) -> frozenset[str]:  # fmt: skip
    """The ids of those who satisfy a tree at an instant, from the warehouse.

    Args:
        warehouse: asked.
        tree: without `in_segment`; see `written_out`.
        at_us: the instant.
        computed: names of traits that are read from `customers`.
        zone: of the workspace: whose days and hours count for customers without a time zone of their own.
    """
    zones = zones_of(warehouse, tree, zone)
    asked = members(tree, at_us, computed=computed, zones=zones, defined=warehouse.defined_now())
    return frozenset(row[0] for row in warehouse.ask(asked))


def zones_of(warehouse: Warehouse, tree: Condition, zone: str) -> Zones:
    """The workspace's zone, and those that customers name where the tree reads a zone."""
    if not reads_zone(tree):
        return Zones(zone)
    return Zones(zone, tuple(sorted(row[0] for row in warehouse.ask(zones_said()) if is_zone(row[0]))))


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
