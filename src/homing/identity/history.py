"""Which events are these customers', and whose are they from now on? Asked of the warehouse, told to it.

The warehouse is told before the state commits. If the process dies between the two, the same place of the log is read
again: what was told then is taken back first, so that the question gets the answer it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from homing.core.event import Id
from homing.core.query import Query
from homing.storage.warehouse import Warehouse

_OFFSETS = """
SELECT log_offset, customer_id FROM event_row
WHERE customer_id IN (SELECT unnest($customers)) AND log_offset < $before AND ($source = '' OR source_id = $source)
ORDER BY log_offset
"""
_NAMING = """
SELECT DISTINCT customer_id FROM event_row
WHERE contains(ids, $needle) AND customer_id IS NOT NULL AND log_offset < $before ORDER BY customer_id LIMIT $most
"""
_json = msgspec.json.Encoder()


class History:
    """What the warehouse knows of who did what."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def events_of(self, customers: Iterable[str], before: int, *, source: str = "") -> list[tuple[int, str]]:
        """(log offset, customer) of every event that was understood to be about one of these, in order."""
        asked = {"customers": sorted(customers), "before": before, "source": source}
        found = self._warehouse.ask(Query(_OFFSETS, asked))
        return [(int(offset), str(customer)) for offset, customer in found]

    def naming(self, i: Id, before: int, *, most: int) -> list[str]:
        """The customers of events that name an identifier, at most so many."""
        needle = _json.encode(i).decode()
        return [str(row[0]) for row in self._warehouse.ask(
            Query(_NAMING, {"needle": needle, "before": before, "most": most}))]  # fmt: skip

    def begin(self, at_offset: int) -> None:
        """Take back what was told at this place of the log and not committed."""
        self._warehouse.take_back(at_offset)

    def tell(
        self, at_offset: int, owners: Sequence[tuple[int, str]], customers: Sequence[str],
        aliases: Mapping[str, str],
    ) -> None:  # fmt: skip
        """Say whose these events are, and who of these customers goes on as whom."""
        self._warehouse.reattribute(at_offset, owners, customers, aliases)
