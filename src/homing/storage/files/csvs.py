"""How is a CSV file taken apart? Fast where its quotation marks are sound, by hand where one is left open.

An open quotation mark would swallow the rows that follow it, in silence. Where a value holds what looks like whole rows
the file is read again line by line: the row with the open mark is refused, those behind it go in.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from homing.core.query import Query
from homing.storage.files.plain import read_plain
from homing.storage.files.scratch import BrokenRow, Scratch, unique_names
from homing.storage.files.text import delimiter_of, seems_utf8, to_utf8

BLOCK = 8 * 1024 * 1024  # a row may not be longer
ROWS_A_PART = 20_000
LINES_A_VALUE = 200  # a value that spans more is an open quotation mark
PLAIN_WIDTH = 4  # in narrower files text with delimiters looks like rows: quotation marks are trusted there
_Cells = list[str]


def read_csv(scratch: Scratch, path: Path, encoding: str | None) -> None:
    """Lay the rows of a CSV or TSV file out in `scratch`."""
    if seems_utf8(path, encoding) and read_plain(scratch, path):
        scratch.encoding = "utf-8"
        return
    plain = to_utf8(path, scratch.folder, encoding)
    scratch.encoding, scratch.damaged = plain.encoding, plain.damaged
    with plain.path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        lead, header = _header(file)
    if not header:
        return
    delimiter = delimiter_of(header, path.name)
    columns = unique_names(next(csv.reader([header], delimiter=delimiter)))
    scratch.begin(columns)
    with scratch.filling():
        sound = _fast(scratch, plain.path, delimiter, lead + 1)
    if not sound or _swallowed(scratch, delimiter):
        scratch.begin(columns)
        with scratch.filling():
            _by_hand(scratch, plain.path, delimiter)


def _header(file: IO[str]) -> tuple[int, str]:
    """Blank lines before the header, and the header; empty when there is none."""
    for lead, line in enumerate(iter(lambda: file.readline(BLOCK), "")):
        if line.strip():
            return lead, line
    return 0, ""


def _fast(scratch: Scratch, path: Path, delimiter: str, skip_rows: int) -> bool:
    broken: list[int] = []

    def skip(row: pc.InvalidRow) -> str:
        broken.append(row.number)
        said = f"{row.actual_columns} columns, wanted {row.expected_columns}"
        scratch.broken.append(BrokenRow(row.number - skip_rows + 1, "broken_row", said, row.text))
        return "skip"

    names = [f"c{n}" for n in range(len(scratch.columns))]
    at = skip_rows + 1
    try:
        reader = pc.open_csv(
            path,
            read_options=pc.ReadOptions(column_names=names, skip_rows=skip_rows, use_threads=False, block_size=BLOCK),
            parse_options=pc.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        for batch in reader:
            numbers, at = _numbers(at, batch.num_rows, broken)
            scratch.add(pa.Table.from_batches([batch]).append_column("_row", pa.array(numbers - skip_rows + 1)))
    except pa.ArrowInvalid as error:
        return "Empty CSV" in str(error)
    return True


def _numbers(at: int, rows: int, broken: Sequence[int]) -> tuple[np.ndarray[Any, Any], int]:
    """The row numbers of the next `rows` good rows, stepping over broken ones; and the number that follows."""
    if not broken or broken[-1] < at:
        return np.arange(at, at + rows, dtype=np.int64), at + rows
    ahead = np.array([n for n in broken if n >= at], dtype=np.int64)
    numbers = np.setdiff1d(np.arange(at, at + rows + len(ahead), dtype=np.int64), ahead)[:rows]
    return numbers, int(numbers[-1]) + 1 if rows else at


def _swallowed(scratch: Scratch, delimiter: str) -> bool:
    """Does a value hold what looks like whole rows?"""
    width = len(scratch.columns)
    if any("\n" in row.text.strip() for row in scratch.broken):
        return True
    if width < PLAIN_WIDTH:
        return False
    tests = " OR ".join(
        f"(contains(c{n}, chr(10)) AND length(c{n}) - length(replace(c{n}, $mark, '')) >= $many)" for n in range(width)
    )
    found = scratch.ask(Query(f"SELECT 1 FROM raw WHERE {tests} LIMIT 1", {"mark": delimiter, "many": width - 1}))
    return bool(found)


# -- by hand -----------------------------------------------------------------------------------------------------------
def _by_hand(scratch: Scratch, path: Path, delimiter: str) -> None:
    width = len(scratch.columns)
    part: list[tuple[int, _Cells]] = []
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        for row, (cells, text) in enumerate(_records(file, delimiter, width), start=1):
            if row == 1:
                continue
            if cells is None or len(cells) != width:
                met = "a quotation mark that is not closed" if cells is None else f"{len(cells)} columns"
                scratch.broken.append(BrokenRow(row, "broken_row", f"{met}, wanted {width} columns", text))
                continue
            part.append((row, cells))
            if len(part) >= ROWS_A_PART:
                scratch.add_rows(part)
                part = []
    scratch.add_rows(part)


def _records(file: IO[str], delimiter: str, width: int) -> Iterator[tuple[_Cells | None, str]]:
    """Each record's cells and text; None for the cells of a line whose quotation mark stays open."""
    back: deque[str] = deque()

    def line() -> str:
        return back.popleft() if back else file.readline(BLOCK)

    while text := line():
        if not text.strip():
            continue
        taken: list[str] = []
        joined = text
        while joined.count('"') % 2 and len(taken) < LINES_A_VALUE and (following := line()):
            taken.append(following)
            joined += following
        rows_inside = width >= PLAIN_WIDTH and any(_is_row(t, delimiter, width) for t in taken)
        if joined.count('"') % 2 or rows_inside:
            back.extendleft(reversed(taken))
            yield None, text
        else:
            yield _parsed(joined, delimiter), joined


def _is_row(text: str, delimiter: str, width: int) -> bool:
    """A whole row by itself; the last line of a value is none, for it holds one quotation mark too many."""
    return text.count('"') % 2 == 0 and len(_parsed(text, delimiter) or ()) == width


def _parsed(text: str, delimiter: str) -> _Cells | None:
    try:
        return next(csv.reader([text.rstrip("\r\n")], delimiter=delimiter))
    except csv.Error:
        return None
