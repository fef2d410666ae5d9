"""A source is set up, tried, run, paused and taken back over the API; its secrets come out nowhere."""

from __future__ import annotations

import json
import socket
import sqlite3
import struct
import threading
import time
from pathlib import Path

import pytest
from api_world import world
from sqlalchemy import select

from homing.core.settings import Settings
from homing.core.time import HOUR, MINUTE
from homing.runtime import Runtime, VirtualClock, Workspace
from homing.runtime.documents import apply
from homing.runtime.metrics import REGISTRY
from homing.storage.schema import import_run, secret

NOW = 1_514_826_000_000_000  # 2018-01-01T17:00:00Z
PASSWORD = "a-secret-that-stands-nowhere"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    conn = sqlite3.connect(path)
    conn.execute("create table orders (order_id text, paid_at text, customer_id text, revenue real)")
    add(conn, *[(f"s{n}", f"2017-12-31T10:00:{n:02d}Z", f"c{n % 3}", 10.0) for n in range(10)])
    conn.close()
    return path


def add(conn: sqlite3.Connection, *rows: tuple[str, str, str, object]) -> None:
    conn.executemany("insert into orders values (?, ?, ?, ?)", rows)
    conn.commit()


def document(path: Path, **more) -> dict[str, object]:
    return {
        "kind": "source", "id": "till", "name": "Till", "connector": "sqlite", "as": "orders",
        "map": {"time": "paid_at"}, "settings": {"path": str(path), "table": "orders", "cursor": "paid_at"}, **more,
    }  # fmt: skip


def pg(**settings) -> dict[str, object]:
    reach = {"host": "127.0.0.1", "port": 1, "database": "test", "user": "root", "table": "t"} | settings
    return {"kind": "source", "id": "pg", "name": "PG", "connector": "postgresql", "settings": reach}


def test_a_source_is_tried_saved_run_read_again_paused_and_taken_back(tmp_path: Path, shop: Path):
    with world(tmp_path / "w") as w, w.client("editor") as api:
        asked = {"document": document(shop), "secrets": {}}
        assert api.post("/sources/check", json=asked).json() == {"ok": True}
        seen = api.post("/sources/preview", json=asked | {"rows": 5}).json()
        assert [(c["column"], c["field"]) for c in seen["columns"]][:2] == [
            ("order_id", "order_id"),
            ("paid_at", "time"),
        ]
        assert (len(seen["rows"]), seen["events"], seen["missing"], seen["refused"]) == (5, 5, [], [])
        assert api.get("/sources").json()["items"] == []  # nothing was saved
        assert api.post("/sources", json=asked).json()["state"] == "idle"
        ran = api.post("/sources/till/run", json={"wait": True}).json()
        assert (ran["last_run"]["status"], ran["last_run"]["accepted"], ran["last_run"]["rejected"]) == ("done", 10, 0)
        conn = sqlite3.connect(shop)
        add(conn, ("s10", "2018-01-01T09:00:00Z", "c9", 5.0), ("s11", "2018-01-01T09:00:01Z", "c9", "much"))
        conn.close()
        again = api.post("/sources/till/run", json={"wait": True}).json()["last_run"]
        assert (again["accepted"], again["rejected"], again["duplicate"]) == (1, 1, 10)  # all within the overlap
        whole = api.post("/sources/till/run", json={"backfill": True, "wait": True}).json()["last_run"]
        assert (whole["read"], whole["accepted"]) == (12, 0)
        (kept,) = api.get("/rejected", params={"source": "till"}).json()["items"]
        assert "bad_number" in json.dumps(kept)  # read three times, kept once
        assert len(api.get("/sources/till/runs").json()["items"]) == 3
        assert api.post("/sources/till/pause", json={}).json()["state"] == "paused"
        assert api.post("/sources/till/resume", json={}).json()["state"] == "idle"
        assert api.delete("/sources/till").json() == {"ok": True}
        assert api.get("/sources").json()["items"] == []
    figure = REGISTRY.get_sample_value("homing_source_rows_total", {"source": "till", "verdict": "accepted"})
    assert figure is not None
    assert figure >= 11


def test_a_secret_goes_in_and_comes_out_nowhere(tmp_path: Path):
    with world(tmp_path / "w") as w, w.client("editor") as api:
        said = [api.post("/sources", json={"document": pg(), "secrets": {"password": PASSWORD}})]
        assert said[0].json()["secrets"] == {"password": True}
        assert said[0].json()["document"]["settings"]["password"] == {"secret": "source:pg:password"}
        said += [api.get("/sources/pg"), api.get("/sources"), api.get("/definitions/source")]
        said += [api.post("/sources/check", json={"document": pg()}), api.post("/sources/pg/run", json={"wait": True})]
        said += [api.post("/sources", json={"document": pg(password=PASSWORD)})]  # not into a document
        said += [api.put("/sources/pg/secrets/nonsense", json={"value": PASSWORD})]
        assert [a.status_code for a in said] == [200, 200, 200, 200, 503, 503, 422, 422]
        with w.client("owner") as owner:
            said.append(owner.get("/audit"))
        assert [PASSWORD in a.text for a in said] == [False] * len(said)
        state = w.runtime.workspace.state
        with state.read() as conn:
            assert (
                conn.execute(select(secret.c.value).where(secret.c.name == "source:pg:password")).scalar() == PASSWORD
            )
            assert PASSWORD not in json.dumps([list(r) for r in conn.execute(select(import_run))], default=str)
        assert api.delete("/sources/pg").status_code == 200
        with state.read() as conn:
            assert conn.execute(select(secret.c.value).where(secret.c.name == "source:pg:password")).scalar() is None


