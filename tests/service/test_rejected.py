"""Refused rows are mended and sent again through the door they were refused at, once."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from api_world import LOCAL, NOW, world

from homing.collect import collect_app
from homing.collect.quality import replay
from homing.collect.quality.replay import Replayer
from homing.collect.rejects import Reject, write_rejects
from homing.core.time import DAY

PLAN = {
    "kind": "plan", "id": "shop", "name": "Shop", "mode": "block",
    "events": [{"event": "Order Completed", "properties": {
        "order_id": {"type": "string", "required": True}, "revenue": {"type": "number", "required": True}}}],
}  # fmt: skip


@pytest.fixture
def shop(tmp_path):
    with world(tmp_path) as made, made.client() as client:
        client.headers["authorization"] = f"Bearer {LOCAL}"
        yield made, client


def send(made, path, body):
    """A call at the collect door of the running workspace."""
    w = made.runtime.workspace
    app = collect_app(w.log, w.state, {"wk": "web"}.get, w.clock, w.settings, checkpoint=made.runtime.checkpoint)

    async def go():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
            return (await client.post(path, json=body, headers={"authorization": "Bearer wk"})).json()

    try:
        return asyncio.run(go())
    finally:
        app.close()


def order(n, **properties):
    return {"type": "track", "event": "Order Completed", "userId": "dan", "messageId": n, "properties": properties}


def found(made, name="Order Completed", source="web"):
    stored = made.runtime.workspace.log.read(0, 10_000)
    return [s.event for s in stored if s.event.name == name and s.event.source_id == source]


def test_a_blocked_call_is_mended_in_bulk_and_taken_once(shop):
    made, client = shop
    assert client.post("/apply", json={"documents": [PLAN]}).status_code == 200
    bad = [order(f"m{n}", order_id=f"A{n}", revenue=" 9,50 ") for n in range(3)]
    said = send(made, "/v1/batch", {"batch": bad, "context": {"app": {"name": "till"}}})
    assert [r["reason"]["code"] for r in said["results"]] == ["plan_type"] * 3
    (group,) = client.get("/rejected/groups").json()["items"]
    assert (group["source"], group["code"], group["status"], group["n"]) == ("web", "plan_type", "open", 3)

    select = {"code": "plan_type", "source": "web"}
    again = client.post("/rejected/replay", json={"select": select}).json()
    assert (again["replayed"], again["failed"]) == (0, 3)  # nothing was mended yet
    change = {"op": "set", "field": "properties.revenue", "value": 9.5}
    tried = client.post("/rejected/fix", json={"select": select, "change": change, "dry_run": True}).json()
    assert (tried["matched"], tried["changed"]) == (3, 3)
    assert json.loads(tried["sample"][0]["after"])["properties"]["revenue"] == 9.5
    assert " 9,50 " in client.get("/rejected?limit=1").json()["items"][0]["body"]  # a dry run writes nothing
    client.post("/rejected/fix", json={"select": select, "change": change})
    done = client.post("/rejected/replay", json={"select": select}).json()
    assert (done["replayed"], done["duplicate"], done["failed"]) == (3, 0, 0)
    assert client.post("/rejected/replay", json={"select": select}).json()["replayed"] == 0
    events = found(made)
    assert sorted(e.event_id for e in events) == ["m0", "m1", "m2"]
    assert events[0].context["app"] == {"name": "till"}  # what the batch said for all its items
    assert {r["status"] for r in client.get("/rejected").json()["items"]} == {"replayed"}


def test_a_violation_says_who_sent_what_and_what_was_met_and_wanted(shop):
    made, client = shop
    client.post("/apply", json={"documents": [PLAN]})
    send(made, "/v1/batch", {"batch": [
        order("m1", order_id="A1", revenue="nine@a.example"), order("m2", order_id="A2", revenue="ten"),
        order("m3", revenue=3),
        {"type": "track", "event": "Coupon Redeemed", "userId": "dan"}]})  # fmt: skip
    groups = client.get("/plans/violations").json()["items"]
    shown = [
        (g["source"], g["type"], g["event"], g["code"], g["field"], g["said"], g["n"], g["offset"]) for g in groups
    ]
    assert shown == [
        ("web", "track", "Order Completed", "plan_type", "revenue", "revenue has type string, wanted number", 2, None),
        ("web", "track", "Order Completed", "plan_missing", "order_id", "order_id is missing, wanted a value", 1, None),
    ]
    chinese = client.get("/plans/violations", headers={"accept-language": "zh"}).json()["items"]
    assert chinese[0]["said"] == "revenue 的类型是文本，应为数字"

    rows = {json.loads(r["body"])["messageId"]: r for r in client.get("/rejected").json()["items"]}
    assert (rows["m1"]["type"], rows["m1"]["event"], rows["m1"]["reason"]["met"]) == (
        "track", "Order Completed", ["nine@a.example"])  # fmt: skip
    assert rows["m3"]["reason"]["met"] == []  # what is missing stands nowhere
    with made.client("viewer") as viewer:
        row = viewer.get(f"/rejected/{rows['m1']['rejected_id']}").json()
    assert (row["event"], row["reason"]["field"], row["reason"]["met"], row["body"]) == (
        "Order Completed", "revenue", None, None)  # fmt: skip

    client.post("/apply", json={"documents": [PLAN | {"mode": "observe"}]})
    send(made, "/v1/batch", {"batch": [order("m4", order_id="A4", revenue="four")]})
    made.runtime.settle(30)
    made.runtime.loader.catch_up()
    (taken,) = [g for g in client.get("/plans/violations").json()["items"] if g["offset"] is not None]
    assert (taken["event"], taken["field"], taken["by"], taken["said"]) == (
        "Order Completed", "revenue", "plan:shop", "revenue has type string, wanted number")  # fmt: skip


def test_a_plan_is_paused_resumed_and_taken_back(shop):
    made, client = shop
    client.post("/apply", json={"documents": [PLAN]})

    def verdict(n: str) -> str:
        return send(made, "/v1/batch", {"batch": [order(n, order_id=n, revenue="x")]})["results"][0]["status"]

    assert verdict("p1") == "rejected"
    with made.client("viewer") as viewer:
        assert viewer.post("/plans/shop/pause").status_code == 403
    assert client.post("/plans/shop/pause").status_code == 204
    assert verdict("p2") == "accepted"
    assert [(d["id"], d["status"]) for d in client.get("/definitions/plan").json()["items"]] == [("shop", "paused")]
    assert client.post("/plans/shop/resume").status_code == 204
    assert verdict("p3") == "rejected"
    assert client.delete("/plans/shop").status_code == 204
    assert verdict("p4") == "accepted"
    assert client.get("/definitions/plan").json()["items"] == []
    assert client.delete("/plans/shop").status_code == 404
    assert [r["status"] for r in client.get("/rejected").json()["items"]] == ["open", "open"]  # and stay to be mended
    done = [e["action"] for e in client.get("/audit", params={"target": "shop", "action": "plan"}).json()["items"]]
    assert done == ["plan.deleted", "plan.resumed", "plan.paused", "plan.publish", "plan.save"]


def test_rows_of_a_file_that_a_plan_refuses_say_what_rows_they_are(shop):
    _, client = shop
    plan = PLAN | {"events": [{"event": "Order Completed", "properties": {"revenue": {"type": "number", "max": 5}}}]}
    client.post("/apply", json={"documents": [plan]})
    form = {"kind": "orders", "map": json.dumps(
        {"order_id": "No", "customer_id": "Who", "time": "When", "revenue": "Sum"})}  # fmt: skip
    rows = "No,Who,When,Sum\n1,dora,2017-12-01T10:00:00Z,9\n"
    client.post("/imports", data=form, files={"file": ("o.csv", rows)})
    (group,) = client.get("/plans/violations").json()["items"]
    assert (group["type"], group["event"], group["field"], group["said"]) == (
        "row:orders", "", "revenue", "revenue lies outside … to 5")  # fmt: skip


def _killed(*_, **__):
    raise KeyboardInterrupt


def test_a_replay_that_was_killed_before_it_was_noted_doubles_nothing(shop, monkeypatch):
    made, client = shop
    client.post("/apply", json={"documents": [PLAN]})
    send(made, "/v1/track", {k: v for k, v in order("m1", order_id="A1", revenue="9").items() if k != "type"})
    (row,) = client.get("/rejected").json()["items"]
    kept = json.loads(row["body"])
    assert kept["type"] == "track"  # the path said it
    kept["properties"]["revenue"] = 9
    assert client.put(f"/rejected/{row['rejected_id']}", json={"body": json.dumps(kept)}).status_code == 200
    w = made.runtime.workspace
    sender = Replayer(w.state, w.log, made.runtime.checkpoint, w.settings)
    with monkeypatch.context() as killed:
        killed.setattr(replay, "settle", _killed)  # after the log has it, before the row is settled
        with pytest.raises(KeyboardInterrupt):
            sender.replay([row["rejected_id"]], now_us=NOW)
    assert len(found(made)) == 1
    assert client.get(f"/rejected/{row['rejected_id']}").json()["status"] == "open"
    (outcome,) = sender.replay([row["rejected_id"]], now_us=NOW)
    assert outcome.status == "duplicate"
    assert len(found(made)) == 1
    assert client.get(f"/rejected/{row['rejected_id']}").json()["status"] == "replayed"


def test_a_row_of_a_file_goes_in_as_its_kind(shop):
    made, client = shop
    w = made.runtime.workspace
    rows = [
        Reject(NOW, "pos", f"row {n}", "bad_time", "time", json.dumps(body), None, "row:orders", f"r{n}")
        for n, body in enumerate([
            {"order_id": "B1", "time": "yesterday", "revenue": "10", "customer_id": "eve"},
            {"order_id": "B2", "time": "2017-12-30", "revenue": "12", "customer_id": "eve"},
        ])
    ]  # fmt: skip
    with w.state.write() as conn:
        write_rejects(conn, rows)
    done = client.post("/rejected/replay", json={"select": {"source": "pos"}}).json()
    assert (done["replayed"], done["failed"]) == (1, 1)
    assert done["items"][0]["reason"]["code"] == "bad_time"
    change = {"op": "replace", "field": "time", "find": "yesterday", "value": "2017-12-31"}
    client.post("/rejected/fix", json={"select": {"ids": ["r0"]}, "change": change})
    assert client.post("/rejected/replay", json={"select": {"ids": ["r0", "r1"]}}).json()["replayed"] == 1
    orders = {e.properties["order_id"]: e for e in found(made, source="pos")}
    assert sorted(orders) == ["B1", "B2"]
    assert orders["B1"].properties["revenue"] == 10


def test_a_line_of_an_order_that_is_known_stays_open_and_changes_nothing(shop):
    made, client = shop
    w = made.runtime.workspace
    lines = [{"order_id": "C1", "time": "2017-12-30", "product_id": p, "price": "5", "quantity": "1"} for p in "ab"]
    rows = [
        Reject(NOW, "pos", f"row {n}", "bad_number", "price", json.dumps(body), None, "row:orders", f"c{n}")
        for n, body in enumerate(lines)
    ]
    with w.state.write() as conn:
        write_rejects(conn, rows[:1])
    assert client.post("/rejected/replay", json={"select": {"source": "pos"}}).json()["replayed"] == 1
    with w.state.write() as conn:
        write_rejects(conn, rows[1:])
    done = client.post("/rejected/replay", json={"select": {"source": "pos"}}).json()
    assert (done["failed"], done["items"][0]["reason"]["code"]) == (1, "order_known")
    (event,) = found(made, source="pos")
    assert len(event.properties["products"]) == 1


def test_what_is_dropped_can_be_opened_again_and_what_was_sent_cannot(shop):
    made, client = shop
    w = made.runtime.workspace
    with w.state.write() as conn:
        write_rejects(
            conn, [Reject(NOW - DAY, "web", "item 0", "shape", "x", "{}", rejected_id=f"d{n}") for n in (1, 2)]
        )
    dropped = client.post("/rejected/drop", json={"select": {"ids": ["d1"]}}).json()
    assert dropped == {"n": 1, "ids": ["d1"]}
    assert [r["rejected_id"] for r in client.get("/rejected?status=open").json()["items"]] == ["d2"]
    assert client.post("/rejected/replay", json={"select": {"ids": ["d1"]}}).json()["failed"] == 0
    assert client.put("/rejected/d1", json={"body": "{}"}).status_code == 409
    assert client.post("/rejected/reopen", json={"select": {"ids": ["d1"]}}).json()["n"] == 1
    said = client.post("/rejected/replay", json={"select": {"ids": ["d1"]}}).json()
    assert said["items"][0]["reason"]["code"] == "not_replayable"
    assert client.put("/rejected/d1", json={"body": "no json"}).status_code == 422


def test_a_viewer_sees_reasons_and_no_text_and_changes_nothing(shop):
    made, _ = shop
    with made.runtime.workspace.state.write() as conn:
        write_rejects(conn, [Reject(NOW, "web", "item 0", "shape", "x", '{"email":"a@b.cn"}', rejected_id="v1")])
    with made.client("viewer") as client:
        (row,) = client.get("/rejected").json()["items"]
        assert (row["body"], row["reason"]["code"]) == (None, "shape")
        assert client.post("/rejected/drop", json={"select": {}}).status_code == 403


def test_a_viewer_is_told_a_reason_without_the_value_that_was_met(shop):
    made, client = shop
    phone = {"order_id": "V1", "time": "13900001111999", "revenue": "10", "customer_id": "eve"}
    with made.runtime.workspace.state.write() as conn:
        write_rejects(
            conn,
            [Reject(NOW, "pos", "row 2", "bad_time", "old@a.example", json.dumps(phone), None, "row:orders", "v2")],
        )
    with made.client("viewer") as viewer:
        assert viewer.get("/rejected/v2").json()["reason"]["message"] == "o***@a.example"
        assert client.post("/rejected/replay", json={"select": {"ids": ["v2"]}}).json()["failed"] == 1
        seen, whole = (who.get("/rejected/v2").json()["reason"] for who in (viewer, client))
    assert whole["message"].startswith("time is “13900001111999”, wanted a time")
    assert seen == whole | {"message": whole["message"].replace("13900001111999", "***")}
    assert seen["field"] == "time"


def test_an_event_shows_what_the_plan_found(shop):
    made, client = shop
    client.post("/apply", json={"documents": [PLAN | {"mode": "warn"}]})
    said = send(made, "/v1/batch", {"batch": [order("w1", order_id="A1")]})
    assert said["results"][0]["warnings"] == ["plan_missing: revenue is missing, wanted a value"]
    (event,) = (e for e in client.get("/events?limit=20").json()["items"] if e["event_id"] == "w1")
    assert [(v["code"], v["field"], v["by"]) for v in event["violations"]] == [
        ("plan_missing", "revenue", "plan:shop")
    ]  # fmt: skip
    assert event["violations"][0]["text"]["zh"]
