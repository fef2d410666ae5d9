"""What are today, this week and the last n days of somebody who lives in a zone, and what does her clock show?

A local day begins at the first instant of its midnight (where a clock change skips midnight, at the next minute that
exists) and ends where the next begins. A week begins on Monday. A calendar window holds what happened from its
beginning up to its end or up to now, whichever comes first; today counts among the last n days. Everything is computed
from instants, so the stream and the warehouse cannot differ.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache

from homing.core.errors import InvalidInput
from homing.core.time import DAY, MINUTE, SECOND, from_us, local_day, local_instant, time_of_day, zone_of

MAX_DAYS = 3_650
FAR = 1 << 62  # microseconds; later than any clock
_LAST = re.compile(r"last_([1-9][0-9]{0,3})_days")
_FIXED = frozenset({"today", "yesterday", "this_week", "last_week", "this_month", "last_month"})
_LENGTH = {"today": 1, "yesterday": 2, "this_week": 7, "last_week": 14, "this_month": 31, "last_month": 62}
_SLACK = 3  # days: a customer who moves to another zone, and clock changes
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Zones:
    """Whose calendar it is: the zone of those who name none, and the zones that are named."""

    default: str = "UTC"
    names: tuple[str, ...] = ()

    def of(self, said: object) -> str:
        """The zone of a customer whose trait says this."""
        return said if isinstance(said, str) and is_zone(said) else self.default


@lru_cache(maxsize=4096)
def is_zone(name: str) -> bool:
    """Whether there is such a zone."""
    try:
        zone_of(name)
    except InvalidInput:
        return False
    return True


def check_during(text: str) -> str:
    """The name of a calendar window, as it was given.

    Raises:
        ValueError: there is no such window.
    """
    if text in _FIXED or 1 <= days_of(text) <= MAX_DAYS:
        return text
    raise ValueError(
        f"during is {text[:40]!r}, wanted today, yesterday, this_week, last_week, this_month, last_month or"
        f" last_N_days with N in 1 .. {MAX_DAYS}"
    )


def days_of(during: str) -> int:
    """The n of `last_n_days`; 0 for every other window."""
    found = _LAST.fullmatch(during)
    return int(found[1]) if found else 0


def minute_of(text: str) -> int:
    """`HH:MM` as a minute of the day; 24:00 is the last one's end.

    Raises:
        ValueError: the text is no time of day.
    """
    if text == "24:00":
        return 24 * 60
    try:
        at = time_of_day(text)
    except InvalidInput as error:
        raise ValueError(error.message) from error
    return at.hour * 60 + at.minute


def horizon_us(during: str) -> int:
    """How far back an event can lie and still be inside now or later, in whatever zone."""
    return ((days_of(during) or _LENGTH[during]) + _SLACK) * DAY


@lru_cache(maxsize=100_000)
def day_start(day: date, zone: str) -> int:
    """The first instant of a local day."""
    return local_instant(day, _MIDNIGHT, zone)


def day_at(us: int, zone: str) -> date:
    """The local day an instant lies in: the last that has begun."""
    day = local_day(us, zone)
    if day_start(day + timedelta(days=1), zone) <= us:
        return day + timedelta(days=1)
    return day if day_start(day, zone) <= us else day - timedelta(days=1)


def bounds(during: str, now_us: int, zone: str) -> tuple[int, int]:
    """The window at an instant: from when, and from when no more."""
    first, past = _days(during, day_at(now_us, zone))
    return day_start(first, zone), day_start(past, zone)


def next_change(during: str, happened: Iterable[int], now_us: int, zone: str) -> int:
    """The earliest instant after now at which one of these past events enters or leaves the window; `FAR`: never."""
    today = day_at(now_us, zone)
    first, _ = _days(during, today)
    begin = day_start(first, zone)
    inside = [at for at in happened if at >= begin]
    if not inside:
        return FAR
    if n := days_of(during):
        return day_start(day_at(min(inside), zone) + timedelta(days=n), zone)
    if during in ("today", "yesterday"):
        turn = today + timedelta(days=1)
    elif during in ("this_week", "last_week"):
        turn = today + timedelta(days=7 - today.weekday())
    else:
        turn = _next_month(today)
    return day_start(turn, zone)


def _days(during: str, today: date) -> tuple[date, date]:
    """The first day of a window, and the first one behind it."""
    tomorrow = today + timedelta(days=1)
    if n := days_of(during):
        return tomorrow - timedelta(days=n), tomorrow
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    return {
        "today": (today, tomorrow),
        "yesterday": (today - timedelta(days=1), today),
        "this_week": (monday, monday + timedelta(days=7)),
        "last_week": (monday - timedelta(days=7), monday),
        "this_month": (first, _next_month(today)),
        "last_month": ((first - timedelta(days=1)).replace(day=1), first),
    }[during]


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


# -- the clock ---------------------------------------------------------------------------------------------------------
Shifts = tuple[tuple[int, int], ...]  # (from when, what is added to UTC), both microseconds


@lru_cache(maxsize=4096)
def _shifts_of_year(year: int, zone: str) -> Shifts:
    """What the zone adds to UTC in one UTC year, from the year's first instant."""
    tz = zone_of(zone)

    def at(second: int) -> int:
        offset = from_us(second * SECOND).astimezone(tz).utcoffset()
        return 0 if offset is None else (offset.days * 86_400 + offset.seconds) * SECOND

    start = (date(year, 1, 1) - date(1970, 1, 1)).days * 86_400
    end = (date(year + 1, 1, 1) - date(1970, 1, 1)).days * 86_400
    found, known = [(start * SECOND, at(start))], at(start)
    for day in range(start, end, 86_400):
        after = min(day + 86_400, end - 1)
        if at(after) != known:
            low, high = day, after  # at(low) is known, at(high) another
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if at(middle) == known else (low, middle)
            known = at(high)
            found.append((high * SECOND, known))
    return tuple(found)


