"""A workspace with a few people in it, answering over real HTTP on loopback."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn

from homing.api import admin_app
from homing.api.context import wall_us
from homing.core.event import Event, Id
from homing.core.settings import Settings
from homing.core.time import DAY, HOUR
from homing.govern import NewUser, Users, complete_setup, new_setup_token
from homing.runtime import Runtime, VirtualClock, Workspace

NOW = 1_514_826_000_000_000  # 2018-01-01 12:00 in New York
LOCAL = "local-token-of-this-test"
PASSWORD = "correct horse battery"
EMAILS = {role: f"{role}@example.com" for role in ("owner", "editor", "viewer")}
MJML = "<mjml><mj-body><mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section></mj-body></mjml>"
SEGMENT = {
    "kind": "segment", "id": "buyers", "name": {"en": "Buyers", "zh": "买家"},
    "condition": {"type": "did", "event": "Order Completed", "op": "gte", "value": 1},
}  # fmt: skip
CONTENT = {
    "kind": "content", "id": "hello", "name": {"en": "Hello", "zh": "你好"}, "channel": "email",
    "subject": {"en": "Hello {{ customer.name }}", "zh": "你好"},
    "body": {"en": MJML.format("Hi"), "zh": MJML.format("你好")},
}  # fmt: skip
JOURNEY = {
    "kind": "journey", "id": "welcome", "name": {"en": "Welcome", "zh": "欢迎"},
    "entry": {"type": "segment", "segment": "buyers", "existing": True},
    "nodes": [
        {"id": "mail", "type": "message", "content": "hello", "channel": "email", "next": "rest"},
        {"id": "rest", "type": "delay", "for": "3d", "next": "end"},
        {"id": "end", "type": "exit"},
    ],
}  # fmt: skip
CAMPAIGN = {
    "kind": "campaign", "id": "spring", "name": {"en": "Spring", "zh": "春季"}, "segment": "buyers",
    "journey": "welcome", "holdout": {"percent": 50}, "outcome": {"window": "7d"},
}  # fmt: skip


@dataclass
class World:
    """The running workspace and how to reach it."""

    runtime: Runtime
    clock: VirtualClock
    url: str

    @contextmanager
    def client(self, role: str | None = None) -> Iterator[httpx.Client]:
        """A browser of somebody signed in, or of nobody."""
        with httpx.Client(base_url=self.url + "/api", timeout=30) as client:
            if role:
                client.headers.update({"x-homing": "1", "origin": self.url})
                answer = client.post("/session", json={"email": EMAILS[role], "password": PASSWORD})
                assert answer.status_code == 200, answer.text
            yield client

    def add(self, *events: Event) -> None:
        """Put events into the log and wait until everything knows them."""
        self.runtime.workspace.log.append(list(events))
        self.runtime.settle(30)

    def person(self, name: str) -> str:
        """The id of the customer with that user id."""
        with self.client("owner") as client:
            (row,) = client.get("/customers", params={"q": name}).json()["items"]
            return str(row["customer_id"])


def event(n: str, name: str, ids: dict[str, str], *, at: int = NOW - HOUR, kind: str = "track", **more) -> Event:
    """An event of the shop."""
    return Event(event_id=n, kind=kind, name=name if kind == "track" else "", happened_us=at, source_id="shop",
                 ids=tuple(Id(k, v) for k, v in ids.items()), **more)  # fmt: skip


def people() -> list[Event]:
    """Ann, who bought twice and looked around; Bob, who bought once; Cleo, who only looked."""
    ann = {"user_id": "ann", "email": "ann.lee@example.com", "phone": "+12125550123", "anonymous_id": "cookie-ann"}
    said = {"name": "Ann Lee", "email": "ann.lee@example.com", "phone": "+12125550123", "age": 41}

    def order(n: str, who: str, at: int, revenue: float) -> Event:
        lines = [{"product_id": "p1", "name": "Oat milk", "category": "Dairy", "quantity": 1, "price": revenue}]
        return event(n, "Order Completed", {"user_id": who}, at=at, properties={
            "order_id": n, "revenue": revenue, "currency": "USD", "products": lines})  # fmt: skip

    return [
        event("i1", "", ann, kind="identify", traits=said, at=NOW - 40 * DAY),
        event("v0", "Product Viewed", {"anonymous_id": "cookie-ann"}, properties={"product_id": "p1", "price": 3.5}),
        order("o1", "ann", NOW - 30 * DAY, 20.0),
        order("o2", "ann", NOW - 2 * DAY, 30.5),
        event("i2", "", {"user_id": "bob", "email": "bob@example.com"}, kind="identify", traits={"name": "Bob"}),
        order("o3", "bob", NOW - 5 * DAY, 9.5),
        event("v1", "Product Viewed", {"user_id": "cleo"}, properties={"product_id": "p2", "note": "mail x@y.example"}),
    ]


@contextmanager
def world(folder: Path, *, demo=None) -> Iterator[World]:
    """Open a workspace with people and three users, serve it, close it."""
    clock = VirtualClock(NOW)
    settings = Settings(name="Test shop", zone="America/New_York", currency="USD", consent_default="opt_out")
    runtime = Runtime(Workspace.open(folder, clock, settings), sending=False).start()
    state = runtime.workspace.state
    token = new_setup_token(state, now_us=wall_us())
    complete_setup(state, token or "", EMAILS["owner"], "Olive", PASSWORD, now_us=wall_us())
    for role in ("editor", "viewer"):
        Users(state).add(NewUser(EMAILS[role], role.title(), role, PASSWORD), now_us=wall_us(), by="test")
    app = admin_app(runtime, local_token=LOCAL, demo=demo)
    try:
        with served(app) as url:
            made = World(runtime, clock, url)
            made.add(*people())
            yield made
    finally:
        runtime.stop()


@contextmanager
def served(app) -> Iterator[str]:
    """The application on a free port of loopback."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([taken],), daemon=True)
    thread.start()
    ends = time.monotonic() + 90
    while not server.started and time.monotonic() < ends:
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        taken.close()
