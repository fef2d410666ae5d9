"""Refused calls are mended together and go in; a plan is drawn from what arrives; a source shows its score."""

import json

import httpx
import pytest
from browser_kit import LANGUAGES, check_access, settled
from playwright.sync_api import expect
from shop import wait_until

pytestmark = pytest.mark.e2e

PLAN = {
    "kind": "plan", "id": "till", "name": {"en": "Till", "zh": "收银"}, "mode": "block",
    "events": [{"event": "Till Opened", "properties": {
        "amount": {"type": "number", "required": True}, "till": {"type": "string", "values": ["a", "b"]}}}],
}  # fmt: skip


@pytest.fixture(scope="module")
def till(shop):
    """A write key whose source is under a plan that blocks, and twelve calls of it that were refused."""
    with shop.api() as api:
        made = api.post("/keys", json={"kind": "write", "name": "Till"}).json()
        key, source = made["key"], made["key_id"]
        assert api.post("/apply", json={"documents": [PLAN | {"sources": [source]}]}).status_code == 200
    calls = [
        {"type": "track", "event": "Till Opened", "userId": "ann", "messageId": f"till-{n}",
         "properties": {"amount": "12,50", "till": "a"}}
        for n in range(12)
    ]  # fmt: skip
    said = httpx.post(f"{shop.url}/v1/batch", json={"batch": calls}, auth=(key, "")).json()
    assert {r["status"] for r in said["results"]} == {"rejected"}
    good = {"event": "Till Opened", "userId": "ann", "properties": {"amount": 3, "till": "b"}}
    assert httpx.post(f"{shop.url}/v1/track", json=good, auth=(key, "")).json()["results"][0]["status"] == "accepted"
    return source


def test_refused_calls_are_mended_together_and_go_in_once(open_page, shop, till):
    page = open_page()
    page.goto(f"{shop.url}/rejected?source={till}")
    settled(page)
    page.get_by_label("All 12 that match").check()
    page.get_by_text("12 rows chosen").wait_for()
    check_access(page, "rejected rows chosen")
    page.get_by_role("button", name="Change a field").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Field", exact=True).fill("properties.amount")
    dialog.get_by_label("New value").fill("12.5")
    dialog.get_by_label("New value").press("Enter")
    dialog.get_by_text("12 of 12 rows would change").wait_for()
    expect(dialog.get_by_role("columnheader", name="Before")).to_have_count(1)
    expect(dialog.locator("del").first).to_have_text('"12,50"')
    expect(dialog.locator("ins").first).to_have_text("12.5")
    check_access(page, "rejected rows previewed")
    dialog.get_by_role("button", name="Apply").click()
    page.get_by_text("12 rows changed").wait_for()
    page.get_by_role("button", name="Send again").click()
    page.get_by_text("12 taken, 0 known already, 0 refused again").wait_for()
    page.get_by_text("Nothing here").wait_for()
    with shop.api() as api:
        events = api.get("/events", params={"limit": 200}).json()["items"]
        replayed = api.get("/rejected", params={"source": till, "status": "replayed"}).json()["items"]
    assert len([e for e in events if e["event_id"].startswith("till-")]) == 12
    assert len(replayed) == 12


def test_one_row_is_edited_dropped_and_taken_back(open_page, shop, till):
    with shop.api() as api:
        key = api.post("/keys", json={"kind": "write", "name": "Odd"}).json()
    odd = {"type": "track", "userId": "ann", "messageId": "odd-1"}
    httpx.post(f"{shop.url}/v1/batch", json={"batch": [odd]}, auth=(key["key"], ""))
    page = open_page()
    page.goto(f"{shop.url}/rejected?source={key['key_id']}")
    settled(page)
    page.get_by_role("button", name="Expand row").click()
    page.get_by_role("button", name="Edit").click()
    text = page.get_by_label("Text of the row")
    text.fill(json.dumps(json.loads(text.input_value()) | {"event": "Odd One"}))
    page.get_by_role("dialog").locator("ins").get_by_text('"Odd One"').wait_for()
    check_access(page, "rejected row edited")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("dialog").wait_for(state="hidden")
    page.get_by_role("checkbox", name="item 0 missing_event").check()
    page.get_by_role("button", name="Drop").click()
    page.get_by_role("dialog").get_by_role("button", name="Drop").click()
    page.get_by_text("1 row dropped").wait_for()
    page.locator(".ant-segmented-item").filter(has_text="Dropped 1").click()
    page.get_by_role("checkbox", name="item 0 missing_event").check()
    check_access(page, "rejected row dropped")
    page.get_by_role("button", name="Open again").click()
    page.get_by_text("1 row opened again").wait_for()
    page.locator(".ant-segmented-item").filter(has_text="Open").first.click()
    page.get_by_role("checkbox", name="item 0 missing_event").check()
    page.get_by_role("button", name="Drop").click()
    page.get_by_role("dialog").get_by_role("button", name="Drop").click()
    page.get_by_role("button", name="Undo").last.click()
    page.get_by_role("checkbox", name="item 0 missing_event").check()
    page.get_by_role("button", name="Send again").click()
    page.get_by_text("1 taken").wait_for()


