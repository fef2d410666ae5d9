"""How do the browser tests look at a page? When it has settled, kept as a picture, with nothing for axe to find."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import FileChooser, Page
from playwright.sync_api import TimeoutError as TookTooLong

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


# Nothing loads, nothing moves that will come to rest, and nothing has come or gone since the look before.
STILL = """() => {
  const loading = document.querySelector(".ant-skeleton, .page-spin, .ant-spin-spinning");
  const moving = document.getAnimations().some(
    (one) => one.playState === "running" && one.effect?.getComputedTiming().endTime !== Infinity,
  );
  const now = `${document.querySelectorAll("*").length} ${document.body.innerText.length}`;
  const same = window.homingLook === now;
  window.homingLook = now;
  return !loading && !moving && same;
}"""


def settled(page: Page) -> None:
    """Wait until nothing on the page says that it is loading and nothing moves any more."""
    page.locator(".page h1").first.wait_for()
    still(page)


def still(page: Page) -> None:
    """Wait until the page, and what is open over it, has come to rest."""
    page.evaluate("() => { window.homingLook = undefined; }")
    page.wait_for_function(STILL, polling=120, timeout=60_000)


def file_asked_for(page: Page, press: Callable[[], None]) -> FileChooser:
    """The dialog that a key press opens. A press that was lost is repeated, as a person would."""
    for _ in range(12):
        try:
            with page.expect_file_chooser(timeout=5_000) as asked:
                press()
        except TookTooLong:
            continue
        return asked.value
    raise AssertionError("the key opened no file dialog in twelve presses")


def check_access(page: Page, name: str) -> None:
    """Keep a picture, and find nothing with axe."""
    still(page)
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{re.sub(r'[^a-z0-9]+', '-', name)}.png", full_page=True)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", WCAG)["violations"]
    said = "; ".join(f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found)
    assert not found, said
