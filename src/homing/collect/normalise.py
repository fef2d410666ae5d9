"""What did a person mean who typed this into a table? Numbers, times, yes and no, and the many words for "nothing".

One meaning or an error: "1,234.50" and "¥1,234.5" are numbers, "12 or so" is none. A date written 3/4/2026 is read in
one order for a whole column, the order its other values prove, else the region's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from homing.core.errors import InvalidInput
from homing.core.time import SECOND, to_us, zone_of

EMPTY: frozenset[str] = frozenset(
    ["", "-", "--", "—", "/", "\\", "n/a", "#n/a", "na", "nan", "null", "none", "nil", "(null)", "无", "空", "暂无",
     "未知", "不详", "没有", "未填", "未填写"]
)  # fmt: skip
_YES = frozenset(["1", "y", "yes", "true", "t", "granted", "subscribed", "opt_in", "opt-in", "opted in", "是", "同意",
                  "已同意", "订阅", "已订阅", "允许", "接受", "✓"])  # fmt: skip
_NO = frozenset(["0", "n", "no", "false", "f", "withdrawn", "unsubscribed", "opt_out", "opt-out", "opted out", "denied",
                 "否", "不同意", "拒绝", "退订", "已退订", "取消", "未订阅", "✗"])  # fmt: skip
_SIGNS = re.compile(r"[\s¥$€£元￥]|^(?:rmb|cny|usd|eur|gbp)|(?:rmb|cny|usd|eur|gbp)$", re.IGNORECASE)
_GROUPED = re.compile(r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$")
_EUROPEAN = re.compile(r"^[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d{1,2}$")
_PLAIN = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?$", re.IGNORECASE)
_BRACKETED = re.compile(r"^\((.*)\)$")
_DATE = re.compile(
    r"^(?P<a>\d{1,4})\s*[-/.年]\s*(?P<b>\d{1,2})\s*[-/.月]\s*(?P<c>\d{1,4})\s*日?"
    r"(?:[T\s,]*(?P<h>\d{1,2})\s*[:时点]\s*(?P<m>\d{1,2})\s*分?(?::?\s*(?P<s>\d{1,2})(?:[.,](?P<f>\d{1,9}))?\s*秒?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?|上午|下午)?)?\s*(?P<off>Z|UTC|GMT|[+-]\d{2}:?\d{2})?$"
)
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:[T\s]?(\d{2})(\d{2})(\d{2})?)?$")
_EPOCH = re.compile(r"^\d{9,10}(?:\.\d+)?$|^\d{13}$|^\d{16}$")
_QUARTER = 15 * 60 * SECOND
MONTH_FIRST_REGIONS = frozenset(["US", "PH", "FM"])


def blank(value: object) -> bool:
    """Does the value stand for nothing?"""
    return value is None or (isinstance(value, str) and value.strip().lower() in EMPTY)


def number(text: str) -> Decimal:
    """A number as people write it.

    Raises:
        InvalidInput: it is none.

    Example:
        >>> number("¥1,234.50"), number("1.234,5"), number("(12)")
        (Decimal('1234.50'), Decimal('1234.5'), Decimal('-12'))
    """
    plain = _SIGNS.sub("", unicodedata.normalize("NFKC", text).strip())
    bracketed = _BRACKETED.match(plain)
    if bracketed:
        plain = "-" + bracketed[1]
    if _GROUPED.match(plain):
        plain = plain.replace(",", "")
    elif _EUROPEAN.match(plain):
        plain = plain.replace(".", "").replace(",", ".")
    if not _PLAIN.match(plain):
        raise InvalidInput(f"number is {text[:40]!r}, wanted digits", field="number")
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise InvalidInput(f"number is {text[:40]!r}, wanted digits", field="number") from error


def yes_or_no(value: object) -> bool:
    """Yes or no, in English, Chinese or digits.

    Raises:
        InvalidInput: it is neither.
    """
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower().removesuffix(".0")
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise InvalidInput("neither yes nor no", field="consent")


def proves_day_first(values: Iterable[str]) -> bool | None:
    """Do these dates say whether the day or the month comes first? None when they do not."""
    day = month = 0
    for value in values:
        found = _DATE.match(value.strip())
        if found and len(found["a"]) <= 2 and len(found["c"]) == 4:
            day += int(found["a"]) > 12
            month += int(found["b"]) > 12
    return None if day == month else day > month


@dataclass(frozen=True, slots=True)
class TimeReader:
    """Reads the times of one column.

    Args:
        zone: IANA name; a time without an offset is a wall time there.
        day_first: how 3/4/2026 is meant.
    """

    zone: str
    day_first: bool

    def instant(self, value: object) -> int:
        """Microseconds since 1970 UTC of text, a date, a datetime, or a count of seconds or smaller.

        Raises:
            InvalidInput: it cannot be read.
        """
        us, zoned = self.parts(value)
        return us if zoned else wall_to_us(us, self.zone)

    def parts(self, value: object) -> tuple[int, bool]:
        """Microseconds, and whether they are UTC already; else they count wall time as if it were UTC."""
        if isinstance(value, datetime):
            return (to_us(value), True) if value.tzinfo else (to_us(value.replace(tzinfo=UTC)), False)
        if isinstance(value, date):
            return to_us(datetime(value.year, value.month, value.day, tzinfo=UTC)), False
        text = unicodedata.normalize("NFKC", str(value)).strip()
        if _EPOCH.match(text):
            digits = len(text.partition(".")[0])
            return int(Decimal(text) * {13: 1000, 16: 1}.get(digits, SECOND)), True
        try:
            at = _iso(text) or self._written(text)
        except (ValueError, OverflowError) as error:
            raise InvalidInput(f"time is {text[:40]!r}, wanted one such as 2026-01-31 18:05", field="time") from error
        return (to_us(at), True) if at.tzinfo else (to_us(at.replace(tzinfo=UTC)), False)

    def _written(self, text: str) -> datetime:
        compact = _COMPACT.match(text)
        if compact:
            year, month, day, *clock = (int(p or 0) for p in compact.groups())
            return datetime(year, month, day, clock[0], clock[1], clock[2])  # noqa: DTZ001
        found = _DATE.match(text)
        if not found:
            raise ValueError(text)
        year, month, day = self._day(found["a"], found["b"], found["c"])
        hour = int(found["h"] or 0)
        half = (found["half"] or "").lower()
        if half:
            hour = hour % 12 + (12 if half.startswith("p") or half == "下午" else 0)
        micro = int((found["f"] or "0").ljust(6, "0")[:6])
        at = datetime(year, month, day, hour, int(found["m"] or 0), int(found["s"] or 0), micro)  # noqa: DTZ001
        offset = "Z" if found["off"] in {"UTC", "GMT"} else found["off"]
        return at.replace(tzinfo=datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo) if offset else at

    def _day(self, a: str, b: str, c: str) -> tuple[int, int, int]:
        if len(a) == 4:
            return int(a), int(b), int(c)
        if len(c) != 4:
            raise ValueError("a year of two digits")
        return (int(c), int(b), int(a)) if self.day_first else (int(c), int(a), int(b))


def wall_to_us(wall_us: int, zone: str) -> int:
    """The instant of a wall time given as microseconds; of a wall time that happens twice, the first."""
    return wall_us - _offset_us(wall_us // _QUARTER, zone)


@lru_cache(maxsize=200_000)
def _offset_us(quarter: int, zone: str) -> int:
    """Every clock change of our time lies on a quarter of an hour, so one look serves them all."""
    tz: ZoneInfo = zone_of(zone)
    wall = datetime.fromtimestamp(quarter * 900, UTC).replace(tzinfo=tz)
    offset = wall.utcoffset()
    return 0 if offset is None else round(offset.total_seconds()) * SECOND


def _iso(text: str) -> datetime | None:
    if len(text) < 10 or text[4:5] != "-":
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
