"""How far has a copy come? A mark by name: the last log offset loaded, or the last change copied.

A mark moves in the transaction that holds the rows.
"""

from __future__ import annotations

import duckdb

EVENTS_MARK = "events"


def mark_of(cur: duckdb.DuckDBPyConnection, name: str) -> int:
    """Where a mark stands; 0 at the beginning."""
    rows = cur.execute("SELECT value FROM mark WHERE name = $name", {"name": name}).fetchall()
    return int(rows[0][0]) if rows else 0


def set_mark(cur: duckdb.DuckDBPyConnection, name: str, value: int) -> None:
    """Move a mark. The caller holds the transaction."""
    cur.execute("DELETE FROM mark WHERE name = $name", {"name": name})
    cur.execute("INSERT INTO mark VALUES ($name, $value)", {"name": name, "value": value})
