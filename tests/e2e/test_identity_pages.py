"""The graph of one person says why; somebody takes her apart, merges her and answers what waits."""

import httpx
import pytest
from browser_kit import LANGUAGES, SHOTS, check_access, settled
from shop import wait_until

pytestmark = pytest.mark.e2e

NORA = {"user_id": "nora", "email": "nora@mail.example", "phone": "+12125550177"}


@pytest.fixture(scope="module")
def people(shop):
    """Nora with five identifiers, somebody with her old e-mail, and two who share one e-mail."""
    with shop.api() as api:
        key = api.post("/keys", json={"kind": "write", "name": "Counter"}).json()["key"]

        def track(n, event, ids, **properties):
            named = [{"type": k, "value": v} for k, v in ids.items()]
            user = ids.get("user_id")
            body = {"event": event, "messageId": f"id-{n}", "properties": properties,
                    "context": {"externalIds": [
                        {"id": i["value"], "type": i["type"], "collection": "users", "encoding": "none"} for i in named
                    ]}} | ({"userId": user} if user else {"anonymousId": f"c-{n}"})  # fmt: skip
            answer = httpx.post(f"{shop.url}/v1/track", json=body, auth=(key, ""))
            assert answer.json()["results"][0]["status"] == "accepted", answer.text

        track(1, "Order Completed", NORA, order_id="n1", revenue=40, currency="USD")
        track(2, "Product Viewed", {"user_id": "nora", "device_id": "tablet-kitchen"}, product_id="p1")
        track(
            3, "Order Completed", {"user_id": "nora", "member_card": "M-77"}, order_id="n2", revenue=12, currency="USD"
        )
        track(4, "Order Completed", {"member_card": "M-77"}, order_id="n3", revenue=8, currency="USD")
        track(5, "Order Completed", {"email": "nora.old@mail.example"}, order_id="n4", revenue=5, currency="USD")
        for n, who in enumerate(("paul", "quinn", "ruth", "sven")):
            track(10 + n, "Signed In", {"user_id": who, "email": f"desk-{n}@mail.example"})
            track(20 + n, "Signed In", {"user_id": f"{who}-2", "email": f"desk-{n}@mail.example"})

    def known(q):
        with shop.api() as api:
            return [r["customer_id"] for r in api.get("/customers", params={"q": q}).json()["items"]]

    wait_until(lambda: len(known("nora.old@mail.example")) == 1 and known("M-77"), "everybody is known")
    return {"nora": known("M-77")[0], "old": known("nora.old@mail.example")[0], "find": known}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_graph_says_why_and_what_waits_has_a_page(open_page, shop, people, language):
    page = open_page(language)
    page.goto(f"{shop.url}/customers/{people['nora']}?tab=identity")
    settled(page)
    page.locator(".id-node").first.wait_for()
    page.locator(".id-node").nth(4).wait_for()
    words = page.locator(".react-flow__edge-text").all_inner_texts()
    assert len(words) >= 4
    check_access(page, f"identity graph {language}")
    page.goto(f"{shop.url}/identities")
    settled(page)
    check_access(page, f"identities conflicts {language}")
    page.goto(f"{shop.url}/identities?tab=rules")
    settled(page)
    check_access(page, f"identities rules {language}")


def test_a_card_is_taken_out_with_the_keyboard_and_merged_back_after_a_look_at_what_follows(open_page, shop, people):
    page = open_page()
    page.goto(f"{shop.url}/customers/{people['nora']}?tab=identity")
    settled(page)
    box = page.get_by_role("checkbox", name="Member card M-77")
    box.focus()
    page.keyboard.press("Space")
    take_out = page.get_by_role("button", name="Take 1 out")
    take_out.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("heading", name="After").wait_for()
    check_access(page, "identity split preview")
    dialog.get_by_label("Why (kept in the audit log)").fill("the card is her sister's")
    dialog.get_by_role("button", name="Take apart").click()
    page.get_by_text("Done").wait_for()
    wait_until(lambda: people["find"]("M-77") != [people["nora"]], "the card has a customer of its own")
    (sister,) = people["find"]("M-77")
    page.goto(f"{shop.url}/customers/{people['nora']}?tab=identity")
    settled(page)
    page.get_by_role("button", name="Merge with…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill("M-77")
    page.locator(".ant-select-item-option").first.click()
    dialog.get_by_role("heading", name="After").wait_for()
    check_access(page, "identity merge preview")
    dialog.get_by_role("button", name="Merge", exact=True).click()
    page.get_by_text("Done").wait_for()
    settled(page)
    page.get_by_text("Merged by hand").wait_for()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.set_viewport_size({"width": 1440, "height": 900})
    check_access(page, "identity merged by hand")
    page.get_by_role("row").filter(has_text="Merged by hand").get_by_role("button", name="Take back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take apart").click()
    page.get_by_text("taken back").first.wait_for()
    assert people["find"]("M-77") == [sister]


def test_a_conflict_over_a_value_that_links_no_more_stands_in_the_history(open_page, shop, people):
    page = open_page()
    page.goto(f"{shop.url}/identities?tab=blocked&type=email&value=desk-3%40mail.example")
    settled(page)
    page.get_by_role("button", name="Do not link").click()
    page.get_by_role("dialog").get_by_role("button", name="Do not link").click()
    page.get_by_role("cell", name="desk-3@mail.example").wait_for()
    page.get_by_role("tab", name="Conflicts").click()
    page.get_by_text("desk-0@mail.example").first.wait_for()
    assert page.get_by_text("desk-3@mail.example").count() == 0
    page.get_by_text("Value links no more").click()
    row = page.get_by_role("row").filter(has_text="desk-3@mail.example")
    row.get_by_text("Owner").wait_for()
    check_access(page, "identities conflicts that ended with their value")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.screenshot(path=SHOTS / "conflicts-narrow.png")
    with shop.api() as api:
        api.post("/identity/blocked/release", json={"type": "email", "value": "desk-3@mail.example"})


def test_conflicts_are_let_be_together_and_a_value_is_blocked_and_released(open_page, shop, people):
    page = open_page()
    page.goto(f"{shop.url}/identities")
    settled(page)
    rows = page.locator("tbody tr.ant-table-row")
    rows.nth(2).wait_for()
    page.get_by_role("row").filter(has_text="desk-0@mail.example").get_by_role("link", name="Nobody's own").click()
    page.wait_for_url("**tab=blocked**")
    assert page.get_by_label("Value", exact=True).input_value() == "desk-0@mail.example"
    page.get_by_role("tab", name="Conflicts").click()
    page.get_by_role("button", name="Keep apart").first.click()
    page.get_by_text("1 settled").wait_for()
    page.locator("thead .ant-checkbox-input").check()
    check_access(page, "identities conflicts chosen")
    page.get_by_role("toolbar").get_by_role("button", name="Let be").click()
    page.get_by_text("Nothing waits here").wait_for()
    check_access(page, "identities no conflicts")
    page.get_by_role("tab", name="Values that do not link").click()
    page.get_by_text("Every value links").wait_for()
    page.get_by_label("Value", exact=True).fill("+1 212 555 0177")
    page.get_by_role("button", name="Do not link").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("heading", name="After").wait_for()
    check_access(page, "identities block preview")
    dialog.get_by_role("button", name="Do not link").click()
    page.get_by_role("cell", name="+12125550177").wait_for()
    check_access(page, "identities blocked")
    page.get_by_role("row").filter(has_text="+12125550177").get_by_role("button", name="Release").click()
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    page.get_by_text("Every value links").wait_for()
