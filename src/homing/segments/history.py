"""Who came and who left, day by day? Told from the segment's own events, and anchored at who is in it now.

Entering and leaving are events. Two members who turn out to be one person are one member afterwards, and no event says
so; that is `joined`. Sizes are counted backwards from the members the stream keeps, so the newest is exact. A segment
that was changed or published anew brings all its members in at that instant: it shows as one tall day.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, func, select

from homing.core.errors import InvalidInput
from homing.core.query import Query
from homing.core.time import from_us, zone_of
from homing.storage.schema import segment_member

MAX_DAYS = 1_100
ENTERED, LEFT = "Segment Entered", "Segment Left"
_OF_SEGMENT = """
SELECT happened_us, name = 'Segment Entered' AS entered, count(*) AS n FROM event_fact
WHERE source_id = 'homing' AND name IN ('Segment Entered', 'Segment Left') AND happened_us <= $at
  AND variant_extract(properties, 'segment')::VARCHAR = $segment
GROUP BY ALL ORDER BY ALL"""
_OF_CUSTOMER = """
SELECT variant_extract(properties, 'segment')::VARCHAR AS segment, name = 'Segment Entered' AS entered, happened_us
FROM events
WHERE source_id = 'homing' AND name IN ('Segment Entered', 'Segment Left') AND customer_id = $customer
ORDER BY happened_us DESC, log_offset DESC LIMIT $rows"""


class Asks(Protocol):
    """What answers a query: the warehouse."""

    def ask(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows of a query."""


@dataclass(frozen=True, slots=True)
class Day:
    """One local day of a segment."""

    day: date
    entered: int
    left: int
    size: int  # at its end; of the last day, now


@dataclass(frozen=True, slots=True)
class History:
    """The days of a segment, oldest first."""

    days: tuple[Day, ...]
    members: int
    joined: int  # entered, never left, and not a member of their own now: they turned out to be somebody else


@dataclass(frozen=True, slots=True)
class Passage:
    """A customer entered or left a segment."""

    segment_id: str
    entered: bool
    at_us: int


def history(warehouse: Asks, conn: Connection, segment: str, *, days: int, now_us: int, zone: str) -> History:
    """How a segment has grown and shrunk.

    Args:
        warehouse: holds the events.
        conn: reads the members.
        segment: its id.
        days: local days, the last being today, 1 to 1,100.
        now_us: the instant.
        zone: whose days.

    Raises:
        InvalidInput: `days` is out of range.
    """
    if not 1 <= days <= MAX_DAYS:
        raise InvalidInput(f"days is {days}, wanted 1 .. {MAX_DAYS}", field="days")
    place = zone_of(zone)
    came: dict[date, int] = defaultdict(int)
    went: dict[date, int] = defaultdict(int)
    total = 0
    for at_us, entered, n in warehouse.ask(Query(_OF_SEGMENT, {"at": now_us, "segment": segment})):
        day = from_us(at_us).astimezone(place).date()
        (came if entered else went)[day] += n
        total += n if entered else -n
    rows = select(func.count()).select_from(segment_member).where(segment_member.c.segment_id == segment)
    members = int(conn.execute(rows).scalar_one())
    today = from_us(now_us).astimezone(place).date()
    size, out = members, []
    for back in range(days):
        day = today - timedelta(days=back)
        out.append(Day(day, came[day], went[day], max(0, size)))
        size -= came[day] - went[day]
    return History(tuple(reversed(out)), members, max(0, total - members))


def passages(warehouse: Asks, customer_id: str, *, limit: int = 200) -> list[Passage]:
    """When a customer entered and left which segments, newest first."""
    rows = warehouse.ask(Query(_OF_CUSTOMER, {"customer": customer_id, "rows": limit}))
    return [Passage(str(segment), bool(entered), int(at)) for segment, entered, at in rows]
