"""What instant is meant? Microseconds since 1970 UTC everywhere; a zone only where a person's day matters.

A local time that a clock change skips means the next minute that exists; one that happens twice means the first.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from homing.core.errors import InvalidInput

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MIDNIGHT = time(0)
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
_DURATION = re.compile(r"^\s*(\d{1,6})\s*([smhdw])\s*$")
_TIME_OF_DAY = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)$")


def to_us(at: datetime) -> int:
    """An aware datetime as microseconds since the epoch."""
    if at.tzinfo is None:
        raise InvalidInput("a time without a zone, wanted one with a zone", field="time")
    delta = at - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds


FIRST = to_us(datetime.min.replace(tzinfo=UTC))  # no calendar of ours goes beyond these two
LAST = to_us(datetime.max.replace(tzinfo=UTC))


def from_us(us: int) -> datetime:
    """Microseconds since the epoch as an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=us)


def iso(us: int) -> str:
    """Microseconds as ISO 8601 in UTC with milliseconds, the form every door speaks."""
    day, rest = divmod(us // 1_000, 86_400_000)
    seconds, milli = divmod(rest, 1_000)
    return f"{_date(day)}T{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milli:03}Z"


@lru_cache(maxsize=4_096)
def _date(day: int) -> str:
    return from_us(day * DAY).date().isoformat()


def parse_iso(text: str, *, zone: str = "UTC") -> int:
    """ISO 8601 text as microseconds; text without an offset is read in `zone`.

    Raises:
        InvalidInput: the text is no ISO 8601 time.
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput(f"time is {text[:40]!r}, wanted ISO 8601", field="timestamp") from error
    return to_us(at if at.tzinfo else at.replace(tzinfo=zone_of(zone)))


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo:
    """The IANA zone of that name.

    Raises:
        InvalidInput: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(f"zone is {name[:60]!r}, wanted an IANA name such as Asia/Shanghai", field="zone") from error


def duration_us(text: str) -> int:
    """`30d`, `12h`, `15m`, `45s`, `2w` as microseconds; a day is exactly 24 hours.

    Raises:
        InvalidInput: the text is no duration.

    Example:
        >>> duration_us("2h") == 2 * HOUR
        True
    """
    found = _DURATION.match(text)
    if not found:
        raise InvalidInput(
            f"duration is {text[:40]!r}, wanted a number and s, m, h, d or w, such as 30d", field="within"
        )
    return int(found[1]) * _UNITS[found[2]]


def time_of_day(text: str) -> time:
    """`HH:MM` as a time.

    Raises:
        InvalidInput: the text is no time of day.
    """
    found = _TIME_OF_DAY.match(text.strip())
    if not found:
        raise InvalidInput(f"time of day is {text[:20]!r}, wanted HH:MM", field="time")
    return time(int(found[1]), int(found[2]))


def local_instant(day: date, at: time, zone: str) -> int:
    """The instant of a local wall time; in a gap the next minute that exists, in a fold the first."""
    tz = zone_of(zone)
    wall = datetime.combine(day, at)
    for _ in range(24 * 60):
        candidate = wall.replace(tzinfo=tz, fold=0)
        if candidate.astimezone(UTC).astimezone(tz).replace(tzinfo=None) == wall:
            return to_us(candidate)
        wall += timedelta(minutes=1)
    raise InvalidInput(f"no such local time near {wall:%Y-%m-%d} in {zone}", field="time")


def end_of(text: str, zone: str) -> int:
    """The instant a day written `YYYY-MM-DD` is over in `zone`, or the instant that is written; FIRST .. LAST.

    Raises:
        InvalidInput: the text is neither.

    Example:
        >>> iso(end_of("2026-12-31", "Asia/Shanghai")), iso(end_of("9999-12-31", "UTC"))
        ('2026-12-31T16:00:00.000Z', '9999-12-31T23:59:59.999Z')
    """
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return max(FIRST, min(LAST, parse_iso(text, zone=zone)))
    try:
        return local_instant(day + timedelta(days=1), _MIDNIGHT, zone)
    except OverflowError:
        return FIRST if day.year == 1 else LAST


def next_local(now_us: int, at: time, zone: str) -> int:
    """The first instant at or after `now_us` whose local wall time in `zone` is `at`."""
    today = from_us(now_us).astimezone(zone_of(zone)).date()
    for ahead in range(-1, 3):
        due = local_instant(today + timedelta(days=ahead), at, zone)
        if due >= now_us:
            return due
    raise InvalidInput(f"no {at} within two days in {zone}", field="time")


def local_day(us: int, zone: str) -> date:
    """The calendar day of an instant in `zone`."""
    return from_us(us).astimezone(zone_of(zone)).date()


def local_hour(us: int, zone: str) -> int:
    """The hour of day, 0 .. 23, of an instant in `zone`."""
    return from_us(us).astimezone(zone_of(zone)).hour
