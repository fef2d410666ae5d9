"""How much may be in hand at once? Bytes are counted while they wait; beyond the limit a newcomer is told to come back.

What still arrives and what waits for the disk are counted apart: clients that send slowly use up their own room and
nobody else's.
"""

from __future__ import annotations

from dataclasses import dataclass

from homing.core.errors import Overload

EACH = 8 * 1024  # what a request takes besides its body: its values, its events, its place in the queues


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes in hand at most: of bodies that still arrive, and of those that wait for the disk."""

    arriving: int = 32 * 1024 * 1024
    waiting: int = 32 * 1024 * 1024


class Held:
    """Counts bytes in hand.

    Args:
        limit: bytes at most; what comes alone is always taken.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0

    def take(self, size: int) -> None:
        """Count these bytes.

        Raises:
            Overload: there is no room; nothing was counted.
        """
        if self.size + size > self.limit and self.size:
            raise Overload(f"{self.size} bytes of requests are in hand, at most {self.limit} may")
        self.size += size

    def give(self, size: int) -> None:
        """Count them no more."""
        self.size -= size
