"""The admin API tells what the workspace knows and changes it where it should, over real HTTP."""

from __future__ import annotations

import csv
import io
import json
import threading
import time

import httpx
import pytest
from api_world import CAMPAIGN, CONTENT, EMAILS, JOURNEY, NOW, PASSWORD, SEGMENT, World, event, served, world

from homing.api import admin_app
from homing.api.context import wall_us
from homing.core.time import DAY, HOUR
from homing.govern import new_setup_token
from homing.runtime import Runtime, Workspace

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    truth = [{"metric": "orders", "value": 0.25}]
    demo = {"running": True, "day": 3, "of_days": 60, "truth": truth, "note": {"en": "A simulator", "zh": "模拟器"}}
    with world(tmp_path_factory.mktemp("home"), demo=lambda: demo) as made:
        yield made


@pytest.fixture(scope="module")
def api(home: World):
    with home.client("editor") as client:
        yield client


def test_the_first_owner_is_made_by_the_link_and_is_signed_in(tmp_path):
    runtime = Runtime(Workspace.open(tmp_path), sending=False).start()
    token = new_setup_token(runtime.workspace.state, now_us=wall_us())
    with served(admin_app(runtime)) as url, httpx.Client(base_url=url + "/api") as client:
        assert client.get("/session").json() | {"workspace": 0} == {"setup_needed": True, "user": None, "workspace": 0}
        body = {"token": token, "email": "Olive@Example.com", "name": "Olive", "password": PASSWORD}
        weak = client.post("/setup", json=body | {"password": "short"})
        assert (weak.status_code, weak.json()["error"]["field"]) == (422, "password")
        assert client.post("/setup", json=body | {"token": "wrong"}).status_code == 401
        made = client.post("/setup", json=body).json()
        assert (made["setup_needed"], made["user"]["email"], made["user"]["role"]) == (
            False,
            "olive@example.com",
            "owner",
        )
        assert client.get("/keys").status_code == 200
        assert client.post("/setup", json=body).status_code == 409
    runtime.stop()


def test_the_session_says_who_and_where(home: World, api: httpx.Client):
    said = api.get("/session").json()
    assert said["user"]["email"] == EMAILS["editor"]
    assert said["workspace"] == {
        "name": "Test shop", "zone": "America/New_York", "currency": "USD", "demo": True,
        "clock": {"now": "2018-01-01T17:00:00.000Z", "kind": "virtual", "speed": 0.0},
    }  # fmt: skip


def test_customers_are_listed_searched_sorted_and_paged(home: World, api: httpx.Client):
    def names(**params) -> list[str]:
        return [r["name"] for r in api.get("/customers", params=params).json()["items"]]

    assert names(sort="-revenue")[:2] == ["Ann Lee", "Bob"]
    assert names(sort="revenue")[-1] == "Ann Lee"
    assert names(q="ANN.LEE@example.com") == ["Ann Lee"]
    assert names(q="cookie-ann") == ["Ann Lee"]
    assert names(q="100%") == []
    (ann,) = api.get("/customers", params={"q": "ann lee"}).json()["items"]
    assert (ann["orders"], ann["revenue"], ann["ids"], ann["last_order_at"]) == (2, 50.5, 4, "2017-12-30T17:00:00.000Z")
    seen, cursor = [], None
    while True:
        page = api.get("/customers", params={"limit": 1, "sort": "last_order_at", "cursor": cursor or ""}).json()
        seen += [r["name"] for r in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert page["total"] == len(seen) == len(set(seen)) == 3
    assert seen[1:] == ["Bob", "Ann Lee"]  # who never ordered comes first


def test_one_customer_shows_what_is_known_and_from_where(home: World, api: httpx.Client):
    ann = api.get(f"/customers/{home.person('ann lee')}").json()
    traits = {t["name"]: t for t in ann["traits"]}
    assert traits["age"] | {"as_of": 0} == {"name": "age", "label": {"en": "Age", "zh": "年龄"}, "value": 41,
                                            "source": "shop", "as_of": 0}  # fmt: skip
    assert traits["orders"]["source"] == "computed"
    stats = ann["stats"]
    assert (stats["orders"], stats["revenue"], stats["average_order"]) == (2, 50.5, 25.25)
    assert stats["categories"] == [{"name": "Dairy", "share": 1.0, "n": 2}]
    assert sum(stats["active_hours"]) == 3
    assert ann["stage"] == "buyer"
    assert ann["merged_into"] is None
    assert ann["churn"] is None  # two orders are one gap: too few to say


def test_the_timeline_pages_backwards_without_gap_or_repeat(home: World, api: httpx.Client):
    path, seen, before = f"/customers/{home.person('ann lee')}/timeline", [], None
    while True:
        page = api.get(path, params={"limit": 2, "before": before or ""}).json()
        seen += [i["event_id"] for i in page["items"]]
        before = page["next"]
        if not page["items"] or before is None:
            break
    shop = [i for i in seen if not i.startswith("seg:")]
    assert shop == ["v0", "o2", "o1", "i1"]
    assert len(seen) == len(set(seen))
    (viewed,) = [i for i in api.get(path, params={"kind": "track"}).json()["items"] if i["event_id"] == "v0"]
    assert viewed["properties"]["price"] == 3.5
    assert viewed["summary"]["en"].startswith("Product viewed")


def test_identity_shows_what_joined_the_identifiers(home: World, api: httpx.Client):
    said = api.get(f"/customers/{home.person('ann lee')}/identity").json()
    assert {(i["type"], i["value"]) for i in said["identifiers"]} == {
        ("user_id", "ann"), ("email", "ann.lee@example.com"), ("phone", "+12125550123"), ("anonymous_id", "cookie-ann"),
    }  # fmt: skip
    assert {e["event_id"] for e in said["edges"]} == {"i1"}


def test_a_condition_is_counted_while_it_is_written(home: World, api: httpx.Client):
    said = api.post("/segments/preview", json={"condition": SEGMENT["condition"]}).json()
    assert (said["count"], said["total"], len(said["examples"])) == (2, 3, 2)
    assert "Order" in said["sentence"]["en"]
    assert said["sentence"]["zh"] != said["sentence"]["en"]
    wrong = api.post("/segments/preview", json={"condition": {"type": "did", "event": "x", "op": "roughly"}})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "invalid_input")


