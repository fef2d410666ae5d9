"""The rules of a source are written in the console, are in force at once, and are changed there."""

import json

import pytest
from browser_kit import LANGUAGES, check_access, settled

pytestmark = pytest.mark.e2e
TILL = {"kind": "source", "id": "desk", "name": {"en": "Desk", "zh": "前台"}, "connector": "webhook"}


@pytest.fixture(scope="module")
def desk(shop):
    with shop.api() as api:
        api.post("/sources", json={"document": TILL, "secrets": {"secret": "known to both"}}).raise_for_status()
    return "desk"


def documents(shop):
    with shop.api() as api:
        items = api.get("/definitions/rules").json()["items"]
    return [one["document"] for one in items if one["document"]["source"] == "desk"]


def choose(page, label, option):
    """Take an option of a list that opens; those opened before stay in the page, hidden."""
    page.get_by_label(label).click()
    page.locator(".ant-select-dropdown:visible").get_by_title(option, exact=True).click()


def test_rules_are_added_saved_and_changed(open_page, shop, desk):
    page = open_page()
    page.goto(f"{shop.url}/sources/{desk}")
    settled(page)
    page.get_by_role("button", name="Add a rule").click()
    save = page.get_by_role("button", name="Save the rules")
    page.get_by_text("A rule names no field yet.").wait_for()
    assert save.is_disabled()
    page.get_by_label("1 must be there: Field").fill("order_id")
    page.get_by_label("1 must be there: Event").fill("Order Completed")
    choose(page, "1 must be there: Otherwise", "refuse")
    page.get_by_role("button", name="Add a rule").click()
    choose(page, "2 must be there: Rule", "number in a range")
    page.get_by_label("2 number in a range: Field").fill("revenue")
    page.get_by_label("2 number in a range: at least").fill("0")
    page.get_by_role("button", name="Add a rule").click()
    choose(page, "3 must be there: Rule", "comes in time")
    check_access(page, "rules of a source being written")
    save.click()
    page.get_by_text("The rules are in force").wait_for()
    (kept,) = documents(shop)
    assert kept["rules"] == [
        {"rule": "required", "event": "Order Completed", "field": "order_id", "then": "refuse"},
        {"rule": "range", "field": "revenue", "then": "warn", "min": 0},
        {"rule": "freshness", "within": "1d"},
    ]
    page.get_by_role("button", name="Remove 2 number in a range").click()
    save.click()
    page.get_by_label("2 comes in time: Rule").wait_for()
    page.wait_for_function("() => document.querySelectorAll('.ant-table-row').length >= 2")
    for _ in range(50):
        if len(documents(shop)[0]["rules"]) == 2:
            break
        page.wait_for_timeout(100)
    assert [one["rule"] for one in documents(shop)[0]["rules"]] == ["required", "freshness"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_cleaned_by_yaml_stays_when_the_form_saves(open_page, shop, desk, language):
    before = documents(shop)
    clean = {"kind": "rules", "id": "desk", "name": TILL["name"], "source": "desk",
             "clean": {"phone": ["phone"], "empty": True}, "rules": [{"rule": "volume", "weeks": 5}]}  # fmt: skip
    with shop.api() as api:
        assert api.post("/apply", json={"documents": [clean]}).status_code == 200, json.dumps(before)
    page = open_page(language)
    page.goto(f"{shop.url}/sources/{desk}")
    settled(page)
    check_access(page, f"rules of a source {language}")
    label = {"en": "1 as much as usual: weeks back", "zh": "1 数量正常: 回看周数"}[language]
    page.get_by_label(label).fill("6")
    page.get_by_role("button", name={"en": "Save the rules", "zh": "保存规则"}[language]).click()
    page.get_by_text({"en": "The rules are in force", "zh": "规则已生效"}[language]).wait_for()
    (kept,) = documents(shop)
    assert kept["clean"] == clean["clean"]
    assert kept["rules"][0]["weeks"] == 6
