"""`homing bench segments` judges events and says what it took."""

from __future__ import annotations

from homing.demo.bench.segments import run


def test_few_events_have_every_figure():
    rows = {row.name: row for row in run(events=2_000, customers=50)}
    assert rows["segments.stage_50"].figure > 0
    assert rows["segments.stage_50"].anchor_figure > 0
    assert rows["segments.stage_500_changes"].figure > rows["segments.stage_50_changes"].figure > 0
    assert rows["segments.stage_50_timers"].figure > 0
