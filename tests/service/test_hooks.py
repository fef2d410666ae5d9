"""Webhooks over real HTTP: proven, durable before the answer, once however often they come, whatever is killed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest

from homing.api.server import Server
from homing.collect.doors.hooks import MAX_CALL, MAX_WAITING
from homing.core.settings import Settings
from homing.demo.bench.world import ServerProcess, free_port
from homing.runtime.documents import apply
from homing.storage.log import SqliteLog

pytestmark = pytest.mark.service
SECRET = "a shared secret of this test"
CLOSED = "x" * 32


def source(name: str, connector: str, **more: Any) -> dict[str, Any]:
    return {"kind": "source", "id": name, "name": name, "connector": connector, **more}


class Door:
    """A real server with sources that are called."""

    def __init__(self, folder: Path, *documents: dict[str, Any]) -> None:
        self.server = Server.open(folder, port=0, settings=Settings(zone="UTC")).start()
        self.runtime = self.server.runtime
        apply(self.runtime, documents, by="test", at_us=0)
        headers = {"authorization": f"Bearer {self.server.token}"}
        self.api = httpx.Client(base_url=f"{self.server.url}/api", headers=headers, timeout=30, trust_env=False)
        for document in documents:
            if document["kind"] == "source":
                path = f"/sources/{document['id']}/secrets/secret"
                assert self.api.put(path, json={"value": SECRET}).status_code == 200

    def post(self, name: str, body: bytes, **headers: str) -> httpx.Response:
        sign = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        given = {"x-signature": sign} | {k.replace("_", "-"): v for k, v in headers.items()}
        return httpx.post(f"{self.server.url}/v1/hooks/{name}", content=body, headers=given, timeout=30)

    def query(self, sql: str) -> list[list[Any]]:
        self.runtime.settle(30)
        return list(self.api.post("/query", json={"sql": sql}).json()["rows"])

    def rejected(self) -> list[tuple[str, str | None]]:
        time.sleep(0.4)  # what is only noted is written a moment later
        items = self.api.get("/rejected").json()["items"]
        return [(r["reason"]["code"], r["body"]) for r in items]

    def close(self) -> None:
        self.api.close()
        self.server.stop()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    made = Door(
        tmp_path / "ws",
        source("desk", "webhook", settings={"items": "tickets", "constants": {"event": "Ticket Closed"}},
               map={"time": "closed_at", "customer_id": "by.id", "email": "by.mail"}, **{"as": "events"}),
        source("shop", "shopify"),
        source("mall", "youzan", settings={"client_id": "c1"}),
        source("off", "webhook", paused=True),
    )  # fmt: skip
    yield made
    made.close()


TICKETS = json.dumps({"tickets": [
    {"no": 7, "closed_at": "2026-01-05T10:00:00Z", "by": {"id": "ann", "mail": "ann@x.example"}, "minutes": 12},
    {"no": 8, "by": {"id": "bob", "mail": None}, "minutes": 3},
    {"no": 9, "closed_at": "never", "by": {"id": "cleo"}},
]}).encode()  # fmt: skip


def test_rows_are_mapped_from_nested_json_and_counted_and_the_same_request_again_changes_nothing(door):
    first = door.post("desk", TICKETS)
    assert (first.status_code, first.json()) == (
        200, {"success": True, "read": 3, "accepted": 2, "duplicate": 0, "rejected": 1})  # fmt: skip
    again = door.post("desk", TICKETS).json()
    assert (again["accepted"], again["duplicate"], again["rejected"]) == (0, 2, 1)
    rows = door.query("SELECT CAST(CAST(properties AS JSON)->>'no' AS INT), happened_at FROM events"
                      " WHERE name = 'Ticket Closed' ORDER BY 1")  # fmt: skip
    assert [n for n, _ in rows] == [7, 8]
    assert rows[0][1].startswith("2026-01-05T10:00")
    people = door.api.get("/customers", params={"q": "ann@x.example"}).json()["items"]
    assert len(people) == 1
    assert [code for code, _ in door.rejected()] == ["bad_time"]


def test_only_who_knows_the_secret_is_read_and_strangers_leave_no_body(door):
    for bad in ({"x_signature": "0" * 64}, {"x_signature": ""}):
        answer = door.post("desk", TICKETS, **bad)
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_signature")
        assert "success" not in answer.text
    assert door.rejected() == [("wrong_signature", "")]
    assert door.query("SELECT count(*) FROM events WHERE source_id = 'desk'") == [[0]]


def test_what_is_no_webhook_of_ours(door):
    assert door.post("nobody", b"{}").status_code == 404
    assert door.post("off", b"{}").status_code == 404
    assert httpx.get(f"{door.server.url}/v1/hooks/desk").status_code == 405
    broken = door.post("desk", b"{broken")
    assert (broken.status_code, broken.json()["code"]) == (400, "bad_call")
    assert door.post("desk", b" " * (MAX_CALL + 1)).status_code == 413
    packed = gzip.compress(b" " * (MAX_CALL + 1))
    assert door.post("desk", packed, content_encoding="gzip").status_code == 413


def test_a_packed_body_is_proven_by_what_it_holds(door):
    sign = hmac.new(SECRET.encode(), TICKETS, hashlib.sha256).hexdigest()
    answer = door.post("desk", gzip.compress(TICKETS), content_encoding="gzip", x_signature=sign)
    assert answer.json()["accepted"] == 2


def test_an_order_of_shopify_becomes_a_sale_of_a_known_customer(door):
    order = {"id": 450789469, "financial_status": "paid", "currency": "CNY", "created_at": "2026-01-05T10:00:00+08:00",
             "subtotal_price": "398.00", "total_price": "409.94",
             "customer": {"id": 207119551, "email": "bob.norman@mail.example.com", "first_name": "Bob",
                          "email_marketing_consent": {"state": "unsubscribed",
                                                      "consent_updated_at": "2026-01-04T00:00:00Z"}},
             "line_items": [{"product_id": 632910392, "title": "IPod", "quantity": 2, "price": "199.00"}]}  # fmt: skip
    body = json.dumps(order).encode()
    proof = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"x_shopify_topic": "orders/paid", "x_shopify_shop_domain": "a.example", "x_shopify_hmac_sha256": proof}
    assert door.post("shop", body, **headers).json()["accepted"] == 3
    assert door.post("shop", body, **headers | {"x_shopify_topic": "orders/create"}).json()["duplicate"] == 3
    assert door.post("shop", body, **headers | {"x_shopify_topic": "themes/publish"}).json()["read"] == 0
    assert door.query("SELECT revenue, currency FROM events WHERE name = 'Order Completed'") == [[398.0, "CNY"]]
    assert door.query("SELECT product_id, quantity, revenue FROM order_lines") == [["632910392", 2.0, 398.0]]
    (row,) = door.api.get("/customers", params={"q": "bob.norman"}).json()["items"]
    known = door.api.get(f"/customers/{row['customer_id']}").json()
    assert known["name"] == "Bob"
    email = [c for c in known["consent"] if c["channel"] == "email" and c["purpose"] == "marketing"]
    assert email[0]["status"] == "withdrawn"
    assert door.post("shop", body, **headers | {"x_shopify_hmac_sha256": "AAAA"}).status_code == 401


def test_youzan_is_told_success_in_the_words_it_wants(door):
    whole = {"full_order_info": {"order_info": {"tid": "E1", "pay_time": "2026-01-05 20:00:00"},
                                 "pay_info": {"payment": "10.50", "post_fee": "0.00"},
                                 "buyer_info": {"buyer_phone": "13800138000"}, "orders": []}}  # fmt: skip
    said = {"kdt_id": 1, "type": "trade_TradePaid", "msg": quote(json.dumps(whole)), "msg_id": "m1"}
    body = json.dumps(said).encode()
    sign = hashlib.md5(b"c1" + body + SECRET.encode()).hexdigest()
    answer = door.post("mall", body, event_sign=sign, event_type="trade_TradePaid").json()
    assert (answer["code"], answer["msg"], answer["accepted"]) == (0, "success", 1)
    assert door.query("SELECT revenue, happened_at FROM events WHERE name = 'Order Completed'") == [
        [10.5, "2026-01-05T12:00:00"]
    ]


def test_too_many_at_once_are_told_to_come_back(door):
    place = urlsplit(door.server.url)
    slow = []
    for _ in range(MAX_WAITING):
        one = socket.create_connection((place.hostname, place.port))
        one.sendall(b"POST /v1/hooks/desk HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        slow.append(one)
    ends, status, answer = time.monotonic() + 60, 0, None
    while status != 429 and time.monotonic() < ends:
        answer = door.post("desk", b"[]")
        status = answer.status_code
    assert status == 429
    assert answer is not None
    assert int(answer.headers["retry-after"]) >= 1
    for one in slow:
        one.close()
    ends = time.monotonic() + 60
    while status == 429 and time.monotonic() < ends:
        status = door.post("desk", TICKETS).status_code
    assert status == 200


def _till(name: str, port: int, acknowledged: set[str], stop: threading.Event) -> None:
    """Sends one sale after the other, each as a vendor does: again until it is answered."""
    n = 0
    while not stop.is_set():
        message = f"{name}-{n}"
        body = json.dumps([{"event": "Sold", "message_id": message, "userId": name, "time": 1_767_000_000 + n}])
        sign = hmac.new(SECRET.encode(), body.encode(), hashlib.sha256).hexdigest()
        try:
            answer = httpx.post(f"http://127.0.0.1:{port}/v1/hooks/till", content=body, headers={"x-signature": sign})
        except httpx.TransportError:
            answer = None
        if answer is None or answer.status_code != 200:
            time.sleep(0.05)
            continue
        acknowledged.add(message)
        n += 1


@pytest.mark.slow
def test_what_was_answered_with_200_is_there_after_any_kill_and_nothing_is_there_twice(tmp_path):
    folder = tmp_path / "ws"
    first = Door(folder, source("till", "webhook", **{"as": "events"}))
    first.close()
    server = ServerProcess(folder, free_port())
    acknowledged: set[str] = set()
    stop = threading.Event()
    tills = [
        threading.Thread(target=_till, args=(f"t{n}", server.port, acknowledged, stop), daemon=True) for n in range(4)
    ]
    try:
        for n in range(4):
            server.start()
            if n == 0:
                for one in tills:
                    one.start()
            server.wait_ready()
            time.sleep(0.5 + 0.17 * n)
            server.kill()
        server.start()
        server.wait_ready()
        time.sleep(0.5)
        stop.set()
        for one in tills:
            one.join(20)
    finally:
        stop.set()
        server.stop()
    log = SqliteLog(folder / "log", lambda: 0)
    ids = [s.event.event_id for s in log.read(0, log.tail()) if s.event.source_id == "till"]
    log.close()
    assert len(acknowledged) > 20
    assert acknowledged <= set(ids)
    assert len(ids) == len(set(ids))
