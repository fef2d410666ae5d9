"""A second process judges batches while there are many: the same answers, the same log, whatever becomes of it."""

from __future__ import annotations

import gzip
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from collect_client import KEY, Collector
from homing.collect.doors.beside import Beside
from homing.core.event import encode
from raw_http import Heard, Line, listening, post

pytestmark = pytest.mark.service
CONNECTIONS = 8


@pytest.fixture
def collector(tmp_path: Path, monkeypatch):
    """A collector whose second process starts as soon as two batches meet, and never rests."""
    monkeypatch.setattr("homing.collect.doors.beside.SHARE", 0.0)
    made = Collector(tmp_path / "beside")
    made.app.door.beside = Beside(pressed=1, cores=2)
    yield made
    made.close()


def items(name: str, count: int = 40, **more: object) -> list[dict[str, object]]:
    return [
        {"type": "track" if n % 3 else "page", "messageId": f"{name}-{n}", "userId": f"u{n % 7}", "event": "Seen",
         "timestamp": f"2026-01-06T11:00:{n % 60:02}.123Z", "properties": {"price": n / 4, "名": "茶\"\\"}} | more
        for n in range(count)
    ]  # fmt: skip


def requests() -> list[bytes]:
    """Batches of every sort, the n-th always with the same ids."""
    out = []
    basic = b"authorization: Basic " + b"d2tfZ29vZDo="  # wk_good:
    for n in range(60):
        name = f"b{n}"
        raw = json.dumps({"batch": items(name), "sentAt": "2026-01-06T11:59:58.000Z"}).encode()
        bodies: list[bytes] = [
            post("/v1/batch", {"batch": items(name), "writeKey": KEY}),
            post("/v1/batch", {"writeKey": KEY, "batch": items(name), "context": {"ip": "10.0.0.1"}}),
            post("/v1/batch", raw, basic),
            post("/v1/batch", gzip.compress(raw, 0), basic, b"content-encoding: gzip"),
            post("/v1/batch", {"batch": [*items(name), *items(name, 3)], "writeKey": KEY}),  # repeats within
            post("/v1/batch", {"batch": items(f"own:{name}"), "writeKey": KEY}),  # ids that are set apart
            post("/v1/batch", {"batch": [*items(name), {"type": "other", "messageId": "odd"}], "writeKey": KEY}),
            post("/v1/batch", {"batch": items(name, userId=None), "writeKey": KEY}),  # nobody's
            post("/v1/batch", {"batch": items(name), "writeKey": "wk_wrong"}),
            post("/v1/batch", {"batch": items(name), "writeKey": "wk_wrong", "x": {"writeKey": KEY}}),
            post("/v1/batch", {"batch": items(name, properties={"writeKey": KEY}), "writeKey": 7}),
            post("/v1/batch", raw[:-3], basic),
            post("/v1/batch", raw, basic, b"content-encoding: gzip"),
        ]
        out.append(bodies[n % len(bodies)])
    return out


def press(port: int, until: float, name: str = "press") -> list[Heard]:
    """Batches over many connections, one under way on each."""

    def client(c: int) -> list[Heard]:
        heard = []
        with Line(port) as line:
            while time.monotonic() < until:
                body = {"batch": items(f"{name}-{c}-{len(heard)}"), "writeKey": KEY}
                heard.append(line.say(post("/v1/batch", body)).hear())
        return heard

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return [one for heard in pool.map(client, range(CONNECTIONS)) for one in heard]


def judging(collector: Collector, port: int) -> int:
    """Press until the second process judges; its id."""
    for n in range(60):
        press(port, time.monotonic() + 0.5, f"warm{n}")
        if collector.app.door.beside.judged:
            return collector.app.door.beside.pid
    raise AssertionError("it never judged")


def alive(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}") and "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3]


def test_whoever_judges_says_the_same_and_writes_the_same(collector, tmp_path):
    said, alone = requests(), Collector(tmp_path / "alone")
    alone.app.door.beside = None
    with listening(alone) as port, Line(port) as line:
        expected = [line.say(one).hear().raw for one in said]
    with listening(collector) as port:
        judging(collector, port)
        before = collector.app.door.beside.judged
        with ThreadPoolExecutor(CONNECTIONS) as pool:

            def client(c: int) -> list[tuple[int, bytes]]:
                with Line(port) as line:
                    return [(n, line.say(said[n]).hear().raw) for n in range(c, len(said), CONNECTIONS)]

            got = dict(pair for pairs in pool.map(client, range(CONNECTIONS)) for pair in pairs)
        assert collector.app.door.beside.judged > before
        again = press_again(port, said[0])
    assert [got[n] for n in range(len(said))] == expected
    wanted = {e.event_id: encode(e) for e in alone.events()}
    every = collector.log.read(0, 1_000_000)
    found = {s.event.event_id: encode(s.event) for s in every if not s.event.event_id.startswith("warm")}
    alone.close()
    assert found == wanted
    assert set(again) == {"duplicate"}


def press_again(port: int, request: bytes) -> list[str]:
    """The verdicts of a batch that is sent again over many connections at once."""

    def client(_: int) -> list[str]:
        with Line(port) as line:
            return [status for _ in range(5) for status in line.say(request).hear().statuses]

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return [status for statuses in pool.map(client, range(CONNECTIONS)) for status in statuses]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_one_that_ends_or_hangs_loses_nothing(collector, monkeypatch, how):
    monkeypatch.setattr("homing.collect.doors.beside.PATIENCE_S", 0.5)
    with listening(collector) as port:
        pid = judging(collector, port)
        known = collector.log.tail()
        with ThreadPoolExecutor(2) as pool:
            heard = pool.submit(press, port, time.monotonic() + 1.5)
            time.sleep(0.3)
            os.kill(pid, how)
            answers = heard.result()
        assert collector.app.door.beside.pid != pid
    assert all(one.status == 200 and set(one.statuses) == {"accepted"} for one in answers)
    ids = [stored.event.event_id for stored in collector.log.read(known, 1_000_000)]
    assert len(ids) == len(set(ids)) == 40 * len(answers)
    assert not alive(pid)


def test_it_is_let_go_when_nobody_needs_it_and_with_the_server(collector, monkeypatch):
    monkeypatch.setattr("homing.collect.doors.beside.IDLE_S", 0.5)
    with listening(collector) as port:
        pid = judging(collector, port)
        assert alive(pid)
        for _ in range(100):
            if not alive(pid):
                break
            time.sleep(0.1)
        assert not alive(pid)
        assert collector.app.door.beside.pid is None
        collector.app.door.beside.judged = 0
        pid = judging(collector, port)
    collector.app.close()
    assert not alive(pid)


def test_it_rests_where_others_want_its_core(collector, monkeypatch):
    monkeypatch.setattr("homing.collect.doors.beside.SHARE", 2.0)  # more than it can get
    with listening(collector) as port:
        judging(collector, port)
        press(port, time.monotonic() + 1.0)
        judged = collector.app.door.beside.judged
        answers = press(port, time.monotonic() + 0.5, "more")
    assert answers
    assert collector.app.door.beside.judged == judged


def test_one_client_that_waits_for_its_answers_needs_none(collector):
    with listening(collector) as port, Line(port) as line:
        for n in range(50):
            body = {"batch": items(f"m{n}"), "writeKey": KEY}
            assert set(line.say(post("/v1/batch", body)).hear().statuses) == {"accepted"}
    assert collector.app.door.beside.pid is None
