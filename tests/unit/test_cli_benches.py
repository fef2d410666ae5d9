"""`homing bench` finds its benches, gives them their options, and tells a met goal from a missed one."""

from __future__ import annotations

import json
from pathlib import Path

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


def _bench(
    kills: int = 200, whole: bool = False, warm: bool = True, limit: int | None = None, folder: Path | None = None,
    name: str | None = None, share=0.5,
):  # fmt: skip
    return kills, whole, warm, limit, folder, name, share


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("", (200, False, True, None, None, None, 0.5)),
        ("--whole --kills 3", (3, True, True, None, None, None, 0.5)),
        ("--whole=no --no-warm", (200, False, False, None, None, None, 0.5)),
        ("--warm false --limit 7 --share 1", (200, False, False, 7, None, None, 1.0)),
        ("--limit none --folder /tmp/x --name 7", (200, False, True, None, Path("/tmp/x"), "7", 0.5)),
        ("--limit", (200, False, True, None, None, None, 0.5)),
    ],
)
def test_an_option_is_read_as_the_bench_says_what_it_is(words, wanted):
    _, options = _split(["x", *words.split()])
    assert _bench(**_fitting(_bench, options, strict=True)) == wanted


@pytest.mark.parametrize("words", ["--kills", "--whole maybe", "--limit few", "--no-kills", "--share=much"])
def test_an_option_that_cannot_be_read_is_refused_by_name(words):
    _, options = _split(["x", *words.split()])
    with pytest.raises(InvalidInput, match=next(iter(options))):
        _fitting(_bench, options, strict=True)


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
