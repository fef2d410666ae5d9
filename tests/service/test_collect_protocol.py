"""Whatever bytes a client says, and however slowly: the early way and ASGI answer alike, in order, and nobody waits
for anybody else."""

from __future__ import annotations

import gzip
import json
import socket
import sqlite3
import struct
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collect_client import KEY, Collector
from homing.collect.doors.held import EACH, Limits
from homing.core.event import KINDS
from raw_http import HOST, Heard, Line, listening, post, track

pytestmark = pytest.mark.service


@pytest.fixture
def collector(tmp_path: Path):
    made = Collector(tmp_path)
    yield made
    made.close()


@pytest.fixture
def port(collector):
    with listening(collector) as port:
        yield port


def counted(collector: Collector) -> list[bytes]:
    """The bodies that were answered before ASGI, from now on."""
    seen: list[bytes] = []
    begin = collector.app.door.begin

    def counting(head, packed, *rest):
        seen.append(packed)
        begin(head, packed, *rest)

    collector.app.door.begin = counting
    return seen


# -- both ways alike ---------------------------------------------------------------------------------------------------
_items = st.fixed_dictionaries(
    {"messageId": st.sampled_from(["m1", "m2", "m3", 7, "x" * 101, 'q"\\é'])},
    optional={
        "type": st.sampled_from([*KINDS, "none", 3]),
        "userId": st.sampled_from(["ann", "", "null", 5, None]),
        "anonymousId": st.sampled_from(["a-1", ""]),
        "event": st.sampled_from(["Seen", "", "Completed Order", 9]),
        "timestamp": st.sampled_from(["2026-01-06T11:00:00Z", "soon", 1.5]),
        "properties": st.sampled_from([{}, {"price": 1.5}, {"big": 2**70}, [], {"deep": [[[[]]]] * 12}]),
        "context": st.sampled_from([{}, {"direct": True}, {"device": {"id": "d"}}, {"externalIds": [{"type": "x"}]}]),
    },
)
_keys = st.sampled_from(["header", "bearer", "body", "wrong", "none"])
_single = st.tuples(st.sampled_from([f"/v1/{p}" for k in KINDS for p in (k, k[0])]), _items)
_batch = st.tuples(
    st.sampled_from(["/v1/batch", "/v1/b", "/v1/import"]),
    st.fixed_dictionaries(
        {"batch": st.lists(_items, max_size=4)}, optional={"sentAt": st.just("2026-01-06T11:00:00Z")}
    ),
)
_odd = st.tuples(
    st.sampled_from(["/v1/track", "/v1/batch", "/v1/m", "/v1/nothing", "/v1/track/", "/v1/track?x=1"]),
    st.sampled_from([b"", b"{", b"[]", b"7", b"\xff\xfe", b'{"batch":7,"messageId":"m"}', b"long"]),
)
_packings = st.sampled_from(["", "gzip", "gzip and broken", "br"])
_more = st.lists(
    st.sampled_from([b"content-type: text/plain", b"x-forwarded-for: 10.1.2.3", b"accept: */*"]), max_size=2
)


def written(path: str, body: object, key: str, packing: str, more: list[bytes]) -> bytes:
    if body == b"long":
        body = b" " * 40_000
    if isinstance(body, dict) and key == "body":
        body = body | {"writeKey": KEY}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    raw = gzip.compress(raw, mtime=0) if packing.startswith("gzip") else raw
    raw = raw[:-5] if packing.endswith("broken") else raw
    auth = {"header": b"Basic " + b64encode(KEY.encode() + b":"), "bearer": b"Bearer " + KEY.encode(),
            "wrong": b"Basic !!"}.get(key)  # fmt: skip
    headers = [*more, *([b"authorization: " + auth] if auth else [])]
    if packing:
        headers.append(b"content-encoding: " + packing.partition(" ")[0].encode())
    return post(path, raw, *headers)


@pytest.fixture(scope="module")
def two_ways(tmp_path_factory):
    early, late = (Collector(tmp_path_factory.mktemp(name)) for name in ("early", "late"))
    with listening(early) as one, listening(late, early=False) as two, Line(one) as first, Line(two) as second:
        yield first, second, counted(early), (early, late)
    early.close()
    late.close()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_single | _batch | _odd, _keys, _packings, _more)
