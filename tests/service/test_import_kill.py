"""The process that imports a file is killed, more than once, and gone on with: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from homing.core.time import parse_iso
from homing.storage.log import SqliteLog

pytestmark = [pytest.mark.service, pytest.mark.slow]
ROWS = 300_000
KILLS = 2


def homing(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """The command line over the workspace in this folder."""
    command = [sys.executable, "-m", "homing", "import", *words, "-w", str(folder / "workspace"), "--json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"NO_COLOR": "1"})


def noted(folder: Path) -> tuple[str, int, str]:
    """The run as the state notes it: id, rows done, status."""
    path = folder / "workspace" / "state.db"
    if not path.exists():
        return "", 0, ""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)
    try:
        return conn.execute("SELECT import_id, done, status FROM import_run").fetchone() or ("", 0, "")
    except sqlite3.OperationalError:  # the tables are not there yet
        return "", 0, ""
    finally:
        conn.close()


def kill_once_past(process: subprocess.Popen[bytes], folder: Path, rows: int) -> None:
    ends = time.monotonic() + 240
    while noted(folder)[1] <= rows:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < ends
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_killed_import_goes_on_and_loses_and_doubles_nothing(tmp_path):
    path = tmp_path / "orders.csv"
    lines = (f"{n},c{n % 999},2026-01-02 10:00:00,{n % 50}.5\n" for n in range(ROWS))
    path.write_text("order_id,customer_id,time,revenue\n" + "".join(lines))
    kill_once_past(homing(tmp_path, str(path), "--as", "orders"), tmp_path, 0)
    import_id, done, _ = noted(tmp_path)
    for _ in range(KILLS - 1):
        kill_once_past(homing(tmp_path, "--continue", import_id), tmp_path, done)
        done = noted(tmp_path)[1]
    assert 0 < done < ROWS, "the import was over before it could be killed"
    last = homing(tmp_path, "--continue", import_id)
    out, errors = last.communicate(timeout=400)
    assert last.returncode == 0, errors
    said = json.loads(out)
    assert (said["read"], said["accepted"] + said["duplicate"], said["rejected"]) == (ROWS, ROWS, 0)
    assert said["import_id"] == import_id
    assert noted(tmp_path) == (import_id, ROWS, "done")
    log = SqliteLog(tmp_path / "workspace" / "log", lambda: parse_iso("2030-01-01T00:00:00Z"))
    try:
        after, ids = 0, set()
        while part := log.read(after, 20_000):
            ids |= {s.event.event_id for s in part if s.event.name == "Order Completed"}
            after = part[-1].offset
        orders = log.tail()
    finally:
        log.close()
    assert len(ids) == ROWS  # none lost
    assert orders == ROWS  # none doubled
