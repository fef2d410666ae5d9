"""How is a server loaded without costing much? Raw connections that send prepared bytes and wait for each answer.

Paced load counts latency from the instant a request was due, not from when it was sent, so a stall is not hidden.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Make = Callable[[int], bytes]


@dataclass(slots=True)
class Load:
    """What came of a load: answers of status 200 and others, seconds it took, latency of each answer."""

    ok: int = 0
    other: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    def quantile_ms(self, share: float) -> float:
        """A quantile of the latency in milliseconds."""
        ordered = sorted(self.latencies)
        return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000, 2)


class _Connection(asyncio.Protocol):
    def __init__(self, load: _Running) -> None:
        self._load = load
        self._buffer = b""
        self._due = 0.0
        self._next = time.perf_counter()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_connection makes
        self.transport = transport

    def begin(self) -> None:
        """Send the next request when it is due."""
        load = self._load
        now = time.perf_counter()
        if now >= load.until:
            load.left -= 1
            if not load.left:
                load.done.set()
            return
        self._due = now if load.pause_s == 0 else self._next
        if self._due > now:
            asyncio.get_running_loop().call_later(self._due - now, self._send)
        else:
            self._send()

    def _send(self) -> None:
        self._next = self._due + self._load.pause_s
        if self.transport is not None:
            self.transport.write(self._load.make())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._buffer.lower().find(b"content-length:", 0, head)
        length = int(self._buffer[at + 15 : self._buffer.find(b"\r\n", at)])
        if len(self._buffer) < head + 4 + length:
            return
        good = self._buffer.startswith(b"HTTP/1.1 200")
        self._buffer = b""
        self._load.answered(good, time.perf_counter() - self._due)
        self.begin()


class _Running:
    def __init__(self, make: Make, connections: int, until: float, rate: float) -> None:
        self._make = make
        self._sent = 0
        self.until = until
        self.left = connections
        self.pause_s = connections / rate if rate else 0.0
        self.done = asyncio.Event()
        self.result = Load()

    def make(self) -> bytes:
        self._sent += 1
        return self._make(self._sent)

    def answered(self, good: bool, latency: float) -> None:
        self.result.ok += good
        self.result.other += not good
        self.result.latencies.append(latency)


def load(port: int, make: Make, *, connections: int, seconds: float, rate: float = 0.0) -> Load:
    """Load a server on this machine.

    Args:
        port: where it listens.
        make: the bytes of the n-th request.
        connections: open at once, each with one request under way.
        seconds: how long.
        rate: requests a second in all; 0 for as many as it takes.
    """
    return asyncio.run(_run(port, make, connections, seconds, rate))


async def _run(port: int, make: Make, connections: int, seconds: float, rate: float) -> Load:
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    running = _Running(make, connections, begun + seconds, rate)
    made = [await loop.create_connection(lambda: _Connection(running), "127.0.0.1", port) for _ in range(connections)]
    begun = time.perf_counter()
    running.until = begun + seconds
    for _, one in made:
        one.begin()
    await running.done.wait()
    running.result.seconds = time.perf_counter() - begun
    for transport, _ in made:
        transport.close()
    return running.result
