"""The doctor holds the customers in the tables against the evidence, and a rebuild mends what differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from typer.testing import CliRunner

from hand_world import Shop
from homing.cli.main import app
from homing.storage.schema import identifier
from homing.storage.state import State

CARD, PHONE, MAIL = ("member_card", "7"), ("phone", "+15550001"), ("email", "bob@b.example")


def doctor(folder: Path) -> tuple[int, dict[str, Any]]:
    """The exit code, and what was found of identities; the port is one that is free, the zone is set."""
    result = CliRunner().invoke(app, ["doctor", "--workspace", str(folder), "--port", "0", "--json"])
    said = json.loads(result.stdout)
    assert said["ok"] == (result.exit_code == 0) == all(c["state"] != "bad" for c in said["checks"])
    return result.exit_code, next(c for c in said["checks"] if c["name"] == "identity")


def test_a_customer_altered_in_the_tables_is_named_and_a_rebuild_mends_it(tmp_path: Path):
    assert doctor(tmp_path) == (0, {"name": "identity", "state": "good", "found": "there are no customers yet",
                                    "details": []})  # fmt: skip
    shop = Shop(tmp_path)
    shop.order(CARD, PHONE)
    shop.order(MAIL)
    ann, bob = shop.holder(CARD), shop.holder(MAIL)
    assert doctor(tmp_path)[1]["state"] == "good"  # a server that runs is no obstacle
    shop.close()

    state = State(tmp_path / "state.db")
    with state.write() as conn:
        conn.execute(update(identifier).where(identifier.c.type == "phone").values(customer_id=bob))
    state.close()
    code, found = doctor(tmp_path)
    assert (code, found["state"]) == (1, "bad")
    assert [(one["what"], one["customers"]) for one in found["details"]] == [
        ("joined", sorted([ann, bob])), ("parted", [bob]),
    ]  # fmt: skip
    assert ann in found["found"]
    assert PHONE[1] not in json.dumps(found)  # nobody's number goes into a report

    assert CliRunner().invoke(app, ["rebuild", "--workspace", str(tmp_path), "--json"]).exit_code == 0
    code, found = doctor(tmp_path)
    assert (code, found["state"]) == (0, "good")
    state = State(tmp_path / "state.db")
    with state.read() as conn:
        assert conn.execute(select(identifier.c.customer_id).where(identifier.c.type == "phone")).scalar() == ann
    state.close()


def test_tables_of_another_version_are_left_as_they_are(tmp_path: Path):
    import sqlite3

    with sqlite3.connect(tmp_path / "state.db") as made:
        made.execute("CREATE TABLE identifier (type TEXT)")
    before = (tmp_path / "state.db").read_bytes()
    code, found = doctor(tmp_path)
    assert (code, found["state"]) == (0, "poor")
    assert (tmp_path / "state.db").read_bytes() == before
