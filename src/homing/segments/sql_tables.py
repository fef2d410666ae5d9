"""Which tables does a statement need for calendars, clocks, circles, sequences and the first by a trait?

Days and hours are told without the engine's own calendar: for each zone that a customer names, the window's two
instants and what the zone adds to UTC are computed here and bound. So SQL and the stream use one time-zone database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from homing.core.calendar import FAR, Zones, bounds, shifts_between
from homing.core.condition import ZONE_TRAIT, Circle, Clock, Near, Top
from homing.core.geo import RADIANS, Disc
from homing.core.query import Query
from homing.core.time import DAY, MINUTE
from homing.segments.sql_values import Bind
from homing.storage.warehouse.tables import CUSTOMER_KEY

ORDER = "{'t': happened_us, 'o': log_offset}"
_TEXT = "CASE WHEN variant_typeof(said.v) = 'VARCHAR' THEN CAST(said.v AS VARCHAR) END"


def zones_said() -> Query:
    """Every text that anybody's trait ever gave as a time zone."""
    return Query(
        "SELECT DISTINCT CAST(value AS VARCHAR) FROM trait_words"
        " WHERE name = $name AND variant_typeof(value) = 'VARCHAR'",
        {"name": ZONE_TRAIT},
    )


@dataclass(slots=True)
class Calendar:
    """The zones, windows and clocks that the leaves of one statement look at."""

    at_us: int
    zones: Zones
    bind: Bind
    computed: bool = False  # the zone's trait is read from `customers`
    _windows: dict[str, str] = field(default_factory=dict)
    _clocks: bool = False

    @property
    def used(self) -> bool:
        """Whether any leaf asked for a zone."""
        return bool(self._windows) or self._clocks

    def inside(self, during: str) -> str:
        """Which events lie in a calendar window."""
        name = self._windows.setdefault(during, f"w{len(self._windows)}")
        return f"happened_us >= {name}b AND happened_us < {name}e"

    def earliest(self, during: str) -> int:
        """When the window begins in the zone where it begins first."""
        return min(bounds(during, self.at_us, zone)[0] for zone in self._all())

    def shows(self, clock: Clock) -> str:
        """Which events the clock lets through."""
        self._clocks = True
        parts = []
        if clock.days is not None:
            days = ", ".join(map(str, sorted(clock.days)))
            parts.append(f"(((local_us - {_OF_DAY}) // {DAY} + 3) % 7 + 7) % 7 IN ({days})")
        if clock.minutes is not None:
            start, end = (minute * MINUTE for minute in clock.minutes)
            joint = "AND" if start < end else "OR"
            parts.append(f"({_OF_DAY} >= {start} {joint} {_OF_DAY} < {end})")
        return " AND ".join(parts)

    def columns(self) -> list[str]:
        """What the events are given for it."""
        found = [f"days.{name}{end} AS {name}{end}" for name in self._windows.values() for end in "be"]
        return found + (["happened_us + shifts.shift_us AS local_us"] if self._clocks else [])

    def joins(self) -> str:
        """How the events come by those columns."""
        default = self.bind(self.zones.default)
        hers = f"coalesce(zoned.zone, {default})" if self.zones.names else default
        sql = "\n  LEFT JOIN zoned USING (customer_id)" if self.zones.names else ""
        sql += f"\n  JOIN days ON days.zone = {hers}"
        if self._clocks:
            sql += (
                "\n  LEFT JOIN shifts ON shifts.zone = days.zone AND happened_us >= shifts.from_us"
                " AND happened_us < shifts.until_us"
            )
        return sql

    def tables(self, from_us: int) -> list[str]:
        """The tables behind them.

        Args:
            from_us: no event before it is looked at.
        """
        zones = self._all()
        columns = f"unnest({self.bind(zones)}) AS zone"
        for during, name in self._windows.items():
            limits = [bounds(during, self.at_us, zone) for zone in zones]
            columns += f", unnest({self.bind([low for low, _ in limits])}) AS {name}b"
            columns += f", unnest({self.bind([high for _, high in limits])}) AS {name}e"
        made = [f"days AS (\n  SELECT {columns}\n)"]
        if self.zones.names:
            made.append(self._zoned())
        if self._clocks:
            rows = [(zone, *one) for zone in zones for one in shifts_between(max(from_us, -FAR), self.at_us, zone)]
            names = ("zone", "from_us", "until_us", "shift_us")
            parts = (f"unnest({self.bind([row[n] for row in rows])}) AS {name}" for n, name in enumerate(names))
            made.append(f"shifts AS (\n  SELECT {', '.join(parts)}\n)")
        return made

    def _zoned(self) -> str:
        name = self.bind(ZONE_TRAIT)
        source = (
            f"SELECT customer_id, variant_extract(traits, {name}) AS v FROM customers"
            if self.computed
            else f"SELECT customer_id, arg_max({{'v': value}}, {ORDER}).v AS v FROM trait_words"
            f" WHERE name = {name} AND happened_us <= $at GROUP BY customer_id"
        )
        return (
            f"zoned AS (\n  SELECT customer_id, zone FROM (\n    SELECT customer_id, {_TEXT} AS zone"
            f" FROM ({source}) AS said\n  ) WHERE list_contains({self.bind(list(self.zones.names))}, zone)\n)"
        )

    def _all(self) -> list[str]:
        return list(dict.fromkeys((self.zones.default, *self.zones.names)))


