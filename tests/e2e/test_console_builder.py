"""Every kind of condition is built by hand, read as a sentence, counted, undone, and edited as a file."""

import re

import pytest
from browser_kit import check_access, settled
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def add(page, kind: str) -> None:
    page.get_by_role("button", name="Add a condition").last.click()
    page.get_by_role("menuitem", name=kind, exact=True).click()


def test_a_sequence_in_her_own_week_is_built_step_by_step(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/segments/new")
    settled(page)
    page.get_by_label("Name in English").fill("Came back in the evening")
    add(page, "Did one thing, then another")
    page.get_by_role("listitem", name="Step 1").get_by_label("Event", exact=True).click()
    page.keyboard.type("Product viewed")
    page.keyboard.press("Enter")
    second = page.get_by_role("listitem", name="Step 2")
    second.get_by_label("Event", exact=True).click()
    page.keyboard.type("Order completed")
    page.keyboard.press("Enter")
    second.get_by_role("button", name="only if").click()
    page.get_by_role("menuitem", name="At this time of her day…").click()
    page.get_by_text("then “Order completed” (between 18:00 and 22:00 local time) within 1 day").wait_for()
    page.get_by_text("exact", exact=True).wait_for()
    check_access(page, "builder sequence")
    page.get_by_role("button", name="Add a step").click()
    page.get_by_role("listitem", name="Step 3").wait_for()
    page.keyboard.press("Control+z")
    page.get_by_role("listitem", name="Step 3").wait_for(state="detached")
    page.keyboard.press("Control+Shift+Z")
    page.get_by_role("listitem", name="Step 3").wait_for()
    page.get_by_role("button", name="Remove step 3").click()
    page.keyboard.press("Control+s")
    page.get_by_role("heading", level=1, name="Came back in the evening").wait_for()
    with shop.api() as api:
        (leaf,) = api.get("/segments/came_back_in_the_evening").json()["condition"]["of"]
    assert [step["event"] for step in leaf["steps"]] == ["Product Viewed", "Order Completed"]
    assert leaf["steps"][1]["clock"] == {"start": "18:00", "end": "22:00"}
    assert (leaf["steps"][1]["gap"], leaf["within"]) == ("1d", "30d")


def test_tags_places_circles_and_the_first_by_a_number_are_built(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/segments/new")
    settled(page)
    add(page, "Is among the first by a number")
    page.get_by_label("How many").fill("5")
    page.get_by_text(re.compile("among the 5 highest by")).wait_for()
    expect(page.locator(".count-big")).to_have_text("5")
    add(page, "Lives in a place")
    page.get_by_text("Fill in every condition").wait_for()
    page.get_by_label("Places", exact=True).fill("Oslo")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    add(page, "Is near a point")
    add(page, "Has a tag")
    page.get_by_role("combobox", name="the tag").fill("vip")
    page.get_by_text("has the tag “vip”").wait_for()
    page.get_by_text("lives in the city “Oslo”").wait_for()
    page.get_by_text("within 10 km of (31.2304, 121.474)").wait_for()
    check_access(page, "builder standing")


def test_the_last_value_an_event_carried_is_compared(open_page, shop):
    page = open_page()
    page.goto(f"{shop.url}/segments/new")
    settled(page)
    add(page, "What the customer did")
    page.get_by_label("Event", exact=True).click()
    page.keyboard.type("Order completed")
    page.keyboard.press("Enter")
    page.get_by_label("Measure", exact=True).click()
    page.get_by_title("last value of").click()
    page.get_by_label("Property", exact=True).click()
    page.keyboard.type("order_id")
    page.keyboard.press("Enter")
    page.get_by_label("Value", exact=True).fill("no such order")
    page.get_by_text("“order_id” of the last “Order completed”").wait_for()
    expect(page.locator(".count-big")).to_have_text("0")
    page.get_by_label("Comparison", exact=True).click()
    page.get_by_title("is known", exact=True).click()
    expect(page.locator(".count-big")).not_to_have_text("0")
    page.get_by_label("Measure", exact=True).click()
    page.get_by_title("sum of", exact=True).click()
    page.get_by_text("revenue", exact=False).first.wait_for()
    check_access(page, "builder last value")


def test_what_is_half_written_is_marked_and_not_sent(open_page, shop):
    page = open_page("zh")
    page.goto(f"{shop.url}/segments/new")
    settled(page)
    page.get_by_label("英文名称").fill("Half written")
    page.get_by_role("button", name="添加条件").click()
    page.get_by_role("menuitem", name="所在地区", exact=True).click()
    page.get_by_text("尚未填写", exact=True).wait_for()
    check_access(page, "builder half written")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    page.keyboard.press("Control+s")
    page.get_by_text("有条件尚未填写，已标出。").wait_for()
    assert sent == []
    assert page.evaluate("document.activeElement.closest('.cond-lacking') !== null")


def test_a_segment_without_members_says_in_the_readers_language_why_it_cannot_be_compared(open_page, shop):
    nobody = {"type": "trait", "name": "city", "op": "eq", "value": "Nowhere"}
    with shop.api() as api:
        api.put("/segments/nobody", json={
            "kind": "segment", "id": "nobody", "name": {"en": "Nobody", "zh": "没有人"}, "condition": nobody,
        }).raise_for_status()  # fmt: skip
    page = open_page("zh")
    page.goto(f"{shop.url}/segments/nobody")
    page.get_by_text("至少需要两位成员和两位非成员才能对比。").wait_for()


def test_the_file_and_the_tree_follow_each_other_and_errors_stand_at_their_line(open_page, shop):
    page = open_page("zh")
    page.goto(f"{shop.url}/segments/new")
    settled(page)
    page.get_by_text("YAML", exact=True).click()
    text = page.get_by_role("textbox", name="YAML")
    text.fill(
        "kind: segment\ncondition:\n  type: all\n  of:\n"
        "    - type: did\n      event: Order Completed\n      during: this_yaer\n"
    )
    page.get_by_text("第 7 行").wait_for()
    page.get_by_text("应为 today、yesterday").first.wait_for()
    check_access(page, "builder yaml wrong")
    text.fill(text.input_value().replace("this_yaer", "this_month"))
    page.get_by_text("本月发生过「完成订单」").wait_for()
    text.fill(text.input_value() + "  of: [\n")
    page.get_by_text("第 8 行").wait_for()
    page.get_by_role("button", name="撤销").click()  # the text goes back to what the tree says
    steps = "".join(f"    - event: {name}\n" for name in ("Product Viewed", "Order Completed"))
    text.fill(f"condition:\n  type: sequence\n  within: 7d\n  steps:\n{steps}")
    page.get_by_text("最近 7 天内先「浏览商品」，再「完成订单」").wait_for()
    page.get_by_text("可视化", exact=True).click()
    page.get_by_role("listitem", name="第 2 步").wait_for()
    check_access(page, "builder from yaml")
