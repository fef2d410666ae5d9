"""A folder as a source: a real server reads logs behind the cursor, keeps a broken line once, and nothing twice."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from homing.api.server import Server
from homing.core.settings import Settings
from homing.core.time import parse_iso
from homing.runtime import VirtualClock

NOW = parse_iso("2026-01-06T12:00:00Z")
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def line(path: str, second: int = 0, ip: str = "192.0.2.7") -> str:
    return f'{ip} - - [05/Jan/2026:10:00:{second:02d} +0000] "GET {path} HTTP/1.1" 200 1 "-" "{AGENT}"\n'


def put(path: Path, text: str, age_s: float) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, (NOW / 1e6 - age_s, NOW / 1e6 - age_s))


class Shop:
    """A real server."""

    def __init__(self, folder: Path) -> None:
        self.seen: set[str] = set()
        self.server = Server.open(folder, port=0, clock=VirtualClock(NOW), settings=Settings(zone="UTC")).start()
        self.http = httpx.Client(base_url=self.server.url, timeout=30, trust_env=False,
                                 headers={"authorization": f"Bearer {self.server.token}"})  # fmt: skip

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self.http.request(method, f"/api{path}", **more)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def run(self) -> dict[str, Any]:
        self.ask("POST", "/sources/weblog/run", json={})
        for _ in range(200):
            newest = self.ask("GET", "/sources/weblog/runs")["items"][:1]
            if newest and newest[0]["status"] != "running" and newest[0]["run_id"] not in self.seen:
                self.seen.add(newest[0]["run_id"])
                self.server.runtime.settle(30)
                return dict(newest[0])
            time.sleep(0.05)
        raise AssertionError("the run does not end")


@pytest.fixture
def shop(tmp_path: Path):
    made = Shop(tmp_path / "w")
    yield made
    made.http.close()
    made.server.stop()


def counts(run: dict[str, Any]) -> tuple[int, ...]:
    return tuple(run[n] for n in ("read", "accepted", "duplicate", "rejected"))


def test_a_log_that_grows_and_rotates_is_in_the_warehouse_once(shop, tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    log = logs / "access.log"
    document = {"kind": "source", "id": "weblog", "name": "Web log", "connector": "folder",
                "settings": {"folder": str(logs), "pattern": "access.log*", "format": "access_log"}}  # fmt: skip
    shop.ask("POST", "/apply", json={"documents": [document]})
    put(log, line("/a") + line("/a") + "garbage from 192.0.2.99\n", 300)
    assert counts(shop.run()) == (3, 2, 0, 1)
    put(log, line("/a") + line("/a") + "garbage from 192.0.2.99\n" + line("/b", 5), 200)
    log.rename(logs / "access.log.1")
    put(log, line("/c", 9, ip="198.51.100.4"), 100)
    assert counts(shop.run()) == (2, 2, 0, 0)
    sql = ("SELECT path, count(*), count(DISTINCT session_id), count(DISTINCT customer_id) FROM events "
           "WHERE kind = 'page' GROUP BY 1 ORDER BY 1")  # fmt: skip
    rows = shop.ask("POST", "/query", json={"sql": sql})["rows"]
    assert rows == [["/a", 2, 1, 1], ["/b", 1, 1, 1], ["/c", 1, 1, 1]]
    (kept,) = shop.ask("GET", "/rejected")["items"]
    assert (kept["reason"]["code"], kept["source"], kept["body"]) == ("broken_line", "weblog", "garbage from 192.0.2.0")
