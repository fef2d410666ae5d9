"""Our own browser library on a small shop: what a visitor does arrives once, and nothing at all before she agrees."""

from __future__ import annotations

import contextlib
import gzip
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from clients import HERE, site
from way_in import Shop

from homing.api.library import FILE, BrowserLibrary
from homing.api.server import Server
from homing.core.errors import Overload
from homing.core.event import Event
from homing.core.time import SECOND
from real_parts import missing

pytestmark = pytest.mark.e2e
SHELF, TEA = "/shop.html", "/tea"


class Visitor:
    """A browser on the shop's pages, and what it asked for."""

    def __init__(self, context: Any, address: str) -> None:
        self.context = context
        self.address = address
        self.asked: list[str] = []
        self.wrong: list[str] = []
        context.set_default_timeout(60_000)
        context.on("request", lambda request: self.asked.append(request.url))
        self.page = self.tab()

    def tab(self) -> Any:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        return page

    def visit(self, path: str = SHELF, **how: Any) -> Visitor:
        self.page.goto(self.address + path, **how)
        self.page.wait_for_function("!Array.isArray(homing)")
        return self

    def kept(self) -> list[str]:
        return self.page.evaluate("Object.keys(localStorage)")

    def close(self) -> None:
        self.context.close()
        assert self.wrong == []


@pytest.fixture
def open_shop(shop: Shop, in_browser: Any, tmp_path: Path) -> Iterator[Callable[..., Visitor]]:
    """Open the shop with a tag that says so much more; the library comes through the relay."""
    if not FILE.is_file():
        missing("the built browser library: `npm run sdk` in console/")
    with contextlib.ExitStack() as stack:

        def opened(tag: str = "", **how: Any) -> Visitor:
            text = (HERE / "site" / "shop.html").read_text(encoding="utf-8")
            text = text.replace("HOMING", shop.relay.url).replace("KEY", shop.key).replace("TAG", tag)
            for name in ("shop.html", "tea", "basket"):
                (tmp_path / name).write_text(text, encoding="utf-8")
            address = stack.enter_context(site(tmp_path))
            visitor = Visitor(in_browser.browser.new_context(**how), address)
            stack.callback(visitor.close)
            return visitor

        yield opened


def named(events: list[Event], name: str) -> list[Event]:
    return [e for e in events if e.name == name]


def until(shop: Shop, holds: Callable[[list[Event]], object], seconds: float = 20) -> list[Event]:
    ends = time.monotonic() + seconds
    while not holds(shop.events()):
        assert time.monotonic() < ends, [(e.kind, e.name, e.properties) for e in shop.events()]
        time.sleep(0.05)
    return shop.events()


def test_one_script_tag_collects_pages_clicks_and_reading(shop, open_shop):
    visitor = open_shop().visit(f"{SHELF}?utm_campaign=spring&utm_source=mail&utm_medium=email")
    page = visitor.page
    page.wait_for_timeout(1300)
    page.get_by_role("link", name="Tea").click()
    page.get_by_role("button", name="Into the basket").click()
    page.mouse.wheel(0, 4000)
    page.wait_for_timeout(300)
    page.get_by_role("link", name="Basket").click()
    page.get_by_role("button", name="Use").click()
    page.go_back()
    page.wait_for_timeout(300)
    page.goto("about:blank")
    events = until(shop, lambda found: len(named(found, "Page Left")) >= 3)

    pages = [e for e in events if e.kind == "page"]
    assert [e.properties["path"] for e in pages] == [SHELF, TEA, "/basket", TEA]
    assert [e.properties["title"] for e in pages] == ["Harbour Street Grocer", "Tea", "Basket", "Tea"]
    assert [e.properties["referrer"].removeprefix(visitor.address).partition("?")[0] for e in pages] == [
        "", SHELF, TEA, "/basket"]  # fmt: skip
    (added,) = named(events, "Product Added")
    assert added.properties == {"product_id": "0071", "name": "Longjing", "price": 6.5, "quantity": 2}
    assert added.context["page"]["path"] == TEA
    (coupon,) = named(events, "Coupon Entered")
    assert coupon.properties == {"coupon_id": "SPRING"}

    left = named(events, "Page Left")
    assert [e.properties["path"] for e in left[:2]] == [SHELF, TEA]
    assert left[0].properties["visible_seconds"] >= 1.2
    assert left[0].properties["scroll_percent"] < 90
    assert left[1].properties["scroll_percent"] >= 95
    assert left[1].context["page"]["title"] == "Tea"

    assert len({e.context["session_id"] for e in events}) == 1
    assert len({dict(e.ids)["anonymous_id"] for e in events}) == 1
    assert {e.context["campaign"]["name"] for e in events} == {"spring"}
    assert {e.context["device"]["type"] for e in events} == {"desktop"}
    assert [p.path for p in shop.relay.passed if p.method == "OPTIONS"] == []  # no preflight: nothing but text/plain
    assert {url.split("/")[2] for url in visitor.asked if url.startswith("http")} == {
        visitor.address.split("/")[2], shop.relay.url.split("/")[2]}  # fmt: skip


