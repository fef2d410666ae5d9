"""A server killed at random moments loses nothing, sends nothing twice, and computes what an unkilled one computes."""

from __future__ import annotations

import pytest

from homing.demo.bench.crash import run

pytestmark = [pytest.mark.service, pytest.mark.slow]


def test_ten_kills_leave_no_trace():
    rows = {row.name.removeprefix("crash."): row for row in run(kills=10, seed=3)}
    assert {name: row.figure for name, row in rows.items() if row.met is False} == {}
    assert rows["events_acknowledged"].figure > 30
    assert rows["rows_compared"].figure > 100
