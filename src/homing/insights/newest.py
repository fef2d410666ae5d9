"""Where in the log do the newest events of a name stand? Their offsets; what they say stands in the log itself."""

from __future__ import annotations

from homing.core.query import Query
from homing.storage.warehouse import Warehouse

_SQL = """
SELECT log_offset FROM event_fact WHERE log_offset < $before AND name = $name
ORDER BY log_offset DESC LIMIT $limit"""


def newest(warehouse: Warehouse, name: str, before: int, limit: int) -> list[int]:
    """The offsets below `before` of the newest events of that name, newest first."""
    params = {"name": name, "before": before, "limit": limit}
    return [int(offset) for (offset,) in warehouse.ask(Query(_SQL, params))]
