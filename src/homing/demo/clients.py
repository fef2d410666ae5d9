"""How do the shop's tills, web pages and readers speak to Homing? Over HTTP, as any Segment client or reader would.

Calls go out in batches, as Segment's libraries send them. Readers fetch the open pixel, follow the tracked link no
further than its redirect, and unsubscribe with the one-click POST of RFC 8058. Every answer is read and counted.
"""

from __future__ import annotations

import threading
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from typing import Any
from urllib.parse import urlsplit

import msgspec

from homing.core.errors import Terminal, Transient
from homing.core.time import iso

BATCH = 100  # calls a batch, as Segment's libraries do
TIMEOUT_S = 60.0
READERS = 8  # at the same time
_HUNG_UP = (RemoteDisconnected, ConnectionResetError, BrokenPipeError)


class Clients:
    """Everything that speaks to one Homing server from outside.

    Args:
        url: where it answers.
        write_key: what the tills and pages are let in with.
    """

    def __init__(self, url: str, write_key: str) -> None:
        self._url = url
        self._auth = {
            "authorization": "Basic " + b64encode(f"{write_key}:".encode()).decode(),
            "content-type": "application/json",
        }
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._mine = threading.local()
        self._lines: list[Line] = []
        self._listing = threading.Lock()
        self.verdicts: Counter[str] = Counter()

    def post(self, calls: Sequence[dict[str, Any]], now_us: int) -> None:
        """Post calls in order; `now_us` is the clients' clock, which agrees with the server's.

        Raises:
            Terminal: the server does not take batches at all.
        """
        for at in range(0, len(calls), BATCH):
            body = msgspec.json.encode({"batch": calls[at : at + BATCH], "sentAt": iso(now_us)})
            answer, said = self._line().ask("POST", "/v1/batch", body, self._auth)
            if answer.status != 200:
                raise Terminal(f"the collect door answered {answer.status} to a batch, wanted 200")
            self.verdicts.update(item["status"] for item in msgspec.json.decode(said)["results"])

    def at_once(self, doings: Sequence[Callable[[], object]]) -> None:
        """Several readers at the same time, as it is; return when all are done."""
        for done in [self._pool.submit(one) for one in doings]:
            done.result()

    def open(self, pixel: str) -> None:
        """Show the message's pictures."""
        self._read("GET", pixel, 200)

    def click(self, link: str) -> str:
        """Follow a tracked link as far as its redirect; return where it leads."""
        answer = self._read("GET", link, 302, 303, 307)
        return answer.headers["location"] or ""

    def unsubscribe(self, link: str) -> None:
        """The mail program's own button: one POST."""
        form = {"content-type": "application/x-www-form-urlencoded"}
        self._read("POST", link, 200, body=b"List-Unsubscribe=One-Click", headers=form)

    def close(self) -> None:
        """Hang up."""
        self._pool.shutdown()
        for line in self._lines:
            line.close()

    def _read(
        self, method: str, link: str, *wanted: int, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> HTTPResponse:
        answer, _ = self._line().ask(method, link, body, headers or {})
        if answer.status not in wanted:
            raise Terminal(f"a link in a message answered {answer.status}, wanted {wanted[0]}")
        return answer

    def _line(self) -> Line:
        """The connection of this thread."""
        line: Line | None = self._mine.__dict__.get("line")
        if line is None:
            line = self._mine.line = Line(self._url)
            with self._listing:
                self._lines.append(line)
        return line


class Line:
    """One connection that is kept open, and opened again when the server hung up in between."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc
        self._conn = HTTPConnection(self._host, timeout=TIMEOUT_S)

    def ask(self, method: str, link: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[HTTPResponse, bytes]:
        """One request; asked again on a fresh connection when the old one was gone.

        Raises:
            Transient: the server hangs up even then.
            Terminal: the link leads to another server.
        """
        parts = urlsplit(link)
        if parts.netloc not in {"", self._host}:
            raise Terminal("a link leads to another server than the one it came from")
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        for _ in range(2):
            try:
                self._conn.request(method, path, body, dict(headers))
                answer = self._conn.getresponse()
                return answer, answer.read()
            except _HUNG_UP:
                self._conn.close()
        raise Transient("the server hung up twice")

    def close(self) -> None:
        """Hang up."""
        self._conn.close()
