"""A lifecycle is made in a form, stage by stage, with the conditions of segments; the file says the same."""

from __future__ import annotations

import pytest
from browser_kit import LANGUAGES, check_access, settled
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

WORDS = {
    "en": {"more": "More", "new": "New lifecycle", "name": "Name in English", "other": "Name in Chinese",
           "add": "Add a condition", "stage": "Add a stage", "publish": "Publish",
           "force": "In force", "edit": "Edit", "up": "Move up"},
    "zh": {"more": "更多", "new": "新建生命周期", "name": "英文名称", "other": "中文名称", "add": "添加条件",
           "stage": "添加阶段", "publish": "发布", "force": "已生效", "edit": "编辑", "up": "上移"},
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lifecycle_is_made_in_a_form_and_changed_there(open_page, shop, language):
    say = WORDS[language]
    model = f"tea_{language}"
    page = open_page(language)
    page.goto(f"{shop.url}/lifecycle")
    settled(page)
    page.get_by_role("button", name=say["more"], exact=True).click()
    page.get_by_role("menuitem", name=say["new"]).click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label(say["name"]).first.fill(f"Tea {language}")
    drawer.locator("#stage-1-en").fill("Buying")
    drawer.locator("#stage-1-zh").fill("购买")
    publish = drawer.get_by_role("button", name=say["publish"], exact=True)
    assert publish.is_disabled()  # the stage has no condition yet
    drawer.get_by_role("button", name=say["add"]).click()
    page.locator(".ant-dropdown:visible .ant-dropdown-menu-item").first.click()
    drawer.get_by_text("YAML", exact=True).click()
    text = drawer.get_by_role("textbox", name="YAML").input_value()
    assert f"id: {model}" in text
    assert "- buying\n  - others" in text  # whoever takes the rest is judged last
    drawer.locator(".ant-segmented-item").first.click()
    check_access(page, f"lifecycle-form-{language}")
    publish.click()
    drawer.wait_for(state="detached")
    page.get_by_text(say["force"], exact=True).wait_for()
    page.wait_for_url(f"**model={model}*")
    settled(page)
    with shop.api() as api:
        (made,) = [one for one in api.get("/lifecycles").json()["items"] if one["id"] == model]
    assert made["status"] == "live"
    assert {one["id"]: one["n"] for one in made["stages"]}["buying"] == 24
    page.get_by_role("button", name=say["edit"], exact=True).click()
    drawer.get_by_role("button", name=say["stage"]).click()
    drawer.locator("#stage-2-en").fill("Looking")
    fields = drawer.locator(".stage-form").nth(2)
    fields.get_by_role("button", name=say["add"]).click()
    page.locator(".ant-dropdown:visible .ant-dropdown-menu-item").first.click()
    judged = drawer.locator(".judged > li")
    expect(judged.first).to_contain_text("Looking")
    judged.nth(1).get_by_role("button", name=say["up"]).press("Enter")
    expect(judged.nth(1)).to_contain_text("Looking")
    check_access(page, f"lifecycle-form-changed-{language}")
    publish.click()
    drawer.wait_for(state="detached")
    with shop.api() as api:
        (made,) = [one for one in api.get("/lifecycles").json()["items"] if one["id"] == model]
    assert made["document"]["order"] == ["buying", "looking", "others"]
    assert made["document"]["stages"][2]["name"] == {"en": "Looking", "zh": "Looking"}


def test_dates_the_wrong_way_round_are_no_error_but_a_hint(open_page, shop):
    page = open_page("zh")
    page.goto(f"{shop.url}/lifecycle?from=2026-02-15&to=2026-01-28")
    page.get_by_text("起始日期晚于截止日期").wait_for()
    settled(page)
    assert page.get_by_role("alert").count() == 0
