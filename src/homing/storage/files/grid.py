"""What stands in the cells of a table that other programs wrote: also above its header and below its last row?

Reports carry titles, notes and totals around their rows, so nothing is taken for a header here. An open quotation mark
spoils its own line, never those behind it.
"""

from __future__ import annotations

import csv
import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from homing.core.errors import InvalidInput, NotFound
from homing.storage.files.readers import EXCEL, cell_text
from homing.storage.files.text import delimiter_of, to_utf8

LONGEST = 1024 * 1024  # characters of a line
LINES_A_VALUE = 20  # a value that spans more is an open quotation mark
PEEK = 40  # lines looked at for the delimiter


class GridRow(NamedTuple):
    """One row: where it begins, its cells as text, and None for cells that cannot be told apart."""

    row: int
    cells: list[str] | None
    text: str


def read_grid(path: Path, *, encoding: str | None = None) -> Iterator[GridRow]:
    """Every row of a CSV, TSV or Excel file (its first sheet) that is not blank.

    Raises:
        NotFound: there is no such file.
        InvalidInput: it cannot be read as text or as a workbook.
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path.name!r}")
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    yield from _sheet(path) if suffix in EXCEL else _text(path, encoding)


def _sheet(path: Path) -> Iterator[GridRow]:
    try:
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise InvalidInput(
            f"{path.name} cannot be read as a workbook, wanted .xlsx, .xls or .csv: {error}", field="file"
        ) from error
    for number, values in enumerate(rows, start=1):
        cells = [cell_text(v) for v in values]
        if any(cells):
            yield GridRow(number, cells, "\t".join(cells))


def _text(path: Path, encoding: str | None) -> Iterator[GridRow]:
    with tempfile.TemporaryDirectory(prefix="grid-") as folder:
        plain = to_utf8(path, Path(folder), encoding)
        with plain.path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
            first = [line for line, _ in zip(iter(lambda: file.readline(LONGEST), ""), range(PEEK), strict=False)]
            widest = max(first, key=lambda line: _marks(line, path.name), default="")
            file.seek(0)
            yield from _rows(file, delimiter_of(widest, path.name))


def _marks(line: str, name: str) -> int:
    bare = "".join(line.split('"')[::2])
    return bare.count(delimiter_of(line, name))


def _rows(file: IO[str], delimiter: str) -> Iterator[GridRow]:
    back: deque[str] = deque()
    number = 0

    def line() -> str:
        return back.popleft() if back else file.readline(LONGEST)

    while text := line():
        number += 1
        if not text.strip().strip(delimiter):
            continue
        taken: list[str] = []
        joined = text
        while joined.count('"') % 2 and len(taken) < LINES_A_VALUE and (following := line()):
            taken.append(following)
            joined += following
        if joined.count('"') % 2:
            back.extendleft(reversed(taken))
            yield GridRow(number, None, text.rstrip("\r\n"))
            continue
        yield GridRow(number, _cells(joined, delimiter), joined.rstrip("\r\n"))
        number += len(taken)


def _cells(text: str, delimiter: str) -> list[str] | None:
    try:
        found = next(csv.reader([text.rstrip("\r\n")], delimiter=delimiter))
    except csv.Error:
        return None
    return [cell.strip() for cell in found]
