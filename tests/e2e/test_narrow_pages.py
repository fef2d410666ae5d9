"""On a telephone's width no page scrolls sideways: what is wide scrolls inside itself."""

from __future__ import annotations

import pytest
from browser_kit import LANGUAGES, settled

pytestmark = pytest.mark.e2e

PAGES = (
    "/customers", "/identities", "/identities?tab=pairs", "/identities?tab=blocked", "/identities?tab=rules",
    "/traits", "/traits/new", "/tags", "/tags/new", "/segments", "/segments/buyers", "/lifecycle",
    "/models/lookalike", "/models/clusters", "/models/rules", "/models/classification",
    "/sources", "/imports", "/events", "/rejected", "/quality", "/plans", "/catalogue", "/agreements", "/keys",
    "/journeys", "/campaigns", "/insights/funnel", "/insights/rfm", "/insights/trends", "/users", "/audit",
)  # fmt: skip
TABS = ("profile", "timeline", "messages", "groups", "identity")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_stands_beside_a_narrow_page(open_page, shop, language):
    with shop.api() as api:
        who = api.get("/customers", params={"limit": 1}).json()["items"][0]["customer_id"]
    page = open_page(language)
    page.set_viewport_size({"width": 390, "height": 844})
    wide = {}
    for path in (*PAGES, *(f"/customers/{who}?tab={tab}" for tab in TABS)):
        page.goto(f"{shop.url}{path}")
        settled(page)
        over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wide[path] = over
    assert wide == {}
