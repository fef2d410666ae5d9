"""Traits through the real API: defined, previewed, listed with coverage, read of a customer now and then."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from api_world import NOW, event, world

from homing.api import counting
from homing.core.time import DAY, iso
from homing.profile import traits

SPENT = {"name": {"en": "Spent", "zh": "消费"}, "group": "value", "owner": "Olive",
         "of": {"type": "aggregate", "measure": "sum", "event": "Order Completed", "property": "revenue"}}  # fmt: skip
RECENT = {"name": "Recent orders", "of": {"type": "aggregate", "measure": "count", "event": "Order Completed",
                                          "within": "10d"}}  # fmt: skip
TOWN = {"name": "Town", "group": "demographics", "sensitivity": "personal",
        "of": {"type": "said", "trait": "name", "wins": "newest", "value": "text"}}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory):
    with world(Path(tmp_path_factory.mktemp("shop"))) as made:
        with made.client("editor") as editor:
            for name, document in (("spent", SPENT), ("recent", RECENT), ("town", TOWN)):
                answer = editor.put(f"/traits/{name}", json=document)
                assert answer.status_code == 200, answer.text
        yield made


def test_a_list_says_who_has_a_value_what_it_measures_and_who_stands_on_it(shop):
    with shop.client("editor") as editor, shop.client("viewer") as viewer:
        mean = {"name": "Mean", "of": {"type": "formula", "formula": "spent / recent"}}
        assert editor.put("/traits/mean", json=mean).status_code == 200
        condition = {"type": "trait", "name": "spent", "op": "gt", "value": 15}
        editor.put("/segments/spenders", json={"name": {"en": "Spenders", "zh": "消费者"}, "condition": condition})
        rows = {row["id"]: row for row in viewer.get("/traits").json()["items"]}
        assert rows["mean"]["coverage"] == {"n": 2, "total": 3, "share": 2 / 3}  # Cleo bought nothing: no mean, not 0
        assert rows["spent"]["coverage"]["n"] == 3
        assert rows["spent"]["sentence"]["en"] == "The sum of “revenue” over “Order completed” ever"
        assert rows["spent"]["sentence"]["zh"] == "累计「完成订单」的「revenue」合计"
        assert {(u["kind"], u["id"]) for u in rows["spent"]["used_by"]} == {("trait", "mean"), ("segment", "spenders")}
        assert (rows["spent"]["owner"], rows["spent"]["group"], rows["spent"]["type"]) == ("Olive", "value", "number")
        assert viewer.get("/segments/spenders").json()["count"] == 1
        assert viewer.put("/traits/spent", json=SPENT).status_code == 403
        assert editor.delete("/traits/spent").status_code == 409


def test_a_customer_is_read_now_and_as_she_was_known_then(shop):
    ann = shop.person("ann")
    with shop.client("viewer") as viewer, shop.client("owner") as owner:
        now = owner.get(f"/customers/{ann}/traits").json()
        (spent,) = [one for one in now["groups"]["value"] if one["id"] == "spent"]
        assert (spent["value"], spent["n"], spent["source"]) == (50.5, 2, "computed")
        assert spent["as_of"] == iso(NOW - 2 * DAY)
        (town,) = now["groups"]["demographics"]
        assert (town["value"], town["source"]) == ("Ann Lee", "shop")
        hidden = viewer.get(f"/customers/{ann}/traits").json()["groups"]["demographics"][0]
        assert hidden["value"] == "•••"
        then = iso(NOW - 3 * DAY)
        known = owner.get(f"/customers/{ann}/traits", params={"as_of": then}).json()
        assert {one["id"]: one["value"] for one in known["groups"]["value"]} == {"spent": 0}  # all arrived today
        happened = owner.get(f"/customers/{ann}/traits", params={"as_of": then, "known": "happened"}).json()
        assert {one["id"]: one["value"] for one in happened["groups"]["value"]} == {"spent": 20}
        assert owner.get(f"/customers/{ann}/traits", params={"as_of": iso(NOW + 90 * DAY)}).status_code == 422
        assert owner.get("/customers/nobody/traits").status_code == 404
        asked = {"traits": ["spent"], "known": "happened", "moments": [
            {"customer_id": ann, "at": then}, {"customer_id": ann, "at": iso(NOW)}]}  # fmt: skip
        answer = owner.post("/traits/as-of", json=asked).json()
        assert [row["values"]["spent"] for row in answer["rows"]] == [20, 50.5]
        assert owner.post("/traits/as-of", json=asked | {"traits": ["nothing"]}).status_code == 422


def test_what_is_being_written_is_computed_for_some_customers(shop):
    with shop.client("editor") as editor:
        found = editor.post("/traits/preview", json={"document": {"id": "mine", "of": SPENT["of"] | {"within": "10d"}}})
        assert found.status_code == 200, found.text
        body = found.json()
        assert (body["coverage"]["n"], body["type"]) == (3, "number")
        assert sorted(one["value"] for one in body["examples"]) == [0, 9.5, 30.5]
        one = shop.person("bob")
        chosen = editor.post("/traits/preview", json={"document": {"of": SPENT["of"]}, "customers": [one]}).json()
        assert [(x["customer_id"], x["value"]) for x in chosen["examples"]] == [(one, 9.5)]
        bad = editor.post("/traits/preview", json={"document": {"of": {"type": "formula", "formula": "spent +"}}})
        assert bad.status_code == 422
        assert "place" in bad.json()["error"]["message"]


def test_every_set_that_ships_can_be_taken_and_computed(shop):
    with shop.client("editor") as editor:
        sets = editor.get("/traits/presets").json()["items"]
        assert len(sets) >= 8
        for one in sets:
            answer = editor.post(f"/traits/presets/{one['id']}")
            assert answer.status_code == 201, answer.text
        taken = editor.get("/traits/presets").json()["items"]
        assert all(len(one["taken"]) == len(one["documents"]) for one in taken)
        shop.add(
            event("r1", "Product Reviewed", {"user_id": "ann"}, properties={"rating": 4}),
            event("r2", "Product Reviewed", {"user_id": "ann"}, properties={"rating": 5}),
            event("c1", "Product Viewed", {"user_id": "ann"}, properties={"category": "Tea"}),
        )
        ann = shop.person("ann")
        found = {
            one["id"]: one
            for group in editor.get(f"/customers/{ann}/traits").json()["groups"].values()
            for one in group
        }
        assert (found["mean_rating"]["value"], found["mean_rating"]["n"]) == (4.5, 2)
        assert found["rfm_segment_fixed"]["value"] == "promising" or found["rfm_segment_fixed"]["value"]
        assert found["top_category"]["value"] == "Dairy"
        assert sum(found["category_interest"]["value"].values()) == pytest.approx(1, abs=0.001)
        assert found["price_band"]["value"] == "low"
        assert (found["discount_share"]["value"], found["discount_share"]["n"]) == (0, 2)
        assert "price_elasticity" not in found  # two lines at two prices say nothing
        rows = {row["id"]: row["coverage"] for row in editor.get("/traits").json()["items"]}
        assert rows["price_elasticity"]["n"] == 0
        assert rows["rfm_segment_fixed"]["n"] == 2


def test_what_takes_long_to_count_is_counted_behind_the_answer(shop, monkeypatch):
    monkeypatch.setattr(counting, "PATIENCE_S", 0.05)
    leaning = {"name": "Leaning", "of": {"type": "decayed", "half_life": "30d", "show": "top", "signals": [
        {"event": "Order Completed", "key": "category", "weight": 1}]}}  # fmt: skip
    with shop.client("editor") as editor:
        assert editor.put("/traits/leaning", json=leaning).status_code == 200
    runtime, asked, goes_on = shop.runtime, [], threading.Event()

    def ask():
        asked.append(1)
        assert goes_on.wait(30)
        return runtime.workspace.warehouse, runtime.workspace.clock(), "UTC"

    with runtime.workspace.state.read() as conn:
        live = traits.in_force(conn)
    counts = counting.Counting()
    assert counts.of(live, ["spent", "mean", "recent", "leaning"], ask) == {}  # nothing yet, and nobody waited for it
    goes_on.set()
    monkeypatch.setattr(counting, "PATIENCE_S", 30.0)
    found = counts.of(live, ["spent", "mean", "leaning"], ask)
    assert found == {"spent": (3, 3), "mean": (2, 3), "leaning": (0, 3)}
    assert len(asked) == 4  # each in a statement of its own
    assert counts.of(live, ["spent"], ask) == {"spent": (3, 3)}
    assert len(asked) == 4
    goes_on.clear()
    monkeypatch.setattr(counting, "FRESH_S", 0.0)
    monkeypatch.setattr(counting, "PATIENCE_S", 0.05)
    newer = [(trait, version + (trait.id == "recent")) for trait, version in live]
    assert set(counts.of(newer, ["spent", "mean", "recent"], ask)) == {"spent"}  # another version, another count
    goes_on.set()
