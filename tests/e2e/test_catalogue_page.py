"""The catalogue in a browser: found, filtered, confirmed in bulk, exported."""

import csv

import pytest
from browser_kit import check_access, settled

pytestmark = pytest.mark.e2e


def test_datasets_are_filtered_and_the_filter_stands_in_the_address(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/catalogue")
    settled(page)
    assert page.get_by_role("link", name="Order completed").is_visible()
    page.get_by_label("Every sensitivity").click()
    page.get_by_title("personal", exact=True).click()
    page.wait_for_url("**/catalogue?level=personal")
    page.get_by_role("link", name="Order completed").wait_for(state="detached")
    assert page.get_by_role("link", name="Customers and their traits").is_visible()
    page.get_by_label("Dataset", exact=True).fill("nothing of that name")
    page.get_by_text("Nothing matches").wait_for()


def test_fields_are_confirmed_in_bulk_and_the_lineage_leads_to_what_sends(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/catalogue/customers")
    settled(page)
    row = page.get_by_role("row", name="Choose email")
    assert row.get_by_text("detected").is_visible()
    assert row.get_by_text("E-mail address in 24 of 24 values").is_visible()
    for name in ("email", "city"):
        page.get_by_label(f"Choose {name}", exact=True).check()
    page.get_by_role("button", name="Confirm", exact=True).click()
    page.get_by_role("row", name="Choose city").get_by_text("confirmed").wait_for()
    assert page.get_by_role("row", name="Choose city").get_by_text("personal").is_visible()
    page.get_by_role("textbox", name="Owner").fill("owner@shop.example")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved").first.wait_for()
    page.goto(f"{shop.url}/catalogue/event%3AOrder%20Completed")
    settled(page)
    page.get_by_role("link", name="Thanks").first.click()
    page.get_by_role("heading", level=1, name="Thanks").wait_for()


def test_the_export_is_a_file_with_every_field(open_page, shop):
    page = open_page("zh")
    page.goto(f"{shop.url}/catalogue")
    settled(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="导出 CSV").click()
    with open(waiting.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert ("customers", "email", "personal") in {(r["dataset"], r["field"], r["sensitivity"]) for r in rows}
    check_access(page, "catalogue-after-export-zh")
