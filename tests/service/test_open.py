"""`homing.open`: a folder or a server from Python, answers as tables of Arrow and pandas."""

from __future__ import annotations

import subprocess
import sys

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
