"""Workbooks and Parquet say what the same rows say as text."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from homing.core.event import Id
from homing.core.time import parse_iso
from import_desk import LINES, counts, workbook


def test_excel_and_parquet_give_the_same_orders_as_csv(desk):
    desk.bring(desk.file("o.csv", LINES), "orders")
    table = {"order_id": [1001.0, None], "customer_id": ["ann", "bob"], "revenue": [2.3, 4.0],
             "time": pa.array([1767348000_000_000, 1767348000_000_000], pa.timestamp("us"))}  # fmt: skip
    pq.write_table(pa.table(table), desk.folder / "o.parquet")
    assert counts(desk.bring(desk.folder / "o.parquet", "orders", source="other")) == (2, 1, 0, 1)
    assert desk.events()[-1].event_id == "order:other:1001"
    assert desk.events()[-1].happened_us == parse_iso("2026-01-02T10:00:00Z")


def test_excel_cells_are_read_as_a_person_sees_them(desk):
    book = workbook([["Order ID", "Customer ID", "Order Date", "Amount"], [], [1001, 7, 46024.25, 12.5],
                     [1002, 8, "2026-01-02", "n/a"], [1003, 9, "soon", 1]], dates={2})  # fmt: skip
    got = desk.bring(desk.file("o.xlsx", book), "orders")
    assert counts(got) == (3, 1, 0, 2)
    (event,) = desk.events()
    assert (event.event_id, event.ids, event.properties["revenue"]) == ("order:file:1001", (Id("user_id", "7"),), 12.5)
    assert event.happened_us == parse_iso("2026-01-02T06:00:00Z")
    assert "5,bad_time" in Path(str(got["rejected_file"])).read_text(encoding="utf-8-sig")