def test_after_dropping_rows_the_keyboard_goes_on_with_the_next(open_page, shop):
    with shop.api() as api:
        key = api.post("/keys", json={"kind": "write", "name": "Many"}).json()
    odd = [{"type": "track", "userId": "ann", "messageId": f"many-{n}"} for n in range(4)]
    httpx.post(f"{shop.url}/v1/batch", json={"batch": odd}, auth=(key["key"], ""))
    page = open_page("zh")
    page.goto(f"{shop.url}/rejected?source={key['key_id']}")
    settled(page)
    boxes = page.locator("tbody input[type=checkbox]")
    expect(boxes).to_have_count(4)

    def drop():
        page.get_by_role("button", name="搁置", exact=True).press("Enter")
        page.get_by_role("dialog").get_by_role("button", name="搁置").press("Enter")

    boxes.nth(1).check()
    drop()
    expect(boxes).to_have_count(3)
    expect(boxes.nth(1)).to_be_focused()  # the row that took its place
    expect(page.get_by_role("alert").filter(has_text="已搁置 1 条")).to_have_count(1)  # which is read out
    page.keyboard.press("Space")
    expect(boxes.nth(1)).to_be_checked()
    boxes.nth(2).check()
    drop()
    expect(boxes).to_have_count(1)
    expect(boxes.first).to_be_focused()
    page.get_by_label("符合条件的全部 1 条").check()
    drop()
    page.get_by_text("这里没有数据").wait_for()
    expect(page.get_by_role("region", name="被拒数据")).to_be_focused()
    check_access(page, "rejected rows all dropped")


def test_a_plan_is_begun_blank_paused_and_taken_back(open_page, shop):
    page = open_page("zh")
    page.goto(f"{shop.url}/plans")
    settled(page)
    page.get_by_role("button", name="新建方案").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="编号").fill("blank")
    dialog.get_by_role("textbox", name="编号").press("Enter")
    dialog.get_by_text("请填写名称").wait_for()
    dialog.get_by_role("textbox", name="中文名称").fill("门店")
    check_access(page, "plan begun blank")
    dialog.get_by_role("button", name="开始填写").click()
    page.get_by_role("heading", level=1, name="门店").wait_for()
    page.get_by_label("新事件").fill("Store Visited")
    page.get_by_role("button", name="添加事件").click()
    page.get_by_text("Store Visited").first.click()
    page.get_by_label("新属性").fill("store_id")
    page.get_by_role("button", name="添加属性").click()
    page.get_by_label("store_id: 必填").check()
    page.locator(".ant-segmented-item").filter(has_text="拦截").click()
    page.get_by_role("button", name="保存并生效").click()
    page.get_by_text("方案已生效").wait_for()
    with shop.api() as api:
        kept = {d["id"]: d["document"] for d in api.get("/definitions/plan").json()["items"]}["blank"]
    assert (kept["mode"], kept["events"][0]["event"]) == ("block", "Store Visited")
    assert kept["events"][0]["properties"] == {"store_id": {"type": "string", "required": True}}

    page.get_by_role("button", name="停用").click()
    page.get_by_role("dialog").get_by_role("button", name="停用").click()
    page.get_by_text("方案已停用").wait_for()
    page.get_by_role("button", name="恢复").wait_for()
    check_access(page, "plan paused")
    page.get_by_role("button", name="恢复").click()
    page.get_by_text("方案已恢复生效").wait_for()
    page.get_by_role("button", name="撤下").click()
    page.get_by_role("dialog").get_by_text("撤下方案“门店”？").last.wait_for()
    page.get_by_role("dialog").get_by_role("button", name="撤下").click()
    page.wait_for_url(f"{shop.url}/plans")
    expect(page.get_by_role("link", name="门店")).to_have_count(0)
    with shop.api() as api:
        assert "blank" not in {d["id"] for d in api.get("/definitions/plan").json()["items"]}


