"""Which household and accounts does a customer belong to, and who else does?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from homing.core.errors import NotFound
from homing.storage.schema import customer, group_entity, group_member

MEMBERS = 50  # of one group that are named


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a group."""

    customer_id: str
    display: str
    since_us: int
    last_us: int


@dataclass(frozen=True, slots=True)
class Group:
    """A household or an account."""

    kind: str
    group_id: str
    why: str
    size: int
    traits: dict[str, Any]
    since_us: int
    changed_us: int
    members: tuple[Member, ...] = ()


def groups_of(conn: Connection, customer_id: str) -> list[Group]:
    """The households and accounts of a customer, with who else is of them; the customer's own first."""
    own = conn.execute(select(customer.c.traits).where(customer.c.customer_id == customer_id)).scalar() or {}
    first = [said[0] for name in ("household_id", "account_id") if (said := own.get(name))]  # a source may say anything
    mine = select(group_member.c.kind, group_member.c.group_id).where(group_member.c.customer_id == customer_id)
    found = [group_of(conn, row.kind, row.group_id) for row in conn.execute(mine).all()]
    return sorted(found, key=lambda g: (g.kind != "household", g.group_id not in first, g.group_id))


def group_of(conn: Connection, kind: str, group_id: str) -> Group:
    """One group, with at most MEMBERS of its members, the first ones first.

    Raises:
        NotFound: there is none of that name.
    """
    asked = select(group_entity).where(group_entity.c.kind == kind, group_entity.c.group_id == group_id)
    row = conn.execute(asked).one_or_none()
    if row is None:
        raise NotFound(f"there is no {kind} {group_id[:80]!r}")
    named = (
        select(group_member, customer.c.display)
        .join(customer, customer.c.customer_id == group_member.c.customer_id)
        .where(group_member.c.kind == kind, group_member.c.group_id == group_id)
        .order_by(group_member.c.since_us, group_member.c.customer_id)
        .limit(MEMBERS)
    )
    members = tuple(Member(m.customer_id, m.display, m.since_us, m.last_us) for m in conn.execute(named))
    traits = {name: said[0] for name, said in sorted(row.traits.items())}
    return Group(kind, group_id, row.why, row.size, traits, row.since_us, row.changed_us, members)


def groups(conn: Connection, kind: str, *, after: tuple[int, str] | None = None, limit: int = 50) -> list[Group]:
    """Groups of a kind, the largest first, without their members."""
    statement = select(group_entity).where(group_entity.c.kind == kind)
    if after is not None:
        size, name = after
        same = (group_entity.c.size == size) & (group_entity.c.group_id > name)
        statement = statement.where((group_entity.c.size < size) | same)
    ordered = statement.order_by(group_entity.c.size.desc(), group_entity.c.group_id).limit(limit)
    return [
        Group(r.kind, r.group_id, r.why, r.size, {n: said[0] for n, said in sorted(r.traits.items())}, r.since_us,
              r.changed_us)
        for r in conn.execute(ordered)
    ]  # fmt: skip


def how_many(conn: Connection, kind: str) -> int:
    """How many groups of a kind there are."""
    counted = select(func.count()).select_from(group_entity).where(group_entity.c.kind == kind)
    return int(conn.execute(counted).scalar() or 0)
