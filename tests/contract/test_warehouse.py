"""Every warehouse loads a fact once, resolves merged customers, and runs nothing but one SELECT for a person."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from homing.core.errors import Conflict, InvalidInput
from homing.core.event import Event, Id, Stored, encode
from homing.core.query import Query
from homing.storage.log import Block
from homing.storage.warehouse import Batch, BatchBuilder, Warehouse, block_batch
from homing.storage.warehouse.tables import customer_key


@pytest.fixture
def warehouse(tmp_path: Path):
    made = Warehouse(tmp_path / "warehouse.duckdb")
    yield made
    made.close()


def order(offset: int, order_id: str, revenue: object, lines: object = ()) -> Stored:
    properties = {"order_id": order_id, "revenue": revenue, "products": lines}
    event = Event(
        event_id=f"order:{order_id}",
        kind="track",
        name="Order Completed",
        happened_us=7,
        source_id="shop",
        ids=(Id("email", "a@b.example"),),
        properties=properties,
    )
    return Stored(offset, 50, event)


def batch(*rows: tuple[Stored, str | None]) -> Batch:
    builder = BatchBuilder()
    for stored, customer in rows:
        builder.add(stored, customer)
    return builder.build()


def test_loading_the_same_offsets_again_changes_nothing(warehouse: Warehouse):
    first = batch((order(1, "A", 10), "ann"), (order(2, "B", 5), "bob"))
    assert (warehouse.load(first), warehouse.load(first), warehouse.mark()) == (2, 0, 2)
    overlap = batch((order(2, "B", 5), "bob"), (order(3, "C", 1), "ann"))
    assert warehouse.load(overlap) == 1
    assert warehouse.ask(Query("SELECT count(*) FROM events")) == [(3,)]


def test_sums_of_money_are_exact(warehouse: Warehouse):
    warehouse.load(batch(*((order(n, str(n), 0.1), "ann") for n in range(1, 1001))))
    ((total,),) = warehouse.ask(Query("SELECT sum(revenue) FROM events"))
    assert str(total) == "100.0000"


def test_a_value_of_the_wrong_type_stays_in_properties_only(warehouse: Warehouse):
    warehouse.load(batch((order(1, "A", "ten"), "ann")))
    rows = warehouse.ask(Query("SELECT revenue, properties.revenue::VARCHAR FROM events"))
    assert rows == [(None, "ten")]


def test_a_line_without_a_category_takes_the_products(warehouse: Warehouse):
    product = Stored(2, 50, Event(event_id="p", kind="track", name="Product Updated", happened_us=7, source_id="shop",
                                  properties={"product_id": "m", "name": "Milk", "category": "Dairy"}))  # fmt: skip
    lines = [{"product_id": "m", "price": 1.25, "quantity": 2}, {"product_id": "x", "category": "Other", "price": 3}]
    warehouse.load(batch((order(1, "A", 5.5, lines), "ann"), (product, None)))
    rows = warehouse.ask(Query("SELECT line, category, product_name, revenue::DOUBLE FROM order_lines ORDER BY line"))
    assert rows == [(0, "Dairy", "Milk", 2.5), (1, "Other", None, 3.0)]


def test_a_line_worth_more_than_a_column_holds_is_loaded_without_its_worth(warehouse: Warehouse):
    lines = [{"price": 9e12, "quantity": 1_000}, {"price": 2, "quantity": 3}]
    assert warehouse.load(batch((order(1, "A", 5, lines), "ann"))) == 1
    assert warehouse.ask(Query("SELECT revenue::DOUBLE FROM order_lines ORDER BY line")) == [(None,), (6.0,)]


@pytest.mark.parametrize(
    ("products", "lines"),
    [
        ([{"product_id": 7, "quantity": "2", "price": True}], [("7", 2.0, None)]),
        ([{"product_id": {"a": [1]}}, {}], [('{"a":[1]}', None, None), (None, None, None)]),
        ([{"product_id": "a"}, 1, None, [2]], [("a", None, None), *[(None, None, None)] * 3]),
        ([{"product_id": "a"}, "b"], []),  # a list of names says nothing of lines
        ("a", []),
        ({"product_id": "a"}, []),
        (None, []),
    ],
)
def test_lines_are_what_a_list_of_products_says(warehouse: Warehouse, products: Any, lines: list[Any]):
    warehouse.load(batch((order(1, "A", 5, products), "ann"), (order(2, "B", 5, [{"product_id": "z"}]), "bob")))
    asked = "SELECT product_id, quantity, price FROM order_line_row WHERE order_id = 'A' ORDER BY line"
    assert warehouse.ask(Query(asked)) == lines


def test_a_merged_customer_reads_as_the_one_who_survived(warehouse: Warehouse):
    warehouse.load(batch((order(1, "A", 10), "cookie"), (order(2, "B", 5), "ann")))
    warehouse.replace("customer_alias", "loser", pa.table({"loser": ["cookie"], "winner": ["ann"]}), {"merges": 9})
    assert warehouse.ask(Query("SELECT customer_id, count(*) FROM events GROUP BY 1")) == [("ann", 2)]
    assert warehouse.mark("merges") == 9


def test_events_become_somebody_elses_and_what_was_not_committed_is_taken_back(warehouse: Warehouse):
    warehouse.load(batch((order(1, "A", 10, [{"product_id": "p", "price": 10}]), "ann"), (order(2, "B", 5), "ann")))
    whose = Query("SELECT order_id, customer_id, customer_key FROM event_row ORDER BY order_id")
    lines = Query("SELECT customer_id FROM order_lines")
    before = warehouse.ask(whose)
    warehouse.reattribute(3, [(1, "bob")], ["ann", "bob"], {"old": "bob"})
    assert warehouse.ask(whose) == [("A", "bob", customer_key("bob")), ("B", "ann", customer_key("ann"))]
    assert warehouse.ask(lines) == [("bob",)]
    assert warehouse.ask(Query("SELECT * FROM customer_alias")) == [("old", "bob")]
    warehouse.take_back(3)  # the process died before it committed: the same place is read again
    assert (warehouse.ask(whose), warehouse.ask(lines)) == (before, [("ann",)])
    warehouse.reattribute(3, [(1, "bob")], ["ann", "bob"], {})
    warehouse.reattribute(9, [(2, "bob")], ["ann", "bob"], {})
    warehouse.take_back(9)  # what came before is committed and stays
    assert [row[1] for row in warehouse.ask(whose)] == ["bob", "ann"]


def test_everything_is_there_after_opening_again(tmp_path: Path):
    first = Warehouse(tmp_path / "w.duckdb")
    first.load(batch((order(1, "A", 10), "ann")))
    first.close()
    second = Warehouse(tmp_path / "w.duckdb")
    assert (second.mark(), second.ask(Query("SELECT order_id FROM events"))) == (1, [("A",)])
    second.close()


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE event_fact",
        "SELECT 1; DELETE FROM mark",
        "INSERT INTO mark VALUES ('x', 1)",
        "SELECT * FROM read_csv('/etc/hostname')",
        "COPY event_fact TO '/tmp/out.csv'",
        "SET threads = 1",
        "ATTACH '/tmp/other.db'",
        "SELEC 1",
    ],
)
def test_a_person_may_run_one_select_and_nothing_else(warehouse: Warehouse, sql: str):
    with pytest.raises(InvalidInput):
        warehouse.ask_user(sql)
    assert warehouse.ask_user("SELECT count(*) AS n FROM events") == (["n"], [(0,)])


def test_a_person_s_statement_ends_when_its_time_is_over(warehouse: Warehouse):
    with pytest.raises(InvalidInput, match=r"ran for 0\.2 s"):
        warehouse.ask_user("SELECT sum(a.range * b.range) FROM range(10000000) a, range(1000000) b", seconds=0.2)
    assert warehouse.ask_user("SELECT 1 AS n") == (["n"], [(1,)])


def test_values_are_bound_and_never_read_as_sql(warehouse: Warehouse):
    warehouse.load(batch((order(1, "A", 10), "ann")))
    evil = "A' OR '1'='1"
    assert warehouse.ask(Query("SELECT count(*) FROM events WHERE order_id = $id", {"id": evil})) == [(0,)]


def test_a_second_process_is_told_who_holds_the_file(tmp_path: Path):
    held = Warehouse(tmp_path / "w.duckdb")
    code = (
        f"from pathlib import Path; from homing.storage.warehouse import Warehouse; Warehouse(Path({str(held.path)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    held.close()
    assert done.returncode != 0
    assert Conflict.__name__ in done.stderr


def test_what_lies_ready_is_seen_by_nobody_until_it_is_committed_and_others_write_meanwhile(warehouse: Warehouse):
    counted = Query("SELECT count(*) FROM events")
    warehouse.load(batch((order(1, "A", 10), "ann")))
    ahead = warehouse.ahead()
    assert ahead.add(batch((order(2, "B", 5), "bob"))) == 1
    warehouse.replace("customer_alias", "loser", pa.table({"loser": ["cookie"], "winner": ["ann"]}), {"merges": 9})
    assert ahead.add(batch((order(2, "B", 5), "bob"), (order(3, "C", 5, [{"product_id": "p"}]), "cookie"))) == 1
    assert (warehouse.ask(counted), warehouse.mark(), warehouse.mark("merges")) == ([(1,)], 1, 9)
    ahead.commit()
    assert (warehouse.ask(counted), warehouse.mark(), warehouse.mark("merges")) == ([(3,)], 3, 9)
    assert warehouse.ask(Query("SELECT customer_id FROM order_lines")) == [("ann",)]
    dropped = warehouse.ahead()
    dropped.add(batch((order(4, "D", 5), "bob")))
    dropped.rollback()
    assert (warehouse.ask(counted), warehouse.mark()) == ([(3,)], 3)


def test_a_process_that_dies_with_events_laid_ready_has_loaded_nothing(tmp_path: Path):
    """More than a group of rows, so that some of them were on the disk already."""
    code = f"""
