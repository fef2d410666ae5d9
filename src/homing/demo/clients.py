"""How do the shop's tills, web pages and readers speak to Homing? Over HTTP, as any Segment client or reader would.

Calls go out in batches, as Segment's libraries send them. Readers fetch the open pixel, follow the tracked link no
further than its redirect, and unsubscribe with the one-click POST of RFC 8058. Every answer is read and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from homing.core.errors import Terminal
from homing.core.time import iso

BATCH = 100  # calls a batch, as Segment's libraries do
TIMEOUT_S = 60.0
READERS = 8  # at the same time


class Clients:
    """Everything that speaks to one Homing server from outside.

    Args:
        url: where it answers.
        write_key: what the tills and pages are let in with.
    """

    def __init__(self, url: str, write_key: str) -> None:
        self._http = httpx.Client(base_url=url, auth=(write_key, ""), timeout=TIMEOUT_S)
        self._reader = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self.verdicts: Counter[str] = Counter()

    def post(self, calls: Sequence[dict[str, Any]], now_us: int) -> None:
        """Post calls in order; `now_us` is the clients' clock, which agrees with the server's.

        Raises:
            Terminal: the server does not take batches at all.
        """
        for at in range(0, len(calls), BATCH):
            part = calls[at : at + BATCH]
            answer = self._http.post("/v1/batch", json={"batch": part, "sentAt": iso(now_us)})
            if answer.status_code != httpx.codes.OK:
                raise Terminal(f"the collect door answered {answer.status_code} to a batch, wanted 200")
            self.verdicts.update(item["status"] for item in answer.json()["results"])

    def at_once(self, doings: Sequence[Callable[[], object]]) -> None:
        """Several readers at the same time, as it is; return when all are done."""
        for done in [self._pool.submit(one) for one in doings]:
            done.result()

    def open(self, pixel: str) -> None:
        """Show the message's pictures."""
        self._reader.get(pixel).raise_for_status()

    def click(self, link: str) -> str:
        """Follow a tracked link as far as its redirect; return where it leads."""
        answer = self._reader.get(link)
        if not answer.is_redirect:
            raise Terminal(f"a tracked link answered {answer.status_code}, wanted a redirect")
        return answer.headers["location"]

    def unsubscribe(self, link: str) -> None:
        """The mail program's own button: one POST."""
        self._reader.post(link, data={"List-Unsubscribe": "One-Click"}).raise_for_status()

    def close(self) -> None:
        """Hang up."""
        self._pool.shutdown()
        self._http.close()
        self._reader.close()
