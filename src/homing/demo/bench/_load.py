"""How is a server loaded without costing much? Raw sockets that send prepared bytes and wait for each answer.

One request is under way on a connection at a time. Paced load counts latency from the instant a request was due, not
from when it was sent, so a stall is not hidden. A 429 is obeyed: its connection comes back after `Retry-After`.
"""

from __future__ import annotations

import gc
import selectors
import socket
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

Make = Callable[[int], bytes]

RECEIVE = 32_768  # bytes at a time; an answer of a batch has fewer, and large buffers are slow to get


@dataclass(slots=True)
class Load:
    """What came of a load.

    Args:
        ok: answers of status 200.
        refused: answers of status 429.
        unsaid: those of them without `Retry-After`.
        other: any other answer.
        seconds: how long it took.
        cpu_s: processor time of the load itself.
        latencies: seconds to each 200.
    """

    ok: int = 0
    refused: int = 0
    unsaid: int = 0
    other: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    latencies: array[float] = field(default_factory=lambda: array("d"))

    @property
    def rate(self) -> float:
        """Answers of status 200 a second."""
        return self.ok / self.seconds

    def quantile_ms(self, share: float) -> float:
        """A quantile of the latency in milliseconds."""
        ordered = sorted(self.latencies)
        return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000, 3)


@dataclass(slots=True)
class _Line:
    """One connection."""

    socket: socket.socket
    due: float = 0.0
    partly: bytes = b""


class _Run:
    def __init__(self, make: Make, lines: list[_Line], rate: float, until: float) -> None:
        self._make, self._until = make, until
        self._pause = len(lines) / rate if rate else 0.0
        self._sent = 0
        self._resting: list[tuple[float, int, _Line]] = []  # by when they are due
        self._left = len(lines)
        self._lines = {line.socket.fileno(): line for line in lines}
        self._poll = selectors.DefaultSelector()
        self.load = Load()
        begun = time.perf_counter()
        for n, line in enumerate(lines):
            self._poll.register(line.socket, selectors.EVENT_READ, line)
            line.due = begun + n * self._pause / len(lines)
            heappush(self._resting, (line.due, n, line))

    def run(self) -> Load:
        begun, cpu = time.perf_counter(), time.process_time()
        ready = _ready(self._poll)
        while self._left:
            now = time.perf_counter()
            while self._resting and self._resting[0][0] <= now:
                self._send(heappop(self._resting)[2], now)
            wait = max(0.0, self._resting[0][0] - now) if self._resting else 1.0
            for line in ready(wait):
                self._read(self._lines[line])
        self._poll.close()
        self.load.seconds, self.load.cpu_s = time.perf_counter() - begun, time.process_time() - cpu
        return self.load

    def _send(self, line: _Line, now: float) -> None:
        if now >= self._until:
            self._left -= 1
            return
        self._sent += 1
        line.socket.sendall(self._make(self._sent))

    def _read(self, line: _Line) -> None:
        data = line.socket.recv(RECEIVE)
        if not data:
            raise ConnectionError("the server closed a connection that waited for its answer")
        if line.partly:
            data = line.partly + data
        head = data.find(b"\r\n\r\n")
        at = data.find(b"content-length: ", 0, head)
        if head < 0 or len(data) < head + 4 + int(data[at + 16 : data.find(b"\r\n", at)]):
            line.partly = data
            return
        line.partly = b""
        now, load = time.perf_counter(), self.load
        if data.startswith(b"HTTP/1.1 200"):
            load.ok += 1
            load.latencies.append(now - line.due)
            line.due = line.due + self._pause if self._pause else now
        elif data.startswith(b"HTTP/1.1 429"):
            load.refused += 1
            line.due = now + self._retry_after(data[:head])
        else:
            load.other += 1
            line.due = now + self._pause
        if line.due <= now:
            self._send(line, now)
        else:
            heappush(self._resting, (line.due, id(line), line))

    def _retry_after(self, head: bytes) -> float:
        _, found, rest = head.partition(b"retry-after: ")
        self.load.unsaid += not found
        return float(rest.partition(b"\r\n")[0]) if found else 1.0


def _ready(poll: selectors.BaseSelector) -> Callable[[float], list[int]]:
    """Which sockets have something to read; where the system can say so, without an object for each."""
    if isinstance(poll, getattr(selectors, "EpollSelector", ())) and (epoll := getattr(poll, "_selector", None)):
        return lambda wait: [fd for fd, _ in epoll.poll(wait)]
    return lambda wait: [key.fd for key, _ in poll.select(wait)]


def load(port: int, make: Make, *, connections: int, seconds: float, rate: float = 0.0) -> Load:
    """Load a server on this machine.

    Args:
        port: where it listens.
        make: the bytes of the n-th request.
        connections: open at once, each with one request under way.
        seconds: how long.
        rate: requests a second in all; 0 for as many as it takes.
    """
    lines = [_Line(socket.create_connection(("127.0.0.1", port))) for _ in range(connections)]
    for line in lines:
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    gc.collect()
    gc.disable()
    try:
        return _Run(make, lines, rate, time.perf_counter() + seconds).run()
    finally:
        gc.enable()
        for line in lines:
            line.socket.close()
