"""A real server, a bad network in front of it, and the four clients. What each test proved goes into the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from clients import InABrowser, InAProcess, node_packages, python_client, site
from matrix import BROWSER, offered
from playwright.sync_api import sync_playwright
from relay import Relay
from way_in import Shop

from homing.api.server import Server
from homing.storage.log import Packed
from real_parts import chromium, missing

HERE = Path(__file__).parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


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
    append = log.append_gathered

    def append_or_fail(pull: Callable[[], list[Packed]]):
        parts = pull()
        if shop.failing and any(shop.source.encode() in part.bodies for part in parts):
            raise shop.failing.pop(0)
        return append(lambda: parts)

    monkeypatch.setattr(log, "append_gathered", append_or_fail)  # a full log, where the log itself says so
    yield shop
    relay.stop()


@pytest.fixture(scope="module")  # a browser that stays open keeps an event loop running in this thread
def pages() -> Iterator[InABrowser]:
    if not chromium():
        missing("Chromium, for the pages of a shop")
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
        node_packages()
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