def test_the_early_way_and_asgi_answer_with_the_same_bytes(two_ways, said, key, packing, more):
    first, second, _, _ = two_ways
    request = written(*said, key, packing, more)
    assert first.say(request).hear().raw == second.say(request).hear().raw


def test_most_of_those_were_answered_early_and_both_kept_the_same(two_ways):
    first, second, early, (one, two) = two_ways
    before = len(early)
    for line in (first, second):
        line.say(written("/v1/track", {"userId": "ann", "event": "Last", "messageId": "last"}, "body", "", []))
        assert line.hear().status == 200
    assert len(early) == before + 1
    assert one.events() == two.events()
    assert [r[:3] for r in one.rejected()] == [r[:3] for r in two.rejected()]


# -- order and framing -------------------------------------------------------------------------------------------------
def test_pipelined_requests_are_answered_in_order_whoever_answers(collector, port):
    settings_of_key = b"GET /v1/projects/%b/settings HTTP/1.1\r\n%b\r\n" % (KEY.encode(), HOST)
    with Line(port) as line:
        line.say(track("a") + track("b") + settings_of_key + track("c") + post("/v1/nothing", b"") + track("d"))
        heard = [line.hear() for _ in range(6)]
    assert [h.status for h in heard] == [200, 200, 200, 200, 404, 200]
    assert [json.loads(h.body)["results"][0]["messageId"] for h in (heard[0], heard[1], heard[3], heard[5])] == list(
        "abcd"
    )
    assert [e.event_id for e in collector.events()] == list("abcd")


def test_a_request_in_pieces_is_the_same_request(collector, port):
    request = track("a")
    with Line(port) as line:
        for cut in (1, 10, request.index(b"\r\n\r\n") + 2, request.index(b"\r\n\r\n") + 4, len(request) - 1):
            line.say(request[:cut], request[cut:], pause=0.02)
            assert line.hear().status == 200
        line.say(*(bytes([b]) for b in track("b")))
        assert line.hear().statuses == ["accepted"]
        line.say(track("c") + track("d")[:60], track("d")[60:], pause=0.05)
        assert [line.hear().statuses, line.hear().statuses] == [["accepted"], ["accepted"]]
    assert [e.event_id for e in collector.events()] == list("abcd")


def test_chunked_bodies_and_expect_are_taken(collector, port):
    body = json.dumps({"writeKey": KEY, "userId": "ann", "event": "Seen", "messageId": "a"}).encode()
    chunks = b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (20, body[:20], len(body) - 20, body[20:])
    with Line(port) as line:
        line.say(b"POST /v1/track HTTP/1.1\r\n" + HOST + b"transfer-encoding: chunked\r\n\r\n" + chunks)
        assert line.hear().statuses == ["accepted"]
        head = b"POST /v1/track HTTP/1.1\r\n%bexpect: 100-continue\r\ncontent-length: %d\r\n\r\n" % (HOST, len(body))
        assert line.say(head).hear().status == 100
        assert line.say(body).hear().statuses == ["duplicate"]
        assert line.say(track("b")).hear().statuses == ["accepted"]


@pytest.mark.parametrize(
    "headers",
    [
        b"content-length: 5\r\ncontent-length: 6\r\n",
        b"content-length: 5\r\ntransfer-encoding: chunked\r\n",
        b"content-length: +5\r\n",
        b"content-length : 5\r\n",
        b"bad header\r\n",
    ],
)
def test_a_length_that_can_be_read_in_two_ways_ends_the_connection(collector, port, headers):
    with Line(port) as line:
        assert line.say(b"POST /v1/track HTTP/1.1\r\n" + HOST + headers + b"\r\n12345").hear().status == 400
        assert line.ended()
    assert collector.events() == []


def test_the_body_of_a_refused_request_is_never_a_request(collector, port):
    inner = track("smuggled")
    with Line(port) as line:
        line.say(post("/v1/track", inner, length=40_000))
        assert line.hear().status == 413
        line.say(inner, b" " * (40_000 - 2 * len(inner)), track("mine"), pause=0.02)
        assert line.hear().statuses == ["accepted"]
    assert [e.event_id for e in collector.events()] == ["mine"]