def test_a_refusal_is_chinese_to_the_last_word(open_page, shop):
    page = open_page("zh")
    page.goto(f"{shop.url}/plans")
    settled(page)
    page.get_by_role("button", name="新建方案").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="编号").fill("refused")
    dialog.get_by_role("textbox", name="中文名称").fill("拒")
    dialog.get_by_role("button", name="开始填写").click()
    page.locator(".ant-segmented-item").filter(has_text="YAML").click()
    text = page.get_by_role("textbox", name="YAML")
    text.fill("kind: plan\nid: refused\nname: 拒\nmode: loudly\nevents: []\n")
    page.get_by_role("button", name="保存并生效").click()
    page.get_by_role("alert").filter(has_text="埋点方案“refused”，mode：应为 “observe”、“warn” 或 “block”").wait_for()
    text.fill("kind: plan\nid: [\n")
    page.get_by_role("alert").filter(has_text="行：").first.wait_for()
    check_access(page, "plan refused in chinese")


def test_a_plan_is_drawn_from_what_arrives_changed_and_kept(open_page, shop, till):
    with shop.api() as api:
        wait_until(
            lambda: api.get("/plans/propose", params={"source": till}).json()["document"]["events"], "the events are in"
        )
    page = open_page()
    page.goto(f"{shop.url}/plans")
    settled(page)
    page.get_by_role("button", name="Propose from what arrives").click()
    page.get_by_role("dialog").get_by_label("Source").click()
    page.locator(".ant-select-item-option").filter(has_text="Till").first.wait_for()  # before anything was judged
    page.get_by_role("textbox", name="Id").fill("drawn")
    page.get_by_role("textbox", name="Id").press("Enter")
    page.get_by_text("Draft, not kept yet").wait_for()
    page.get_by_text("Till Opened").first.click()
    page.get_by_label("amount: Required").wait_for()
    page.get_by_label("amount: max").fill("500")
    check_access(page, "plan being edited")
    page.get_by_role("button", name="Save and bring into force").click()
    page.get_by_text("The plan is in force").wait_for()
    with shop.api() as api:
        kept = {d["id"]: d["document"] for d in api.get("/definitions/plan").json()["items"]}["drawn"]
    (opened,) = (e for e in kept["events"] if e["event"] == "Till Opened")
    assert opened["properties"]["amount"]["max"] == 500
    page.get_by_label("Name in English").fill("Drawn and changed")
    page.get_by_role("button", name="Save and bring into force").click()
    page.get_by_role("heading", level=1, name="Drawn and changed").wait_for()
    wait_until(lambda: saved(shop, "drawn")["name"]["en"] == "Drawn and changed", "it is kept")
    page.reload()  # what is kept, not the draft it began as
    page.get_by_role("heading", level=1, name="Drawn and changed").wait_for()
    expect(page.get_by_text("Draft, not kept yet")).to_have_count(0)
    page.get_by_text("YAML").click()
    yaml = page.get_by_role("textbox", name="YAML")
    assert "Till Opened" in yaml.input_value()
    yaml.fill("")  # as one who selects everything and pastes
    page.get_by_text("This is no plan").wait_for()
    page.get_by_text("Form", exact=True).click()
    page.get_by_text("Till Opened").first.wait_for()


def saved(shop, name: str) -> dict:
    """The newest version of a plan."""
    with shop.api() as api:
        return {d["id"]: d["document"] for d in api.get("/definitions/plan").json()["items"]}[name]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_source_shows_its_score_with_its_parts(open_page, shop, till, language):
    page = open_page(language)
    page.goto(f"{shop.url}/quality?days=7")
    settled(page)
    page.get_by_role("button", name="Judge now" if language == "en" else "立即评估").click()
    page.get_by_role("cell", name="Till").first.wait_for()
    settled(page)
    page.mouse.move(0, 0)
    check_access(page, f"quality {language}")
    page.get_by_text("Table" if language == "en" else "表格", exact=True).first.click()
    page.locator(".chart-table").first.wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
def test_plans_and_violations_are_listed(open_page, shop, till, language):
    page = open_page(language)
    page.goto(f"{shop.url}/plans")
    settled(page)
    page.get_by_role("link", name="Till" if language == "en" else "收银").wait_for()
    check_access(page, f"plans {language}")