class Listener:
    """A server that asks for a password in clear, as PostgreSQL may, and remembers what it is told."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.told = b""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            with peer:
                peer.settimeout(5)
                peer.recv(4096)  # who is there
                peer.sendall(b"R" + struct.pack("!ii", 8, 3))
                self.told += peer.recv(4096)

    def close(self) -> None:
        self._socket.close()


def test_a_stored_secret_serves_only_the_settings_it_was_stored_with(tmp_path: Path):
    own, other = Listener(), Listener()
    with world(tmp_path / "w") as w, w.client("editor") as api:
        saved = pg(port=own.port, encryption="disable")
        api.post("/sources", json={"document": saved, "secrets": {"password": PASSWORD}})
        assert api.post("/sources/check", json={"document": saved}).status_code in {422, 503}
        moved = pg(port=other.port, encryption="disable")
        assert api.post("/sources/check", json={"document": moved}).status_code in {422, 503}
        assert api.post("/sources", json={"document": moved}).json()["secrets"] == {"password": False}
        api.post("/sources/pg/run", json={})
        assert api.post("/sources", json={"document": saved}).json()["secrets"] == {"password": True}
        api.post("/sources", json={"document": moved})
        api.post("/sources/pg/run", json={})
        until(lambda: other.told)
    own.close()
    other.close()
    assert (PASSWORD.encode() in own.told, PASSWORD.encode() in other.told) == (True, False)


def test_a_viewer_sees_and_changes_nothing_and_the_workspace_itself_is_no_source(tmp_path: Path, shop: Path):
    with world(tmp_path / "w") as w:
        with w.client("viewer") as api:
            assert api.get("/sources").status_code == 200
            assert api.get("/connectors").status_code == 200
            for path in ("/sources", "/sources/check", "/sources/preview"):
                assert api.post(path, json={"document": document(shop)}).status_code == 403
        with w.client("editor") as api:
            own = document(tmp_path / "w" / "state.db")
            answer = api.post("/sources/check", json={"document": own})
            assert (answer.status_code, "workspace itself" in answer.text) == (422, True)


def until(ready, seconds: float = 20.0):
    ends = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < ends, "it did not come to that"
        time.sleep(0.02)
    return found


def statuses(runtime: Runtime) -> list[str]:
    with runtime.workspace.state.read() as conn:
        rows = conn.execute(select(import_run.c.status).order_by(import_run.c.started_us))
        return [r[0] for r in rows]


def test_it_runs_on_its_schedule_waits_out_a_failure_and_stops_at_a_refusal(tmp_path: Path, shop: Path):
    clock = VirtualClock(NOW)
    with Runtime(Workspace.open(tmp_path / "w", clock, Settings()), nightly=False).start() as runtime:
        sources = runtime.sources
        apply(runtime, [document(shop, schedule={"every": "15m"})], by="test", at_us=NOW)
        until(lambda: statuses(runtime) == ["done"])  # at once, for it never ran
        until(lambda: sources.standing("till").state == "idle")
        clock.advance_to(NOW + 14 * MINUTE)
        time.sleep(0.2)
        assert statuses(runtime) == ["done"]
        clock.advance_to(NOW + 15 * MINUTE)
        until(lambda: statuses(runtime) == ["done", "done"])
        until(lambda: sources.standing("till").state == "idle")
        holder = sqlite3.connect(shop)  # somebody holds the file: it does not answer now
        holder.execute("begin exclusive")
        shop.rename(shop.with_suffix(".away"))
        clock.advance_to(NOW + 30 * MINUTE)
        until(lambda: sources.standing("till").state == "stopped")  # no such file: refused, until somebody acts
        assert "no file" in (sources.standing("till").error or "")
        clock.advance_to(NOW + 2 * HOUR)
        time.sleep(0.2)
        assert statuses(runtime) == ["done", "done", "failed"]
        holder.close()
        shop.with_suffix(".away").rename(shop)
        sources.ask("till")
        until(lambda: statuses(runtime)[-1] == "done")
        apply(runtime, [pg() | {"schedule": {"every": "15m"}}], by="test", at_us=NOW)
        until(lambda: sources.standing("pg").state == "retrying")
        first = sources.standing("pg").next_us or 0
        assert 2 < (first - clock()) / 1e6 < 8  # five seconds, with jitter
        clock.advance_to(first)
        until(lambda: sources.standing("pg").failures == 2 and sources.standing("pg").state == "retrying")
        assert (sources.standing("pg").next_us or 0) - clock() > 4_900_000  # ten seconds, with jitter
