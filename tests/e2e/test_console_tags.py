"""Tags and lifecycles in the console: made, approved, explained, given and taken back; the flow and who is in it."""

from datetime import UTC, datetime, timedelta

import pytest
from browser_kit import check_access, settled

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def tagged(shop):
    """A rule tag and a tag by hand, both in force."""
    bought = {"type": "did", "event": "Order Completed", "measure": "count", "op": "gte", "value": 2, "within": "30d"}
    with shop.api() as api:
        for name, document in (
            ("regular", {"name": {"en": "Regular", "zh": "常客"}, "how": "rule", "owner": "Growth",
                         "category": "Value", "condition": {"type": "all", "of": [bought]}}),
            ("mood", {"name": {"en": "Mood", "zh": "心情"}, "how": "manual", "expires": {"after": "30d"},
                      "value": {"type": "text", "options": ["happy", "cross"]}}),
        ):  # fmt: skip
            api.put(f"/tags/{name}", json=document).raise_for_status()
            api.post(f"/tags/{name}/approve", json={"note": "for the season"}).raise_for_status()
    return shop


@pytest.mark.parametrize(("language", "title"), [("en", "Tags"), ("zh", "标签")])
def test_the_catalogue_lists_tags_and_one_shows_its_trend_and_approval(open_page, tagged, language, title):
    page = open_page(language)
    page.goto(f"{tagged.url}/tags")
    page.get_by_role("heading", level=1, name=title, exact=True).wait_for()
    settled(page)
    row = page.get_by_role("row").filter(has_text="regular")
    row.get_by_text("16").wait_for()
    check_access(page, f"tags-{language}")
    row.get_by_role("link").click()
    page.get_by_role("heading", level=1).filter(has_text="Regular" if language == "en" else "常客").wait_for()
    settled(page)
    page.locator(".chart svg").first.wait_for()
    page.get_by_text("for the season").wait_for()
    check_access(page, f"tag-{language}")


def test_a_tag_is_written_proposed_approved_and_has_people(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/tags/new")
    page.get_by_label("Name in English").fill("Buyer lately")
    page.get_by_label("Name in Chinese").fill("近期买家")
    page.locator("#tag-owner").fill("Growth")
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_role("menuitem", name="What the customer did", exact=True).click()
    check_access(page, "tag-new")
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("heading", level=1, name="Buyer lately").wait_for()
    note = page.get_by_label("A note, for whoever reads it")
    note.fill("please look")
    box = note.bounding_box()
    assert box is not None
    assert box["width"] >= 200  # what is typed can be read
    page.get_by_role("button", name="Propose").click()
    page.get_by_text("Proposed · version 1").wait_for()
    page.get_by_role("button", name="Approve and publish").click()
    page.get_by_text("Approved · version 1").wait_for()
    with shop.api() as api:
        found = api.get("/tags/buyer_lately").json()
    assert (found["status"], found["owner"], found["document"]["condition"]["of"][0]["type"]) == (
        "live",
        "Growth",
        "did",
    )


def test_a_newer_proposal_stands_beside_the_rule_in_force(open_page, tagged):
    bought = {"type": "did", "event": "Order Completed", "measure": "count", "op": "gte", "value": 1, "within": "30d"}
    name = {"en": "Season", "zh": "当季"}
    with tagged.api() as api:
        api.put("/tags/season", json={"name": name, "how": "rule", "condition": bought}).raise_for_status()
        api.post("/tags/season/approve", json={}).raise_for_status()
        newer = {"name": name, "how": "rule", "condition": bought | {"value": 9}}
        api.put("/tags/season", json=newer).raise_for_status()
        api.post("/tags/season/propose", json={}).raise_for_status()
    page = open_page()
    page.goto(f"{tagged.url}/tags/season")
    settled(page)
    in_force = page.locator("p.lead").filter(has_text="In force, version 1")
    asked = page.locator("p.lead").filter(has_text="Proposed, version 2")
    assert "9" not in in_force.inner_text()
    assert "9" in asked.inner_text()
    check_access(page, "tag proposed anew")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_customers_chip_says_why_and_a_tag_by_hand_is_given_and_taken_back(open_page, tagged, language):
    with tagged.api() as api:
        rows = api.get("/tags/regular/customers").json()["items"]
        who = rows[0 if language == "en" else 1]["customer_id"]
    page = open_page(language)
    page.goto(f"{tagged.url}/customers/{who}")
    name, why = ("Regular", "By its rule, version 1") if language == "en" else ("常客", "由规则打上，版本 1")
    page.get_by_role("button", name=name).first.click()
    page.get_by_text(why).wait_for()
    page.locator(".why-parts strong").first.wait_for()
    check_access(page, f"why-{language}")
    page.keyboard.press("Escape")
    if language == "zh":
        return
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("combobox", name="Tag", exact=True).click()
    page.locator(".ant-select-item-option", has_text="Mood").click()
    page.get_by_label("Value", exact=True).fill("happy")
    page.get_by_role("button", name="Give", exact=True).click()
    page.get_by_role("button", name="Mood: why she has this tag").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Mood: why she has this tag").wait_for(state="detached")
    with tagged.api() as api:
        ids = {tag["id"] for tag in api.get(f"/customers/{who}/marks").json()["tags"]}
    assert "regular" in ids
    assert "mood" not in ids


def test_many_at_once_are_previewed_given_and_taken_back(open_page, tagged):
    page = open_page()
    page.goto(f"{tagged.url}/tags/mood")
    page.get_by_role("button", name="Give or take").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Everybody in a segment").click()
    page.locator(".ant-select-item-option", has_text="Buyers").click()
    dialog.get_by_label("Value").click()
    page.locator(".ant-select-item-option", has_text="cross").click()
    dialog.get_by_role("button", name="Preview").click()
    dialog.get_by_text("24 would change").wait_for()
    check_access(page, "tag-by-hand")
    dialog.get_by_role("button", name="Give", exact=True).click()
    row = page.get_by_role("row").filter(has_text="24")
    row.get_by_role("button", name="Undo").click()
    row.get_by_text("taken back").wait_for()
    with tagged.api() as api:
        assert api.get("/tags/mood").json()["n"] == 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_flow_between_two_dates_is_drawn_and_leads_to_its_customers(open_page, shop, language):
    page = open_page(language)
    today = datetime.now(UTC).date()
    asked = f"model=standard&from={today - timedelta(days=9)}&to={today}"
    page.goto(f"{shop.url}/lifecycle?{asked}")
    settled(page)
    page.locator(".chart svg").wait_for()
    new, buyer = ("New", "Buyer") if language == "en" else ("新客户", "购买")
    row = page.get_by_role("row").filter(has_text=new).filter(has_text=buyer)
    check_access(page, f"lifecycle-{language}")
    row.get_by_role("button").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("link", name="Person").first.wait_for()
    check_access(page, f"lifecycle-people-{language}")


def test_a_preset_is_published_and_a_day_before_everybody_is_empty(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/lifecycle?model=aipl&from=2001-01-01&to=2001-02-01")
    page.get_by_text("Nobody was known by then").wait_for()
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("In force", exact=True).wait_for()
    settled(page)
    check_access(page, "lifecycle-empty")
    with shop.api() as api:
        (aipl,) = [m for m in api.get("/lifecycles").json()["items"] if m["id"] == "aipl"]
    assert {s["id"]: s["n"] for s in aipl["stages"]}["loyalty"] == 16
