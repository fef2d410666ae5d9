"""The live debugger in a browser: taken and refused in one stream, one customer followed, curl that works."""

import os
import subprocess

import httpx
import pytest
from browser_kit import check_access, settled
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def key(shop):
    with shop.api() as api:
        return api.post("/keys", json={"kind": "write", "name": "Debugging"}).json()["key"]


def send(shop, key, *items):
    answer = httpx.post(f"{shop.url}/v1/batch", json={"batch": list(items)}, auth=(key, ""), timeout=30)
    assert answer.status_code == 200
    return answer.json()["results"]


def run(command: str, key: str) -> dict:
    """The command as a person's shell runs it."""
    env = {**os.environ, "HOMING_WRITE_KEY": key, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    quiet = command.replace("curl ", "curl -sS ", 1)
    done = subprocess.run(["sh", "-c", quiet], env=env, capture_output=True, text=True, timeout=30, check=True)
    return httpx.Response(200, text=done.stdout).json()


def copied(page, shop) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=shop.url)
    page.get_by_role("dialog").get_by_role("button", name="Copy").last.click()
    return page.evaluate("navigator.clipboard.readText()")


def test_what_was_refused_says_why_in_words_and_its_curl_is_refused_for_the_same_reason(open_page, shop, key):
    page = open_page()
    page.goto(f"{shop.url}/events?verdict=rejected")
    page.get_by_text("live", exact=True).wait_for()
    body = {"type": "track", "event": "It's broken", "userId": "u-1", "timestamp": "soon", "writeKey": key}
    (result,) = send(shop, key, body)
    assert result["reason"]["code"] == "bad_time"
    page.get_by_role("button").filter(has_text="It's broken").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("The time cannot be read").wait_for()
    assert dialog.get_by_text("timestamp", exact=True).is_visible()
    command = copied(page, shop)
    assert key not in command
    assert run(command, key)["results"][0]["reason"]["code"] == "bad_time"
    check_access(page, "debugger-rejected")


def test_what_is_no_text_has_no_command_for_it_would_come_in_as_something_else(open_page, shop, key):
    page = open_page("zh")
    page.goto(f"{shop.url}/events?verdict=rejected")
    page.get_by_text("实时", exact=True).wait_for()
    odd = b'{"type": "identify", "userId": "u-1", "traits": {"city": "\xff"}}'
    answer = httpx.post(f"{shop.url}/v1/identify", content=odd, auth=(key, ""), timeout=30)
    assert answer.json()["results"][0]["reason"]["code"] == "encoding"
    page.get_by_role("button").filter(has_text="画像更新").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("无法原样重发").wait_for()
    expect(dialog.get_by_text("画像更新", exact=True)).to_be_visible()
    expect(dialog.locator("[data-raw=curl]")).to_have_count(0)


def test_the_curl_of_what_was_taken_changes_nothing_here_and_makes_it_again_elsewhere(open_page, shop, key):
    page = open_page()
    page.goto(f"{shop.url}/events")
    page.get_by_text("live", exact=True).wait_for()
    properties = {"note": 'it\'s "quoted" $HOME `x` \\ 行', "n": 9007199254740993}
    send(shop, key, {"type": "track", "event": "Quoted", "userId": "u-1", "messageId": "q-1", "properties": properties})
    page.get_by_role("button").filter(has_text="Quoted").click()
    page.get_by_role("dialog").get_by_text("As curl").wait_for()
    command = copied(page, shop)
    assert run(command, key)["results"][0]["status"] == "duplicate"
    assert run(command.replace('"q-1"', '"q-2"'), key)["results"][0]["status"] == "accepted"
    with shop.api() as api:
        again = next(e for e in api.get("/events").json()["items"] if e["event_id"] == "q-2")
    assert again["properties"] == properties
    check_access(page, "debugger-accepted")


def test_one_customer_is_followed(open_page, shop, key):
    page = open_page("zh")
    page.goto(f"{shop.url}/events")
    page.get_by_text("实时", exact=True).wait_for()
    send(shop, key, {"type": "track", "event": "Hers", "userId": "u-2"})
    page.get_by_role("button").filter(has_text="Hers").click()
    with page.expect_response(lambda answer: "/events/live?" in answer.url and "id=" in answer.url):
        page.get_by_role("button", name="跟踪该客户").click()
    page.wait_for_url("**/events?id=*")
    page.get_by_text("实时", exact=True).wait_for()
    send(shop, key, {"type": "track", "event": "Someone else's", "userId": "u-3"})
    send(shop, key, {"type": "track", "event": "Hers too", "userId": "u-2"})
    page.get_by_role("button").filter(has_text="Hers too").wait_for()
    assert page.get_by_role("button").filter(has_text="Someone else's").count() == 0
    settled(page)
    check_access(page, "debugger-follow-zh")
