"""Where do live events come in? A bare ASGI application that speaks Segment's protocol and says 200 only when durable.

Bad input is never answered with a 5xx. Each item of a batch has its own verdict; what was refused is kept. A log that
cannot write any more answers 503, so that clients keep their events and try again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from homing.collect.doors.answers import Answer, failure, refusal, said
from homing.collect.doors.beside import Beside
from homing.collect.doors.body import Receive, read_body
from homing.collect.doors.door import Door, Keys
from homing.collect.doors.held import Limits
from homing.collect.doors.keys import keys_of
from homing.collect.doors.paths import LIMITS, SINGLE
from homing.collect.quality import Checkpoint
from homing.collect.rejects import RejectKeeper
from homing.core.settings import Settings
from homing.storage.log import EventLog
from homing.storage.state import State

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Scope = MutableMapping[str, Any]


def collect_app(
    log: EventLog, state: State, keys: Keys, clock_us: Callable[[], int], settings: Settings,
    *, checkpoint: Checkpoint | None = None, limits: Limits | None = None,
) -> CollectApp:  # fmt: skip
    """The application for `/v1/*`.

    Args:
        log: where accepted events go.
        state: where refused ones are kept.
        keys: write key to source id; None for a key that is not known. Called on the event loop, so from memory.
        clock_us: the instant of arrival.
        settings: for the region of phone numbers.
        checkpoint: looks at each event by plan and rules; nothing is looked at when None.
        limits: how much may be in hand before the door says 429.
    """
    keeper = RejectKeeper(state)
    door = Door(
        log, keeper, keys=keys, clock_us=clock_us, region=settings.region, checkpoint=checkpoint, limits=limits,
        beside=Beside(),
    )  # fmt: skip
    return CollectApp(door, keeper)


class CollectApp:
    """The ASGI application; `counts` is read by the metrics page."""

    def __init__(self, door: Door, keeper: RejectKeeper) -> None:
        self.door = door
        self._keeper = keeper

    @property
    def counts(self) -> Counter[str]:
        """How many items had each verdict, and how many answers each status."""
        return self.door.counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await _lifespan(scope, receive, send)
            return
        try:
            answer = await self._answer(scope, receive)
        except Exception as error:  # a client waits for an answer, whatever it is
            answer = failure(error)
        self.door.answered(answer)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    def close(self) -> None:
        """Write the refused items that wait; let go of the process that judges beside this one."""
        if self.door.beside is not None:
            self.door.beside.close()
        self._keeper.close()

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        method, name = scope["method"], scope["path"].removeprefix("/v1/").rstrip("/")
        if method == "OPTIONS":
            return Answer(204, b"")
        if name == "m":  # the browser library's own statistics: taken, not kept
            return Answer(200, b'{"success":true}')
        if name.startswith("projects/") and name.endswith("/settings"):
            return self._project(name.split("/")[1], scope)
        if name not in LIMITS:
            return refusal(404, "not_found", "no such path, wanted one of /v1/batch, /v1/track …")
        if method != "POST":
            return refusal(405, "method", "wanted POST", (b"allow", b"POST, OPTIONS"))
        headers = dict(scope["headers"])
        body = await read_body(receive, headers, LIMITS[name], self.door.arriving)
        client = scope.get("client") or ("",)
        return await self.door.take(SINGLE.get(name), body, keys_of(headers.get(b"authorization", b"")), str(client[0]))

    def _project(self, key: str, scope: Scope) -> Answer:
        if self.door.source((key,), None) is None:
            return refusal(404, "not_found", "no such write key")
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        ours = {"apiKey": key, "apiHost": f"{host}/v1", "protocol": scope.get("scheme", "http")}
        quiet = {"sampleRate": 0}  # unless told so, the browser library sends its own statistics to its maker
        return said({"integrations": {"Segment.io": ours}, "metrics": quiet, "plan": {}, "edgeFunction": {}})


async def _lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
        return
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})
