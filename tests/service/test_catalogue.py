"""The catalogue knows every dataset and field of a running workspace, who uses it, and hides what is sensitive."""

from __future__ import annotations

import csv
import io

import pytest
from api_world import CAMPAIGN, CONTENT, JOURNEY, NOW, SEGMENT, World, event, world

from homing.core.checksums import id_card_check
from homing.core.time import DAY, HOUR, parse_iso

pytestmark = pytest.mark.service
CARD = "31010419900101001" + id_card_check("31010419900101001")
RULES = {
    "kind": "segment", "id": "adults", "name": {"en": "Adults", "zh": "成年人"},
    "condition": {"type": "all", "of": [
        {"type": "trait", "name": "age", "op": "gte", "value": 18},
        {"type": "did", "event": "Product Viewed", "where": [{"property": "price", "op": "gt", "value": 1}]},
    ]},
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with world(tmp_path_factory.mktemp("home")) as made:
        made.add(
            *[
                event(f"c{n}", "Account Opened", {"user_id": "ann"}, at=NOW - 3 * HOUR + n, properties={
                    "doc": CARD, "branch": "West", "person": {"nick": f"nick-{n}", "doc": CARD}, "rare": n or None})
                for n in range(4)
            ],
            event("old", "Coupon Shown", {"user_id": "ann"}, at=NOW - 90 * DAY, properties={"coupon": "TEA"}),
        )  # fmt: skip
        with made.client("owner") as owner:
            documents = [SEGMENT, CONTENT, JOURNEY, CAMPAIGN, RULES]
            assert owner.post("/apply", json={"documents": documents, "publish": True}).status_code in {200, 422}
            owner.post("/apply", json={"documents": documents}).raise_for_status()
            owner.post("/journeys/welcome/publish").raise_for_status()
            made.runtime.settle(30)
            said = owner.post("/catalogue/scan").raise_for_status().json()
            assert said["datasets"] >= 10
        yield made


def dataset(home: World, name: str, role: str = "editor") -> dict:
    with home.client(role) as client:
        return client.get("/catalogue/dataset", params={"id": name}).raise_for_status().json()


def fields(home: World, name: str) -> dict[str, dict]:
    return {f["name"]: f for f in dataset(home, name)["columns"]}


def test_every_kind_of_dataset_stands_on_the_list_with_its_rows(home: World):
    with home.client("viewer") as viewer:
        answer = viewer.get("/catalogue/datasets").raise_for_status().json()
        listed = {d["id"]: d for d in answer["items"]}
    assert {"customers", "identifiers", "event:Order Completed", "order_lines", "segment:buyers", "source:shop"} <= set(
        listed
    )
    assert (listed["event:Order Completed"]["n"], listed["event:Order Completed"]["sources"]) == (3, ["shop"])
    assert (listed["customers"]["n"], listed["segment:buyers"]["n"], listed["order_lines"]["n"]) == (3, 2, 3)
    assert listed["event:Order Completed"]["class"] == "commercial-value"
    assert listed["event:Coupon Shown"]["last_seen"].startswith("2017-10-03")


def test_a_field_says_of_how_many_rows_it_was_filled_its_types_and_when_it_was_seen(home: World):
    found = fields(home, "event:Account Opened")
    rare = found["rare"]
    assert (rare["filled"], rare["n"], rare["fill"], rare["distinct"], rare["types"]) == (3, 4, 0.75, 3, {"integer": 3})
    assert rare["first_seen"] == rare["last_seen"] == "2018-01-01T14:00:00.000Z"
    assert set(found) == {"doc", "branch", "person.nick", "person.doc", "rare"}


def test_an_identity_card_is_detected_by_its_check_and_hidden_from_a_viewer_at_once(home: World):
    doc = fields(home, "event:Account Opened")["doc"]
    assert (doc["sensitivity"], doc["standing"], doc["detected"]["kind"]) == ("sensitive", "detected", "id_card")
    with home.client("viewer") as viewer, home.client("editor") as editor:

        def seen(client):
            (first, *_) = client.get("/events", params={"name": "Account Opened"}).json()["items"]
            return first["properties"]

        assert seen(editor)["doc"] == CARD
        masked = seen(viewer)
        assert (masked["doc"], masked["person"]["doc"], masked["branch"]) == ("***", "***", "West")
        assert CARD not in viewer.get("/events").text
        assert CARD not in viewer.get(f"/customers/{home.person('ann')}/timeline").text
        assert CARD not in viewer.get("/insights/catalogue").text


def test_a_person_confirms_in_bulk_and_it_goes_before_what_was_found(home: World):
    name = "event:Account Opened"
    with home.client("editor") as editor, home.client("viewer") as viewer:
        items = [
            {"dataset": name, "field": "branch", "said": {"sensitivity": "personal"}},
            {"dataset": name, "field": "person.doc", "said": {"sensitivity": "internal", "note": "a test's number"}},
            {"dataset": name, "field": "", "said": {"owner": "editor@example.com", "class": "structured"}},
        ]
        assert editor.post("/catalogue/entries", json={"items": items}).status_code == 204
        found = fields(home, name)
        assert (found["branch"]["sensitivity"], found["branch"]["standing"]) == ("personal", "confirmed")
        assert (found["person.doc"]["sensitivity"], found["person.doc"]["detected"]["kind"]) == ("internal", "id_card")
        assert found["rare"]["owner"] == "editor@example.com"
        first = viewer.get("/events", params={"name": "Account Opened"}).json()["items"][0]["properties"]
        assert (first["branch"], first["doc"], first["person"]["doc"]) == ("***", "***", CARD)
        editor.post("/catalogue/scan").raise_for_status()
        assert fields(home, name)["branch"]["standing"] == "confirmed"
        back = [{"dataset": name, "field": f, "said": {"sensitivity": None}} for f in ("branch", "person.doc")]
        editor.post("/catalogue/entries", json={"items": back}).raise_for_status()
        assert fields(home, name)["person.doc"]["standing"] == "detected"
    with home.client("owner") as owner:
        said = home.runtime.workspace.state
        with said.read() as conn:
            from homing.govern import audit

            actions = [(e.action, e.target) for e in audit.entries(conn)]
        assert ("catalogue.say", f"{name}/branch") in actions
        assert owner.get("/catalogue/datasets").status_code == 200


def test_what_is_said_must_be_sayable_and_by_an_editor(home: World):
    with home.client("editor") as editor, home.client("viewer") as viewer:
        wrong = {"items": [{"dataset": "customers", "field": "", "said": {"sensitivity": "secret"}}]}
        assert editor.post("/catalogue/entries", json=wrong).status_code == 422
        absent = {"items": [{"dataset": "customers", "field": "no such", "said": {"grade": "A"}}]}
        assert editor.post("/catalogue/entries", json=absent).status_code == 404
        assert viewer.post("/catalogue/entries", json=absent).status_code == 403
        assert viewer.post("/catalogue/scan").status_code == 403
        assert viewer.get("/catalogue/dataset", params={"id": "nothing"}).status_code == 404


def test_lineage_walks_from_the_source_to_what_sends(home: World):
    found = dataset(home, "event:Order Completed")
    assert [s["id"] for s in found["delivered_by"]] == ["shop"]
    assert {m["id"] for m in found["makes"]} == {"order_lines", "segment:buyers"}
    users = {(u["kind"], u["id"]): u["acts"] for u in found["users"]}
    assert users == {("segment", "buyers"): True, ("campaign", "spring"): True}
    viewed = fields(home, "event:Product Viewed")
    assert [(u["kind"], u["id"], u["acts"]) for u in viewed["price"]["used_by"]] == [("segment", "adults", False)]
    assert [u["id"] for u in fields(home, "customers")["name"]["used_by"]] == ["hello"]
    assert {u["id"] for u in dataset(home, "segment:buyers")["users"]} == {"welcome", "spring"}
    assert {m["id"] for m in dataset(home, "segment:adults")["made_from"]} == {"customers", "event:Product Viewed"}


def test_the_grade_says_what_depends_on_a_field(home: World):
    grades = {name: f["grade"] for name, f in fields(home, "event:Order Completed").items()}
    assert grades["revenue"] == "A"  # the campaign is measured by it
    assert fields(home, "event:Product Viewed")["price"]["grade"] == "B"  # a segment that nothing sends to
    assert grades["currency"] == "C"  # filled and fresh
    assert fields(home, "event:Coupon Shown")["coupon"]["grade"] == "D"  # 90 days old


def test_the_export_holds_every_field_and_no_formula(home: World):
    home.add(event("f", "Odd", {"user_id": "ann"}, properties={"=1+1": 2}))
    with home.client("editor") as editor:
        editor.post("/catalogue/scan").raise_for_status()
        answer = editor.get("/catalogue/export")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {("event:Odd", "'=1+1"), ("customers", "age")} <= {(r["dataset"], r["field"]) for r in rows}


def test_a_second_scan_changes_nothing_but_its_own_instant_and_a_nightly_job_does_it(home: World):
    def known():
        with home.runtime.workspace.state.read() as conn:
            from homing.collect.catalogue import datasets_of

            return {(d.id, f.name): {k: v for k, v in f.found.items() if k != "scanned_us"} | {"f": f.first_us}
                    for d in datasets_of(conn) for f in (d.itself, *d.fields)}  # fmt: skip

    with home.client("editor") as editor:
        editor.post("/catalogue/scan").raise_for_status()
        first = known()
        editor.post("/catalogue/scan").raise_for_status()
    again = known()
    assert {k: v for k, v in again.items() if k not in first or first[k] != v} == {}


def test_a_night_looks_again_but_not_every_second_when_the_clock_runs_ahead(home: World):
    def looked_at() -> str:
        with home.client("viewer") as viewer:
            return viewer.get("/catalogue/datasets").json()["scanned_at"]

    first = looked_at()
    home.clock.advance_to(NOW + DAY)
    home.runtime.settle(30)
    second = looked_at()
    assert second > first
    assert parse_iso(second) == NOW + DAY  # when it looked, not the 03:00 for which it did
    home.clock.advance_to(NOW + 2 * DAY)
    home.runtime.settle(30)
    assert looked_at() == second
