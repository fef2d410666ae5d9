"""The list is searched as one types, a customer's page stands as of any day, her timeline is narrowed and jumped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from browser_kit import LANGUAGES, check_access, settled
from shop import wait_until

pytestmark = pytest.mark.e2e
NAME = "Vera Blom"


@pytest.fixture(scope="module")
def vera(shop) -> str:
    """A customer of whom two sources say different things, who has bought, read, and brought a friend."""
    with shop.api() as api:
        till, crm = (api.post("/keys", json={"kind": "write", "name": n}).json()["key"] for n in ("Till", "CRM"))
        now = datetime.now(UTC)

        def ago(days: float) -> str:
            return (now - timedelta(days=days)).isoformat()

        def send(events: list[dict[str, Any]], key: str = till) -> None:
            answer = httpx.post(f"{shop.url}/v1/batch", json={"batch": events}, auth=(key, ""), timeout=60)
            assert answer.status_code == 200, answer.text

        who = {"userId": "vera-1"}
        line = {"product_id": "tea", "name": "Oolong", "category": "Tea", "price": 21, "quantity": 2}
        orders = [
            {"type": "track", **who, "event": "Order Completed", "messageId": f"vp-o{n}", "timestamp": ago(80 - 12 * n),
             "properties": {"order_id": f"VP{n}", "revenue": 42 + 9 * n, "currency": "USD", "channel": "web",
                            "discount": 6 * (n % 2), "coupon": "SPRING" if n % 2 else None, "products": [line]}}
            for n in range(6)
        ]  # fmt: skip
        views = [
            {"type": "track", **who, "event": "Product Viewed", "messageId": f"vp-v{n}",
             "timestamp": ago(90 - 0.31 * n), "context": {"device": {"type": ["mobile", "desktop"][n % 2]}},
             "properties": {"product_id": f"p{n % 7}", "name": f"Thing {n % 7}",
                            "channel": ["web", "app", "store"][n % 3],
                            "category": ["Tea", "Cups", "Honey", "Books"][n % 4]}} for n in range(280)
        ]  # fmt: skip
        send([
            {"type": "identify", **who, "messageId": "vp-i1", "timestamp": ago(90),
             "traits": {"name": NAME, "email": "vera@shop.example", "city": "Bergen", "age": 41, "gender": "f"}},
            {"type": "identify", "userId": "wim-1", "messageId": "vp-i2", "timestamp": ago(30),
             "traits": {"name": "Wim Blom", "referred_by": "vera-1"}},
            {"type": "track", **who, "event": "Product Reviewed", "messageId": "vp-r", "timestamp": ago(3),
             "properties": {"rating": 4}},
            *orders,
        ])  # fmt: skip
        send(views[:140])
        send(views[140:])
        said = {"type": "identify", **who, "messageId": "vp-i3", "timestamp": ago(20), "traits": {"city": "Oslo"}}
        send([said], crm)
        found: list[dict[str, Any]] = []

        def known() -> bool:
            found[:] = api.get("/customers", params={"q": NAME}).json()["items"]
            return (
                bool(found) and api.get(f"/customers/{found[0]['customer_id']}/timeline/outline").json()["total"] >= 289
            )

        wait_until(known, "vera's life is in the warehouse", 60)
        return str(found[0]["customer_id"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_every_side_with_sources(open_page, shop, vera, language):
    page = open_page(language)
    page.goto(f"{shop.url}/customers/{vera}")
    settled(page)
    assert page.locator(".failure").count() == 0
    zh = language == "zh"
    for title in ("价值", "行为", "兴趣", "消费力与价格敏感度", "满意度", "社会关系") if zh else (
        "Value", "Behaviour", "Interests", "Spending and price", "Satisfaction", "Around her"
    ):  # fmt: skip
        assert page.get_by_role("heading", level=2, name=title, exact=True).is_visible(), title
    assert page.get_by_role("link", name="Wim Blom").is_visible()
    check_access(page, f"customer-page-{language}")


def test_who_disagreed_opens_beside_the_word_that_stands(open_page, shop, vera):
    page = open_page()
    page.goto(f"{shop.url}/customers/{vera}")
    settled(page)
    page.get_by_role("button", name="source").first.click()
    page.get_by_text("stands", exact=True).wait_for()
    assert page.get_by_text("The newest word stands").is_visible()
    check_access(page, "customer-page-disagreement")


def test_an_earlier_day_shows_what_was_known_then(open_page, shop, vera):
    page = open_page()
    page.goto(f"{shop.url}/customers/{vera}")
    settled(page)
    assert page.get_by_role("cell", name="Oslo").first.is_visible()
    day = (datetime.now(UTC) - timedelta(days=40)).date().isoformat()
    page.get_by_label("As of", exact=True).fill(day)
    page.get_by_text("What was known and done by the end of").wait_for()
    page.get_by_role("cell", name="Bergen").first.wait_for()
    settled(page)
    assert f"at={day}" in page.url
    check_access(page, "customer-page-then")
    page.get_by_role("button", name="Back to now").click()
    page.get_by_role("cell", name="Oslo").first.wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_timeline_is_narrowed_searched_and_jumped(open_page, shop, vera, language):
    page = open_page(language)
    page.goto(f"{shop.url}/customers/{vera}?tab=timeline")
    settled(page)
    rows = page.locator(".happening")
    rows.nth(99).wait_for()
    check_access(page, f"timeline-{language}")
    zh = language == "zh"
    kinds = page.locator(".ant-segmented").last
    kinds.get_by_text("订单" if zh else "Orders", exact=True).click()
    wait_until(lambda: rows.count() == 6, "six orders")
    kinds.get_by_text("全部" if zh else "All", exact=True).click()
    wait_until(lambda: rows.count() >= 100, "everything again")
    page.get_by_label("搜索发生过的事" if zh else "Search what happened").fill("rating")
    wait_until(lambda: rows.count() == 1, "the review")
    page.get_by_role("button", name="清除" if zh else "Clear").click()
    wait_until(lambda: rows.count() >= 100, "everything again")
    day = (datetime.now(UTC) - timedelta(days=60)).date().isoformat()
    page.get_by_label("跳至此日之前" if zh else "Go to before").fill(day)
    page.get_by_role("button", name="回到最新" if zh else "To the newest").wait_for()

    def newest() -> str:
        return rows.first.locator("time").get_attribute("datetime") or ""

    wait_until(lambda: newest()[:10] <= day, "what happened before that day")
    before = newest()
    page.get_by_role("button", name="加载更新的" if zh else "Load newer").click()
    wait_until(lambda: newest() > before, "newer ones")
    check_access(page, f"timeline-jumped-{language}")


def test_scrolling_reaches_the_beginning(open_page, shop, vera):
    page = open_page()
    page.goto(f"{shop.url}/customers/{vera}?tab=timeline")
    settled(page)

    def down() -> bool:
        page.mouse.wheel(0, 4_000)
        return page.get_by_text("Nothing happened before this.").count() == 1

    wait_until(down, "the beginning of the timeline")
    page.locator(".happening").nth(288).wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_is_searched_as_one_types_with_the_keyboard_alone(open_page, shop, vera, language):
    page = open_page(language)
    page.goto(f"{shop.url}/customers")
    settled(page)
    page.keyboard.press("/")
    page.keyboard.type("vera bl")
    one = "1 位客户" if language == "zh" else "1 customer"
    page.get_by_text(one, exact=True).wait_for()
    check_access(page, f"customer-list-{language}")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name=NAME).wait_for()


def test_columns_filters_and_an_empty_answer(open_page, shop, vera):
    page = open_page()
    page.goto(f"{shop.url}/customers")
    settled(page)
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Identifiers").uncheck()
    assert page.get_by_role("columnheader", name="Identifiers").count() == 0
    page.reload()
    settled(page)
    assert page.get_by_role("columnheader", name="Identifiers").count() == 0
    page.goto(f"{shop.url}/customers?stage=lost&q=vera")
    settled(page)
    page.get_by_text("Nobody matches").wait_for()
    check_access(page, "customer-list-empty")
    page.locator(".nothing").get_by_role("button", name="Clear").click()
    page.get_by_role("link", name=NAME).wait_for()
