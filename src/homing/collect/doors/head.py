"""Is this the head of a plain collect request? Read once, remembered by its very bytes.

A client sends the same head again and again, so most are known. Whatever is unusual (another method, chunked, `Expect`,
HTTP/1.0, two lengths, a query) is not read here: ASGI answers it.
"""

from __future__ import annotations

from typing import NamedTuple

import httptools

from homing.collect.doors.keys import keys_of
from homing.collect.doors.paths import LIMITS, SINGLE

MAX_KNOWN_SIZE = 2_048
MAX_KNOWN = 4_096
_UNUSUAL = {b"transfer-encoding", b"expect", b"upgrade"}


class Head(NamedTuple):
    """What the door needs of a request's head."""

    kind: str | None  # the call the path names; None of a batch
    limit: int  # bytes of a body
    length: int  # of this body, as sent
    keys: tuple[str, ...]
    encoding: bytes
    forwarded: bool  # a proxy says whom it speaks for


class Heads:
    """Reads heads and remembers them."""

    def __init__(self) -> None:
        self._known: dict[bytes, Head] = {}

    def read(self, raw: bytes) -> Head | None:
        """The head in these bytes, which end with its empty line; None when ASGI shall answer."""
        head = self._known.get(raw)
        if head is None and raw.startswith(b"POST /v1/"):
            head = _parsed(raw)
            if head is not None and len(raw) <= MAX_KNOWN_SIZE:
                if len(self._known) >= MAX_KNOWN:
                    self._known.clear()
                self._known[raw] = head
        return head


class _Reading:
    """Collects what httptools calls out."""

    def __init__(self) -> None:
        self.url = b""
        self.headers: dict[bytes, bytes] = {}
        self.lengths = 0
        self.complete = False

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        self.lengths += name == b"content-length"
        self.headers[name] = value

    def on_headers_complete(self) -> None:
        self.complete = True


def _parsed(raw: bytes) -> Head | None:
    reading = _Reading()
    parser = httptools.HttpRequestParser(reading)
    try:
        parser.feed_data(raw)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    headers, name = reading.headers, reading.url[4:].decode("latin-1")
    length = headers.get(b"content-length", b"")
    usual = (
        reading.complete
        and name in LIMITS
        and parser.get_http_version() == "1.1"
        and parser.should_keep_alive()
        and reading.lengths == 1
        and length.isdigit()
        and len(length) < 9
        and _UNUSUAL.isdisjoint(headers)
    )
    if not usual or int(length) > LIMITS[name]:
        return None
    keys = keys_of(headers.get(b"authorization", b""))
    encoding, forwarded = headers.get(b"content-encoding", b""), b"x-forwarded-for" in headers
    return Head(SINGLE.get(name), LIMITS[name], int(length), keys, encoding, forwarded)
