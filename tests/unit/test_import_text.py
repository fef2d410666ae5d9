"""Text files of any making are read: encodings, quotation marks, blank lines, times as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from homing.core.event import Id
from homing.core.time import parse_iso
from import_desk import counts


def test_chinese_names_in_gbk_are_understood(desk):
    text = (
        "订单号,手机号,下单时间,商品名称,数量,金额,门店\n"
        "A1,138 0013 8000,2026年1月2日 8时5分,龙井茶,2,￥1 234.50,杭州西湖店\n"
    )
    got = desk.bring(desk.file("订单.csv", text, "gbk"), "orders", zone="Asia/Shanghai", region="CN", currency="CNY")
    assert (counts(got), got["encoding"]) == ((1, 1, 0, 0), "gb18030")
    (event,) = desk.events()
    assert event.ids == (Id("phone", "+8613800138000"),)
    assert event.happened_us == parse_iso("2026-01-02T00:05:00Z")
    assert event.properties["products"] == [{"name": "龙井茶", "quantity": 2, "revenue": 1234.5}]
    assert (event.properties["store_id"], event.properties["currency"]) == ("杭州西湖店", "CNY")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "cp1252"])
def test_the_encoding_is_found_out(desk, encoding):
    names = ["Café René", "Señor Muñoz", "Zoë Brontë"] if encoding == "cp1252" else ["王芳", "李小龙", "欧阳修"]
    rows = "".join(f"c{n},{name}\n" for n, name in enumerate(names))
    desk.bring(desk.file("people.csv", "customer_id,name\n" + rows, encoding), "customers")
    assert [e.traits["name"] for e in desk.events()] == names


def test_bytes_that_are_no_text_spoil_their_own_row_only(desk):
    raw = "customer_id,name\na,王芳\nb,".encode() + b"\xff\xfe" + "\nc,李雷\n".encode()
    got = desk.bring(desk.file("people.csv", raw), "customers")
    assert counts(got) == (3, 2, 0, 1)
    assert "encoding" in Path(str(got["rejected_file"])).read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-01-02 03:04:05", "2026-01-02T03:04:05Z"), ("2026/1/2 3:04", "2026-01-02T03:04:00Z"),
        ("1/2/2026 3:04", "2026-01-02T03:04:00Z"), ("1/2/2026 3:04 PM", "2026-01-02T15:04:00Z"),
        ("20260102", "2026-01-02T00:00:00Z"), ("1767322800", "2026-01-02T03:00:00Z"),
        ("1767322800000", "2026-01-02T03:00:00Z"), ("2026-01-02T03:04:05.123+02:00", "2026-01-02T01:04:05.123Z"),
        ("2026年1月2日", "2026-01-02T00:00:00Z"), (" 2026-01-02 ", "2026-01-02T00:00:00Z"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["orders", "events"])
def test_a_time_is_read_as_people_write_it(desk, written, meant, kind):
    head = "order_id,customer_id,time,revenue,event" if kind == "orders" else "id,customer_id,time,revenue,event"
    assert desk.bring(desk.file("t.csv", f'{head}\n1,ann,"{written}",5,Seen\n'), kind)["rejected"] == 0
    assert desk.events()[0].happened_us == parse_iso(meant)


def test_an_open_quotation_mark_is_refused_and_swallows_nobody(desk):
    rows = [f'{n},2026-01-0{n},5,"tea, {n}"' for n in range(1, 8)]
    rows[2] = '3,2026-01-03,5,"tea'
    rows[5] = '6,2026-01-06,5,"two\nlines, one tea"'
    got = desk.bring(desk.file("o.csv", "\n".join(["", "order_id,time,revenue,product_name", *rows, ""])), "orders")
    assert counts(got) == (7, 6, 0, 1)
    assert "3,broken_row" not in Path(str(got["rejected_file"])).read_text(encoding="utf-8-sig")
    assert "4,broken_row" in Path(str(got["rejected_file"])).read_text(encoding="utf-8-sig")
    assert [e.properties["products"][0]["name"] for e in desk.events()] == [
        "tea, 1", "tea, 2", "tea, 4", "tea, 5", "two\nlines, one tea", "tea, 7"]  # fmt: skip


def test_blank_lines_before_and_between_rows_are_no_rows(desk):
    got = desk.bring(desk.file("o.csv", "\n\norder_id,time,revenue\n1,2026-01-02,5\n\n2,2026-01-02,x\n"), "orders")
    assert counts(got) == (2, 1, 0, 1)
    assert "3,bad_number" in Path(str(got["rejected_file"])).read_text(encoding="utf-8-sig")
