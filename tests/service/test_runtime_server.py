"""One server on one port: events in over HTTP, commands through it, probes for machines, the rest closed."""

from __future__ import annotations

import base64
import csv
import http.client
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homing.api.server import Listener, Server
from homing.cli.main import app
from homing.core.errors import Conflict
from homing.demo.bench.world import free_port, get
from homing.runtime import server_of

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    made = Server.open(tmp_path_factory.mktemp("server") / "w", port=0).start()
    yield made
    made.stop()


def port_of(server: Server) -> int:
    return int(server.url.rsplit(":", 1)[1])


def command(server: Server, *words: str):
    folder = str(server.runtime.workspace.folder)
    result = CliRunner().invoke(app, [*words, "--workspace", folder, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def post(server: Server, key: str, events: list[dict]) -> tuple[int, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(server))
    token = base64.b64encode(f"{key}:".encode()).decode()
    connection.request("POST", "/v1/batch", json.dumps({"batch": events}), {"authorization": f"Basic {token}"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_an_event_posted_with_a_key_made_by_a_command_is_answered_by_a_command(server: Server):
    key = command(server, "key", "create", "--kind", "write", "--name", "shop")["key"]
    order = {"type": "track", "event": "Order Completed", "messageId": "o1", "userId": "ann",
             "properties": {"order_id": "1", "revenue": 12.5, "currency": "USD"}}  # fmt: skip
    status, body = post(server, key, [order, order | {"messageId": "o2"}, order, {"type": "nonsense"}])
    assert status == 200
    assert [r["status"] for r in body["results"]] == ["accepted", "accepted", "duplicate", "rejected"]
    server.runtime.settle()
    sql = "SELECT count(*) AS orders, sum(revenue) AS revenue FROM events WHERE name = 'Order Completed'"
    assert command(server, "query", sql) == {"columns": ["orders", "revenue"], "rows": [[2, 25.0]]}


def test_a_file_is_imported_through_the_server_while_it_runs(server: Server, tmp_path: Path):
    file = tmp_path / "orders.csv"
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["order_id", "email", "revenue", "currency", "created_at"])
        rows.writerows([[f"f{n}", f"u{n % 9}@shop.example", 10, "USD", "2026-01-02T03:04:05Z"] for n in range(90)])
        rows.writerow(["f99", "x@shop.example", 10, "USD", "the day before yesterday"])
    done = command(server, "import", str(file), "--as", "orders")
    assert (done["read"], done["accepted"], done["duplicate"], done["rejected"]) == (91, 90, 0, 1)
    again = command(server, "import", str(file), "--as", "orders")
    assert (again["accepted"], again["duplicate"]) == (0, 90)


def test_the_run_file_is_its_owners_alone(server: Server):
    folder = server.runtime.workspace.folder
    found = server_of(folder)
    assert found is not None
    assert (found.url, found.pid) == (server.url, os.getpid())
    assert stat.S_IMODE((folder / "run" / "server.json").stat().st_mode) == 0o600


def test_probes_answer_and_what_is_private_is_closed(server: Server):
    assert get(port_of(server), "/healthz") == (200, b'{"ok":true}')
    assert get(port_of(server), "/readyz")[0] == 200
    status, body = get(port_of(server), "/metrics")
    assert status == 200
    assert b"homing_stream_offset" in body
    for path in ("/api/customers", "/api/keys", "/api/events", "/api/definitions/segment"):
        assert get(port_of(server), path)[0] == 401


def test_a_port_in_use_is_said_and_the_workspace_is_let_go(server: Server, tmp_path: Path):
    with pytest.raises(Conflict, match="port"):
        Listener("127.0.0.1", port_of(server))
    with pytest.raises(Conflict, match="port"):
        Server.open(tmp_path / "w", port=port_of(server))
    Server.open(tmp_path / "w", port=0).start().stop()


def test_a_process_prints_the_owners_link_once_and_ends_cleanly_on_sigterm(tmp_path: Path):
    words = [sys.executable, "-m", "homing", "up", "-w", str(tmp_path / "w"), "--port", str(free_port()), "--json"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    assert said["setup"].startswith(said["url"] + "/setup?token=")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0
    assert time.monotonic() - began < 25  # under five on a machine with nothing else to do: bench cold_start
    token = said["setup"].partition("token=")[2]
    assert token not in errors  # a log may be read by others
    assert not (tmp_path / "w" / "run" / "server.json").exists()
