"""The HTTP door takes what Segment clients send and answers each item truly."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import socket
import threading
import time
import zlib
from base64 import b64encode
from pathlib import Path

import pytest
import uvicorn

from collect_client import KEY, Collector
from homing.core.errors import Overload, Terminal

pytestmark = pytest.mark.service
TRACK = {"type": "track", "userId": "ann", "event": "Seen"}


@pytest.fixture
def collector(tmp_path: Path):
    made = Collector(tmp_path)
    yield made
    made.close()


def post(collector: Collector, path: str, body: object, **headers: str):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return asyncio.run(
        collector.send("POST", path, content=raw, headers={k.replace("_", "-"): v for k, v in headers.items()})
    )


def basic(key: str = KEY) -> str:
    return "Basic " + b64encode(f"{key}:".encode()).decode()


@pytest.mark.parametrize("how", ["basic", "bearer", "body", "wrong header, right body"])
def test_a_write_key_may_come_as_basic_bearer_or_in_the_body(collector, how):
    headers = {"basic": {"Authorization": basic()}, "bearer": {"Authorization": f"Bearer {KEY}"}, "body": {},
               "wrong header, right body": {"Authorization": "Bearer token-of-somebody"}}[how]  # fmt: skip
    body = TRACK | ({"writeKey": KEY} if "body" in how else {})
    got = post(collector, "/v1/track", body, **headers)
    assert (got.status_code, got.json()["results"][0]["status"]) == (200, "accepted")
    assert collector.events()[0].source_id == "web"


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": basic("wk_bad")}, {"Authorization": "Basic !!"}, {"Authorization": "x"}]
)
def test_a_wrong_key_is_401_and_takes_nothing(collector, headers):
    assert post(collector, "/v1/batch", {"batch": [TRACK]}, **headers).status_code == 401
    assert collector.events() == []
    assert [(r[2], r[3]) for r in collector.rejected()] == [("wrong_key", "")]


def test_each_item_of_a_batch_has_its_verdict_and_the_rest_goes_in(collector):
    batch = [TRACK | {"messageId": "m1"}, {"userId": "ann", "event": "no type"}, TRACK | {"messageId": "m1"},
             TRACK | {"timestamp": "broken"}, TRACK | {"properties": {"x": "y" * 33_000}}, 7]  # fmt: skip
    got = post(collector, "/v1/batch", {"batch": batch, "writeKey": KEY}).json()
    assert [(r["index"], r["status"], r.get("reason", {}).get("code")) for r in got["results"]] == [
        (0, "accepted", None), (1, "rejected", "unknown_type"), (2, "duplicate", None), (3, "rejected", "bad_time"),
        (4, "rejected", "event_too_large"), (5, "rejected", "shape"),
    ]  # fmt: skip
    assert got["success"] is True
    assert len(collector.events()) == 1
    assert [r[:3] for r in collector.rejected()] == [
        ("web", "item 1", "unknown_type"), ("web", "item 3", "bad_time"), ("web", "item 4", "event_too_large"),
        ("web", "item 5", "shape"),
    ]  # fmt: skip
    kept = json.loads(collector.rejected()[0][3])  # with the id it was answered with, so that it can be sent again
    assert kept == {"userId": "ann", "event": "no type", "messageId": got["results"][1]["messageId"]}


def test_sending_again_is_a_duplicate(collector):
    body = {"batch": [TRACK | {"messageId": "m1"}], "writeKey": KEY}
    assert [post(collector, "/v1/batch", body).json()["results"][0]["status"] for _ in range(2)] == [
        "accepted",
        "duplicate",
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("t", {"userId": "a", "event": "Seen"}), ("i", {"userId": "a"}), ("p", {"anonymousId": "a"}),
        ("s", {"userId": "a", "name": "Home"}), ("g", {"userId": "a", "groupId": "g"}),
        ("a", {"userId": "a", "previousId": "b"}), ("b", {"batch": [TRACK]}),
    ],
)  # fmt: skip
def test_the_browsers_short_paths_take_plain_text(collector, path, body):
    got = post(
        collector, f"/v1/{path}", body | {"writeKey": KEY}, content_type="text/plain", origin="https://shop.example"
    )
    assert got.status_code == 200
    assert got.json()["results"][0]["status"] == "accepted"
    assert got.headers["access-control-allow-origin"] == "*"


def test_preflight_metrics_and_settings_answer(collector):
    preflight = asyncio.run(collector.send("OPTIONS", "/v1/batch")).headers
    assert preflight["access-control-allow-methods"]
    assert preflight["access-control-expose-headers"] == "Retry-After"
    assert post(collector, "/v1/m", b"anything").status_code == 200
    got = asyncio.run(collector.send("GET", f"/v1/projects/{KEY}/settings")).json()
    assert got["integrations"]["Segment.io"] == {"apiKey": KEY, "apiHost": "shop.example/v1", "protocol": "http"}
    assert got["metrics"] == {"sampleRate": 0}  # the browser library keeps its own statistics to itself
    assert asyncio.run(collector.send("GET", "/v1/projects/wk_no/settings")).status_code == 404
    assert asyncio.run(collector.send("GET", "/v1/batch")).status_code == 405
    assert post(collector, "/v1/nothing", b"").status_code == 404


def test_gzip_is_unpacked_and_a_bomb_is_refused_cheaply(collector):
    body = json.dumps({"batch": [TRACK], "writeKey": KEY}).encode()
    assert post(collector, "/v1/batch", gzip.compress(body), content_encoding="gzip").status_code == 200
    assert post(collector, "/v1/batch", zlib.compress(body), content_encoding="deflate").status_code == 200
    bomb = gzip.compress(b"0" * 200_000_000, 9)
    started = time.perf_counter()
    assert post(collector, "/v1/batch", bomb, content_encoding="gzip").status_code == 413
    assert time.perf_counter() - started < 0.5
    assert post(collector, "/v1/batch", gzip.compress(body)[:-9], content_encoding="gzip").status_code == 400
    assert post(collector, "/v1/batch", body, content_encoding="gzip").status_code == 400
    assert post(collector, "/v1/batch", body, content_encoding="br").status_code == 415


def test_limits_and_malformed_bodies_are_4xx(collector):
    auth = {"Authorization": basic()}
    assert post(collector, "/v1/track", TRACK | {"properties": {"x": "y" * 33_000}}, **auth).status_code == 413
    assert post(collector, "/v1/batch", b" " * (500 * 1024 + 1), **auth).status_code == 413
    assert post(collector, "/v1/batch", {"batch": [{}] * 2_501}, **auth).status_code == 400
    for body in (b"", b"{", b"[]", b"null", b'{"batch":7}', b"\xff\xfe", b"[" * 100_000):
        assert post(collector, "/v1/batch", body, **auth).status_code == 400
    assert {r[2] for r in collector.rejected()} == {"too_many_events", "bad_json"}


def test_a_busy_log_is_429_and_a_broken_one_503(collector, monkeypatch):
    def busy(*_: object, **__: object):
        raise Overload("busy", retry_after_s=3)

    def broken(*_: object, **__: object):
        raise Terminal("the disk failed")

    monkeypatch.setattr(collector.log, "append_gathered", busy)
    got = post(collector, "/v1/track", TRACK | {"writeKey": KEY})
    assert (got.status_code, got.headers["retry-after"]) == (429, "3")
    monkeypatch.setattr(collector.log, "append_gathered", broken)
    assert post(collector, "/v1/track", TRACK | {"writeKey": KEY}).status_code == 503


@pytest.fixture
def server(collector):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = uvicorn.Server(uvicorn.Config(collector.app, port=port, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=made.run)
    thread.start()
    while not made.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    made.should_exit = True
    thread.join()


@pytest.mark.parametrize("packed", [False, True])
def test_the_unmodified_segment_python_client_is_served(collector, server, packed, caplog):
    from segment.analytics import Client

    caplog.set_level(logging.ERROR, "segment")
    failed: list[object] = []
    client = Client(KEY, host=server, gzip=packed, on_error=lambda error, _items: failed.append(error))
    client.identify("ann", {"email": "ann@example.com"})
    client.track("ann", "Order Completed", {"order_id": "1", "revenue": 5.0})
    client.page("ann", "Shop", "Home", {"path": "/"})
    client.screen("ann", "Shop", "Home")
    client.group("ann", "club", {"level": "gold"})
    client.alias("cookie-1", "ann")
    client.track(anonymous_id="cookie-2", event="Product Viewed", properties={"product_id": "p"})
    client.shutdown()
    assert failed == []
    assert [e.kind for e in collector.events()] == ["identify", "track", "page", "screen", "group", "alias", "track"]
    assert collector.rejected() == []


def test_the_segment_client_is_told_about_a_wrong_key(server, caplog):
    from segment.analytics import Client

    failed: list[object] = []
    client = Client("wk_wrong", host=server, on_error=lambda error, _items: failed.append(error), max_retries=1)
    client.track("ann", "Seen")
    client.shutdown()
    assert len(failed) == 1
    assert "wrong_key" in str(failed[0])