def shift_at(us: int, zone: str) -> int:
    """What the zone adds to UTC at an instant, in microseconds."""
    shifts = _shifts_of_year(from_us(us).year, zone)
    return shifts[0][1] if len(shifts) == 1 else shifts[bisect_right(shifts, (us, FAR)) - 1][1]


def shifts_between(from_us_: int, to_us: int, zone: str) -> list[tuple[int, int, int]]:
    """What the zone adds to UTC over a stretch of time: (from when, until when, microseconds), without holes."""
    years = range(from_us(from_us_).year, from_us(to_us).year + 1)
    parts: list[tuple[int, int]] = []
    for at, shift in (one for year in years for one in _shifts_of_year(year, zone)):
        if not parts or parts[-1][1] != shift:
            parts.append((at, shift))
    ends = [at for at, _ in parts[1:]] + [FAR]
    pairs = zip(parts, ends, strict=True)
    return [(at, end, shift) for (at, shift), end in pairs if end > from_us_ and at <= to_us]


@dataclass(frozen=True, slots=True)
class Hours:
    """Times of the day, in minutes, the second not counted, and days, Monday is 0; None is any."""

    minutes: tuple[int, int] | None
    days: frozenset[int] | None

    def hold(self, us: int, zone: str) -> bool:
        """Whether the clock in the zone shows such a time at an instant.

        Example:
            >>> evening = Hours((18 * 60, 22 * 60), None)
            >>> evening.hold(12 * 3_600_000_000, "Asia/Shanghai"), evening.hold(12 * 3_600_000_000, "Europe/Oslo")
            (True, False)
        """
        local = us + shift_at(us, zone)
        within = local % DAY
        if self.days is not None and (local // DAY + 3) % 7 not in self.days:
            return False
        if self.minutes is None:
            return True
        start, end = self.minutes[0] * MINUTE, self.minutes[1] * MINUTE
        return start <= within < end if start < end else within >= start or within < end
