"""Whoever is slow, silent, gone or too many: nobody waits for anybody else, and what was acknowledged is kept."""

from __future__ import annotations

import json
import socket
import sqlite3
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from collect_client import KEY, Collector
from homing.collect.doors.held import EACH, Limits
from raw_http import HOST, Heard, Line, listening, post, track

pytestmark = pytest.mark.service


@pytest.fixture
def collector(tmp_path: Path):
    made = Collector(tmp_path)
    yield made
    made.close()


@pytest.fixture
def port(collector):
    with listening(collector) as port:
        yield port


def test_who_does_not_read_its_answers_is_not_read_either(collector, port):
    unread = post("/v1/track", {"writeKey": "wk_wrong", "userId": "ann", "event": "Seen"}) * 50
    sent, most = 0, 1_000_000  # far more than the buffers of two sockets hold
    with Line(port, timeout=1.5) as line:
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        try:
            while sent < most:
                line.say(unread)
                sent += 50
        except TimeoutError:
            pass
        with Line(port) as other:
            assert other.say(track("other")).hear().status == 200
    assert collector.app.counts["http_401"] <= sent < most


# -- time --------------------------------------------------------------------------------------------------------------
def test_slow_clients_are_given_up_and_nobody_waits_for_them(collector, monkeypatch):
    monkeypatch.setattr("homing.api.protocol.HEAD_S", 2.0)
    monkeypatch.setattr("homing.collect.doors.body.SLOW_S", 2.0)
    with listening(collector) as port, ThreadPoolExecutor(20) as pool:
        heads = [pool.submit(trickle, port, b"POST /v1/track HTTP/1.1\r\nx-slow: ") for _ in range(8)]
        bodies = [pool.submit(trickle, port, post("/v1/track", b"{", length=9_000)) for _ in range(8)]
        worst = 0.0
        with Line(port) as line:
            for n in range(30):
                began = time.perf_counter()
                assert line.say(track(f"m{n}")).hear().statuses == ["accepted"]
                worst = max(worst, time.perf_counter() - began)
        assert [f.result().status for f in heads + bodies] == [408] * 16
    assert worst < 1.6  # less than a slow one is borne with


def trickle(port: int, first: bytes) -> Heard:
    with Line(port) as line:
        line.say(first)
        line.socket.settimeout(0.1)
        for _ in range(60):
            try:
                heard = line.hear()
            except TimeoutError:
                line.say(b"z")
                continue
            assert heard.headers["connection"] == "close"
            return heard
    raise AssertionError("never given up")


def test_a_silent_connection_is_closed_and_a_busy_one_kept(collector):
    with listening(collector, keep_alive=1) as port, Line(port) as silent, Line(port) as busy:
        for n in range(6):
            assert busy.say(track(f"m{n}")).hear().status == 200
            time.sleep(0.3)
        assert silent.ended()
        assert busy.say(track("more")).hear().status == 200
        assert busy.ended()  # after a second of silence


def test_slow_bodies_use_up_their_own_room_only(tmp_path):
    collector = Collector(tmp_path, limits=Limits(arriving=200_000))
    with listening(collector) as port:
        slow = [Line(port).say(post("/v1/batch", b"[" * 90_000, length=400_000)) for _ in range(3)]
        heard = slow[2].hear()
        assert (heard.status, heard.headers["retry-after"]) == (429, "1")
        with Line(port) as line:
            assert line.say(track("a")).hear().statuses == ["accepted"]
        for one in slow:
            one.close()
    collector.close()


# -- the ends ----------------------------------------------------------------------------------------------------------
def test_a_half_closed_client_hears_all_its_answers(collector, port):
    with Line(port) as line:
        line.say(track("a") + track("b"))
        line.socket.shutdown(socket.SHUT_WR)
        assert [line.hear().statuses for _ in range(2)] == [["accepted"], ["accepted"]]
        assert line.ended()


