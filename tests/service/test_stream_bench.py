"""`homing bench stream` measures what it says: a small shop goes through the whole stream, replayed and live."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from homing.cli.main import app


def test_a_small_shop_has_every_figure():
    asked = ["bench", "stream", "--json", "--events", "2000", "--customers", "100", "--traits", "7", "--rate", "200",
             "--seconds", "2"]  # fmt: skip
    result = CliRunner().invoke(app, asked)
    assert result.exit_code in {0, 1}, result.stderr
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert rows.keys() >= {"stream.50_segments", "stream.500_segments", "stream.live_p99"}
    for name in ("stream.50_segments", "stream.500_segments"):
        assert 0 < rows[name]["figure"] < rows[name]["anchor_figure"]  # no stream is faster than decoding
    assert rows["stream.50_segments.changes"]["figure"] > 0
    assert 0 < rows["stream.live_p50"]["figure"] <= rows["stream.live_p99"]["figure"]
