"""How is a file of rows taken in? By its kind: CSV and TSV, Excel, JSON Lines, Parquet; packed text too.

A row that cannot be taken apart becomes a `BrokenRow` with its number; all others go in. Memory does not grow with
the file, but for Excel, which is read whole.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
from python_calamine import CalamineError, CalamineWorkbook

from homing.core.errors import InvalidInput, NotFound
from homing.storage.files.scratch import BrokenRow, Scratch
from homing.storage.files.text import delimiter_of, to_utf8

BLOCK = 8 * 1024 * 1024  # a row may not be longer
ROWS_A_PART = 20_000
MAX_COLUMNS = 1_000
_EXCEL = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
_JSON = {".jsonl", ".ndjson"}
_TEXT = {".csv", ".tsv", ".txt"}


def read_file(path: Path, *, encoding: str | None = None, folder: Path | None = None) -> Scratch:
    """The rows of a file in a scratch database; close it when done.

    Args:
        path: .csv .tsv .txt .jsonl .ndjson (perhaps .gz), .parquet, .xlsx .xls .ods.
        encoding: of a text file; found out when None.
        folder: where temporary files may lie.

    Raises:
        NotFound: there is no such file.
        InvalidInput: a kind of file we do not read, or one that is not what its name says.
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path.name!r}")
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    scratch = Scratch(folder)
    try:
        if suffix == ".parquet":
            _parquet(scratch, path)
        elif suffix in _EXCEL:
            _excel(scratch, path)
        elif suffix in _JSON:
            _json_lines(scratch, path, encoding)
        elif suffix in _TEXT:
            _csv(scratch, path, encoding)
        else:
            wanted = ", ".join(sorted(_TEXT | _JSON | _EXCEL | {".parquet"}))
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
    scratch.adopt_parquet(path)


# -- CSV ---------------------------------------------------------------------------------------------------------------
def _csv(scratch: Scratch, path: Path, encoding: str | None) -> None:
    plain = to_utf8(path, scratch.folder, encoding)
    scratch.encoding, scratch.damaged = plain.encoding, plain.damaged
    with plain.path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        header = file.readline(BLOCK)
    if not header.strip():
        return
    delimiter = delimiter_of(header, path.name)
    columns = _unique(next(csv.reader([header], delimiter=delimiter)))
    scratch.begin(columns)
    broken: list[tuple[int, str]] = []

    def skip(row: pc.InvalidRow) -> str:
        broken.append((row.number, row.text))
        said = f"{row.actual_columns} columns, wanted {row.expected_columns}"
        scratch.broken.append(BrokenRow(row.number, "broken_row", said, row.text))
        return "skip"

    names = [f"c{n}" for n in range(len(columns))]
    at = 2
    try:
        reader = pc.open_csv(
            plain.path,
            read_options=pc.ReadOptions(column_names=names, skip_rows=1, use_threads=False, block_size=BLOCK),
            parse_options=pc.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        for batch in reader:
            numbers, at = _numbers(at, batch.num_rows, [n for n, _ in broken])
            scratch.add(pa.Table.from_batches([batch]).append_column("_row", pa.array(numbers)))
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):
            raise InvalidInput(f"{path.name} cannot be read after row {at}: {error}", field="file") from error


def _numbers(at: int, rows: int, broken: Sequence[int]) -> tuple[np.ndarray[Any, Any], int]:
    """The row numbers of the next `rows` good rows, stepping over broken ones; and the number that follows."""
    ahead = np.array([n for n in broken if n >= at], dtype=np.int64)
    numbers = np.setdiff1d(np.arange(at, at + rows + len(ahead), dtype=np.int64), ahead)[:rows]
    return numbers, int(numbers[-1]) + 1 if rows else at


def _unique(names: Sequence[str]) -> list[str]:
    out: list[str] = []
    for n, name in enumerate(names, start=1):
        clean = name.strip().lstrip("\ufeff") or f"column {n}"
        while clean in out:
            clean += " again"
        out.append(clean)
    if len(out) > MAX_COLUMNS:
        raise InvalidInput(f"the file has {len(out)} columns, at most {MAX_COLUMNS}", field="file")
    return out


# -- Excel -------------------------------------------------------------------------------------------------------------
def _excel(scratch: Scratch, path: Path) -> None:
    try:
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise InvalidInput(f"{path.name} cannot be read as a workbook: {error}", field="file") from error
    numbered = [(n, [_cell(c) for c in cells]) for n, cells in enumerate(rows, start=1)]
    filled = [(n, cells) for n, cells in numbered if any(cells)]
    if not filled:
        return
    columns = _unique(filled[0][1])
    scratch.begin(columns)
    for start in range(1, len(filled), ROWS_A_PART):
        _add_rows(scratch, filled[start : start + ROWS_A_PART], len(columns))


def _cell(value: object) -> str:
    """A cell as the text a person sees: whole numbers without a point, times in ISO 8601."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else str(value).strip()


def _add_rows(scratch: Scratch, rows: Sequence[tuple[int, Sequence[str | None]]], width: int) -> None:
    cells = {"_row": pa.array([n for n, _ in rows], pa.int64())}
    for at in range(width):
        cells[f"c{at}"] = pa.array([r[at] if at < len(r) else None for _, r in rows], pa.string())
    scratch.add(pa.table(cells))


# -- JSON Lines --------------------------------------------------------------------------------------------------------
def _json_lines(scratch: Scratch, path: Path, encoding: str | None) -> None:
    plain = to_utf8(path, scratch.folder, encoding)
    scratch.encoding, scratch.damaged, scratch.json_lines = plain.encoding, plain.damaged, plain.path
    names: dict[str, int] = {}
    for _, value in _objects(plain.path, scratch.broken):
        for name in value:
            names.setdefault(name, len(names))
    if not names or len(names) > MAX_COLUMNS:
        raise InvalidInput(f"the lines have {len(names)} different fields, wanted 1 .. {MAX_COLUMNS}", field="file")
    scratch.begin(list(names))
    part: list[tuple[int, list[str | None]]] = []
    for row, value in _objects(plain.path, []):
        part.append((row, [_json_cell(value.get(name)) for name in names]))
        if len(part) >= ROWS_A_PART:
            _add_rows(scratch, part, len(names))
            part = []
    if part:
        _add_rows(scratch, part, len(names))


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
