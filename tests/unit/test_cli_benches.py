"""`homing bench` finds its benches, gives them their options, and tells a met goal from a missed one."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from homing.cli.bench import _fitting, _split
from homing.cli.main import app
from homing.core.errors import InvalidInput
from homing.demo.bench.row import BenchRow

run = CliRunner()


def test_options_follow_the_name_of_a_bench():
    assert _split(["crash", "--kills", "20", "--seed=3"]) == (["crash"], {"kills": "20", "seed": "3"})

    def bench(kills: int = 200, share: float = 0.5):
        return kills, share

    assert bench(**_fitting(bench, {"kills": "20", "share": "0.25"}, strict=True)) == (20, 0.25)
    with pytest.raises(InvalidInput):
        _fitting(bench, {"lives": "9"}, strict=True)
    with pytest.raises(InvalidInput):
        _fitting(bench, {"kills": "many"}, strict=True)


def test_without_a_name_the_benches_are_listed():
    result = run.invoke(app, ["bench"])
    assert result.exit_code == 0
    assert "crash" in result.stdout


@pytest.mark.parametrize(
    ("better", "figure", "met"),
    [
        ("higher", 10, True),
        ("higher", 9, False),
        ("lower", 10, True),
        ("lower", 11, False),
        ("equal", 10, True),
        ("equal", 0, False),
    ],
)
def test_a_goal_is_met_or_not(better, figure, met):
    row = BenchRow("x", figure, "s", "bare", 5, goal=10, better=better)
    assert row.met is met
    assert row.as_dict()["ratio"] == figure / 5


def test_a_figure_without_anchor_or_goal_claims_nothing():
    row = BenchRow("x", 3, "s").as_dict()
    assert (row["ratio"], row["goal"], row["met"], row["anchor"]) == (None, None, None, None)


def test_the_bench_of_people_measures_a_small_town_with_every_figure():
    asked = ["bench", "people", "--json", "--events", "6000", "--customers", "300", "--listed", "400", "--one", "200"]
    result = run.invoke(app, asked)
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert rows["people.timeline_events"]["figure"] >= 190
    assert rows["people.segment"]["anchor"] == "the best statement by hand"
    assert set(rows) >= {"people.segment_ratio", "people.rfm", "people.page_p95", "people.timeline_p95",
                         "people.search_p95", "people.order_p95"}  # fmt: skip
