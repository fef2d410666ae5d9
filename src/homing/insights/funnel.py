"""Of the people who did the first thing, how many went on to the second, the third, in order and in time?

The window begins with the first step. Of all starts that could carry a person to a step only the latest matters: it
leaves the most time for what follows. So each step keeps one start an event, and one ordered join a step is exact.
Steps at one instant count as in order. The time between two steps is measured to the first time a person reached the
later one, from the nearest time before that at which the earlier one was reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from homing.core.errors import InvalidInput
from homing.core.query import Query
from homing.core.time import SECOND, duration_us
from homing.storage.warehouse import Warehouse

MAX_STEPS = 10

_STEP = """SELECT customer_id, happened_us AS ts, log_offset AS o FROM events
  WHERE name = $step{n} AND customer_id IS NOT NULL AND happened_us BETWEEN $since AND $as_of"""
_FIRST = """l1 AS MATERIALIZED (
  SELECT customer_id, ts, o, ts AS start, ts AS before FROM (
  {step})
)"""
_NEXT = """l{n} AS MATERIALIZED (
  SELECT e.customer_id, e.ts, e.o, l.start, l.ts AS before FROM (
  {step}) e
  ASOF JOIN l{m} l ON e.customer_id = l.customer_id AND e.ts >= l.ts
  WHERE e.ts - l.start <= $window
)"""
_COUNT = """SELECT {n} AS step, count(*) AS people, median(gap) AS gap FROM (
  SELECT customer_id, arg_min(ts - before, (ts, o)) AS gap FROM l{n} GROUP BY customer_id)"""


@dataclass(frozen=True, slots=True)
class Funnel:
    """The question: which steps, within how long after the first.

    Args:
        steps: event names, each once, 2 .. 10 of them.
        window: a duration such as `7d`; the last step may come at most so long after the first.
        since_us: events before it do not count; None means from the beginning.
    """

    steps: tuple[str, ...]
    window: str = "7d"
    since_us: int | None = None

    def query(self, as_of_us: int) -> Query:
        """The statement: one row a step with its number, people and the median gap in microseconds.

        Raises:
            InvalidInput: too few or too many steps, one named twice, or a window that is no duration.
        """
        n = len(self.steps)
        if not 2 <= n <= MAX_STEPS:
            raise InvalidInput(f"a funnel of {n} steps, wanted 2 .. {MAX_STEPS}", field="steps")
        if len(set(self.steps)) < n or not all(self.steps):
            raise InvalidInput("a step that is empty or named twice, wanted each event once", field="steps")
        window = duration_us(self.window)
        if window <= 0:
            raise InvalidInput("a window of no length, wanted one above zero", field="window")
        levels = [_FIRST.format(step=_STEP.format(n=1))]
        levels += [_NEXT.format(n=k, m=k - 1, step=_STEP.format(n=k)) for k in range(2, n + 1)]
        counts = "\nUNION ALL\n".join(_COUNT.format(n=k) for k in range(1, n + 1))
        named: dict[str, Any] = {f"step{k}": name for k, name in enumerate(self.steps, start=1)}
        return Query(
            "WITH " + ",\n".join(levels) + f"\n{counts}\nORDER BY step",
            {**named, "window": window, "since": self.since_us or 0, "as_of": as_of_us},
        )


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many people reached a step; shares are None where there is nobody to share."""

    name: str
    people: int
    share_of_first: float | None
    share_of_previous: float | None
    median_seconds: float | None  # from the step before; None for the first step and where nobody came


@dataclass(frozen=True, slots=True)
class FunnelResult:
    """The answer, with the statement that gave it."""

    steps: tuple[FunnelStep, ...]
    as_of_us: int
    sql: str


def funnel(warehouse: Warehouse, asked: Funnel, as_of_us: int) -> FunnelResult:
    """Answer the question as of an instant."""
    query = asked.query(as_of_us)
    steps: list[FunnelStep] = []
    for number, people, gap in warehouse.ask(query):
        first = steps[0].people if steps else people
        previous = steps[-1].people if steps else people
        steps.append(
            FunnelStep(
                name=asked.steps[number - 1],
                people=people,
                share_of_first=people / first if first else None,
                share_of_previous=people / previous if previous else None,
                median_seconds=gap / SECOND if gap is not None and number > 1 else None,
            )
        )
    return FunnelResult(tuple(steps), as_of_us, query.sql)