def test_a_saved_segment_counts_at_once_and_follows_the_events(home: World, api: httpx.Client):
    saved = api.put("/segments/buyers", json=SEGMENT)
    assert saved.status_code == 200, saved.text
    assert (saved.json()["count"], saved.json()["status"], saved.json()["version"]) == (2, "live", 1)
    assert api.put("/segments/buyers", json=SEGMENT).json()["version"] == 1
    home.add(event("o9", "Order Completed", {"user_id": "cleo"}, at=NOW, properties={"order_id": "o9", "revenue": 1.0}))
    assert api.get("/segments/buyers").json()["count"] == 3
    members = api.get("/segments/buyers/members", params={"limit": 2}).json()
    rest = api.get("/segments/buyers/members", params={"limit": 2, "cursor": members["next"]}).json()
    assert [len(members["items"]), len(rest["items"]), rest["next"], members["total"]] == [2, 1, None, 3]
    listed = api.get("/customers", params={"segment": "buyers"}).json()
    assert listed["total"] == 3
    ann = api.get(f"/customers/{home.person('ann lee')}").json()
    assert [s["name"]["zh"] for s in ann["segments"]] == ["买家"]


def test_a_segment_in_use_is_not_taken_back(home: World, api: httpx.Client):
    api.put("/segments/buyers", json=SEGMENT)
    inside = {"id": "in", "name": "Inside", "condition": {"type": "in_segment", "segment": "buyers"}}
    assert api.put("/segments/in", json=inside).status_code == 200
    refused = api.delete("/segments/buyers")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    assert api.delete("/segments/in").status_code == 204
    assert api.get("/segments/in").status_code == 404
    lost = api.put("/segments/lost", json=inside | {"id": "lost", "condition": {"type": "in_segment", "segment": "no"}})
    assert lost.status_code == 422


def test_documents_are_planned_then_applied_all_or_none(home: World, api: httpx.Client):
    documents = [CAMPAIGN, JOURNEY, CONTENT, SEGMENT | {"name": {"en": "Buyers!", "zh": "买家"}}]
    plan = api.post("/apply", json={"documents": documents, "dry_run": True}).json()
    assert [(s["kind"], s["publish"]) for s in plan["plan"]] == [
        ("segment", True), ("content", True), ("journey", False), ("campaign", True)
    ]  # fmt: skip
    assert not plan["applied"]
    assert api.get("/journeys/welcome").status_code == 404
    broken = api.post("/apply", json={"documents": [CONTENT | {"id": "x"}, {"kind": "journey", "id": "y"}]})
    assert broken.status_code == 422
    assert api.get("/definitions/content").json()["items"] == []
    done = api.post("/apply", json={"documents": documents}).json()
    assert done["applied"]
    again = api.post("/apply", json={"documents": documents}).json()
    assert {(s["action"], s["publish"]) for s in again["plan"]} == {("same", False)}
    renamed = api.post("/apply", json={"documents": [SEGMENT], "dry_run": True}).json()["plan"][0]
    assert renamed["changes"] == [{"path": "name.en", "old": "Buyers!", "new": "Buyers"}]


