"""What does reading a file yield? Batches of events, each with its share of the file's rows, and the rows refused.

Rows are what is counted: an order of five lines is five rows and one event, a customer with a consent one row and two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from homing.core.event import Event


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """A file and how it is to be understood.

    Args:
        path: the file.
        kind: orders, customers, products or events.
        mapping: field to column, where the names do not say it.
        source: whose data it is; part of the events' ids, so the same file under another source is other data.
        zone: IANA zone of times without an offset.
        region: ISO country of phone numbers without one, and of the order of day and month.
        currency: of amounts where no column says it.
        encoding: of a text file; None to find out.
        file_name: what to call it; the path's name when empty.
    """

    path: Path
    kind: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    source: str = "file"
    zone: str = "UTC"
    region: str = "US"
    currency: str = "USD"
    encoding: str | None = None
    file_name: str = ""


class RowReject(NamedTuple):
    """A row that was not taken, with its values as they stood."""

    row: int
    code: str
    message: str
    values: tuple[str, ...]


class Share(NamedTuple):
    """How many rows became how many events."""

    rows: int
    events: int


class FeedBatch(NamedTuple):
    """Some rows of a file."""

    events: list[Event]
    shares: list[Share]
    rejects: list[RowReject]
    duplicates: int = 0  # rows found to stand in the file twice

    @property
    def rows(self) -> int:
        """Rows of the file this batch accounts for."""
        return sum(s.rows for s in self.shares) + len(self.rejects) + self.duplicates


class Feed(Protocol):
    """A file read as one kind."""

    def batches(self) -> Iterator[FeedBatch]:
        """Every row of the file once, in batches."""
