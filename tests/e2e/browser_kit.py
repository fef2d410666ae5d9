"""How do the browser tests look at a page? When it has settled, kept as a picture, with nothing for axe to find."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page
from shop import wait_until

from homing import console
from real_parts import chromium

ROOT = Path(__file__).parents[2]
SHOTS = Path(__file__).parent / ".shots"
AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
OWNER = ("owner@shop.example", "correct horse battery")
LANGUAGES = ("en", "zh")


def lacking() -> str | None:
    """What the tests cannot do without and is not here."""
    if not chromium():
        return "Chromium is not installed"
    if not (Path(console.__file__).parent / "static" / "index.html").is_file():
        return "the console is not built: `npm ci && npm run build` in console/"
    if not AXE.is_file():
        return "axe-core is not installed: `npm ci` in console/"
    return None


def settled(page: Page) -> None:
    """Wait until nothing on the page says that it is loading."""
    page.locator(".page h1").first.wait_for()
    loading = page.locator(".ant-skeleton, .page-spin, .ant-spin-spinning")
    wait_until(lambda: loading.count() == 0, "nothing is loading", 30)
    page.wait_for_timeout(250)


def check_access(page: Page, name: str) -> None:
    """Keep a picture, and find nothing with axe."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{re.sub(r'[^a-z0-9]+', '-', name)}.png", full_page=True)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", WCAG)["violations"]
    said = "; ".join(f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found)
    assert not found, said
