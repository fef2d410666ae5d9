"""Requests of one moment share a hand-over, and none hears another's answer."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path

import pytest

from homing.collect.gather import Gatherer
from homing.core.errors import Overload
from homing.core.event import Event, Verdict
from homing.storage.log import SqliteLog


def event(name: str) -> Event:
    return Event(event_id=name, kind="track", name="Seen", happened_us=1, source_id="web")


def test_each_caller_gets_the_verdicts_of_its_own_events(tmp_path: Path):
    log = SqliteLog(tmp_path, lambda: 1)
    calls: list[int] = []

    class Counted:
        def append_async(self, events: list[Event]) -> Future[list[Verdict]]:
            calls.append(len(events))
            return log.append_async(events)

    async def all_at_once():
        gather = Gatherer(Counted())
        return await asyncio.gather(gather.append([event("a")]), gather.append([event("b"), event("a")]),
                                    gather.append([event("c")]))  # fmt: skip

    got = asyncio.run(all_at_once())
    log.close()
    assert [[v.status for v in vs] for vs in got] == [["accepted"], ["accepted", "duplicate"], ["accepted"]]
    assert calls == [4]


def test_an_overload_refuses_all_and_an_odd_event_only_its_own_caller(tmp_path: Path):
    log = SqliteLog(tmp_path, lambda: 1)

    class Busy:
        def append_async(self, events: list[Event]) -> Future[list[Verdict]]:
            raise Overload("busy")

    async def send(gather: Gatherer, *batches: list[Event]):
        return await asyncio.gather(*(gather.append(b) for b in batches), return_exceptions=True)

    odd = Event(event_id="x", kind="track", happened_us=1, source_id="web", properties={"x": object()})
    busy = asyncio.run(send(Gatherer(Busy()), [event("a")], [event("b")]))
    mixed = asyncio.run(send(Gatherer(log), [event("a")], [odd], [event("b")]))
    log.close()
    assert [type(e) for e in busy] == [Overload, Overload]
    assert (mixed[0][0].status, type(mixed[1]), mixed[2][0].status) == ("accepted", TypeError, "accepted")


@pytest.mark.parametrize("gone", [0, 1])
def test_a_caller_that_went_away_harms_nobody(tmp_path: Path, gone: int):
    log = SqliteLog(tmp_path, lambda: 1)

    async def leave():
        gather = Gatherer(log)
        tasks = [asyncio.create_task(gather.append([event(n)])) for n in "ab"]
        await asyncio.sleep(0)
        tasks[gone].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    got = asyncio.run(leave())
    log.close()
    assert isinstance(got[gone], asyncio.CancelledError)
    assert got[1 - gone][0].status == "accepted"
