"""Does a source bring what it should, as often as it should? What the stream rules find over all that came.

freshness: nothing came for longer than allowed. volume: the events of a finished day against the same weekdays before
it, by a robust z-score: z = (today - median) / s, s = max(1.4826 * MAD, sqrt(median), 1). The median and the MAD
(median absolute deviation) are not moved by one odd week; sqrt(median) is the noise that a count has anyway. With fewer
than `MIN_DAYS` such weekdays since the source began nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from math import sqrt
from statistics import median
from typing import Any, NamedTuple

from homing.collect.definitions.rules import Freshness, Rules, Volume
from homing.collect.quality.score import bounds
from homing.core.query import Query
from homing.core.time import duration_us, iso, local_day
from homing.storage.warehouse import Warehouse

MIN_DAYS = 4
NAME = "Data Quality Alert Raised"
_LAST = "SELECT max(received_us) FROM event_fact WHERE source_id = $source AND ($event = '' OR name = $event)"
_FIRST = "SELECT min(happened_us) FROM event_fact WHERE source_id = $source AND ($event = '' OR name = $event)"
_COUNT = """
SELECT count(*) FROM event_fact WHERE source_id = $source AND ($event = '' OR name = $event)
  AND happened_us >= $start AND happened_us < $until"""


class Finding(NamedTuple):
    """One thing that a stream rule found."""

    source: str
    code: str  # rule_freshness | rule_volume
    event: str
    by: str
    day: date
    facts: dict[str, Any]

    def key(self) -> str:
        """The same finding on the same day is the same."""
        return f"quality:{self.by}:{self.code}:{self.source}:{self.event}:{self.day.isoformat()}"

    def as_dict(self) -> dict[str, Any]:
        """The finding as it is kept and shown."""
        return {"code": self.code, "event": self.event, "by": self.by, **self.facts}


class Oddness(NamedTuple):
    """How unlike the others a count is; `n` of them were looked at."""

    z: float
    median: float
    mad: float
    n: int


def oddness(count: int, others: list[int]) -> Oddness | None:
    """A count against the same weekdays before it; None when there are fewer than `MIN_DAYS`.

    Source:
        Iglewicz & Hoaglin (1993), How to Detect and Handle Outliers: the modified z-score; limit 3.5.

    Example:
        >>> oddness(20, [100, 104, 96, 99, 300, 101]).z < -3.5, oddness(5, [5, 5])
        (True, None)
    """
    if len(others) < MIN_DAYS:
        return None
    middle = median(others)
    mad = median(abs(x - middle) for x in others)
    scale = max(1.4826 * mad, sqrt(middle), 1.0)
    return Oddness((count - middle) / scale, float(middle), float(mad), len(others))


def find(warehouse: Warehouse, rules: Iterable[Rules], now_us: int, zone: str) -> list[Finding]:
    """What the stream rules find at an instant: freshness now, volume on the day before."""
    out: list[Finding] = []
    today = local_day(now_us, zone)
    for document in rules:
        by = f"rules:{document.id}"
        for rule in document.rules:
            if isinstance(rule, Freshness):
                facts = _stale(warehouse, document.source, rule, now_us)
                if facts is not None:
                    out.append(Finding(document.source, "rule_freshness", rule.event, by, today, facts))
            elif isinstance(rule, Volume):
                day = today - timedelta(days=1)
                facts = _odd(warehouse, document.source, rule, day, zone)
                if facts is not None:
                    out.append(Finding(document.source, "rule_volume", rule.event, by, day, facts))
    return out


def _stale(warehouse: Warehouse, source: str, rule: Freshness, now_us: int) -> dict[str, Any] | None:
    ((last,),) = warehouse.ask(Query(_LAST, {"source": source, "event": rule.event}))
    if last is not None and now_us - last <= duration_us(rule.within):
        return None
    return {"last_at": iso(last) if last is not None else None, "within": rule.within}


def _odd(warehouse: Warehouse, source: str, rule: Volume, day: date, zone: str) -> dict[str, Any] | None:
    asked = {"source": source, "event": rule.event}
    ((first,),) = warehouse.ask(Query(_FIRST, asked))
    if first is None:
        return None

    def count(on: date) -> int:
        start, until = bounds(on, zone)
        return int(warehouse.ask(Query(_COUNT, asked | {"start": start, "until": until}))[0][0])

    weekdays = [day - timedelta(weeks=back) for back in range(1, rule.weeks + 1)]
    others = [count(on) for on in weekdays if bounds(on, zone)[0] >= first]
    counted = count(day)
    found = oddness(counted, others)
    if found is None or abs(found.z) <= rule.limit:
        return None
    return {"count": counted, "median": found.median, "mad": found.mad, "z": round(found.z, 2), "n": found.n,
            "limit": rule.limit, "day": day.isoformat()}  # fmt: skip