_OF_DAY = f"((local_us % {DAY} + {DAY}) % {DAY})"


def within(circle: Circle | Near, lat: str, lng: str, bind: Bind) -> str:
    """Whether a point lies in a circle; `lat` and `lng` are expressions of numbers. See `core.geo`."""
    disc = Disc(circle.lat, circle.lng, circle.km)
    rad = bind(RADIANS)
    up, across = f"sin(({lat} - {bind(disc.lat)}) * {rad} / 2)", f"sin(({lng} - {bind(disc.lng)}) * {rad} / 2)"
    haversine = f"{up} * {up} + cos({lat} * {rad}) * {bind(disc.cosine)} * ({across} * {across})"
    return f"coalesce(abs({lat}) <= 90 AND abs({lng}) <= 180 AND {haversine} <= {bind(disc.limit)}, false)"


def chained(
    name: str, fits: Sequence[str], gaps: Sequence[int | None], *, inside: str, span_us: int | None, bind: Bind
) -> list[str]:
    """The tables that end in `name`: the customers who did the steps one after the other.

    Each step's events carry when the chain that began last and leads to them began: the largest such instant among the
    earlier events of the step before, those of the same instant by the log's order.

    Args:
        name: of the last table, and the beginning of the others' names.
        fits: which rows of `matched` fit each step.
        gaps: microseconds since the step before at most, for each step; the first is not looked at.
        inside: which rows lie in the window.
        span_us: microseconds from the first step to the last at most.
        bind: binds a value.
    """
    steps = ", ".join(f"{fit} AS s{n}" for n, fit in enumerate(fits) if n)
    made = [
        f"{name}_0 AS (\n  SELECT customer_id, happened_us, log_offset, CASE WHEN {fits[0]} THEN happened_us END AS c0,"
        f" {steps}\n  FROM matched WHERE {inside} AND ({' OR '.join(f'({fit})' for fit in fits)})\n)"
    ]
    for n in range(1, len(fits)):
        gap = gaps[n]
        begin = "UNBOUNDED" if gap is None else bind(gap)
        earlier = (
            f"max(c{n - 1}) OVER (PARTITION BY customer_id ORDER BY happened_us"
            f" RANGE BETWEEN {begin} PRECEDING AND 1 PRECEDING)"
        )
        same = (
            f"max(c{n - 1}) OVER (PARTITION BY customer_id, happened_us ORDER BY log_offset"
            " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        )
        made.append(
            f"{name}_{n} AS (\n  SELECT *, CASE WHEN s{n} THEN greatest({earlier},\n    {same}) END AS c{n}"
            f"\n  FROM {name}_{n - 1}\n)"
        )
    last = len(fits) - 1
    short = "" if span_us is None else f" AND happened_us - c{last} <= {bind(span_us)}"
    made.append(
        f"{name} AS (\n  SELECT DISTINCT customer_id, true AS {name}\n  FROM {name}_{last}"
        f" WHERE c{last} IS NOT NULL{short}\n)"
    )
    return made


def ranked(name: str, top: Top, table: str, number: str, bind: Bind) -> str:
    """The table `name`: the customers who are among the first by a number that stands in another table."""
    order = "DESC" if top.order == "highest" else "ASC"
    limit = bind(top.n) if top.n is not None else f"(people * {bind(top.hundredths)} + 9999) // 10000"
    return (
        f"{name} AS (\n  SELECT customer_id, true AS {name} FROM (\n    SELECT customer_id,"
        f" row_number() OVER (ORDER BY {number} {order}, customer_id) AS place, count(*) OVER () AS people\n"
        f"    FROM {table} WHERE {number} IS NOT NULL\n  ) WHERE place <= {limit}\n)"
    )


def sampled(bind: Callable[[object], str], below: int) -> tuple[str, str]:
    """A table `events` of a random share of all customers, and whose ids are in it.

    Args:
        bind: binds a value.
        below: of the 2^32 numbers that are made of ids, those below it are in.
    """
    limit = bind(below)
    columns = "e.kind, e.name, e.happened_us, e.log_offset, e.properties"
    winner = CUSTOMER_KEY.replace("customer_id", "a.winner")
    table = (
        f"events AS (\n  SELECT e.customer_id, {columns} FROM event_fact e"
        f" WHERE e.customer_key < {limit} AND e.customer_id NOT IN (SELECT loser FROM customer_alias)\n"
        f"  UNION ALL\n  SELECT a.winner, {columns} FROM event_fact e JOIN customer_alias a ON e.customer_id = a.loser"
        f" WHERE {winner} < {limit}\n)"
    )
    return table, f"{CUSTOMER_KEY} < {limit}"
