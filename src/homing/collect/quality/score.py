"""How good is what a source sent on a day? Four shares, each with its n, and their weighted mean.

completeness: of the values that an event of its name should have, those it has.
validity: of all that came, what was neither refused nor marked by plan or rules.
uniqueness: of what was taken, what is no copy: the same content, or the same order, under another id.
timeliness: of what was taken, what came within a day of happening; not asked on days a file of history came.

A part that could not be judged is absent and its weight goes to the others; a day on which nothing came has no score.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select

from homing.collect.definitions.plan import Plan
from homing.core.event import OWN_SOURCE
from homing.core.query import Query
from homing.core.time import DAY, local_day, local_instant
from homing.storage.schema import import_run, rejected
from homing.storage.state import State
from homing.storage.warehouse import Warehouse

WEIGHTS = {"completeness": 0.3, "validity": 0.4, "uniqueness": 0.2, "timeliness": 0.1}
TIMELY_US = DAY
CUSTOMER = "customer_id"
STANDARD: dict[str, tuple[str, ...]] = {
    "Order Completed": (CUSTOMER, "order_id", "revenue", "currency", "products"),
    "Order Refunded": (CUSTOMER, "order_id", "currency"),
    "Product Viewed": (CUSTOMER, "product_id"),
    "Product Added": (CUSTOMER, "product_id"),
    "Checkout Started": (CUSTOMER,),
    "Product Updated": ("product_id", "name"),
}
_TAKEN = """
SELECT source_id, count(*), count(*) FILTER (variant_extract(context, 'violations') IS NOT NULL),
  count(DISTINCT CASE WHEN name = 'Order Completed' AND order_id IS NOT NULL THEN hash(order_id)
    ELSE hash(kind, name, ids, happened_us, CAST(properties AS VARCHAR), CAST(traits AS VARCHAR)) END),
  count(*) FILTER (received_us - happened_us <= $timely)
