"""How fast are people asked for? Segments, RFM, one customer's page and a list of millions, beside the best by hand.

The data are made by SQL in the folder given, or in a temporary one; a folder that holds them already is used as it is,
so that making ten million customers searchable is not part of every run.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from homing.act.read import visits_of
from homing.core.condition import parse
from homing.core.query import Query
from homing.core.time import DAY
from homing.demo.bench import _people_data as data
from homing.demo.bench.row import BenchRow
from homing.govern.consent import consents_of
from homing.profile import Directory, Sought, Wanted, outline, profile_of, rfm_query, timeline
from homing.profile.view import deeds, life_of, said_by
from homing.runtime.searchable import Searchable
from homing.segments import segments_of
from homing.segments.compile import members, sample
from homing.segments.membership import SAMPLE
from homing.storage.search import SearchIndex
from homing.storage.state import State
from homing.storage.warehouse import Warehouse

SEGMENT = {
    "type": "all",
    "of": [
        {"type": "did", "event": "Product Viewed", "within": "30d", "op": "gte", "value": 2},
        {"type": "absent", "event": "Order Completed", "within": "60d"},
        {"type": "trait", "name": "city", "op": "eq", "value": "Oslo"},
    ],
}
# The same by somebody who knows the tables: one pass over sixty days, then the word on the city of those who are left.
BY_HAND = """
WITH m AS MATERIALIZED (
  SELECT customer_id FROM event_fact
  WHERE happened_us > $at - 60 * {day} AND happened_us <= $at AND name IN ('Product Viewed', 'Order Completed')
  GROUP BY customer_id
  HAVING count(*) FILTER (WHERE name = 'Product Viewed' AND happened_us > $at - 30 * {day}) >= 2
    AND count(*) FILTER (WHERE name = 'Order Completed') = 0
)
SELECT customer_id FROM trait_fact
WHERE name = 'city' AND happened_us <= $at AND customer_id IN (SELECT customer_id FROM m)
GROUP BY customer_id HAVING arg_max(CAST(value AS VARCHAR), (happened_us, log_offset)) = 'Oslo'
"""
ROUNDS = 5
PAGES = 60


def run(
    events: int = 20_000_000, customers: int = 1_000_000, listed: int = 1_000_000, one: int = 100_000, folder: str = ""
) -> list[BenchRow]:
    """Measure over so many events of so many customers, one of whom has `one` events, and a list of `listed`."""
    with _stores(folder, events=events, customers=customers, listed=listed, one=one) as (warehouse, state, index):
        return [
            *_segment(warehouse, customers),
            *_rfm(warehouse),
            *_page(warehouse, state, min(customers, listed)),
            *_timeline(warehouse, one),
            *_list(warehouse, state, index, listed),
        ]


def _segment(warehouse: Warehouse, customers: int) -> list[BenchRow]:
    ours = members(parse(SEGMENT), data.AT_US)
    best = Query(BY_HAND.format(day=DAY), {"at": data.AT_US})
    if sorted(warehouse.ask(ours)) != sorted(warehouse.ask(best)):
        raise AssertionError("the segment and the statement by hand name different customers")
    wall, work = _beside("segment", lambda: warehouse.ask(ours), "the best statement by hand",
                         lambda: warehouse.ask(best), 0.5)  # fmt: skip
    drawn = sample(parse(SEGMENT), data.AT_US, below=int(SAMPLE / customers * 2**32))
    quick = min(_took(lambda: warehouse.ask(drawn)) for _ in range(ROUNDS))
    return [
        wall,
        work,
        BenchRow("people.segment_ratio", round(wall.figure / (wall.anchor_figure or wall.figure), 3), "x", goal=1.2,
                 better="lower"),
        BenchRow("people.preview", quick, f"ms, {SAMPLE:,} customers drawn", goal=100, better="lower"),
    ]  # fmt: skip


def _rfm(warehouse: Warehouse) -> list[BenchRow]:
    query = rfm_query(data.AT_US, "USD")
    sums = Query("SELECT customer_id, max(happened_us), count(*), sum(revenue) FROM event_fact"
                 " WHERE name = 'Order Completed' GROUP BY customer_id")  # fmt: skip
    return list(_beside("rfm", lambda: warehouse.ask_arrow(query), "the sums alone",
                        lambda: warehouse.ask_arrow(sums), 1.0))  # fmt: skip


def _page(warehouse: Warehouse, state: State, customers: int) -> list[BenchRow]:
    """Everything a customer's page asks for when it is opened."""

    def read(customer_id: str) -> None:
        with state.read() as conn:
            profile_of(conn, customer_id, now_us=data.AT_US, zone="UTC")
            segments_of(conn, customer_id)
            consents_of(conn, customer_id)
            visits_of(conn, customer_id)
        life = life_of(warehouse, customer_id, data.AT_US)
        said_by(life)
        deeds(warehouse, life, "America/New_York")

    ids = [_id(1 + (n * 7919) % (customers - 1)) for n in range(PAGES)]
    first = [_took(partial(timeline, warehouse, one)) for one in ids]
    worked = time.process_time()
    pages = [_took(partial(read, one)) for one in ids]
    worked = round((time.process_time() - worked) / len(ids) * 1000, 1)
    return [
        BenchRow("people.page_p95", _p95(pages), "ms", goal=50, better="lower"),
        BenchRow("people.page_work", worked, "ms of processor a page"),
        BenchRow("people.timeline_tab_p95", _p95(first), "ms", goal=50, better="lower"),
    ]  # fmt: skip