def test_a_journey_is_saved_published_changed_paused_and_resumed(home: World, api: httpx.Client):
    api.post("/apply", json={"documents": [SEGMENT, CONTENT, CAMPAIGN, JOURNEY]})
    faulty = JOURNEY | {"nodes": [JOURNEY["nodes"][0] | {"next": "nowhere"}]}
    met = api.put("/journeys/faulty", json=faulty | {"id": "faulty"}).json()
    assert [e["node"] for e in met["errors"]] == ["mail"]
    assert api.post("/journeys/faulty/publish").status_code == 422
    assert api.post("/journeys/faulty/pause").status_code == 409

    live = api.post("/journeys/welcome/publish").json()
    assert (live["status"], live["version"], live["live_version"]) == ("live", 1, 1)
    home.runtime.settle(30)
    live = api.get("/journeys/welcome").json()
    assert live["nodes"]["mail"]["reached"] == live["nodes"]["rest"]["waiting"] == 3
    assert live["edges"] == {"@entry>mail": 3, "mail>rest": 3}
    refused = live["nodes"]["mail"]["refused"]
    assert refused.get("holdout", 0) + refused.get("no_address", 0) + live["nodes"]["mail"]["sent"] <= 3

    draft = api.put("/journeys/welcome", json=JOURNEY | {"purpose": "service"}).json()
    assert (draft["status"], draft["version"], draft["live_version"]) == ("live", 2, 1)
    assert api.post("/journeys/welcome/pause").json()["status"] == "paused"
    resumed = api.post("/journeys/welcome/resume").json()
    assert (resumed["status"], resumed["live_version"]) == ("live", 1)  # the draft still waits
    (row,) = [j for j in api.get("/journeys").json()["items"] if j["id"] == "welcome"]
    assert (row["entered"], row["waiting"]) == (3, 3)

    ann = home.person("ann lee")
    (visit,) = api.get(f"/customers/{ann}").json()["journeys"]
    assert (visit["journey"], visit["node"]) == ("welcome", "rest")
    messages = api.get(f"/customers/{ann}/messages").json()["items"]
    assert [(m["journey"], m["node"], m["campaign"]) for m in messages] == [("welcome", "mail", "spring")]
    one = api.get(f"/messages/{messages[0]['send_key']}").json()
    assert one["history"][0]["status"] == "decided"
    assert api.get("/messages/none").status_code == 404


def test_a_campaign_tells_its_result_or_why_there_is_none(home: World, api: httpx.Client):
    api.post("/apply", json={"documents": [SEGMENT, CONTENT, JOURNEY, CAMPAIGN]})
    assert api.get("/campaigns/spring").json()["outcome"] == {
        "event": "Order Completed", "value": "revenue", "window": "7d"
    }  # fmt: skip
    said = api.get("/campaigns/spring/result").json()
    assert said["eligible"] == said["control"] + said["treated"]
    assert said["lift"] == []  # nobody's window is over
    assert set(said["absent"]) == {"orders", "revenue", "conversion"}
    assert said["truth"] == [{"metric": "orders", "value": 0.25}]
    assert api.get("/campaigns/none/result").status_code == 404


def test_the_overview_names_five_stages_with_their_freshness(home: World, api: httpx.Client):
    said = api.get("/overview", params={"days": 7}).json()
    assert [s["stage"] for s in said["stages"]] == ["collect", "understand", "decide", "act", "measure"]
    figures = {f["key"]: f["value"] for s in said["stages"] for f in s["figures"]}
    assert figures["customers"] == 3
    assert figures["orders"] >= 3
    assert len(said["daily"]) == 7
    assert said["daily"][-1]["day"] == "2018-01-01"
    assert sum(d["orders"] for d in said["daily"]) >= 2
    assert said["demo"]["note"]["zh"] == "模拟器"
    assert api.get("/demo").json()["of_days"] == 60