def test_other_methods_and_old_clients(port):
    with Line(port) as line:
        for method, status in (("GET", 405), ("HEAD", 405), ("OPTIONS", 204), ("PUT", 405)):
            line.say(f"{method} /v1/track HTTP/1.1\r\n".encode() + HOST + b"\r\n")
            assert line.hear(method=method).status == status
        assert line.say(track("a")).hear().status == 200
    for start, header in ((b"HTTP/1.0", b""), (b"HTTP/1.1", b"connection: close\r\n")):
        with Line(port) as line:
            line.say(track("a").replace(b"HTTP/1.1\r\n", start + b"\r\n" + header, 1))
            assert line.hear().headers["connection"] == "close"
            assert line.ended()


# -- sizes -------------------------------------------------------------------------------------------------------------
def test_a_gzip_bomb_costs_no_more_than_the_limit(port):
    bomb = gzip.compress(b"0" * 100_000_000, 9)
    with Line(port) as line:
        began = time.perf_counter()
        assert line.say(post("/v1/batch", bomb, b"content-encoding: gzip")).hear().status == 413
        assert time.perf_counter() - began < 1
        packed = gzip.compress(json.dumps({"batch": [], "writeKey": KEY}).encode())
        assert line.say(post("/v1/batch", packed, b"content-encoding: gzip")).hear().status == 200


def test_a_head_without_end_is_431(port):
    with Line(port) as line:
        line.say(b"POST /v1/track HTTP/1.1\r\n", b"x-big: " + b"y" * 40_000, b"y" * 40_000, pause=0.05)
        assert line.hear().status == 431
        assert line.ended()


def test_who_does_not_read_its_answers_is_not_read_either(collector, port):
    unread = post("/v1/track", {"writeKey": "wk_wrong", "userId": "ann", "event": "Seen"}) * 50
    sent = 0
    with Line(port, timeout=1.5) as line:
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        try:
            while sent < 200_000:
                line.say(unread)
                sent += 50
        except TimeoutError:
            pass
        with Line(port) as other:
            assert other.say(track("other")).hear().status == 200
    assert collector.app.counts["http_401"] <= sent < 200_000


# -- time --------------------------------------------------------------------------------------------------------------
def test_slow_clients_are_given_up_and_nobody_waits_for_them(collector, monkeypatch):
    monkeypatch.setattr("homing.api.protocol.HEAD_S", 0.6)
    monkeypatch.setattr("homing.collect.doors.body.SLOW_S", 0.6)
    with listening(collector) as port, ThreadPoolExecutor(20) as pool:
        heads = [pool.submit(trickle, port, b"POST /v1/track HTTP/1.1\r\nx-slow: ") for _ in range(8)]
        bodies = [pool.submit(trickle, port, post("/v1/track", b"{", length=9_000)) for _ in range(8)]
        worst = 0.0
        with Line(port) as line:
            for n in range(30):
                began = time.perf_counter()
                assert line.say(track(f"m{n}")).hear().statuses == ["accepted"]
                worst = max(worst, time.perf_counter() - began)
        assert [f.result().status for f in heads + bodies] == [408] * 16
    assert worst < 0.5


def trickle(port: int, first: bytes) -> Heard:
    with Line(port) as line:
        line.say(first)
        line.socket.settimeout(0.1)
        for _ in range(60):
            try:
                heard = line.hear()
            except TimeoutError:
                line.say(b"z")
                continue
            assert heard.headers["connection"] == "close"
            return heard
    raise AssertionError("never given up")


def test_a_silent_connection_is_closed_and_a_busy_one_kept(collector):
    with listening(collector, keep_alive=1) as port, Line(port) as silent, Line(port) as busy:
        for n in range(6):
            assert busy.say(track(f"m{n}")).hear().status == 200
            time.sleep(0.3)
        assert silent.ended()
        assert busy.say(track("more")).hear().status == 200
        assert busy.ended()  # after a second of silence


def test_slow_bodies_use_up_their_own_room_only(tmp_path):
    collector = Collector(tmp_path, limits=Limits(arriving=200_000))
    with listening(collector) as port:
        slow = [Line(port).say(post("/v1/batch", b"[" * 90_000, length=400_000)) for _ in range(3)]
        heard = slow[2].hear()
        assert (heard.status, heard.headers["retry-after"]) == (429, "1")
        with Line(port) as line:
            assert line.say(track("a")).hear().statuses == ["accepted"]
        for one in slow:
            one.close()
    collector.close()


# -- the ends ----------------------------------------------------------------------------------------------------------
def test_a_half_closed_client_hears_all_its_answers(collector, port):
    with Line(port) as line:
        line.say(track("a") + track("b"))
        line.socket.shutdown(socket.SHUT_WR)
        assert [line.hear().statuses for _ in range(2)] == [["accepted"], ["accepted"]]
        assert line.ended()


def test_clients_that_go_away_harm_nobody_and_what_they_said_is_kept(collector, port):
    for n in range(40):
        line = Line(port)
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.say(track(f"gone-{n}"))
        time.sleep(0.002)
        line.close()  # with a reset
    with Line(port) as line:
        assert line.say(track("stays")).hear().statuses == ["accepted"]
    ids = {e.event_id for e in collector.events()}
    assert "stays" in ids
    assert len(ids) == len(collector.events())


def test_a_stopping_server_answers_what_it_has_in_hand(collector):
    with ThreadPoolExecutor(1) as pool:
        with listening(collector) as port:
            line = Line(port)
            with collector.log._stamp:  # the log cannot write yet
                heard = pool.submit(line.say(track("a")).hear)
                time.sleep(0.2)
                assert not heard.done()
        assert heard.result().statuses == ["accepted"]
        assert line.ended()


class Failing:
    """A connection whose disk fails while `broken` is set."""

    def __init__(self, real: sqlite3.Connection) -> None:
        self._real = real
        self.broken = True

    def execute(self, statement: str, *values: object):
        if self.broken and statement == "COMMIT":
            raise sqlite3.OperationalError("disk I/O error")
        return self._real.execute(statement, *values)

    def close(self) -> None:
        self._real.close()


@pytest.mark.parametrize("early", [True, False])
def test_after_a_failed_flush_nothing_is_acknowledged_any_more(collector, early):
    with listening(collector, early=early) as port, Line(port) as line:
        assert line.say(track("before")).hear().statuses == ["accepted"]
        (first,) = collector.log._writers
        disk = collector.log._writers[first] = Failing(collector.log._writers[first])
        heard = line.say(track("lost")).hear()
        assert (heard.status, json.loads(heard.body)["code"], heard.headers["retry-after"]) == (503, "terminal", "5")
        disk.broken = False  # what it holds is unknown: it is not asked again
        assert line.say(track("later")).hear().status == 503
    assert not collector.log.writable
    assert [e.event_id for e in collector.events()] == ["before"]


# -- too much ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("early", [True, False])
def test_too_much_in_hand_is_429_until_the_log_has_written(tmp_path, early):
    collector = Collector(tmp_path, limits=Limits(waiting=10 * (EACH + 200)))
    with listening(collector, early=early) as port, ThreadPoolExecutor(30) as pool:
        lines = [Line(port) for _ in range(30)]
        with collector.log._stamp:  # the log cannot write yet
            heard = [pool.submit(line.say(track(f"m{n}")).hear) for n, line in enumerate(lines)]
            time.sleep(0.5)
            refused = [h.result() for h in heard if h.done()]
            assert 15 <= len(refused) < 30
            assert {(h.status, h.headers["retry-after"]) for h in refused} == {(429, "1")}
            began = time.perf_counter()
            with Line(port) as other:  # whatever does not wait for the log is answered
                other.say(b"GET /v1/projects/%b/settings HTTP/1.1\r\n%b\r\n" % (KEY.encode(), HOST))
                assert other.hear().status == 200
            assert time.perf_counter() - began < 0.5
        taken = [h.result() for h in heard if h.result().status == 200]
        assert len(taken) + len(refused) == 30
        assert collector.app.door.waiting.size == 0
        assert lines[0].say(track("again")).hear().statuses == ["accepted"]
        for line in lines:
            line.close()
    assert len(collector.events()) == len(taken) + 1
    collector.close()


@pytest.mark.parametrize("early", [True, False])
def test_while_the_disk_stands_still_newcomers_are_told_to_come_back(collector, monkeypatch, early):
    monkeypatch.setattr("homing.collect.doors.gather.PATIENCE_S", 0.2)
    with listening(collector, early=early) as port, ThreadPoolExecutor(1) as pool, Line(port) as first:
        with collector.log._stamp:  # the log cannot write yet
            heard = pool.submit(first.say(track("patient")).hear)
            time.sleep(0.4)
            for _ in range(3):
                with Line(port) as line:
                    refused = line.say(track("newcomer")).hear()
                    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert heard.result().statuses == ["accepted"]
        assert first.say(track("newcomer")).hear().statuses == ["accepted"]
    assert [e.event_id for e in collector.events()] == ["patient", "newcomer"]
