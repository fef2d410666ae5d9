"""Plan and rules: what is refused, what is marked, what is left alone."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from homing.collect.definitions.plan import Plan
from homing.collect.definitions.rules import Rules
from homing.collect.doors.segment_api import Arrival, translate
from homing.collect.quality import Checkpoint, Inspector
from homing.collect.quality.inspector import CLEAR
from homing.collect.quality.memory import Known, Seen
from homing.collect.reasons import field_of
from homing.core.chinese import in_chinese
from homing.core.event import Event, Id
from homing.core.time import DAY
from homing.storage import definitions
from homing.storage.state import State

AT = 20_000 * DAY
IDEOGRAPH = re.compile("[\u4e00-\u9fff]")
ORDER = {
    "event": "Order Completed",
    "others": "report",
    "properties": {
        "order_id": {"type": "string", "required": True, "pattern": r"A\d+"},
        "revenue": {"type": "number", "min": 0},
        "coupon": {"type": "string", "values": ["SPRING", "春季"]},
        "products[].product_id": {"type": "string", "required": True},
    },
}
GOOD = {"order_id": "A1", "revenue": 9.5, "coupon": "春季", "products": [{"product_id": "p1"}]}


def plan(mode="block", **more) -> Plan:
    return Plan.model_validate({"id": "shop", "name": "Shop", "mode": mode, "events": [ORDER], **more})


def rules(*said, **more) -> Rules:
    return Rules.model_validate({"id": "pos", "name": "POS", "source": "pos", "rules": said, **more})


def order(event_id="e1", source="pos", name="Order Completed", at=AT, **properties) -> Event:
    return Event(event_id=event_id, kind="track", name=name, happened_us=at, source_id=source,
                 ids=(Id("user_id", "ann"),), properties=properties)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"order_id": None}, "plan_missing", "order_id"),
        ({"order_id": 7}, "plan_type", "order_id"),
        ({"order_id": "B1"}, "plan_pattern", "order_id"),
        ({"revenue": -1}, "plan_range", "revenue"),
        ({"revenue": True}, "plan_type", "revenue"),
        ({"coupon": "AUTUMN"}, "plan_value", "coupon"),
        ({"products": [{"product_id": "p1"}, {"name": "tea"}]}, "plan_missing", "products[].product_id"),
        ({"colour": "red"}, "plan_unknown_property", "colour"),
    ],
)
def test_what_is_not_as_planned_is_said_with_its_place_and_without_its_value(change, code, field):
    event = order(**GOOD | change)
    refused = Inspector([plan()]).look(event).refused
    assert (refused.code, refused.message.startswith(field)) == (code, True)
    assert "AUTUMN" not in refused.message
    observed = Inspector([plan("observe")]).look(event)
    assert (observed.refused, observed.warnings) == (None, ())
    assert observed.marks == ({"code": code, "field": field, "by": "plan:shop", "said": refused.message},)
    assert field_of(code, refused.message) == field
    assert IDEOGRAPH.search(in_chinese(refused.message))
    assert Inspector([plan("warn")]).look(event).warnings == (f"{code}: {refused.message}",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"order_id": 7}, "order_id has type integer, wanted string"),
        ({"revenue": True}, "revenue has type boolean, wanted number"),
        ({"coupon": "AUTUMN"}, "coupon is none of SPRING, 春季"),
        ({"order_id": "B1"}, r"order_id has not the form A\d+"),
        ({"revenue": -1}, "revenue lies outside 0 to …"),
    ],
)
def test_what_was_met_and_what_was_wanted_is_said(change, said):
    assert Inspector([plan()]).look(order(**GOOD | change)).refused.message == said


def test_a_plan_judges_its_sources_and_its_kinds_alone():
    strict = Inspector([plan(sources=["web"], unknown="block")])
    assert strict.look(order(source="pos", name="Odd")) is CLEAR
    assert strict.look(order(source="web", name="Odd")).refused.code == "plan_unknown_event"
    page = Event(event_id="p", kind="page", name="Home", happened_us=AT, source_id="web")
    assert strict.look(page) is CLEAR  # the plan speaks of no pages
    assert strict.look(order(source="web", **GOOD)) is CLEAR


@pytest.mark.parametrize(
    ("rule", "good", "bad", "code"),
    [
        ({"rule": "required", "field": "store"}, {"store": "s1"}, {"store": " "}, "rule_required"),
        ({"rule": "range", "field": "revenue", "max": 100}, {"revenue": "99.5"}, {"revenue": 101}, "rule_range"),
        ({"rule": "set", "field": "n", "values": [1, 2]}, {"n": 1.0}, {"n": True}, "rule_value"),
        ({"rule": "pattern", "field": "sku", "pattern": "[a-z]+"}, {"sku": "tea"}, {"sku": "TEA"}, "rule_pattern"),
        ({"rule": "required", "field": "ids.user_id"}, {}, None, "rule_required"),
        ({"rule": "reference", "field": "products[].product_id", "to": "products"},
         {"products": [{"product_id": "p1"}]}, {"products": [{"product_id": "p9"}]}, "rule_reference"),
    ],
)  # fmt: skip
def test_a_rule_refuses_or_warns(rule, good, bad, code):
    known = Known(products={"p1"})
    refuse = Inspector(rules=[rules(rule | {"then": "refuse"})], known=known)
    warn = Inspector(rules=[rules(rule)], known=known)
    wrong = order(**bad) if bad is not None else Event(
        event_id="x", kind="track", name="Order Completed", happened_us=AT, source_id="pos")  # fmt: skip
    assert refuse.look(order(**good)) is CLEAR
    refused = refuse.look(wrong).refused
    assert (refused.code, field_of(code, refused.message)) == (code, rule["field"])
    assert IDEOGRAPH.search(in_chinese(refused.message))
    assert warn.look(wrong).refused is None
    assert warn.look(wrong).marks[0]["by"] == "rules:pos"
    assert refuse.look(order(source="web", **(bad or {}))) is CLEAR


def test_a_value_is_used_once_a_day_and_the_same_event_again_is_no_second_use():
    look, seen = Inspector(rules=[rules({"rule": "unique", "field": "order_id", "then": "refuse"})]).look, Seen()
    assert look(order("e1", order_id="A1"), seen) is CLEAR
    assert look(order("e1", order_id="A1"), seen) is CLEAR
    assert look(order("e2", order_id="A1"), seen).refused.code == "rule_unique"
    assert look(order("e3", order_id="A1", at=AT + DAY), seen) is CLEAR
    per_file = Inspector(rules=[rules({"rule": "unique", "field": "order_id", "within": "file"})]).look
    assert per_file(order("f1", order_id="A1"), seen) is CLEAR  # no file
    assert per_file(order("f1", order_id="A1"), seen, "imp1") is CLEAR
    assert per_file(order("f2", order_id="A1"), seen, "imp1").warnings
    assert per_file(order("f2", order_id="A1"), seen, "imp2") is CLEAR


def test_a_product_that_just_came_can_be_named():
    look = Inspector(rules=[rules({"rule": "reference", "field": "product_id", "to": "products"})]).look
    assert look(order(product_id="p7")).warnings
    look(order("n", name="Product Updated", source="shop", product_id="p7"))
    assert look(order(product_id="p7")) is CLEAR


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a*)*", "(", "((ab)*c)*d+(x+y*)+"])
def test_a_pattern_that_might_never_end_is_refused(pattern):
    with pytest.raises(ValidationError):
        rules({"rule": "pattern", "field": "x", "pattern": pattern})


@pytest.mark.parametrize("pattern", [r"A\d+", r"(SPRING|春季)-\d{4}", r"[a-z]+@[a-z]+\.cn", r"(?:\d{2}:){2}\d{2}"])
def test_a_usual_pattern_is_taken(pattern):
    rules({"rule": "pattern", "field": "x", "pattern": pattern})


def test_publishing_a_plan_puts_another_inspector_on_duty(tmp_path):
    state = State(tmp_path / "state.db")
    point = Checkpoint(state)
    raw = b'{"type":"track","event":"Order Completed","userId":"ann","messageId":"m1","properties":{"order_id":"B"}}'
    taken = [translate(raw, None, Arrival("pos", AT))]
    assert point.pass_all(taken) is taken
    with state.write() as conn:
        definitions.save(conn, "plan", "shop", plan("observe").model_dump(mode="json"), now_us=AT, by="test")
        definitions.set_status(conn, "plan", "shop", "live", now_us=AT)
    point.on_publish("plan", "shop")
    (seen,) = point.pass_all(taken)
    assert [m["code"] for m in seen.event.context["violations"]] == ["plan_pattern", "plan_missing"]
    with state.write() as conn:
        definitions.set_status(conn, "plan", "shop", "paused", now_us=AT)
    point.on_publish("plan", "shop")
    assert point.pass_all(taken) is taken
    state.close()
