"""What must any event log do? Keep facts in order, for good, and say so only once they are durable.

Offsets begin at 1, have no gaps and follow the order of `received_us`, which the log stamps itself. One suite,
`tests/contract/test_event_log.py`, holds every driver to this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Literal, NamedTuple, Protocol

from pyarrow import Buffer

from homing.core.event import Event, Stored, Verdict

Dedupe = Literal["window", "ever"]


class Packed(NamedTuple):
    """Events encoded together: their ids, and their JSON, as `core.event.encode` writes it, a comma between two."""

    ids: Sequence[str]
    bodies: bytes | memoryview


class Block(NamedTuple):
    """Events that lie together in the log."""

    first: int  # offset of the first of them
    received_us: int
    events: int
    bodies: bytes | Buffer  # a JSON array of what `core.event.encode` writes


class EventLog(Protocol):
    """An append-only log of events."""

    def append(self, events: Sequence[Event], *, dedupe: Dedupe = "window") -> list[Verdict]:
        """Append events; return when they are durable.

        Args:
            events: in the order they shall have.
            dedupe: `window` finds repeats of the last 24 hours at least, `ever` of all time (imports, own events).

        Returns:
            One verdict an event: accepted with its offset, or duplicate.

        Raises:
            Overload: too much is waiting to be written; nothing of this call was taken.
            Terminal: the disk failed; the log takes nothing any more until it is opened again.
        """

    def append_async(self, events: Sequence[Event], *, dedupe: Dedupe = "window") -> Future[list[Verdict]]:
        """Like `append`, answering by a future."""

    def append_encoded(self, rows: Sequence[tuple[str, bytes]], *, dedupe: Dedupe = "window") -> Future[list[Verdict]]:
        """Like `append_async`, of events whose ids and bytes (as `core.event.encode` writes them) are there already."""

    def append_packed(self, parts: Sequence[Packed], *, dedupe: Dedupe = "window") -> Future[frozenset[int]]:
        """Like `append_encoded`, of events encoded together.

        Returns:
            The positions, counted through all parts, of those that were known already; the others were accepted.
        """

    def append_gathered(self, pull: Callable[[], Sequence[Packed]]) -> Future[frozenset[int]]:
        """Like `append_packed`, of what waits elsewhere: as much as there is when the log is free to write.

        Args:
            pull: gives the events, or none; called once, on the thread that writes, and never fails.
        """

    def read(self, after: int, limit: int) -> list[Stored]:
        """The events with offset above `after`, at most `limit`, in order."""

    def read_raw(self, after: int, limit: int) -> list[tuple[int, int, bytes]]:
        """Like `read`: offset, receipt and the event's bytes, undecoded."""

    def read_blocks(self, after: int, limit: int) -> list[Block]:
        """Like `read_raw`, block by block: the first and the last may hold more than is asked for."""

    def find(self, event_id: str) -> Stored | None:
        """The event of that id; None when the log does not hold it."""

    def tail(self) -> int:
        """The offset of the last durable event; 0 when there is none."""

    def wait(self, after: int, timeout_s: float) -> bool:
        """Wait until the tail lies above `after`; False when the time ran out first."""

    def watermark(self) -> int:
        """An instant that no event appended from now on lies before, in microseconds.

        Everything received before it can be read already, so timers due by then may fire.
        """

    @property
    def writable(self) -> bool:
        """Whether the log takes events; once False it stays so until the log is opened again."""

    def close(self) -> None:
        """Write what waits, then let go of the files."""
