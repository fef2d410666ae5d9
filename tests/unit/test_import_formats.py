"""Files of any making say the same rows: workbooks, Parquet, any encoding and delimiter, packed or not."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from homing.core.errors import InvalidInput
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


def sheets(*named: tuple[str, list[list[object]]]) -> bytes:
    """A workbook of several sheets, put together from one-sheet ones."""
    out = io.BytesIO()
    first = zipfile.ZipFile(io.BytesIO(workbook(named[0][1], set())))
    with zipfile.ZipFile(out, "w") as file:
        for name in first.namelist():
            text = first.read(name).decode()
            if name == "xl/workbook.xml":
                listed = "".join(f'<sheet name="{n}" sheetId="{k}" r:id="s{k}"/>' for k, (n, _) in enumerate(named, 1))
                text = re.sub(r"<sheets>.*</sheets>", f"<sheets>{listed}</sheets>", text)
            if name == "xl/_rels/workbook.xml.rels":
                kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
                more = "".join(
                    f'<Relationship Id="s{k}" Type="{kind}" Target="worksheets/s{k}.xml"/>'
                    for k in range(1, len(named) + 1)
                )
                text = text.replace("</Relationships>", more + "</Relationships>")
            file.writestr(name, text)
        for k, (_, rows) in enumerate(named, 1):
            part = zipfile.ZipFile(io.BytesIO(workbook(rows, set())))
            file.writestr(f"xl/worksheets/s{k}.xml", part.read("xl/worksheets/s.xml").decode())
    return out.getvalue()


def test_a_sheet_of_a_workbook_is_chosen_by_name_or_number(desk):
    head = ["order_id", "time", "revenue"]
    book = sheets(("May", [head, ["1", "2026-01-02", 5]]), ("六月", [head, ["2", "2026-01-02", 6], ["3", "x", 7]]))
    path = desk.file("book.xlsx", book)
    assert counts(desk.bring(path, "orders")) == (1, 1, 0, 0)
    assert counts(desk.bring(path, "orders", sheet="六月")) == (2, 1, 0, 1)
    assert counts(desk.bring(path, "orders", sheet="2")) == (2, 0, 1, 1)
    with pytest.raises(InvalidInput, match="no sheet 'July', the workbook has May, 六月"):
        desk.bring(path, "orders", sheet="July")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize(("name", "mark"), [("o.tsv", "\t"), ("o.csv", ";"), ("o.txt", "|"), ("o.csv.gz", ",")])
def test_any_encoding_and_delimiter_and_packing_says_the_same(desk, encoding, name, mark):
    rows = [["订单号", "时间", "金额", "商品名称"], ["单1", "2026-01-02", "5.5", "龙井茶叶"]]
    raw = "".join(mark.join(row) + "\n" for row in rows).encode(encoding)
    path = desk.file(name, gzip.compress(raw) if name.endswith(".gz") else raw)
    assert counts(desk.bring(path, "orders")) == (1, 1, 0, 0)
    (event,) = desk.events()
    assert event.properties["products"] == [{"name": "龙井茶叶", "revenue": 5.5}]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"%PDF", "a file of kind .pdf, wanted one of"),
        ("a.parquet", b"order_id,time\n", "a.parquet is not a Parquet file"),
        ("a.parquet", b"PAR1 and no more", "a.parquet cannot be read as Parquet"),
        ("a.xlsx", b"order_id,time\n", "a.xlsx cannot be read as a workbook"),
        ("a.csv", b"", "a.csv is empty, wanted a header and rows"),
        ("a.csv.gz", b"not packed", "a.csv.gz cannot be read"),
        ("a.jsonl", b"[1]\n[2]\n", "the lines have 0 different fields"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused_in_words(desk, name, content, said):
    with pytest.raises(InvalidInput, match=said):
        desk.bring(desk.file(name, content), "orders")
    assert desk.events() == []
