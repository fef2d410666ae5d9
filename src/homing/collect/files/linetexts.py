"""How do the texts of lines become the texts of orders? Cut out of the memory they came in, mostly many lines at once.

The database writes the lines in whatever order is fastest. Here only their places are sorted; where the lines of an
order lie side by side, as a shop writes them, one cut takes them all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

_ROW_BITS = 32


class LineTexts:
    """The lines of a part of the file, given out order by order.

    Args:
        table: for each line the `place` of its order, its `_row`, and its text in `body`; in any order.
    """

    def __init__(self, table: pa.Table) -> None:
        chunks = table["body"].chunks
        self._pages = [memoryview(chunk.buffers()[2] or b"") for chunk in chunks]
        offsets = [np.frombuffer(c.buffers()[1], np.int32)[c.offset : c.offset + len(c) + 1] for c in chunks]
        self._low = _joined([o[:-1] for o in offsets])
        self._high = _joined([o[1:] for o in offsets])
        self._page = np.repeat(np.arange(len(chunks), dtype=np.int32), [len(c) for c in chunks])
        key = (table["place"].to_numpy() << _ROW_BITS) | table["_row"].to_numpy()
        self._order = np.argsort(key, kind="stable")
        apart = (np.diff(self._order) != 1) | (np.diff(self._page[self._order]) != 0)
        self._apart = np.concatenate([[0], np.cumsum(apart)])  # how often the next line lay elsewhere, up to here
        self._at = 0

    def next(self, counts: Sequence[int]) -> list[bytes]:
        """The texts of the next orders, which have so many lines each."""
        ends = self._at + np.cumsum(np.asarray(counts, np.int64))
        starts = ends - counts
        self._at = int(ends[-1]) if len(ends) else self._at
        first, last = self._order[starts], self._order[ends - 1]
        side_by_side = self._apart[starts] == self._apart[ends - 1]
        pages = self._pages
        cuts = zip(side_by_side.tolist(), self._page[first].tolist(), self._low[first].tolist(),
                   self._high[last].tolist(), starts.tolist(), ends.tolist(), strict=True)  # fmt: skip
        return [
            bytes(pages[page][low:high]) if together else self._gathered(start, end)
            for together, page, low, high, start, end in cuts
        ]

    def _gathered(self, start: int, end: int) -> bytes:
        lines = self._order[start:end]
        cuts = zip(self._page[lines].tolist(), self._low[lines].tolist(), self._high[lines].tolist(), strict=True)
        return b"".join(self._pages[page][low:high] for page, low, high in cuts)


def _joined(parts: Sequence[np.ndarray[tuple[int], np.dtype[np.int32]]]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.concatenate(parts) if parts else np.empty(0, np.int32)
