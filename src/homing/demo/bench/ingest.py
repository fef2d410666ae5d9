"""How many live events come in, acknowledged only when durable? Beside bare uvicorn, bare SQLite and the disk.

Server and load share the machine's cores, in two processes; what each took of a processor is printed too, for that
holds on a machine that others use as well. At the end the log is counted: nothing is lost.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median

from sqlalchemy import create_engine

from homing.collect.doors.wire import decode_item
from homing.demo.bench._collector import batch, event, kept, served, single
from homing.demo.bench._load import load
from homing.demo.bench.row import BenchRow

GOAL_SINGLE, GOAL_BATCH, GOAL_P99_MS = 30_000, 200_000, 20.0
BATCH = 100
CONNECTIONS, BATCH_CONNECTIONS = 100, 10


def run(seconds: int = 5) -> list[BenchRow]:
    """Single events over 100 connections, batches of 100 over 10, one event at a time over one; each `seconds` long."""
    with tempfile.TemporaryDirectory(prefix="bench-ingest-") as name:
        folder = Path(name)
        flushes, decoded = _flushes(folder), _decoded()
        few, many = _inserts(folder, CONNECTIONS, 40_000), _inserts(folder, BATCH * BATCH_CONNECTIONS, 200_000)
        with served("echo", folder) as bare:
            echo = load(bare.port, single("e"), connections=CONNECTIONS, seconds=seconds)
        with served("collect", folder) as door:
            port = door.port
            ones, ones_cpu_s = door.spent(lambda: load(port, single("s"), connections=CONNECTIONS, seconds=seconds))
            paced = load(port, single("p"), connections=CONNECTIONS, seconds=seconds, rate=ones.rate * 0.7)
            alone = load(port, single("o"), connections=1, seconds=seconds / 2)
            flushes += _flushes(folder)  # before and after: a disk that others use changes its mind
            lots, lots_cpu_s = door.spent(
                lambda: load(port, batch("b", BATCH), connections=BATCH_CONNECTIONS, seconds=seconds)
            )
        lost = ones.ok + paced.ok + alone.ok + lots.ok * BATCH - kept(folder)
    events, fsync_ms = lots.ok * BATCH, round(median(flushes) * 1000, 3)
    a_second, a_batch_second = round(ones.rate), round(events / lots.seconds)
    return [
        BenchRow("ingest.single", a_second, "requests/s", "bare uvicorn", round(echo.rate), GOAL_SINGLE),
        BenchRow("ingest.single_by_sqlite", a_second, "requests/s", "bare SQLite, groups of 100", few),
        BenchRow("ingest.single_by_fsync", a_second, "requests/s", "fsyncs of this disk", round(1000 / fsync_ms)),
        BenchRow("ingest.single_p99", paced.quantile_ms(0.99), "ms at 70 %", goal=GOAL_P99_MS, better="lower"),
        BenchRow("ingest.single_p50", paced.quantile_ms(0.5), "ms at 70 %"),
        BenchRow("ingest.batch", a_batch_second, "events/s", "bare SQLite, groups of 1,000", many, GOAL_BATCH),
        BenchRow("ingest.batch_by_decode", a_batch_second, "events/s", "msgspec decoding them", decoded),
        BenchRow("ingest.one_by_one", alone.quantile_ms(0.5), "ms an event", "fsync of this disk", fsync_ms,
                 round(2 * fsync_ms, 3), "lower"),
        BenchRow("ingest.single_server", round(ones_cpu_s / ones.ok * 1e6, 1), "µs of processor a request",
                 "the load itself", round(ones.cpu_s / ones.ok * 1e6, 1)),
        BenchRow("ingest.batch_server", round(lots_cpu_s / events * 1e6, 2), "µs of processor an event",
                 "the load itself", round(lots.cpu_s / events * 1e6, 2)),
        BenchRow("ingest.lost", lost, "events", goal=0, better="equal"),
    ]  # fmt: skip


def _flushes(folder: Path, times: int = 200) -> list[float]:
    """Seconds that a write of 512 bytes and its fsync take."""
    took = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(times):
            begun = time.perf_counter()
            file.write(b"x" * 512)
            file.flush()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - begun)
    return took


def _decoded(times: int = 50_000) -> int:
    """Events a second that only have to be decoded, on one core."""
    raw = json.dumps(event("x-000000000000")).encode()
    begun = time.perf_counter()
    for _ in range(times):
        decode_item(raw)
    return round(times / (time.perf_counter() - begun))


def _inserts(folder: Path, group: int, rows: int) -> int:
    """Rows a second into a bare SQLite table, durable, by groups of a size the log's own have."""
    engine = create_engine(f"sqlite:///{folder / f'bare-{group}.db'}")
    body = json.dumps(event("x-000000000000")).encode()
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