FROM event_fact WHERE received_us >= $start AND received_us < $until AND source_id <> $own GROUP BY source_id"""

_PRESENT = """
SELECT DISTINCT name FROM event_fact WHERE received_us >= $start AND received_us < $until AND source_id <> $own"""


class Part(NamedTuple):
    """One share of a score, with its n."""

    share: float
    n: int


class DayOfSource(NamedTuple):
    """What a source sent on one day."""

    source: str
    received: int
    rejected: int
    warned: int
    parts: dict[str, Part]
    score: float | None


def score_of(parts: Mapping[str, Part]) -> float | None:
    """The weighted mean of the parts there are; None without any.

    Example:
        >>> round(score_of({"validity": Part(0.9, 100), "uniqueness": Part(1.0, 90)}), 4)
        0.9333
    """
    weight = sum(WEIGHTS[name] for name in parts)
    return sum(WEIGHTS[name] * part.share for name, part in parts.items()) / weight if weight else None


def bounds(day: date, zone: str) -> tuple[int, int]:
    """The first instant of a day in a zone, and of the next."""
    return local_instant(day, time(0), zone), local_instant(day + timedelta(days=1), time(0), zone)


def days_before(now_us: int, days: int, zone: str) -> list[date]:
    """The newest `days` days, today included, oldest first."""
    today = local_day(now_us, zone)
    return [today - timedelta(days=back) for back in range(days - 1, -1, -1)]


def score_day(
    state: State, warehouse: Warehouse, plans: Iterable[Plan], start_us: int, until_us: int
) -> list[DayOfSource]:
    """Judge what every source sent in a span of arrival.

    Args:
        state: knows what was refused.
        warehouse: knows what was taken.
        plans: name further values that should be there.
        start_us: the first instant.
        until_us: the first instant after it.

    Returns:
        One a source that sent something.
    """
    span = {"start": start_us, "until": until_us}
    taken = {
        row[0]: row[1:] for row in warehouse.ask(Query(_TAKEN, span | {"timely": TIMELY_US, "own": OWN_SOURCE}))
    }  # fmt: skip
    refused = _refused(state, start_us, until_us)
    by_file = _of_files(state, start_us, until_us)
    filled = _filled(warehouse, wanted_fields(plans), span) if taken else {}
    out = []
    for source in sorted(taken.keys() | refused.keys()):
        n, warned, distinct, timely = taken.get(source, (0, 0, 0, 0))
        received = n + refused.get(source, 0)
        if not received:
            continue
        parts = {"validity": Part((n - warned) / received, received)}
        if filled.get(source, (0, 0))[1]:
            parts["completeness"] = Part(filled[source][0] / filled[source][1], filled[source][1])
        if n:
            parts["uniqueness"] = Part(distinct / n, n)
        if n and source not in by_file:
            parts["timeliness"] = Part(timely / n, n)
        out.append(DayOfSource(source, received, received - n, warned, parts, score_of(parts)))
    return out


def wanted_fields(plans: Iterable[Plan]) -> dict[str, dict[str, frozenset[str]]]:
    """Source ("" for all) to event name to the values each event of the name should have."""
    wanted: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, fields in STANDARD.items():
        wanted[""][name] |= set(fields)
    for plan in plans:
        for event in plan.events:
            required = {p for p, said in event.properties.items() if said.required and "[" not in p and "." not in p}
            if event.type == "track" and required:
                for source in plan.sources or ("",):
                    wanted[source][event.event] |= required
    return {s: {name: frozenset(fields) for name, fields in events.items()} for s, events in wanted.items()}


def _filled(
    warehouse: Warehouse, wanted: Mapping[str, Mapping[str, frozenset[str]]], span: Mapping[str, int]
) -> dict[str, tuple[int, int]]:
    """Source to values filled and values wanted."""
    counted: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    present = {str(name) for (name,) in warehouse.ask(Query(_PRESENT, {**span, "own": OWN_SOURCE}))}
    for name in sorted({name for events in wanted.values() for name in events} & present):
        fields = sorted({f for events in wanted.values() for f in events.get(name, ())})
        columns, params = [], dict[str, Any](span) | {"name": name, "own": OWN_SOURCE}
        for n, one in enumerate(fields):
            if one == CUSTOMER:
                columns.append("count(customer_id)")
            else:
                params[f"f{n}"] = one
                columns.append(f"count(*) FILTER (CAST(variant_extract(properties, $f{n}) AS VARCHAR) <> '')")
        sql = (
            f"SELECT source_id, count(*), {', '.join(columns)} FROM event_fact WHERE name = $name"
            " AND received_us >= $start AND received_us < $until AND source_id <> $own GROUP BY source_id"
        )
        for source, events, *have in warehouse.ask(Query(sql, params)):
            asked = wanted.get("", {}).get(name, frozenset()) | wanted.get(source, {}).get(name, frozenset())
            filled = sum(h for f, h in zip(fields, have, strict=True) if f in asked)
            before = counted[source]
            counted[source] = (before[0] + filled, before[1] + events * len(asked))
    return counted


def _refused(state: State, start_us: int, until_us: int) -> dict[str, int]:
    """Source to what was refused of it and not taken since. A file keeps its first rows only, but counts all."""
    counted: dict[str, int] = defaultdict(int)
    r, run = rejected.c, import_run.c
    n = func.count()
    with state.read() as conn:
        alone = (r.at_us >= start_us, r.at_us < until_us, r.import_id.is_(None), r.status != "replayed")
        for source, many in conn.execute(select(r.source_id, n).where(*alone).group_by(r.source_id)):
            counted[source] += many
        runs = select(run.import_id, run.source_id, run.rejected).where(
            run.started_us >= start_us, run.started_us < until_us, run.rejected > 0
        )
        for import_id, source, many in conn.execute(runs).all():
            again = select(n).where(r.import_id == import_id, r.status == "replayed")
            counted[source] += max(0, many - (conn.execute(again).scalar() or 0))
    return {source: many for source, many in counted.items() if source and many}


def _of_files(state: State, start_us: int, until_us: int) -> set[str]:
    """Sources that a file came for: its rows are history, and history is late by nature."""
    run = import_run.c
    with state.read() as conn:
        found = conn.execute(
            select(run.source_id).where(run.started_us >= start_us, run.started_us < until_us, run.fingerprint != "")
        )
        return set(found.scalars())
