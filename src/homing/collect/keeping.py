"""How much is kept of what was refused? So many rows and so many bytes; what was sent again goes first.

Then goes what was put aside, then what is still open, each the oldest first. An event that a stage could not process
does not count and stays: what is computed from the log depends on knowing it.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, LargeBinary, case, cast, delete, func, select

from homing.storage.schema import rejected
from homing.storage.state import State

KEEP_ROWS = 100_000
KEEP_BYTES = 256 * 1024 * 1024  # of the kept texts
LOW = 0.95  # once there is too much, so much of it is kept: not every row that comes makes another go
STAGE_FAILED = "stage_failed"
_CHUNK = 500
_COUNTED = rejected.c.code != STAGE_FAILED


class Kept(NamedTuple):
    """How much there is, or may be."""

    rows: int
    bytes: int


LIMIT = Kept(KEEP_ROWS, KEEP_BYTES)


def kept(conn: Connection) -> Kept:
    """How much is kept now."""
    found = conn.execute(select(func.count(), func.coalesce(func.sum(_size()), 0)).where(_COUNTED)).one()
    return Kept(int(found[0]), int(found[1]))


def trim(state: State, limit: Kept = LIMIT) -> int:
    """Let go of what is too much; return of how many rows."""
    with state.read() as conn:
        now = kept(conn)
        rows = now.rows - int(limit.rows * LOW) if now.rows > limit.rows else 0
        size = now.bytes - int(limit.bytes * LOW) if now.bytes > limit.bytes else 0
        going = _first_to_go(conn, rows, size) if rows or size else []
    for start in range(0, len(going), _CHUNK):
        with state.write() as conn:
            conn.execute(delete(rejected).where(rejected.c.rejected_id.in_(going[start : start + _CHUNK])))
    return len(going)


def _first_to_go(conn: Connection, rows: int, size: int) -> list[str]:
    """The first rows in the order in which they go: at least so many, and of so many bytes."""
    settled = case({"replayed": 0, "dropped": 1}, value=rejected.c.status, else_=2)
    order = (settled, rejected.c.at_us, rejected.c.rejected_id)
    ids = list(conn.execute(select(rejected.c.rejected_id).where(_COUNTED).order_by(*order)).scalars())
    going: list[str] = []
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        measured = select(rejected.c.rejected_id, _size()).where(rejected.c.rejected_id.in_(part))
        sizes = {row[0]: int(row[1]) for row in conn.execute(measured)}
        for one in part:
            if len(going) >= rows and size <= 0:
                return going
            going.append(one)
            size -= sizes[one]
    return going


def _size() -> ColumnElement[int]:
    return func.length(cast(rejected.c.body, LargeBinary))
