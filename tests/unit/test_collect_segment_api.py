"""What a Segment client sends becomes an event, or a reason why not."""

from __future__ import annotations

import msgspec
import pytest

from homing.collect.doors.segment_api import Arrival, Taken, translate
from homing.collect.reasons import REASONS
from homing.core.event import Id
from homing.core.time import parse_iso

NOON = parse_iso("2026-01-06T12:00:00Z")


def take(call: str | None = "track", arrival: Arrival | None = None, **body: object) -> Taken:
    return translate(msgspec.json.encode(body), call, arrival or Arrival("web", NOON, new_id=lambda: "made"))


def event(call: str | None = "track", **body: object):
    taken = take(call, **{"userId": "ann", "event": "Seen", **body})
    assert taken.event is not None, taken
    return taken.event


def test_a_track_call_becomes_an_event_with_typed_ids():
    got = event(anonymousId="a1", messageId="m1", properties={"price": 2}, context={
        "device": {"id": "d1"},
        "externalIds": [{"type": "member_card", "id": "C 7"}, {"type": "email", "id": " Ann@X.com "}],
    })  # fmt: skip
    assert got.ids == (
        Id("user_id", "ann"), Id("anonymous_id", "a1"), Id("device_id", "d1"), Id("member_card", "C 7"),
        Id("email", "ann@x.com"),
    )  # fmt: skip
    assert (got.event_id, got.kind, got.name, got.source_id, got.properties) == (
        "m1",
        "track",
        "Seen",
        "web",
        {"price": 2},
    )


def test_identify_links_email_and_phone_of_its_traits():
    got = event("identify", traits={"email": "Ann@X.com", "phone": "(212) 555-0142", "name": "Ann"})
    assert got.ids == (Id("user_id", "ann"), Id("email", "ann@x.com"), Id("phone", "+12125550142"))
    assert got.traits["name"] == "Ann"


def test_an_identifier_that_names_nobody_is_left_out_and_the_event_goes_in():
    taken = take("identify", userId="null", anonymousId="a1", traits={"email": "none", "phone": "12"})
    assert taken.event is not None
    assert taken.event.ids == (Id("anonymous_id", "a1"),)
    assert taken.event.traits == {"email": "none", "phone": "12"}
    assert len(taken.warnings) == 3


@pytest.mark.parametrize(
    ("sent", "original", "happened"),
    [
        (None, None, "12:00:00"),  # nothing said: now
        (None, "11:00:00", "11:00:00"),  # not sent when: believed
        ("12:00:00", "11:59:00", "11:59:00"),  # clocks agree
        ("09:00:00", "08:59:00", "11:59:00"),  # the sender's clock is three hours slow
        ("15:00:00", "14:59:00", "11:59:00"),  # or fast
        ("09:00:00", "09:30:00", "12:00:00"),  # original after sent: never after received
        (None, "13:00:00", "12:00:00"),  # the future is now
        ("not a time", "11:00:00", "11:00:00"),
    ],
)
def test_the_senders_clock_is_corrected_and_nothing_happens_after_it_was_received(sent, original, happened):
    day = "2026-01-06T"
    body = {
        "sentAt": day + sent + "Z" if sent else None,
        "timestamp": day + original + "Z" if original else None,
    }
    assert event(**body).happened_us == parse_iso(f"{day}{happened}Z")


def test_the_original_timestamp_is_preferred_and_numbers_are_times_too():
    assert event(timestamp="2026-01-06T11:00:00Z", originalTimestamp="2026-01-06T10:00:00Z").happened_us == parse_iso(
        "2026-01-06T10:00:00Z"
    )
    assert event(timestamp=1767690000).happened_us == event(timestamp=1767690000000).happened_us == 1767690000_000_000


