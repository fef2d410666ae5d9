"""How is the warehouse asked what it holds? Counts over everything, values over a sample.

A sample is drawn by a hash of the place in the log, so the same log gives the same sample, and it is spread over all of
it. Table and column names come from the warehouse's own list, never from outside.
"""

from __future__ import annotations

from collections.abc import Sequence

from homing.core.query import Query

MAX_NAMES = 500  # event names that are looked at, the most frequent first

COUNTS = Query(
    """
SELECT kind, CASE WHEN kind = 'track' THEN name ELSE '' END AS label, source_id, count(*), min(happened_us),
  max(happened_us)
FROM event_fact GROUP BY ALL ORDER BY ALL"""
)


def places(drawn: int, newest: int) -> Query:
    """The log offsets to look at of each event name: drawn by hash, and the newest."""
    return Query(
        """
SELECT kind, CASE WHEN kind = 'track' THEN name ELSE '' END AS label,
  min_by(log_offset, hash(log_offset), CAST($drawn AS INTEGER)), max(log_offset, CAST($newest AS INTEGER))
FROM event_fact WHERE kind <> 'identify' GROUP BY ALL ORDER BY count(*) DESC, kind, label LIMIT $names""",
        {"drawn": drawn, "newest": newest, "names": MAX_NAMES},
    )


def payloads(offsets: Sequence[int], column: str) -> Query:
    """The events at these offsets: offset, instant, `properties` or `context` or `traits` as JSON text."""
    return Query(
        f"""
SELECT log_offset, happened_us, CAST(CAST({column} AS JSON) AS VARCHAR) FROM event_fact
WHERE log_offset >= $low AND log_offset <= $high AND log_offset IN (SELECT unnest($offsets))
ORDER BY log_offset""",
        {"offsets": list(offsets), "low": min(offsets), "high": max(offsets)},
    )


def spread(n: int) -> Query:
    """Log offsets over all events, drawn by hash."""
    return Query(
        "SELECT min_by(log_offset, hash(log_offset), CAST($n AS INTEGER)) FROM event_fact HAVING count(*) > 0", {"n": n}
    )


def people(drawn: int, newest: int) -> Query:
    """Traits of customers as JSON text with the instant they were last seen, and whether they were drawn by chance."""
    return Query(
        """
SELECT last_seen_us, CAST(CAST(traits AS JSON) AS VARCHAR), by_hash <= $drawn FROM (
  SELECT *, row_number() OVER (ORDER BY hash(customer_id), customer_id) AS by_hash,
    row_number() OVER (ORDER BY last_seen_us DESC, customer_id) AS by_time FROM customer_dim WHERE merged_into IS NULL)
WHERE by_hash <= $drawn OR by_time <= $newest ORDER BY customer_id""",
        {"drawn": drawn, "newest": newest},
    )


PEOPLE = Query(
    """
SELECT count(*), min(first_seen_us), max(last_seen_us) FROM customer_dim
WHERE merged_into IS NULL HAVING count(*) > 0"""
)


def columns(views: Sequence[str]) -> Query:
    """The columns of these views: view, column, type."""
    return Query(
        """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'main' AND list_contains($views, table_name) ORDER BY table_name, ordinal_position""",
        {"views": list(views)},
    )


def counts_of(table: str, columns: Sequence[str], time: str | None) -> Query:
    """Rows of a table, its first and last instant, and of each column how many are filled and how many differ."""
    parts = [f"count({_q(c)}), approx_count_distinct({_q(c)})" for c in columns]
    instants = f"min({_q(time)}), max({_q(time)})" if time else "NULL, NULL"
    return Query(f"SELECT count(*), {instants}, {', '.join(parts)} FROM {_q(table)}")


def some_of(table: str, columns: Sequence[str], n: int) -> Query:
    """Some rows of a table, the same ones each time."""
    listed = ", ".join(f"CAST({_q(c)} AS VARCHAR)" for c in columns)
    return Query(f"SELECT {listed} FROM {_q(table)} USING SAMPLE reservoir({n:d} ROWS) REPEATABLE (1)")


def _q(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
