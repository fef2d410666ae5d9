"""A collector on a real socket, and a client that says exactly the bytes it is given."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import uvicorn

from collect_client import KEY, Collector
from homing.api.protocol import protocol_for

HOST = b"host: shop.example\r\n"


@contextmanager
def listening(collector: Collector, *, early: bool = True, keep_alive: int = 30) -> Iterator[int]:
    """The port of a server; `early` answers plain requests before ASGI."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    how = {"http": protocol_for(collector.app.door)} if early else {}
    quiet = {"log_level": "critical", "lifespan": "off", "server_header": False, "date_header": False}
    config = uvicorn.Config(
        collector.app, port=port, timeout_keep_alive=keep_alive, timeout_graceful_shutdown=3, **quiet, **how
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()


class Heard(NamedTuple):
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes
    raw: bytes

    @property
    def statuses(self) -> list[str]:
        """The verdict of each item."""
        return [r["status"] for r in json.loads(self.body)["results"]]


class Line:
    """One connection."""

    def __init__(self, port: int, timeout: float = 10.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._read = b""

    def say(self, *pieces: bytes, pause: float = 0.0) -> Line:
        for n, piece in enumerate(pieces):
            if n and pause:
                time.sleep(pause)
            self.socket.sendall(piece)
        return self

    def hear(self, *, method: str = "POST") -> Heard:
        """The next answer."""
        while b"\r\n\r\n" not in self._read:
            self._more()
        head, _, rest = self._read.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        size = 0 if method == "HEAD" or first.split()[1] == "100" else int(headers.get("content-length", 0))
        while len(rest) < size:
            self._more()
            rest = self._read.partition(b"\r\n\r\n")[2]
        self._read = rest[size:]
        return Heard(int(first.split()[1]), headers, rest[:size], head + b"\r\n\r\n" + rest[:size])

    def ended(self) -> bool:
        """Whether the server closed, with nothing more to say."""
        try:
            return self._read == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self.socket.close()

    def _more(self) -> None:
        got = self.socket.recv(65_536)
        if not got:
            raise ConnectionError(f"closed after {self._read!r}")
        self._read += got

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def post(path: str, body: object, *headers: bytes, length: int | None = None) -> bytes:
    """A request as clients write it."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    stated = b"content-length: %d\r\n" % (len(raw) if length is None else length)
    return (
        b"POST %b HTTP/1.1\r\n%b%b%b\r\n" % (path.encode(), HOST, stated, b"".join(h + b"\r\n" for h in headers)) + raw
    )


def track(message_id: str, **more: object) -> bytes:
    """A request of one event."""
    body = {"writeKey": KEY, "userId": "ann", "event": "Seen", "messageId": message_id}
    return post("/v1/track", body | more)
