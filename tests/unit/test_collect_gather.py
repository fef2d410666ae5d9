"""Requests of one moment share a hand-over, and none hears another's answer."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path

import pytest

from homing.collect.doors.gather import Gatherer, Row
from homing.core.errors import Overload
from homing.core.event import Event, Verdict, encode
from homing.storage.log import SqliteLog


def row(name: str) -> Row:
    return name, encode(Event(event_id=name, kind="track", name="Seen", happened_us=1, source_id="web"))


def test_each_caller_gets_the_verdicts_of_its_own_events(tmp_path: Path):
    log = SqliteLog(tmp_path, lambda: 1)
    calls: list[int] = []

    class Counted:
        def append_encoded(self, rows: list[Row]) -> Future[list[Verdict]]:
            calls.append(len(rows))
            return log.append_encoded(rows)

    async def all_at_once():
        gather = Gatherer(Counted())
        return await asyncio.gather(gather.append([row("a")]), gather.append([row("b"), row("a")]),
                                    gather.append([row("c")]))  # fmt: skip

    got = asyncio.run(all_at_once())
    log.close()
    assert [[v.status for v in vs] for vs in got] == [["accepted"], ["accepted", "duplicate"], ["accepted"]]
    assert calls == [4]


def test_an_overload_refuses_all_of_a_hand_over():
    class Busy:
        def append_encoded(self, rows: list[Row]) -> Future[list[Verdict]]:
            raise Overload("busy")

    async def send(gather: Gatherer):
        return await asyncio.gather(gather.append([row("a")]), gather.append([row("b")]), return_exceptions=True)

    assert [type(e) for e in asyncio.run(send(Gatherer(Busy())))] == [Overload, Overload]


class Slow:
    """A log that writes when it is told to."""

    def __init__(self) -> None:
        self.under_way: list[tuple[list[Row], Future[list[Verdict]]]] = []

    def append_encoded(self, rows: list[Row]) -> Future[list[Verdict]]:
        self.under_way.append((rows, Future()))
        return self.under_way[-1][1]

    def write(self) -> None:
        rows, done = self.under_way.pop(0)
        done.set_result([Verdict("accepted", n) for n, _ in enumerate(rows)])


def test_while_the_log_writes_the_rest_gathers_into_one_hand_over():
    async def send():
        log = Slow()
        gather = Gatherer(log)
        tasks = []
        for name in "abcdefgh":
            tasks.append(asyncio.create_task(gather.append([row(name)])))
            for _ in range(3):
                await asyncio.sleep(0)
        under_way = [len(rows) for rows, _ in log.under_way]
        while log.under_way:
            log.write()
            for _ in range(5):
                await asyncio.sleep(0.001)
        return under_way, [v for t in tasks for v in await t]

    under_way, verdicts = asyncio.run(send())
    assert under_way == [1, 1]  # one is written, one is ready; six wait
    assert [v.offset for v in verdicts] == [0, 0, 0, 1, 2, 3, 4, 5]


def test_while_somebody_waits_for_long_newcomers_are_told_to_come_back(monkeypatch):
    async def send():
        log = Slow()
        gather = Gatherer(log)
        gather.admit()
        first = asyncio.create_task(gather.append([row("a")]))
        await asyncio.sleep(0.06)
        with pytest.raises(Overload, match="not written yet"):
            gather.admit()
        log.write()
        await first
        gather.admit()

    monkeypatch.setattr("homing.collect.doors.gather.PATIENCE_S", 0.05)
    asyncio.run(send())


@pytest.mark.parametrize("gone", [0, 1])
def test_a_caller_that_went_away_harms_nobody(tmp_path: Path, gone: int):
    log = SqliteLog(tmp_path, lambda: 1)

    async def leave():
        gather = Gatherer(log)
        tasks = [asyncio.create_task(gather.append([row(n)])) for n in "ab"]
        await asyncio.sleep(0)
        tasks[gone].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    got = asyncio.run(leave())
    log.close()
    assert isinstance(got[gone], asyncio.CancelledError)
    assert got[1 - gone][0].status == "accepted"