def test_what_the_page_calls_arrives_also_what_it_called_before_the_library_came(shop, open_shop):
    visitor = open_shop('data-auto="none"')
    visitor.context.route("**/sdk/homing.js", lambda route: (time.sleep(0.5), route.continue_()))
    visitor.page.goto(visitor.address + SHELF, wait_until="commit")
    visitor.page.wait_for_function("Boolean(window.homing && homing.flush)")
    visitor.page.evaluate("homing.identify('ann', {email: 'ann@example.com'}); homing.track('Early', {n: 1})")
    visitor.page.wait_for_function("!Array.isArray(homing)")
    visitor.page.evaluate("""() => {
        homing.track("Product Viewed", {product_id: "p1"}); homing.page("Tea", {shelf: 3});
        homing.group("club", {level: "gold"}); homing.alias("ann-2");
        homing.reset(); homing.track("After"); }""")
    events = until(shop, lambda found: len(found) == 7)
    found = {e.name or e.kind: e for e in events}
    assert [e.kind for e in events] == ["identify", "track", "track", "page", "group", "alias", "track"]
    assert dict(found["Early"].ids)["user_id"] == "ann"
    assert found["Tea"].properties["shelf"] == 3
    assert found["group"].group_id == "club"
    assert found["alias"].previous is not None
    assert found["alias"].previous.value == dict(found["Early"].ids)["anonymous_id"]
    assert dict(found["After"].ids).keys() == {"anonymous_id"}
    assert dict(found["After"].ids) != {"anonymous_id": dict(found["Early"].ids)["anonymous_id"]}
    assert found["After"].context["session_id"] != found["Early"].context["session_id"]
    assert shop.rejected() == []


def test_nothing_is_kept_or_sent_before_consent_and_then_all_of_it_at_its_time(shop, open_shop):
    visitor = open_shop('data-consent="required"').visit()
    visitor.page.evaluate("homing.track('Seen', {n: 1}); homing.identify('ann')")
    visitor.page.get_by_role("link", name="Tea").click()
    visitor.page.wait_for_timeout(1500)
    assert visitor.kept() == []
    assert visitor.context.cookies() == []
    assert shop.relay.posts() == []
    visitor.page.evaluate("homing.consent({analytics: true, marketing: false})")
    events = until(shop, lambda found: named(found, "Consent Preference Updated"))
    assert [e.name or e.kind for e in events[:5]] == ["page", "Seen", "identify", "Page Left", "page"]
    said = named(events, "Consent Preference Updated")[0]
    assert said.properties == {"analytics": True, "marketing": False}
    assert said.happened_us - named(events, "Seen")[0].happened_us > SECOND
    assert events[0].context["consent"]["categoryPreferences"] == said.properties

    visitor.visit()  # the yes is remembered
    until(shop, lambda found: len([e for e in found if e.kind == "page"]) == 3)
    visitor.page.evaluate("homing.consent({analytics: false})")
    assert visitor.kept() == []
    n = len(shop.relay.posts())
    visitor.page.evaluate("homing.track('Never')")
    visitor.visit().page.wait_for_timeout(1000)
    assert visitor.kept() == []
    assert len(shop.relay.posts()) == n


def test_a_no_is_remembered_where_the_site_does_not_ask(shop, open_shop):
    visitor = open_shop().visit()
    until(shop, lambda found: len(found) == 1)
    visitor.page.evaluate("homing.consent({analytics: false})")
    visitor.visit().page.wait_for_timeout(1000)
    assert [name.partition(".")[2].partition(".")[2] for name in visitor.kept()] == ["consent"]
    assert len(shop.events()) == 1


def test_a_visitor_offline_is_heard_when_she_is_back_even_in_another_tab(shop, open_shop):
    visitor = open_shop('data-auto="none"').visit()
    visitor.context.set_offline(True)
    visitor.page.evaluate("for (let n = 0; n < 5; n++) homing.track('Seen', {n})")
    visitor.page.wait_for_timeout(800)
    visitor.page.close()
    assert shop.events() == []
    visitor.context.set_offline(False)
    visitor.page = visitor.tab()
    visitor.visit()
    events = until(shop, lambda found: len(found) == 5)
    assert [e.properties["n"] for e in events] == [0, 1, 2, 3, 4]
    visitor.page.wait_for_function("Object.keys(localStorage).filter((name) => name.includes('.e.')).length === 0")


@pytest.mark.parametrize("spoil", [["503", "503"], ["refuse"], ["lose"]], ids=["fails", "breaks", "loses the answer"])
def test_a_bad_network_loses_nothing_and_doubles_nothing(shop, open_shop, spoil):
    visitor = open_shop('data-auto="none"').visit()
    shop.relay.spoil = list(spoil)
    visitor.page.evaluate("homing.track('Seen')")
    until(shop, lambda found: len(shop.relay.posts()) > len(spoil) and found)
    visitor.page.wait_for_function("Object.keys(localStorage).filter((name) => name.includes('.e.')).length === 0")
    assert len(shop.events()) == 1


