"""Unmodified clients over a bad network: what a shop sends arrives once, whole, at the time it happened."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clients import InABrowser, Job, python_client
from matrix import BEHAVIOURS, BROWSER, as_markdown

from homing.core.errors import Overload
from homing.core.time import HOUR, SECOND, to_us
from real_parts import ROOT

pytestmark = pytest.mark.service
ODD = "龙井茶 🍵 “quoted” \\ back\nline\ttab \u2028 </script> é"


def track(n: int, **more: Any) -> dict[str, Any]:
    """An event of a shop."""
    return {"type": "track", "userId": "ann", "event": "Product Viewed", "messageId": f"m-{n}",
            "properties": {"product_id": f"p{n}", "price": 6.5}} | more  # fmt: skip


def run(client, shop, calls: list[dict[str, Any]], **how: Any):
    """Make the calls through the relay; the started client."""
    own = [call | ({"messageId": shop.own(call["messageId"])} if "messageId" in call else {}) for call in calls]
    return client.start(Job(shop.relay.url, shop.key, own, **how))


@pytest.mark.behaviour("calls")
def test_every_call_arrives_with_what_it_says(client, client_name, shop):
    calls: list[dict[str, Any]] = [
        {"type": "identify", "userId": "ann", "anonymousId": "c-1", "traits": {"email": "Ann@Example.com", "age": 41}},
        {"type": "track", "userId": "ann", "event": "Order Completed", "properties": {"order_id": "1", "revenue": 5.5}},
        {"type": "page", "userId": "ann", "category": "Shop", "name": "Home", "properties": {"path": "/"}},
        {"type": "screen", "userId": "ann", "category": "Shop", "name": "Start", "properties": {"tab": 2}},
        {"type": "group", "userId": "ann", "groupId": "club", "traits": {"level": "gold"}},
        {"type": "alias", "userId": "ann", "previousId": "c-0"},
    ]
    started = run(client, shop, calls)
    found = {e.kind: e for e in shop.wait(6)}
    assert started.errors() == []
    assert {"user_id": "ann", "anonymous_id": "c-1", "email": "ann@example.com"}.items() <= dict(
        found["identify"].ids
    ).items()
    assert found["identify"].traits["age"] == 41
    assert (found["track"].name, found["track"].properties["revenue"]) == ("Order Completed", 5.5)
    assert (found["page"].name, found["page"].properties["path"]) == ("Home", "/")
    assert found["page"].properties["category"] == "Shop"
    assert (found["screen"].name, found["screen"].properties["tab"]) == ("Start", 2)
    assert (found["group"].group_id, found["group"].traits["level"]) == ("club", "gold")
    assert found["alias"].previous is not None
    assert (found["alias"].previous.value, dict(found["alias"].ids)["user_id"]) == ("c-0", "ann")
    assert all(e.context["library"]["name"] for e in found.values())
    assert shop.rejected() == []


@pytest.mark.behaviour("text")
def test_text_of_every_kind_arrives_as_it_was_sent(client, shop):
    run(client, shop, [track(1, event="浏览商品", properties={"name": ODD, "nested": {"列表": [1, None, True, "é"]}})])
    (found,) = shop.wait(1)
    assert found.name == "浏览商品"
    assert found.properties["name"] == ODD
    assert found.properties["nested"] == {"列表": [1, None, True, "é"]}


@pytest.mark.behaviour("batching")
def test_many_calls_travel_in_few_requests(client, shop):
    started = run(client, shop, [track(n) for n in range(120)], batch=50)
    found = shop.wait(120)
    assert started.errors() == []
    assert {e.event_id for e in found} == {f"m-{n}" for n in range(120)}
    assert len(shop.relay.posts()) <= 10


@pytest.mark.behaviour("large")
def test_more_than_a_request_may_hold_is_sent_in_several(client, client_name, shop):
    calls = [track(n, properties={"text": "x" * 20_000}) for n in range(40)]
    started = run(client, shop, calls, batch=100 if client_name == BROWSER else None)
    shop.wait(40)
    assert started.errors() == []
    assert shop.rejected() == []
    assert len(shop.relay.posts()) >= 2


def test_rudders_client_is_told_that_it_packed_too_much_and_smaller_batches_arrive(shop):
    calls = [track(n, properties={"text": "x" * 20_000}) for n in range(40)]
    (error,) = run(python_client("rudder"), shop, calls).errors()
    assert "body_too_large" in error
    assert run(python_client("rudder"), shop, calls, batch=20).errors() == []
    shop.wait(40)


@pytest.mark.behaviour("gzip")
def test_a_packed_body_is_unpacked(client, shop):
    started = run(client, shop, [track(n) for n in range(30)], gzip=True)
    shop.wait(30)
    assert started.errors() == []
    assert {p.headers["content-encoding"] for p in shop.relay.posts()} == {"gzip"}


@pytest.mark.behaviour("server_error")
def test_a_server_that_fails_is_asked_again(client, shop):
    shop.relay.spoil = ["503", "503"]
    started = run(client, shop, [track(1)])
    shop.wait(1)
    assert started.errors() == []
    assert [p.status for p in shop.relay.posts()] == [503, 503, 200]


@pytest.mark.behaviour("dropped")
def test_a_connection_that_breaks_loses_nothing(client, shop):
    shop.relay.spoil = ["refuse", "refuse"]
    started = run(client, shop, [track(1)])
    shop.wait(1)
    assert started.errors() == []
    assert [p.status for p in shop.relay.posts()] == [0, 0, 200]


@pytest.mark.behaviour("lost_answer")
def test_an_answer_that_is_lost_leads_to_a_second_request_and_one_event(client, shop):
    shop.relay.spoil = ["lose"]
    started = run(client, shop, [track(1)])
    wait_for(lambda: [p.status for p in shop.relay.posts()] == [0, 200])
    assert started.errors() == []
    assert [e.event_id for e in shop.wait(1)] == ["m-1"]


@pytest.mark.behaviour("offline")
def test_what_happens_offline_arrives_when_the_network_is_back(client, client_name, shop):
    if isinstance(client, InABrowser):
        started = run(client, shop, [])
        started.page.context.set_offline(True)
        started.page.evaluate(
            "own => { for (let n = 0; n < 5; n++) made.track('Seen', {n}, {messageId: `${own}m-${n}`}); }", shop.own("")
        )
        time.sleep(1)
        assert shop.events() == []
        started.page.context.set_offline(False)
    else:
        shop.relay.stop()
        started = run(client, shop, [track(n) for n in range(5)])
        time.sleep(1.5)
        shop.relay.start()
    assert {e.event_id for e in shop.wait(5)} == {f"m-{n}" for n in range(5)}
    assert started.errors() == []


@pytest.mark.behaviour("rate_limit")
def test_a_busy_server_is_left_alone_for_as_long_as_it_says(client, shop):
    shop.failing = [Overload("busy", retry_after_s=3)]
    started = run(client, shop, [track(1)])
    shop.wait(1)
    assert started.errors() == []
    first, second = shop.relay.posts()
    assert (first.status, second.status) == (429, 200)
    assert second.at - first.at >= 2.9


@pytest.mark.behaviour("clock")
@pytest.mark.parametrize("off_s", [7200, -7200], ids=["fast", "slow"])
def test_a_clock_that_is_wrong_is_corrected(client, shop, off_s):
    run(client, shop, [track(1)], clock_s=off_s)
    shop.wait(1)
    (stored,) = shop.stored()
    assert abs(stored.event.happened_us - stored.received_us) < 20 * SECOND


@pytest.mark.behaviour("late")
def test_a_late_event_keeps_its_time_and_none_lies_in_the_future(client, shop):
    now = datetime.now(UTC)
    late, ahead = now - timedelta(days=3), now + timedelta(hours=5)
    run(client, shop, [track(1, timestamp=late.isoformat()), track(2, timestamp=ahead.isoformat())])
    found = {e.event_id: e.happened_us for e in shop.wait(2)}
    assert abs(found["m-1"] - to_us(late)) < 20 * SECOND
    assert to_us(now) - SECOND <= found["m-2"] < to_us(now) + HOUR


@pytest.mark.behaviour("resend")
def test_the_same_message_twice_is_one_event(client, shop):
    for _ in range(2):
        started = run(client, shop, [track(1), track(2)])
        shop.wait(2)
        assert started.errors() == []


@pytest.mark.behaviour("v1_names")
def test_the_first_names_of_e_commerce_become_the_second(client, shop):
    bought = {"orderId": "7", "total": 9.5, "products": [{"id": "p1", "price": 9.5, "quantity": 1}]}
    run(client, shop, [track(1, event="Completed Order", properties=bought), track(2, event="Viewed Product")])
    found = {e.event_id: e for e in shop.wait(2)}
    assert (found["m-1"].name, found["m-2"].name) == ("Order Completed", "Product Viewed")
    assert found["m-1"].properties["order_id"] == "7"
    assert found["m-1"].properties["products"][0]["product_id"] == "p1"


@pytest.mark.behaviour("verdicts")
def test_one_bad_item_harms_no_other(client, shop):
    started = run(client, shop, [track(1), track(2, event="x" * 300), track(3)])
    assert {e.event_id for e in shop.wait(2)} == {"m-1", "m-3"}
    assert started.errors() == []
    wait_for(lambda: bool(shop.rejected()))
    ((code, body),) = shop.rejected()
    assert code == "name_too_long"
    assert json.loads(body)["messageId"] == shop.own("m-2")


@pytest.mark.behaviour("wrong_key")
def test_a_wrong_key_is_said_and_nothing_goes_in(client, client_name, shop):
    if client_name == BROWSER:  # its settings are refused, and it says so instead of starting
        page = client.open()
        asked = page.evaluate(
            "s => AnalyticsNext.AnalyticsBrowser.load(s).then(() => 'started', String)",
            {"writeKey": "wk_wrong", "cdnURL": shop.relay.url},
        )
        assert asked != "started"
        return
    started = client.start(Job(shop.relay.url, "wk_wrong", [track(1)]))
    assert len(started.errors()) == 1
    assert {p.status for p in shop.relay.posts()} == {401}


@pytest.mark.behaviour("settings")
def test_the_browser_is_set_up_by_us_and_speaks_to_nobody_else(client, shop):
    started = run(client, shop, [track(1), {"type": "page", "userId": "ann", "name": "Home"}])
    shop.wait(2)
    assert {p.path for p in shop.relay.passed if p.method == "GET"} == {f"/v1/projects/{shop.key}/settings"}
    assert {p.path for p in shop.relay.posts()} == {"/v1/t", "/v1/p"}
    assert {p.headers["content-type"] for p in shop.relay.posts()} == {"text/plain"}
    started.page.evaluate("made.track('Broken', {}, {integrations: {Nothing: true}})")
    shop.wait(3)
    assert {url.split("/")[2] for url in client.seen} == {client.shop.split("/")[2], shop.relay.url.split("/")[2]}


@pytest.mark.behaviour("preflight")
def test_a_page_of_another_origin_asks_first_and_may(client, shop):
    started = run(client, shop, [track(1)], batch=2)
    shop.wait(1)
    assert started.errors() == []
    asked = [p for p in shop.relay.passed if p.method == "OPTIONS"]
    assert asked
    assert {p.headers["origin"] for p in asked} == {client.shop}
    assert "authorization" in asked[0].headers["access-control-request-headers"]


@pytest.mark.behaviour("reload")
def test_what_was_not_sent_survives_closing_the_page(client, shop):
    started = run(client, shop, [])
    started.page.context.set_offline(True)
    started.page.evaluate("id => { made.track('Seen', {}, {messageId: id}); }", shop.own("m-1"))
    started.page.wait_for_timeout(500)
    started.page.evaluate("() => window.dispatchEvent(new Event('pagehide'))")
    started.page.close()
    context = client.contexts[-1]
    context.set_offline(False)
    page = context.new_page()
    page.goto(f"{client.shop}/blank.html")
    page.add_script_tag(url=f"{client.shop}/umd/index.js")
    page.evaluate(
        "({key, cdn}) => AnalyticsNext.AnalyticsBrowser.load({writeKey: key, cdnURL: cdn}).then(() => 0)",
        {"key": shop.key, "cdn": shop.relay.url},
    )
    assert [e.event_id for e in shop.wait(1)] == ["m-1"]


def test_every_behaviour_has_a_test():
    marked = {mark.args[0] for one in globals().values() for mark in getattr(one, "pytestmark", [])
              if getattr(mark, "name", "") == "behaviour"}  # fmt: skip
    assert marked == set(BEHAVIOURS)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_about_clients_shows_what_is_tested(language):
    page = (ROOT / "docs" / language / "reference" / "clients.md").read_text(encoding="utf-8")
    assert as_markdown(language) in page


def wait_for(holds, seconds: float = 40) -> None:
    """Wait until something holds."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)
