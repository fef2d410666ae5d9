"""How does a request body become bytes, whatever a client sends? With limits before and after unpacking.

A gzip bomb costs no more than the limit: unpacking stops one byte beyond it.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from homing.collect.doors.held import Held

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

SLOW_S = 20.0  # a body that takes longer is given up
_WBITS = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}


class BadBody(Exception):
    """The body cannot be had: HTTP status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


async def read_body(receive: Receive, headers: dict[bytes, bytes], limit: int, arriving: Held) -> bytes:
    """The unpacked body.

    Args:
        receive: ASGI's.
        headers: of the request, names in lower case.
        limit: bytes at most, as sent and unpacked.
        arriving: counts what has come of bodies that are not whole yet.

    Raises:
        BadBody: too large, too slow, gone, or not the encoding it says.
        Overload: too much is arriving at once.
    """
    stated = headers.get(b"content-length", b"")
    if stated.isdigit() and int(stated[:12]) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(SLOW_S):
            packed = await _all(receive, limit, arriving)
    except TimeoutError:
        raise BadBody(408, "slow", f"the body took over {SLOW_S:.0f} s") from None
    return decoded(packed, headers.get(b"content-encoding", b""), limit)


async def _all(receive: Receive, limit: int, arriving: Held) -> bytes:
    parts: list[bytes] = []
    size = held = 0
    try:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise BadBody(400, "gone", "the client went away")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise _too_large(limit)
            if not message.get("more_body"):
                return parts[0] if len(parts) == 1 else b"".join(parts)
            arriving.take(size - held)
            held = size
    finally:
        arriving.give(held)


def decoded(packed: bytes, encoding: bytes, limit: int) -> bytes:
    """A body without its content-encoding.

    Raises:
        BadBody: an unknown encoding, another one than it says, or more than `limit` bytes.
    """
    encoding = encoding.strip().lower()
    if encoding in {b"", b"identity"}:
        return packed
    if encoding not in _WBITS:
        raise BadBody(415, "encoding", "content-encoding is unknown, wanted gzip, deflate or none")
    return unpack(packed, _WBITS[encoding], limit)


def unpack(packed: bytes, wbits: int, limit: int) -> bytes:
    """Unpack zlib or gzip data (of one or more members) to at most `limit` bytes.

    Raises:
        BadBody: it unpacks to more, is cut short, or is not packed at all.
    """
    out = bytearray()
    while packed:
        stream = zlib.decompressobj(wbits)
        try:
            out += stream.decompress(packed, limit + 1 - len(out))
        except zlib.error:
            raise BadBody(400, "encoding", "the body is not packed as content-encoding says") from None
        if len(out) > limit or stream.unconsumed_tail:
            raise _too_large(limit)
        if not stream.eof:
            raise BadBody(400, "encoding", "the packed body is cut short")
        packed = stream.unused_data
    return bytes(out)


def _too_large(limit: int) -> BadBody:
    return BadBody(413, "body_too_large", f"the request is over {limit} bytes, wanted less")