def test_insights_answer_with_their_instant(home: World, api: httpx.Client):
    funnel = api.get(
        "/insights/funnel", params={"steps": ["Order Completed", "Product Viewed"], "window": "60d"}
    ).json()
    assert [s["people"] for s in funnel["steps"]][1] == 1
    assert "$" in funnel["sql"]
    assert api.get("/insights/funnel", params={"steps": ["one"]}).status_code == 422
    rfm = api.get("/insights/rfm").json()
    assert sum(c["people"] for c in rfm["cells"]) == rfm["people"] == sum(g["people"] for g in rfm["grid"])
    trend = api.get("/insights/trend", params={"metric": "revenue", "days": 40}).json()
    assert sum(p["value"] for p in trend["points"]) >= 60.0
    assert trend["unit"] == "USD"
    assert api.get("/insights/trend", params={"metric": "joy"}).status_code == 422


def test_the_catalogue_knows_what_conditions_may_name(home: World, api: httpx.Client):
    said = api.get("/catalogue").json()
    events = {e["name"]: e for e in said["events"]}
    price = next(p for p in events["Product Viewed"]["properties"] if p["name"] == "price")
    assert price["type"] == "number"
    assert price["examples"] == [3.5]
    assert {t["name"]: t["type"] for t in said["traits"]}["age"] == "number"
    assert "gte" in said["operators"]["number"]


def test_a_file_is_tried_then_imported_and_its_bad_rows_come_back(home: World, api: httpx.Client):
    rows = "No,Who,When,Sum\n1001,dora,2017-12-01T10:00:00Z,12.50\n1002,dora,yesterday-ish,3\n"
    form = {"kind": "orders", "map": json.dumps(
        {"order_id": "No", "customer_id": "Who", "time": "When", "revenue": "Sum"})}  # fmt: skip
    tail = home.runtime.workspace.log.tail()
    tried = api.post("/imports", data=form | {"dry_run": "true"}, files={"file": ("../a b.csv", rows)})
    assert tried.status_code == 200, tried.text
    figures = ("read", "accepted", "duplicate", "rejected")
    assert [tried.json()[f] for f in figures] == [2, 1, 0, 1]
    assert home.runtime.workspace.log.tail() == tail
    done = api.post("/imports", data=form, files={"file": ("../a b.csv", rows)}).json()
    assert [done[f] for f in figures] == [2, 1, 0, 1]
    again = api.post("/imports", data=form, files={"file": ("a b.csv", rows)}).json()
    assert [again[f] for f in figures] == [2, 0, 1, 1]
    listed = api.get("/imports").json()["items"]
    assert [(i["file"], i["status"]) for i in listed[:2]] == [("a b.csv", "done")] * 2
    sent_back = httpx.get(f"{home.url}{done['rejected_file']}", cookies=dict(api.cookies))
    (bad,) = csv.DictReader(io.StringIO(sent_back.text.removeprefix("\ufeff")))
    assert (bad["No"], bad["rejected_code"]) == ("1002", "bad_time")
    rejected = api.get("/rejected", params={"import_id": done["import_id"]}).json()["items"]
    assert [(r["place"], r["reason"]["code"]) for r in rejected] == [("row 3", "bad_time")]
    assert rejected[0]["reason"]["text"]["zh"] == "时间无法识别"
    assert list((home.runtime.workspace.folder / "uploads").iterdir()) == []


def test_the_audit_log_is_narrowed_by_who_what_which_and_when(home: World):
    with home.client("owner") as owner, home.client("editor") as editor:
        me = f"user:{owner.get('/session').json()['user']['user_id']}"
        key = owner.post("/keys", json={"kind": "write", "name": "web"}).json()["key_id"]
        owner.delete(f"/keys/{key}")
        editor.post("/apply", json={"documents": [SEGMENT | {"id": "audit_me"}]})

        def seen(**sought) -> list[tuple[str, str]]:
            found = owner.get("/audit", params=sought).json()
            assert found["total"] == len(found["items"])
            return [(one["action"], one["target"]) for one in found["items"]]

        assert seen(actor=me, action="key", target=key) == [("key.revoke", key), ("key.create", key)]
        assert seen(action="key.create", target=key.upper()) == [("key.create", key)]
        assert seen(action="ke", target=key) == []  # a kind is a whole word
        assert seen(target="%") == []
        assert {action for action, _ in seen(target="audit_me")} == {"segment.save", "segment.publish"}
        assert seen(actor=me, target="audit_me") == []
        assert seen(target=key, since="2100-01-01") == []
        assert len(seen(target=key, since="2020-01-01T00:00:00Z", until="2099-12-31")) == 2
        assert seen(target=key, until="2020-01-01") == []
        first = owner.get("/audit", params={"target": key, "limit": 1}).json()
        then = owner.get("/audit", params={"target": key, "limit": 1, "cursor": first["next"]}).json()
        assert [p["items"][0]["action"] for p in (first, then)] == ["key.revoke", "key.create"]
        assert (first["total"], then["total"]) == (2, 2)
        assert owner.get("/audit", params={"since": "soon"}).status_code == 422
        names = owner.get("/audit/names").json()
        assert me in [one["name"] for one in names["actors"]]
        assert {"key.create", "segment.save"} <= {one["name"] for one in names["actions"]}


