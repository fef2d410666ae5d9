"""How fast is a web server's log read? Lines a second into rows, and into the log, beside reading the bare lines.

The log is made: 400 visitors' agents and networks, paths with and without campaigns, images between the pages, robots.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from homing.collect.files import ImportRequest, run_import
from homing.collect.formats import About
from homing.collect.formats.access_log import AccessLog
from homing.demo.bench.row import BenchRow
from homing.runtime.clock import SystemClock
from homing.storage.log import SqliteLog
from homing.storage.state import State

VISITORS = 400
SECONDS_A_DAY = 86_400
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{0}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{1} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.{1} "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (compatible; Googlebot/2.{1}; +http://www.google.com/bot.html)",
)
_PATHS = (
    "/",
    "/tea",
    "/tea/green?utm_source=news&utm_campaign=spring",
    "/logo.png",
    "/app.css",
    "/cart",
    "/search?q=a",
)


def run(lines: int = 200_000) -> list[BenchRow]:
    """Read a log of `lines` lines as rows, then import it until it is durable."""
    with tempfile.TemporaryDirectory(prefix="bench-logs-") as name:
        folder = Path(name)
        log = folder / "access.log"
        write_log(log, lines)
        bare_s = min(_bare(log) for _ in range(3))
        begun = time.perf_counter()
        read = sum(len(p.rows) + len(p.broken) + p.left_out for p in AccessLog().read(log, About(secret=b"bench")))
        read_s = time.perf_counter() - begun
        accepted, import_s = _imported(log, folder)
        bare = round(lines / bare_s)
        return [
            BenchRow("logs.read", round(read / read_s), "lines/s", "the bare lines", bare),
            BenchRow("logs.import", round(lines / import_s), "lines/s", "the bare lines", bare),
            BenchRow("logs.import_pages", round(accepted / import_s), "pages/s"),
        ]


def write_log(path: Path, lines: int, *, seed: int = 7) -> None:
    """A combined log of a week; the same for the same seed."""
    draw = np.random.default_rng(seed)
    agents = [_BROWSERS[n % len(_BROWSERS)].format(100 + n % 40, n % 9) for n in range(VISITORS)]
    who, what = draw.integers(0, VISITORS, lines), draw.integers(0, len(_PATHS), lines)
    at = np.sort(draw.integers(0, 7 * SECONDS_A_DAY, lines))
    with path.open("w", encoding="utf-8") as out:
        for n, v, p in zip(at.tolist(), who.tolist(), what.tolist(), strict=True):
            day, rest = divmod(n, SECONDS_A_DAY)
            clock = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
            out.write(
                f"198.51.{v % 100}.{v % 250} - - [{5 + day:02d}/Jan/2026:{clock} +0000] "
                f'"GET {_PATHS[p]} HTTP/1.1" 200 {500 + v} "https://search.example/" "{agents[v]}"\n'
            )


def _bare(path: Path) -> float:
    begun = time.perf_counter()
    with path.open("rb") as file:
        count = sum(1 for line in file if line)
    return max(time.perf_counter() - begun, count * 1e-12)


def _imported(path: Path, folder: Path) -> tuple[int, float]:
    log, state = SqliteLog(folder / "log", SystemClock()), State(folder / "state.db")
    try:
        begun = time.perf_counter()
        request = ImportRequest(path, "events", format="access_log")
        done = run_import(request, log, state, now_us=SystemClock()(), rejected_dir=folder / "rejected")
        return done.accepted, time.perf_counter() - begun
    finally:
        log.close()
        state.close()
