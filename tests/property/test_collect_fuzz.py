"""Whatever comes over the wire: a verdict an item, never an exception, and what is accepted can be read back."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collect_client import KEY, NOW, Collector
from homing.collect.doors.segment_api import Arrival, translate
from homing.collect.reasons import REASONS
from homing.core.event import KINDS, decode, encode

_scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
_json = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
_field = (
    st.sampled_from(
        [
            "ann",
            "",
            "null",
            7,
            None,
            "2026-01-06T11:00:00+08:00",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "Order Completed",
            "Completed Order",
            *KINDS,
        ]
    )
    | _json
)
_names = [
    "type",
    "event",
    "name",
    "userId",
    "anonymousId",
    "previousId",
    "groupId",
    "messageId",
    "timestamp",
    "category",
    "sentAt",
    "originalTimestamp",
    "properties",
    "traits",
    "context",
    "integrations",
    "writeKey",
]
_context = st.fixed_dictionaries(
    {},
    optional={
        "device": _json | st.fixed_dictionaries({"id": _field}),
        "traits": _json,
        "externalIds": _json | st.lists(st.fixed_dictionaries({"type": _field, "id": _field}), max_size=2),
    },
)
_items = (
    _json
    | st.dictionaries(st.sampled_from(_names), _field, max_size=8)
    | st.fixed_dictionaries(
        {"type": st.sampled_from(KINDS), "userId": _field, "event": _field},
        optional={
            "context": _context,
            "timestamp": _field,
            "traits": st.fixed_dictionaries({"email": _field, "phone": _field}),
            "sentAt": _field,
        },
    )
)


@settings(max_examples=300, deadline=None)
@given(_items, st.none() | st.sampled_from(KINDS), _field)
def test_an_item_is_an_event_that_can_be_kept_or_a_reason_with_words(item, kind, sent_at):
    taken = translate(json.dumps(item).encode(), kind, Arrival("web", NOW, sent_at=sent_at))
    if taken.event is None:
        assert REASONS[taken.code]
    else:
        assert 0 <= taken.event.happened_us <= NOW
        assert decode(encode(taken.event)).ids == taken.event.ids


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_refused_quietly(raw):
    taken = translate(raw, "track", Arrival("web", NOW))
    assert taken.event is None
    assert REASONS[taken.code]


@pytest.fixture(scope="module")
def collector(tmp_path_factory):
    made = Collector(tmp_path_factory.mktemp("fuzz"))
    yield made
    made.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_items, max_size=5), _field)
def test_a_batch_of_anything_has_one_verdict_an_item(collector, items, context):
    body = json.dumps({"batch": items, "writeKey": KEY, "context": context}).encode()
    got = asyncio.run(collector.send("POST", "/v1/batch", content=body))
    if got.status_code == 400:  # a number or text no JSON reader takes spoils the whole body
        with pytest.raises((msgspec.MsgspecError, ValueError)):
            msgspec.json.decode(body)
        return
    assert got.status_code == 200
    assert [r["index"] for r in got.json()["results"]] == list(range(len(items)))
