"""A file over the API: looked at, imported as a job, followed, and meant as a saved mapping says."""

from __future__ import annotations

import json
import time

import pytest
from api_world import LOCAL, World
from api_world import world as open_workspace

TILLS = "小票,联系,时间2,实收\n" + "".join(
    f"T{n},138001380{n:02},2017-12-0{n % 9 + 1} 10:00,{n}.5\n" for n in range(1, 30)
)
MAPPING = {
    "kind": "mapping", "id": "tills", "name": {"en": "Tills", "zh": "收银"}, "as": "orders",
    "map": {"order_id": "小票", "time": "时间2", "revenue": "实收", "phone": "联系"},
    "columns": ["小票", "联系", "时间2", "实收"], "region": "CN", "currency": "CNY", "zone": "Asia/Shanghai",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with open_workspace(tmp_path_factory.mktemp("imports") / "workspace") as opened:
        yield opened


def test_a_look_says_what_columns_may_be_and_the_mapping_is_used_again(world: World):
    with world.client("editor") as api:
        seen = api.post(
            "/imports/look", data={"region": "CN"}, files={"file": ("tills.csv", TILLS.encode("gbk"))}
        ).json()
        by = {c["column"]: c for c in seen["columns"]}
        assert (seen["encoding"], by["联系"]["looks"], by["时间2"]["looks"]) == ("gb18030", "phone", "time")
        assert by["联系"]["reason"]["text"]["zh"]
        kinds = {k["kind"]: k for k in seen["kinds"]}
        assert {"orders", "stock", "costs", "reviews", "tickets", "points", "rates", "table"} <= kinds.keys()
        assert api.post("/apply", json={"documents": [MAPPING]}).status_code == 200
        again = api.post("/imports/look", data={"upload": seen["upload"], "file_name": "tills.csv"}).json()
        assert [m["id"] for m in again["mappings"]] == ["tills"]
        assert again["kind"] == "orders"

        meant = {"upload": seen["upload"], "file_name": "tills.csv", "mapping": "tills"}
        tried = api.post("/imports", data=meant | {"dry_run": "true"}).json()
        assert (tried["read"], tried["accepted"], tried["rejected"]) == (29, 29, 0)
        ((kind, phone),) = tried["sample"][0]["ids"]
        assert (kind, phone[:8]) == ("phone", "+8613800")
        begun = api.post("/imports", data=meant | {"wait": "false"}).json()
        ends = time.monotonic() + 60
        while (run := api.get(f"/imports/{begun['import_id']}").json())["status"] in {"waiting", "running"}:
            assert time.monotonic() < ends
            time.sleep(0.05)
        assert (run["status"], run["done"], run["total"], run["can_resume"]) == ("done", 29, 29, False)
        done = api.get(f"/imports/{begun['import_id']}/result").json()
        assert (done["accepted"], done["encoding"], done["rejected_file"]) == (29, "gb18030", None)
        assert api.post(f"/imports/{begun['import_id']}/resume").status_code == 409
        assert api.post(f"/imports/{begun['import_id']}/cancel").status_code == 409
        assert api.post("/imports/imp_none/cancel").status_code == 404
        assert api.post("/imports", data=meant).status_code == 404  # the upload is gone with the import


def test_what_will_not_do_leaves_no_run_and_no_upload(world: World):
    with world.client("editor") as api:
        before = len(api.get("/imports").json()["items"])
        bad = api.post("/imports", data={"kind": "orders"}, files={"file": ("x.csv", "a,b\n1,2\n")})
        assert (bad.status_code, bad.json()["error"]["field"]) == (422, "map")
        none = api.post("/imports", data={}, files={"file": ("x.csv", "a,b\n1,2\n")})
        assert (none.status_code, none.json()["error"]["field"]) == (422, "kind")
        assert api.post("/imports", data={"kind": "orders"}).json()["error"]["field"] == "file"
        assert len(api.get("/imports").json()["items"]) == before
    assert not list(world.runtime.imports.uploads.glob("*.csv"))


def test_a_path_is_for_the_command_line_of_this_machine_alone(world: World, tmp_path):
    path = tmp_path / "o.csv"
    path.write_text("order_id,time,revenue\np1,2017-12-02,5\n")
    said = {"kind": "orders", "path": str(path), "map": json.dumps({})}
    with world.client("editor") as api:
        assert api.post("/imports", data=said).status_code == 403
        assert api.post("/imports/look", data=said).status_code == 403
    with world.client() as api:
        done = api.post("/imports", data=said, headers={"authorization": f"Bearer {LOCAL}"})
        assert (done.status_code, done.json()["accepted"]) == (200, 1)
    assert path.exists()
