"""What is a figure another tool counted? A `Row Recorded` event of a dataset: a day, what it is about, its numbers.

Figures belong to nobody. The same figure again is a duplicate; a figure that was corrected since has the same
`row_key`, so that a question can take the newest of each.
"""

from __future__ import annotations

from typing import Any

from homing.collect.connectors.connector import Row
from homing.core.ids import stable_id

EVENT = "Row Recorded"
NOBODY = "anonymous"  # satisfies the wire, is never an identifier


def figure(dataset: str, day: str, about: dict[str, Any], numbers: dict[str, Any]) -> Row:
    """One row of a dataset.

    Args:
        dataset: its name.
        day: as 2026-01-31.
        about: what the numbers are of: a keyword, a page, a channel.
        numbers: by their names.
    """
    key = stable_id("row_", dataset, day, *(f"{k}={v}" for k, v in sorted(about.items())))
    return {
        "event": EVENT,
        "time": day,
        "anonymous_id": NOBODY,
        "properties": {"dataset": dataset, "row_key": key, "date": day, **about, **numbers},
    }
