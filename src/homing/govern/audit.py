"""Who changed what, and when? One row a change, written in the transaction of the change itself.

Details name things and counts, never personal data, keys or passwords.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from homing.storage.schema import audit

MAX_ROWS = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One change."""

    seq: int
    at_us: int
    actor: str
    action: str  # segment.save, journey.publish, key.create ...
    target: str
    details: dict[str, Any]


def record(conn: Connection, actor: str, action: str, target: str, *, now_us: int, **details: Any) -> None:
    """Write down a change, inside the caller's transaction."""
    conn.execute(
        insert(audit),
        [{"at_us": now_us, "actor": actor, "action": action, "target": target, "details": details}],
    )


def entries(conn: Connection, *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """Changes, newest first, those with `seq` below `before`."""
    statement = select(audit).order_by(audit.c.seq.desc()).limit(min(limit, MAX_ROWS))
    if before is not None:
        statement = statement.where(audit.c.seq < before)
    return [Entry(r.seq, r.at_us, r.actor, r.action, r.target, r.details) for r in conn.execute(statement)]
