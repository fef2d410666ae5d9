"""`homing.open`: a folder or a server from Python, answers as tables of Arrow and pandas."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest
from api_world import LOCAL, world

import homing
from homing.core.errors import Conflict, HomingError, InvalidInput, NotFound
from learning_world import shoppers

pytestmark = pytest.mark.service
CLUB = {"type": "trait", "name": "club", "op": "eq", "value": True}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with world(tmp_path_factory.mktemp("home")) as home:
        home.add(*shoppers(300))
        with home.client("editor") as client:
            document = {"name": {"en": "Club", "zh": "俱乐部"}, "condition": CLUB}
            assert client.put("/segments/club", json=document).status_code == 200
        with homing.open(home.url, key=LOCAL) as opened:
            yield opened


def test_questions_are_answered_as_tables(shop):
    found = shop.query(
        "SELECT name, count(*) AS n FROM events WHERE kind = 'track' GROUP BY name ORDER BY n DESC, name"
    )
    assert found.columns == ["name", "n"]
    assert found.rows()[0]["name"] == "Order Completed"
    assert found.arrow.column("n").type == "int64"
    assert found.about["truncated"] is False
    pandas = pytest.importorskip("pandas")
    frame = found.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame["n"].sum() == sum(r["n"] for r in found.rows())
    assert shop.rfm().arrow.column("people").to_pylist()
    assert len(shop.query("SELECT 1 AS one WHERE false")) == 0


def test_a_whole_number_beyond_64_bits_keeps_every_digit(shop):
    found = shop.query("SELECT 100000000000000000000::HUGEINT + n AS sum, n FROM (SELECT unnest([1, 2]) AS n)")
    assert found.rows() == [{"sum": "100000000000000000001", "n": 1}, {"sum": "100000000000000000002", "n": 2}]


def test_segments_are_counted_listed_and_exported(shop, tmp_path):
    assert shop.count("club") == shop.count(CLUB) == len(shop.members("club")) > 20
    assert shop.segments().rows()[0]["id"] == "club"
    file = shop.export("club", tmp_path / "club.parquet", traits=["city"])
    assert pq.read_table(file).num_rows == shop.count("club")
    apart = shop.compare("club")
    assert "trait.club=true" in apart.arrow.column("feature").to_pylist()
    assert len(shop.history("club", days=5)) == 5
    with pytest.raises(NotFound):
        shop.count("unknown")


def test_traits_are_read_now_and_as_they_were_known_at_an_instant(shop, monkeypatch):
    named = {
        "name": {"en": "Orders", "zh": "订单"},
        "of": {"type": "aggregate", "measure": "count", "event": "Order Completed"},
    }
    shop.api.ask("PUT", "/traits/orders_ever", json=named)
    shop.api.ask("PUT", "/traits/orders_30d", json=named | {"of": named["of"] | {"within": "30d"}})
    listed = {row["id"]: row for row in shop.traits().rows()}
    assert listed["orders_ever"]["type"] == "number"
    now = shop.values("orders_ever")
    assert now.columns == ["customer_id", "at", "orders_ever"]
    sql = "SELECT customer_id, count(*) AS n FROM events WHERE name = 'Order Completed'{} GROUP BY 1"
    counted = {r["customer_id"]: r["n"] for r in shop.query(sql.format("")).rows()}
    assert {r["customer_id"]: r["orders_ever"] for r in now.rows() if r["orders_ever"]} == counted
    assert listed["orders_ever"]["customers"] in {len(now), len(counted)}

    then = datetime(2017, 10, 1, tzinfo=UTC)
    past = " AND happened_at <= TIMESTAMP '2017-10-01 00:00:00'"
    counted = {r["customer_id"]: r["n"] for r in shop.query(sql.format(past)).rows()}
    monkeypatch.setattr("homing.client.workspace.MOMENTS", 70)  # so that one answer takes several requests
    happened = shop.values("orders_ever", "orders_30d", at=then, known="happened")
    assert {r["customer_id"]: r["orders_ever"] for r in happened.rows() if r["orders_ever"]} == counted
    assert len(happened) == len(now) == shop.query("SELECT count(*) AS n FROM customers").rows()[0]["n"] >= 300
    assert 0 < sum(happened.arrow.column("orders_30d").to_pylist()) < sum(counted.values())
    received = shop.values("orders_ever", at=then.isoformat())  # all of it came in on New Year's Day
    assert set(received.arrow.column("orders_ever").to_pylist()) == {0}

    one = happened.rows()[0]["customer_id"]
    own = shop.values("orders_ever", customers=[(one, "2017-10-01T00:00:00Z"), one], known="happened").rows()
    assert [r["orders_ever"] for r in own] == [
        counted.get(one, 0),
        next(r["orders_ever"] for r in now.rows() if r["customer_id"] == one),
    ]
    with pytest.raises(InvalidInput):
        shop.values("unknown")


def test_models_are_learned_and_their_cards_read(shop):
    like = shop.lookalike("club", save="alike", reach=0.1)
    assert like.columns[:3] == ["reach", "size", "precision"]
    assert like.about["check"]["models"]["logistic"]["auc"]["low"] > 0.5
    assert shop.count("alike") > 0
    kinds = shop.clusters(k=3, features={"families": ["bought"]})
    assert sum(kinds.arrow.column("size").to_pylist()) == kinds.about["data"]["customers"]
    rules = shop.rules(max_items=2)
    assert ("Gels", "Shoes") in {(r["left"], r["right"]) for r in rules.rows()}
    told = shop.classify({"trait": "club", "value": True}, id="club")
    assert told.about["split"] == "customers"
    with pytest.raises(InvalidInput):
        shop.lookalike("club", surprise=1)


def test_a_folder_is_opened_in_this_process_and_let_go_of(tmp_path):
    with homing.open(tmp_path / "w") as shop:
        assert shop.query("SELECT count(*) AS n FROM events").rows() == [{"n": 0}]
        with pytest.raises(Conflict), homing.open(tmp_path / "w"):
            pass
    with homing.open(tmp_path / "w") as shop:
        assert len(shop.segments()) == 0
    with pytest.raises(InvalidInput, match="admin key"):
        homing.open("http://127.0.0.1:9")
    with homing.open("http://127.0.0.1:9", key="hk_none") as nowhere, pytest.raises(HomingError):
        nowhere.rfm()


def test_importing_homing_brings_no_library_of_learning():
    heavy = ("sklearn", "pandas", "scipy", "pyarrow", "duckdb", "fastapi", "narwhals")
    code = f"import homing, sys; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_serving_and_asking_need_no_library_of_learning():
    asked = "print([m for m in ('sklearn', 'pandas', 'splink') if m in sys.modules])"
    code = f"import homing.api.app, homing.runtime.runtime, sys; {asked}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
