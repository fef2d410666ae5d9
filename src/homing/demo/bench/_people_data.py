"""What does the bench of people look into? Events and customers made by SQL alone, the same in every run.

Events lie as the loader leaves them: full runs in order, each trait a row. One customer in fifty million clicks more
than a thousand others: the first has `one` events of her own.
"""

from __future__ import annotations

from pathlib import Path

from homing.core.time import DAY
from homing.storage.state import State
from homing.storage.warehouse import Warehouse, seal
from homing.storage.warehouse.marks import EVENTS_MARK, set_mark
from homing.storage.warehouse.seal import RUN

AT_US = 1_760_000_000_000_000
SPAN_US = 365 * DAY
ID = "'c' || lpad(lower(to_hex((({})::HUGEINT * 2654435761987 + 97) % 4503599627370449)), 13, '0')"
FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉梅"
FIRST = ["Anna", "Bob", "Carla", "David", "Emma", "Frank", "Grace", "Hugo", "Ines", "Jack", "Karin", "Luis", "Maria",
         "Nils", "Olga", "Paul"]  # fmt: skip
LAST = ["Smith", "Miller", "Garcia", "Rossi", "Novak", "Silva", "Berg", "Lang", "Moreau", "Kowalski", "Jensen", "Costa"]
MAILS = ["gmail.com", "qq.com", "163.com", "outlook.com", "shop.example"]

_EVENTS = """
INSERT INTO event_row BY NAME
SELECT log_offset, event_id, kind, name, happened_us, happened_us + 1000 AS received_us,
  CAST(happened_us // 86400000000 AS INTEGER) AS day, source_id, customer_id, '[]' AS ids, session_id, channel,
  CASE WHEN name = 'Order Completed' THEN 'o' || i END AS order_id,
  CASE WHEN name LIKE 'Product %' THEN 'p' || h % 5000 END AS product_id,
  CASE WHEN name LIKE 'Product %' THEN 'cat' || h % 40 END AS category,
  CASE WHEN name = 'Order Completed' THEN CAST((h % 50000) / 100 AS DECIMAL(18,4)) END AS revenue,
  CASE WHEN name = 'Order Completed' THEN 'USD' END AS currency, ['mobile', 'desktop'][1 + h % 2] AS device,
  CASE WHEN name = 'Order Completed' THEN {{'order_id': 'o' || i, 'revenue': (h % 50000) / 100, 'currency': 'USD'}}
    ::VARIANT ELSE {{'product_id': 'p' || h % 5000, 'name': 'Thing ' || h % 5000}}::VARIANT END AS properties,
  CASE WHEN kind = 'identify' THEN {{'city': city, 'age': h % 70}}::VARIANT ELSE {{}}::VARIANT END AS traits,
  {{}}::VARIANT AS context, CAST(md5_number_upper(customer_id) >> 32 AS UINTEGER) AS customer_key
FROM (
  SELECT i, i + 1 AS log_offset, 'e' || i AS event_id, h, {begin} + CAST(i * ({span}::HUGEINT) // {events} AS BIGINT)
      AS happened_us, CASE WHEN k < 6 THEN 'identify' WHEN k < 15 THEN 'page' ELSE 'track' END AS kind,
    CASE WHEN k < 15 THEN '' WHEN k < 23 THEN 'Order Completed' WHEN k < 40 THEN 'Product Added'
      WHEN k < 60 THEN 'Message Opened' ELSE 'Product Viewed' END AS name,
    ['shop', 'app', 'till'][1 + h % 3] AS source_id, 's' || i // 5 AS session_id,
    ['web', 'app', 'store', 'mini'][1 + h % 4] AS channel,
    ['Oslo', 'Rome', 'Lima', 'Cairo', 'Paris'][1 + h % 5] AS city,
    {id} AS customer_id
  FROM (
    SELECT range AS i, CAST(hash(range) % 100 AS INTEGER) AS k, CAST((hash(range + 7) >> 20) % 1000003 AS BIGINT) AS h,
      CASE WHEN range % ({events} // {one}) = 0 THEN 0 ELSE 1 + CAST(hash(range * 3 + 1) % ({people} - 1) AS BIGINT) END
        AS who
    FROM range({low}, {high})
  )
)
ORDER BY customer_key, customer_id, happened_us, log_offset
"""
_TRAITS = """
INSERT INTO trait_row
SELECT log_offset, customer_id, happened_us, source_id, name, value, customer_key FROM (
  SELECT log_offset, customer_id, happened_us, source_id, 'city' AS name, variant_extract(traits, 'city') AS value,
    customer_key FROM event_row WHERE kind = 'identify'
  UNION ALL SELECT log_offset, customer_id, happened_us, source_id, 'age', variant_extract(traits, 'age'), customer_key
    FROM event_row WHERE kind = 'identify'
)
"""
_CUSTOMERS = """
INSERT INTO customer_dim BY NAME
SELECT {id} AS customer_id, {begin} AS created_us, {begin} AS first_seen_us, {begin} + i AS last_seen_us,
  CASE WHEN i % 2 = 1 THEN substr('{family}', 1 + i % 20, 1) || substr('{given}', 1 + (i // 20) % 26, 1)
      || CASE WHEN i % 3 = 0 THEN substr('{given}', 1 + (i // 7) % 26, 1) ELSE '' END
    ELSE {first}[1 + i % 16] || ' ' || {last}[1 + (i // 16) % 12] END AS display,
  ['buyer', 'aware', 'loyal', 'lost'][1 + i % 4] AS stage, i % 23 AS orders, (i % 9973) / 4.0 AS revenue,
  CASE WHEN i % 23 > 0 THEN {begin} + i END AS last_order_us, {{'city': 'Oslo'}}::VARIANT AS traits,
  {{}}::VARIANT AS stats
FROM (SELECT range AS i FROM range({listed}))
"""
_STATS = (
    '{"revenue":{},"first_order_us":null,"order_days":[],"hours":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],'
    '"categories":{},"channels":{},"interest":0,"sent":0,"opened":0,"clicked":0,"named":{}}'
)


