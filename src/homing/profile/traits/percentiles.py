"""Where does a customer stand among all? Judged every night, said in the log like any other score.

A percentile is the share of the customers with a value that have a smaller one, in whole percent, 0 .. 99. It depends
on everybody, so no event of one customer can keep it up to date: the night says it where it changed, and takes it back
from whom the other trait no longer has a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from homing.core.errors import InvalidInput
from homing.core.event import CUSTOMER, OWN_SOURCE, Event, Id
from homing.core.query import Query
from homing.core.time import zone_of
from homing.profile.traits.asof import everybody
from homing.profile.traits.definition import Percentile, Trait
from homing.profile.traits.leaves import PERCENTILE
from homing.profile.traits.program import check
from homing.storage.warehouse import Warehouse

CHUNK = 5_000  # events a list


def percentile_events(
    warehouse: Warehouse, traits: Sequence[tuple[Trait, int]], as_of_us: int, *, zone: str
) -> Iterator[list[Event]]:
    """What the night found out, in lists of some thousand events.

    Args:
        warehouse: loaded up to the instant.
        traits: those in force, each with its version.
        as_of_us: the night; nothing after it counts.
        zone: the workspace's.
    """
    known = [trait for trait, _ in traits]
    for trait, version in traits:
        if isinstance(trait.of, Percentile) and _is_number(known, trait.of.trait):
            found = _changed(warehouse, known, trait, as_of_us, zone)
            for n in range(0, len(found), CHUNK):
                yield [_event(trait, version, customer, now, as_of_us) for customer, now in found[n : n + CHUNK]]


def _is_number(known: Sequence[Trait], name: str) -> bool:
    try:
        return check(known, name) == "number"
    except InvalidInput:
        return False


def _changed(
    warehouse: Warehouse, known: Sequence[Trait], trait: Trait, as_of_us: int, zone: str
) -> list[tuple[str, int | None]]:
    if not isinstance(trait.of, Percentile):
        return []
    made = everybody(known, [trait.of.trait, trait.id], as_of_us, zone_of(zone))
    value, before = (column.column for column in made.columns)
    sql = (
        f"SELECT customer_id, now FROM (SELECT customer_id, {before} AS before, CASE WHEN {value} IS NOT NULL THEN"
        f" 100 * (rank() OVER (ORDER BY {value} NULLS LAST) - 1) // count({value}) OVER () END AS now"
        f" FROM (\n{made.sql}\n)) WHERE now IS DISTINCT FROM before ORDER BY customer_id"
    )
    rows = warehouse.ask(Query(sql, made.params))
    return [(customer, None if now is None else int(now)) for customer, now in rows]


def _event(trait: Trait, version: int, customer_id: str, now: int | None, as_of_us: int) -> Event:
    return Event(
        event_id=f"{PERCENTILE}:{trait.id}:{customer_id}:{as_of_us}", kind="identify", happened_us=as_of_us,
        source_id=OWN_SOURCE, ids=(Id(CUSTOMER, customer_id),), traits={trait.id: now},
        context={"computed": {"by": PERCENTILE, "version": str(version)}},
    )  # fmt: skip
