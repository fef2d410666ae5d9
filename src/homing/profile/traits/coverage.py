"""How many customers have a value, and what is it of some of them? Asked of the warehouse, for lists and previews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from homing.core.query import Query
from homing.core.time import zone_of
from homing.profile.traits.asof import everybody
from homing.profile.traits.definition import Trait
from homing.storage.warehouse import Warehouse

EXAMPLES = 8


@dataclass(frozen=True, slots=True)
class Examples:
    """How many have a value, of how many, and what it is of some."""

    n: int
    total: int
    values: tuple[tuple[str, Any], ...]


def examples(
    warehouse: Warehouse, traits: Sequence[Trait], name: str, at_us: int, *, zone: str, customers: Sequence[str] = ()
) -> Examples:
    """One trait's coverage, and its value for these customers, or for some who have one."""
    made = everybody(traits, [name], at_us, zone_of(zone))
    (column,) = made.columns
    value = column.column
    chosen = "list_contains($chosen, customer_id)" if customers else f"{value} IS NOT NULL"
    sql = (
        f"WITH valued AS MATERIALIZED (\n{made.sql}\n)\nSELECT count({value}), count(*), NULL, NULL FROM valued"
        f"\nUNION ALL SELECT NULL, NULL, customer_id, {value} FROM ("
        f"SELECT * FROM valued WHERE {chosen} ORDER BY customer_id LIMIT {max(EXAMPLES, len(customers))})"
    )
    params = made.params | ({"chosen": list(customers)} if customers else {})
    rows = warehouse.ask(Query(sql, params))
    n, total = next((row[0], row[1]) for row in rows if row[1] is not None)
    values = [(row[2], column.read(row[3])) for row in rows if row[2] is not None]
    return Examples(n, total, tuple(sorted(values, key=lambda one: one[0])))
