"""How do the customers spread over recency and frequency, and how many are in each named segment?

Asked of the warehouse at an instant, so the picture is as fresh as the question; the `rfm_*` traits are those of the
last night.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from homing.core.query import Query
from homing.profile.rfm import SCORES, SEGMENTS, segment_of
from homing.storage.warehouse import Warehouse

_SQL = f"""
SELECT r, f, m, count(*) AS people, CAST(sum(revenue) AS DOUBLE) AS revenue
FROM ({SCORES})
GROUP BY r, f, m ORDER BY r, f, m
"""


@dataclass(frozen=True, slots=True)
class RfmCell:
    """One named segment; `core.words` has its name."""

    name: str
    people: int
    revenue: float


@dataclass(frozen=True, slots=True)
class RfmSpot:
    """How many people have this recency and frequency score."""

    r: int
    f: int
    people: int


@dataclass(frozen=True, slots=True)
class RfmGrid:
    """The whole picture; every named segment stands in it, the empty ones too."""

    cells: tuple[RfmCell, ...]
    grid: tuple[RfmSpot, ...]
    people: int
    as_of_us: int


def rfm_grid_query(as_of_us: int, currency: str) -> Query:
    """People and money by the three scores."""
    return Query(_SQL, {"as_of": as_of_us, "currency": currency})


def rfm_grid(warehouse: Warehouse, as_of_us: int, currency: str) -> RfmGrid:
    """The spread of everybody with an order by then."""
    people: Counter[str] = Counter()
    revenue: dict[str, float] = dict.fromkeys(SEGMENTS, 0.0)
    spots: Counter[tuple[int, int]] = Counter()
    for r, f, m, n, spent in warehouse.ask(rfm_grid_query(as_of_us, currency)):
        name = segment_of(r, f, m)
        people[name] += n
        revenue[name] += spent
        spots[r, f] += n
    return RfmGrid(
        tuple(RfmCell(name, people[name], round(revenue[name], 4)) for name in SEGMENTS),
        tuple(RfmSpot(r, f, spots[r, f]) for r in range(5, 0, -1) for f in range(1, 6)),
        people.total(),
        as_of_us,
    )
