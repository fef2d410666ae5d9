"""A clock never goes back; a virtual one stands until it is moved and wakes whoever waits; a scaled one runs faster."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from homing.core.errors import Conflict, InvalidInput
from homing.runtime import ScaledClock, SystemClock, VirtualClock, server_of
from homing.runtime.lock import ServerInfo, WorkspaceLock, is_held

HOUR = 3_600_000_000


def test_a_virtual_clock_stands_moves_and_wakes():
    clock, woken = VirtualClock(5), []
    clock.on_move(lambda: woken.append(clock()))
    assert clock() == clock() == 5
    assert clock.real_s_until(6) is None
    clock.advance_to(HOUR)
    assert (clock(), woken) == (HOUR, [HOUR])
    assert clock.real_s_until(6) == 0
    with pytest.raises(InvalidInput):
        clock.advance_to(HOUR - 1)


def test_a_scaled_clock_makes_an_hour_of_a_second_and_can_change_its_speed():
    clock = ScaledClock(0, 3600)
    assert clock.real_s_until(HOUR) == pytest.approx(1.0, abs=0.1)
    time.sleep(0.05)
    assert HOUR * 0.04 < clock() < HOUR * 2
    before = clock()
    clock.set_speed(1)
    assert before <= clock() < before + HOUR
    with pytest.raises(InvalidInput):
        ScaledClock(0, 0)


def test_the_system_clock_never_goes_back(monkeypatch: pytest.MonkeyPatch):
    clock = SystemClock()
    first = clock()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert clock() >= first


def test_a_workspace_is_held_by_one_and_let_go_even_by_a_killed_process(tmp_path: Path):
    assert not is_held(tmp_path)
    code = (
        "import sys, time; from pathlib import Path; from homing.runtime.lock import *;"
        "lock = WorkspaceLock(Path(sys.argv[1])); lock.acquire();"
        "lock.announce(ServerInfo('http://127.0.0.1:1', 1, 'token')); print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    assert server_of(tmp_path) == ServerInfo("http://127.0.0.1:1", 1, "token")
    mine = WorkspaceLock(tmp_path)
    with pytest.raises(Conflict):
        mine.acquire()
    process.kill()
    process.communicate()
    assert server_of(tmp_path) is None  # the file is still there, but nobody stands behind it
    mine.acquire()
    assert is_held(tmp_path)
    assert not (tmp_path / "run" / "server.json").exists()
    mine.release()
    assert not is_held(tmp_path)