def test_a_busy_server_is_left_alone_also_by_the_next_page(shop, open_shop):
    visitor = open_shop('data-auto="none"').visit()
    shop.failing = [Overload("busy", retry_after_s=4)]
    visitor.page.evaluate("homing.track('One')")
    until(shop, lambda _: shop.relay.posts())
    visitor.visit().page.evaluate("homing.track('Two')")
    until(shop, lambda found: len(found) == 2)
    first, second = shop.relay.posts()[:2]
    assert (first.status, second.status) == (429, 200)
    assert second.at - first.at >= 3.9


def test_the_last_moment_of_a_page_is_sent_by_beacon(shop, open_shop):
    visitor = open_shop('data-auto="none"').visit()
    visitor.page.evaluate("""() => { window.addEventListener("pagehide", () => homing.track("Gone"), true); }""")
    visitor.page.goto("about:blank")
    events = until(shop, lambda found: named(found, "Gone") and shop.relay.posts())  # the relay notes it a moment later
    assert len(events) == 1
    (sent,) = shop.relay.posts()
    assert sent.headers["content-type"].startswith("text/plain")


def test_time_in_a_hidden_tab_is_not_reading(shop, open_shop):
    visitor = open_shop('data-auto="reading"').visit()
    visitor.page.evaluate("""() => {
        let state = "visible"; Object.defineProperty(document, "visibilityState", {get: () => state});
        window.turn = (to) => { state = to; document.dispatchEvent(new Event("visibilitychange")); }; }""")
    visitor.page.wait_for_timeout(1200)
    visitor.page.evaluate("turn('hidden')")
    visitor.page.wait_for_timeout(2500)
    visitor.page.evaluate("turn('visible')")
    visitor.page.wait_for_timeout(1100)
    visitor.page.evaluate("turn('hidden')")
    events = until(shop, lambda found: len(named(found, "Page Left")) == 2)
    first, second = (e.properties["visible_seconds"] for e in events)
    assert 1.1 <= first < 2.5
    assert 1.0 <= second < 2.2


def test_a_message_stands_in_its_slot_as_text_and_tells_what_became_of_it(shop, open_shop):
    visitor = open_shop('data-auto="none"').visit()
    message = {"id": "spring", "slot": "top", "title": "Fresh tea", "text": "<img src=x onerror=alert(1)> today",
               "link": {"href": "/shop.html?tea", "label": "Look"}, "close": "Close"}  # fmt: skip
    visitor.page.evaluate("m => homing.message(m)", message)
    box = visitor.page.get_by_role("region", name="Fresh tea")
    assert "<img src=x" in box.inner_text()
    until(shop, lambda found: named(found, "In-Page Message Seen"))
    box.get_by_role("button", name="Close").click()
    visitor.page.evaluate("m => homing.message(m)", message)
    assert visitor.page.locator("[data-homing-message]").count() == 0
    (closed,) = named(until(shop, lambda found: named(found, "In-Page Message Closed")), "In-Page Message Closed")
    assert closed.properties == {"message_id": "spring", "slot": "top"}
    bad = message | {"id": "bad", "link": {"href": "javascript:alert(1)", "label": "Look"}}
    visitor.page.evaluate("m => homing.message(m)", bad)
    assert visitor.page.locator("[data-homing-message] a").count() == 0


def test_the_library_is_small_kept_and_asked_about_once_an_hour(server: Server):
    if not FILE.is_file():
        missing("the built browser library: `npm run sdk` in console/")
    assert len(gzip.compress(FILE.read_bytes(), 9)) <= 6_000
    got = httpx.get(f"{server.url}/sdk/homing.js")
    assert got.headers["content-type"].startswith("text/javascript")
    assert got.headers["content-encoding"] == "gzip"
    assert "max-age=3600" in got.headers["cache-control"]
    assert got.headers["access-control-allow-origin"] == "*"
    again = httpx.get(f"{server.url}/sdk/homing.js", headers={"if-none-match": got.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert httpx.get(f"{server.url}/sdk/other.js").status_code == 404
    assert httpx.post(f"{server.url}/sdk/homing.js").status_code == 405


@pytest.mark.parametrize("asked", ["required", "implied"])
def test_the_script_says_what_the_workspace_asks_for(tmp_path, asked):
    built = tmp_path / "homing.js"
    built.write_text('var w="__HOMING_CONSENT__"')
    library = BrowserLibrary(asked, built)
    status, _, body = library._answer({"method": "GET", "path": "/sdk/homing.js", "headers": []})
    assert (status, body) == (200, f'var w="{asked}"'.encode())
    built.unlink()
    assert library._answer({"method": "GET", "path": "/sdk/homing.js", "headers": []})[0] == 404
