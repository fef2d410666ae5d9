"""Agreements in the console: written down, extended, gone by; and where a source that is called takes requests."""

from datetime import UTC, datetime, timedelta

import pytest
from browser_kit import check_access, settled

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(("language", "title"), [("en", "Agreements"), ("zh", "使用协议")])
def test_an_empty_list_says_what_an_agreement_is_for(open_page, shop, language, title):
    page = open_page(language)
    page.goto(f"{shop.url}/agreements")
    page.get_by_role("heading", level=1, name=title).wait_for()
    settled(page)
    assert page.locator(".failure").count() == 0
    check_access(page, f"agreements-{language}")


def test_an_agreement_is_written_down_and_shows_the_days_that_are_left(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/agreements")
    page.get_by_role("button", name="New agreement").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Id", exact=True).fill("panel")
    dialog.get_by_label("Name").fill("Household panel")
    dialog.get_by_label("Who gives the data").fill("Example Panel")
    dialog.get_by_label("Sources").fill("panel-feed")
    dialog.get_by_label("Sources").press("Enter")
    dialog.get_by_label("Fields that may be kept").fill("income")
    dialog.get_by_label("Fields that may be kept").press("Enter")
    day = (datetime.now(UTC) + timedelta(days=9)).date()
    dialog.get_by_label("Ends").fill(day.isoformat())
    check_access(page, "agreement being written")
    dialog.get_by_label("Zone of the day").fill("Mars/Base")
    dialog.get_by_role("button", name="Save").click()
    dialog.locator(".ant-form-item-has-error").filter(has_text="Zone of the day").wait_for()
    dialog.get_by_label("Zone of the day").fill("UTC")
    dialog.get_by_label("Zone of the day").press("Enter")
    row = page.get_by_role("row").filter(has_text="Household panel")
    row.get_by_text("10 days left").wait_for()
    row.get_by_text(f"{day.day} {day:%b} {day.year}").wait_for()  # the day itself, not how far it is in other words
    with shop.api() as api:
        (kept,) = [a for a in api.get("/agreements").json()["items"] if a["id"] == "panel"]
    assert (kept["fields"], kept["sources"], kept["relation"]) == (["income"], ["panel-feed"], "third_party")
    row.get_by_role("button", name="Change or extend").click()
    dialog.get_by_label("Ends").fill((datetime.now(UTC) - timedelta(days=2)).date().isoformat())
    dialog.get_by_role("button", name="Save").click()
    row.get_by_text("expired").wait_for()


def test_a_source_that_is_called_shows_its_address(open_page, shop):
    document = {"kind": "source", "id": "till", "name": "Till", "connector": "webhook"}
    with shop.api() as api:
        api.post("/sources", json={"document": document, "secrets": {"secret": "known to both"}}).raise_for_status()
    page = open_page()
    page.goto(f"{shop.url}/sources/till")
    page.get_by_text(f"{shop.url}/v1/hooks/till").wait_for()
