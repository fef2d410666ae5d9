"""Identifiers in files of orders are kept as every door keeps them, whether the database reads them or we do."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from homing.collect.doors.segment_api import typed_id
from homing.collect.files.kinds import feed_of
from homing.collect.intake import RowsRequest, lay_out
from homing.collect.normalise import blank
from homing.core.ids import ID_TYPES

WORDS = ["0", "00", "-1", "0-0", "Null", "NONE", "test", "GUEST", "无", "anonymous", "a" * 255, "a" * 256, "x.Y:z_1"]
VALUE = st.sampled_from(WORDS) | st.text(st.sampled_from('aZ019.-_:@ "\\é茶'), min_size=1, max_size=8)


@given(st.sampled_from(sorted(ID_TYPES)), st.lists(VALUE, min_size=1, max_size=20))
def test_an_identifier_is_the_same_from_a_file_as_from_the_door(kind, values):
    rows = [{"order_id": f"o{n}", kind: value, "time": "2026-01-02", "revenue": 1} for n, value in enumerate(values)]
    request = RowsRequest("orders", source="s")
    scratch, mapping = lay_out(rows, request)
    with scratch:
        feed = feed_of(scratch, mapping, request.as_import(), 2**52)
        bodies = [json.loads(body) for batch in feed.batches() for _, body in batch.encoded]
    got = {body["event_id"].rpartition(":")[2]: body.get("ids", []) for body in bodies}
    assert len(got) == len(values)
    for n, value in enumerate(values):
        text = value.strip()
        wanted = None if blank(text) else typed_id(kind, text, "US", [])  # a word for nothing, such as - or 无
        assert got[f"o{n}"] == ([list(wanted)] if wanted else []), value
