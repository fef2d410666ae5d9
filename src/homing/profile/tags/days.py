"""How many had a tag at the end of each day? Counted as it is given and taken, so that nobody counts again."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, func, select, tuple_

from homing.core.time import SECOND
from homing.storage.schema import tag_day as table
from homing.storage.state.store import upsert


class DayBook:
    """The running counts of every tag.

    Args:
        zone: in which a day begins.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._now: dict[str, int] = {}
        self._days: dict[str, tuple[int, list[int]]] = {}  # tag -> its newest day: [added, removed]
        self._dirty: dict[tuple[str, int], dict[str, int | str]] = {}

    def load(self, conn: Connection) -> None:
        """Read the newest day of each tag."""
        newest = select(table.c.tag_id, func.max(table.c.day)).group_by(table.c.tag_id)
        for row in conn.execute(select(table).where(tuple_(table.c.tag_id, table.c.day).in_(newest))):
            self._now[row.tag_id] = row.n
            self._days[row.tag_id] = (row.day, [row.added, row.removed])

    def count(self, tag_id: str, added: int, removed: int, now_us: int) -> None:
        """So many more have it and so many no more."""
        day = datetime.fromtimestamp(now_us // SECOND, self._zone).toordinal()
        at, sums = self._days.get(tag_id, (day, [0, 0]))
        if at < day:
            at, sums = day, [0, 0]
        sums[0] += added
        sums[1] += removed
        self._days[tag_id] = (at, sums)
        n = self._now[tag_id] = self._now.get(tag_id, 0) + added - removed
        self._dirty[tag_id, at] = {"tag_id": tag_id, "day": at, "added": sums[0], "removed": sums[1], "n": n}

    def drop(self, tag_id: str, conn: Connection) -> None:
        """The tag is no more."""
        self._now.pop(tag_id, None)
        self._days.pop(tag_id, None)
        for key in [key for key in self._dirty if key[0] == tag_id]:
            del self._dirty[key]
        conn.execute(delete(table).where(table.c.tag_id == tag_id))

    def flush(self, conn: Connection) -> None:
        """Write the days that changed."""
        upsert(conn, table, [self._dirty[key] for key in sorted(self._dirty)])
        self._dirty.clear()

    def forget(self) -> None:
        """Drop what memory holds."""
        self._now.clear()
        self._days.clear()
        self._dirty.clear()
