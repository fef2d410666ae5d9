"""How does the writer hear at once that something waits? It sleeps at the end of a pipe, and only then is a byte sent.

Who sleeps on a lock is woken twice: by the lock, and again when its waker gives up the interpreter, which it wants to
have. To write into a pipe gives it up in the same moment. With one client that waits for each event, this is a tenth
of what it waits for.
"""

from __future__ import annotations

import os
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """What any thread puts in and one thread takes out, in order."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._resting = False  # the one that takes sleeps, or is about to
        self._ear, self._bell = os.pipe()

    def put(self, one: T) -> None:
        """Put one in."""
        self._items.append(one)
        if self._resting:
            self._resting = False
            os.write(self._bell, b".")

    def get(self) -> T:
        """Take one out; wait for it."""
        while not self._items:
            self._resting = True
            if not self._items:  # nothing came before the line above; whatever comes now rings
                os.read(self._ear, 64)
            self._resting = False
        return self._items.popleft()

    def get_nowait(self) -> T | None:
        """Take one out; None when there is none."""
        return self._items.popleft() if self._items else None

    def __del__(self) -> None:
        """Let go of the pipe, now that nobody can ring any more."""
        os.close(self._ear)
        os.close(self._bell)
