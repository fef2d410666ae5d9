"""How does a payload become columns? One statement a table takes out what every query filters on.

Property names are Segment's e-commerce names. A value that has not the column's type stays in `properties` only: the
column is empty, the fact is not lost. Blocks of the log come as one text each and are taken apart into events here.
Each statement reads a payload once, by a list of paths or a shape, and nobody looks whether it is sound JSON: the log
wrote it. Lines are unnested from their own columns alone: beside them the payload would be copied once a line. What is
handed over is gone once it is loaded, however long the transaction lasts: a table registered or made in one, even a
temporary one that is dropped, would be kept until its end.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from homing.storage.warehouse.columns import BLOCKS, SCHEMA, Batch
from homing.storage.warehouse.marks import EVENTS_MARK, mark_of, set_mark
from homing.storage.warehouse.tables import CUSTOMER_KEY

ORDER = "Order Completed"
PRODUCT = "Product Updated"

_PROPERTIES = (
    "session_id", "channel", "campaign", "order_id", "product_id", "category", "store_id", "coupon", "price",
    "quantity", "revenue", "total", "value", "currency", "path",
)  # fmt: skip
_CONTEXT = {
    "c_session_id": "$.session_id",
    "c_channel": "$.channel",
    "c_campaign": "$.campaign.name",
    "c_path": "$.page.path",
    "c_country": "$.location.country",
    "c_device": "$.device.type",
}


def _list(paths: list[str]) -> str:
    return "[" + ", ".join(f"'{p}'" for p in paths) + "]"


def _text(value: str) -> str:
    return f"CASE WHEN {value} <> '' AND {value}[1] NOT IN ('{{', '[') THEN {value} END"


_P = {name: f"p[{n}]" for n, name in enumerate(_PROPERTIES, start=1)}
_C = {name: f"c[{n}]" for n, name in enumerate(_CONTEXT, start=1)}
_MONEY = "TRY_CAST({} AS DECIMAL(18,4))"


def _either(name: str, other: str) -> str:
    return f"coalesce({_text(_P[name])}, {_text(_C[other])})"


_COLUMNS = {
    "log_offset": "log_offset",
    "event_id": "event_id",
    "kind": "kind",
    "name": "name",
    "happened_us": "happened_us",
    "received_us": "received_us",
    "day": "CAST(happened_us // 86400000000 AS INTEGER)",
    "source_id": "source_id",
    "customer_id": "customer_id",
    "ids": "ids",
    "session_id": _either("session_id", "c_session_id"),
    "channel": _either("channel", "c_channel"),
    "campaign": _either("campaign", "c_campaign"),
    "order_id": _text(_P["order_id"]),
    "product_id": _text(_P["product_id"]),
    "category": _text(_P["category"]),
    "store_id": _text(_P["store_id"]),
    "coupon": _text(_P["coupon"]),
    "price": _MONEY.format(_P["price"]),
    "quantity": f"TRY_CAST({_P['quantity']} AS DOUBLE)",
    "revenue": "coalesce(" + ", ".join(_MONEY.format(_P[n]) for n in ("revenue", "total", "value")) + ")",
    "currency": _text(_P["currency"]),
    "path": _either("path", "c_path"),
    "country": _text(_C["c_country"]),
    "device": _text(_C["c_device"]),
    "properties": "CAST(properties AS VARIANT)",
    "traits": "CAST(traits AS VARIANT)",
    "context": "CAST(context AS VARIANT)",
    "customer_key": CUSTOMER_KEY,
}

_ENVELOPE = (
    '[{"event_id":"VARCHAR","kind":"VARCHAR","name":"VARCHAR","happened_us":"BIGINT","source_id":"VARCHAR",'
    '"ids":"JSON","properties":"JSON","traits":"JSON","context":"JSON"}]'
)

ENVELOPES = f"""
SELECT log_offset, received_us, e.event_id, e.kind, coalesce(e.name, '') AS name, e.happened_us, e.source_id,
  customer_id, CAST(coalesce(e.ids, '[]') AS VARCHAR) AS ids, coalesce(e.properties, '{{}}') AS properties,
  coalesce(e.traits, '{{}}') AS traits, coalesce(e.context, '{{}}') AS context
