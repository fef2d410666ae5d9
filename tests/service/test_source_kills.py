"""A server that is killed while it reads a database goes on where it was: nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from shop_databases import ShopDatabase, moment

from homing.core.settings import Settings
from homing.runtime import Runtime, Workspace
from homing.runtime.documents import apply
from homing.storage.log import SqliteLog

pytestmark = [pytest.mark.service, pytest.mark.slow]
ORDERS, LINES = 4_000, 5
KILLS = 3
SERVER = """
import sys, time
from pathlib import Path
from homing.runtime import Runtime, Workspace
Runtime(Workspace.open(Path(sys.argv[1]))).start()
time.sleep(600)
"""


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def shop(request, tmp_path: Path):
    made = ShopDatabase(request.param, tmp_path)
    for start in range(0, ORDERS, 500):
        made.add(*[
            (order * LINES + line, f"o{order}", moment(order % 60), f"c{order % 300}")
            for order in range(start, start + 500)
            for line in range(LINES)
        ])  # fmt: skip
    yield made
    made.drop()


def runs(folder: Path) -> list[tuple[str, int]]:
    """(status, rows that are durable) of every run, oldest first."""
    conn = sqlite3.connect(f"file:{folder / 'state.db'}?mode=ro", uri=True, timeout=60)
    try:
        return list(conn.execute("select status, done from import_run order by started_us"))
    finally:
        conn.close()


def test_a_sync_that_is_killed_again_and_again_loses_and_doubles_nothing(shop: ShopDatabase, tmp_path: Path):
    folder = tmp_path / "workspace"
    with Runtime(Workspace.open(folder, None, Settings()), sending=False).start() as runtime:
        document = {
            "kind": "source", "id": "shop", "name": "Shop", "connector": shop.kind, "as": "orders",
            "settings": shop.where | {"table": shop.table, "cursor": "at_time", "together": "order_id", "batch": 1000},
            "map": {"time": "at_time"}, "schedule": {"every": "1d"},
        }  # fmt: skip
        apply(runtime, [document], by="test", at_us=1)
    dice, reached = random.Random(7), []
    for kill in range(KILLS + 1):
        server = subprocess.Popen([sys.executable, "-c", SERVER, str(folder)], stdout=subprocess.DEVNULL)
        before = len(runs(folder))
        wanted = dice.randrange(1_000, 6_000) if kill < KILLS else ORDERS * LINES
        ends = time.monotonic() + 90
        while time.monotonic() < ends and server.poll() is None:
            found = runs(folder)[before:]
            if found and (found[-1][0] == "done" or (kill < KILLS and found[-1][1] >= wanted)):
                break
            time.sleep(0.005)
        assert server.poll() is None, "the server ended by itself"
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        reached.append(runs(folder)[-1])
    *cut, last = reached
    assert last[0] == "done"
    assert any(status != "done" for status, _ in cut), "every kill came too late to prove anything"
    log = SqliteLog(folder / "log", lambda: 0)
    try:
        orders = [s.event for s in log.read(0, 1_000_000) if s.event.source_id == "shop"]
    finally:
        log.close()
    assert Counter(e.event_id for e in orders).most_common(1)[0][1] == 1
    assert len(orders) == ORDERS
    assert {len(e.properties["products"]) for e in orders} == {LINES}  # no order was taken apart
    assert sum(e.properties["revenue"] for e in orders) == ORDERS * LINES * 2.5
