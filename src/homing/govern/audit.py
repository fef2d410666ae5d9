"""Who changed what, and when? One row a change, written in the transaction of the change itself.

Details name things and counts, never personal data, keys or passwords.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select

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


@dataclass(frozen=True, slots=True)
class Sought:
    """Which changes are wanted; what is empty takes all."""

    actor: str = ""
    action: str = ""  # one action, or the kind of thing before its dot
    target: str = ""  # a part of it, in any case
    since_us: int | None = None
    until_us: int | None = None  # left out itself

    def where(self) -> list[ColumnElement[bool]]:
        """The conditions in SQL."""
        c, found = audit.c, []
        if self.actor:
            found.append(c.actor == self.actor)
        if self.action:
            found.append((c.action == self.action) | c.action.startswith(f"{self.action}.", autoescape=True))
        if self.target:
            found.append(c.target.icontains(self.target, autoescape=True))
        if self.since_us is not None:
            found.append(c.at_us >= self.since_us)
        if self.until_us is not None:
            found.append(c.at_us < self.until_us)
        return found


def record(conn: Connection, actor: str, action: str, target: str, *, now_us: int, **details: Any) -> None:
    """Write down a change, inside the caller's transaction."""
    conn.execute(
        insert(audit),
        [{"at_us": now_us, "actor": actor, "action": action, "target": target, "details": details}],
    )


def entries(
    conn: Connection, sought: Sought | None = None, *, before: int | None = None, limit: int = 50
) -> list[Entry]:
    """Changes, newest first, those with `seq` below `before`."""
    found = (sought or Sought()).where()
    statement = select(audit).where(*found).order_by(audit.c.seq.desc()).limit(min(limit, MAX_ROWS))
    if before is not None:
        statement = statement.where(audit.c.seq < before)
    return [Entry(r.seq, r.at_us, r.actor, r.action, r.target, r.details) for r in conn.execute(statement)]


def count(conn: Connection, sought: Sought) -> int:
    """How many changes there are."""
    return int(conn.execute(select(func.count()).select_from(audit).where(*sought.where())).scalar_one())


def names(conn: Connection) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Who changed something and what was done, each with how often, the most frequent first."""
    n = func.count().label("n")
    actors, actions = (
        [(str(name), int(times)) for name, times in conn.execute(select(of, n).group_by(of).order_by(n.desc(), of))]
        for of in (audit.c.actor, audit.c.action)
    )
    return actors, actions
