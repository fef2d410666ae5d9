"""Models in a browser: trained with progress, read, used; a segment beside the others. Screens in both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from browser_kit import SHOTS, check_access, settled
from playwright.sync_api import expect
from shop import wait_until

pytestmark = pytest.mark.e2e
CLUB = {"type": "trait", "name": "club", "op": "eq", "value": True}
LIKES = (("Shoes", "Gels"), ("Novels", "Lamps"), ("Milk", "Bread"))
PEOPLE = 240


@pytest.fixture(scope="module")
def crowd(shop):
    """Three kinds of shoppers; half of the first are in a club."""
    now = datetime.now(UTC)
    sent = []
    for n in range(PEOPLE):
        kind, who = n % 3, {"userId": f"m-{n}"}
        traits = {"city": "Kiel" if n % 2 else "Bonn"} | ({"club": True} if kind == 0 and n % 2 else {})
        sent.append({"type": "identify", **who, "traits": traits, "timestamp": (now - timedelta(days=80)).isoformat()})
        for order in range(2 + n % 5):
            lines = [{"product_id": c, "name": c, "category": c, "price": 5, "quantity": 1}
                     for c in (*LIKES[kind], *(("Milk",) if (n + order) % 2 else ()))]  # fmt: skip
            at = (now - timedelta(days=70 - order * 11 - n % 7)).isoformat()
            bought = {"order_id": f"m-{n}-{order}", "revenue": 5 * len(lines), "currency": "USD", "products": lines}
            sent.append({"type": "track", "event": "Order Completed", **who, "timestamp": at, "properties": bought})
    with shop.api() as api:
        before = api.get("/customers", params={"limit": 1}).json()["total"]
        key = api.post("/keys", json={"kind": "write", "name": "Crowd"}).raise_for_status().json()["key"]
        for at in range(0, len(sent), 400):
            answer = httpx.post(f"{shop.url}/v1/batch", json={"batch": sent[at : at + 400]}, auth=(key, ""), timeout=60)
            assert answer.status_code == 200, answer.text
        wait_until(lambda: api.get("/customers", params={"limit": 1}).json()["total"] >= before + PEOPLE, "all came")
        body = {"name": {"en": "Club", "zh": "俱乐部"}, "condition": CLUB}
        api.put("/segments/club", json=body).raise_for_status()
    return shop


def pick(page, label: str, option: str) -> None:
    page.get_by_role("dialog").get_by_label(label, exact=True).click()
    page.get_by_title(option, exact=True).last.click()


def test_a_lookalike_is_made_slid_along_and_becomes_a_segment(open_page, crowd):
    page = open_page()
    page.goto(f"{crowd.url}/models/lookalike")
    settled(page)
    page.get_by_text("No lookalikes yet").wait_for()
    check_access(page, "models-lookalike-empty-en")
    page.get_by_role("button", name="New model").first.click()
    page.get_by_label("Name", exact=True).fill("Like the club")
    pick(page, "Like the members of", "Club")
    page.get_by_role("button", name="Save and train").click()
    page.wait_for_url("**/models/lookalike/like-the-club")
    page.get_by_role("heading", name="The segment it makes").wait_for(timeout=60_000)
    size = page.get_by_test_id("audience-size")
    before = int(size.inner_text())
    slider = page.get_by_role("slider", name="Reach")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    expect(size).not_to_have_text(str(before))
    assert int(size.inner_text()) > before
    page.get_by_role("button", name="Make the segment").click()
    page.get_by_role("link", name="Open the segment").wait_for(timeout=60_000)
    settled(page)
    check_access(page, "models-lookalike-en")
    chosen = int(size.inner_text())
    page.get_by_role("link", name="Open the segment").click()
    page.get_by_role("heading", level=1).wait_for()
    with crowd.api() as api:
        assert abs(api.get("/segments/like-like-the-club").json()["count"] - chosen) <= 2


def test_clusters_rules_and_a_classifier_tell_what_they_found(open_page, crowd):
    with crowd.api() as api:
        for kind, name, body in (
            ("clustering", "kinds", {"k": 3, "features": {"families": ["bought"]}}),
            ("association", "together", {"max_items": 2}),
            ("classification", "is-club", {"label": {"segment": "club"}}),
        ):
            api.put(f"/models/{kind}/{name}", json=body | {"name": {"en": "Trial", "zh": "试验"}}).raise_for_status()
            for _ in range(2 if kind == "clustering" else 1):
                api.post(f"/models/{kind}/{name}/train", json={"wait": True}).raise_for_status()
    for language, heading in (("en", ("Why this many", "Rules", "How well it tells")),
                              ("zh", ("为什么是这个数量", "规则", "判断得有多准"))):  # fmt: skip
        page = open_page(language)
        for path, title in zip(("clusters/kinds", "rules/together", "classification/is-club"), heading, strict=True):
            page.goto(f"{crowd.url}/models/{path}")
            settled(page)
            page.get_by_role("heading", name=title, exact=True).wait_for()
            check_access(page, f"models-{path.split('/')[0]}-{language}")


def test_a_kind_and_the_likeliest_become_segments_and_a_model_goes_away(open_page, crowd):
    page = open_page()
    page.goto(f"{crowd.url}/models/clusters/kinds")
    settled(page)
    page.get_by_role("button", name="Write scores to customers").click()
    page.get_by_text("Make a segment of any kind below.").wait_for(timeout=60_000)
    page.get_by_role("link", name="Make a segment").first.click()
    page.wait_for_url("**/segments/new?condition=*")
    page.get_by_label("Name in English").fill("Of a kind")
    expect(page.locator(".count-big")).to_have_text(re.compile("^[1-9]"))
    page.get_by_text("exact", exact=True).wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", level=1, name="Of a kind").wait_for()
    page.goto(f"{crowd.url}/models/classification/is-club")
    settled(page)
    page.get_by_text("Write the scores to customers first").wait_for()
    page.get_by_role("button", name="Write scores to customers").click()
    page.get_by_role("link", name="Make a segment").click(timeout=60_000)
    page.get_by_text("among the 100 highest").wait_for()
    page.goto(f"{crowd.url}/models/rules/together")
    settled(page)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text("No association rules yet").or_(
        page.get_by_role("heading", name="Association rules")
    ).first.wait_for()
    with crowd.api() as api:
        wait_until(lambda: api.get("/models/association").json()["items"] == [], "the rules are gone")


def test_a_model_is_changed_and_says_that_it_was_until_it_is_trained_again(open_page, crowd):
    body = {"k": 3, "k_max": 9, "features": {"families": ["bought"], "lookback": "300d", "top": 9},
            "name": {"en": "Tastes", "zh": "口味"}}  # fmt: skip
    with crowd.api() as api:
        api.put("/models/clustering/tastes", json=body).raise_for_status()
        api.post("/models/clustering/tastes/train", json={"wait": True}).raise_for_status()
        page = open_page()
        page.goto(f"{crowd.url}/models/clusters/tastes")
        settled(page)
        page.get_by_role("button", name="Change").click()
        dialog = page.get_by_role("dialog")
        assert dialog.get_by_label("Name", exact=True).input_value() == "Tastes"
        assert dialog.get_by_label("Identifier").is_disabled()
        number = dialog.get_by_label("Number of clusters")
        assert number.input_value() == "3"
        check_access(page, "models-edit-en")
        number.fill("2")
        dialog.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("Changed since version 1 was learned").wait_for()
        kept = api.get("/models/clustering/tastes").json()
        assert kept["document"]["k"] == 2
        assert (kept["document"]["k_max"], kept["document"]["features"]["top"]) == (9, 9)
        page.set_viewport_size({"width": 390, "height": 844})
        page.get_by_role("button", name="Change").click()
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        page.screenshot(path=SHOTS / "models-edit-narrow.png")
        page.get_by_role("dialog").get_by_role("button", name="Save and train").click()
        wait_until(
            lambda: api.get("/models/clustering/tastes").json()["version"]["version"] == 2, "it is trained again"
        )
        page.get_by_text("Changed since version").wait_for(state="detached")
        assert api.get("/models/clustering/tastes").json()["changed"] is False
        page.get_by_role("button", name="Change").click()
        page.get_by_role("spinbutton", name="Looks back").fill("99999999")
        page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
        page.locator(".ant-form-item-explain-error").wait_for()  # at its field, and the form stays open
        assert api.get("/models/clustering/tastes").json()["document"]["features"]["lookback"] == "300d"


def test_a_new_model_that_cannot_be_learned_says_why_at_once_and_replaces_none(open_page, crowd):
    with crowd.api() as api:
        rare = {"type": "trait", "name": "no_such_trait", "op": "exists"}
        api.put("/segments/rare", json={"name": {"en": "Rare", "zh": "少数"}, "condition": rare}).raise_for_status()
    page = open_page()
    page.goto(f"{crowd.url}/models/classification")
    settled(page)
    page.get_by_role("button", name="New model").first.click()
    page.get_by_label("Identifier").fill("is-club")
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill("Is rare")
    page.get_by_role("dialog").get_by_text("There is a model of this name").wait_for()
    page.get_by_label("Identifier").fill("is-rare")
    pick(page, "A segment", "Rare")
    page.get_by_role("button", name="Save and train").click()
    page.wait_for_url("**/models/classification/is-rare")
    page.get_by_role("alert").get_by_text("wanted at least 20 of each").wait_for(timeout=60_000)


def test_what_cannot_be_learned_is_said_on_the_page(open_page, crowd):
    with crowd.api() as api:
        nobody = {"type": "trait", "name": "no_such_trait", "op": "exists"}
        api.put("/segments/nobody", json={"name": {"en": "Nobody", "zh": "无人"}, "condition": nobody})
        body = {"name": {"en": "Like nobody", "zh": "像无人"}, "seed_segment": "nobody"}
        api.put("/models/lookalike/like-nobody", json=body).raise_for_status()
    page = open_page()
    page.goto(f"{crowd.url}/models/lookalike/like-nobody")
    settled(page)
    page.get_by_text("Not trained yet").wait_for()
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("alert").get_by_text("0 seeds among").wait_for(timeout=60_000)
    check_access(page, "models-failed-en")


@pytest.mark.parametrize(("language", "tabs"), [("en", ("What sets them apart", "Overlap", "History")),
                                                 ("zh", ("与众不同之处", "重叠", "历史"))])  # fmt: skip
def test_a_segment_stands_beside_the_others(open_page, crowd, language, tabs):
    page = open_page(language)
    page.goto(f"{crowd.url}/segments/club")
    settled(page)
    for tab in tabs:
        page.get_by_role("tab", name=tab).click()
        settled(page)
        page.get_by_role("tabpanel").locator("table, .chart").first.wait_for()
        check_access(page, f"segment-insight-{tabs.index(tab)}-{language}")
