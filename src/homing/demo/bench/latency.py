"""How long from an event to the e-mail it causes, while 500 events a second come in? Beside a bare SMTP hand-over.

Measured from outside: from the instant a client posts a `Checkout Started` to the instant the mail server has the
whole message of that customer. Everything lies between: the durable log, the stream, the ledger, the template.
"""

from __future__ import annotations

import smtplib
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from homing.demo.bench.row import BenchRow
from homing.demo.bench.world import Client, ServerProcess, Sink, free_port, make_workspace

BATCH = 5  # events a request
CLIENTS = 4  # that post side by side
STARTS = 10  # one event in so many begins a journey
GRACE_S = 20.0
BARE = 300


def run(rate: int = 500, seconds: int = 20) -> list[BenchRow]:
    """Post `rate` events a second for `seconds` and time the e-mails that a tenth of them causes."""
    with tempfile.TemporaryDirectory(prefix="homing-latency-") as name:
        folder, sink = Path(name) / "workspace", Sink().start()
        try:
            bare_ms = _bare(sink)
            key = make_workspace(folder, sink.port, delay=None, timeout="1h")
            server = ServerProcess(folder, free_port()).start()
            server.wait_ready()
            try:
                waits_ms, started, took_s = _load(server.port, key, sink, rate, seconds)
            finally:
                server.stop()
        finally:
            sink.stop()
    p50, p99 = _percentile(waits_ms, 50), _percentile(waits_ms, 99)
    return [
        BenchRow("latency.event_to_email_p50", p50, "ms", "bare smtplib p50", _percentile(bare_ms, 50)),
        BenchRow("latency.event_to_email_p99", p99, "ms", "bare smtplib p99", _percentile(bare_ms, 99)),
        BenchRow("latency.events_a_second", rate * seconds / took_s, "events/s", goal=rate * 0.98),
        BenchRow("latency.emails_missing", started - len(waits_ms), "messages", goal=0, better="equal"),
        BenchRow("latency.emails", len(waits_ms), "messages"),
    ]


def _load(port: int, key: str, sink: Sink, rate: int, seconds: int) -> tuple[list[float], int, float]:
    total = rate * seconds
    people, client = total // STARTS, Client(port, key)
    for first in range(0, people, 100):
        client.post([_known(n) for n in range(first, min(first + 100, people))])
    posted: dict[str, int] = {}
    began = time.perf_counter()

    def shop(lane: int) -> None:
        mine = Client(port, key)
        for first in range(lane * BATCH, total, CLIENTS * BATCH):
            pause = began + first / rate - time.perf_counter()
            if pause > 0:
                time.sleep(pause)
            now = time.time_ns() // 1000
            events = range(first, min(first + BATCH, total))
            posted.update({_address(n // STARTS): now for n in events if n % STARTS == 0})
            mine.post([_event(n) for n in events])

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(shop, range(CLIENTS)))
    took_s = time.perf_counter() - began
    ends = time.monotonic() + GRACE_S
    while len(sink.to.keys() & posted.keys()) < len(posted) and time.monotonic() < ends:
        time.sleep(0.05)
    waits = [(sink.to[address][0] - at) / 1000 for address, at in posted.items() if address in sink.to]
    return waits, len(posted), took_s


def _address(n: int) -> str:
    return f"buyer-{n}@shop.example"


def _known(n: int) -> dict[str, Any]:
    return {"type": "identify", "messageId": f"i{n}", "userId": f"buyer-{n}", "traits": {"email": _address(n)}}


def _event(n: int) -> dict[str, Any]:
    if n % STARTS == 0:
        return {"type": "track", "messageId": f"s{n}", "userId": f"buyer-{n // STARTS}", "event": "Checkout Started"}
    return {
        "type": "track", "messageId": f"v{n}", "userId": f"looker-{n % 997}", "event": "Product Viewed",
        "properties": {"product_id": str(n % 50), "price": 9.5},
    }  # fmt: skip


def _bare(sink: Sink) -> list[float]:
    """What the mail server alone costs: one connection, one short message after the other."""
    waits = []
    text = b"Subject: bare\r\nMessage-ID: <%d@bare.example>\r\n\r\nHello\r\n" + (b"x" * 70 + b"\r\n") * 30
    with smtplib.SMTP("127.0.0.1", sink.port) as smtp:
        for n in range(BARE):
            began = time.perf_counter()
            smtp.sendmail("a@bare.example", [f"bare-{n}@bare.example"], text % n)
            waits.append((time.perf_counter() - began) * 1000)
    return waits


def _percentile(values: list[float], p: int) -> float:
    """The value that p in 100 stay at or below; the whole of them when there are too few to say."""
    if len(values) < 2:
        return max(values, default=float("nan"))
    return round(statistics.quantiles(values, n=100, method="inclusive")[p - 1], 2)
