"""A folder is read behind its cursor: logs through their rotation, tables when they change, and nothing outside it."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from homing.collect.connectors import Home
from homing.collect.connectors.folder import Folder
from homing.collect.definitions.source import Source
from homing.collect.formats import About
from homing.collect.formats.lay import format_of
from homing.collect.sources import connector_of
from homing.core.errors import InvalidInput
from homing.core.time import HOUR, parse_iso

NOW = parse_iso("2026-01-06T12:00:00Z")
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def line(path: str, second: int = 0) -> str:
    return f'192.0.2.7 - - [05/Jan/2026:10:{second // 60:02d}:{second % 60:02d} +0000] "GET {path} HTTP/1.1" 200 1 "-" "{AGENT}"\n'  # noqa: E501


class Watch:
    """A folder that is looked at now and then."""

    def __init__(self, folder: Path, **settings: object) -> None:
        made = Folder.model_validate({"folder": folder, "format": "access_log", **settings})
        self.puller = made.at_home(Home("web", "UTC", "US", "USD", b"k"))
        self.cursor: str | None = None
        self.broken: list = []
        self.now = NOW

    def look(self) -> list[dict]:
        rows = []
        for portion in self.puller.read(self.cursor, now_us=self.now):
            rows += portion.rows
            self.broken += portion.broken
            self.cursor = portion.cursor or self.cursor
        return rows

    def paths(self) -> list[str]:
        return [r["properties"]["path"] for r in self.look()]


def put(path: Path, text: str, *, age_s: float = 60, now: int = NOW) -> None:
    path.write_text(text, encoding="utf-8")
    touch(path, age_s, now=now)


def touch(path: Path, age_s: float = 60, *, now: int = NOW) -> None:
    at = now / 1e6 - age_s
    os.utime(path, (at, at))


def test_a_growing_log_is_read_behind_its_last_whole_line(tmp_path):
    log, watch = tmp_path / "access.log", Watch(tmp_path, pattern="access.log*")
    assert watch.paths() == []
    put(log, line("/a") + line("/b", 1)[:30])
    assert watch.paths() == ["/a"]  # the second is still being written
    assert watch.paths() == []
    put(log, line("/a") + line("/b", 1) + line("/c", 2))
    assert watch.paths() == ["/b", "/c"]
    assert watch.paths() == []
    put(log, line("/a") + line("/b", 1) + line("/c", 2) + line("/d", 3).rstrip(), age_s=3600)
    assert watch.paths() == ["/d"]  # an hour later nobody ends it any more


def test_a_log_is_followed_through_rotation_and_packing_and_read_once(tmp_path):
    log, watch = tmp_path / "access.log", Watch(tmp_path, pattern="access.log*")
    first = [line(f"/{n}", n) for n in range(6)]
    put(log, "".join(first[:3]), age_s=300)
    assert watch.paths() == ["/0", "/1", "/2"]
    put(log, "".join(first), age_s=200)
    log.rename(tmp_path / "access.log.1")
    put(log, line("/new", 9), age_s=100)
    assert watch.paths() == ["/3", "/4", "/5", "/new"]
    packed = tmp_path / "access.log.2.gz"
    packed.write_bytes(gzip.compress("".join(first).encode()))
    touch(packed, 50)
    (tmp_path / "access.log.1").unlink()
    assert watch.paths() == []
    put(log, line("/fresh", 20), age_s=10)  # begun anew in place
    assert watch.paths() == ["/fresh"]


def test_a_log_read_in_pieces_gives_what_it_gives_whole(tmp_path):
    lines = [line(f"/{n % 2}", n // 3) for n in range(60)]
    log, watch = tmp_path / "access.log", Watch(tmp_path)
    got: list[dict] = []
    for upto in (1, 7, 8, 31, 60):
        put(log, "".join(lines[:upto]), age_s=100 - upto)
        got += watch.look()
    whole = tmp_path / "whole.log"
    whole.write_text("".join(lines), encoding="utf-8")
    parts = format_of("access_log", {}).read(whole, About("web", secret=b"k"))
    assert got == [row for part in parts for _, row in part.rows]
    assert len({r["message_id"] for r in got}) == 60  # equal lines of one second are all kept


def test_a_portion_that_was_not_noted_comes_again_as_it_was(tmp_path):
    log, watch = tmp_path / "access.log", Watch(tmp_path)
    put(log, line("/a") * 2, age_s=300)
    watch.look()
    before = watch.cursor
    put(log, line("/a") * 4 + line("/b", 1), age_s=200)
    once = watch.look()
    watch.cursor = before  # killed before the place was saved
    assert watch.look() == once
    assert len({r["message_id"] for r in once}) == 3


def test_visits_go_on_in_the_next_file(tmp_path):
    log, watch = tmp_path / "access.log", Watch(tmp_path)
    put(log, line("/a"), age_s=300)
    (a,) = watch.look()
    log.rename(tmp_path / "access.log.1")
    put(log, line("/b", 60), age_s=100)
    (b,) = watch.look()
    assert a["context"]["session_id"] == b["context"]["session_id"]


def test_lines_and_files_that_cannot_be_read_are_told_and_stop_nothing(tmp_path):
    put(tmp_path / "a.log", "garbage\n" + line("/a"), age_s=300)
    (tmp_path / "b.log.gz").write_bytes(b"\x1f\x8b no gzip at all")
    touch(tmp_path / "b.log.gz", 200)
    put(tmp_path / "c.log", line("/c"))
    watch = Watch(tmp_path)
    assert watch.paths() == ["/a", "/c"]
    assert [(b.place, b.code) for b in watch.broken] == [("a.log:1", "broken_line"), ("b.log.gz", "unreadable_file")]


def test_reports_and_tables_are_read_whole_and_again_when_they_change(tmp_path):
    costs = Watch(tmp_path, format="ad_costs", pattern="*.csv")
    put(tmp_path / "costs.csv", "date,channel,campaign,spend\n2026-01-05,bing,Sample,10\nTotal,,,10\n")
    assert costs.puller.rows_are() == "costs"
    assert [r["cost"] for r in costs.look()] == [10]
    assert costs.look() == []
    put(tmp_path / "costs.csv", "date,channel,campaign,spend\n2026-01-05,bing,Sample,12\n", age_s=30)
    assert [r["cost"] for r in costs.look()] == [12]
    put(tmp_path / "just.csv", "date,channel,campaign,spend\n2026-01-05,bing,Sample,1\n", age_s=0)
    assert costs.look() == []  # perhaps still being written
    costs.now += HOUR
    assert [r["cost"] for r in costs.look()] == [1]
    tables = Watch(tmp_path, format="", pattern="*")
    tables.now = costs.now
    (tmp_path / "notes.md").write_text("no table", encoding="utf-8")
    assert sorted(r["spend"] for r in tables.look()) == ["1", "12"]


def test_nothing_outside_the_folder_is_read(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    put(tmp_path / "secret.log", line("/secret"))
    (inside / "link.log").symlink_to(tmp_path / "secret.log")
    assert Watch(inside).look() == []
    for pattern in ("../*", "/etc/*", "**", "a\\..\\b"):
        with pytest.raises(ValueError, match="pattern"):
            Watch(inside, pattern=pattern)
    with pytest.raises(InvalidInput, match="no folder"):
        Watch(tmp_path / "absent").puller.check()
    with pytest.raises(ValueError, match="not known"):
        Watch(inside, format="nonsense")
    with pytest.raises(ValueError, match="settings"):
        Watch(inside, format="access_log", settings={"no_such": 1})


def test_the_files_of_the_workspace_are_not_read_from_above_it(tmp_path):
    workspace = tmp_path / "homing-data"
    workspace.mkdir()
    put(workspace / "homing.toml", "[smtp]\npassword = hunter2\n")
    (tmp_path / "elsewhere").symlink_to(workspace)
    (tmp_path / "logs").mkdir()
    put(tmp_path / "logs" / "access.log", line("/"))
    for pattern in ("*/*", "homing-data/*", "elsewhere/*.toml"):
        source = Source.model_validate({
            "id": "peek", "name": "Peek", "connector": "folder",
            "settings": {"folder": str(tmp_path), "pattern": pattern, "format": "access_log"},
        })  # fmt: skip
        made = connector_of(source, {}, workspace)
        portions = list(made.read(None, now_us=NOW))
        assert any(p.rows for p in portions) == (pattern == "*/*")
        assert "hunter2" not in repr(portions)
        assert "hunter2" not in repr(made.peek(5, now_us=NOW))


def test_a_cursor_of_something_else_is_refused(tmp_path):
    watch = Watch(tmp_path)
    watch.cursor = "no cursor"
    with pytest.raises(InvalidInput, match="place"):
        watch.look()
