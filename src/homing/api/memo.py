"""Must this be computed again? Answers many pages ask for every few seconds are computed once and shared.

An answer carries its own `as_of`, so one that is a second old says so. Whoever asks while it is being computed waits
for that one instead of computing it too.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

T = TypeVar("T")
CAPACITY = 200


class _Slot:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.until = 0.0
        self.value: object = None


class Memo:
    """Answers of this process, each for a while."""

    def __init__(self, *, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T], *, ttl_s: float) -> T:
        """The answer under `key`, at most `ttl_s` real seconds old."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            while len(self._slots) > self._capacity:
                self._slots.popitem(last=False)
        with slot.lock:
            if time.monotonic() >= slot.until:
                slot.value = make()
                slot.until = time.monotonic() + ttl_s
            return cast(T, slot.value)
