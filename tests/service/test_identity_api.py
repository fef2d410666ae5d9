"""Somebody signed in merges, takes apart, settles and blocks over HTTP, sees first what follows, and it follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_world import SEGMENT, World, event, world


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        with made.client("owner") as owner:
            applied = owner.post("/apply", json={"documents": [SEGMENT]})
            assert applied.status_code == 200, applied.text
        yield made


@pytest.fixture
def editor(shop: World) -> Iterator[httpx.Client]:
    with shop.client("editor") as client:
        yield client


def post(client: httpx.Client, path: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_what_a_merge_and_a_split_show_beforehand_is_what_they_give(shop: World, editor: httpx.Client):
    shop.add(
        event("n1", "Order Completed", {"email": "nora@example.com"}, properties={"order_id": "n1", "revenue": 4.5}),
        event("n2", "Consent Updated", {"email": "nora@example.com"},
              properties={"purpose": "marketing", "channel": "email", "status": "withdrawn"}),
        event("n3", "Consent Updated", {"user_id": "ann"},
              properties={"purpose": "marketing", "channel": "email", "status": "granted"}),
    )  # fmt: skip
    ann, nora = shop.person("ann"), shop.person("nora@example.com")
    seen = post(editor, f"/customers/{ann}/merge/preview", {"other": nora})
    (after,) = seen["after"]
    assert [(s["customer_id"], s["orders"], s["revenue"]) for s in seen["before"]] == [(ann, 2, 50.5), (nora, 1, 4.5)]
    assert (after["customer_id"], after["orders"], after["revenue"]) == (ann, 3, 55.0)
    assert after["consent"] == [{"purpose": "marketing", "channel": "email", "status": "withdrawn"}]
    assert editor.get(f"/customers/{nora}").json()["merged_into"] is None  # nothing was changed

    assert post(editor, f"/customers/{ann}/merge", {"other": nora, "reason": "same person"})["customers"] == [ann]
    said = editor.get(f"/customers/{ann}").json()
    assert (said["stats"]["orders"], said["stats"]["revenue"]) == (3, 55.0)
    assert [c["status"] for c in said["consent"]] == ["withdrawn"]
    known = editor.get(f"/customers/{ann}/identity").json()
    (merged,) = [m for m in known["merges"] if m["reason"] == "hand"]
    (edge,) = [e for e in known["edges"] if e["how"] == "hand"]
    assert edge["made_by"].startswith("user:")

    body = {"merge": merged["merge_id"]}
    seen = post(editor, f"/customers/{ann}/split/preview", body)
    assert {(s["customer_id"], s["orders"], s["revenue"]) for s in seen["after"]} == {(ann, 2, 50.5), (nora, 1, 4.5)}
    assert set(post(editor, f"/customers/{ann}/split", body)["customers"]) == {ann, nora}
    for side in seen["after"]:
        now = editor.get(f"/customers/{side['customer_id']}").json()
        assert (now["stats"]["orders"], now["stats"]["revenue"]) == (side["orders"], side["revenue"])
        assert [s["id"] for s in now["segments"]] == [s["id"] for s in side["segments"]]
        assert [c["status"] for c in now["consent"]] == [c["status"] for c in side["consent"]]
        shop.runtime.loader.catch_up()
    post(editor, f"/customers/{ann}/split", body, 422)  # it is taken back already
    with shop.client("owner") as owner:
        actions = [row["action"] for row in owner.get("/audit").json()["items"]]
    assert {"customer.merge", "customer.split"} <= set(actions)


def test_two_people_for_good_cannot_be_merged_and_the_answer_says_why(shop: World, editor: httpx.Client):
    ann, bob = shop.person("ann"), shop.person("bob")
    seen = post(editor, f"/customers/{ann}/merge/preview", {"other": bob})
    assert (seen["obstacle"], seen["after"]) == ("immutable:user_id", [])
    assert "终身" in seen["obstacle_text"]["zh"]
    assert post(editor, f"/customers/{ann}/merge", {"other": bob}, 409)["error"]["details"]["obstacle"]
    post(editor, f"/customers/{ann}/merge", {"other": ann}, 422)
    post(editor, f"/customers/{ann}/merge", {"other": "nobody"}, 404)
    post(editor, f"/customers/{ann}/split", {}, 422)
    post(editor, f"/customers/{ann}/split", {"identifiers": [{"type": "shoe", "value": "9"}]}, 422)


def test_conflicts_wait_in_pages_and_are_answered_together(shop: World, editor: httpx.Client):
    shop.add(*(event(f"k{n}", "Signed In", {"user_id": f"u{n}", "email": f"m{n}@example.com"}) for n in range(4)))
    shop.add(*(event(f"l{n}", "Signed In", {"user_id": f"w{n}", "email": f"m{n}@example.com"}) for n in range(4)))
    first = editor.get("/identity/conflicts", params={"limit": 3}).json()
    rest = editor.get("/identity/conflicts", params={"limit": 3, "cursor": first["next"]}).json()
    assert (first["total"], len(first["items"]), len(rest["items"]), rest["next"]) == (4, 3, 1, None)
    one = first["items"][0]
    assert (one["reason"], one["may_merge"], one["identifier"]["type"]) == ("immutable:user_id", False, "email")
    body = {"conflicts": [one["conflict_id"]], "answer": "merge"}
    post(editor, "/identity/conflicts/settle", body, 409)
    post(editor, "/identity/conflicts/settle", body | {"answer": "apart"})
    every = [c["conflict_id"] for c in [*first["items"][1:], *rest["items"]]]
    assert post(editor, "/identity/conflicts/settle", {"conflicts": every, "answer": "dismiss"})["settled"] == 3
    assert editor.get("/identity/conflicts").json()["items"] == []
    assert editor.get("/identity/conflicts", params={"status": "dismissed"}).json()["total"] == 3
    (apart,) = editor.get("/identity/conflicts", params={"status": "apart"}).json()["items"]
    assert apart["settled_by"].startswith("user:")
    post(editor, "/identity/conflicts/settle", {"conflicts": ["none"], "answer": "dismiss"}, 404)


def test_a_value_is_blocked_seen_on_the_list_and_released(shop: World, editor: httpx.Client):
    shop.add(*(event(f"c{n}", "Order Completed", {"member_card": f"c{n}", "phone": "+12125559999"},
                     properties={"order_id": f"c{n}", "revenue": 1}) for n in range(3)))  # fmt: skip
    whole = shop.person("+12125559999")
    body = {"type": "phone", "value": "(212) 555-9999", "reason": "the shop's own"}
    seen = post(editor, "/identity/blocked/preview", body)
    assert [len(s["identifiers"]) for s in seen["before"]] == [4]
    assert len(seen["after"]) == 3
    post(editor, "/identity/blocked", body)
    (row,) = editor.get("/identity/blocked").json()["items"]
    assert (row["value"], row["status"], row["why"]) == ("+12125559999", "blocked", "hand")
    assert len({shop.person(f"c{n}") for n in range(3)}) == 3
    with shop.client("viewer") as viewer:
        assert viewer.get("/identity/blocked").json()["items"][0]["value"] == "***99"
    post(editor, "/identity/blocked/release", body)
    assert {shop.person(f"c{n}") for n in range(3)} == {whole}
    assert [r["status"] for r in editor.get("/identity/blocked", params={"lifted": True}).json()["items"]] == ["lifted"]


def test_a_viewer_sees_masked_and_changes_nothing(shop: World):
    ann, bob = shop.person("ann"), shop.person("bob")
    with shop.client("viewer") as viewer:
        found = viewer.get(f"/customers/{ann}/identity").json()
        values = {i["type"]: i["value"] for i in found["identifiers"]}
        assert values["email"] == "a***@example.com"
        for path, body in (
            (f"/customers/{ann}/merge", {"other": bob}), (f"/customers/{ann}/merge/preview", {"other": bob}),
            (f"/customers/{ann}/split", {"merge": "m"}), ("/identity/blocked", {"type": "phone", "value": "+12125551"}),
            ("/identity/conflicts/settle", {"conflicts": ["x"], "answer": "dismiss"}),
        ):  # fmt: skip
            post(viewer, path, body, 403)


def test_rules_are_applied_as_a_document_and_shown(shop: World, editor: httpx.Client):
    shipped = {t["type"]: t for t in editor.get("/identity/rules").json()["types"]}
    assert (shipped["email"]["limit"], shipped["user_id"]["immutable"], shipped["email"]["window_s"]) == (5, True, None)
    rules = {"kind": "identity", "id": "identity", "name": {"en": "Rules", "zh": "规则"},
             "types": [{"type": "email", "limit": 2, "window": "30d"}]}  # fmt: skip
    post(editor, "/apply", {"documents": [rules]})
    found = editor.get("/identity/rules").json()
    email = next(t for t in found["types"] if t["type"] == "email")
    assert (email["limit"], email["window_s"], found["document"]["id"]) == (2, 30 * 86_400, "identity")
    for wrong in ({"type": "user_id", "limit": 3}, {"type": "shoe"}, {"type": "email", "limit": 0}):
        post(editor, "/apply", {"documents": [rules | {"types": [wrong]}]}, 422)
    post(editor, "/apply", {"documents": [rules | {"id": "other"}]}, 422)
