"""What do the benches of the door share? A collector in a process of its own, a bare uvicorn, requests as bytes."""

from __future__ import annotations

import json
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import uvicorn

from homing.api.protocol import protocol_for
from homing.collect import collect_app
from homing.core.settings import Settings
from homing.demo.bench._load import Load
from homing.demo.bench.world import free_port
from homing.runtime.clock import SystemClock
from homing.runtime.runtime import tune
from homing.storage.log import SqliteLog
from homing.storage.state import State

KEY = "wk_bench"
PERSONS = 10_000
KINDS = 100  # requests that differ in more than their number
_NUMBER = b"000000000000"


class Served(NamedTuple):
    """A server under load."""

    port: int
    process: psutil.Process

    def spent(self, run: Callable[[], Load]) -> tuple[Load, float]:
        """A load, and the processor time in seconds that the server took for it."""
        before = self._cpu_s()
        done = run()
        return done, self._cpu_s() - before

    def _cpu_s(self) -> float:
        """What the server has taken, with the process that it keeps beside it."""
        times = [one.cpu_times() for one in (self.process, *self.process.children(recursive=True))]
        return sum(one.user + one.system for one in times)


# -- requests ----------------------------------------------------------------------------------------------------------
def event(message_id: str, n: int = 0) -> dict[str, Any]:
    """An event as shops send them; the n-th has a person, an instant and a product of its own."""
    product = f"p-{n * 37 % 5_000}"
    return {
        "type": "track", "messageId": message_id, "userId": f"user-{n % PERSONS:05}", "anonymousId": f"a-{n % PERSONS}",
        "event": "Product Viewed", "timestamp": f"2026-01-06T12:{n // 60 % 60:02}:{n % 60:02}.{n % 1_000:03}Z",
        "properties": {"product_id": product, "price": 12.5, "category": "Tea",
                       "url": f"https://shop.example/{product}"},
        "context": {"page": {"path": f"/{product}"}, "library": {"name": "bench", "version": "1"}},
    }  # fmt: skip


def single(prefix: str) -> Callable[[int], bytes]:
    """Makes the n-th request of one event; the prefix keeps the ids of one load apart from another's."""
    said = [_request("/v1/track", event(f"{prefix}-{_NUMBER.decode()}", n)) for n in range(KINDS)]
    return _numbered(said)


def batch(prefix: str, size: int, key: str = KEY) -> Callable[[int], bytes]:
    """Makes the n-th request of many events."""
    said = []
    for first in range(0, KINDS * size, size):  # the ids are in the order of time, as clients make them
        items = [event(f"{prefix}-{_NUMBER.decode()}-{n:02}", first + n) for n in range(size)]
        said.append(_request("/v1/batch", {"batch": items}, key))
    return _numbered(said)


def _numbered(said: list[bytes]) -> Callable[[int], bytes]:
    """Requests prepared but for their number: to make one is to copy it."""
    cut = [request.split(_NUMBER) for request in said]
    return lambda n: (b"%012d" % n).join(cut[n % KINDS])


def _request(path: str, body: dict[str, Any], key: str = KEY) -> bytes:
    raw = json.dumps(body | {"writeKey": key}).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


# -- servers -----------------------------------------------------------------------------------------------------------
@contextmanager
def served(kind: str, folder: Path) -> Iterator[Served]:
    """A bare `echo` or a `collect` with its log in the folder, in a process of its own."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(kind, str(folder), port), daemon=True)
    process.start()
    try:
        _wait(port)
        yield Served(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.join(30)


def kept(folder: Path) -> int:
    """How many events the log of the collector holds, once it has stopped."""
    log = SqliteLog(folder / "log", SystemClock())
    try:
        return log.tail()
    finally:
        log.close()


def _serve(kind: str, folder: str, port: int) -> None:
    said: dict[str, Any] = {"port": port, "log_level": "error", "access_log": False, "lifespan": "off",
                            "server_header": False, "date_header": False, "backlog": 2048}  # fmt: skip
    if kind == "echo":
        uvicorn.run(_echo, **said)
        return
    tune()  # as `homing up` does
    log, state = SqliteLog(Path(folder) / "log", SystemClock()), State(Path(folder) / "state.db")
    app = collect_app(log, state, {KEY: "bench"}.get, SystemClock(), Settings())
    uvicorn.run(app, http=protocol_for(app.door), **said)
    app.close()
    log.close()
    state.close()


async def _echo(_scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"16")]})
    await send({"type": "http.response.body", "body": b'{"success":true}'})


def _wait(port: int, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"no server on port {port} after {seconds:.0f} s")