import os
from pathlib import Path
from homing.core.event import Event, encode
from homing.storage.log import Block
from homing.storage.warehouse import Warehouse, block_batch
made = Warehouse(Path({str(tmp_path / "w.duckdb")!r}))
body = encode(Event(event_id="e", kind="track", name="Seen", happened_us=1, source_id="s"))
def some(first, last):
    return block_batch([Block(first, 5, last - first + 1, b"[%b]" % b",".join([body] * (last - first + 1)))],
                       ["ann"] * (last - first + 1), last)
made.load(some(1, 10))
ahead = made.ahead()
ahead.add(some(11, 70_000))
ahead.add(some(70_001, 130_000))
os._exit(7)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 7
    found = Warehouse(tmp_path / "w.duckdb")
    assert (found.mark(), found.ask(Query("SELECT count(*), max(log_offset) FROM events"))) == (10, [(10, 10)])
    found.load(batch((order(11, "A", 10), "ann")))
    assert found.ask(Query("SELECT count(*) FROM events")) == [(11,)]
    found.close()


def test_a_full_run_is_sorted_by_customer_and_says_the_same(warehouse: Warehouse):
    """Thirty events of three customers, whose order on the disk is all that a run changes."""
    who = ["ann", "bob", "cem"]
    warehouse.load(batch(*((order(n, str(n), n), who[n % 3]) for n in range(1, 31))))
    everything = Query("SELECT * FROM events ORDER BY log_offset")
    before = warehouse.ask(everything)
    assert [warehouse.seal(run=10) for _ in range(4)] == [True, True, True, False]
    assert warehouse.ask(everything) == before
    lying = warehouse.ask(Query("SELECT (log_offset - 1) // 10, customer_id FROM event_row ORDER BY rowid"))
    keys = [(run, customer_key(customer)) for run, customer in lying]
    assert keys == sorted(keys)
    assert warehouse.load(batch((order(31, "31", 1), "ann"))) == 1


