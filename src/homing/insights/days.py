"""Which local days are meant? A day runs from midnight to midnight in the workspace's zone, so 23 to 25 hours.

The engine is given the instants at which days begin; it never computes a date itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from homing.core.errors import InvalidInput
from homing.core.time import local_day, local_instant

MAX_DAYS = 1100
MIDNIGHT = time(0, 0)


@dataclass(frozen=True, slots=True)
class Days:
    """Consecutive local days, the last of them unfinished when it holds `as_of_us`."""

    dates: tuple[date, ...]
    starts_us: tuple[int, ...]

    @property
    def params(self) -> dict[str, object]:
        """What the statements call $starts and $since."""
        return {"starts": list(self.starts_us), "since": self.starts_us[0]}


def last_days(n: int, as_of_us: int, zone: str) -> Days:
    """The `n` local days up to and including that of `as_of_us`.

    Raises:
        InvalidInput: `n` is not 1 .. MAX_DAYS.
    """
    if not 1 <= n <= MAX_DAYS:
        raise InvalidInput(f"days is {n}, wanted 1 .. {MAX_DAYS}", field="days")
    today = local_day(as_of_us, zone)
    dates = tuple(today - timedelta(days=back) for back in range(n - 1, -1, -1))
    return Days(dates, tuple(local_instant(day, MIDNIGHT, zone) for day in dates))
