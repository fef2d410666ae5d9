"""Tags and lifecycles through the real API: drafts and approval, by hand with undo, reasons, trend, flow, CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from api_world import NOW, event, world

from homing.act.content import Content, Writer
from homing.act.tracking import Tracker
from homing.core.time import DAY, iso
from homing.decide.recommend import Recommender
from homing.govern import workspace_secret

BOUGHT = {"type": "did", "event": "Order Completed", "op": "gte", "value": 2, "within": "40d"}
TWICE = {
    "name": {"en": "Twice", "zh": "两单"},
    "how": "rule",
    "condition": BOUGHT,
    "owner": "Olive",
    "category": "value",
}
LEVEL = {"name": {"en": "Level", "zh": "等级"}, "how": "manual", "value": {"type": "text", "options": ["a", "b"]}}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory):
    with world(Path(tmp_path_factory.mktemp("shop"))) as made:
        yield made


def approve(client, name: str, document: dict) -> dict:
    client.put(f"/tags/{name}", json=document).raise_for_status()
    answer = client.post(f"/tags/{name}/approve", json={})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_tag_is_a_draft_until_an_owner_approves_it_and_the_record_says_who(shop):
    with shop.client("editor") as editor, shop.client("owner") as owner, shop.client("viewer") as viewer:
        saved = editor.put("/tags/twice", json=TWICE).json()
        assert (saved["status"], saved["approval"], saved["n"]) == ("draft", "draft", 0)
        assert viewer.put("/tags/twice", json=TWICE).status_code == 403
        assert editor.post("/tags/twice/approve", json={}).status_code == 403
        document = {"kind": "tag", "id": "twice", **TWICE}
        assert editor.post("/apply", json={"documents": [document], "publish": True}).status_code == 403
        assert editor.post("/tags/twice/propose", json={"note": "for spring"}).json()["approval"] == "proposed"
        assert owner.post("/tags/twice/reject", json={"note": "why 40 days?"}).json()["approval"] == "rejected"
        editor.put("/tags/twice", json=TWICE | {"description": {"en": "Two orders in 40 days", "zh": "40 天内两单"}})
        editor.post("/tags/twice/propose", json={}).raise_for_status()
        live = owner.post("/tags/twice/approve", json={}).json()
        assert (live["status"], live["live_version"], live["n"], live["of"]) == ("live", 2, 1, 3)
        assert [(a["version"], a["step"]) for a in live["approvals"]] == [
            (2, "approved"), (2, "proposed"), (1, "rejected"), (1, "proposed"),
        ]  # fmt: skip
        assert live["sentences"][0]["zh"]
        assert live["live_sentences"] == live["sentences"]
        longer = TWICE["condition"] | {"within": "80d"}
        newer = editor.put("/tags/twice", json=TWICE | {"condition": longer}).json()
        assert (newer["live_version"], newer["version"], newer["live_sentences"]) == (2, 3, live["sentences"])
        assert "80" in newer["sentences"][0]["en"]
        editor.put("/tags/twice", json=live["document"]).raise_for_status()
        (row,) = [r for r in viewer.get("/tags").json()["items"] if r["id"] == "twice"]
        assert (row["owner"], row["category"], row["share"]) == ("Olive", "value", 0.333333)


def test_why_she_has_it_shows_the_parts_of_the_rule_with_their_figures(shop):
    ann, bob = shop.person("ann"), shop.person("bob")
    rule = {"type": "all", "of": [BOUGHT, {"type": "trait", "name": "age", "op": "gte", "value": 40}]}
    with shop.client("owner") as client:
        approve(client, "grown", TWICE | {"condition": rule})
        why = client.get(f"/customers/{ann}/tags/grown/why").json()
        assert (why["has"], why["value"], why["version"]) == (True, True, 1)
        parts = why["rules"][0]["reason"]["parts"]
        assert [(p["holds"], p["figure"], p["last_at"]) for p in parts] == [
            (True, 2, iso(NOW - 2 * DAY)), (True, 41, None),
        ]  # fmt: skip
        why = client.get(f"/customers/{bob}/tags/grown/why").json()
        assert (why["has"], [p["figure"] for p in why["rules"][0]["reason"]["parts"]]) == (False, [1, None])
        marks = client.get(f"/customers/{ann}/marks").json()
        assert "grown" in [t["id"] for t in marks["tags"]]
        assert client.get(f"/customers/{ann}/tags/nothing/why").status_code == 404


def test_by_hand_is_previewed_done_and_undone_as_it_was(shop):
    ids = [shop.person(name) for name in ("ann", "bob", "cleo")]
    with shop.client("owner") as owner, shop.client("editor") as client:
        approve(owner, "level", LEVEL)
        one = client.post("/tags/level/give", json={"customers": ids[:1], "value": "a"}).json()
        assert (one["changed"], one["same"]) == (1, 0)
        dry = client.post(
            "/tags/level/give", json={"customers": [*ids, "c_none"], "value": "b", "dry_run": True}
        ).json()
        assert (dry["batch"], dry["asked"], dry["changed"], dry["unknown"]) == (None, 4, 3, ["c_none"])
        assert client.get("/tags/level").json()["n"] == 1
        many = client.post("/tags/level/give", json={"customers": ids, "value": "b"}).json()
        found = client.get("/tags/level/customers").json()
        assert {h["customer_id"]: h["value"] for h in found["items"]} == dict.fromkeys(ids, "b")
        assert client.post(f"/tags/batches/{many['batch']}/undo").json()["changed"] == 3
        found = client.get("/tags/level/customers").json()["items"]
        assert [(h["customer_id"], h["value"]) for h in found] == [(ids[0], "a")]
        assert client.post(f"/tags/batches/{many['batch']}/undo").json()["changed"] == 0
        batches = client.get("/tags/level/batches").json()["items"]
        assert sorted((b["n"], b["undone"]) for b in batches) == [(1, False), (3, True)]
        taken = client.post("/tags/level/take", json={"customers": ids}).json()
        assert (taken["changed"], taken["same"]) == (1, 2)
        client.post(f"/tags/batches/{taken['batch']}/undo").raise_for_status()
        why = client.get(f"/customers/{ids[0]}/tags/level/why").json()
        assert (why["has"], why["value"], why["by"][:5]) == (True, "a", "user:")
        assert [h["name"] for h in why["history"]] == [
            "Tag Added",
            "Tag Removed",
            "Tag Added",
            "Tag Added",
            "Tag Added",
        ]
        for body, status in (
            ({"customers": ids, "value": "z"}, 422), ({"customers": ids}, 422), ({"value": "a"}, 422),
            ({"customers": ids, "segment": "s", "value": "a"}, 422),
        ):  # fmt: skip
            assert client.post("/tags/level/give", json=body).status_code == status, body
        assert client.post("/tags/twice/give", json={"customers": ids}).status_code in (404, 409)


def test_the_trend_counts_days_and_a_used_tag_cannot_be_taken_back(shop):
    with shop.client("owner") as client:
        approve(client, "known", TWICE | {"condition": {"type": "trait", "name": "name", "op": "exists"}})
        days = client.get("/tags/known/trend", params={"days": 7}).json()["days"]
        assert (len(days), days[-1]["n"], days[-1]["added"], days[-2]["n"]) == (7, 2, 2, 0)
        uses = {"kind": "segment", "id": "uses", "name": {"en": "x"},
                "condition": {"type": "trait", "name": "tag.known", "op": "exists"}}  # fmt: skip
        assert client.put("/segments/uses", json=uses).json()["count"] == 2
        assert client.get("/tags/known").json()["used_by"] == [{"kind": "segment", "id": "uses"}]
        assert client.delete("/tags/known").status_code == 409
        preview = client.post("/segments/preview", json={"condition": uses["condition"]}).json()
        assert preview["count"] == 2
        client.delete("/segments/uses").raise_for_status()
        assert client.delete("/tags/known").status_code == 204
        assert client.get("/tags/known").status_code == 404


def test_a_circle_is_refused_with_the_way_it_goes(shop):
    with shop.client("owner") as client:
        has = {"type": "trait", "name": "tag.one", "op": "exists"}
        client.put("/tags/two", json=TWICE | {"condition": has}).raise_for_status()
        one = TWICE | {"condition": has | {"name": "tag.two"}}
        client.put("/tags/one", json=one).raise_for_status()
        answer = client.post("/tags/one/approve", json={})
        assert answer.status_code == 422
        assert "tag one → tag two → tag one" in answer.json()["error"]["message"]
        assert client.get("/tags/one").json()["approval"] == "draft"


def test_the_flow_of_a_preset_counts_everybody_once_and_comes_as_csv(shop):
    day = lambda us: iso(us)[:10]  # noqa: E731
    with shop.client("viewer") as viewer, shop.client("editor") as client:
        models = {m["id"]: m for m in viewer.get("/lifecycles").json()["items"]}
        assert [models[i]["status"] for i in ("standard", "aipl", "five_a")] == ["preset"] * 3
        asked = {"from": day(NOW - 10 * DAY), "to": day(NOW + DAY)}
        found = viewer.get("/lifecycles/standard/flow", params=asked).json()
        assert {(m["from"], m["to"]): m["n"] for m in found["moves"]} == {
            ("@new", "buyer"): 1, ("@new", "interested"): 1, ("buyer", "buyer"): 1,
        }  # fmt: skip
        assert (found["before"], found["after"], found["as_now"]) == (1, 3, [])
        people = viewer.get(
            "/lifecycles/standard/flow/customers", params=asked | {"was": "@new", "now": "buyer"}
        ).json()
        assert [p["customer_id"] for p in people["items"]] == [shop.person("bob")]
        text = viewer.get("/lifecycles/standard/flow.csv", params=asked | {"lang": "zh"}).content.decode("utf-8-sig")
        assert ["@new", "新客户", "buyer", "购买", "1"] in [row[:5] for row in csv.reader(io.StringIO(text))]
        bad = viewer.get("/lifecycles/standard/flow", params={"from": "2018-02-30", "to": "2018-03-01"})
        assert bad.status_code == 422
        assert viewer.get("/lifecycles/none/flow", params=asked).status_code == 404
        live = client.put("/lifecycles/standard", json=models["standard"]["document"] | {"main": True}).json()
        assert {s["id"]: s["n"] for s in live["stages"] if s["n"]} == {"buyer": 2, "interested": 1}
        second = client.put("/lifecycles/aipl", json=models["aipl"]["document"] | {"main": True})
        assert second.status_code == 422, "one main model at most"
        shop.add(event("z1", "Order Completed", {"user_id": "cleo"}, at=NOW, properties={"revenue": 5}))
        marks = client.get(f"/customers/{shop.person('cleo')}/marks").json()
        assert [(s["model"], s["stage"], s["label"]["zh"]) for s in marks["stages"]] == [("standard", "buyer", "购买")]


def test_a_file_gives_and_takes_import_tags_and_the_customer_page_names_it(shop):
    grade = {"name": {"en": "Grade", "zh": "评级"}, "how": "import", "value": {"type": "number"}}
    rows = "user_id,标签,值,操作\nann,grade,7,\nbob,grade,x,\ncleo,grade,3,add\ncleo,grade,3,删除\nbob,Not a tag,1,\n"
    with shop.client("owner") as client:
        approve(client, "grade", grade)
        meant = {"kind": "tags", "source": "crm"}
        done = client.post("/imports", data=meant, files={"file": ("grades.csv", rows)}).json()
        assert (done["read"], done["accepted"], done["rejected"]) == (5, 4, 1), done
        shop.runtime.settle(30)
        held = client.get("/tags/grade/customers").json()["items"]
        assert {h["customer_id"]: h["value"] for h in held} == {shop.person("ann"): 7}
        why = client.get(f"/customers/{shop.person('ann')}/tags/grade/why").json()
        assert (why["source"], why["file"], why["how"]) == ("crm", "grades.csv", "import")


def test_a_message_reads_tags_by_their_ids(shop):
    with shop.client("owner") as client:
        approve(client, "shown", TWICE)
        body = "<mjml><mj-body><mj-section><mj-column><mj-text>{% if customer.tag.shown %}seen{% endif %}</mj-text>"
        mjml = body + "</mj-column></mj-section></mj-body></mjml>"
        content = Content.model_validate(
            {"kind": "content", "id": "tagged", "name": {"en": "x"}, "channel": "email", "subject": {"en": "s"},
             "body": {"en": mjml, "zh": mjml}})  # fmt: skip
        w = shop.runtime.workspace
        tracker = Tracker(w.settings.base_url, workspace_secret(w.state, "tracking"))
        writer = Writer(w.state, w.settings, tracker, Recommender(w.warehouse))
        pages = [writer.preview(content, shop.person(name), NOW).html for name in ("ann", "cleo")]
        assert ["seen" in page for page in pages] == [True, False]