def test_clients_that_go_away_harm_nobody_and_what_they_said_is_kept(collector, port):
    for n in range(40):
        line = Line(port)
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.say(track(f"gone-{n}"))
        time.sleep(0.002)
        line.close()  # with a reset
    with Line(port) as line:
        assert line.say(track("stays")).hear().statuses == ["accepted"]
    ids = {e.event_id for e in collector.events()}
    assert "stays" in ids
    assert len(ids) == len(collector.events())


def test_a_stopping_server_answers_what_it_has_in_hand(collector):
    with ThreadPoolExecutor(1) as pool:
        with listening(collector) as port:
            line = Line(port)
            with collector.log._stamp:  # the log cannot write yet
                heard = pool.submit(line.say(track("a")).hear)
                time.sleep(0.2)
                assert not heard.done()
        assert heard.result().statuses == ["accepted"]
        assert line.ended()


class Failing:
    """A connection whose disk fails while `broken` is set."""

    def __init__(self, real: sqlite3.Connection) -> None:
        self._real = real
        self.broken = True

    def execute(self, statement: str, *values: object):
        if self.broken and statement.startswith("INSERT"):
            raise sqlite3.OperationalError("disk I/O error")
        return self._real.execute(statement, *values)

    def close(self) -> None:
        self._real.close()


@pytest.mark.parametrize("early", [True, False])
def test_after_a_failed_flush_nothing_is_acknowledged_any_more(collector, early):
    with listening(collector, early=early) as port, Line(port) as line:
        assert line.say(track("before")).hear().statuses == ["accepted"]
        (first,) = collector.log._writers
        disk = collector.log._writers[first] = Failing(collector.log._writers[first])
        heard = line.say(track("lost")).hear()
        assert (heard.status, json.loads(heard.body)["code"], heard.headers["retry-after"]) == (503, "terminal", "5")
        disk.broken = False  # what it holds is unknown: it is not asked again
        assert line.say(track("later")).hear().status == 503
    assert not collector.log.writable
    assert [e.event_id for e in collector.events()] == ["before"]


# -- too much ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("early", [True, False])
def test_too_much_in_hand_is_429_until_the_log_has_written(tmp_path, early):
    collector = Collector(tmp_path, limits=Limits(waiting=10 * (EACH + 200)))
    with listening(collector, early=early) as port, ThreadPoolExecutor(30) as pool:
        lines = [Line(port) for _ in range(30)]
        with collector.log._stamp:  # the log cannot write yet
            heard = [pool.submit(line.say(track(f"m{n}")).hear) for n, line in enumerate(lines)]
            time.sleep(0.5)
            refused = [h.result() for h in heard if h.done()]
            assert 15 <= len(refused) < 30
            assert {(h.status, h.headers["retry-after"]) for h in refused} == {(429, "1")}
            began = time.perf_counter()
            with Line(port) as other:  # whatever does not wait for the log is answered
                other.say(b"GET /v1/projects/%b/settings HTTP/1.1\r\n%b\r\n" % (KEY.encode(), HOST))
                assert other.hear().status == 200
            assert time.perf_counter() - began < 0.5
        taken = [h.result() for h in heard if h.result().status == 200]
        assert len(taken) + len(refused) == 30
        assert collector.app.door.waiting.size == 0
        assert lines[0].say(track("again")).hear().statuses == ["accepted"]
        for line in lines:
            line.close()
    assert len(collector.events()) == len(taken) + 1
    collector.close()


@pytest.mark.parametrize("early", [True, False])
def test_while_the_disk_stands_still_newcomers_are_told_to_come_back(collector, monkeypatch, early):
    monkeypatch.setattr("homing.collect.doors.gather.PATIENCE_S", 0.2)
    with listening(collector, early=early) as port, ThreadPoolExecutor(1) as pool, Line(port) as first:
        with collector.log._stamp:  # the log cannot write yet
            heard = pool.submit(first.say(track("patient")).hear)
            time.sleep(0.4)
            for _ in range(3):
                with Line(port) as line:
                    refused = line.say(track("newcomer")).hear()
                    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert heard.result().statuses == ["accepted"]
        assert first.say(track("newcomer")).hear().statuses == ["accepted"]
    assert [e.event_id for e in collector.events()] == ["patient", "newcomer"]
