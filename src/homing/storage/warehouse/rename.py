"""Whose are these events, now that customers were taken apart? Their rows say another name, and what they said is kept.

Who takes customers apart tells the warehouse before it commits itself. What the rows said before stays in
`renamed_row` until a later place of the log is told, so that telling the same place again begins where it began.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from homing.storage.warehouse.tables import CUSTOMER_KEY

Owners = Sequence[tuple[int, str]]  # (log offset, customer)
_NAMED = ("event_row", "order_line_row", "trait_row")  # what carries a customer's name beside the offset
_NOTE = """
INSERT INTO renamed_row
SELECT $at, e.log_offset, e.customer_id FROM event_row e JOIN incoming i ON e.log_offset = i.log_offset
"""
_RENAME = "UPDATE {table} SET customer_id = i.customer_id FROM incoming i WHERE {table}.log_offset = i.log_offset"
_BACK = """
UPDATE {table} SET customer_id = r.was FROM renamed_row r
WHERE {table}.log_offset = r.log_offset AND r.at_offset >= $at
"""
_KEY = f"UPDATE event_row SET customer_key = {CUSTOMER_KEY} WHERE log_offset IN "


def rename(
    cur: duckdb.DuckDBPyConnection, at: int, owners: Owners, customers: Sequence[str], aliases: Mapping[str, str]
) -> None:
    """Say whose these events are and who of these customers goes on as whom. The caller holds the transaction."""
    rows = pa.table({"log_offset": pa.array([o for o, _ in owners], pa.int64()),
                     "customer_id": pa.array([c for _, c in owners], pa.string())})  # fmt: skip
    cur.execute("DELETE FROM renamed_row WHERE at_offset < $at", {"at": at})
    cur.register("incoming", rows)
    cur.execute(_NOTE, {"at": at})
    for table in _NAMED:
        cur.execute(_RENAME.format(table=table))
    cur.execute(f"{_KEY} (SELECT log_offset FROM incoming)")
    cur.unregister("incoming")
    names = {"names": list(customers)}
    cur.execute("DELETE FROM customer_alias WHERE loser IN (SELECT unnest($names))", names)
    cur.execute("DELETE FROM customer_dim WHERE customer_id IN (SELECT unnest($names))", names)
    for loser, winner in sorted(aliases.items()):
        cur.execute("INSERT INTO customer_alias VALUES ($loser, $winner)", {"loser": loser, "winner": winner})


def take_back(cur: duckdb.DuckDBPyConnection, at: int) -> None:
    """Undo what `rename` wrote at this place or later. The caller holds the transaction."""
    where = {"at": at}
    if not cur.execute("SELECT count(*) FROM renamed_row WHERE at_offset >= $at", where).fetchall()[0][0]:
        return
    for table in _NAMED:
        cur.execute(_BACK.format(table=table), where)
    cur.execute(f"{_KEY} (SELECT log_offset FROM renamed_row WHERE at_offset >= $at)", where)
    cur.execute("DELETE FROM renamed_row WHERE at_offset >= $at", where)
