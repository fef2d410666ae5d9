"""What a template reads of a customer is filled in, and must be there where it can only be a definition."""

from __future__ import annotations

from pathlib import Path

import pytest
from api_world import world

from homing.act.content import Writer
from homing.act.definitions import Content
from post_office import TRACKER

SPENT = {"kind": "trait", "id": "spent", "name": {"en": "Spent", "zh": "消费"},
         "of": {"type": "aggregate", "measure": "sum", "event": "Order Completed", "property": "revenue"}}  # fmt: skip
VIP = {"kind": "tag", "id": "vip", "name": {"en": "VIP", "zh": "贵宾"}, "how": "manual"}
BUYERS = {"type": "did", "event": "Order Completed", "op": "gte", "value": 1}


@pytest.fixture
def shop(tmp_path: Path):
    with world(tmp_path) as made, made.client("owner") as client:
        yield made, client


def content(text: str) -> dict:
    body = f"<mjml><mj-body><mj-section><mj-column><mj-text>{text}</mj-text></mj-column></mj-section></mj-body></mjml>"
    return {"kind": "content", "id": "hello", "name": {"en": "Hello", "zh": "你好"}, "channel": "email",
            "subject": {"en": "Hello", "zh": "你好"}, "body": {"en": body, "zh": body}}  # fmt: skip


def apply(client, *documents, publish=False):
    return client.post("/apply", json={"documents": list(documents), "publish": publish})


def test_a_template_reads_defined_traits_as_they_are_at_the_moment_of_sending(shop):
    made, client = shop
    said = content("{{ customer.name }} spent {{ customer.spent }}, from {{ customer.hometown | default: 'afar' }}")
    assert apply(client, SPENT, said).status_code == 200  # a source may say a home town tomorrow
    w = made.runtime.workspace
    message = Writer(w.state, w.settings, TRACKER, None).preview(
        Content.model_validate(said), made.person("ann"), w.clock()
    )
    assert "Ann Lee spent 50.5, from afar" in message.text


@pytest.mark.parametrize(
    ("text", "missing"),
    [("{{ customer.tag.vip }}", "tag vip"), ("{% if customer['tag.vip'] %}x{% endif %}", "tag vip"),
     ("{% for p in recommendations %}{{ customer.lifecycle.ours }}{% endfor %}", "lifecycle ours")],
)  # fmt: skip
def test_a_tag_or_a_lifecycle_that_does_not_exist_is_refused_as_in_a_segment(shop, text, missing):
    _, client = shop
    answer = apply(client, content(text))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input")
    assert f"there is no {missing}" in answer.json()["error"]["message"]
    if missing == "tag vip":
        assert apply(client, VIP, content(text), publish=True).status_code == 200
        assert client.delete("/tags/vip").status_code == 409  # a content in force reads it


def test_a_trait_in_use_is_not_taken_back_and_one_taken_back_is_not_used(shop):
    _, client = shop
    assert apply(client, SPENT).status_code == 200
    assert client.delete("/traits/spent").status_code == 204
    answer = apply(client, content("{{ customer.spent }}"))
    assert answer.status_code == 422
    assert "the trait spent was taken back" in answer.json()["error"]["message"]
    assert apply(client, SPENT, content("{{ customer.spent }}")).status_code == 200
    assert client.delete("/traits/spent").status_code == 409


def test_a_journey_that_branches_by_what_does_not_exist_is_refused_when_it_is_published(shop):
    _, client = shop
    node = {"id": "ask", "type": "branch", "yes": "out", "no": "out",
            "condition": {"type": "trait", "name": "tag.vip", "op": "exists"}}  # fmt: skip
    segment = {"kind": "segment", "id": "buyers", "name": {"en": "Buyers", "zh": "买家"}, "condition": BUYERS}
    journey = {"kind": "journey", "id": "thanks", "name": {"en": "Thanks", "zh": "致谢"}, "purpose": "marketing",
               "entry": {"type": "segment", "segment": "buyers"},
               "nodes": [node, {"id": "out", "type": "exit"}]}  # fmt: skip
    assert apply(client, segment, journey).status_code == 200  # a draft may be unfinished
    answer = apply(client, journey, publish=True)
    assert answer.status_code == 422
    assert "there is no tag vip" in answer.json()["error"]["message"]
    assert apply(client, VIP, journey, publish=True).status_code == 200
