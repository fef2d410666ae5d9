"""Where do rows lie that came over the wire? In memory, and in a scratch database only when one is asked for.

They look like a file that was read, so that one way of understanding rows serves both. Their values are JSON, so a
number is a number and nothing is guessed from a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from homing.storage.files.scratch import SCAN_ROWS, Scratch

JSON = "JSON"  # the type of a column whose values are what they are
THREADS = 1


class RowScratch(Scratch):
    """Rows in memory.

    Args:
        rows: JSON objects; row 1 is the first.
        columns: their names, in order; a row may lack some.
        texts: whether they will be asked for in SQL, where every value is a text.
    """

    def __init__(self, rows: Sequence[dict[str, Any]], columns: Sequence[str], *, texts: bool) -> None:
        super().__init__(threads=THREADS, late=self._lay)
        self.rows = rows
        self.columns = list(columns)
        self.types = ["VARCHAR" if texts else JSON] * len(columns)
        self.json_lines = Path()  # their values are typed

    def _lay(self) -> None:
        columns = self.columns
        self.begin(columns)
        self.add_rows([(n, [_cell(row.get(c)) for c in columns]) for n, row in enumerate(self.rows, start=1)])

    def count(self) -> int:
        """Rows there are."""
        return len(self.rows)

    def records(self) -> Iterator[list[tuple[int, dict[str, Any]]]]:
        """Lists of (row, value by column name), in order."""
        for start in range(0, len(self.rows), SCAN_ROWS):
            yield list(enumerate(self.rows[start : start + SCAN_ROWS], start=start + 1))


def _cell(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return msgspec.json.encode(value).decode()