def make_events(warehouse: Warehouse, *, events: int, people: int, one: int) -> None:
    """Fill the events and the traits, in sorted runs as `Warehouse.seal` leaves them."""
    with warehouse._transaction() as cur:
        cur.execute("SET preserve_insertion_order = true")
        for low in range(0, events, RUN):
            sql = _EVENTS.format(begin=AT_US - SPAN_US, span=SPAN_US, events=events, people=people, one=one, low=low,
                                 high=min(events, low + RUN), id=ID.format("who"))  # fmt: skip
            cur.execute(sql)
        cur.execute(_TRAITS)
        cur.execute("SET preserve_insertion_order = false")
        set_mark(cur, EVENTS_MARK, events)
        set_mark(cur, seal.MARK, events // RUN * RUN)
    warehouse.checkpoint()


def make_customers(warehouse: Warehouse, state: State, listed: int) -> None:
    """Fill the customers of the warehouse, and the state with the same ones."""
    sql = _CUSTOMERS.format(id=ID.format("i"), begin=AT_US - SPAN_US, family=FAMILY, given=GIVEN, first=FIRST,
                            last=LAST, listed=listed)  # fmt: skip
    with warehouse._transaction() as cur:
        cur.execute(sql)
    warehouse.checkpoint()
    _fill(warehouse, state)


def _fill(warehouse: Warehouse, state: State) -> None:
    """Bulk: indexes are made when the rows are in, as a restore does."""
    reading = warehouse._root.cursor()
    reading.execute(
        "SELECT customer_id, created_us, first_seen_us, last_seen_us, display, lower(display) || ' '"
        f" || {FIRST}[1 + n % 16] || '.' || n || '@' || {MAILS}[1 + n % 5] || ' +86138' || lpad(CAST((n * 7919) %"
        " 100000000 AS VARCHAR), 8, '0') || ' ' || customer_id, stage, orders, revenue, last_order_us, n + 1"
        " FROM (SELECT *, last_seen_us - first_seen_us AS n FROM customer_dim)"
    )
    with state.engine.connect() as conn:
        driver = conn.connection.dbapi_connection
        if driver is None:
            return
        cur = driver.cursor()
        indexes = cur.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'customer' AND sql LIKE"
                              " 'CREATE INDEX%'").fetchall()  # fmt: skip
        cur.execute("PRAGMA cache_size = -1000000")
        cur.execute("BEGIN")
        for name, _ in indexes:
            cur.execute(f"DROP INDEX {name}")
        while rows := reading.fetchmany(50_000):
            cur.executemany(
                "INSERT INTO customer (customer_id, created_us, first_seen_us, last_seen_us, display, search, stage,"
                " orders, revenue, last_order_us, changed_offset, traits, stats)"
                " VALUES (?, ?, ?, ?, ?, lower(?), ?, ?, ?, ?, ?, '{}', ?)",
                [(*row, _STATS) for row in rows],
            )
        for _, sql in indexes:
            cur.execute(sql)
        cur.execute("COMMIT")
        cur.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cur.execute("PRAGMA cache_size = -65536")


def folder_files(folder: Path) -> dict[str, float]:
    """How large each file became, in megabytes."""
    return {path.name: round(path.stat().st_size / 1e6, 1) for path in sorted(folder.iterdir()) if path.is_file()}