@pytest.mark.parametrize(
    ("call", "body", "code"),
    [
        ("track", {"userId": "ann"}, "missing_event"),
        ("track", {"event": "Seen"}, "missing_identity"),
        ("track", {"event": "Seen", "userId": ""}, "missing_identity"),
        ("group", {"userId": "ann"}, "missing_group"),
        ("alias", {"userId": "ann"}, "missing_previous"),
        ("alias", {"previousId": "a1"}, "missing_previous"),
        (None, {"userId": "ann", "event": "Seen"}, "unknown_type"),
        (None, {"userId": "ann", "type": "shout"}, "unknown_type"),
        ("track", {"userId": "ann", "event": "Seen", "timestamp": "yesterday"}, "bad_time"),
        ("track", {"userId": "ann", "event": "Seen", "timestamp": "1931-01-01"}, "bad_time"),
        ("track", {"userId": "ann", "event": "Seen", "messageId": "m" * 101}, "message_id_too_long"),
        ("track", {"userId": "ann", "event": "S" * 201}, "name_too_long"),
        ("track", {"userId": ["ann"], "event": "Seen"}, "shape"),
        ("track", {"userId": "ann", "event": "Seen", "properties": [1]}, "shape"),
        ("track", {"userId": "ann", "event": "Seen", "properties": {"n": 2**70}}, "number_too_large"),
        ("track", {"userId": "ann", "event": "Seen", "properties": {"n": "x" * 33_000}}, "event_too_large"),
    ],
)
def test_a_call_that_breaks_a_rule_is_rejected_with_a_code_that_has_words(call, body, code):
    taken = take(call, **body)
    assert (taken.event, taken.code) == (None, code)
    assert taken.message
    assert all(REASONS[code])


def test_deep_nesting_is_refused():
    nested = b"[" * 40 + b"]" * 40
    taken = translate(b'{"userId":"a","event":"e","properties":{"x":' + nested + b"}}", "track", Arrival("web", NOON))
    assert taken.code == "too_deep"


def test_the_envelope_gives_context_to_every_item_and_the_item_wins():
    arrival = Arrival("web", NOON, context={"locale": "zh-CN", "app": {"name": "shop"}}, sent_at="2026-01-06T09:00:00Z",
                      integrations={"Mixpanel": False})  # fmt: skip
    taken = take(None, arrival, type="track", event="Seen", userId="ann", context={"locale": "en"},
                 timestamp="2026-01-06T08:00:00Z")  # fmt: skip
    assert taken.event is not None
    assert taken.event.context == {"locale": "en", "app": {"name": "shop"}, "integrations": {"Mixpanel": False}}
    assert taken.event.happened_us == parse_iso("2026-01-06T11:00:00Z")


def test_the_address_is_kept_only_when_the_client_says_it_is_direct():
    arrival = Arrival("web", NOON, ip="203.0.113.9")
    direct = take("page", arrival, userId="ann", context={"direct": True}).event
    other = take("page", arrival, userId="ann").event
    assert direct is not None
    assert other is not None
    assert direct.context["ip"] == "203.0.113.9"
    assert "ip" not in other.context


def test_version_one_commerce_names_become_version_two():
    got = event(
        event="Completed Order", properties={"orderId": "7", "revenue": 5, "products": [{"id": "p", "price": 5}]}
    )
    assert got.name == "Order Completed"
    assert got.properties == {"order_id": "7", "revenue": 5, "products": [{"product_id": "p", "price": 5}]}
    assert event(event="Viewed Product", properties={"id": "p"}).properties == {"product_id": "p"}
    assert event(event="Order Completed", properties={"id": "x"}).properties == {"id": "x"}


def test_a_client_cannot_take_the_id_of_a_record_of_ours():
    assert event(messageId="sent:abc").event_id == "client:sent:abc"
    assert take(messageId="sent:abc", userId="a", event="e").message_id == "sent:abc"
    assert event().event_id == "made"


def test_alias_page_and_group_keep_what_is_theirs():
    alias = event("alias", previousId="a1")
    assert (alias.ids, alias.previous) == ((Id("user_id", "ann"),), Id("anonymous_id", "a1"))
    page = event("page", name="Home", category="Shop", properties={"path": "/"})
    assert (page.name, page.properties) == ("Home", {"path": "/", "category": "Shop"})
    group = event("group", groupId=5, traits={"plan": "gold"})
    assert (group.group_id, group.traits) == ("5", {"plan": "gold"})