def test_a_select_of_ones_own_answers_in_json(home: World, api: httpx.Client):
    home.runtime.settle(30)
    sql = "SELECT name, count(*) AS n, max(happened_at) AS newest FROM events GROUP BY 1 ORDER BY 1"
    said = api.post("/query", json={"sql": sql, "limit": 1}).json()
    assert said["columns"] == ["name", "n", "newest"]
    assert len(said["rows"]) == 1
    assert said["truncated"]


def test_events_are_listed_newest_first_and_by_name(home: World, api: httpx.Client):
    home.add(event("w1", "Wished", {"user_id": "bob"}, properties={"n": 1}), event("w2", "Wished", {"user_id": "bob"}))
    newest = api.get("/events", params={"limit": 5}).json()
    offsets = [e["offset"] for e in newest["items"]]
    assert offsets == sorted(offsets, reverse=True)
    older = api.get("/events", params={"limit": 5, "cursor": newest["next"]}).json()["items"]
    assert older[0]["offset"] == offsets[-1] - 1
    wished = api.get("/events", params={"name": "Wished"}).json()
    assert [e["event_id"] for e in wished["items"]] == ["w2", "w1"]
    assert wished["items"][1]["customer_id"] == home.person("bob@example.com")
    assert wished["next"] is None


def test_a_page_watches_events_arrive(home: World, api: httpx.Client):
    got: list[dict] = []

    def watch() -> None:
        with httpx.stream("GET", f"{home.url}/api/events/live", cookies=dict(api.cookies), timeout=20) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            for line in answer.iter_lines():
                if line.startswith(": watching"):
                    watching.set()
                if line.startswith("data: "):
                    got.append(json.loads(line.removeprefix("data: ")))
                if len(got) == 2:
                    return

    watching = threading.Event()
    thread = threading.Thread(target=watch)
    thread.start()
    assert watching.wait(10)
    began = time.monotonic()
    home.add(
        event("l1", "Live", {"user_id": "new-one"}), event("l2", "Live", {"user_id": "new-one"}, at=NOW - DAY - HOUR)
    )
    thread.join(10)
    assert not thread.is_alive()
    assert time.monotonic() - began < 5
    assert [e["event_id"] for e in got] == ["l1", "l2"]
    assert got[0]["customer_id"] is not None


def test_a_merged_customer_leads_to_the_one_that_goes_on(home: World, api: httpx.Client):
    home.add(event("m1", "Product Viewed", {"anonymous_id": "cookie-dan"}, properties={"product_id": "p3"}))
    lost = home.person("cookie-dan")
    home.add(event("m2", "", {"user_id": "dan", "email": "dan@example.com"}, kind="identify"))
    kept = home.person("dan@example.com")
    home.add(event("m3", "", {"user_id": "dan", "anonymous_id": "cookie-dan"}, kind="identify"))
    winner = home.person("dan@example.com")
    assert winner in {lost, kept}
    loser = ({lost, kept} - {winner}).pop()
    assert api.get(f"/customers/{loser}").json()["merged_into"] == winner
    assert {i["event_id"] for i in api.get(f"/customers/{winner}/timeline").json()["items"]} >= {"m1", "m2", "m3"}
    (merge,) = api.get(f"/customers/{winner}/identity").json()["merges"]
    assert (merge["loser"], merge["winner"], merge["event_id"]) == (loser, winner, "m3")
    listed = [r["customer_id"] for r in api.get("/customers", params={"q": "dan", "limit": 500}).json()["items"]]
    assert listed == [winner]
