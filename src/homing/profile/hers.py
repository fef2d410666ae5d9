"""Which rows of the warehouse are one customer's? Those under her id and under the ids that were merged into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homing.core.query import Query
from homing.storage.warehouse import Warehouse
from homing.storage.warehouse.tables import customer_key


@dataclass(frozen=True, slots=True)
class Hers:
    """A comparison for `event_fact` and `trait_fact`, and what it is compared with."""

    sql: str
    params: Mapping[str, Any]


def hers_of(warehouse: Warehouse, customer_id: str) -> Hers:
    """What tells a customer's rows from all others, looked up once for everything that is asked of her.

    The ids are constants of the statement: what is joined would be looked for in every block.
    """
    merged = warehouse.ask(Query("SELECT loser FROM customer_alias WHERE winner = $winner", {"winner": customer_id}))
    ids = [customer_id, *sorted(row[0] for row in merged)]
    keys = ", ".join(str(key) for key in sorted({customer_key(one) for one in ids}))
    params = {f"c{n}": one for n, one in enumerate(ids)}
    return Hers(f"customer_key IN ({keys}) AND customer_id IN ({', '.join(f'${name}' for name in params)})", params)
