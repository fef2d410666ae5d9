"""How is one group of messages taken from the ledger and put back? Three transactions around the calls to a channel.

1. claim: everything is asked again at the real instant (still wanted? permit? quiet hours?), what may go becomes
   `handing` and its text is kept. 2. after the calls: the outcome of each. 3. once the outcomes stand in the log as
events: `logged`. A crash between any two leaves rows that say where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from homing.act import gate
from homing.act.channels import Message
from homing.act.content import Unwritten
from homing.act.journeys.visits import EXITED
from homing.act.ledger import ACCEPTED, BOUNCED, FAILED, HANDING, QUEUED, REFUSED, UNKNOWN, stamp
from homing.core.errors import Refused
from homing.core.event import Event, own_event
from homing.core.settings import Settings
from homing.core.time import DAY
from homing.govern import Permit, permit
from homing.storage.schema import customer, journey_visit, message, send
from homing.storage.state.store import upsert

MAX_AGE_US = 3 * DAY  # what could not be handed over by then is not wanted any more
_NEXT_DUE = select(send.c.channel, func.min(send.c.next_try_us)).where(send.c.status == QUEUED).group_by(send.c.channel)
NAMES = {
    ACCEPTED: ("sent", "Message Sent"),
    REFUSED: ("refused", "Message Refused"),
    BOUNCED: ("bounced", "Message Bounced"),
    FAILED: ("failed", "Message Failed"),
    UNKNOWN: ("unknown", "Message Unknown"),
}


@dataclass(frozen=True, slots=True)
class Ready:
    """A message that may leave."""

    row: Any
    message: Message
    permit: Permit


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a send; back to the queue when `next_try_us` is set."""

    row: Any
    status: str
    reason: str | None = None
    next_try_us: int | None = None
    tried: bool = False


def due(conn: Connection, channel: str, now_us: int, limit: int) -> Sequence[Any]:
    """The sends of a channel whose turn it is, the longest waiting first."""
    s = send.c
    return conn.execute(
        select(send)
        .where(s.status == QUEUED, s.next_try_us <= now_us, s.channel == channel)
        .order_by(s.next_try_us, s.decided_us, s.send_key)
        .limit(limit)
    ).all()


def next_due(conn: Connection) -> dict[str, int]:
    """Channel to when its next queued send may be tried; a channel with none is left out."""
    return {channel: int(at) for channel, at in conn.execute(_NEXT_DUE)}


def claim(
    conn: Connection, written: Mapping[str, Message | Unwritten], settings: Settings, now_us: int
) -> tuple[list[Ready], list[Outcome]]:
    """Ask everything again; what may go is `handing` from here on, the rest has an outcome."""
    ready: list[Ready] = []
    outcomes: list[Outcome] = []
    rows = conn.execute(select(send).where(send.c.send_key.in_(list(written)), send.c.status == QUEUED)).all()
    left = _left(conn, {r.visit_id for r in rows})
    zones = _zones(conn, {r.customer_id for r in rows}, settings.zone)
    for row in sorted(rows, key=lambda r: (r.next_try_us, r.decided_us, r.send_key)):
        words = written[row.send_key]
        zone = zones.get(row.customer_id, settings.zone)
        answer = (
            _unwanted(row, words, now_us, left=row.visit_id in left)
            or _night(row, zone, settings, now_us)
            or _leave(conn, row, settings, now_us)
        )
        if isinstance(answer, Permit) and isinstance(words, Message):
            ready.append(Ready(row, words, answer))
        elif isinstance(answer, Outcome):
            outcomes.append(answer)
    changed = stamp(conn, now_us)
    _write(conn, outcomes, now_us, changed)
    if ready:
        keys = [{"k": r.row.send_key} for r in ready]
        handing = {"status": HANDING, "handing_us": now_us, "changed_us": changed}
        conn.execute(update(send).where(send.c.send_key == bindparam("k")).values(handing), keys)
        upsert(conn, message, [_kept(r.message, now_us) for r in ready])
    return ready, outcomes


def settle(conn: Connection, outcomes: Sequence[Outcome], now_us: int) -> None:
    """Write down what became of the calls."""
    _write(conn, outcomes, now_us, stamp(conn, now_us))


