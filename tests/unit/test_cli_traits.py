"""Traits from the command line: applied from a file, listed, shown, computed now and as of an instant."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from homing.cli.main import app
from homing.core.event import Event, Id
from homing.core.time import DAY, iso
from homing.runtime import Runtime, Workspace

run = CliRunner()
TRAIT = """
kind: trait
id: spent
name: {en: Spent, zh: 消费}
of: {type: aggregate, measure: sum, event: Order Completed, property: revenue}
"""


def asked(*words: str, folder: Path):
    result = run.invoke(app, [*words, "--workspace", str(folder), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_trait_is_listed_shown_and_computed_now_and_then(tmp_path: Path):
    folder = tmp_path / "w"
    (tmp_path / "spent.yaml").write_text(TRAIT, encoding="utf-8")
    with Runtime(Workspace.open(folder), sending=False, nightly=False) as runtime:
        now = runtime.workspace.clock()
        runtime.workspace.log.append([
            Event(event_id=f"o{n}", kind="track", name="Order Completed", happened_us=now - n * DAY, source_id="shop",
                  ids=(Id("user_id", "ann"),), properties={"revenue": 10 + n}) for n in (1, 5)
        ])  # fmt: skip
        runtime.settle()
    asked("apply", str(tmp_path / "spent.yaml"), folder=folder)
    (row,) = asked("trait", "list", folder=folder)["items"]
    assert (row["id"], row["coverage"]["n"], row["coverage"]["total"]) == ("spent", 1, 1)
    assert asked("trait", "show", "spent", folder=folder)["sentence"]["zh"] == "累计「完成订单」的「revenue」合计"
    (customer,) = (r[0] for r in asked("query", "SELECT customer_id FROM customers", folder=folder)["rows"])
    (found,) = asked("trait", "compute", customer, folder=folder)["rows"]
    assert found["values"] == {"spent": 26}
    then = iso(now - 2 * DAY)
    for known, wanted in (("received", 0), ("happened", 15)):
        words = ("trait", "compute", customer, "--as-of", then, "--known", known)
        (found,) = asked(*words, folder=folder)["rows"]
        assert found["values"] == {"spent": wanted}
