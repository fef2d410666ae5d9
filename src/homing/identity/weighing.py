"""Whose identity rests on what a source said, when that may no more be read, or may again? Asked of the warehouse.

What was said in the log of a source last (`Evidence Weighed`) is compared with what holds now; where they differ, the
customers on whose events the source named more than one identifier are to be looked at, some at a time, so that the
stream goes on between. Whoever looks at them asks what may be read then: to be told twice, or late, changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from homing.core.event import OWN_SOURCE, Event
from homing.core.query import Query
from homing.core.turn import Turn
from homing.identity.hand import WEIGHED, weighed_event
from homing.storage.warehouse import Warehouse

CHUNK = 100  # customers looked at in one transaction
_SAID = """
SELECT source, arg_max(counts, log_offset) FROM (
  SELECT log_offset, CAST(variant_extract(properties, 'source') AS VARCHAR) AS source,
    CAST(variant_extract(properties, 'counts') AS BOOLEAN) AS counts
  FROM event_row WHERE name = $name AND source_id = $own AND log_offset < $before)
GROUP BY source ORDER BY source
"""
_CUSTOMERS = """
SELECT DISTINCT customer_id FROM event_row
WHERE source_id = $source AND customer_id IS NOT NULL AND (contains(ids, '],[') OR kind = 'alias')
  AND log_offset < $before
ORDER BY customer_id
"""


def weighings(warehouse: Warehouse, closed: Collection[str], turn: Turn) -> Iterator[Event]:
    """What the log is to be told, so that evidence counts as it may be read.

    Args:
        warehouse: standing at the offset before the turn's.
        closed: the sources that may not be read now.
        turn: where in the log that is so.
    """
    asked = {"name": WEIGHED, "own": OWN_SOURCE, "before": turn.offset}
    counted = {str(source): bool(counts) for source, counts in warehouse.ask(Query(_SAID, asked))}
    for source in sorted({*closed, *counted}):
        counts = source not in closed
        if counted.get(source, True) == counts:
            continue
        rows = warehouse.ask(Query(_CUSTOMERS, {"source": source, "before": turn.offset}))
        customers = [str(row[0]) for row in rows]
        for start in range(0, max(1, len(customers)), CHUNK):  # of nobody, too: what comes later is compared with it
            yield weighed_event(source, customers[start : start + CHUNK], turn, counts=counts)
