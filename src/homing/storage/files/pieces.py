"""Can a CSV file be read piece by piece, each by itself? Only where a line is a row and every reader reads it alike.

What is proved of a piece: it is UTF-8, no value goes over a line's end or holds a sign of control or a quotation mark,
marks stand at both ends of a value or nowhere, and the delimiters are as many as its rows and values need.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from homing.storage.files.csvs import read_csv
from homing.storage.files.plain import header_of
from homing.storage.files.scratch import Scratch, unique_names
from homing.storage.files.text import delimiter_of, seems_utf8

_MARK, _LINE, _RETURN, _BLANK = (ord(sign) for sign in '"\n\r ')
_LOOK = 1 << 18  # bytes looked at together: they stay near


class Pieces:
    """A CSV file in UTF-8 with a header.

    Args:
        path: the file.
        header: its first line.
    """

    def __init__(self, path: Path, header: str) -> None:
        self.path = path
        self.begin = len(header.encode())  # of the rows
        self.delimiter = delimiter_of(header, path.name)
        self.columns = unique_names(next(csv.reader([header], delimiter=self.delimiter)))
        self._names = [f"c{n}" for n in range(len(self.columns))]

    @classmethod
    def of(cls, path: Path, encoding: str | None) -> Pieces | None:
        """The file; None where it is none of this kind."""
        if not seems_utf8(path, encoding) or not (header := header_of(path)):
            return None
        found = cls(path, header)
        return found if len(found.columns) > 1 else None

    def table(self, text: bytes) -> pa.Table | None:
        """The rows of whole lines, all values text; None when they are not what this can read for sure."""
        met = self._met(text)
        if met is None:
            return None
        rows, delimiters = met
        try:
            found = pc.read_csv(
                pa.py_buffer(text),
                read_options=pc.ReadOptions(column_names=self._names, use_threads=False, block_size=len(text) + 1),
                parse_options=pc.ParseOptions(delimiter=self.delimiter, ignore_empty_lines=False),
                convert_options=pc.ConvertOptions(
                    column_types=dict.fromkeys(self._names, pa.string()), strings_can_be_null=False, check_utf8=False
                ),
            )
        except pa.ArrowInvalid:
            return None
        if found.num_rows != rows:
            return None
        inside = delimiters - (len(self.columns) - 1) * rows
        return found if not inside or inside == self._inside(found) else None

    def _inside(self, table: pa.Table) -> int:
        """Delimiters within values; -1 where a value cannot be taken as it is."""
        inside, mark = 0, self.delimiter.encode()
        for column in table.columns:
            for chunk in column.chunks:
                values = (chunk.buffers()[2] or pa.py_buffer(b"")).to_pybytes()
                if b'"' in values or b"\t" in values:
                    return -1
                inside += values.count(mark)
        return inside

    def _met(self, text: bytes) -> tuple[int, int] | None:
        """How many lines and delimiters; None where something stands there that readers take differently."""
        if not text.isascii():
            try:
                text.decode()
            except UnicodeDecodeError:
                return None
        marked, returned, delimiter = b'"' in text, b"\r" in text, ord(self.delimiter)
        signs = np.frombuffer(text, np.uint8)
        low = ends = delimiters = marks = opening = closing = 0
        for at in range(0, len(signs), _LOOK):
            part = signs[at : at + _LOOK + 1]  # and the first of the next: what stands between them counts here
            mine = slice(0, min(_LOOK, len(signs) - at))
            line, between = part == _LINE, part == delimiter
            low += int(np.count_nonzero(part[mine] < _BLANK))
            ends += int(np.count_nonzero(line[mine]))
            delimiters += int(np.count_nonzero(between[mine]))
            if marked:
                mark, edge = part == _MARK, line | between
                marks += int(np.count_nonzero(mark[mine]))
                opening += int(np.count_nonzero(mark[1:] & edge[:-1]))
                closing += int(np.count_nonzero(mark[:-1] & (edge | (part == _RETURN) if returned else edge)[1:]))
        opening += text.startswith(b'"')
        closing += text.endswith(b'"')
        tabs = delimiters if self.delimiter == "\t" else 0
        returns = text.count(b"\r") if returned else 0
        if low != ends + returns + tabs or (returns and not returns == ends == text.count(b"\r\n")):
            return None
        if marks != opening + closing or opening != closing:
            return None
        return ends + (not text.endswith(b"\n")), delimiters


class PieceScratch(Scratch):
    """A CSV file that is laid out only when the database is asked for, whole or only some of its rows.

    Args:
        pieces: the file.
        encoding: what the caller knows of it.
        folder: where temporary files may lie.
    """

    def __init__(self, pieces: Pieces, encoding: str | None, folder: Path | None) -> None:
        super().__init__(folder, expected=pieces.path.stat().st_size, late=self._lay)
        self.pieces = pieces
        self.columns, self.types = pieces.columns, ["VARCHAR"] * len(pieces.columns)
        self.encoding = "utf-8"
        self._given = encoding
        self._rows: int | None = None
        self._some: list[pa.Table] = []

    def only(self, rows: int, some: list[pa.Table]) -> None:
        """All rows but these will be read without the database.

        Args:
            rows: that the file has.
            some: rows that are to be laid out, with `_row`.
        """
        self._rows, self._some = rows, some

    def count(self) -> int:
        """Rows of the file."""
        return super().count() if self._rows is None else self._rows

    def _lay(self) -> None:
        if self._rows is None:
            read_csv(self, self.pieces.path, self._given)
            return
        self.begin(self.columns)
        for table in self._some:
            self.add(table)
        self._some = []
