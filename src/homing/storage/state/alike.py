"""How do many rows that resemble each other take little room? By what they have in common, said once.

What a stage remembers of one customer names the same predicates and traits as what it remembers of the next. Some rows
make a dictionary, and every row is compressed with it: half the room, for a few microseconds a row. Where rows have
become much longer or shorter than those of the dictionary, a new one is made; rows stay with the one they were
compressed with until they are put again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import zstandard

LEVEL = -1  # half the time of level 1 and as small: what is shared lies in the dictionary
SAMPLE = 16  # rows that make a dictionary
ENOUGH = 4_096  # rows put before a dictionary is looked at again
_FORMAT = zstandard.FORMAT_ZSTD1_MAGICLESS


class _Shelf:
    """Rows compressed with one dictionary; without one they lie as they are."""

    def __init__(self, sample: tuple[bytes, ...] = ()) -> None:
        self.rows: dict[str, bytes] = {}
        self.room = 0  # rows it had when its room was looked at
        self.mean = sum(map(len, sample)) / len(sample) if sample else 0.0
        self.words = b"".join(sample)
        self.compress: Callable[[bytes], bytes] = bytes
        self.decompress: Callable[[bytes], bytes] = bytes
        if self.words:
            how = zstandard.ZstdCompressionParameters.from_level(LEVEL, format=_FORMAT, write_dict_id=False)
            common = zstandard.ZstdCompressionDict(self.words, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
            common.precompute_compress(compression_params=how)
            self.compress = zstandard.ZstdCompressor(dict_data=common, compression_params=how).compress
            self.decompress = zstandard.ZstdDecompressor(dict_data=common, format=_FORMAT).decompress


class Alike:
    """The rows of many customers by their id, in the order in which they were put; one thread only."""

    def __init__(self) -> None:
        self.clear()

    def __len__(self) -> int:
        return sum(len(shelf.rows) for shelf in self._shelves)

    def __contains__(self, customer_id: str) -> bool:
        return any(customer_id in shelf.rows for shelf in self._shelves)

    def put(self, customer_id: str, row: bytes) -> None:
        """Keep this row of a customer, whatever was kept before."""
        self.drop(customer_id)
        newest = self._shelves[-1]
        newest.rows[customer_id] = newest.compress(row)
        self._latest.append(row)
        self._count += 1
        self._size += len(row)
        if self._count >= (ENOUGH if newest.words else SAMPLE):
            self._look(newest)

    def get(self, customer_id: str) -> bytes | None:
        """The row of a customer; None: none is kept."""
        for shelf in reversed(self._shelves):
            found = shelf.rows.get(customer_id)
            if found is not None:
                return shelf.decompress(found)
        return None

    def drop(self, customer_id: str) -> None:
        """Keep no row of a customer."""
        for shelf in self._shelves:
            shelf.rows.pop(customer_id, None)

    def renew(self, customer_id: str) -> None:
        """Let a row count as put now."""
        row = self.get(customer_id)
        if row is not None:
            self.put(customer_id, row)

    def oldest(self) -> Iterator[str]:
        """Whose rows are kept, as they were put."""
        for shelf in self._shelves:
            yield from shelf.rows

    def clear(self) -> None:
        """Keep nothing, and begin without a dictionary."""
        self._shelves = [_Shelf()]
        self._latest: deque[bytes] = deque(maxlen=SAMPLE)
        self._count = self._size = 0

    def holding(self) -> list[object]:
        """What it holds, for whoever measures that."""
        return [self._shelves, self._latest, *[part for shelf in self._shelves for part in (shelf.words, shelf.rows)]]

    def _look(self, newest: _Shelf) -> None:
        mean, self._count, self._size = self._size / self._count, 0, 0
        for shelf in self._shelves[:-1]:  # others leave them, row by row
            if 2 * len(shelf.rows) < shelf.room or not shelf.room:
                shelf.rows, shelf.room = dict(shelf.rows), len(shelf.rows)
        if not 0.8 * newest.mean <= mean <= 1.25 * newest.mean or not newest.words:
            self._shelves = [shelf for shelf in self._shelves if shelf.rows]
            if any(self._latest):
                self._shelves.append(_Shelf(tuple(self._latest)))
            elif not self._shelves:
                self._shelves.append(_Shelf())
