"""Who let a definition come into force? Each version is proposed and then approved or rejected, by whom and when.

Whoever may approve says so by role; a version that is published without having been proposed is approved by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, func, insert, select

from homing.core.errors import Conflict
from homing.govern.roles import Role
from homing.storage.schema import approval as table

Step = Literal["proposed", "approved", "rejected"]
APPROVER: Role = "owner"  # the role that approves


@dataclass(frozen=True, slots=True)
class Approval:
    """One step."""

    version: int
    step: Step
    by: str
    at_us: int
    note: str


def steps_of(conn: Connection, kind: str, name: str) -> list[Approval]:
    """Every step of a definition, newest first."""
    rows = select(table).where(table.c.kind == kind, table.c.id == name).order_by(table.c.at_us.desc())
    return [Approval(r.version, r.step, r.by, r.at_us, r.note) for r in conn.execute(rows)]


def standing(conn: Connection, kind: str) -> dict[tuple[str, int], Step]:
    """(id, version) -> the last step taken with it."""
    rows = conn.execute(select(table).where(table.c.kind == kind).order_by(table.c.at_us))
    return {(r.id, r.version): r.step for r in rows}


def take(conn: Connection, target: tuple[str, str, int], step: Step, *, by: str, now_us: int, note: str = "") -> None:
    """Note a step of a version.

    Args:
        conn: writes.
        target: kind, id and version.
        step: which.
        by: who.
        now_us: when.
        note: why.

    Raises:
        Conflict: it is proposed already, or there is nothing proposed to reject.
    """
    kind, name, version = target
    last = standing(conn, kind).get((name, version))
    if step == last or (step == "rejected" and last != "proposed"):
        raise Conflict(f"version {version} of {name} is {last or 'a draft'}, wanted another step than {step}")
    newest = select(func.max(table.c.at_us)).where(table.c.kind == kind, table.c.id == name, table.c.version == version)
    at = max(now_us, int(conn.execute(newest).scalar() or 0) + 1)
    row = {"kind": kind, "id": name, "version": version, "at_us": at, "step": step, "by": by, "note": note}
    conn.execute(insert(table), [row])


def let_in(conn: Connection, target: tuple[str, str, int], *, by: str, now_us: int) -> None:
    """Note that a version is published, where nobody approved it before."""
    if standing(conn, target[0]).get(target[1:]) != "approved":
        take(conn, target, "approved", by=by, now_us=now_us)