def _timeline(warehouse: Warehouse, one: int) -> list[BenchRow]:
    """One customer with very many events: pages from everywhere, filters, texts, what it is made of."""
    heavy = _id(0)
    begin = data.AT_US - data.SPAN_US
    places = [(begin + (n + 1) * data.SPAN_US // (PAGES + 1), 0) for n in range(PAGES)]
    pages = [_took(partial(timeline, warehouse, heavy, before=p)) for p in places]
    newer = [_took(partial(timeline, warehouse, heavy, after=p)) for p in places]
    wanted = Sought(kind="order", sources=("till",), from_us=begin + 30 * DAY)
    narrow = [_took(partial(timeline, warehouse, heavy, before=p, sought=wanted)) for p in places]
    texts = [_took(partial(timeline, warehouse, heavy, sought=Sought(text=f"thing {n}", whole=True)))
             for n in range(5)]  # fmt: skip
    made_of = [_took(lambda: outline(warehouse, heavy, "Asia/Shanghai")) for _ in range(5)]
    total = outline(warehouse, heavy, "UTC").total
    return [
        BenchRow("people.timeline_events", total, "events", goal=int(one * 0.95)),
        BenchRow("people.timeline_p95", _p95([*pages, *newer]), "ms", goal=100, better="lower"),
        BenchRow("people.timeline_filtered_p95", _p95(narrow), "ms", goal=100, better="lower"),
        BenchRow("people.timeline_text_p95", _p95(texts), "ms"),
        BenchRow("people.timeline_outline_p95", _p95(made_of), "ms"),
    ]


def _list(warehouse: Warehouse, state: State, index: SearchIndex, listed: int) -> list[BenchRow]:
    """Searches as somebody types them, each with its count and its second page; and orders of everybody."""
    directory, took, slowest = Directory(index, warehouse), [], (0.0, "")
    some = [1 + (n * 104729) % (listed - 1) for n in range(8)]
    texts = [
        "anna", "ann", "a", "karin nov", "gmail", "nosuchname", "王", "王芳", "李静", "芳",
        *(f"{data.FIRST[n % 16].lower()}.{n}@" for n in some),
        *(f"138{(n * 7919) % 100_000_000:08d}"[:9] for n in some),
        *(_id(n) for n in some),
    ]  # fmt: skip
    plain = f"%{data.FIRST[3].lower()}.{some[0]}%"
    never = (f"{data.LAST[0].lower()} +86", f"{data.LAST[4].lower()} {data.LAST[0].lower()}")  # common threes, not so
    with state.read() as conn:
        scanned = _took(
            lambda: conn.exec_driver_sql("SELECT count(*) FROM customer WHERE search LIKE ?", (plain,)).all()
        )
        for text in texts:
            wanted = Wanted(text)
            began = time.perf_counter()
            found = directory.page(conn, wanted, limit=50)
            took.append(_ms(began))
            slowest = max(slowest, (took[-1], text))
            if found.next:
                took.append(_took(partial(directory.page, conn, wanted, after=found.next, limit=50)))
        worst = max(_took(partial(directory.page, conn, Wanted(text), limit=50)) for text in never)
        orders = []
        for sort in ("-last_seen_at", "-revenue", "name", "-orders", "last_order_at"):
            for stage in (None, "loyal"):
                orders.append(_took(partial(directory.page, conn, Wanted(sort=sort, stage=stage), limit=50)))
    return [
        BenchRow("people.listed", listed, "customers"),
        BenchRow("people.search_p95", _p95(took), "ms", "a scan with LIKE", scanned, 300, "lower"),
        BenchRow("people.search_slowest", slowest[0], f"ms ({slowest[1]})"),
        BenchRow("people.search_worst", worst, "ms, common threes that never stand in that order"),
        BenchRow("people.order_p95", _p95(orders), "ms", goal=300, better="lower"),
    ]


@contextmanager
def _stores(folder: str, **size: int) -> Any:
    with tempfile.TemporaryDirectory(prefix="bench-people-") as name:
        home = Path(folder) if folder else Path(name)
        home.mkdir(parents=True, exist_ok=True)
        done = home / "made.json"
        made = done.is_file() and json.loads(done.read_text(encoding="utf-8")) == size
        warehouse, state = Warehouse(home / "warehouse.duckdb"), State(home / "state.db")
        index = SearchIndex(home / "search.db")
        try:
            if not made:
                data.make_events(warehouse, events=size["events"], people=size["customers"], one=size["one"])
                data.make_customers(warehouse, state, size["listed"])
                Searchable(state, index).catch_up()
                done.write_text(json.dumps(size), encoding="utf-8")
            yield warehouse, state, index
        finally:
            index.close()
            state.close()
            warehouse.close()


def _id(n: int) -> str:
    return f"c{(n * 2654435761987 + 97) % 4503599627370449:013x}"


def _beside(
    name: str, ours: Callable[[], object], said: str, anchor: Callable[[], object], goal: float
) -> tuple[BenchRow, BenchRow]:
    """Both in turn, the quickest of each, by the clock and by the processor: whatever else runs slows both down."""
    took: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    for _ in range(ROUNDS):
        for times, ask in zip(took, (ours, anchor), strict=True):
            began = time.process_time()
            times.append((_took(ask) / 1000, time.process_time() - began))
    (wall, work), (by_hand, by_hand_work) = ((min(t), min(c)) for t, c in (zip(*times, strict=True) for times in took))
    return (
        BenchRow(f"people.{name}", round(wall, 4), "s", said, round(by_hand, 4), goal, "lower"),
        BenchRow(f"people.{name}_work", round(work, 4), "s of processor", said, round(by_hand_work, 4), better="lower"),
    )


def _took(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return _ms(began)


def _ms(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)


def _p95(times: list[float]) -> float:
    return sorted(times)[max(0, -(-len(times) * 95 // 100) - 1)]
