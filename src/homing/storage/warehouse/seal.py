"""In which order do events lie on the disk? As they came, and once a run of them is full, by customer and time.

A run is a range of log offsets, so a question about a month still reads only the runs of that month. Inside a run the
events of one customer lie together: her page reads a few blocks of each run, and counting by customer is half the work.
Nothing but the order changes.
"""

from __future__ import annotations

import duckdb

RUN = 1_000_000  # offsets a run: eight row groups, of which one customer's events touch one
MARK = "sealed"

_TAKE = """
CREATE TEMP TABLE run AS SELECT * FROM event_row WHERE log_offset > $above AND log_offset <= $last
ORDER BY customer_key, customer_id, happened_us, log_offset
"""
_DROP = "DELETE FROM event_row WHERE log_offset > $above AND log_offset <= $last"
_PUT = "INSERT INTO event_row SELECT * FROM run"


def seal(cur: duckdb.DuckDBPyConnection, above: int, last: int) -> None:
    """Put the events of the range (above, last] in order. The caller holds the transaction."""
    limits = {"above": above, "last": last}
    cur.execute("SET preserve_insertion_order = true")
    try:
        cur.execute(_TAKE, limits)
        cur.execute(_DROP, limits)
        cur.execute(_PUT)
        cur.execute("DROP TABLE run")
    finally:
        cur.execute("SET preserve_insertion_order = false")
