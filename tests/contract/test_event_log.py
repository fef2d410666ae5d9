"""Every event log keeps facts in order, for good, and tells the truth about repeats."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from homing.core.errors import Terminal
from homing.core.event import Event, Id
from homing.core.time import DAY
from homing.storage.log import EventLog, SqliteLog


class Clock:
    now = 1_700_000_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["one file", "many files"])
def log(request, tmp_path: Path, clock: Clock):
    made = SqliteLog(tmp_path / "log", clock, file_events=2_000_000 if request.param == "one file" else 7)
    yield made
    made.close()


def event(n: int | str) -> Event:
    return Event(event_id=f"e{n}", kind="track", name="Product Viewed", happened_us=1, source_id="web",
                 ids=(Id("user_id", "ann"),), properties={"price": 1.5})  # fmt: skip


def test_offsets_begin_at_one_and_have_no_gaps(log: EventLog):
    verdicts = [v for n in range(4) for v in log.append([event(f"{n}a"), event(f"{n}b"), event(f"{n}c")])]
    assert [v.offset for v in verdicts] == list(range(1, 13))
    assert [s.offset for s in log.read(0, 100)] == list(range(1, 13))
    assert log.tail() == 12


def test_what_is_read_is_what_was_appended(log: EventLog, clock: Clock):
    log.append([event(1)])
    (stored,) = log.read(0, 10)
    assert stored.event == event(1)
    assert stored.received_us == clock.now


def test_a_repeat_is_a_duplicate_and_takes_no_offset(log: EventLog):
    first = log.append([event(1), event(2), event(1)])
    again = log.append([event(2), event(3)])
    assert [v.status for v in first + again] == ["accepted", "accepted", "duplicate", "duplicate", "accepted"]
    assert log.tail() == 3


def test_one_repeat_among_many_leaves_no_gap(log: EventLog):
    log.append([event(n) for n in range(300)])
    verdicts = log.append([event(n) for n in range(599, 298, -1)])
    assert [v.status for v in verdicts] == ["accepted"] * 300 + ["duplicate"]
    assert [v.offset for v in verdicts[:-1]] == list(range(301, 601))
    assert [s.offset for s in log.read(0, 1_000)] == list(range(1, 601))


def test_ever_finds_a_repeat_of_last_year(log: EventLog, clock: Clock):
    log.append([event(n) for n in range(8)])
    clock.now += 400 * DAY
    log.append([event(n) for n in range(100, 108)])
    assert [v.status for v in log.append([event(0)], dedupe="ever")] == ["duplicate"]


def test_reading_goes_on_after_an_offset_and_stops_at_the_limit(log: EventLog):
    for n in range(20):
        log.append([event(n)])
    assert [s.offset for s in log.read(5, 10)] == list(range(6, 16))
    assert log.read(20, 10) == []


def test_received_never_goes_backwards_even_when_the_clock_does(log: EventLog, clock: Clock):
    log.append([event(1)])
    clock.now -= DAY
    log.append([event(2)])
    received = [s.received_us for s in log.read(0, 10)]
    assert received == sorted(received)


def test_nothing_appended_later_lies_before_the_watermark(log: EventLog, clock: Clock):
    mark = log.watermark()
    clock.now -= 5_000_000
    log.append([event(1)])
    assert log.read(0, 1)[0].received_us >= mark


def test_many_writers_lose_nothing_and_double_nothing(log: EventLog):
    def write(who: int) -> None:
        for n in range(25):
            log.append([event(f"{who}-{n}"), event(f"shared-{n}")])

    threads = [threading.Thread(target=write, args=(w,)) for w in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    ids = [s.event.event_id for s in log.read(0, 10_000)]
    assert len(ids) == len(set(ids)) == 8 * 25 + 25


def test_waiting_ends_when_an_event_arrives(log: EventLog):
    assert not log.wait(0, 0.01)
    threading.Timer(0.05, lambda: log.append([event(1)])).start()
    assert log.wait(0, 10)


def test_opening_again_finds_everything_and_goes_on(tmp_path: Path, clock: Clock):
    first = SqliteLog(tmp_path / "log", clock, file_events=3)
    first.append([event(n) for n in range(5)])
    first.append([event(n) for n in range(5, 8)])
    first.close()
    second = SqliteLog(tmp_path / "log", clock, file_events=3)
    assert second.tail() == 8
    assert [v.status for v in second.append([event(3), event(9)])] == ["duplicate", "accepted"]
    assert len(second.read(0, 100)) == 9
    second.close()


def test_a_closed_log_says_so(log: EventLog):
    log.close()
    with pytest.raises(Terminal, match="closed"):
        log.append([event(1)])
