"""A log and a cost report brought in on the screen: say what it is, see what it would do, take it."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser_kit import check_access
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e
SAMPLES = Path(__file__).parents[2] / "docs" / "samples"


def test_a_log_is_brought_in_by_saying_what_it_is(open_page, shop):
    page = open_page("en")
    page.goto(f"{shop.url}/imports")
    page.get_by_label("What the file is").click()
    page.get_by_title("Web server access log").click()
    page.get_by_label("Keep images, styles and scripts too").wait_for()
    check_access(page, "import-format")
    page.locator("input[type=file]").set_input_files(SAMPLES / "access.log")
    page.get_by_text("6 lines left out on purpose").wait_for()
    expect(page.get_by_text("The line is not of the pattern of the log").first).to_be_visible()
    check_access(page, "import-format-check")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Imported.").wait_for(timeout=60_000)
    expect(page.locator(".tile-value").nth(1)).to_have_text("18")