def mark_logged(conn: Connection, keys: Iterable[str]) -> None:
    """The outcomes of these sends stand in the log."""
    rows = [{"k": key} for key in keys]
    if rows:
        conn.execute(update(send).where(send.c.send_key == bindparam("k")).values(logged=1), rows)


def events_of(outcomes: Iterable[Outcome], now_us: int) -> list[Event]:
    """What the log is told; sends that go back to the queue are not told of."""
    return [event_of(o.row, o.status, o.reason, now_us) for o in outcomes if o.next_try_us is None]


def event_of(row: Any, status: str, reason: str | None, now_us: int) -> Event:
    """The event of an outcome; its id follows from the send, so telling again changes nothing."""
    short, name = NAMES[status]
    told: dict[str, Any] = {
        "send_key": row.send_key,
        "channel": row.channel,
        "journey": row.journey_id,
        "node": row.node,
        "campaign": row.campaign_id,
        "content": row.content_id,
        "arm": (row.vars or {}).get("arm"),
        "reason": reason,
    }
    if status == BOUNCED:
        told |= {"address": row.address, "bounce": "hard"}
    facts = {k: v for k, v in told.items() if v is not None}
    return own_event(f"{short}:{row.send_key}", name, row.customer_id, now_us, facts)


# -- inside ------------------------------------------------------------------------------------------------------------
def _unwanted(row: Any, words: Message | Unwritten, now_us: int, *, left: bool) -> Outcome | None:
    if now_us - row.decided_us > MAX_AGE_US:
        return Outcome(row, FAILED, "expired")
    if left:
        return Outcome(row, REFUSED, "left_journey")
    return Outcome(row, FAILED, words.reason) if isinstance(words, Unwritten) else None


def _night(row: Any, zone: str, settings: Settings, now_us: int) -> Outcome | None:
    quiet = None if row.purpose == gate.SERVICE else gate.quiet_until(now_us, zone, settings.quiet_hours)
    return None if quiet is None else Outcome(row, QUEUED, "quiet_hours", quiet)


def _leave(conn: Connection, row: Any, settings: Settings, now_us: int) -> Permit | Outcome:
    try:
        return permit(conn, row.customer_id, row.channel, row.purpose, row.address, now_us, settings.consent_default)
    except Refused as error:
        return Outcome(row, REFUSED, str(error.details.get("reason") or "no_consent"))


def _write(conn: Connection, outcomes: Sequence[Outcome], now_us: int, changed: int) -> None:
    rows = [
        {
            "k": o.row.send_key,
            "s": o.status,
            "r": o.reason,
            "n": o.row.next_try_us if o.next_try_us is None else o.next_try_us,
            "a": o.row.attempts + o.tried,
            "t": now_us if o.status == ACCEPTED else None,
        }
        for o in outcomes
    ]
    if rows:
        values = {
            "status": bindparam("s"),
            "reason": bindparam("r"),
            "next_try_us": bindparam("n"),
            "attempts": bindparam("a"),
            "accepted_us": bindparam("t"),
            "changed_us": changed,
        }
        conn.execute(update(send).where(send.c.send_key == bindparam("k")).values(values), rows)


def _left(conn: Connection, visits: set[str]) -> set[str]:
    """Visits that ended before their end: their messages are not wanted any more."""
    v = journey_visit.c
    found = conn.execute(select(v.visit_id).where(v.visit_id.in_(visits), v.state == EXITED))
    return set(found.scalars())


def _zones(conn: Connection, ids: set[str], default: str) -> dict[str, str]:
    rows = conn.execute(select(customer.c.customer_id, customer.c.traits).where(customer.c.customer_id.in_(ids)))
    return {r.customer_id: gate.zone_or((r.traits or {}).get("timezone", [None])[0], default) for r in rows}


def _kept(text: Message, now_us: int) -> dict[str, Any]:
    return {
        "send_key": text.key,
        "subject": text.subject,
        "html": text.html,
        "text": text.text,
        "headers": dict(text.headers),
        "rendered_us": now_us,
    }
