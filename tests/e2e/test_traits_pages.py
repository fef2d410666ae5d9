"""Traits in the console: a set is added, the list says who has a value, a definition is seen while it is written."""

import pytest
from browser_kit import LANGUAGES, check_access, settled
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_a_set_is_added_and_listed_with_its_coverage(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/traits")
    page.get_by_role("heading", level=1, name="Traits").wait_for()
    page.get_by_role("button", name="Add preset").first.click()
    page.get_by_text("Buying: frequency and order value").wait_for()
    check_access(page, "traits-presets")
    page.get_by_role("button", name="Add 12").click()
    page.get_by_role("link", name="Orders, 90 days").wait_for()
    page.keyboard.press("Escape")
    settled(page)
    row = page.get_by_role("row").filter(has_text="orders_ever")
    expect(row).to_contain_text("100")
    check_access(page, "traits-list")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_definition_shows_what_it_comes_to_while_it_is_written_and_comes_into_force(open_page, shop, language):
    zh = language == "zh"
    page = open_page(language)
    page.goto(f"{shop.url}/traits/new")
    page.get_by_role("heading", level=1, name="新建特征" if zh else "New trait").wait_for()
    name = f"big_orders_{language}"
    page.locator("#trait-en").fill(name)
    page.locator("#trait-zh").fill("大单")
    page.locator("#trait-event").fill("Order Completed")
    said = "最近 30 天内「完成订单」的次数" if zh else "How many “Order completed” in the last 30 days"
    page.get_by_text(said).wait_for()
    settled(page)
    check_access(page, f"traits-editor-{language}")
    page.get_by_role("button", name="保存并生效" if zh else "Save and bring into force").click()
    page.get_by_role("heading", level=1, name="大单" if zh else name).wait_for()
    page.goto(f"{shop.url}/traits?q={name}")
    page.get_by_role("link", name=name).wait_for()
    settled(page)
    expect(page.get_by_role("row")).to_have_count(2)


def test_a_customer_shows_her_defined_traits_by_group(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/customers?q=person-7")
    page.get_by_role("link", name="Person 7").click()
    page.get_by_role("heading", name="Defined traits").wait_for()
    page.get_by_role("link", name="Orders, ever").wait_for()
    expect(page.get_by_text("19.5", exact=True)).to_have_count(2)  # a mean is not rounded to a whole number
    settled(page)
    check_access(page, "traits-customer")
