"""How often may somebody guess? A few times, then the wait doubles; success clears the count.

Counted for the account at one address, and for the address alone; the account alone is not locked, or anyone could
lock its owner out. In memory and bounded: the oldest counts go first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from homing.core.errors import Overload
from homing.core.time import MINUTE, SECOND

FREE_PER_ACCOUNT, FREE_PER_ADDRESS = 5, 30
FIRST_WAIT_US, LONGEST_WAIT_US = 2 * SECOND, 15 * MINUTE
FORGET_US = 60 * MINUTE
CAPACITY = 10_000


@dataclass(slots=True)
class _Count:
    failures: int = 0
    last_us: int = 0


class Throttle:
    """The failed sign-ins of this process."""

    def __init__(self, *, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._counts: OrderedDict[tuple[str, ...], _Count] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, account: str, address: str, *, now_us: int) -> None:
        """Let the next guess through, or say how long to wait.

        Raises:
            Overload: too many failures; `retry_after_s` says when the next guess is heard.
        """
        with self._lock:
            for key, free in _keys(account, address):
                count = self._counts.get(key)
                if count is None or now_us - count.last_us > FORGET_US or count.failures < free:
                    continue
                wait = min(FIRST_WAIT_US << min(count.failures - free, 20), LONGEST_WAIT_US)
                left = count.last_us + wait - now_us
                if left > 0:
                    raise Overload(
                        f"{count.failures} failed sign-ins, wanted a pause", retry_after_s=-(-left // SECOND)
                    )

    def failed(self, account: str, address: str, *, now_us: int) -> None:
        """Count a failure."""
        with self._lock:
            for key, _ in _keys(account, address):
                count = self._counts.pop(key, None)
                if count is None or now_us - count.last_us > FORGET_US:
                    count = _Count()
                count.failures += 1
                count.last_us = now_us
                self._counts[key] = count
            while len(self._counts) > self._capacity:
                self._counts.popitem(last=False)

    def succeeded(self, account: str, address: str) -> None:
        """Clear the count of this account at this address."""
        with self._lock:
            self._counts.pop((account.lower(), address), None)


def _keys(account: str, address: str) -> tuple[tuple[tuple[str, ...], int], ...]:
    return ((account.lower(), address), FREE_PER_ACCOUNT), ((address,), FREE_PER_ADDRESS)
