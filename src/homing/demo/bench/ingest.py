"""How many live events come in, acknowledged only when durable? Beside bare uvicorn, bare SQLite and the disk.

Server and load share the machine's cores, in two processes. At the end the log is counted: nothing is lost.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import create_engine

from homing.collect import collect_app
from homing.core.settings import Settings
from homing.demo.bench._load import Load, load
from homing.demo.bench.row import BenchRow
from homing.runtime.clock import SystemClock
from homing.storage.log import SqliteLog
from homing.storage.state import State

KEY = "wk_bench"
GOAL_SINGLE, GOAL_BATCH, GOAL_P99_MS = 30_000, 200_000, 20.0
BATCH = 100
CONNECTIONS, BATCH_CONNECTIONS = 100, 10


def run(seconds: int = 5) -> list[BenchRow]:
    """Single events over 100 connections, batches of 100 over 10, one event at a time over one; each `seconds` long."""
    with tempfile.TemporaryDirectory(prefix="bench-ingest-") as name:
        folder = Path(name)
        fsync_ms, inserts = _fsync_ms(folder), _inserts(folder)
        with _server("echo", folder) as port:
            echo = load(port, _single, connections=CONNECTIONS, seconds=seconds)
        with _server("collect", folder) as port:
            single = load(port, _single, connections=CONNECTIONS, seconds=seconds)
            rate = single.ok / single.seconds
            paced = load(port, _numbered("p"), connections=CONNECTIONS, seconds=seconds, rate=rate * 0.7)
            one = load(port, _numbered("o"), connections=1, seconds=seconds / 2)
            batch = load(port, _batch, connections=BATCH_CONNECTIONS, seconds=seconds)
        lost = _events(single, paced, one) + batch.ok * BATCH - _kept(folder)
    bare = round(echo.ok / echo.seconds)
    return [
        BenchRow("ingest.single", round(rate), "requests/s", "bare uvicorn", bare, GOAL_SINGLE),
        BenchRow("ingest.single_p99", paced.quantile_ms(0.99), "ms at 70 %", goal=GOAL_P99_MS, better="lower"),
        BenchRow("ingest.batch", round(batch.ok * BATCH / batch.seconds), "events/s", "bare SQLite, grouped", inserts,
                 GOAL_BATCH),
        BenchRow("ingest.one_by_one", one.quantile_ms(0.5), "ms an event", "fsync of this disk", fsync_ms,
                 round(2 * fsync_ms, 2), "lower"),
        BenchRow("ingest.lost", lost, "events", goal=0, better="equal"),
    ]  # fmt: skip


# -- requests ----------------------------------------------------------------------------------------------------------
def _event(message_id: str) -> dict[str, Any]:
    return {
        "type": "track", "messageId": message_id, "userId": f"user-{hash(message_id) % 10_000}", "anonymousId": "a-77",
        "event": "Product Viewed", "timestamp": "2026-01-06T12:00:00.000Z",
        "properties": {"product_id": "p-123", "price": 12.5, "category": "Tea", "url": "https://shop.example/p-123"},
        "context": {"page": {"path": "/p-123"}, "library": {"name": "bench", "version": "1"}},
    }  # fmt: skip


def _request(path: str, body: dict[str, Any]) -> bytes:
    raw = json.dumps(body | {"writeKey": KEY}).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


_TEMPLATE = _request("/v1/track", _event("x-000000000000"))
_BATCH_TEMPLATE = _request("/v1/batch", {"batch": [_event(f"b{n:02}-000000000000") for n in range(BATCH)]})


def _single(n: int) -> bytes:
    return _TEMPLATE.replace(b"x-000000000000", b"s-%012d" % n)


def _batch(n: int) -> bytes:
    return _BATCH_TEMPLATE.replace(b"-000000000000", b"-%012d" % n)


def _numbered(prefix: str) -> Any:
    return lambda n: _TEMPLATE.replace(b"x-000000000000", f"{prefix}-{n:012d}".encode())


# -- servers -----------------------------------------------------------------------------------------------------------
@contextmanager
def _server(kind: str, folder: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(kind, str(folder), port), daemon=True)
    process.start()
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.join(30)


def _serve(kind: str, folder: str, port: int) -> None:
    if kind == "echo":
        uvicorn.run(_echo, port=port, log_level="error", access_log=False, lifespan="off")
        return
    log, state = SqliteLog(Path(folder) / "log", SystemClock()), State(Path(folder) / "state.db")
    app = collect_app(log, state, {KEY: "bench"}.get, SystemClock(), Settings())
    uvicorn.run(app, port=port, log_level="error", access_log=False, lifespan="off")
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


# -- anchors and the count ---------------------------------------------------------------------------------------------
def _fsync_ms(folder: Path, times: int = 200) -> float:
    with (folder / "fsync").open("wb") as file:
        begun = time.perf_counter()
        for _ in range(times):
            file.write(b"x" * 512)
            file.flush()
            os.fsync(file.fileno())
        return round((time.perf_counter() - begun) / times * 1000, 3)


def _inserts(folder: Path, rows: int = 200_000, group: int = 10_000) -> int:
    """Rows a second into a bare SQLite table, durable, in the log's own group size."""
    engine = create_engine(f"sqlite:///{folder / 'bare.db'}")
    body = json.dumps(_event("x-000000000000")).encode()
    with engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA journal_mode=WAL")
        conn.exec_driver_sql("PRAGMA synchronous=FULL")
        conn.exec_driver_sql("CREATE TABLE e (id TEXT PRIMARY KEY, body BLOB)")
        conn.commit()
        begun = time.perf_counter()
        for start in range(0, rows, group):
            part = [(f"m{n:012d}", body) for n in range(start, start + group)]
            conn.exec_driver_sql("INSERT INTO e VALUES (?, ?)", part)
            conn.commit()
        took = time.perf_counter() - begun
    engine.dispose()
    return round(rows / took)


def _events(*loads: Load) -> int:
    return sum(one.ok for one in loads)


def _kept(folder: Path) -> int:
    log = SqliteLog(folder / "log", SystemClock())
    try:
        return log.tail()
    finally:
        log.close()
