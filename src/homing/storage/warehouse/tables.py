"""Which tables and views does the warehouse have? The facts, and the names people query.

`event_row` and its kin are written by the loader alone; `event_fact` and its kin are what may be read of them now. The
views (`events`, `order_lines`, `products`, `customers`, `sends`) resolve merged customers and are what people, reports
and segments read. Money is DECIMAL(18,4): sums are exact and the same in any order.
`trait_row` has one row for each trait an identify event names, so that a question about one trait reads no payload.
`customer_key` is a number made of the customer's id: runs of events are sorted by it (`seal.py`), and one customer's
events are found by it without reading the ids of the others.
"""

from __future__ import annotations

from hashlib import md5

CUSTOMER_KEY = "CAST(md5_number_upper(customer_id) >> 32 AS UINTEGER)"  # the same in every version of the engine


def customer_key(customer_id: str) -> int:
    """The number that CUSTOMER_KEY makes of an id.

    Example:
        >>> customer_key("abc")
        2958021180
    """
    return int.from_bytes(md5(customer_id.encode(), usedforsecurity=False).digest()[4:8], "little")


MIGRATIONS: tuple[tuple[int, str], ...] = (
    (
        1,
        """
CREATE TABLE event_fact (
  log_offset BIGINT, event_id VARCHAR, kind VARCHAR, name VARCHAR, happened_us BIGINT, received_us BIGINT, day INTEGER,
  source_id VARCHAR, customer_id VARCHAR, ids VARCHAR, session_id VARCHAR, channel VARCHAR, campaign VARCHAR,
  order_id VARCHAR, product_id VARCHAR, category VARCHAR, store_id VARCHAR, coupon VARCHAR, price DECIMAL(18,4),
  quantity DOUBLE, revenue DECIMAL(18,4), currency VARCHAR, path VARCHAR, country VARCHAR, device VARCHAR,
  properties VARIANT, traits VARIANT, context VARIANT
);
CREATE TABLE order_line (
  log_offset BIGINT, line INTEGER, customer_id VARCHAR, happened_us BIGINT, order_id VARCHAR, product_id VARCHAR,
  product_name VARCHAR, category VARCHAR, brand VARCHAR, quantity DOUBLE, price DECIMAL(18,4), revenue DECIMAL(18,4),
  currency VARCHAR
);
CREATE TABLE product (
  log_offset BIGINT, product_id VARCHAR, product_name VARCHAR, category VARCHAR, brand VARCHAR, price DECIMAL(18,4),
  url VARCHAR, image_url VARCHAR, properties VARIANT
);
CREATE TABLE customer_alias (loser VARCHAR, winner VARCHAR);
CREATE TABLE customer_dim (
  customer_id VARCHAR, created_us BIGINT, first_seen_us BIGINT, last_seen_us BIGINT, merged_into VARCHAR,
  display VARCHAR, stage VARCHAR, orders BIGINT, revenue DOUBLE, last_order_us BIGINT, traits VARIANT, stats VARIANT
);
CREATE TABLE send_fact (
  send_key VARCHAR, journey_id VARCHAR, version INTEGER, node VARCHAR, campaign_id VARCHAR, customer_id VARCHAR,
  channel VARCHAR, purpose VARCHAR, content_id VARCHAR, status VARCHAR, reason VARCHAR, decided_us BIGINT,
  accepted_us BIGINT, opened_us BIGINT, clicked_us BIGINT
);
CREATE TABLE mark (name VARCHAR, value BIGINT);
CREATE VIEW events AS
  SELECT e.* REPLACE (coalesce(a.winner, e.customer_id) AS customer_id),
    make_timestamp(e.happened_us) AS happened_at, make_timestamp(e.received_us) AS received_at
  FROM event_fact e LEFT JOIN customer_alias a ON e.customer_id = a.loser;
CREATE VIEW order_lines AS
  SELECT l.* REPLACE (coalesce(a.winner, l.customer_id) AS customer_id, coalesce(l.category, p.category) AS category,
    coalesce(l.product_name, p.product_name) AS product_name, coalesce(l.brand, p.brand) AS brand),
    make_timestamp(l.happened_us) AS happened_at
  FROM order_line l LEFT JOIN customer_alias a ON l.customer_id = a.loser
    LEFT JOIN product p ON l.product_id = p.product_id;
CREATE VIEW products AS SELECT * EXCLUDE (log_offset) FROM product;
CREATE VIEW customers AS
  SELECT * EXCLUDE (merged_into), make_timestamp(first_seen_us) AS first_seen_at,
    make_timestamp(last_seen_us) AS last_seen_at, make_timestamp(last_order_us) AS last_order_at
  FROM customer_dim WHERE merged_into IS NULL;
CREATE VIEW sends AS
  SELECT s.* REPLACE (coalesce(a.winner, s.customer_id) AS customer_id), make_timestamp(s.decided_us) AS decided_at,
    make_timestamp(s.accepted_us) AS accepted_at, make_timestamp(s.opened_us) AS opened_at,
    make_timestamp(s.clicked_us) AS clicked_at
  FROM send_fact s LEFT JOIN customer_alias a ON s.customer_id = a.loser;
""",
    ),
    (
        2,
        """
ALTER TABLE event_fact RENAME TO event_row;
ALTER TABLE order_line RENAME TO order_line_row;
ALTER TABLE product RENAME TO product_row;
CREATE TABLE closed_source (source_id VARCHAR);
CREATE VIEW event_fact AS SELECT * FROM event_row;
CREATE VIEW order_line AS SELECT * FROM order_line_row;
CREATE VIEW product AS SELECT * FROM product_row;
""",
    ),
    (
        3,
        f"""
ALTER TABLE event_row ADD COLUMN customer_key UINTEGER;
UPDATE event_row SET customer_key = {CUSTOMER_KEY};
CREATE TABLE trait_row (
  log_offset BIGINT, customer_id VARCHAR, happened_us BIGINT, source_id VARCHAR, name VARCHAR, value VARIANT,
  customer_key UINTEGER
);
INSERT INTO trait_row
  SELECT log_offset, customer_id, happened_us, source_id, said.key, CAST(said.value AS VARIANT), customer_key FROM (
    SELECT log_offset, customer_id, happened_us, source_id, customer_key,
      unnest(map_entries(from_json(CAST(traits AS JSON), '"MAP(VARCHAR,JSON)"'))) AS said
    FROM event_row WHERE kind = 'identify' AND customer_id IS NOT NULL
  );
CREATE OR REPLACE VIEW event_fact AS SELECT * FROM event_row;
CREATE VIEW trait_fact AS SELECT * FROM trait_row;
CREATE OR REPLACE VIEW events AS
  SELECT e.* EXCLUDE (customer_key) REPLACE (coalesce(a.winner, e.customer_id) AS customer_id),
    make_timestamp(e.happened_us) AS happened_at, make_timestamp(e.received_us) AS received_at
  FROM event_fact e LEFT JOIN customer_alias a ON e.customer_id = a.loser;
CREATE VIEW trait_words AS
  SELECT t.* EXCLUDE (customer_key) REPLACE (coalesce(a.winner, t.customer_id) AS customer_id)
  FROM trait_fact t LEFT JOIN customer_alias a ON t.customer_id = a.loser;
""",
    ),
    (4, "CREATE TABLE renamed_row (at_offset BIGINT, log_offset BIGINT, was VARCHAR);"),
)

# What may be read: all, or all but the rows of sources whose agreement has expired. Nothing is asked while none has.
_CLOSED_ROWS = "SELECT log_offset FROM event_row WHERE source_id IN (SELECT source_id FROM closed_source)"
OPEN = """
CREATE OR REPLACE VIEW event_fact AS SELECT * FROM event_row;
CREATE OR REPLACE VIEW order_line AS SELECT * FROM order_line_row;
CREATE OR REPLACE VIEW product AS SELECT * FROM product_row;
CREATE OR REPLACE VIEW trait_fact AS SELECT * FROM trait_row;
"""
GUARDED = f"""
CREATE OR REPLACE VIEW event_fact AS
  SELECT * FROM event_row WHERE source_id NOT IN (SELECT source_id FROM closed_source);
CREATE OR REPLACE VIEW order_line AS SELECT * FROM order_line_row WHERE log_offset NOT IN ({_CLOSED_ROWS});
CREATE OR REPLACE VIEW product AS SELECT * FROM product_row WHERE log_offset NOT IN ({_CLOSED_ROWS});
CREATE OR REPLACE VIEW trait_fact AS
  SELECT * FROM trait_row WHERE source_id NOT IN (SELECT source_id FROM closed_source);
"""
