"""A file goes in through the wizard: seen, mapped, tried, imported, and listed with what became of it."""

from __future__ import annotations

import httpx
import pytest
from browser_kit import OWNER, check_access, file_asked_for, settled
from playwright.sync_api import expect
from shop import wait_until

TILLS = """票据,联系方式2,结账时间,实收,备注
T1,13800138000,2026-01-02 10:00,12.50,
T2,139 1234 5678,2026-01-02 11:30,8.99,常客
T3,13700137000,昨天,5.00,
T3b,,2026-01-02 12:00,7.10,
"""
WORDS = {
    "en": ("Check the file", "Import", "Field of {}", "Imported.", "Save the mapping", "Saved as tills",
           "Still needed", "Orders"),
    "zh": ("检查文件", "导入", "{} 的字段", "导入完成。", "保存映射", "已保存为 tills", "还需要", "订单"),
}  # fmt: skip


WRONG = {"en": "Letters, digits, dots, dashes", "zh": "最多 64 个字符"}
REASON = {"en": "The time cannot be read", "zh": "时间无法识别"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_file_is_seen_mapped_tried_and_imported(open_page, shop, tmp_path, language):
    check, go, field_of, done, save, saved, needed, orders = WORDS[language]
    path = tmp_path / "tills.csv"
    path.write_bytes(TILLS.replace("T1", f"T1{language}").encode("gbk"))
    page = open_page(language)
    page.goto(f"{shop.url}/imports")
    settled(page)
    check_access(page, f"import file {language}")
    page.locator("#import-source").fill("the till")
    page.get_by_text(WRONG[language]).wait_for()
    page.locator("#import-source").fill("till")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name=check).wait_for()
    page.locator("#import-kind").click()
    page.locator(".ant-select-item-option:visible").filter(has_text=orders).first.click()
    page.get_by_text(needed).wait_for()  # nothing is called like an order's id
    assert page.get_by_role("button", name=check).is_disabled()
    choose(page, field_of.format("票据"), "order_id")
    phone = page.get_by_role("combobox", name=field_of.format("联系方式2"))
    expect(phone.locator("xpath=ancestor::*[contains(@class,'import-field')]")).to_contain_text("phone")
    page.get_by_role("button", name=save).click()
    page.get_by_text(saved).wait_for()
    settled(page)
    check_access(page, f"import columns {language}")
    page.get_by_role("button", name=check).click()
    page.get_by_role("cell", name=REASON[language]).first.wait_for()
    settled(page)
    check_access(page, f"import check {language}")
    page.get_by_role("button", name=go, exact=True).click()
    page.get_by_text(done).wait_for()
    settled(page)
    check_access(page, f"import done {language}")
    row = page.get_by_role("row").filter(has_text="tills.csv").first
    assert row.locator("td.num").all_inner_texts()[:1] == ["4"]
    assert page.locator("a[download]").first.get_attribute("href").startswith("/api/imports/imp_")
    with shop.api() as api:
        assert api.get("/imports").json()["items"][0]["source"] == "till"


def test_the_saved_mapping_is_offered_when_the_columns_come_again(open_page, shop, tmp_path):
    path = tmp_path / "tills-of-may.csv"
    path.write_text(TILLS)
    page = open_page("en")
    page.goto(f"{shop.url}/imports")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_label("Saved mapping").click()
    page.locator(".ant-select-item-option").filter(has_text="tills").first.click()
    assert page.get_by_role("button", name="Check the file").is_enabled()


def test_the_keyboard_alone_brings_a_file_in(open_page, shop, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("customer_id,name,email\nimp-1,Imported One,imported.one@example.com\n")
    page = open_page("en")
    page.goto(f"{shop.url}/imports")
    settled(page)
    drop = page.locator(".ant-upload[role=button], .ant-upload-drag [role=button]").first
    file_asked_for(page, lambda: drop.press("Enter")).set_files(path)
    for name in ("Check the file", "Import"):
        page.get_by_role("button", name=name, exact=True).wait_for()
        page.get_by_role("button", name=name, exact=True).focus()
        page.keyboard.press("Enter")
    page.get_by_text("Imported.").wait_for()
    with httpx.Client(base_url=f"{shop.url}/api", headers={"x-homing": "1"}) as api:
        api.post("/session", json={"email": OWNER[0], "password": OWNER[1]})
        wait_until(
            lambda: api.get("/customers", params={"q": "Imported One"}).json()["total"] == 1, "the import is known"
        )


def choose(page, label, field):
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("combobox", name=label).fill(field)
    page.locator(".ant-select-item-option:visible").filter(has_text=field).first.click()
