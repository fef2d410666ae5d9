"""A run names what it refused, counts every row, writes nothing when dry, and is finished by running it again."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from homing.collect.definitions.rules import Rules
from homing.collect.files import ImportRequest, plan_import, run_import
from homing.collect.files.run import Cancelled
from homing.collect.quality.checkpoint import Checkpoint
from homing.collect.quality.inspector import Inspector
from homing.core.errors import Conflict, InvalidInput, NotFound
from import_desk import LINES, NOW, counts


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


def test_a_run_that_was_killed_goes_on_behind_its_last_note_and_keeps_its_counts(desk):
    rows = "".join(f"{n},2026-01-02,{'x' if n % 4000 == 7 else 5}\n" for n in range(24_000))
    request = ImportRequest(desk.file("o.csv", "order_id,time,revenue\n" + rows), "orders")
    kept = {"now_us": NOW, "rejected_dir": desk.folder / "rejected", "import_id": "imp_1"}
    seen = []

    def pull_the_plug(done: int, total: int) -> None:
        seen.append(done)
        if done >= 10_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_import(request, desk.log, desk.state, progress=pull_the_plug, **kept)
    with desk.state.read() as conn:
        noted = conn.exec_driver_sql("SELECT done, accepted, total FROM import_run").one()
    assert noted.done == noted.accepted == seen[-1]
    assert noted.total == 24_000
    got = run_import(request, desk.log, desk.state, **kept).as_dict()
    assert (got["read"], got["rejected"], got["accepted"] + got["duplicate"]) == (24_000, 6, 23_994)
    assert got["duplicate"] <= 15_000  # rows durable when it was killed and not noted
    assert len(desk.events()) == 23_994
    with desk.state.read() as conn:
        runs = conn.exec_driver_sql("SELECT status, read, done FROM import_run").all()
        refused = conn.exec_driver_sql("SELECT count(*) FROM rejected WHERE shape = 'row:orders'").scalar()
    assert [tuple(r) for r in runs] == [("done", 24_000, 24_000)]
    assert refused == 6


def test_a_run_of_orders_side_by_side_goes_on_behind_its_last_note(desk):
    rows = "".join(f"{n // 2},2026-01-02,p{n},{'x' if n % 8000 == 7 else 5}\n" for n in range(24_000))
    request = ImportRequest(desk.file("o.csv", "order_id,time,product_id,revenue\n" + rows), "orders")
    kept = {"now_us": NOW, "rejected_dir": desk.folder / "rejected", "import_id": "imp_1"}

    def pull_the_plug(done: int, total: int) -> None:
        if done >= 5_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_import(request, desk.log, desk.state, progress=pull_the_plug, **kept)
    got = run_import(request, desk.log, desk.state, **kept).as_dict()
    assert (got["read"], got["rejected"], got["accepted"] + got["duplicate"]) == (24_000, 3, 23_997)
    assert len(desk.events()) == 12_000
    assert sum(len(p["products"]) for p in desk.plain()) == 23_997


def test_a_price_and_a_quantity_beyond_all_measure_do_not_stop_the_file(desk):
    rows = "1,2026-01-02,p,99999999,99999999\n2,2026-01-02,p,2,3\n"
    got = desk.bring(desk.file("o.csv", "order_id,time,product_id,price,quantity\n" + rows), "orders")
    assert (got["accepted"], got["rejected"]) == (2, 0)
    assert {p["order_id"]: p.get("revenue") for p in desk.plain()} == {"1": None, "2": 6}


@pytest.mark.parametrize("layout", ["", "2:"])
def test_a_run_whose_batches_were_cut_in_another_way_begins_anew(desk, layout):
    rows = "".join(f"{n},2026-01-02,p{n},5\n" for n in range(30_000))
    request = ImportRequest(desk.file("o.csv", "order_id,time,product_id,revenue\n" + rows), "orders")
    kept = {"now_us": NOW, "rejected_dir": desk.folder / "rejected", "import_id": "imp_1"}
    with pytest.raises(Cancelled):
        run_import(request, desk.log, desk.state, stop=lambda: True, **kept)
    taken = len(desk.events())
    with desk.state.write() as conn:  # as an earlier version noted it, which had taken others first
        noted = f"fingerprint = '{layout}' || substr(fingerprint, 3), done = 10000, read = 10000"
        conn.exec_driver_sql(f"UPDATE import_run SET {noted}")
    got = run_import(request, desk.log, desk.state, **kept).as_dict()
    assert (got["read"], got["accepted"], got["duplicate"]) == (30_000, 30_000 - taken, taken)
    assert len(desk.events()) == 30_000


def test_a_run_goes_on_only_with_the_file_it_began_with(desk):
    path = desk.file("o.csv", "order_id,time,revenue\n1,2026-01-02,5\n")
    kept = {"now_us": NOW, "rejected_dir": desk.folder / "rejected", "import_id": "imp_1"}
    run_import(ImportRequest(path, "orders"), desk.log, desk.state, **kept)
    path.write_text("order_id,time,revenue\n2,2026-01-02,5\n")
    with pytest.raises(Conflict):
        run_import(ImportRequest(path, "orders"), desk.log, desk.state, **kept)


def test_a_run_stops_when_it_is_told_to_and_what_is_in_stays(desk):
    rows = "".join(f"{n},2026-01-02,5\n" for n in range(24_000))
    request = ImportRequest(desk.file("o.csv", "order_id,time,revenue\n" + rows), "orders")
    with pytest.raises(Cancelled):
        run_import(request, desk.log, desk.state, now_us=NOW, rejected_dir=desk.folder, stop=lambda: True)
    with desk.state.read() as conn:
        run = conn.exec_driver_sql("SELECT status, accepted FROM import_run").one()
    assert tuple(run) == ("cancelled", 5_000)
    assert len(desk.events()) == 5_000


def test_what_a_rule_refuses_is_refused_row_by_row(desk):
    door = Checkpoint(desk.state)
    rule = {"rule": "range", "field": "revenue", "max": 8, "then": "refuse"}
    rules = Rules.model_validate({"id": "r", "name": "r", "source": "file", "rules": [rule]})
    door.inspector = Inspector(rules=[rules])
    path = desk.file("o.csv", "order_id,time,product_id,price\n1,2026-01-02,a,4\n1,2026-01-02,b,5\n2,2026-01-02,a,4\n")
    got = run_import(ImportRequest(path, "orders"), desk.log, desk.state, now_us=NOW,
                     rejected_dir=desk.folder / "rejected", checkpoint=door)  # fmt: skip
    assert counts(got.as_dict()) == (3, 1, 0, 2)
    with desk.state.read() as conn:
        rows = conn.exec_driver_sql("SELECT place, code FROM rejected ORDER BY place").all()
    assert [tuple(r) for r in rows] == [("row 2", "rule_range"), ("row 3", "rule_range")]
