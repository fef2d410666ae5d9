"""Where do the rows of a file lie while they are read? In a scratch database of their own, gone when they are done.

Table `raw` has `_row` (the first line of a text file is row 1) and the columns `c0`, `c1` …, so that no name of a
file's column ever stands in a statement. Text files give text columns; Parquet keeps its types.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import msgspec
import pyarrow as pa

from homing.core.errors import InvalidInput
from homing.core.query import Query

MEMORY_MB = 448
LARGE_MEMORY_MB = 320  # of a large file only a part lies in memory
QUIET = "SET enable_progress_bar = false"  # else a long question may write to standard output
LARGE_BYTES = 300_000_000  # what a database in memory keeps of each block fills its memory in the end
PART_ROWS = 600_000  # rows of a part; what is put together of them has to fit the memory
PART_BYTES = 80_000_000  # of text in a part
ADDS_AT_ONCE = 8  # portions of a transaction while a file is laid out
AT_ONCE = 1.7  # a file of so many parts is still taken at once: cutting costs more than it saves
WAITING_ROWS = 8_192  # of a part not yet written, while a file is cut into parts
SCAN_ROWS = 5_000
MAX_COLUMNS = 1_000


class BrokenRow(NamedTuple):
    """A row the reader could not take apart."""

    row: int
    code: str
    message: str
    text: str


class Scratch:
    """The rows of one file; its database is opened when it is first used.

    Args:
        folder: where temporary files may lie; None for the system's.
        threads: threads a question may use.
        on_disk: a file to keep the rows in; None for memory, and the folder for what does not fit.
        expected: bytes of the file that will be read; the rows of a large one lie on the disk from the beginning.
        late: lays rows that lie elsewhere into the database, once it is opened.
    """

    _open = 0  # portions of the transaction under way; 0 for none

    def __init__(
        self, folder: Path | None = None, *, threads: int = 2, on_disk: Path | None = None, expected: int = 0,
        late: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self._within = folder
        self._threads = threads
        self._on_disk = on_disk
        self._large = expected > LARGE_BYTES
        self._late = late
        self._made: duckdb.DuckDBPyConnection | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.columns: list[str] = []
        self.types: list[str] = []
        self.broken: list[BrokenRow] = []
        self.left_out = 0  # lines that are no rows on purpose: totals, notes, what a page is made of
        self.encoding = ""
        self.damaged = False  # some bytes could not be read; their rows hold U+FFFD
        self.json_lines: Path | None = None
        self.sheets: list[str] = []  # of a workbook
        self.bytes: int | None = None  # of the file, where its rows hold no more than it does

    def __enter__(self) -> Scratch:
        """Use as a context: everything is removed at its end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the scratch database."""
        self.close()

    def close(self) -> None:
        """Remove the scratch database."""
        if self._made is not None:
            self._made.close()
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def folder(self) -> Path:
        """A folder that lasts as long as this; made when it is first asked for."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="import-", dir=self._within)
        return Path(self._folder.name)

    @property
    def _conn(self) -> duckdb.DuckDBPyConnection:
        if self._made is None:
            memory = LARGE_MEMORY_MB if self._large else MEMORY_MB
            self._made = duckdb.connect(
                ":memory:" if self._on_disk is None else str(self._on_disk),
                config={"threads": self._threads, "memory_limit": f"{memory}MB", "preserve_insertion_order": False,
                        "temp_directory": str(self.folder / "spill")},
            )  # fmt: skip
            self._made.execute(QUIET)
            if self._large:  # only the rows: what is made of a part of them need not be written
                self._made.execute(f"ATTACH '{_text(self.folder / 'rows.duckdb')}' AS disk")
            if self._late is not None:
                self._late()
        return self._made

    @property
    def _cells(self) -> str:
        return "disk.cells" if self._large else "cells"

    # -- filling -------------------------------------------------------------------------------------------------------
    def begin(self, columns: Sequence[str]) -> None:
        """Make an empty `raw` for these columns of text."""
        self.broken.clear()
        self.columns, self.types = list(columns), ["VARCHAR"] * len(columns)
        cells = "".join(f", c{n} VARCHAR" for n in range(len(columns)))
        self._conn.execute(f"CREATE OR REPLACE TABLE {self._cells} (_row BIGINT{cells})")
        self._conn.execute(f"CREATE OR REPLACE VIEW raw AS SELECT * FROM {self._cells}")

    def add(self, rows: pa.Table) -> None:
        """Append rows that have `_row` and `c0` …."""
        self._conn.register("incoming", rows)
        self._conn.execute(f"INSERT INTO {self._cells} BY NAME SELECT * FROM incoming")
        self._conn.unregister("incoming")
        if self._open:
            self._open += 1
            if self._open > ADDS_AT_ONCE:
                self._conn.execute("COMMIT")
                self._conn.execute("BEGIN")
                self._open = 1

    def add_rows(self, rows: Sequence[tuple[int, Sequence[str | None]]]) -> None:
        """Append (row, cells); a short row ends in nothing."""
        if not rows:
            return
        cells = {"_row": pa.array([n for n, _ in rows], pa.int64())}
        for at in range(len(self.columns)):
            cells[f"c{at}"] = pa.array([r[at] if at < len(r) else None for _, r in rows], pa.string())
        self.add(pa.table(cells))

    def adopt_parquet(self, path: Path) -> None:
        """Let `raw` be a Parquet file, read where it lies."""
        relation = self._conn.read_parquet(str(path), file_row_number=True)
        found = [(n, str(t)) for n, t in zip(relation.columns, relation.types, strict=True) if n != "file_row_number"]
        self.columns, self.types = [n for n, _ in found], [t for _, t in found]
        relation.create_view("parquet_file")
        cells = "".join(f", {_quoted(name)} AS c{n}" for n, name in enumerate(self.columns))
        self._conn.execute(f"CREATE VIEW raw AS SELECT file_row_number + 1 AS _row{cells} FROM parquet_file")

    def adopt_csv(self, path: Path, columns: Sequence[str], delimiter: str) -> int:
        """Let `raw` be the rows of a CSV file in UTF-8 that has a header and a line a row; how many there are.

        Raises:
            duckdb.InvalidInputException: it is not what it should be.
        """
        self.columns, self.types = list(columns), ["VARCHAR"] * len(columns)
        names = [f"c{n}" for n in range(len(columns))]
        said = {"path": str(path), "delimiter": delimiter, "names": names}
        types = ", ".join(f"{name}: 'VARCHAR'" for name in names)
        self._conn.execute("SET preserve_insertion_order = true")
        try:
            (made,) = self._conn.execute(
                f"CREATE OR REPLACE TABLE {self._cells} AS SELECT * FROM read_csv($path, columns = {{{types}}},"
                " auto_detect = false, header = true, delim = $delimiter, quote = '\"', escape = '\"',"
                " strict_mode = true, null_padding = false, force_not_null = $names)",
                said,
            ).fetchall()
        finally:
            self._conn.execute("SET preserve_insertion_order = false")
        self._conn.execute(f"CREATE OR REPLACE VIEW raw AS SELECT rowid + 2 AS _row, * FROM {self._cells}")
        return int(made[0])

    def forget(self) -> None:
        """Nothing is laid out any more."""
        self._conn.execute("DROP VIEW IF EXISTS raw")
        self._conn.execute(f"DROP TABLE IF EXISTS {self._cells}")
        self.columns, self.types = [], []

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Fill in few transactions: each costs time, and what one holds stays in memory until it ends."""
        self._conn.execute("BEGIN")
        self._open = 1
        try:
            yield
        except BaseException:
            self._conn.execute("ROLLBACK")
            raise
        finally:
            self._open = 0
        self._conn.execute("COMMIT")

    def extend(self, table: str, rows: pa.Table) -> None:
        """Append Arrow rows to a small table of the scratch database."""
        self._conn.register("incoming", rows)
        self._conn.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
        self._conn.unregister("incoming")

    def parts(self, cell: str) -> Iterator[int]:
        """Let `incoming_rows` be the rows of one part after the other; rows of the same value in `cell` stay together.

        A smaller file is one part, read where it lies.
        """
        size = max(self.count() / PART_ROWS, self._text_bytes() / PART_BYTES)
        many = math.ceil(size)
        if size <= AT_ONCE:
            self._conn.execute("CREATE OR REPLACE VIEW incoming_rows AS SELECT * FROM raw")
            yield 0
            return
        folder = self.folder / "parts"
        same = f"hash(regexp_replace(trim({cell}::VARCHAR), '\\.0$', '')) % {many}"
        self._conn.execute(f"SET partitioned_write_flush_threshold = {WAITING_ROWS}")
        self._conn.execute(
            f"COPY (SELECT *, coalesce({same}, 0) AS part FROM raw) TO '{_text(folder)}'"
            " (FORMAT parquet, COMPRESSION lz4, PARTITION_BY (part))"
        )
        for part in range(many):
            files = folder / f"part={part}" / "*.parquet"
            if not any(files.parent.glob("*.parquet")):
                continue
            self._conn.execute(
                "CREATE OR REPLACE VIEW incoming_rows AS SELECT *"
                f" FROM read_parquet('{_text(files)}', hive_partitioning = false)"
            )
            yield part
            shutil.rmtree(files.parent)

    def _text_bytes(self) -> int:
        if self.bytes is not None:
            return self.bytes
        texts = [f"coalesce(sum(strlen(c{n})), 0)" for n, kind in enumerate(self.types) if kind == "VARCHAR"]
        return int(self.ask(Query(f"SELECT {' + '.join(texts)} FROM raw"))[0][0]) if texts else 0

    def put(self, table: str, rows: pa.Table) -> None:
        """Make a small table of the scratch database from Arrow rows."""
        self._conn.register("incoming", rows)
        self._conn.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM incoming")
        self._conn.unregister("incoming")

    # -- asking --------------------------------------------------------------------------------------------------------
    def run(self, query: Query) -> None:
        """A statement that changes the scratch database."""
        self._conn.execute(query.sql, dict(query.params))

    def ask(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._conn.execute(query.sql, dict(query.params)).fetchall()

    def stream(self, query: Query, size: int = SCAN_ROWS) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query in lists of `size`; the connection may be used meanwhile."""
        cursor = self._conn.cursor()
        try:
            cursor.execute(QUIET)
            cursor.execute(query.sql, dict(query.params))
            while rows := cursor.fetchmany(size):
                yield rows
        finally:
            cursor.close()

    def table(self, query: Query) -> pa.Table:
        """The rows of a query as an Arrow table."""
        cursor = self._conn.cursor()
        try:
            cursor.execute(QUIET)
            return cursor.sql(query.sql, params=dict(query.params)).to_arrow_table()
        finally:
            cursor.close()

    def count(self) -> int:
        """Rows laid out, without the broken ones."""
        return int(self.ask(Query("SELECT count(*) FROM raw"))[0][0])

    def examples(self, n: int = 3) -> list[list[str]]:
        """For each column, up to `n` of its first values that are not empty."""
        rows = self.ask(Query("SELECT * FROM raw ORDER BY _row LIMIT 200"))
        out: list[list[str]] = []
        for at in range(1, len(self.columns) + 1):
            seen = dict.fromkeys(str(r[at]) for r in rows if r[at] is not None and str(r[at]).strip())
            out.append(list(seen)[:n])
        return out

    def records(self) -> Iterator[list[tuple[int, dict[str, Any]]]]:
        """Lists of (row, value by column name), in the order of the file; JSON Lines keep their JSON types."""
        if self.json_lines is not None:
            yield from _json_records(self.json_lines)
            return
        for rows in self.stream(Query("SELECT * FROM raw ORDER BY _row")):
            yield [(r[0], dict(zip(self.columns, r[1:], strict=True))) for r in rows]


def _json_records(path: Path) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    batch: list[tuple[int, dict[str, Any]]] = []
    with path.open("rb") as file:
        for row, line in enumerate(file, start=1):
            try:
                value = msgspec.json.decode(line)
            except (ValueError, RecursionError):
                continue  # told by the reader already
            if isinstance(value, dict):
                batch.append((row, value))
            if len(batch) >= SCAN_ROWS:
                yield batch
                batch = []
    if batch:
        yield batch


def unique_names(names: Sequence[str]) -> list[str]:
    """The columns' names, none empty and none twice.

    Raises:
        InvalidInput: there are too many.
    """
    out: list[str] = []
    for n, name in enumerate(names, start=1):
        clean = name.strip().lstrip("\ufeff") or f"column {n}"
        while clean in out:
            clean += " again"
        out.append(clean)
    if len(out) > MAX_COLUMNS:
        raise InvalidInput(f"the file has {len(out)} columns, at most {MAX_COLUMNS}", field="file")
    return out


def _text(path: Path) -> str:
    return str(path).replace("'", "''")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
