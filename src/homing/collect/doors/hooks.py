"""Where do webhooks come in? `POST /v1/hooks/{source_id}`: proven by the source's connector, 200 only when durable.

A wrong signature is 401 and says no more; what cannot be read is 400; an overload 429; a fault of ours 503, so that the
sender tries again. A request that comes again changes nothing, for its events have the ids they had. Nothing of a
request but the refused rows is kept, and nothing secret is logged.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec
import structlog

from homing.collect.connectors.connector import Call, Caller, Row
from homing.collect.doors.body import BadBody, Receive, read_body
from homing.collect.doors.held import Held
from homing.collect.files.tally import ImportResult
from homing.collect.rejects import Reject, RejectKeeper
from homing.core.errors import HomingError, InvalidInput, Overload, Refused
from homing.core.time import SECOND
from homing.storage.state import State

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Scope = MutableMapping[str, Any]

PATH = "/v1/hooks/"
MAX_CALL = 1024 * 1024  # bytes of a request; an order of a thousand lines has 500 KB
MAX_HELD = 32 * 1024 * 1024  # bytes of bodies that are arriving before the door says 429
THREADS = 4
MAX_WAITING = 64  # requests that wait for a thread before the door says 429
MAX_ID = 64

_log = structlog.get_logger("homing.hooks")
_encoder = msgspec.json.Encoder()


class Hook(NamedTuple):
    """A source that is called."""

    caller: Caller
    take: Callable[[list[Row]], ImportResult]  # returns when the rows are durable


Hooks = Callable[[str], Hook | None]  # by source id, from memory; None for one that is not called, or is paused


class _Answer(NamedTuple):
    status: int
    body: dict[str, Any]
    headers: tuple[tuple[bytes, bytes], ...] = ()


class HooksApp:
    """The ASGI application for webhooks; `counts` is read by the metrics page.

    Args:
        hooks: the source of an id.
        state: where requests that prove nothing are noted, one a second at most.
        clock_us: the instant of arrival.
    """

    def __init__(self, hooks: Hooks, state: State, clock_us: Callable[[], int]) -> None:
        self._hooks = hooks
        self._clock_us = clock_us
        self._keeper = RejectKeeper(state)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hooks")
        self._waiting = 0
        self._arriving = Held(MAX_HELD)
        self._stranger_us = 0
        self.counts: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, receive)
        except BadBody as bad:
            answer = _error(bad.status, bad.code, bad.message)
        except Overload as busy:
            answer = _error(429, busy.code, busy.message, (b"retry-after", str(busy.retry_after_s).encode()))
        except HomingError as failed:
            answer = _error(503, failed.code, failed.message, (b"retry-after", b"5"))
        self.counts[f"http_{answer.status}"] += 1
        body = _encoder.encode(answer.body)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()),
                   *answer.headers]  # fmt: skip
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def close(self) -> None:
        """Finish what is in hand, and write the notes that wait."""
        self._threads.shutdown(wait=True)
        self._keeper.close()

    # -- one request ---------------------------------------------------------------------------------------------------
    async def _answer(self, scope: Scope, receive: Receive) -> _Answer:
        source_id = scope["path"].removeprefix(PATH).rstrip("/")
        hook = self._hooks(source_id) if 0 < len(source_id) <= MAX_ID else None
        if hook is None:
            return _error(404, "not_found", "no source of that id takes webhooks")
        if scope["method"] != "POST":
            return _error(405, "method", "wanted POST", (b"allow", b"POST"))
        headers = dict(scope["headers"])
        if self._waiting >= MAX_WAITING:
            raise Overload("too many requests are in hand, wanted a moment's patience")
        self._waiting += 1
        try:
            body = await read_body(receive, headers, MAX_CALL, self._arriving)
            call = Call(
                _texts(scope["headers"]), dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"))), body
            )
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._take, source_id, hook, call)
        finally:
            self._waiting -= 1

    def _take(self, source_id: str, hook: Hook, call: Call) -> _Answer:
        """In a thread of our own: proving, reading and waiting for the disk."""
        now_us = self._clock_us()
        try:
            rows = hook.caller.read_call(call, now_us=now_us)
        except Refused as refused:
            self._note(now_us, source_id, refused.message)
            return _error(401, "wrong_signature", refused.message)
        except InvalidInput as invalid:
            text = call.body[:4_096].decode("utf-8", "replace")
            self._keeper.put([Reject(now_us, source_id, "request", "bad_call", invalid.message, text)])
            return _error(400, "bad_call", invalid.message)
        try:
            result = hook.take(rows) if rows else None
        except InvalidInput as ours:  # the sender did nothing wrong: the definition must be mended, then it comes again
            _log.warning("hook_not_mapped", source=source_id, why=ours.message)
            return _error(503, "not_mapped", ours.message, (b"retry-after", b"60"))
        counted = {"read": 0, "accepted": 0, "duplicate": 0, "rejected": 0}
        if result is not None:
            counted = {name: getattr(result, name) for name in counted}
        self.counts.update({name: n for name, n in counted.items() if n})
        return _Answer(200, {"success": True, **counted, **hook.caller.answer})

    def _note(self, now_us: int, source_id: str, message: str) -> None:
        """One row a second at most, without the body: strangers must not fill the table."""
        if abs(now_us - self._stranger_us) >= SECOND:
            self._stranger_us = now_us
            self._keeper.put([Reject(now_us, source_id, "request", "wrong_signature", message, "")])


def _texts(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _error(status: int, code: str, message: str, *headers: tuple[bytes, bytes]) -> _Answer:
    return _Answer(status, {"code": code, "message": message}, headers)