FROM (
  SELECT unnest(range(first, first + events)) AS log_offset, received_us, unnest(customers) AS customer_id,
    unnest(from_json(bodies, '{_ENVELOPE}')) AS e
  FROM blocks
)
WHERE log_offset > $above AND log_offset <= $last
"""

EVENTS = f"""
INSERT INTO event_row ({", ".join(_COLUMNS)})
SELECT {", ".join(_COLUMNS.values())}
FROM (
  SELECT *, json_extract_string(properties, {_list([f"$.{n}" for n in _PROPERTIES])}) AS p,
    json_extract_string(context, {_list(list(_CONTEXT.values()))}) AS c
  FROM incoming WHERE log_offset > $above
)
"""

TRAITS = f"""
INSERT INTO trait_row
SELECT log_offset, customer_id, happened_us, source_id, said.key, CAST(said.value AS VARIANT), {CUSTOMER_KEY}
FROM (
  SELECT log_offset, customer_id, happened_us, source_id,
    unnest(map_entries(from_json(traits, '"MAP(VARCHAR,JSON)"'))) AS said
  FROM incoming WHERE log_offset > $above AND kind = 'identify' AND customer_id IS NOT NULL
)
"""

_ORDER = (
    '{"order_id":"VARCHAR","currency":"VARCHAR","products":[{"product_id":"VARCHAR","name":"VARCHAR",'
    '"category":"VARCHAR","brand":"VARCHAR","quantity":"VARCHAR","price":"VARCHAR","revenue":"VARCHAR"}]}'
)

LINES = f"""
INSERT INTO order_line_row
SELECT log_offset, line - 1, customer_id, happened_us, order_id, l.product_id, l.name, l.category, l.brand,
  TRY_CAST(l.quantity AS DOUBLE), TRY_CAST(l.price AS DECIMAL(18,4)),
  coalesce(TRY_CAST(l.revenue AS DECIMAL(18,4)),
    TRY_CAST(TRY_CAST(l.price AS DOUBLE) * coalesce(TRY_CAST(l.quantity AS DOUBLE), 1) AS DECIMAL(18,4))),
  currency
FROM (
  SELECT log_offset, customer_id, happened_us, said.order_id, said.currency, unnest(said.products) AS l,
    generate_subscripts(said.products, 1) AS line
  FROM (
    SELECT log_offset, customer_id, happened_us, from_json(properties, '{_ORDER}') AS said
    FROM incoming
    WHERE log_offset > $above AND kind = 'track' AND name = '{ORDER}'
      AND NOT list_contains(json_type(properties, '$.products[*]'), 'VARCHAR')
  )
)
"""

PRODUCTS = f"""
INSERT INTO product_row
SELECT log_offset, p[1], p[2], p[3], p[4], TRY_CAST(p[5] AS DECIMAL(18,4)), p[6], p[7],
  CAST(properties AS VARIANT)
FROM (
  SELECT *, json_extract_string(properties, ['$.product_id', '$.name', '$.category', '$.brand', '$.price',
    '$.url', '$.image_url']) AS p
  FROM incoming WHERE log_offset > $above AND kind = 'track' AND name = '{PRODUCT}'
)
WHERE p[1] IS NOT NULL
"""

OLDER_PRODUCTS = """
DELETE FROM product_row AS product USING (
  SELECT product_id AS id, max(log_offset) AS newest FROM product_row GROUP BY product_id HAVING count(*) > 1
) AS twice
WHERE product_id = twice.id AND log_offset < twice.newest
"""


class Incoming:
    """The events that the statements read as `incoming`: registered once, before a transaction, and put in by turns.

    Args:
        cur: whose statements read it.
    """

    def __init__(self, cur: duckdb.DuckDBPyConnection) -> None:
        self.clear()
        cur.register("incoming", self)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """What the engine asks for at each statement."""
        return self._events.__arrow_c_stream__(requested_schema)

    def put(self, events: pa.Table) -> None:
        """These now; the columns are always the same."""
        self._events = pa.Table.from_arrays(events.columns, schema=SCHEMA)

    def clear(self) -> None:
        """None now."""
        self._events = SCHEMA.empty_table()


def add(cur: duckdb.DuckDBPyConnection, aside: duckdb.DuckDBPyConnection, incoming: Incoming, batch: Batch) -> int:
    """Load events above the mark, move the mark; return how many rows were new. The caller holds the transaction.

    Args:
        cur: of the transaction.
        aside: of no transaction; takes blocks apart.
        incoming: what `cur` reads.
        batch: the events.
    """
    above = {"above": mark_of(cur, EVENTS_MARK)}
    if not batch.events.num_rows or batch.last_offset <= above["above"]:
        return 0
    incoming.put(_events_of(aside, batch, above) if batch.events.schema == BLOCKS else batch.events)
    try:
        n = int(cur.execute(EVENTS, above).fetchall()[0][0])
        cur.execute(LINES, above).fetchall()
        cur.execute(TRAITS, above).fetchall()
        if cur.execute(PRODUCTS, above).fetchall()[0][0]:
            cur.execute(OLDER_PRODUCTS)
    finally:
        incoming.clear()
    set_mark(cur, EVENTS_MARK, batch.last_offset)
    return n


def _events_of(aside: duckdb.DuckDBPyConnection, batch: Batch, above: dict[str, int]) -> pa.Table:
    aside.register("blocks", batch.events)
    try:
        return aside.sql(ENVELOPES, params=above | {"last": batch.last_offset}).to_arrow_table()
    finally:
        aside.unregister("blocks")
