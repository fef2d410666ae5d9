"""What does the door say? A status, a body, a few headers; the same bytes whoever carries them to the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec
import structlog

from homing.collect.doors.body import BadBody
from homing.core.errors import HomingError, Overload

CORS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"POST, GET, OPTIONS"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, Content-Encoding, X-Retry-Count"),
    (b"access-control-expose-headers", b"Retry-After"),  # else a page of another origin cannot honour it
    (b"access-control-max-age", b"86400"),
)
_JSON = (b"content-type", b"application/json")
_log = structlog.get_logger("homing.collect")
_encoder = msgspec.json.Encoder()


class Reason(msgspec.Struct):
    """Why an item was not taken."""

    code: str
    message: str


class Result(msgspec.Struct, omit_defaults=True):
    """What became of one item."""

    index: int
    messageId: str  # noqa: N815
    status: Literal["accepted", "duplicate", "rejected"]
    reason: Reason | None = None
    warnings: tuple[str, ...] = ()


class _Accepted(msgspec.Struct, gc=False):
    index: int
    messageId: str  # noqa: N815
    status: str = "accepted"


class _AllAccepted(msgspec.Struct):
    success: bool
    results: list[_Accepted]


class Answer(NamedTuple):
    """One answer, not yet in HTTP."""

    status: int
    body: bytes
    more: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """All headers of the answer, in their order on the wire."""
        return [_JSON, (b"content-length", str(len(self.body)).encode()), *CORS, *self.more]


def said(value: object) -> Answer:
    """200 with this as JSON."""
    return Answer(200, _encoder.encode(value))


def verdicts_said(results: list[Result]) -> Answer:
    """200 with a verdict an item."""
    return Answer(200, _encoder.encode({"success": True, "results": results}))


def all_accepted(message_ids: Sequence[str]) -> Answer:
    """What nearly every request hears, made without a detour: all its items were accepted."""
    if len(message_ids) == 1:
        named = _encoder.encode(message_ids[0])
        return Answer(200, b'{"success":true,"results":[{"index":0,"messageId":' + named + b',"status":"accepted"}]}')
    results = list(map(_Accepted, range(len(message_ids)), message_ids))
    return Answer(200, _encoder.encode(_AllAccepted(True, results)))


def refusal(status: int, code: str, message: str, *more: tuple[bytes, bytes]) -> Answer:
    """An answer that nothing was taken, in the one error shape."""
    body = {"success": False, "code": code, "message": message, "error": {"code": code, "message": message}}
    return Answer(status, _encoder.encode(body), more)


def failure(error: BaseException | None) -> Answer:
    """What the client hears of an error: its own fault, too much at once, a log that cannot write, or our fault."""
    if isinstance(error, BadBody):
        more = ((b"connection", b"close"),) if error.status == 408 else ()  # the rest of it is not waited for
        return refusal(error.status, error.code, error.message, *more)
    if isinstance(error, Overload):
        retry = str(error.retry_after_s).encode()
        return refusal(429, error.code, error.message, (b"retry-after", retry), (b"x-ratelimit-reset", retry))
    if isinstance(error, HomingError):
        return refusal(503, error.code, error.message, (b"retry-after", b"5"))
    _log.error("collect_failed", exc_info=error)
    return refusal(500, "internal", "something went wrong here; it is in the server's log")
