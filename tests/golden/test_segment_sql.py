"""The statements a condition becomes.

After a change that is meant: `HOMING_GOLDEN=write pytest tests/golden/test_segment_sql.py`, and read the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from homing.core.calendar import Zones
from homing.core.condition import parse
from homing.segments.compile import members

HERE = Path(__file__).parent / "segment_sql"
AT = 1_700_000_000_000_000
ORDER = {"event": "Order Completed"}
CASES = {
    "absent_ever": {"type": "absent", **ORDER},
    "count_in_window": {"type": "did", **ORDER, "within": "30d", "op": "gte", "value": 3},
    "dormant_high_value": {
        "type": "all",
        "of": [
            {"type": "did", **ORDER, "measure": "sum", "property": "revenue", "op": "gte", "value": 1200,
             "within": "52w"},
            {"type": "absent", **ORDER, "within": "60d"},
            {"type": "not", "of": {"type": "trait", "name": "city", "op": "in", "value": ["Oslo", 7, True]}},
            {"type": "share", "percent": 50, "salt": "spring"},
        ],
    },
    "last_value_with_where": {
        "type": "did", **ORDER, "measure": "last", "property": "coupon", "op": "contains", "value": "SPRING",
        "where": [{"property": 'a "quoted" name', "op": "ne", "value": "x'; DROP TABLE events --"}],
    },
    "sequence_in_window": {
        "type": "sequence", "within": "7d", "span": "2d",
        "steps": [{"event": "Product Viewed"}, {**ORDER, "gap": "1d",
                                                "where": [{"property": "revenue", "op": "gte", "value": 10}]}],
    },
    "calendar_and_clock": {
        "type": "did", **ORDER, "during": "this_week", "op": "gte", "value": 2,
        "clock": {"start": "18:00", "end": "02:00", "weekdays": ["fri", "sat"]},
    },
    "top_percent_near": {
        "type": "all",
        "of": [{"type": "top", "trait": "points", "percent": 10}, {"type": "near", "lat": 59.9, "lng": 10.7, "km": 5}],
    },
    "computed_trait": {"type": "trait", "name": "lifecycle_stage", "op": "eq", "value": "dormant"},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_condition_becomes_this_statement(name: str):
    query = members(parse(CASES[name]), AT, computed={"lifecycle_stage"}, zones=Zones("UTC", ("Asia/Shanghai",)))
    said = f"{query.sql}\n-- {json.dumps(dict(query.params), ensure_ascii=False)}\n"
    path = HERE / f"{name}.sql"
    if os.environ.get("HOMING_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")
