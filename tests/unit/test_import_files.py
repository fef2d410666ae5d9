"""A file goes in once, row by row: what it says is kept, what cannot be read is named, twice changes nothing."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from homing.collect.files import ImportRequest, plan_import, run_import
from homing.core.errors import InvalidInput, NotFound
from homing.core.event import Id
from homing.core.time import parse_iso
from homing.storage.log import SqliteLog
from homing.storage.state import State

NOW = parse_iso("2026-01-06T12:00:00Z")


class Desk:
    """A log, a state and a folder for files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = SqliteLog(folder / "log", lambda: NOW)
        self.state = State(folder / "state.db")

    def file(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def bring(self, path: Path, kind: str, **kw: object) -> dict[str, object]:
        request = ImportRequest(path, kind, **kw)  # type: ignore[arg-type]
        made = run_import(request, self.log, self.state, now_us=NOW, rejected_dir=self.folder / "rejected")
        got = made.as_dict()
        assert got["read"] == made.accepted + made.duplicate + made.rejected
        return got

    def events(self):
        return [s.event for s in self.log.read(0, 100_000)]

    def plain(self):
        return [json.loads(json.dumps(e.properties)) for e in self.events()]


@pytest.fixture
def desk(tmp_path: Path):
    made = Desk(tmp_path)
    yield made
    made.log.close()
    made.state.close()


def workbook(rows: list[list[object]], dates: set[int]) -> bytes:
    """The smallest workbook there is: one sheet, texts inline, style 1 a date."""
    ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"

    def cell(row: int, at: int, value: object) -> str:
        place = f'r="{chr(65 + at)}{row}"'
        if isinstance(value, str):
            return f'<c {place} t="inlineStr"><is><t>{value}</t></is></c>'
        return f'<c {place} s="{int(at in dates)}"><v>{value}</v></c>'

    body = "".join(
        f'<row r="{n}">{"".join(cell(n, at, v) for at, v in enumerate(cells))}</row>'
        for n, cells in enumerate(rows, start=1)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{kind}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{rels}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {ns} xmlns:r="{rels}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{rels}/worksheet" Target="worksheets/s.xml"/><Relationship Id="r2" Type="{rels}/styles" '
        'Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {ns}><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
        "xl/worksheets/s.xml": f"<worksheet {ns}><sheetData>{body}</sheetData></worksheet>",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, text in parts.items():
            file.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return packed.getvalue()


def counts(got: dict[str, object]) -> tuple[object, ...]:
    return got["read"], got["accepted"], got["duplicate"], got["rejected"]


LINES = """order_id,customer_id,time,product_id,product_name,quantity,price,revenue,store_id,coupon
1001,ann,2026-01-02 10:00:00,p1,"Tea, green",2,1.10,2.20,s1,
1001,ann,2026-01-02 10:00:00,p2,Cup,1,0.10,0.10,s1,SAVE
1002,bob,2026-01-02T09:00:00+08:00,p1,"Tea, green",3,1.10,3.30,s2,
1001,ann,2026-01-02 10:00:00,p2,Cup,1,0.10,0.10,s1,SAVE
"""


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


def test_rows_that_cannot_be_read_are_named_and_kept_and_the_rest_goes_in(desk):
    path = desk.file("orders.csv", """order_id,customer_id,time,revenue
1,ann,2026-01-02,5
,bob,2026-01-02,5
3,bob,yesterday,5
4,bob,2026-01-02,five
5,bob,2026-01-02
6,bob,2027-01-02,5
7,bob,2026-01-02,-
8,,2026-01-02,"1,234.50"
""")  # fmt: skip
    got = desk.bring(path, "orders")
    assert (counts(got), got["unit"], got["orders_without_customer"]) == ((8, 2, 0, 6), "rows", 1)
    with open(str(got["rejected_file"]), encoding="utf-8-sig", newline="") as file:
        rows = sorted((int(r[0]), r[1]) for r in list(csv.reader(file))[1:])
    wanted = [(3, "missing_value"), (4, "bad_time"), (5, "bad_number"), (6, "broken_row"), (7, "future_time"),
              (8, "missing_value")]  # fmt: skip
    assert rows == wanted
    with desk.state.read() as conn:
        kept = conn.exec_driver_sql("SELECT place, code, import_id, body FROM rejected ORDER BY place").all()
        run = conn.exec_driver_sql("SELECT status, read, accepted, rejected, finished_us FROM import_run").one()
    assert [(int(k.place.split()[1]), k.code) for k in kept] == wanted
    assert {k.import_id for k in kept} == {got["import_id"]}
    assert json.loads(kept[1].body)["time"] == "yesterday"
    assert tuple(run) == ("done", 8, 2, 6, NOW)
    assert [p["revenue"] for p in desk.plain()] == [5, 1234.5]


def test_the_refused_rows_once_mended_go_in(desk):
    got = desk.bring(desk.file("a.csv", "order_id,time,revenue\n1,2026-01-02,5\n2,2026-01-02,six\n"), "orders")
    mended = Path(str(got["rejected_file"])).read_text(encoding="utf-8-sig").replace("six", "6")
    assert counts(desk.bring(desk.file("b.csv", mended), "orders")) == (1, 1, 0, 0)


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


def test_customers_become_identify_calls_with_typed_traits_and_consents(desk):
    path = desk.file("c.csv", """customer_id,email,phone,age,zip,income,email_consent,sms_consent
1,Ann@X.com,(212) 555-0142,31,01234,35-49K,yes,0
2,broken,12,45,99999,,,
3,,,,,,maybe,
-,,,,,,,
""")  # fmt: skip
    got = desk.bring(path, "customers")
    assert (counts(got), got["unit"]) == ((4, 2, 0, 2), "rows")
    ann, mail, text, bob = desk.events()
    assert ann.ids == (Id("user_id", "1"), Id("email", "ann@x.com"), Id("phone", "+12125550142"))
    assert ann.traits == {
        "age": 31,
        "zip": "01234",
        "income": "35-49K",
        "email": "Ann@X.com",
        "phone": "(212) 555-0142",
    }
    assert (mail.name, mail.properties) == (
        "Consent Updated", {"purpose": "marketing", "channel": "email", "status": "granted"})  # fmt: skip
    assert (text.properties["channel"], text.properties["status"]) == ("sms", "withdrawn")
    assert (bob.ids, bob.traits["email"]) == ((Id("user_id", "2"),), "broken")
    assert counts(desk.bring(path, "customers")) == (4, 0, 2, 2)
    news = desk.file("c2.csv", path.read_text().replace("35-49K", "50-74K"))
    assert counts(desk.bring(news, "customers")) == (4, 1, 1, 2)


def test_products_become_the_catalogue_and_are_of_no_person(desk):
    path = desk.file("p.csv", 'sku,名称,品类,price,size\np1,龙井,茶,"$1,200",L\n,x,,,\np2,Cup,,free,\n')
    assert counts(desk.bring(path, "products")) == (3, 1, 0, 2)
    (event,) = desk.events()
    assert (event.name, event.ids) == ("Product Updated", ())
    assert event.properties == {"product_id": "p1", "name": "龙井", "category": "茶", "price": 1200.0, "size": "L"}
    assert event.event_id.startswith("product:file:p1:")


def test_events_from_json_lines_keep_their_types_and_broken_lines_are_named(desk):
    lines = [
        {"type": "track", "event": "Product Viewed", "userId": "ann", "messageId": "m1",
         "timestamp": "2026-01-02T00:00:00Z",
         "properties": {"price": 12.5, "tags": ["a"]}, "context": {"page": {"path": "/"}}},
        {"event": "Seen", "email": "Bob@x.com", "timestamp": "2026-01-02 08:00", "score": 7},
        {"event": "Seen", "timestamp": "2026-01-02"},
    ]  # fmt: skip
    path = desk.file("e.jsonl", "\n".join(json.dumps(line) for line in lines) + "\n{broken\n[1]\n")
    assert counts(desk.bring(path, "events", zone="Asia/Shanghai")) == (5, 2, 0, 3)
    ann, bob = desk.events()
    assert (ann.event_id, ann.properties, ann.context) == (
        "m1", {"price": 12.5, "tags": ["a"]}, {"page": {"path": "/"}})  # fmt: skip
    assert (bob.ids, bob.properties) == ((Id("email", "bob@x.com"),), {"score": 7})
    assert bob.happened_us == parse_iso("2026-01-02T00:00:00Z")
    assert counts(desk.bring(path, "events", zone="Asia/Shanghai")) == (5, 0, 2, 3)


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


def test_a_dry_run_shows_the_mapping_and_writes_nothing(desk):
    plan = plan_import(
        ImportRequest(desk.file("o.csv", LINES), "orders", {"coupon": "", "channel": "coupon"}), now_us=NOW
    )
    assert {c["column"]: c["field"] for c in plan["columns"]}["coupon"] == "channel"
    assert plan["columns"][0] == {"column": "order_id", "field": "order_id", "examples": ["1001", "1002"]}
    assert (plan["read"], plan["accepted"], plan["duplicate"], plan["dry_run"]) == (4, 3, 1, True)
    assert plan["sample"][0]["name"] == "Order Completed"
    assert desk.events() == []
    with desk.state.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM import_run").scalar() == 0


def test_a_mapping_that_will_not_do_says_what_is_wanted(desk):
    path = desk.file("o.csv", "bon,wann,betrag\n1,2026-01-02,5\n")
    with pytest.raises(InvalidInput, match="no column for order_id, time, revenue or price"):
        desk.bring(path, "orders")
    with pytest.raises(InvalidInput, match="no column 'nix'"):
        desk.bring(path, "orders", mapping={"order_id": "nix"})
    with pytest.raises(InvalidInput, match="field is 'wat'"):
        desk.bring(path, "orders", mapping={"wat": "bon"})
    with pytest.raises(InvalidInput, match="kind is"):
        desk.bring(path, "weather")
    with pytest.raises(NotFound):
        desk.bring(desk.folder / "none.csv", "orders")
    for name, content in (("x.parquet", b"no"), ("x.xlsx", b"no"), ("x.pdf", b"no"), ("x.csv", b""), ("x.jsonl", b"")):
        with pytest.raises(InvalidInput):
            desk.bring(desk.file(name, content), "orders")
    mapping = {"order_id": "bon", "time": "wann", "revenue": "betrag"}
    assert counts(desk.bring(path, "orders", mapping=mapping)) == (1, 1, 0, 0)


def test_progress_ends_at_the_number_of_rows(desk):
    told: list[tuple[int, int]] = []
    request = ImportRequest(desk.file("o.csv.gz", gzip.compress(LINES.encode())), "orders")
    run_import(
        request, desk.log, desk.state, now_us=NOW, rejected_dir=desk.folder, progress=lambda *at: told.append(at)
    )
    assert told[-1] == (4, 4)


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


def test_no_numbers_in_parquet_lists_become_nothing(desk):
    table = {"order_id": ["1"], "time": pa.array([1767348000_000_000], pa.timestamp("us")), "revenue": [4.0],
             "products": [[{"product_id": "p1", "price": float("nan")}]]}  # fmt: skip
    pq.write_table(pa.table(table), desk.folder / "o.parquet")
    desk.bring(desk.folder / "o.parquet", "orders")
    assert desk.events()[0].properties["products"] == [{"product_id": "p1", "price": None}]


def test_an_import_that_broke_off_is_finished_by_running_it_again(desk):
    rows = "".join(f"{n},2026-01-02,5\n" for n in range(12_000))
    request = ImportRequest(desk.file("o.csv", "order_id,time,revenue\n" + rows), "orders")

    def pull_the_plug(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_import(
            request, desk.log, desk.state, now_us=NOW, rejected_dir=desk.folder / "rejected", progress=pull_the_plug
        )
    with desk.state.read() as conn:
        assert conn.exec_driver_sql("SELECT status FROM import_run").scalar() == "failed"
    got = desk.bring(request.path, "orders")
    assert (got["read"], got["accepted"], got["duplicate"]) == (12_000, 7_000, 5_000)
    assert len(desk.events()) == 12_000
