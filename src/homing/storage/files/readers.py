"""How is a file of rows taken in? By its kind: CSV and TSV, Excel, JSON Lines, Parquet; packed text too.

A row that cannot be taken apart becomes a `BrokenRow` with its number; all others go in. Memory does not grow with
the file, but for Excel, which is read whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import msgspec
from python_calamine import CalamineError, CalamineWorkbook

from homing.core.errors import InvalidInput, NotFound
from homing.storage.files.csvs import ROWS_A_PART, read_csv
from homing.storage.files.pieces import Pieces, PieceScratch
from homing.storage.files.scratch import MAX_COLUMNS, BrokenRow, Scratch, unique_names
from homing.storage.files.text import to_utf8

EXCEL = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
_JSON = {".jsonl", ".ndjson"}
_TEXT = {".csv", ".tsv", ".txt"}


def read_file(
    path: Path, *, encoding: str | None = None, folder: Path | None = None, sheet: str = "", pieces: bool = False
) -> Scratch:
    """The rows of a file in a scratch database; close it when done.

    Args:
        path: .csv .tsv .txt .jsonl .ndjson (perhaps .gz), .parquet, .xlsx .xls .ods.
        encoding: of a text file; found out when None.
        folder: where temporary files may lie.
        sheet: of a workbook, by name or by number from 1; the first when empty.
        pieces: whether the rows of a CSV file may lie where they are until they are asked for.

    Raises:
        NotFound: there is no such file.
        InvalidInput: a kind of file we do not read, or one that is not what its name says.
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path.name!r}")
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if pieces and suffix in _TEXT and (found := Pieces.of(path, encoding)):
        return PieceScratch(found, encoding, folder)
    scratch = Scratch(folder, expected=path.stat().st_size)
    try:
        if suffix == ".parquet":
            _parquet(scratch, path)
        elif suffix in EXCEL:
            _excel(scratch, path, sheet)
        elif suffix in _JSON:
            _json_lines(scratch, path, encoding)
        elif suffix in _TEXT:
            read_csv(scratch, path, encoding)
        else:
            wanted = ", ".join(sorted(_TEXT | _JSON | EXCEL | {".parquet"}))
            raise InvalidInput(f"a file of kind {suffix or 'unknown'}, wanted one of {wanted}", field="file")
        if not scratch.columns:
            raise InvalidInput(f"{path.name} is empty, wanted a header and rows", field="file")
    except BaseException:
        scratch.close()
        raise
    return scratch


def _parquet(scratch: Scratch, path: Path) -> None:
    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            raise InvalidInput(f"{path.name} is not a Parquet file", field="file")
    try:
        scratch.adopt_parquet(path)
    except duckdb.Error as error:
        raise InvalidInput(f"{path.name} cannot be read as Parquet: it is cut off or damaged", field="file") from error


# -- Excel -------------------------------------------------------------------------------------------------------------
def _excel(scratch: Scratch, path: Path, sheet: str) -> None:
    try:
        book = CalamineWorkbook.from_path(str(path))
        scratch.sheets = list(book.sheet_names)
        rows = book.get_sheet_by_name(_sheet(scratch.sheets, sheet)).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise InvalidInput(f"{path.name} cannot be read as a workbook: {error}", field="file") from error
    numbered = [(n, [cell_text(c) for c in cells]) for n, cells in enumerate(rows, start=1)]
    filled = [(n, cells) for n, cells in numbered if any(cells)]
    if not filled:
        return
    columns = unique_names(filled[0][1])
    scratch.begin(columns)
    for start in range(1, len(filled), ROWS_A_PART):
        scratch.add_rows(filled[start : start + ROWS_A_PART])


def _sheet(names: list[str], wanted: str) -> str:
    if not names:
        raise InvalidInput("the workbook has no sheets, wanted one", field="sheet")
    if wanted and wanted not in names:
        if wanted.isdigit() and 1 <= int(wanted) <= len(names):
            return names[int(wanted) - 1]
        raise InvalidInput(f"no sheet {wanted[:60]!r}, the workbook has {', '.join(names[:20])}", field="sheet")
    return wanted or names[0]


def cell_text(value: object) -> str:
    """A cell as the text a person sees: whole numbers without a point, times in ISO 8601."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else str(value).strip()


# -- JSON Lines --------------------------------------------------------------------------------------------------------
def _json_lines(scratch: Scratch, path: Path, encoding: str | None) -> None:
    plain = to_utf8(path, scratch.folder, encoding)
    scratch.encoding, scratch.damaged, scratch.json_lines = plain.encoding, plain.damaged, plain.path
    names: dict[str, int] = {}
    broken: list[BrokenRow] = []
    for _, value in _objects(plain.path, broken):
        for name in value:
            names.setdefault(name, len(names))
    if not names or len(names) > MAX_COLUMNS:
        raise InvalidInput(f"the lines have {len(names)} different fields, wanted 1 .. {MAX_COLUMNS}", field="file")
    scratch.begin(list(names))
    scratch.broken += broken
    part: list[tuple[int, list[str | None]]] = []
    for row, value in _objects(plain.path, []):
        part.append((row, [_json_cell(value.get(name)) for name in names]))
        if len(part) >= ROWS_A_PART:
            scratch.add_rows(part)
            part = []
    scratch.add_rows(part)


def _objects(path: Path, broken: list[BrokenRow]) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open("rb") as file:
        for row, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                value = msgspec.json.decode(line)
            except (ValueError, RecursionError) as error:
                broken.append(BrokenRow(row, "bad_json", str(error)[:200], line.decode("utf-8", "replace")))
                continue
            if isinstance(value, dict):
                yield row, value
            else:
                broken.append(BrokenRow(row, "bad_json", "not an object", line.decode("utf-8", "replace")))


def _json_cell(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
