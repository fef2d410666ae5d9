"""A small shop on a real server: `homing up` in its own process, a mail server beside it, people who came by HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

SETTINGS = """\
name = "Harbour Street Grocer"
zone = "America/New_York"
currency = "USD"
consent_default = "opt_out"

[quiet_hours]
start = "03:00"
end = "03:01"

[smtp]
host = "127.0.0.1"
port = {port}
"""
PEOPLE = 24
MJML = """<mjml><mj-body><mj-section><mj-column><mj-text>{}</mj-text>
<mj-button href="https://shop.example/">{}</mj-button></mj-column></mj-section></mj-body></mjml>"""
DOCUMENTS: list[dict[str, Any]] = [
    {
        "kind": "segment", "id": "buyers", "name": {"en": "Buyers", "zh": "下过单的客户"},
        "condition": {"type": "all", "of": [
            {"type": "did", "event": "Order Completed", "measure": "count", "op": "gte", "value": 1, "within": "90d"},
            {"type": "not", "of": {"type": "trait", "name": "city", "op": "eq", "value": "Nowhere"}},
        ]},
    },
    {
        "kind": "content", "id": "thanks", "name": {"en": "Thank you", "zh": "感谢光临"}, "channel": "email",
        "subject": {"en": "Thank you, {{ customer.name }}", "zh": "感谢您，{{ customer.name }}"},
        "body": {"en": MJML.format("Come again soon.", "Shop"), "zh": MJML.format("欢迎再来。", "去逛逛")},
    },
    {
        "kind": "journey", "id": "say-thanks", "name": {"en": "Say thank you", "zh": "感谢购买"},
        "entry": {"type": "segment", "segment": "buyers", "existing": True},
        "exit_on": [{"event": "Unsubscribed"}],
        "nodes": [
            {"id": "mail", "type": "message", "content": "thanks", "channel": "email", "next": "wait"},
            {"id": "wait", "type": "wait_for", "events": [{"event": "Order Completed", "to": "end"}], "timeout": "3d",
             "timeout_to": "again"},
            {"id": "again", "type": "message", "content": "thanks", "channel": "email", "next": "end"},
            {"id": "end", "type": "exit"},
        ],
    },
    {
        "kind": "campaign", "id": "thanks-campaign", "name": {"en": "Thanks", "zh": "感谢活动"}, "segment": "buyers",
        "journey": "say-thanks", "holdout": {"percent": 25},
        "outcome": {"event": "Order Completed", "value": "revenue", "window": "7d"},
    },
]  # fmt: skip


@dataclass(frozen=True)
class Shop:
    """Where the server answers, and the link that makes its owner."""

    url: str
    setup: str
    token: str

    def api(self) -> httpx.Client:
        """A client with the right of the machine the server runs on."""
        return httpx.Client(base_url=f"{self.url}/api", headers={"authorization": f"Bearer {self.token}"}, timeout=60)


@contextmanager
def open_shop(folder: Path) -> Iterator[Shop]:
    """Start the server on a free port, let people in, and stop it cleanly."""
    port = free_port()
    mail = Controller(Sink(), hostname="127.0.0.1", port=port)
    mail.start()
    folder.mkdir(parents=True)
    (folder / "homing.toml").write_text(SETTINGS.format(port=port), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "homing",
        "up",
        "--port",
        "0",
        "--no-browser",
        "--json",
        "--workspace",
        str(folder),
    ]
    env = {key: value for key, value in os.environ.items() if not key.startswith("HOMING_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as server:
        try:
            assert server.stdout is not None
            assert server.stderr is not None
            line = server.stdout.readline()
            assert line, server.stderr.read()
            said = json.loads(line)
            held = json.loads((folder / "run" / "server.json").read_text(encoding="utf-8"))
            shop = Shop(said["url"], said["setup"], held["token"])
            fill(shop)
            yield shop
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=120)
            mail.stop()


def free_port() -> int:
    """A port that nobody listened on a moment ago; the mail server cannot be asked to choose one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fill(shop: Shop) -> None:
    """People buy, look around without signing in, sign in later; one event is malformed. Then the documents."""
    with shop.api() as api:
        key = api.post("/keys", json={"kind": "write", "name": "Web shop"}).raise_for_status().json()["key"]
        answer = httpx.post(f"{shop.url}/v1/batch", json={"batch": events()}, auth=(key, ""), timeout=60)
        assert answer.status_code == 200, answer.text
        wait_until(lambda: api.get("/customers", params={"limit": 1}).json()["total"] == PEOPLE, "everybody is known")
        api.post("/apply", json={"documents": DOCUMENTS}).raise_for_status()
        api.post("/catalogue/scan").raise_for_status()


def events() -> list[dict[str, Any]]:
    """What the browsers and the till of the shop sent."""
    now = datetime.now(UTC)

    def at(days: float) -> str:
        return (now - timedelta(days=days)).isoformat()

    sent: list[dict[str, Any]] = []
    for n in range(PEOPLE):
        who = {"userId": f"u-{n}", "anonymousId": f"cookie-{n:04d}"}
        traits = {"email": f"person-{n}@shop.example", "name": f"Person {n}", "city": "Springfield"}
        bread = {"product_id": "p1", "name": "Rye bread", "category": "Bakery", "price": 4.2}
        sent.append(
            {"type": "track", "event": "Product Viewed", "anonymousId": who["anonymousId"], "timestamp": at(2.1),
             "properties": bread}
        )  # fmt: skip
        sent.append({"type": "identify", **who, "traits": traits, "timestamp": at(2)})
        for order in range(1 + n % 3):
            sent.append(
                {"type": "track", "event": "Order Completed", **who, "timestamp": at(0.02 + order * 0.3),
                 "properties": {"order_id": f"o-{n}-{order}", "revenue": 12.5 + n, "currency": "USD",
                                "products": [bread | {"quantity": 2}]}}
            )  # fmt: skip
    sent.append({"type": "track", "event": "Order Completed", "userId": "u-0", "timestamp": "the day before"})
    return sent


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until something holds, or fail naming it."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited {seconds:g} s until {what}"
        time.sleep(0.2)
