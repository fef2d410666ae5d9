"""What is usual becomes, in few steps, the same event to the byte as on the long way; what is odd is not usual."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from homing.collect.doors import usual
from homing.collect.doors.names import V1_NAMES
from homing.collect.doors.segment_api import Arrival, taken_of, translate
from homing.collect.doors.usual import PACK, Opened, opened, opened_of
from homing.collect.doors.wire import MAX_DEPTH, MAX_EVENT, PLAIN_DEPTH, Item, decode_plain, decode_plain_batch
from homing.core.event import KINDS, Id
from homing.core.ids import is_plain, normalise

NOW = 1_767_700_800_000_000
_whole = st.integers(-(2**64), 2**65) | st.sampled_from([2**63 - 1, 2**63, -(2**63), -(2**63) - 1])
_scalar = st.none() | st.booleans() | _whole | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6)
_json = st.recursive(
    _scalar, lambda i: st.lists(i, max_size=2) | st.dictionaries(st.text(max_size=3), i, max_size=2), max_leaves=6
)
_id = st.sampled_from(["ann", "a" * 255, "a" * 256, " bob ", "", "null", "0000", "anonymous", "用户", 7, 0, -1, None])
_instant = st.sampled_from([
    "2026-01-06T11:00:00.123Z", "2026-01-06T11:00:00+08:00", "2026-01-06T11:00:00", "2026-01-06", " 2026-01-06T11:00Z ",
    "2026-01-06T11:00:00.1234567Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "1969-12-31T23:00:00Z",
    "2030-01-01T00:00:00Z", "soon", "", 1_767_700_000, 1_767_700_000_000, 1.5, -1, 0, True, None,
])  # fmt: skip
_written = st.builds(
    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z".format, st.sampled_from([0, 1, 1969, 1970, 2024, 2026, 9999]),
    st.integers(0, 13), st.integers(0, 32), st.integers(0, 24), st.integers(0, 60), st.integers(0, 60),
    st.integers(0, 999),
)  # fmt: skip
_context = st.fixed_dictionaries(
    {"page": st.fixed_dictionaries({"path": st.text(max_size=5)})},
    optional={"device": st.just({"id": "d1"}), "externalIds": st.just([{"type": "openid", "id": "o"}]),
              "direct": st.booleans(), "traits": st.just({"email": "a@b.cn"}), "more": _json,
              "ip": st.just("10.0.0.9")},
)  # fmt: skip
_items = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from([*KINDS, "track", "track", "page", "other", 7]),
        "messageId": st.sampled_from(["m1", "m2", "x" * 100, "x" * 101, "sent:1", "", 7, None, 'é"\\\n']),
        "userId": _id,
        "anonymousId": _id,
        "previousId": _id,
        "groupId": _id,
        "event": st.sampled_from(["Product Viewed", "Seen", "茶", "", "n" * 201, *list(V1_NAMES)[:3], 7, None]),
        "name": st.sampled_from(["Home", "", "n" * 201, "Viewed Product", None]),
        "category": st.sampled_from(["Tea", "", None]),
        "timestamp": _instant,
        "originalTimestamp": _instant,
        "sentAt": _instant,
        "properties": st.none() | st.dictionaries(st.sampled_from(["id", "orderId", "产品"]), _json, max_size=3),
        "traits": st.none() | st.fixed_dictionaries({}, optional={"email": _id, "phone": st.just("+8613800138000")}),
        "context": st.none() | _context,
        "integrations": st.sampled_from([None, {}, {"All": True}, {"All": False}, 7]),
        "unknown": _json,
    },
)
_arrivals = st.builds(
    lambda sent_at, context, integrations, region: Arrival(
        "web", NOW, region, "10.1.1.1", sent_at, context, integrations, lambda: "given"
    ),
    st.none() | _instant, st.sampled_from([None, {}, {"page": {"path": "/"}}]),
    st.sampled_from([None, {}, {"A": False}]), st.sampled_from(["US", "CN"]),
)  # fmt: skip


def events(made: Opened) -> list[bytes]:
    return [
        bytes(raw) for part in made.packed for raw in msgspec.json.decode(b"[%b]" % part.bodies, type=list[msgspec.Raw])
    ]


def long_way(items: list[object], kind: str | None, arrival: Arrival) -> Opened:
    return opened_of([translate(json.dumps(item).encode(), kind, arrival) for item in items])


def same(short: Opened, long: Opened) -> None:
    assert short.message_ids == long.message_ids
    assert [i for part in short.packed for i in part.ids] == [i for part in long.packed for i in part.ids]
    assert events(short) == events(long)
    assert short.special == long.special


_plain_items = st.fixed_dictionaries(
    {"messageId": st.text("ab:é\"", min_size=1, max_size=3), "type": st.sampled_from(["track", "page"]),
     "event": st.sampled_from(["Seen", "茶"]), "userId": st.sampled_from(["ann", "bob"]), "timestamp": _written},
    optional={"name": st.just("Home"), "originalTimestamp": _written, "properties": st.just({"id": 1}),
              "context": st.sampled_from([None, {}, {"page": {"path": "/"}}]), "integrations": st.just({})},
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(_items, min_size=1, max_size=4) | st.lists(_plain_items, min_size=1, max_size=4), _arrivals,
       st.sampled_from([0, 4]))  # fmt: skip
@example([{"type": "track", "messageId": "m", "userId": "ann", "event": "Seen", "timestamp": "2026-01-06T11:00:00Z"}],
         Arrival("web", NOW), 0)  # fmt: skip
@example([{"type": "track", "messageId": "m", "userId": "ann", "event": "Seen", "timestamp": time}
          for time in ("2026-01-06T1", "2:00:00.000Z2026-01-06T12:00:00.000Z")], Arrival("web", NOW), 0)  # fmt: skip
@example([{"type": "track", "messageId": "m", "userId": "a", "event": "Seen", "timestamp": "0000-01-01T00:00:00.000Z"}],
         Arrival("web", NOW, sent_at="0001-01-01T00:00:00+14:00"), 0)  # fmt: skip
def test_a_batch_becomes_what_its_items_become_one_by_one(items, arrival, few):
    read = decode_plain_batch(json.dumps({"batch": items}).encode())
    if read is not None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(usual, "FEW", few)
            same(opened(read.batch, None, arrival), long_way(items, None, arrival))


@settings(max_examples=600, deadline=None)
@given(_items, st.sampled_from(KINDS), _arrivals)
def test_one_item_becomes_the_same_either_way(item, kind, arrival):
    read = decode_plain(json.dumps(item).encode())
    if read is not None:
        same(opened([read], kind, arrival), long_way([item], kind, arrival))


@settings(max_examples=400, deadline=None)
@given(_items)
def test_what_is_plain_needs_no_guard(item):
    """Whole numbers, depth and shape: an item that is refused on the long way for them is not plain."""
    raw = json.dumps(item).encode()
    taken = translate(raw, "track", Arrival("web", NOW))
    if taken.code in {"number_too_large", "too_deep", "shape", "bad_json", "encoding", "event_too_large"}:
        assert decode_plain(raw) is None


def test_few_levels_are_plain_and_none_is_plain_that_is_too_deep():
    def plain(levels: int) -> bool:
        return decode_plain(b'{"properties":' + b'{"deep":' * levels + b"1" + b"}" * levels + b"}") is not None

    assert [plain(n) for n in (1, PLAIN_DEPTH + 1, PLAIN_DEPTH + 2, MAX_DEPTH + 1, 5_000)] == [True, True] + [False] * 3


def test_an_item_over_the_limit_is_not_plain_wherever_it_stands():
    small, large = {"event": "Seen"}, {"event": "Seen", "properties": {"x": "y" * MAX_EVENT}}
    assert decode_plain_batch(json.dumps({"batch": [small] * 2_000}).encode()) is not None
    assert decode_plain_batch(json.dumps({"batch": [small, large]}).encode()) is None
    assert decode_plain(json.dumps(large).encode()) is None


def test_what_clients_send_does_not_take_the_long_way(monkeypatch):
    asked: list[Item] = []
    monkeypatch.setattr(usual, "taken_of", lambda item, *rest: (asked.append(item), taken_of(item, *rest))[1])
    said = {"messageId": "m1", "anonymousId": "a", "integrations": {}, "timestamp": "2026-01-06T11:00:00.123Z",
            "context": {"library": {"name": "analytics-python", "version": "2"}, "page": {"path": "/"}}}  # fmt: skip
    track = {"type": "track", "event": "Order Completed", "properties": {"products": [{"product_id": "p1"}]}}
    items = [said | track, said | {"type": "page", "name": "Home"}, said | {"type": "identify", "userId": "ann"}]
    read = decode_plain_batch(json.dumps({"batch": items, "sentAt": "2026-01-06T11:00:01Z"}).encode())
    made = opened(read.batch, None, Arrival("web", NOW, sent_at=read.sentAt))
    assert [item.type for item in asked] == ["identify"]
    assert len(events(made)) == 3


@given(st.sampled_from(["user_id", "anonymous_id", "openid", "member_card"]), st.text(max_size=300) | _id.map(str))
@example("user_id", "undefined ")
@example("user_id", "-anonymous-")
@example("user_id", "0000000000")
def test_an_identifier_that_is_plain_is_normal_as_it_stands(kind, text):
    if is_plain(text):
        assert normalise(kind, text) == Id(kind, text)


def test_a_batch_of_many_is_made_field_by_field(monkeypatch):
    monkeypatch.setattr(usual, "_maker", None)  # one by one is not needed
    said = {"anonymousId": "a", "event": "Seen", "context": {"page": {"path": "/"}}}
    items = [said | {"type": "page" if n % 2 else "track", "messageId": f"m{n}",
                     "timestamp": f"2026-01-06T11:00:00.{n:03}Z"} for n in range(100)]  # fmt: skip
    read = decode_plain_batch(json.dumps({"batch": items, "sentAt": "2026-01-06T11:00:01Z"}).encode())
    arrival = Arrival("web", NOW, sent_at=read.sentAt)
    same(opened(read.batch, None, arrival), long_way(items, None, arrival))


def test_many_events_are_encoded_in_parts_and_keep_their_order():
    items = [{"type": "track", "messageId": f"m{n}", "userId": "ann", "event": "Seen"} for n in range(2 * PACK + 3)]
    read = decode_plain_batch(json.dumps({"batch": items}).encode())
    made = opened(read.batch, None, Arrival("web", NOW))
    assert [len(part.ids) for part in made.packed] == [PACK, PACK, 3]
    same(made, long_way(items, None, Arrival("web", NOW)))
