"""Requests of one moment share a hand-over, and none hears another's answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from homing.collect.doors.gather import Gatherer, Repeats
from homing.core.errors import Overload
from homing.core.event import Event, encode
from homing.storage.log import Packed, SqliteLog

Pull = Callable[[], list[Packed]]


def part(*names: str) -> Packed:
    events = (Event(event_id=n, kind="track", name="Seen", happened_us=1, source_id="web") for n in names)
    return Packed(names, b",".join(map(encode, events)))


def test_each_caller_gets_the_verdicts_of_its_own_events(tmp_path: Path):
    log = SqliteLog(tmp_path, lambda: 1)

    async def all_at_once():
        gather = Gatherer(log)
        return await asyncio.gather(gather.append([part("a")]), gather.append([part("b", "a")]),
                                    gather.append([part("c")]))  # fmt: skip

    got = asyncio.run(all_at_once())
    log.close()
    assert got == [frozenset(), frozenset({1}), frozenset()]


def test_nobody_is_forgotten_however_callers_and_the_writer_meet(tmp_path: Path):
    log = SqliteLog(tmp_path, lambda: 1)

    async def client(gather: Gatherer, name: str):
        return [await gather.append([part(f"{name}-{n}", f"shared-{n}")]) for n in range(40)]

    async def many():
        gather = Gatherer(log)
        async with asyncio.timeout(60):
            return await asyncio.gather(*(client(gather, f"c{n}") for n in range(25)))

    got = asyncio.run(many())
    ids = [stored.event.event_id for stored in log.read(0, 10_000)]
    log.close()
    assert len(ids) == len(set(ids)) == 25 * 40 + 40
    for turn in zip(*got, strict=True):  # what all send is new to one of them
        assert sorted(turn, key=len) == [frozenset()] + [frozenset({1})] * 24


def test_an_overload_refuses_all_of_a_hand_over():
    class Busy:
        def append_gathered(self, pull: Pull) -> Future[Repeats]:
            raise Overload("busy")

    async def send(gather: Gatherer):
        return await asyncio.gather(gather.append([part("a")]), gather.append([part("b")]), return_exceptions=True)

    assert [type(e) for e in asyncio.run(send(Gatherer(Busy())))] == [Overload, Overload]


class Slow:
    """A log that writes when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[Pull, Future[Repeats]]] = []

    def append_gathered(self, pull: Pull) -> Future[Repeats]:
        self.asked.append((pull, Future()))
        return self.asked[-1][1]

    def take(self) -> tuple[list[str], Future[Repeats]]:
        pull, done = self.asked.pop(0)
        return [name for part in pull() for name in part.ids], done

    def write(self) -> list[str]:
        names, done = self.take()
        done.set_result(frozenset())
        return names


async def put(gather: Gatherer, *names: str) -> list[asyncio.Task[Repeats]]:
    tasks = []
    for name in names:
        tasks.append(asyncio.create_task(gather.append([part(*name)])))
        for _ in range(3):
            await asyncio.sleep(0)
    return tasks


def test_while_the_log_writes_the_rest_gathers_into_one_hand_over():
    async def send():
        log = Slow()
        gather = Gatherer(log)
        tasks = await put(gather, "a", "b")
        first, written = log.take()  # both came before the log was free
        tasks += await put(gather, "c", "d", "e", "f")
        asked = len(log.asked)
        written.set_result(frozenset())
        return first, asked, log.write(), len(log.asked), [await t for t in tasks]

    assert asyncio.run(send()) == (["a", "b"], 1, ["c", "d", "e", "f"], 0, [frozenset()] * 6)


def test_what_is_too_much_for_one_hand_over_goes_with_the_next(monkeypatch):
    async def send():
        log = Slow()
        tasks = await put(Gatherer(log), "ab", "cd", "ef", "ghij", "k")
        hands = []
        while log.asked:
            hands.append("".join(log.write()))
            await asyncio.sleep(0.001)
        return hands, [await t for t in tasks]

    monkeypatch.setattr("homing.collect.doors.gather.HAND_EVENTS", 3)
    assert asyncio.run(send()) == (["ab", "cd", "ef", "ghij", "k"], [frozenset()] * 5)
    monkeypatch.setattr("homing.collect.doors.gather.HAND_EVENTS", 5)
    assert asyncio.run(send()) == (["abcd", "ef", "ghijk"], [frozenset()] * 5)


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
