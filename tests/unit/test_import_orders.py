"""Rows become orders: lines are put together, and a known order is never a second one."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq

from homing.core.event import Id
from homing.core.time import parse_iso
from import_desk import LINES, counts


def test_lines_of_an_order_become_one_event_with_products_and_an_exact_sum(desk):
    got = desk.bring(desk.file("orders.csv", LINES), "orders", zone="America/New_York")
    assert (counts(got), got["orders"], got["unit"], got["rejected_file"]) == ((4, 3, 1, 0), 2, "lines", None)
    bob, ann = desk.events()  # by time: bob's morning is New York's evening before
    assert ann.happened_us == parse_iso("2026-01-02T15:00:00Z")
    assert bob.happened_us == parse_iso("2026-01-02T01:00:00Z")
    assert (ann.event_id, ann.name, ann.ids) == ("order:file:1001", "Order Completed", (Id("user_id", "ann"),))
    assert ann.properties == {
        "order_id": "1001", "currency": "USD", "revenue": 2.3, "coupon": "SAVE", "store_id": "s1",
        "products": [
            {"product_id": "p1", "name": "Tea, green", "quantity": 2, "price": 1.1, "revenue": 2.2},
            {"product_id": "p2", "name": "Cup", "quantity": 1, "price": 0.1, "revenue": 0.1},
        ],
    }  # fmt: skip


def test_the_same_file_twice_changes_nothing_and_a_known_order_is_never_a_second_one(desk):
    path = desk.file("orders.csv", LINES)
    desk.bring(path, "orders")
    assert counts(desk.bring(path, "orders")) == (4, 0, 4, 0)
    later = desk.file("later.csv", LINES.replace("Cup", "Mug") + "1003,eve,2026-01-03 10:00,p9,Hat,1,9,9,s1,\n")
    assert counts(desk.bring(later, "orders")) == (5, 1, 4, 0)
    assert len(desk.events()) == 3


def test_one_row_that_proves_day_first_settles_the_whole_column(desk):
    text = "order_id;time;revenue\n1;3/4/2025 10:00;5,50\n2;13/4/2025 10:00;6\n"
    desk.bring(desk.file("eu.csv", text), "orders")
    assert [e.happened_us for e in desk.events()] == [
        parse_iso("2025-04-03T10:00:00Z"),
        parse_iso("2025-04-13T10:00:00Z"),
    ]
    assert desk.plain()[0]["revenue"] == 5.5


def test_an_hour_that_happens_twice_is_the_first(desk):
    desk.bring(
        desk.file("o.csv", "order_id,time,revenue\n1,2025-11-02 01:30:00,5\n"), "orders", zone="America/New_York"
    )
    assert desk.events()[0].happened_us == parse_iso("2025-11-02T05:30:00Z")


def test_header_form_takes_products_as_json_and_the_first_of_two_rows(desk):
    lines = json.dumps([{"product_id": "p1", "price": 2}]).replace('"', '""')
    path = desk.file("o.tsv", f'order_id\tmember_card\ttime\trevenue\tproducts\n1\tc9\t2026-01-02\t5\t"{lines}"\n'
                              "1\tc9\t2026-01-02\t6\t\n2\tc9\t2026-01-02\t6\tnonsense\n")  # fmt: skip
    got = desk.bring(path, "orders")
    assert (counts(got), got["order_form"]) == ((3, 1, 1, 1), "header")
    (event,) = desk.events()
    assert event.ids == (Id("member_card", "c9"),)
    assert event.properties["products"] == [{"product_id": "p1", "price": 2}]


def test_an_order_that_only_takes_money_back_is_a_refund(desk):
    desk.bring(desk.file("o.csv", "order_id,time,product_id,quantity,price\nC1,2026-01-02,p,-2,1.5\n"), "orders")
    (event,) = desk.events()
    assert (event.name, event.properties["total"], "revenue" in event.properties) == ("Order Refunded", 3.0, False)


def test_no_numbers_in_parquet_lists_become_nothing(desk):
    table = {"order_id": ["1"], "time": pa.array([1767348000_000_000], pa.timestamp("us")), "revenue": [4.0],
             "products": [[{"product_id": "p1", "price": float("nan")}]]}  # fmt: skip
    pq.write_table(pa.table(table), desk.folder / "o.parquet")
    desk.bring(desk.folder / "o.parquet", "orders")
    assert desk.events()[0].properties["products"] == [{"product_id": "p1", "price": None}]
