"""Users, the audit log and one's own password, in a browser."""

import pytest
from browser_kit import OWNER, check_access, settled
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e
NEXT = "another horse battery"


def test_an_owner_adds_a_user_who_sees_no_owner_s_page_and_may_change_her_password(open_page, shop, browser):
    page = open_page()
    page.goto(f"{shop.url}/users")
    settled(page)
    page.get_by_role("button", name="Add a user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Vera")
    dialog.get_by_label("E-mail").fill("vera@shop.example")
    dialog.get_by_label("First password").fill(OWNER[1])
    dialog.get_by_role("button", name="Add a user").click()
    page.get_by_role("cell", name="vera@shop.example").wait_for()
    check_access(page, "users-en")
    expect(page.get_by_label("Role of Owner")).to_be_disabled()
    page.get_by_text("The last owner; make another owner first").wait_for()

    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    hers = context.new_page()
    hers.goto(f"{shop.url}/sign-in")
    for password in (OWNER[1], NEXT):
        hers.get_by_label("E-mail").fill("vera@shop.example")
        hers.get_by_label("Password").fill(password)
        hers.get_by_role("button", name="Sign in").click()
        hers.get_by_role("heading", level=1, name="Overview").wait_for()
        assert hers.get_by_role("link", name="Users").count() == 0
        if password == NEXT:
            break
        hers.get_by_role("button", name="Account of Vera").click()
        hers.get_by_text("Change password").click()
        hers.get_by_label("Password now").fill(OWNER[1])
        hers.get_by_label("New password").fill(NEXT)
        hers.get_by_label("New password").press("Enter")
        hers.get_by_text("The password was changed").wait_for()
        context.clear_cookies()
        hers.goto(f"{shop.url}/sign-in")

    row = page.get_by_role("row").filter(has_text="vera@shop.example")
    row.get_by_role("button", name="New password").click()
    page.get_by_role("tooltip").get_by_role("button", name="New password").click()
    shown = page.get_by_role("dialog").filter(has_text="New password of Vera")
    shown.wait_for()
    check_access(page, "users-new-password")
    given = shown.locator(".mono").inner_text().strip()
    hers.goto(f"{shop.url}/sign-in")  # her sessions have ended
    hers.get_by_label("E-mail").fill("vera@shop.example")
    hers.get_by_label("Password").fill(given)
    hers.get_by_role("button", name="Sign in").click()
    hers.get_by_role("heading", level=1, name="Overview").wait_for()
    context.close()


@pytest.mark.parametrize(("language", "title"), [("en", "Audit log"), ("zh", "审计日志")])
def test_the_audit_log_says_who_changed_what(open_page, shop, language, title):
    page = open_page(language)
    page.goto(f"{shop.url}/audit")
    page.get_by_role("heading", level=1, name=title).wait_for()
    settled(page)
    assert page.get_by_text("key.create").first.is_visible()
    words = {"en": ("Made a key", "Saved: segment"), "zh": ("创建密钥", "保存人群")}[language]
    for said in words:
        assert page.get_by_text(said, exact=True).first.is_visible()
    check_access(page, f"audit-{language}")


def test_the_audit_log_is_narrowed_by_keyboard_and_the_choice_is_in_the_address(open_page, shop):
    page = open_page("zh")
    with shop.api() as api:
        key = api.post("/keys", json={"kind": "write", "name": "narrow"}).json()["key_id"]
        api.delete(f"/keys/{key}")
    page.goto(f"{shop.url}/audit")
    page.get_by_role("heading", level=1, name="审计日志").wait_for()
    settled(page)
    page.get_by_role("combobox", name="变更").focus()
    page.keyboard.type("密钥的全部")
    page.keyboard.press("Enter")
    page.wait_for_url("**/audit?*action=key*")
    thing = page.get_by_role("textbox", name="对象")
    while not thing.evaluate("field => field === document.activeElement"):
        page.keyboard.press("Tab")  # past what clears the choice
    page.keyboard.type(key)
    page.wait_for_url(f"**target={key}*")
    rows = page.locator("tbody tr.ant-table-row")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("吊销密钥")
    check_access(page, "audit-narrowed")
    page.reload()
    expect(rows).to_have_count(2)
    page.get_by_label("至", exact=True).fill("2001-01-01")
    page.get_by_text("没有符合条件的变更").wait_for()
    page.get_by_role("button", name="清除").click()
    page.wait_for_url(f"{shop.url}/audit")
    expect(rows.nth(2)).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_audit_log_fits_a_telephone(open_page, shop, language):
    page = open_page(language)
    page.goto(f"{shop.url}/audit")
    settled(page)
    page.set_viewport_size({"width": 390, "height": 844})
    check_access(page, f"audit-{language}-narrow")
