"""Whatever bytes come over a connection, in whatever pieces: no 5xx, no harm to the next client, the same answer.

A request that is taken whole and one that trickles in go by two readers; what they say must be the same.
"""

from __future__ import annotations

import gzip
import json
import re
import socket
import time
import zlib
from base64 import b64encode
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homing.api.server import Server

pytestmark = pytest.mark.service
LIMIT_S = 5.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    with Server.open(tmp_path_factory.mktemp("socket") / "w", port=0) as made:
        yield made


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    return server.runtime.workspace.keys.create("write", "fuzz", now_us=time.time_ns() // 1000, by="test")[1]


def say(server: Server, pieces: list[bytes], patience_s: float = LIMIT_S) -> bytes:
    """Send the pieces one after the other and read until the server hangs up or says nothing for so long."""
    port = int(server.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S) as one:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        got = b""
        try:
            for piece in pieces:
                one.sendall(piece)
                if len(pieces) > 1:
                    time.sleep(0.002)
            one.settimeout(patience_s)
            while part := one.recv(65_536):
                got += part
        except (ConnectionError, TimeoutError):
            pass  # a server may hang up on nonsense, and may wait for the rest of it
        return got


def statuses(said: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]


def request(body: bytes, *, path: bytes = b"/v1/batch", method: bytes = b"POST", **headers: bytes) -> bytes:
    lines = [method + b" " + path + b" HTTP/1.1", b"Host: shop.example"]
    lines += [name.replace("_", "-").encode() + b": " + value for name, value in headers.items()]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def plain(key: str, n: str) -> bytes:
    item = {"type": "track", "userId": "ann", "event": "Seen", "messageId": n}
    body = json.dumps({"batch": [item], "writeKey": key}).encode()
    return request(body, Content_Length=str(len(body)).encode(), Connection=b"close")


_WORDS = r"""GET|POST|OPTIONS|QUIT| |/v1/batch|/v1/t|/v1/projects/x/settings|/v1/|//|\r\n|\n|\r|\r\n\r\n|HTTP/1.1
HTTP/1.0|HTTP/9.9|Host: a|Content-Length: |5|-1|99999999999|0x10|Transfer-Encoding: chunked|Content-Encoding: gzip
Expect: 100-continue|Connection: upgrade|Upgrade: websocket|Upgrade: h2c|Authorization: Basic\x20
Authorization: Bearer \xff|\x00|{}|[|{"batch":[|\xff\xfe|0\r\n\r\n|ffffffffffffffff\r\n|1\r\nx\r\n|: :|\t"""
_parts = [word.encode("latin-1").decode("unicode_escape").encode("latin-1") for word in re.split(r"[|\n]", _WORDS)]
_words = st.sampled_from([*_parts, gzip.compress(b"{}"), b"a" * 9_000])


@settings(max_examples=150, deadline=None)
@given(st.lists(_words | st.binary(max_size=20), min_size=1, max_size=14), st.booleans())
def test_any_bytes_are_survived(server, key, words, trickle):
    said = say(server, words if trickle else [b"".join(words)], patience_s=0.05)
    assert [s for s in statuses(said) if s >= 500] == []
    assert statuses(say(server, [plain(key, "again")])) == [200]


_encodings = {"": lambda b: b, "gzip": gzip.compress, "deflate": zlib.compress}


@settings(max_examples=80, deadline=None)
@given(
    text=st.text(max_size=40),
    path=st.sampled_from([b"/v1/batch", b"/v1/b", b"/v1/import", b"/v1/batch?x=1"]),
    encoding=st.sampled_from(sorted(_encodings)),
    how=st.sampled_from(["basic", "bearer", "body"]),
    chunked=st.booleans(),
    cuts=st.lists(st.floats(0, 1, exclude_min=True, exclude_max=True), min_size=1, max_size=4),
)
def test_a_request_in_pieces_is_answered_like_a_whole_one(server, key, text, path, encoding, how, chunked, cuts):
    item = {"type": "track", "userId": "ann", "event": "Seen", "messageId": "same", "properties": {"text": text}}
    batch = [item, {"type": "nothing", "messageId": "other"}]
    body = _encodings[encoding](json.dumps({"batch": batch} | ({"writeKey": key} if how == "body" else {})).encode())
    headers = {"Content_Type": b"application/json", "Connection": b"close"}
    headers |= {"Content_Encoding": encoding.encode()} if encoding else {}
    secret = {"basic": b"Basic " + b64encode(f"{key}:".encode()), "bearer": b"Bearer " + key.encode()}
    headers |= {"Authorization": secret[how]} if how != "body" else {}
    say(server, [plain(key, "same")])
    whole = say(server, [request(body, path=path, Content_Length=str(len(body)).encode(), **headers)])
    if chunked:
        half = len(body) // 2 or 1
        parts = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:half], body[half:]) if p) + b"0\r\n\r\n"
        slow = request(parts, path=path, Transfer_Encoding=b"chunked", **headers)
    else:
        slow = request(body, path=path, Content_Length=str(len(body)).encode(), **headers)
    at = [0, *sorted({max(1, int(c * len(slow))) for c in cuts}), len(slow)]
    pieces = say(server, [slow[a:b] for a, b in pairwise(at)])
    assert statuses(whole) == statuses(pieces) == [200]
    verdicts = [json.loads(one.partition(b"\r\n\r\n")[2]) for one in (whole, pieces)]
    assert verdicts[0] == verdicts[1]
    assert [r["status"] for r in verdicts[0]["results"]] == ["duplicate", "rejected"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["good", "wrong key", "no json", "no path"]), min_size=1, max_size=6))
def test_requests_one_behind_the_other_are_each_answered_in_order(server, key, kinds):
    parts = {"good": plain(key, "pipelined"), "wrong key": plain("wk_no", "x"),
             "no json": request(b"{", Content_Length=b"1"),
             "no path": request(b"", path=b"/v1/nothing", Content_Length=b"0")}  # fmt: skip
    sent = b"".join(parts[k].replace(b"Connection: close\r\n", b"") for k in kinds) + plain(key, "last")
    wanted = {"good": 200, "wrong key": 401, "no json": 400, "no path": 404}
    assert statuses(say(server, [sent])) == [*(wanted[k] for k in kinds), 200]
