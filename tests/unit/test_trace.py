"""After a kill the trace tells what was not begun and what was taken; after a reboot or a cut it tells nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from homing.act import trace
from homing.act.trace import Trace


def left_behind(path: Path) -> None:
    """A process that was killed while it handed over `m2`, the second of three."""
    mine = Trace(path)
    mine.new_group()
    mine.begun("m0")
    mine.new_group()  # the group in hand is the next one
    mine.begun("m1")
    mine.accepted("m1")
    mine.begun("m2")
    mine.close()


def test_only_the_one_in_the_call_is_unclear(tmp_path: Path):
    left_behind(tmp_path / "lane.trace")
    after = Trace(tmp_path / "lane.trace")
    assert [after.known(key) for key in ("m1", "m2", "m3")] == ["accepted", None, "not_begun"]


def test_without_a_trace_everything_is_unclear(tmp_path: Path):
    assert Trace(tmp_path / "lane.trace").known("m1") is None


def test_after_another_boot_the_trace_tells_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    left_behind(tmp_path / "lane.trace")
    monkeypatch.setattr(trace, "_boot", lambda: "another boot")
    after = Trace(tmp_path / "lane.trace")
    assert [after.known(key) for key in ("m1", "m2", "m3")] == [None, None, None]


def test_a_trace_whose_last_line_is_cut_tells_nothing(tmp_path: Path):
    left_behind(tmp_path / "lane.trace")
    whole = (tmp_path / "lane.trace").read_bytes()
    (tmp_path / "lane.trace").write_bytes(whole[:-2])
    assert Trace(tmp_path / "lane.trace").known("m3") is None
