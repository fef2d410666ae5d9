"""What does a bad network do to a request? A relay between a client and a real server: it can refuse, drop and go away.

Whatever is not spoiled is handed on untouched, `Host` included, and the true answer comes back untouched.
"""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

Spoil = Literal["refuse", "lose", "503"]  # cut before it is handed on; cut after it was answered; answered 503
CORS = (("access-control-allow-origin", "*"),)


class Passed(NamedTuple):
    """A request that came by."""

    at: float
    method: str
    path: str
    headers: dict[str, str]
    size: int
    status: int  # 0: the client got no answer


class Relay:
    """Listens on a port of its own; `spoil` says what happens to the next POSTs."""

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream).netloc
        self.spoil: list[Spoil] = []
        self.passed: list[Passed] = []
        self.busy = 0  # requests under way
        self.lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._open: set[socket.socket] = set()
        self.start(0)
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self, port: int | None = None) -> None:
        """Be reachable."""
        relay = self

        class Handler(_Handler):
            owner = relay

        self._server = _Server(("127.0.0.1", self.port if port is None else port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Be gone: a connection is refused, those that are open break."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for one in list(self._open):
            cut(one)

    def posts(self) -> list[Passed]:
        """The POSTs that came by."""
        with self.lock:
            return [p for p in self.passed if p.method == "POST"]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    owner: Relay
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.owner._open.add(self.connection)

    def finish(self) -> None:
        self.owner._open.discard(self.connection)
        super().finish()

    def relay(self) -> None:
        with self.owner.lock:
            self.owner.busy += 1
        try:
            self.pass_on()
        finally:
            with self.owner.lock:
                self.owner.busy -= 1

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        with self.owner.lock:
            spoil = self.owner.spoil.pop(0) if self.command == "POST" and self.owner.spoil else None
        if spoil == "503":
            self.answer(503, CORS, b"{}", len(body))
            return
        if spoil == "refuse":
            self.note(0, len(body))
            self.cut()
            return
        status, headers, said = self.ask(body)
        if spoil == "lose":
            self.note(0, len(body))
            self.cut()
            return
        self.answer(status, headers, said, len(body))

    do_GET = do_POST = do_OPTIONS = relay  # noqa: N815

    def ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """The true answer."""
        upstream = http.client.HTTPConnection(self.owner.upstream, timeout=30)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            upstream.putheader(name, value)
        upstream.endheaders(body)
        got = upstream.getresponse()
        said = got.read()
        upstream.close()
        return got.status, got.getheaders(), said

    def answer(self, status: int, headers: Any, said: bytes, size: int) -> None:
        self.note(status, size)
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        if status != 204:
            self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def note(self, status: int, size: int) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.owner.lock:
            self.owner.passed.append(Passed(time.monotonic(), self.command, self.path, headers, size, status))

    def cut(self) -> None:
        self.close_connection = True
        cut(self.connection)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def cut(one: socket.socket) -> None:
    """Break a connection without a goodbye."""
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