def test_each_trait_of_an_identify_event_is_a_row_and_a_closed_source_says_none(warehouse: Warehouse):
    said = {"city": "Oslo", 'a "quoted" name': [1, "two"], "gone": None}
    event = Event(event_id="i", kind="identify", happened_us=7, source_id="shop", traits=said)
    warehouse.load(batch((Stored(1, 50, event), "ann"), (Stored(2, 50, event), None)))
    asked = Query("SELECT name, CAST(CAST(value AS JSON) AS VARCHAR) FROM trait_words ORDER BY name")
    assert warehouse.ask(asked) == [('a "quoted" name', '[1,"two"]'), ("city", '"Oslo"'), ("gone", None)]
    warehouse.close_sources(["shop"])
    assert warehouse.ask(asked) == []


def block(first: int, events: int, text: str) -> Block:
    bodies = (encode(Event(event_id=f"e{n}", kind="page", name="Page", happened_us=7, source_id="shop",
                           properties={"text": f"{n} {text}"})) for n in range(first, first + events))  # fmt: skip
    return Block(first, 50, events, b"[" + b",".join(bodies) + b"]")


def held(warehouse: Warehouse) -> int:
    """Bytes of the tables that lie in memory, be it of a transaction that is open."""
    tags = "'IN_MEMORY_TABLE', 'OVERFLOW_STRINGS'"
    said = f"SELECT sum(memory_usage_bytes)::BIGINT FROM duckdb_memory() WHERE tag IN ({tags})"
    return int(warehouse.ask(Query(said))[0][0])


def test_an_open_transaction_holds_the_rows_alone_and_not_what_was_handed_over(warehouse: Warehouse):
    rows, events, before = warehouse.ahead(), 1_000, held(warehouse)
    added = 0
    for n in range(4):
        given = block_batch([block(n * events + 1, events, "x" * 6_000)], ["ann"] * events, (n + 1) * events)
        assert rows.add(given) == events
        added += given.events.nbytes
        handed = weakref.ref(given.events)
        del given
        gc.collect()
        assert handed() is None
    assert held(warehouse) - before < 1.5 * added  # twice as much where each batch was a table of its own
    rows.commit()
    assert warehouse.ask(Query("SELECT count(*), min(length(properties.text::VARCHAR)) FROM events")) == [
        (4 * events, 6_002)
    ]


def test_a_batch_that_cannot_be_loaded_leaves_nothing_behind_and_the_next_is_loaded(warehouse: Warehouse):
    with pytest.raises(Exception, match="Error"), warehouse.ahead() as rows:
        rows.add(block_batch([Block(1, 50, 1, b'[{"event_id":')], ["ann"], 1))
    assert warehouse.load(block_batch([block(1, 2, "x")], ["ann", None], 2)) == 2
    assert warehouse.ask(Query("SELECT customer_id FROM events ORDER BY log_offset")) == [("ann",), (None,)]


def test_the_engine_may_be_given_less_memory_while_it_is_open(warehouse: Warehouse):
    warehouse.limit(300)
    warehouse.load(batch((order(1, "A", 10), "ann")))
    warehouse.give_back()
    assert warehouse.ask(Query("SELECT current_setting('memory_limit')")) == [("286.1 MiB",)]
