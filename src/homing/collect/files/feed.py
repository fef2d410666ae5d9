"""What does reading a file yield? Batches of events, each with its share of the file's rows, and the rows refused.

Rows are what is counted: an order of five lines is five rows and one event, a customer with a consent one row and two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec

from homing.core.event import Event, decode, encode
from homing.storage.log import Packed

PIECE_EVENTS = 128
PIECE_BYTES = 131_072
Encoded = tuple[str, bytes]  # an event's id, and the event as the log keeps it


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
        sheet: of a workbook, by name or number from 1; the first when empty.
        empty: words that stand for nothing, besides those everybody uses; in lower case.
        dataset: what a table's rows are called; the file's name without its ending when empty.
        format: a format its rows are made by; empty when the file is a table or JSON lines itself.
        settings: of the format.
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
    sheet: str = ""
    empty: frozenset[str] = frozenset()
    dataset: str = ""
    format: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


class RowReject(NamedTuple):
    """A row that was not taken, with its values as they stood."""

    row: int
    code: str
    message: str
    values: tuple[str, ...]


class Share(msgspec.Struct, frozen=True, gc=False):
    """How many rows became how many events; there is one for each order, so it is light."""

    rows: int
    events: int
    row: int = 0  # the first of the rows


class Ready(Protocol):
    """Events that lie in memory as the log takes them, each of one row or more."""

    @property
    def ids(self) -> list[str]:
        """Of the events."""

    @property
    def lines(self) -> int:
        """Rows they are made of."""

    def parts(self) -> Iterator[Packed]:
        """As the log takes them."""

    def encoded(self) -> list[Encoded]:
        """One by one."""

    def shares(self) -> list[Share]:
        """How many rows became each."""


class FeedBatch(NamedTuple):
    """Some rows of a file; its events are encoded already, so that none has to become an object on its way."""

    encoded: list[Encoded]
    shares: list[Share]
    rejects: list[RowReject]
    duplicates: int = 0  # rows found to stand in the file twice
    ready: Ready | None = None  # instead of `encoded` and `shares`, where nothing has to be looked at one by one

    @property
    def parts(self) -> list[Packed]:
        """The events as the log takes them."""
        return packed(self.encoded) if self.ready is None else list(self.ready.parts())

    @property
    def one_by_one(self) -> FeedBatch:
        """The same, its events each by itself."""
        if self.ready is None:
            return self
        return FeedBatch(self.ready.encoded(), self.ready.shares(), self.rejects, self.duplicates)

    @property
    def many(self) -> int:
        """Events there are."""
        return len(self.encoded) if self.ready is None else len(self.ready.ids)

    @property
    def shared(self) -> int:
        """Rows that were not refused."""
        return sum(s.rows for s in self.shares) if self.ready is None else self.ready.lines

    @property
    def events(self) -> list[Event]:
        """The events, decoded."""
        return [decode(body) for _, body in self.one_by_one.encoded]

    @property
    def rows(self) -> int:
        """Rows of the file this batch accounts for."""
        return self.shared + len(self.rejects) + self.duplicates


def packed(rows: Sequence[Encoded]) -> list[Packed]:
    """Encoded events as the log takes them, many in a piece; those of long events have a piece for each."""
    out: list[Packed] = []
    for at in range(0, len(rows), PIECE_EVENTS):
        part = rows[at : at + PIECE_EVENTS]
        piece = Packed([event_id for event_id, _ in part], b",".join([body for _, body in part]))
        out += [piece] if len(piece.bodies) <= PIECE_BYTES else [Packed([i], body) for i, body in part]
    return out


def encoded(events: Iterable[Event]) -> list[Encoded]:
    """Events as a batch holds them."""
    return [(e.event_id, encode(e)) for e in events]


class Feed(Protocol):
    """A file read as one kind."""

    def batches(self) -> Iterator[FeedBatch]:
        """Every row of the file once, in batches; always in the same order for the same file and instant."""

    def rows_of(self, first_row: int) -> list[tuple[int, tuple[str, ...]]]:
        """Number and values of the rows of the share that begins with this one, of the batch given last."""
