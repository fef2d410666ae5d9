"""`homing identity` on a workspace that no server holds: look, try, decide, take back."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from homing.cli.main import app
from homing.core.event import Event, Id
from homing.core.time import DAY
from homing.runtime import Runtime, Workspace

run = CliRunner()


def asked(folder: Path, *words: str):
    result = run.invoke(app, ["identity", *words, "--workspace", str(folder), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_two_customers_are_merged_looked_at_and_taken_apart_again_on_the_command_line(tmp_path: Path):
    with Runtime(Workspace.open(tmp_path), sending=False, nightly=False).start() as runtime:
        now = runtime.workspace.clock()
        runtime.workspace.log.append([
            Event(event_id=f"e{n}", kind="track", name="Order Completed", happened_us=now - DAY, source_id="shop",
                  ids=(Id(*i),), properties={"order_id": str(n), "revenue": 5, "currency": "USD"})
            for n, i in enumerate([("member_card", "7"), ("email", "ann@a.example"), ("member_card", "7")])
        ])  # fmt: skip
        runtime.settle(30, warehouse=False)
        with runtime.workspace.state.read() as conn:
            rows = conn.exec_driver_sql("SELECT type, customer_id FROM identifier").all()
    holder = {row.type: row.customer_id for row in rows}
    one, other = holder["member_card"], holder["email"]

    seen = asked(tmp_path, "merge", one, other, "--dry-run")
    assert [side["orders"] for side in (*seen["before"], *seen["after"])] == [2, 1, 3]
    assert asked(tmp_path, "merge", one, other, "--reason", "the same")["customers"] == [one]
    known = asked(tmp_path, "show", one)
    assert {i["type"] for i in known["identifiers"]} == {"member_card", "email"}
    assert [e["how"] for e in known["edges"]] == ["hand"]
    assert set(asked(tmp_path, "split", one, "email:ann@a.example")["customers"]) == {one, other}
    assert asked(tmp_path, "conflicts")["items"] == []
    asked(tmp_path, "block", "email:ann@a.example")
    assert [b["status"] for b in asked(tmp_path, "blocked")["items"]] == ["blocked"]
    asked(tmp_path, "unblock", "email:ann@a.example")
    assert asked(tmp_path, "blocked")["items"] == []
    assert {t["type"] for t in asked(tmp_path, "rules")["types"]} >= {"email", "phone", "user_id"}
    wrong = run.invoke(app, ["identity", "block", "nonsense", "--workspace", str(tmp_path), "--json"])
    assert wrong.exit_code != 0
