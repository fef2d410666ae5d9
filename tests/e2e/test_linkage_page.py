"""Pairs are looked for, answered by key and together; a customer's page shows household and account."""

import re
import sys
from pathlib import Path

import httpx
import pytest
from browser_kit import LANGUAGES, check_access, settled
from playwright.sync_api import expect
from shop import wait_until

sys.path.insert(0, str(Path(__file__).parents[1]))
pytest.importorskip("splink", reason="MISSING: the extra `identity`")

from linked_people import two_systems

pytestmark = pytest.mark.e2e

IN_SIGHT = """() => {
  const box = document.querySelectorAll(".pair")[3]?.getBoundingClientRect();
  const current = document.querySelectorAll(".pair")[3]?.classList.contains("pair-current");
  return current && box.top >= 0 && box.bottom <= innerHeight;
}"""
HOUSEHOLD = {
    "kind": "household", "id": "household", "name": {"en": "Households", "zh": "家庭"},
    "rules": [{"id": "address", "share": ["surname", "address"]}],
}  # fmt: skip


@pytest.fixture(scope="module")
def people(shop):
    """Sixty people as the shop and a club know them, and a household of two in an account."""
    with shop.api() as api:
        keys = {
            name: api.post("/keys", json={"kind": "write", "name": name}).json()["key"] for name in ("shop", "club")
        }
        assert api.post("/apply", json={"documents": [HOUSEHOLD]}).status_code == 200
    for source, key in keys.items():
        calls = []
        for event in two_systems(60, 0):
            if event.source_id == source:
                (who,) = event.ids
                named = (
                    {"userId": who.value}
                    if who.type == "user_id"
                    else {
                        "anonymousId": who.value,
                        "context": {"externalIds": [{"type": "member_card", "id": who.value}]},
                    }
                )
                calls.append({"type": "identify", "messageId": event.event_id, "traits": event.traits} | named)
        answer = httpx.post(f"{shop.url}/v1/batch", json={"batch": calls}, auth=(key, ""), timeout=30).json()
        assert {r["status"] for r in answer["results"]} == {"accepted"}, answer["results"][:2]
    lived = {"last_name": "Quillfeather", "address": {"street": "7 Owl Row", "postal_code": "YO1 7HH"}}
    calls = [
        {
            "type": "identify",
            "userId": who,
            "messageId": f"{who}-i",
            "traits": lived | {"name": f"{who.title()} Quillfeather"},
        }
        for who in ("wanda", "will")
    ] + [{"type": "group", "userId": "wanda", "groupId": "acme", "messageId": "wanda-g", "traits": {"plan": "pro"}}]
    httpx.post(f"{shop.url}/v1/batch", json={"batch": calls}, auth=(keys["shop"], ""), timeout=30).raise_for_status()


def test_pairs_are_found_answered_by_key_and_together(open_page, shop, people):
    page = open_page()
    page.goto(f"{shop.url}/identities?tab=pairs")
    settled(page)
    page.get_by_role("combobox", name="All sources").click()
    offered = page.locator(".ant-select-item-option")
    offered.filter(has_text=re.compile("^shop$")).click()
    offered.filter(has_text=re.compile("^club$")).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Look for pairs").click()
    first = page.locator(".pair").first
    first.wait_for(timeout=120_000)
    settled(page)
    check_access(page, "linkage pairs")
    expect(first.get_by_text("Date of birth")).to_have_count(1)
    with shop.api() as api:
        before = api.get("/linkage/counts").json()["open"]
    page.keyboard.press("n")
    page.get_by_text("0 joined, 1 kept apart.").wait_for()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.wait_for_function(IN_SIGHT)  # what a key answers is never out of sight
    page.keyboard.press("y")
    page.get_by_text("1 joined, 0 kept apart.").wait_for()
    boxes = page.locator(".pair input[type=checkbox]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    bar = page.get_by_role("toolbar")
    bar.get_by_text("2 chosen").wait_for()
    bar.get_by_role("button", name="One person").click()
    page.get_by_text("2 joined, 0 kept apart.").wait_for()
    with shop.api() as api:
        counts = api.get("/linkage/counts").json()
    assert (counts["accepted"], counts["rejected"], counts["open"]) == (3, 1, before - 4)
    page.get_by_text("Two people", exact=True).first.click()
    wait_until(lambda: page.locator(".pair").count() == 1, "the rejected pair is shown")
    page.get_by_role("button", name="One person after all").click()
    page.get_by_text("No pair was kept apart").wait_for()
    page.get_by_text("One person", exact=True).first.click()
    page.get_by_role("link", name="See the customer, or take it back").first.click()
    page.get_by_role("button", name="Take back").first.wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_customer_shows_household_and_account(open_page, shop, people, language):
    with shop.api() as api:

        def found():
            return [one["customer_id"] for one in api.get("/customers", params={"q": "wanda quill"}).json()["items"]]

        wait_until(lambda: len(found()) == 1, "wanda is found")
        (who,) = found()
        groups = f"/customers/{who}/groups"
        wait_until(lambda: len(api.get(groups).json()["items"]) == 2, "her household and her account are known")
    page = open_page(language)
    page.goto(f"{shop.url}/customers/{who}?tab=groups")
    settled(page)
    page.get_by_text("Will Quillfeather").wait_for()
    page.get_by_text("acme").first.wait_for()
    page.get_by_text({"en": "surname and address", "zh": "姓氏与地址"}[language]).wait_for()
    check_access(page, f"customer groups {language}")
    page.goto(f"{shop.url}/customers/{who}")
    settled(page)
    home = page.get_by_role("row").filter(has_text={"en": "Address", "zh": "地址"}[language])
    home.get_by_text({"en": "7 Owl Row, YO1 7HH", "zh": "7 Owl Row YO1 7HH"}[language]).wait_for()
