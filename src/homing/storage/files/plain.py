"""Is a CSV file so plain that the database may read it by itself? Then it is read on every core, straight into rows.

Plain means a line a row: no value goes over a line's end, no line is blank, each has its columns, all is UTF-8. It is
proved by counting: the file has as many lines as the database found rows, and the delimiters they need. What is not
plain is read by `csvs.py`.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np

from homing.core.query import Query
from homing.storage.files.scratch import Scratch, unique_names
from homing.storage.files.text import delimiter_of

CHUNK = 4 * 1024 * 1024
LONGEST = 64 * 1024  # bytes of a header


class _Met(NamedTuple):
    """What stands in a file."""

    lines: int
    delimiters: int
    size: int  # bytes


def read_plain(scratch: Scratch, path: Path) -> bool:
    """Lay the rows of a plain CSV or TSV file out in `scratch`; False, and nothing is laid out, if it is none."""
    header = header_of(path)
    if not header:
        return False
    delimiter = delimiter_of(header, path.name)
    met = _look(path, delimiter.encode())
    if met is None:
        return False
    columns = unique_names(next(csv.reader([header], delimiter=delimiter)))
    try:
        rows = scratch.adopt_csv(path, columns, delimiter)
    except duckdb.InvalidInputException:
        rows = -1
    needed = (len(columns) - 1) * rows
    between = met.delimiters - header.count(delimiter)
    if rows != met.lines - 1 or (between != needed and between != needed + _inside(scratch, delimiter)):
        scratch.forget()
        return False
    scratch.bytes = met.size
    return True


def header_of(path: Path) -> str:
    """The first line; empty when it is blank, no UTF-8, or its quotation marks go on in the next."""
    with path.open("rb") as file:
        first = file.readline(LONGEST)
    try:
        text = first.decode()
    except UnicodeDecodeError:
        return ""
    sound = text.endswith("\n") and text.count('"') % 2 == 0 and not text.startswith("\ufeff")
    return text if sound and text.strip() else ""


def _look(path: Path, delimiter: bytes) -> _Met | None:
    """None when something in the file is read differently by different readers."""
    ends = returns = pairs = delimiters = size = 0
    last = b"\n"
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            ends += chunk.count(b"\n")
            delimiters += chunk.count(delimiter)
            size += len(chunk)
            if b"\r" in chunk or last == b"\r":
                returns += chunk.count(b"\r")
                pairs += (last + chunk).count(b"\r\n")
            if b"\0" in chunk or (b'"' in chunk and _blanks_at_marks(last + chunk)):
                return None
            last = chunk[-1:]
    if returns and not returns == pairs == ends:
        return None
    return _Met(ends + (last != b"\n"), delimiters, size)


def _inside(scratch: Scratch, delimiter: str) -> int:
    """Delimiters within values."""
    counts = (f"sum(strlen(c{n}) - strlen(replace(c{n}, $mark, '')))" for n in range(len(scratch.columns)))
    return int(scratch.ask(Query(f"SELECT coalesce({' + '.join(counts)}, 0) FROM raw", {"mark": delimiter}))[0][0])


def _blanks_at_marks(text: bytes) -> bool:
    """Is there a blank beside a quotation mark? Some readers take it for a part of the value, others do not."""
    found = np.frombuffer(text, np.uint8)
    marks, blanks = found == ord('"'), found == ord(" ")
    return bool((marks[1:] & blanks[:-1]).any() or (marks[:-1] & blanks[1:]).any())
