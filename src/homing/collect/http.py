"""Where do live events come in? A bare ASGI application that speaks Segment's protocol and says 200 only when durable.

Bad input is never answered with a 5xx. Each item of a batch has its own verdict; what was refused is kept. A log that
cannot write any more answers 503, so that clients keep their events and try again.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Literal, NamedTuple

import msgspec

from homing.collect.body import BadBody, Receive, read_body
from homing.collect.gather import Gatherer
from homing.collect.quality import Checkpoint
from homing.collect.quality.callbody import call_body
from homing.collect.rejects import Reject, RejectKeeper
from homing.collect.segment_api import Arrival, Taken, translate
from homing.collect.wire import MAX_EVENT, Batch
from homing.core.errors import HomingError, Overload
from homing.core.event import KINDS, Event, Verdict
from homing.core.settings import Settings
from homing.core.time import SECOND
from homing.storage.log import EventLog
from homing.storage.state import State

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Scope = MutableMapping[str, Any]
Keys = Callable[[str], str | None]

MAX_BATCH = 500 * 1024
MAX_BATCH_EVENTS = 2_500
MAX_HELD = 64 * 1024 * 1024  # bytes of bodies in hand before the door says 429
KEPT_WAIT_S = 2.0

_SINGLE = {short: kind for kind in KINDS for short in (kind, kind[0])}  # /v1/track and /v1/t
_BATCH = {"batch", "b", "import"}
_CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"POST, GET, OPTIONS"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, Content-Encoding, X-Retry-Count"),
    (b"access-control-expose-headers", b"Retry-After"),  # else a page of another origin cannot honour it
    (b"access-control-max-age", b"86400"),
]
_JSON = (b"content-type", b"application/json")


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


class _Answer(NamedTuple):
    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


class _Envelope(msgspec.Struct):
    writeKey: Any = None  # noqa: N815


_encoder = msgspec.json.Encoder()
_batches = msgspec.json.Decoder(Batch)
_envelopes = msgspec.json.Decoder(_Envelope)


def collect_app(
    log: EventLog, state: State, keys: Keys, clock_us: Callable[[], int], settings: Settings, *,
    checkpoint: Checkpoint | None = None,
) -> CollectApp:  # fmt: skip
    """The application for `/v1/*`.

    Args:
        log: where accepted events go.
        state: where refused ones are kept.
        keys: write key to source id; None for a key that is not known. Called on the event loop, so from memory.
        clock_us: the instant of arrival.
        settings: for the region of phone numbers.
        checkpoint: looks at each event by plan and rules; nothing is looked at when None.
    """
    return CollectApp(log, keys, clock_us, settings, RejectKeeper(state), checkpoint=checkpoint)


class CollectApp:
    """The ASGI application; `counts` is read by the metrics page."""

    def __init__(
        self, log: EventLog, keys: Keys, clock_us: Callable[[], int], settings: Settings, keeper: RejectKeeper,
        *, checkpoint: Checkpoint | None = None,
    ) -> None:  # fmt: skip
        self._checkpoint = checkpoint
        self._gather = Gatherer(log)
        self._keys = keys
        self._clock_us = clock_us
        self._settings = settings
        self._keeper = keeper
        self._held = 0
        self._stranger_us = 0
        self.counts: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await _lifespan(scope, receive, send)
            return
        try:
            answer = await self._answer(scope, receive)
        except BadBody as bad:
            answer = _error(bad.status, bad.code, bad.message)
        except Overload as busy:
            retry = str(busy.retry_after_s).encode()
            answer = _error(429, busy.code, busy.message, (b"retry-after", retry), (b"x-ratelimit-reset", retry))
        except HomingError as failed:
            answer = _error(503, failed.code, failed.message, (b"retry-after", b"5"))
        self.counts[f"http_{answer.status}"] += 1
        headers = [_JSON, (b"content-length", str(len(answer.body)).encode()), *_CORS, *answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def close(self) -> None:
        """Write the refused items that wait."""
        self._keeper.close()

    # -- routes --------------------------------------------------------------------------------------------------------
    async def _answer(self, scope: Scope, receive: Receive) -> _Answer:
        method, name = scope["method"], scope["path"].removeprefix("/v1/").rstrip("/")
        if method == "OPTIONS":
            return _Answer(204, b"")
        if name == "m":  # the browser library's own statistics: taken, not kept
            return _Answer(200, b'{"success":true}')
        if name.startswith("projects/") and name.endswith("/settings"):
            return self._project(name.split("/")[1], scope)
        if name not in _SINGLE and name not in _BATCH:
            return _error(404, "not_found", "no such path, wanted one of /v1/batch, /v1/track …")
        if method != "POST":
            return _error(405, "method", "wanted POST", (b"allow", b"POST, OPTIONS"))
        headers = dict(scope["headers"])
        limit = MAX_EVENT if name in _SINGLE else MAX_BATCH
        stated = headers.get(b"content-length", b"")
        size = min(limit, int(stated)) if stated.isdigit() and len(stated) < 12 else limit
        if self._held + size > MAX_HELD:
            raise Overload("too many requests are in hand, wanted a moment's patience")
        self._held += size
        try:
            body = await read_body(receive, headers, limit)
            return await self._take(_SINGLE.get(name), body, headers, scope)
        finally:
            self._held -= size

    def _project(self, key: str, scope: Scope) -> _Answer:
        if self._keys(key) is None:
            return _error(404, "not_found", "no such write key")
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        ours = {"apiKey": key, "apiHost": f"{host}/v1", "protocol": scope.get("scheme", "http")}
        quiet = {"sampleRate": 0}  # unless told so, the browser library sends its own statistics to its maker
        said = {"integrations": {"Segment.io": ours}, "metrics": quiet, "plan": {}, "edgeFunction": {}}
        return _Answer(200, _encoder.encode(said))

    # -- taking --------------------------------------------------------------------------------------------------------
    async def _take(self, kind: str | None, body: bytes, headers: dict[bytes, bytes], scope: Scope) -> _Answer:
        now_us = self._clock_us()
        envelope, broken = _envelope(kind, body)
        source = self._source(headers.get(b"authorization", b""), envelope.writeKey if envelope else None)
        if broken is not None:
            if source:
                await self._keep([Reject(now_us, source, "request", broken.code, broken.message, _text(body))])
            return _error(broken.status, broken.code, broken.message)
        if source is None:
            await self._keep_stranger(now_us)
            return _error(401, "wrong_key", "no such write key, wanted one made with `homing key create --kind write`")
        client = scope.get("client") or ("",)
        arrival = Arrival(source, now_us, self._settings.region, ip=str(client[0]))
        items: list[bytes] = [body]
        if isinstance(envelope, Batch):
            items = [bytes(raw) for raw in envelope.batch]
            context = envelope.context if isinstance(envelope.context, dict) else None
            arrival = Arrival(source, now_us, self._settings.region, arrival.ip, envelope.sentAt, context,
                              envelope.integrations)  # fmt: skip
        taken = [translate(raw, kind, arrival) for raw in items]
        if self._checkpoint is not None:
            taken = self._checkpoint.pass_all(taken)
        return await self._settle(taken, items, kind, arrival)

    def _source(self, authorization: bytes, body_key: object) -> str | None:
        for key in (*_header_keys(authorization), body_key):
            if isinstance(key, str) and key and (source := self._keys(key)):
                return source
        return None

    async def _settle(self, taken: list[Taken], items: list[bytes], kind: str | None, arrival: Arrival) -> _Answer:
        results = _results(taken, await self._append([t.event for t in taken if t.event is not None]))
        refused = []
        for r in results:
            if r.reason:
                body, shape = call_body(items[r.index], kind, r.messageId, arrival)
                refused.append(Reject(arrival.received_us, arrival.source_id, f"item {r.index}", r.reason.code,
                                      r.reason.message, body, shape=shape))  # fmt: skip
        if refused:
            await self._keep(refused)
        self.counts.update(r.status for r in results)
        return _Answer(200, _encoder.encode({"success": True, "results": results}))

    async def _keep_stranger(self, now_us: int) -> None:
        """A wrong key leaves one row a second at most, without its body: strangers must not fill the table."""
        if abs(now_us - self._stranger_us) >= SECOND:
            self._stranger_us = now_us
            await self._keep([Reject(now_us, "", "request", "wrong_key", "no such write key", "")])

    async def _append(self, events: list[Event]) -> list[Verdict]:
        return await self._gather.append(events) if events else []

    async def _keep(self, rows: list[Reject]) -> None:
        """Wait until the refused items are kept, but not for long: the answer matters more."""
        await asyncio.wait([asyncio.wrap_future(self._keeper.put(rows))], timeout=KEPT_WAIT_S)


def _envelope(kind: str | None, body: bytes) -> tuple[Batch | _Envelope | None, BadBody | None]:
    """The envelope and what is wrong with it; a broken one may still say its key."""
    try:
        if kind is not None:
            return _envelopes.decode(body), None
        batch = _batches.decode(body)
        if len(batch.batch) > MAX_BATCH_EVENTS:
            many = f"the batch holds {len(batch.batch)} events, at most {MAX_BATCH_EVENTS}"
            return batch, BadBody(400, "too_many_events", many)
        return batch, None
    except (ValueError, RecursionError) as error:
        said = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        return None, BadBody(400, "bad_json", f"the body cannot be read: {said[:200]}")


def _header_keys(authorization: bytes) -> list[str]:
    scheme, _, rest = authorization.strip().partition(b" ")
    if scheme.lower() == b"bearer":
        return [rest.strip().decode("latin-1")]
    if scheme.lower() == b"basic":
        try:
            return [b64decode(rest.strip(), validate=False).decode("utf-8", "replace").partition(":")[0]]
        except ValueError:
            return []
    return []


def _results(taken: list[Taken], verdicts: list[Verdict]) -> list[Result]:
    of_events = iter(verdicts)
    out: list[Result] = []
    for index, one in enumerate(taken):
        if one.event is None:
            out.append(Result(index, one.message_id, "rejected", Reason(one.code, one.message)))
        else:
            out.append(Result(index, one.message_id, next(of_events).status, warnings=one.warnings))
    return out


def _text(body: bytes) -> str:
    return body[:8_192].decode("utf-8", "replace")


def _error(status: int, code: str, message: str, *headers: tuple[bytes, bytes]) -> _Answer:
    body = {"success": False, "code": code, "message": message, "error": {"code": code, "message": message}}
    return _Answer(status, _encoder.encode(body), headers)


async def _lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
        return
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})
