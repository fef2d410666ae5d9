"""What about identities waits for a person, and which values do not link? The lists behind the console's pages.

A conflict whose two customers turned out to be one since has answered itself: it is on no list any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from homing.identity.law import STILL
from homing.storage.schema import customer, identifier_block, identity_conflict

OPEN = "open"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conflict with the customers as they go on today."""

    conflict_id: str
    at_us: int
    event_id: str
    reason: str
    details: dict[str, Any]
    status: str
    settled_us: int | None
    settled_by: str | None
    customer_id: str
    customer_name: str
    other: str | None
    other_name: str | None


_one, _two = customer.alias("one"), customer.alias("two")
_today = func.coalesce(_one.c.merged_into, identity_conflict.c.customer_id)
_other = func.coalesce(_two.c.merged_into, identity_conflict.c.other)
_joined = identity_conflict.outerjoin(_one, _one.c.customer_id == identity_conflict.c.customer_id).outerjoin(
    _two, _two.c.customer_id == identity_conflict.c.other
)


def _chosen(status: str, reason: str | None) -> list[ColumnElement[bool]]:
    c = identity_conflict.c
    chosen: list[ColumnElement[bool]] = [c.status == status]
    if status == OPEN:
        chosen.append(or_(c.other.is_(None), _today != _other))
    if reason:
        chosen.append(c.reason.startswith(reason, autoescape=True))
    return chosen


def conflicts(
    conn: Connection, *, status: str = OPEN, reason: str | None = None, after: tuple[int, str] | None = None,
    limit: int = 50,
) -> list[Waiting]:  # fmt: skip
    """Conflicts of a standing, newest first; `reason` is the beginning of one, such as `limit:`."""
    c = identity_conflict.c
    statement = select(identity_conflict, _today.label("today"), _other.label("today_other")).select_from(_joined)
    statement = statement.where(*_chosen(status, reason)).order_by(c.at_us.desc(), c.conflict_id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(or_(c.at_us < after[0], and_(c.at_us == after[0], c.conflict_id < after[1])))
    rows = conn.execute(statement).all()
    names = _names(conn, {n for r in rows for n in (r.today, r.today_other) if n})
    return [
        Waiting(r.conflict_id, r.at_us, r.event_id, r.reason, r.details, r.status, r.settled_us, r.settled_by,
                r.today, names.get(r.today, r.today), r.today_other, names.get(r.today_other, r.today_other))
        for r in rows
    ]  # fmt: skip


def how_many(conn: Connection, *, status: str = OPEN, reason: str | None = None) -> int:
    """How many conflicts have a standing."""
    statement = select(func.count()).select_from(_joined).where(*_chosen(status, reason))
    return int(conn.execute(statement).scalar_one())


def conflicts_by_id(conn: Connection, ids: list[str]) -> dict[str, tuple[str, str | None]]:
    """The two customers of each conflict as they go on today; an unknown id is not there."""
    statement = select(identity_conflict.c.conflict_id, _today, _other).select_from(_joined)
    rows = conn.execute(statement.where(identity_conflict.c.conflict_id.in_(ids)))
    return {row[0]: (row[1], row[2]) for row in rows}


def blocked(
    conn: Connection, *, lifted: bool = False, after: tuple[int, str, str] | None = None, limit: int = 50
) -> list[Row[Any]]:
    """Values that do not link, newest first; with `lifted`, those that were released."""
    b = identifier_block.c
    statement = select(identifier_block).where(b.status.not_in(STILL) if lifted else b.status.in_(STILL))
    if after is not None:
        at, kind, value = after
        later = and_(b.at_us == at, or_(b.type > kind, and_(b.type == kind, b.value > value)))
        statement = statement.where(or_(b.at_us < at, later))
    return list(conn.execute(statement.order_by(b.at_us.desc(), b.type, b.value).limit(limit)))


def _names(conn: Connection, ids: set[str]) -> dict[str, str]:
    rows = conn.execute(select(customer.c.customer_id, customer.c.display).where(customer.c.customer_id.in_(ids)))
    return {row.customer_id: row.display for row in rows}
