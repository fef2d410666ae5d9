"""Where do rows lie that a format made of a file? On the lines of a file of JSON; in a database only when asked for.

Each stands on the line its number names, so that a refused row is found again; lines between them are empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from homing.storage.files.scratch import Scratch, unique_names

JSON = "JSON"  # the type of a column whose values are what they are
THREADS = 1
SHOWN = 200  # rows examples are taken from
_encoder = msgspec.json.Encoder()


class LaidScratch(Scratch):
    """Rows that are written one by one, then read like a file.

    Args:
        folder: where the file may lie; None for the system's place.
    """

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(folder, threads=THREADS, late=self._lay)
        self.json_lines = self.folder / "rows.jsonl"
        self.rows = self._line = 0
        self._first: list[dict[str, Any]] = []
        self._names: dict[str, None] = {}
        self._out = self.json_lines.open("wb")

    def write(self, rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
        """Add rows with the numbers of their lines; several of one line follow each other."""
        for number, row in rows:
            self._out.write(b"\n" * (number - 1 - self._line) + _encoder.encode(row) + b"\n")
            self._line = max(self._line + 1, number)
            self._names.update(dict.fromkeys(row))
        self.rows += len(rows)
        self._first += [row for _, row in rows[: SHOWN - len(self._first)]]

    def finish(self, otherwise: Sequence[str]) -> None:
        """Nothing more comes; `otherwise` are the columns of a file without a single row."""
        self._out.close()
        self.columns = unique_names(list(self._names) or list(otherwise))
        self.types = [JSON] * len(self.columns)

    def close(self) -> None:
        """Remove the rows."""
        self._out.close()
        super().close()

    def count(self) -> int:
        """Rows there are."""
        return self.rows

    def examples(self, n: int = 3) -> list[list[str]]:
        """For each column, up to `n` of its first values that are not empty."""
        out = []
        for name in self.columns:
            seen = dict.fromkeys(_text(row[name]) for row in self._first if row.get(name) not in (None, ""))
            out.append(list(seen)[:n])
        return out

    def _lay(self) -> None:
        names, broken = self.columns, list(self.broken)
        self.begin(names)
        self.broken += broken
        self.types = [JSON] * len(names)
        for records in self.records():
            self.add_rows([(n, [_cell(row.get(c)) for c in names]) for n, row in records])


def _cell(value: object) -> str | None:
    return None if value is None else _text(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else _encoder.encode(value).decode()
