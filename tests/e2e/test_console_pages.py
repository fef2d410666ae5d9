"""Every page of the console stands on a real server, in both languages, and axe finds nothing."""

import pytest
from browser_kit import LANGUAGES, check_access, settled

pytestmark = pytest.mark.e2e

PAGES = {
    "overview": ("/", "Overview", "概览"),
    "customers": ("/customers", "Customers", "客户"),
    "segments": ("/segments", "Segments", "人群"),
    "segment": ("/segments/buyers", "Buyers", "下过单的客户"),
    "new segment": ("/segments/new", "New segment", "新建人群"),
    "journeys": ("/journeys", "Journeys", "旅程"),
    "journey": ("/journeys/say-thanks", "Say thank you", "感谢购买"),
    "campaigns": ("/campaigns", "Campaigns", "活动"),
    "campaign": ("/campaigns/thanks-campaign", "Thanks", "感谢活动"),
    "funnel": ("/insights/funnel?step=Product+Viewed&step=Order+Completed", "Funnel", "漏斗"),
    "rfm": ("/insights/rfm", "RFM", "RFM 分析"),
    "trends": ("/insights/trends?days=28", "Trends", "趋势"),
    "live events": ("/events", "Live events", "实时事件"),
    "rejected": ("/rejected", "Rejected", "被拒数据"),
    "imports": ("/imports", "Imports", "导入"),
    "catalogue": ("/catalogue", "Catalogue", "数据目录"),
    "dataset": ("/catalogue/event%3AOrder%20Completed", "Order completed", "完成订单"),
    "customers as data": ("/catalogue/customers", "Customers and their traits", "客户与特征"),
    "keys": ("/keys", "Keys", "密钥"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_its_name_and_is_accessible(open_page, shop, name, language):
    path, english, chinese = PAGES[name]
    page = open_page(language)
    page.goto(shop.url + path)
    page.get_by_role("heading", level=1, name=chinese if language == "zh" else english).wait_for()
    settled(page)
    assert page.get_attribute("html", "lang") == ("zh-CN" if language == "zh" else "en")
    assert page.locator(".failure").all_inner_texts() == []
    check_access(page, f"{name}-{language}")


@pytest.mark.parametrize("tab", ["profile", "timeline", "messages", "identity"])
def test_a_customer_shows_who_she_is_and_how_we_know(open_page, shop, tab):
    page = open_page()
    page.goto(f"{shop.url}/customers?q=person-7")
    page.get_by_role("link", name="Person 7").click()
    page.get_by_role("heading", level=1, name="Person 7").wait_for()
    if tab != "profile":
        page.get_by_role("tab", name="Identifiers" if tab == "identity" else tab.capitalize()).click()
    settled(page)
    check_access(page, f"customer-{tab}")
    if tab == "profile":
        assert page.get_by_role("cell", name="Springfield").is_visible()
    if tab == "identity":
        assert page.get_by_label("3 identifiers").first.is_visible()
        assert page.get_by_role("cell", name="cookie-0007", exact=True).is_visible()


def test_the_language_switch_turns_the_page_and_is_remembered(open_page, shop):
    page = open_page()
    page.goto(shop.url)
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    page.get_by_text("中文").click()
    page.get_by_role("heading", level=1, name="概览").wait_for()
    assert page.get_attribute("html", "lang") == "zh-CN"
    page.reload()
    page.get_by_role("heading", level=1, name="概览").wait_for()
    assert page.title() == "概览 · 归航"


def test_the_keyboard_alone_reaches_the_content_and_the_menu(open_page, shop):
    page = open_page()
    page.goto(shop.url)
    settled(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == "/segments":
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Segments").wait_for()


def test_an_address_that_names_nothing_says_so(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/no-such-page")
    page.get_by_text("There is no such page").wait_for()


def test_a_narrow_screen_keeps_the_menu_behind_a_button(open_page, shop):
    page = open_page()
    page.set_viewport_size({"width": 420, "height": 800})
    page.goto(shop.url)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("dialog").get_by_role("link", name="Customers").click()
    page.get_by_role("heading", level=1, name="Customers").wait_for()
