"""`homing tag` and `homing lifecycle` on a workspace that no server holds."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from homing.cli.main import app

CUSTOMERS = "customer_id,email\nann,ann@shop.example\nbob,bob@shop.example\n"
TAG = """
kind: tag
id: vip
name: {en: VIP, zh: 贵宾}
how: manual
"""


def run(folder: Path, *words: str) -> dict:
    result = CliRunner().invoke(app, [*words, "--json", "--workspace", str(folder)])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_tag_is_given_seen_explained_and_undone(tmp_path: Path):
    folder = tmp_path / "ws"
    (tmp_path / "people.csv").write_text(CUSTOMERS, encoding="utf-8")
    (tmp_path / "vip.yaml").write_text(TAG, encoding="utf-8")
    run(folder, "import", str(tmp_path / "people.csv"), "--as", "customers")
    run(folder, "apply", str(tmp_path / "vip.yaml"))
    asked = run(folder, "query", "SELECT customer_id FROM customers ORDER BY display")
    ann = asked["rows"][0][0]
    listed = run(folder, "tag", "list")
    assert "vip" in json.dumps(listed)
    run(folder, "tag", "approve", "vip")
    given = run(folder, "tag", "give", "vip", ann)
    why = run(folder, "tag", "why", ann, "vip")
    assert why["has"] is True
    run(folder, "tag", "undo", given["batch"])
    assert run(folder, "tag", "why", ann, "vip")["has"] is False


def test_the_flow_of_an_empty_workspace_has_nobody(tmp_path: Path):
    folder = tmp_path / "ws"
    models = run(folder, "lifecycle", "list")
    assert {"standard", "aipl", "five_a"} <= set(json.dumps(models).replace('"', " ").split())
    flow = run(folder, "lifecycle", "flow", "--from", "2026-01-01", "--to", "2026-01-31")
    assert (flow["before"], flow["after"]) == (0, 0)
    shown = CliRunner().invoke(app, ["lifecycle", "flow", "--from", "2026-01-01", "--to", "2026-01-31", "--workspace",
                                     str(folder)])  # fmt: skip
    assert "no rows" in shown.stdout
