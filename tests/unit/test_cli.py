"""Every command gives one JSON object with `--json`, and its exit code says what kind of error it met."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from homing.cli.checks import examine
from homing.cli.documents import KINDS
from homing.cli.main import app
from homing.core.errors import InvalidInput, NotFound
from homing.core.registry import definition_kinds
from homing.govern import complete_setup, new_setup_token
from homing.govern.users import Users
from homing.runtime.documents import ORDER
from homing.storage.state import State

run = CliRunner()

SEGMENT = """
kind: segment
id: buyers
name: {en: Buyers, zh: 买过}
condition: {type: did, event: Order Completed, where: [], measure: count, op: gte, value: 1}
"""


def asked(*words: str, folder: Path):
    result = run.invoke(app, [*words, "--workspace", str(folder), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_key_is_made_shown_once_listed_and_revoked(tmp_path: Path):
    made = asked("key", "create", "--kind", "write", "--name", "shop", folder=tmp_path)
    assert made["key"].startswith("wk_")
    (listed,) = asked("key", "list", folder=tmp_path)["items"]
    assert "key" not in listed or not listed["key"]
    assert listed["key_id"] == made["key_id"]
    asked("key", "revoke", made["key_id"], folder=tmp_path)
    assert asked("key", "list", folder=tmp_path)["items"][0]["revoked_at"]


def test_an_owner_who_forgot_the_password_is_let_in_again_by_the_command_line(tmp_path: Path):
    asked("user", "list", folder=tmp_path)  # the workspace is made
    state = State(tmp_path / "state.db")
    token = new_setup_token(state, now_us=1) or ""
    complete_setup(state, token, "olive@example.com", "Olive", "correct horse battery", now_us=1)
    state.close()
    (olive,) = asked("user", "list", folder=tmp_path)["items"]
    assert (olive["email"], olive["role"]) == ("olive@example.com", "owner")
    made = asked("user", "password", "Olive@Example.com", folder=tmp_path)
    state = State(tmp_path / "state.db")
    assert Users(state).sign_in("olive@example.com", made["password"], "here", now_us=2).name == "Olive"
    state.close()
    result = run.invoke(app, ["user", "password", "nobody@example.com", "--workspace", str(tmp_path)])
    assert isinstance(result.exception, NotFound)


def test_a_question_gets_columns_and_rows(tmp_path: Path):
    assert asked("query", "SELECT 1 AS one, 'x' AS letter", folder=tmp_path) == {
        "columns": ["one", "letter"], "rows": [[1, "x"]]
    }  # fmt: skip


def test_a_statement_that_would_write_is_refused(tmp_path: Path):
    result = run.invoke(app, ["query", "DROP TABLE event_fact", "--workspace", str(tmp_path)])
    assert isinstance(result.exception, InvalidInput)


def test_a_definition_comes_out_as_it_went_in(tmp_path: Path):
    file = tmp_path / "in" / "buyers.yaml"
    file.parent.mkdir()
    file.write_text(SEGMENT, encoding="utf-8")
    plan = asked("apply", str(file), folder=tmp_path / "w")["plan"]
    assert [(step["kind"], step["id"], step["action"]) for step in plan] == [("segment", "buyers", "create")]
    asked("export", str(tmp_path / "out"), folder=tmp_path / "w")
    written = yaml.safe_load((tmp_path / "out" / "segment" / "buyers.yaml").read_text(encoding="utf-8"))
    assert written["condition"]["event"] == "Order Completed"
    again = asked("apply", str(tmp_path / "out"), folder=tmp_path / "w")["plan"]
    assert {step["action"] for step in again} == {"same"}
    assert asked("segment", "count", str(file), folder=tmp_path / "w")["count"] == 0


def test_every_kind_of_definition_is_exported_and_applied(tmp_path: Path):
    assert KINDS == ORDER
    assert set(KINDS) == set(definition_kinds)
    documents = [
        {"kind": "trait", "id": "orders_ever", "name": {"en": "Orders", "zh": "订单"},
         "of": {"type": "aggregate", "measure": "count", "event": "Order Completed"}},
        {"kind": "tag", "id": "vip", "name": {"en": "VIP", "zh": "贵宾"}, "how": "manual"},
        {"kind": "lifecycle", "id": "short", "name": {"en": "Short", "zh": "简"},
         "stages": [{"id": "a", "name": {"en": "A", "zh": "甲"}, "condition": yaml.safe_load(SEGMENT)["condition"]},
                    {"id": "b", "name": {"en": "B", "zh": "乙"}}]},
        {"kind": "identity", "id": "identity", "name": {"en": "Rules", "zh": "规则"}, "types": []},
        {"kind": "household", "id": "household", "name": {"en": "Homes", "zh": "家庭"},
         "rules": [{"id": "phone", "share": ["landline"]}]},
        yaml.safe_load(SEGMENT),
    ]  # fmt: skip
    file = tmp_path / "all.yaml"
    file.write_text(yaml.safe_dump_all(documents, allow_unicode=True), encoding="utf-8")
    asked("apply", str(file), folder=tmp_path / "w")
    asked("export", str(tmp_path / "out"), folder=tmp_path / "w")
    written = {(path.parent.name, path.stem) for path in (tmp_path / "out").rglob("*.yaml")}
    assert written >= {(one["kind"], one["id"]) for one in documents}
    again = asked("apply", str(tmp_path / "out"), folder=tmp_path / "w")["plan"]
    assert {step["action"] for step in again} == {"same"}


@pytest.mark.parametrize("words", [("segment", "count"), ("source", "add", "shop", "--file")])
def test_a_file_of_two_documents_is_refused_where_one_is_wanted(tmp_path: Path, words: tuple[str, ...]):
    file = tmp_path / "two.yaml"
    file.write_text(SEGMENT + "---" + SEGMENT, encoding="utf-8")
    result = run.invoke(app, [*words, str(file), "--workspace", str(tmp_path / "w")])
    assert isinstance(result.exception, InvalidInput)
    assert result.exception.message == "two.yaml holds 2 documents, wanted one"


def test_a_folder_without_documents_is_not_there(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    result = run.invoke(app, ["apply", str(tmp_path / "empty"), "--workspace", str(tmp_path / "w")])
    assert isinstance(result.exception, NotFound)


def test_an_error_is_one_json_object_and_an_exit_code(tmp_path: Path):
    command = [sys.executable, "-m", "homing", "key", "revoke", "nobody", "--workspace", str(tmp_path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert json.loads(done.stderr.strip().splitlines()[-1])["error"]["code"] == "not_found"
    assert done.stdout == ""


def test_help_needs_no_stores():
    code = "import sys, homing.cli.main; sys.exit(any(m in sys.modules for m in ('duckdb', 'sqlalchemy', 'fastapi')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_doctor_finds_a_port_in_use_and_a_broken_setting(tmp_path: Path):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        found = {c.name: c for c in examine(tmp_path, taken.getsockname()[1])}
    assert found["port"].state == "bad"
    assert found["settings"].state == "good"
    (tmp_path / "homing.toml").write_text('zone = "Mars/Olympus"', encoding="utf-8")
    found = {c.name: c for c in examine(tmp_path, 0)}
    assert found["settings"].state == "bad"
    assert "zone" in found["settings"].found


@pytest.mark.parametrize("command", ["version", "openapi"])
def test_commands_about_the_installation_need_no_workspace(command: str):
    result = run.invoke(app, [command, "--json"])
    assert result.exit_code == 0
    assert isinstance(json.loads(result.stdout), dict)


def test_without_the_demo_extra_a_person_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, capsys):
    from homing.cli import main

    def lacking() -> None:
        raise ModuleNotFoundError("No module named 'aiosmtpd'", name="aiosmtpd.controller")

    monkeypatch.setattr(main, "app", lacking)
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 2
    assert "homing[demo]" in capsys.readouterr().err
