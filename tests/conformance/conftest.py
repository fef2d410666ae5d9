"""A real server, a bad network in front of it, and the four clients. What each test proved goes into the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from clients import InABrowser, InAProcess, node_packages, python_client, site
from matrix import BROWSER, offered
from msgspec.structs import replace
from playwright.sync_api import sync_playwright
from relay import Relay

from homing.api.server import Server
from homing.core.event import Event, Stored
from real_parts import chromium, missing

HERE = Path(__file__).parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


@dataclass
class Shop:
    """One test's way in: a write key of its own, a relay of its own, and what arrived by that key."""

    server: Server
    relay: Relay
    key: str
    source: str
    failing: list[Exception] = field(default_factory=list)  # what the log answers next, for this key's events

    def stored(self) -> list[Stored]:
        return [s for s in self.server.runtime.workspace.log.read(0, 100_000) if s.event.source_id == self.source]

    def events(self) -> list[Event]:
        """What arrived, each by the message id the test gave it."""
        return [replace(s.event, event_id=s.event.event_id.removeprefix(self.own(""))) for s in self.stored()]

    def own(self, message_id: str) -> str:
        """A message id of this test's alone: the log knows an id for good, whoever sent it."""
        return f"{self.source}.{message_id}"

    def rejected(self) -> list[tuple[str, str]]:
        with self.server.runtime.workspace.state.read() as conn:
            sql = "SELECT code, body FROM rejected WHERE source_id = ?"
            return [tuple(row) for row in conn.exec_driver_sql(sql, (self.source,))]

    def wait(self, n: int, seconds: float = 40) -> list[Event]:
        """The events once there are `n`; more than `n` fails too."""
        ends = time.monotonic() + seconds
        while len(self.events()) < n and time.monotonic() < ends:
            time.sleep(0.05)
        time.sleep(0.1)
        found = self.events()
        assert len(found) == n, (
            f"{len(found)} events, wanted {n}: {[(p.path, p.size, p.status) for p in self.relay.passed]}"
        )
        return found


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server.open(tmp_path_factory.mktemp("conformance") / "w", port=0) as made:
        yield made


@pytest.fixture
def shop(server: Server, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    keys, log = server.runtime.workspace.keys, server.runtime.workspace.log
    made, key = keys.create("write", request.node.name[:40], now_us=time.time_ns() // 1000, by="test")
    relay = Relay(server.url)
    shop = Shop(server, relay, key, made.key_id)
    append = log.append_async

    def append_or_fail(events: list[Event], **how: Any):
        if shop.failing and any(e.source_id == shop.source for e in events):
            raise shop.failing.pop(0)
        return append(events, **how)

    monkeypatch.setattr(log, "append_async", append_or_fail)  # a full log, at the seam the log itself says so
    yield shop
    relay.stop()


@pytest.fixture(scope="module")  # a browser that stays open keeps an event loop running in this thread
def pages() -> Iterator[InABrowser]:
    node_packages()
    if not chromium():
        missing("Chromium, for the browser's client")
    with sync_playwright() as playwright, site(HERE / "site") as address:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        made = InABrowser(started, address)
        yield made
        made.close()
        started.close()


@pytest.fixture
def in_browser(pages: InABrowser) -> Iterator[InABrowser]:
    yield pages
    pages.close()


@pytest.fixture
def client(client_name: str, request: pytest.FixtureRequest) -> InAProcess | InABrowser:
    if client_name == BROWSER:
        return request.getfixturevalue("in_browser")
    if client_name == "@segment/analytics-node":
        return InAProcess((node_packages(), "driver.mjs"))
    return python_client("rudder" if client_name.startswith("rudder") else "segment")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`@pytest.mark.behaviour(NAME)` runs a test for every client that offers it."""
    mark = metafunc.definition.get_closest_marker("behaviour")
    if mark is not None:
        metafunc.parametrize("client_name", offered(mark.args[0]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Say in the report which behaviour of which client a test was about."""
    mark = item.get_closest_marker("behaviour")
    report = yield
    if mark is not None:
        named: Callable[..., Any] = item.callspec.params["client_name"]  # type: ignore[attr-defined]
        report.user_properties.append(("conformance", [mark.args[0], named]))
    return report
