"""A caller reads one language: what Accept-Language asks for, in refusals and in what was kept of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest
from api_world import JOURNEY, World, world
from sqlalchemy import insert

from homing.storage.schema import rejected

CHINESE = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}
IDEOGRAPH = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with world(tmp_path_factory.mktemp("languages")) as made:
        yield made


def refusal(answer: httpx.Response) -> str:
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["error"]["message"])


def test_every_kind_of_refusal_is_worded_in_the_language_asked_for(home: World):
    with home.client("editor") as editor, home.client() as nobody:
        asked = [
            (editor, "GET", "/segments/vip", {}, "没有人群“vip”"),
            (editor, "GET", "/nowhere", {}, "该地址没有内容"),
            (editor, "GET", "/users", {}, "当前角色是编辑者，需要所有者"),
            (editor, "GET", "/customers", {"params": {"limit": "many"}}, "limit：应为整数，无法识别"),
            (editor, "GET", "/customers", {"params": {"cursor": "x"}}, "游标无法识别，应为前一页的 `next`"),
            (editor, "DELETE", "/overview", {}, "此处不支持该操作"),
            (editor, "POST", "/apply", {"json": {"documents": [{"kind": "x", "id": "y"}]}}, None),
            (nobody, "GET", "/overview", {}, "尚未登录，需要会话或管理密钥"),
            (nobody, "POST", "/session", {"json": {"email": "a@b.example", "password": "wrong password"}}, None),
            (editor, "POST", "/query", {"content": b"x" * (1 << 20 | 1)}, "请求体有 1048577 字节，最多 1048576"),
        ]
        for client, method, path, more, wanted in asked:
            english = refusal(client.request(method, path, **more))
            chinese = refusal(client.request(method, path, headers=CHINESE, **more))
            assert not IDEOGRAPH.search(english), english
            assert IDEOGRAPH.search(chinese), chinese
            assert wanted is None or chinese == wanted
            codes = [client.request(method, path, headers=h, **more).json()["error"]["code"] for h in ({}, CHINESE)]
            assert codes[0] == codes[1]


def test_why_a_row_was_refused_and_a_run_failed_is_kept_once_and_read_in_either(home: World):
    rows = "No,Who,When,Sum\n1,dora,2017-12-01T10:00:00Z,9\n2,dora,yesterday-ish,3\n"
    form = {"kind": "orders", "map": json.dumps(
        {"order_id": "No", "customer_id": "Who", "time": "When", "revenue": "Sum"})}  # fmt: skip
    with home.client("editor") as editor:
        done = editor.post("/imports", data=form, files={"file": ("o.csv", rows)}).json()

        def why(**more) -> str:
            (row,) = editor.get("/rejected", params={"import_id": done["import_id"]}, **more).json()["items"]
            return str(row["reason"]["message"])

        assert why() == "time is “yesterday-ish”, wanted a time such as 2026-01-31 or 2026-01-31T09:30:00 (column When)"
        chinese = "时间为 “yesterday-ish”，应为时间，形如 2026-01-31 或 2026-01-31T09:30:00（列 When）"
        assert why(headers=CHINESE) == chinese
        sent = {"data": form, "files": {"file": ("o.xlsx", b"PK no workbook")}}
        assert "cannot be read as a workbook" in refusal(editor.post("/imports", **sent))
        assert "无法作为工作簿读取" in refusal(editor.post("/imports", headers=CHINESE, **sent))


def test_what_cannot_be_published_says_why_in_chinese(home: World):
    journey = JOURNEY | {"id": "lost", "nodes": [JOURNEY["nodes"][0] | {"next": "nowhere"}]}
    with home.client("editor") as editor:
        editor.put("/journeys/lost", json=journey)
        english, chinese = (refusal(editor.post("/journeys/lost/publish", headers=h)) for h in ({}, CHINESE))
    assert english.startswith("journey 'lost' at mail: ")
    assert not IDEOGRAPH.search(english)
    assert chinese.startswith("journey 'lost' at mail：")
    assert IDEOGRAPH.search(chinese)


def test_a_page_that_watches_says_its_language_in_the_address(home: World, tmp_path: Path):
    state = home.runtime.workspace.state
    with home.client("editor") as editor, editor.stream("GET", "/events/live", params={"language": "zh"}) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("retry")
        with state.write() as conn:
            conn.execute(insert(rejected), [{
                "rejected_id": "r2", "at_us": 10**16, "source_id": "shop", "place": "item 0", "status": "open",
                "code": "missing_event", "message": "track without an event, wanted its name", "body": "{}",
                "shape": "call",
            }])  # fmt: skip
        found = next(line for line in lines if line.startswith("data:") and "missing_event" in line)
    assert json.loads(found.removeprefix("data:"))["reason"]["message"] == "track 没有事件名，应填写"
