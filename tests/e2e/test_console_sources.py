"""A person connects a database in the console: chooses, checks, sees its rows, says when, and watches it run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from browser_kit import LANGUAGES, check_access, settled
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e
SAMPLE = Path(__file__).parents[2] / "docs" / "samples" / "shop.db"
WORDS = {
    "en": {"title": "Sources", "add": "Add a source", "name": "Name", "check": "Check", "next": "Next", "save": "Save",
           "run": "Run now", "done": "done", "hand": "Only when told to"},
    "zh": {"title": "数据源", "add": "添加数据源", "name": "名称", "check": "检查", "next": "下一步", "save": "保存",
           "run": "立即运行", "done": "完成", "hand": "仅手动运行"},
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_database_is_connected_step_by_step(open_page, shop, tmp_path, language):
    said, path = WORDS[language], tmp_path / f"shop-{language}.db"
    shutil.copy(SAMPLE, path)
    page = open_page(language)
    page.goto(f"{shop.url}/sources")
    page.get_by_role("heading", level=1, name=said["title"]).wait_for()
    settled(page)
    page.get_by_role("button", name=said["add"]).first.click()
    page.get_by_role("radio", name="sqlite").click()
    page.locator("#source-name").fill(f"Till {language}")
    page.locator("#schema-path").fill(str(path))
    page.locator("#schema-table").fill("order_lines")
    page.locator("#schema-cursor").fill("paid_at")
    page.locator("#schema-together").fill("order_id")
    check_access(page, f"source form {language}")
    page.get_by_role("button", name=said["check"]).click()
    page.get_by_text("A-1 · A-2 · A-3").wait_for()
    if page.locator(".ant-alert-warning").count():  # the time is not guessed from its name: say which column it is
        row = page.get_by_role("row", name="paid_at")
        row.get_by_role("combobox").click()
        page.keyboard.type("time")
        page.keyboard.press("Enter")
        expect(page.locator(".ant-alert-warning")).to_have_count(0)
    page.get_by_text("Order Completed").wait_for()
    check_access(page, f"source rows {language}")
    page.get_by_role("button", name=said["next"]).click()
    page.get_by_text(said["hand"]).click()
    page.get_by_role("button", name=said["save"]).click()
    page.get_by_role("heading", level=1, name=f"Till {language}").wait_for()
    page.get_by_role("button", name=said["run"]).click()
    cells = page.get_by_role("row").filter(has_text=said["done"]).first
    expect(cells).to_contain_text("4", timeout=60_000)
    settled(page)
    check_access(page, f"source {language}")
    page.goto(f"{shop.url}/sources")
    page.get_by_role("link", name=f"Till {language}").wait_for()
    settled(page)
    check_access(page, f"sources {language}")
