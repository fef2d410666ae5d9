"""How long until `homing up` can be used, and how much memory does it then hold? Beside a bare uvicorn.

Ready means that `/readyz` says so: events are taken durably and the stream works. The first start makes the workspace,
the second finds it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from homing.demo.bench.row import BenchRow
from homing.demo.bench.world import ServerProcess, free_port, get

BARE = """
import sys, uvicorn
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})
uvicorn.run(app, port=int(sys.argv[1]), log_level="critical", lifespan="off")
"""
MEGA = 1_000_000


def run(starts: int = 5) -> list[BenchRow]:
    """Start the server `starts` times on a new workspace, and as often again on the same one."""
    first, second, stops, memory, bare, cpu = [], [], [], [], [], []
    for _ in range(starts):
        bare.append(_bare())
        with tempfile.TemporaryDirectory(prefix="homing-start-") as name:
            server = ServerProcess(Path(name) / "workspace", free_port())
            first.append(server.start().wait_ready())
            stops.append(server.stop())
            second.append(server.start().wait_ready())
            if server.process is not None:
                watched = psutil.Process(server.process.pid)
                cpu.append(watched.cpu_times().user + watched.cpu_times().system)
                time.sleep(1.0)  # the admin API is built meanwhile
                memory.append(watched.memory_info().rss / MEGA)
            stops.append(server.stop())
    anchor = statistics.median(bare)
    return [
        BenchRow("cold_start.first", round(statistics.median(first), 3), "s", "bare uvicorn", anchor, 3.0, "lower"),
        BenchRow("cold_start.again", round(statistics.median(second), 3), "s", "bare uvicorn", anchor, 3.0, "lower"),
        BenchRow("cold_start.cpu", round(statistics.median(cpu), 3), "s"),
        BenchRow("cold_start.stop", round(max(stops), 3), "s", goal=5.0, better="lower"),
        BenchRow("cold_start.memory", round(statistics.median(memory), 1), "MB", goal=1500.0, better="lower"),
    ]


def _bare() -> float:
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", BARE, str(port)])  # noqa: S603 - our own command
    while get(port, "/")[0] != 200 and time.perf_counter() - began < 30:
        time.sleep(0.01)
    took = time.perf_counter() - began
    process.terminate()
    process.wait()
    return round(took, 3)
