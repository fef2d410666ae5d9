"""What do the benches of a whole server share? A small shop with a live journey, a mail server, a server process.

The mail server and the clients live in the bench's own process, so that killing the server takes nothing of what was
seen away.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from homing.core.settings import load_settings
from homing.runtime import Runtime, SystemClock, Workspace
from homing.storage import definitions

WAIT_START_S = 120.0

SEGMENT = {
    "kind": "segment", "id": "busy", "name": {"en": "Busy", "zh": "忙碌"},
    "condition": {"type": "did", "event": "Product Viewed", "where": [], "measure": "count", "op": "gte", "value": 3,
                  "within": "10s"},
}  # fmt: skip
_BODY = "<mjml><mj-body><mj-section><mj-column><mj-text>Hello</mj-text></mj-column></mj-section></mj-body></mjml>"
CONTENT = {
    "kind": "content", "id": "note", "name": {"en": "Note", "zh": "便笺"}, "channel": "email",
    "subject": {"en": "A note", "zh": "便笺"}, "body": {"en": _BODY, "zh": _BODY},
}  # fmt: skip


def journey(id: str, *, delay: str | None, timeout: str) -> dict[str, Any]:
    """Event → (delay) → message → wait for an order → reminder."""
    nodes: list[dict[str, Any]] = [
        {"id": "first", "type": "message", "content": "note", "channel": "email", "next": "wait"},
        {"id": "wait", "type": "wait_for", "events": [{"event": "Order Completed", "to": "out"}], "timeout": timeout,
         "timeout_to": "reminder"},
        {"id": "reminder", "type": "message", "content": "note", "channel": "email", "next": "out"},
        {"id": "out", "type": "exit"},
    ]  # fmt: skip
    if delay is not None:
        nodes.insert(0, {"id": "pause", "type": "delay", "for": delay, "next": "first"})
    return {
        "kind": "journey", "id": id, "name": {"en": id, "zh": id}, "purpose": "service",
        "entry": {"type": "event", "event": "Checkout Started", "where": []}, "reentry": {"type": "each"},
        "exit_on": [], "nodes": nodes,
    }  # fmt: skip


@dataclass
class Sink:
    """A mail server that remembers what it took: how often each Message-ID came, and when first."""

    times: Counter[str] = field(default_factory=Counter)
    first_us: dict[str, int] = field(default_factory=dict)
    to: dict[str, list[int]] = field(default_factory=dict)  # address -> when mail came

    def __post_init__(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._controller.port)

    def start(self) -> Sink:
        """Begin."""
        self._controller.start()
        return self

    def stop(self) -> None:
        """End."""
        self._controller.stop()

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a message."""
        now = time.time_ns() // 1000
        message_id = str(message_from_bytes(envelope.content)["Message-ID"])
        self.times[message_id] += 1
        self.first_us.setdefault(message_id, now)
        for address in envelope.rcpt_tos:
            self.to.setdefault(address, []).append(now)
        return "250 OK"


def make_workspace(folder: Path, smtp_port: int, *, delay: str | None, timeout: str) -> str:
    """A workspace with a live segment and a live journey; returns a write key."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "homing.toml").write_text(
        f'name = "bench"\nconsent_default = "opt_out"\n[smtp]\nport = {smtp_port}\n', encoding="utf-8"
    )
    with Runtime(Workspace.open(folder, SystemClock(), load_settings(folder, {})), sending=False) as runtime:
        w = runtime.workspace
        for document in (SEGMENT, CONTENT, journey("flow", delay=delay, timeout=timeout)):
            kind, name = str(document["kind"]), str(document["id"])
            with w.state.write() as conn:
                definitions.save(conn, kind, name, document, now_us=w.clock(), by="bench")
            runtime.publish(kind, name)
        _, key = w.keys.create("write", "bench", now_us=w.clock(), by="bench")
        runtime.settle()
    return key


class ServerProcess:
    """`homing up` as a process of its own.

    Args:
        folder: the workspace.
        port: where it answers.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self._command = [sys.executable, "-m", "homing", "up", "--workspace", str(folder), "--port", str(port),
                         "--no-browser", "--json"]  # fmt: skip
        self._errors = folder.parent / "server.log"
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> ServerProcess:
        """Start it; return at once."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("HOMING_")}
        with self._errors.open("ab") as errors:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                self._command, stdout=subprocess.DEVNULL, stderr=errors, env=environment
            )
        return self

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> float:
        """SIGTERM; return how many seconds it took to end."""
        began = time.perf_counter()
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
        return time.perf_counter() - began

    def wait_ready(self) -> float:
        """Wait until `/readyz` says so; return how many seconds it took.

        Raises:
            TimeoutError: it did not get ready.
        """
        began = time.perf_counter()
        while time.perf_counter() - began < WAIT_START_S:
            if get(self.port, "/readyz")[0] == 200:
                return time.perf_counter() - began
            time.sleep(0.01)
        raise TimeoutError(f"the server was not ready within {WAIT_START_S:g} s, see {self._errors}")


def free_port() -> int:
    """A port of this machine that is free now."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def get(port: int, path: str) -> tuple[int, bytes]:
    """GET a path of a local server; status 0 when it does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


class Client:
    """A Segment client with one connection: a batch is posted again until it is acknowledged.

    Args:
        port: of the server.
        key: the write key.
    """

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        token = base64.b64encode(f"{key}:".encode()).decode()
        self._headers = {"authorization": f"Basic {token}", "content-type": "application/json"}
        self._connection: http.client.HTTPConnection | None = None
        self.retries = 0

    def post(self, events: list[dict[str, Any]], *, stop: threading.Event | None = None) -> list[dict[str, Any]] | None:
        """The verdicts of the batch; None when `stop` was set before it was acknowledged."""
        body = json.dumps({"batch": events}).encode()
        while stop is None or not stop.is_set():
            try:
                if self._connection is None:
                    self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
                self._connection.request("POST", "/v1/batch", body, self._headers)
                answer = self._connection.getresponse()
                content = answer.read()
                if answer.status == 200:
                    results: list[dict[str, Any]] = json.loads(content)["results"]
                    return results
            except (OSError, http.client.HTTPException, ValueError):
                if self._connection is not None:
                    self._connection.close()
                self._connection = None
            self.retries += 1
            time.sleep(0.02)
        return None
