"""Requests of one moment share a hand-over, and none hears another's answer."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path

import pytest

from homing.collect.doors.gather import Gatherer, Repeats
from homing.core.errors import Overload
from homing.core.event import Event, encode
from homing.storage.log import Packed, SqliteLog


def part(*names: str) -> Packed:
    events = (Event(event_id=n, kind="track", name="Seen", happened_us=1, source_id="web") for n in names)
    return Packed(names, b",".join(map(encode, events)))


def test_each_caller_gets_the_verdicts_of_its_own_events(tmp_path: Path):
    log = SqliteLog(tmp_path, lambda: 1)
    calls: list[int] = []

    class Counted:
        def append_packed(self, parts: list[Packed]) -> Future[Repeats]:
            calls.append(len(parts))
            return log.append_packed(parts)

    async def all_at_once():
        gather = Gatherer(Counted())
        return await asyncio.gather(gather.append([part("a")]), gather.append([part("b", "a")]),
                                    gather.append([part("c")]))  # fmt: skip

    got = asyncio.run(all_at_once())
    log.close()
    assert got == [frozenset(), frozenset({1}), frozenset()]
    assert calls == [1, 2]  # the first is written while the others gather


def test_an_overload_refuses_all_of_a_hand_over():
    class Busy:
        def append_packed(self, parts: list[Packed]) -> Future[Repeats]:
            raise Overload("busy")

    async def send(gather: Gatherer):
        return await asyncio.gather(gather.append([part("a")]), gather.append([part("b")]), return_exceptions=True)

    assert [type(e) for e in asyncio.run(send(Gatherer(Busy())))] == [Overload, Overload]


class Slow:
    """A log that writes when it is told to."""

    def __init__(self) -> None:
        self.under_way: list[tuple[list[Packed], Future[Repeats]]] = []

    def append_packed(self, parts: list[Packed]) -> Future[Repeats]:
        self.under_way.append((parts, Future()))
        return self.under_way[-1][1]

    def write(self) -> None:
        _, done = self.under_way.pop(0)
        done.set_result(frozenset())


def test_while_the_log_writes_the_rest_gathers_into_one_hand_over():
    async def send():
        log = Slow()
        gather = Gatherer(log)
        tasks = []
        for name in "abcdefgh":
            tasks.append(asyncio.create_task(gather.append([part(name)])))
            for _ in range(3):
                await asyncio.sleep(0)
        under_way = [[part.ids for part in parts] for parts, _ in log.under_way]
        hands = []
        while log.under_way:
            hands.append(len(log.under_way[0][0]))
            log.write()
            for _ in range(5):
                await asyncio.sleep(0.001)
        return under_way, hands, [await t for t in tasks]

    under_way, hands, answers = asyncio.run(send())
    assert under_way == [[("a",)], [("b",)]]  # one is written, one is ready; six wait
    assert hands == [1, 1, 6]
    assert answers == [frozenset()] * 8


def test_while_somebody_waits_for_long_newcomers_are_told_to_come_back(monkeypatch):
    async def send():
        log = Slow()
        gather = Gatherer(log)
        gather.admit()
        first = asyncio.create_task(gather.append([part("a")]))
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
        tasks = [asyncio.create_task(gather.append([part(n)])) for n in "ab"]
        await asyncio.sleep(0)
        tasks[gone].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    got = asyncio.run(leave())
    log.close()
    assert isinstance(got[gone], asyncio.CancelledError)
    assert got[1 - gone] == frozenset()
