"""A browser and a shop for the console's tests. Without Chromium or a built console they are skipped, and say so."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser_kit import FLAGS, OWNER, SHOTS, chromium, lacking
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from shop import Shop, open_shop

expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")  # a browser that stays open keeps an event loop running in this thread
def browser() -> Iterator[Browser]:
    why = lacking()
    if why and os.environ.get("HOMING_REQUIRE_SERVICES") == "1":
        pytest.fail(f"{why}, and HOMING_REQUIRE_SERVICES=1 wants it")
    if why:
        pytest.skip(f"BROWSER TESTS DID NOT RUN: {why}")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")  # a browser that stays open keeps an event loop running in this thread
def shop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("e2e") / "workspace") as opened:
        yield opened


@pytest.fixture(scope="module")  # a browser that stays open keeps an event loop running in this thread
def signed_in(browser: Browser, shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The owner, made by the one-time link in the browser; the cookie as a file."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="en-GB")
    page = context.new_page()
    page.goto(shop.setup)
    page.get_by_label("Your name").fill("Owner")
    page.get_by_label("E-mail").fill(OWNER[0])
    page.get_by_label("Choose a password").fill(OWNER[1])
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / "set-up.png")
    page.get_by_role("button", name="Create the owner").click()
    page.get_by_role("heading", name="Overview").wait_for()
    kept = tmp_path_factory.mktemp("cookie") / "state.json"
    context.storage_state(path=kept)
    context.close()
    return kept


def _wrong(kind: str, text: str) -> bool:
    """What the server refuses (422) the page shows; that the browser notes it too is no error of the page."""
    return kind == "error" and "status of 422" not in text


@pytest.fixture
def open_page(browser: Browser, signed_in: Path) -> Iterator[Callable[[str], Page]]:
    """Open a page of the console as the owner, in a language; every error of the page fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(language: str = "en") -> Page:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, reduced_motion="reduce", storage_state=signed_in,
            locale="zh-CN" if language == "zh" else "en-GB",
        )  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if _wrong(said.type, said.text) else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []
