"""Whatever bytes a client says, and however slowly: the early way and ASGI answer alike, in order, and nobody waits
for anybody else."""

from __future__ import annotations

import gzip
import json
import time
from base64 import b64encode
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collect_client import KEY, Collector
from homing.core.event import KINDS
from raw_http import HOST, Line, listening, post, track

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


def test_a_body_in_pieces_is_put_together_before_asgi(collector, port):
    early, arriving = counted(collector), collector.app.door.arriving
    items = [{"type": "track", "messageId": f"m{n}", "userId": "ann", "event": "Seen", "properties": {"x": "y" * 900}}
             for n in range(300)]  # fmt: skip
    raw = json.dumps({"batch": items, "writeKey": KEY}).encode()
    whole = post("/v1/batch", raw)
    with Line(port) as line, Line(port) as gone:
        cuts = [0, whole.index(b"\r\n\r\n") + 4, 5_000, 100_000, 250_000, len(whole)]
        line.say(*(whole[a:b] for a, b in pairwise(cuts)), pause=0.02)
        assert line.hear().statuses == ["accepted"] * 300
        packed = post("/v1/batch", gzip.compress(raw), b"content-encoding: gzip")
        gone.say(whole[:90_000])
        line.say(packed[:200], packed[200:] + track("a") + whole[:300], whole[300:] + track("b"), pause=0.05)
        assert [line.hear().statuses for _ in range(4)] == [
            ["duplicate"] * 300, ["accepted"], ["duplicate"] * 300, ["accepted"]
        ]  # fmt: skip
        assert arriving.size == 90_000
    assert len(early) == 5
    with Line(port) as line:
        for n in range(100):  # until it is known that one went away
            assert line.say(track(f"c{n}")).hear().statuses == ["accepted"]
            if not arriving.size:
                break
    assert arriving.size == 0


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
