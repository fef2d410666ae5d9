"""How do facts we made ourselves reach the log exactly once? Written with the state, then appended, then struck out.

A crash between the two appends again; the log knows the event id and says duplicate.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from homing.core.event import Event, decode, encode
from homing.storage.log.interface import EventLog
from homing.storage.schema import outbox
from homing.storage.state.store import State, insert_new

BATCH = 1_000


def put(conn: Connection, events: Sequence[Event]) -> None:
    """Add events to the outbox, inside the caller's transaction."""
    insert_new(conn, outbox, [{"event_id": e.event_id, "body": encode(e)} for e in events])


def clear(conn: Connection) -> None:
    """Strike out everything, inside the caller's transaction: it is in the log."""
    conn.execute(delete(outbox))


def drain(state: State, log: EventLog) -> int:
    """Append what the outbox holds to the log, in order; return how many events were new there."""
    fresh = 0
    while True:
        with state.read() as conn:
            rows = conn.execute(select(outbox).order_by(outbox.c.seq).limit(BATCH)).all()
        if not rows:
            return fresh
        verdicts = log.append([decode(r.body) for r in rows], dedupe="ever")
        fresh += sum(v.status == "accepted" for v in verdicts)
        with state.write() as conn:
            conn.execute(delete(outbox).where(outbox.c.seq <= rows[-1].seq))
        if len(rows) < BATCH:
            return fresh
