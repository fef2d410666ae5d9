"""What happens at three times the rate that can be held? Some are told to come back, nobody is lied to, pages answer.

The whole server runs: collecting, the stream, the console's API. Clients obey `Retry-After`. What was acknowledged is
counted against the log at the end.
"""

from __future__ import annotations

import http.client
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from homing.core.settings import load_settings
from homing.demo.bench._collector import batch, kept
from homing.demo.bench._load import load
from homing.demo.bench.row import BenchRow
from homing.demo.bench.world import ServerProcess, free_port
from homing.runtime import Runtime, SystemClock, Workspace

TIMES = 3
BATCH = 100
CONNECTIONS, MANY = 10, 1_200
PAGES = ("/api/overview", "/api/keys", "/")
GOAL_MEMORY_MB, GOAL_PAGE_MS, GOAL_SHARE = 300, 2_000, 0.5


def run(seconds: int = 5, times: int = TIMES) -> list[BenchRow]:
    """Find the rate that ten clients get, then let 1,200 clients want `times` as much; each `seconds` long."""
    _open_files(2 * MANY)
    with tempfile.TemporaryDirectory(prefix="bench-overload-") as name:
        folder = Path(name) / "workspace"
        write, admin = _keys(folder)
        server = ServerProcess(folder, free_port()).start()
        try:
            server.wait_ready()
            held = load(server.port, batch("h", BATCH, write), connections=CONNECTIONS, seconds=seconds)
            watch = _Watch(server, admin).start()
            much = load(server.port, batch("m", BATCH, write), connections=MANY, seconds=seconds,
                        rate=held.rate * times)  # fmt: skip
            watch.stop()
        finally:
            server.stop()
        lost = max(0, (held.ok + much.ok) * BATCH - kept(folder))
    sustained = round(held.rate * BATCH)
    return [
        BenchRow("overload.accepted", round(much.rate * BATCH), "events/s", "what ten clients get", sustained,
                 round(sustained * GOAL_SHARE)),
        BenchRow("overload.told_to_come_back", much.refused, "answers of 429", goal=1),
        BenchRow("overload.not_told_when", much.unsaid, "answers of 429", goal=0, better="equal"),
        BenchRow("overload.other_answers", held.other + much.other, "answers", goal=0, better="equal"),
        BenchRow("overload.lost", lost, "events", goal=0, better="equal"),
        BenchRow("overload.memory", watch.grown_mb, "MB more", "before the overload", watch.before_mb, GOAL_MEMORY_MB,
                 "lower"),
        BenchRow("overload.slowest_page", watch.slowest_ms, "ms", goal=GOAL_PAGE_MS, better="lower"),
        BenchRow("overload.pages_failed", watch.failed, "pages", goal=0, better="equal"),
        BenchRow("overload.pages", watch.pages, "pages", goal=1),
        BenchRow("overload.accepted_p99", much.quantile_ms(0.99), "ms"),
    ]  # fmt: skip


class _Watch:
    """Asks pages and looks at the memory while the load runs."""

    def __init__(self, server: ServerProcess, admin: str) -> None:
        assert server.process is not None  # noqa: S101 - it was started
        self._port, self._admin = server.port, admin
        self._process = psutil.Process(server.process.pid)
        self.before_mb = round(self._process.memory_info().rss / 1e6)
        self.grown_mb = self.pages = self.failed = 0
        self.slowest_ms = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> _Watch:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.2):
            for page in PAGES:
                began = time.perf_counter()
                self.failed += not self._page(page)
                self.pages += 1
                self.slowest_ms = max(self.slowest_ms, round((time.perf_counter() - began) * 1000, 1))
            self.grown_mb = max(self.grown_mb, round(self._process.memory_info().rss / 1e6) - self.before_mb)

    def _page(self, page: str) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("GET", page, headers={"authorization": f"Bearer {self._admin}"})
            answer = connection.getresponse()
            answer.read()
            return answer.status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _keys(folder: Path) -> tuple[str, str]:
    folder.mkdir(parents=True)
    (folder / "homing.toml").write_text('name = "bench"\n', encoding="utf-8")
    with Runtime(Workspace.open(folder, SystemClock(), load_settings(folder, {})), sending=False) as runtime:
        w = runtime.workspace
        write, admin = (w.keys.create(kind, "bench", now_us=w.clock(), by="bench")[1] for kind in ("write", "admin"))
    return write, admin


def _open_files(wanted: int) -> None:
    """Each connection is a file, here and in the server, and some systems begin with few."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Windows has none

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard < 0 else min(wanted, hard), hard))
