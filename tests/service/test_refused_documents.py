"""A document that is refused says where the fault lies, as its author wrote it, so that a form can mark the place."""

from __future__ import annotations

import pytest
from api_world import world

pytestmark = pytest.mark.service
NAME = {"en": "A", "zh": "甲"}
DID = {"type": "did", "event": "Order Completed", "op": "gte", "value": 1, "within": "soon"}
AGREEMENT = {
    "kind": "agreement", "id": "a", "name": NAME, "party": "P", "relation": "third_party", "purpose": ["ads"],
    "sources": ["s"], "expires": "2026-12-31",
}  # fmt: skip
NODES = [{"id": "rest", "type": "delay", "for": "soon", "next": "end"}, {"id": "end", "type": "exit"}]
COUNT = {"type": "aggregate", "fn": "count", "event": "Order Completed"}
REFUSED = [
    ("condition.of.0.within", {"kind": "segment", "id": "s", "condition": {"type": "all", "of": [DID]}}),
    ("condition.of.within", {"kind": "tag", "id": "t", "how": "rule", "condition": {"type": "not", "of": DID}}),
    ("expires.after", {"kind": "tag", "id": "t", "how": "manual", "expires": {"after": "soon"}}),
    ("nodes.0.for", {"kind": "journey", "id": "j", "entry": {"type": "segment", "segment": "s"}, "nodes": NODES}),
    ("of.within", {"kind": "trait", "id": "x", "of": COUNT | {"within": "soon"}}),
    ("schedule.every", {"kind": "source", "id": "s", "connector": "webhook", "schedule": {"every": "soon"}}),
    ("schedule.at", {"kind": "source", "id": "s", "connector": "webhook", "schedule": {"at": "25:99"}}),
    ("zone", {"kind": "source", "id": "s", "connector": "webhook", "zone": "Mars/Base"}),
    ("expires", AGREEMENT | {"expires": "31/12/2026"}),
    ("zone", AGREEMENT | {"zone": "Mars/Base"}),
]


@pytest.fixture(scope="module")
def editor(tmp_path_factory):
    with world(tmp_path_factory.mktemp("home")) as home, home.client("editor") as client:
        yield client


@pytest.mark.parametrize(("field", "document"), REFUSED)
def test_a_refused_document_names_the_path_to_its_fault(editor, field, document):
    answer = editor.post("/apply", json={"documents": [{"name": NAME} | document], "dry_run": True})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (422, "invalid_input", field)
    assert "Value error" not in error["message"]
    assert "wanted" in error["message"]


def test_a_preview_names_the_path_to_a_window_that_is_none(editor):
    answer = editor.post("/segments/preview", json={"condition": {"type": "all", "of": [DID]}})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "condition.of.0.within")
