"""How does one figure move from day to day? The days before the first event are left out, not zero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from homing.core.errors import InvalidInput
from homing.insights.metrics import DayFigures, overview_days
from homing.storage.warehouse import Warehouse

Metric = str
METRICS: tuple[Metric, ...] = ("orders", "revenue", "events", "customers", "sends", "opened", "clicked")


@dataclass(frozen=True, slots=True)
class Trend:
    """One figure a day; the last day is not over at `as_of_us`."""

    metric: Metric
    points: tuple[tuple[date, float], ...]
    as_of_us: int


def trend(warehouse: Warehouse, metric: Metric, days: int, as_of_us: int, *, zone: str, currency: str) -> Trend:
    """The figure over the last `days` local days.

    Raises:
        InvalidInput: there is no such figure, or too many days.
    """
    if metric not in METRICS:
        raise InvalidInput(f"metric is {metric[:40]!r}, wanted one of {', '.join(METRICS)}", field="metric")
    rows = overview_days(warehouse, days, as_of_us, zone=zone, currency=currency)
    first = next((n for n, row in enumerate(rows) if _any(row)), len(rows))
    return Trend(metric, tuple((row.day, float(getattr(row, metric))) for row in rows[first:]), as_of_us)


def _any(row: DayFigures) -> bool:
    return any((row.events, row.orders, row.sends))
