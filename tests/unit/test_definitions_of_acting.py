"""A journey that cannot run is refused before it is published, node by node, in both languages."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from homing.act.content import check_content
from homing.act.definitions import Campaign, Content, Journey, check_campaign, check_journey
from homing.core.errors import InvalidInput
from homing.core.registry import definition_kinds
from journey_world import ORDER, campaign, content, delay, journey, say

KNOWN = {"contents": {"hello": "email", "note": "sms"}, "segments": {"dormant"}, "channels": {"email", "sms"}}
WAIT = {"id": "wait", "type": "wait_for", "events": [ORDER | {"to": "end"}], "timeout": "3d", "timeout_to": "mail"}
END = {"id": "end", "type": "exit"}
TURN = {
    "id": "turn",
    "type": "branch",
    "condition": {"type": "trait", "name": "x", "op": "exists"},
    "yes": "mail",
    "no": "end",
}


def faults(*nodes, **changes):
    return [
        (f.node, f.message["en"]) for f in check_journey(Journey.model_validate(journey(*nodes, **changes)), **KNOWN)
    ]


@pytest.mark.parametrize(
    ("nodes", "changes", "wanted"),
    [
        ([delay("rest", "2h", "mail"), say("mail", next="wait"), WAIT, END], {}, []),
        ([say(next="nowhere")], {}, [("mail", "leads to nowhere, which is no node")]),
        ([say(), delay("lost", "1h")], {}, [("lost", "no way leads here")]),
        ([say(), say()], {}, [("mail", "2 nodes have this id, wanted one")]),
        (
            [say(next="turn"), TURN, END],
            {},
            [("mail", "on a loop without a delay or a wait"), ("turn", "on a loop without a delay or a wait")],
        ),
        ([say(next="rest"), delay("rest", "1d", "turn"), TURN, END], {}, []),
        ([say(content="gone")], {}, [("mail", "there is no content gone")]),
        ([say(content="note")], {}, [("mail", "the content is made for sms, the node sends by email")]),
        (
            [say(channel="pigeon")],
            {},
            [
                ("mail", "there is no channel pigeon"),
                ("mail", "the content is made for email, the node sends by pigeon"),
            ],
        ),
        ([END], {"entry": {"type": "segment", "segment": "ghosts"}}, [(None, "there is no segment ghosts")]),
    ],
)
def test_each_fault_names_its_node(nodes, changes, wanted):
    assert faults(*nodes, **changes) == wanted


def test_faults_speak_chinese_too():
    (fault,) = check_journey(Journey.model_validate(journey(say(content="gone"))), **KNOWN)
    assert fault.message["zh"] == "没有名为 gone 的内容"


@pytest.mark.parametrize(
    "broken",
    [
        journey(),
        journey({"id": "x", "type": "teleport"}),
        journey(delay("rest", "0h")),
        journey({"id": "until", "type": "delay_until", "time": "25:00"}),
        journey(say(), reentry={"type": "after"}),
        journey(say(), reentry={"type": "never", "after": "1d"}),
        journey(say(), surprise=1),
        journey(say("a b")),
        journey({"id": "w", "type": "wait_for", "events": [], "timeout": "1d", "timeout_to": "w"}),
    ],
)
def test_a_document_that_is_no_journey_is_refused(broken):
    with pytest.raises((ValidationError, InvalidInput)):
        Journey.model_validate(broken)


def test_documents_come_out_as_they_went_in():
    for kind, document in (
        ("journey", journey(delay("rest", "2h", "mail"), say())),
        ("content", content()),
        ("campaign", campaign()),
    ):
        model = definition_kinds[kind]
        once = model.model_validate(document).model_dump(mode="json", by_alias=True, exclude_unset=True)
        assert model.model_validate(once) == model.model_validate(document)


def test_a_campaign_and_its_journey_must_be_about_the_same_people():
    wake = Journey.model_validate(journey(say()))
    asked = {"journeys": {"wake": wake}, "segments": {"dormant", "vip"}, "taken": {}}

    def said(document, **more):
        return [f.message["en"] for f in check_campaign(Campaign.model_validate(document), **(asked | more))]

    assert said(campaign()) == []
    assert "wanted the same" in said(campaign(segment="vip"))[0]
    assert said(campaign(journey="nap")) == ["there is no journey nap"]
    assert said(campaign(), taken={"wake": "autumn"}) == ["campaign autumn runs this journey already"]
    assert said(campaign(), taken={"wake": "spring"}) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({}, []),
        ({"subject": {"en": "Hi {{ customer.name", "zh": "好"}}, ["subject.en"]),
        ({"subject": {"en": "{% if x %}"}}, ["subject.en"]),
        ({"body": {"en": "<mjml><mj-body>", "zh": "<mjml><mj-body></mj-body></mjml>"}}, ["body.en"]),
        ({"body": {"en": "{% include 'secrets' %}"}}, ["body.en"]),
        ({"body": {"en": "{% render 'secrets' %}"}}, ["body.en"]),
        ({"body": {"en": "<mjml><mj-body><mj-include path='/etc/passwd' /></mj-body></mjml>"}}, ["body.en"]),
        ({"body": {"en": "{% for i in (1..100000000) %}x{% endfor %}"}}, ["body.en"]),
        ({"body": {}}, ["body"]),
    ],
)
def test_a_template_that_cannot_be_rendered_is_found_before_it_is_sent(change, where):
    assert [f.node for f in check_content(Content.model_validate(content(**change)))] == where
