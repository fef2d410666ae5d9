"""The warehouse holds what the stream has committed, once, under its customer, whatever died meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from homing.core.event import Event, Id
from homing.core.query import Query
from homing.core.settings import Settings
from homing.runtime import VirtualClock, Workspace, loader, stream
from homing.runtime.compose import customers_of
from homing.runtime.loader import Loader
from homing.runtime.stream import Stream

START = 1_514_764_800_000_000


def made(n: int, *ids: Id, kind: str = "track") -> Event:
    return Event(event_id=f"e{n}", kind=kind, name="Product Viewed" if kind == "track" else "",
                 happened_us=START, source_id="shop", ids=ids)  # fmt: skip


class World:
    """A workspace moved by hand: no threads."""

    def __init__(self, folder: Path) -> None:
        self.w = Workspace.open(folder, VirtualClock(START), Settings())
        self.stream = Stream(self.w.log, self.w.state, self.w.stages)
        self.loader = Loader(self.w.log, self.w.state, self.w.warehouse, self.stream, customers_of)

    def process(self) -> None:
        while self.stream.step():
            pass

    def people_of_events(self) -> list[tuple[str, int]]:
        found = Query("SELECT customer_id, count(*) AS n FROM events GROUP BY 1 ORDER BY n DESC, 1")
        return self.w.warehouse.ask(found)


def test_it_never_runs_ahead_of_the_stream(tmp_path: Path):
    world = World(tmp_path)
    world.w.log.append([made(n, Id("user_id", "ann")) for n in range(5)])
    assert world.loader.catch_up() == 0
    assert world.w.warehouse.mark() == 0
    world.process()
    assert world.loader.catch_up() == 5
    assert world.w.warehouse.ask(Query("SELECT count(*) FROM events")) == [(5,)]
    world.w.close()


def test_after_a_restart_identity_is_asked_and_says_the_same(tmp_path: Path):
    world = World(tmp_path)
    world.w.log.append([made(n, Id("user_id", f"u{n % 3}")) for n in range(9)])
    world.process()
    world.w.close()  # processed, not loaded; what memory knew is gone
    world = World(tmp_path)
    world.loader.catch_up()
    assert [n for _, n in world.people_of_events()] == [3, 3, 3]
    world.w.close()


def test_a_chain_of_merges_leads_to_the_last_customer(tmp_path: Path):
    world = World(tmp_path)
    cookies = [Id("anonymous_id", f"cookie-1{n}") for n in range(4)]
    world.w.log.append([made(n, cookie) for n, cookie in enumerate(cookies)])
    world.process()
    world.loader.catch_up()
    assert len(world.people_of_events()) == 4
    for n in range(3):  # 0 meets 1, 1 meets 2, 2 meets 3
        world.w.log.append([made(10 + n, cookies[n], cookies[n + 1])])
        world.process()
        world.loader.catch_up()
    assert [n for _, n in world.people_of_events()] == [7]
    assert world.w.warehouse.ask(Query("SELECT count(*) FROM customers")) == [(1,)]
    world.w.close()


@pytest.mark.parametrize(("events", "size", "portion"), [(7, 1 << 20, 3), (100, 1, 3), (100, 1 << 20, 1)])
def test_a_load_is_bounded_by_events_and_by_bytes_and_loads_everything_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, events: int, size: int, portion: int
):
    for name, value in (("EVENTS", events), ("BYTES", size), ("PORTION", portion)):
        monkeypatch.setattr(loader, name, value)
    world = World(tmp_path)
    world.w.log.append([made(n, Id("user_id", f"u{n % 3}")) for n in range(20)])
    world.process()
    assert world.loader.catch_up() == 20
    loaded = Query("SELECT log_offset FROM events ORDER BY 1")
    assert world.w.warehouse.ask(loaded) == [(n,) for n in range(1, 21)]
    assert [n for _, n in world.people_of_events()] == [7, 7, 6]
    world.w.close()


def test_loading_again_changes_nothing(tmp_path: Path):
    world = World(tmp_path)
    world.w.log.append([made(n, Id("user_id", "ann")) for n in range(5)])
    world.process()
    world.loader.catch_up()
    world.loader.mark = 2  # as if what was loaded had not been noticed
    world.loader.catch_up()
    assert world.w.warehouse.ask(Query("SELECT count(*), count(DISTINCT event_id) FROM events")) == [(5, 5)]
    world.w.close()


def test_what_a_long_batch_has_passed_lies_ready_and_is_seen_once_the_batch_is_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Twenty events, four read at a time; after each four the loader lays ready what it finds, three and more."""
    monkeypatch.setattr(loader, "LEAST", 3)
    monkeypatch.setattr(stream, "READ", 4)
    world = World(tmp_path)
    world.w.log.append([made(n, Id("user_id", f"u{n % 3}")) for n in range(20)])
    counted = Query("SELECT count(*) FROM events")
    seen = []

    def between() -> bool:
        seen.append((world.loader.follow(), world.loader.catch_up(), world.w.warehouse.ask(counted)))
        return False

    world.stream.pressed = between
    world.process()
    assert seen == [(True, 0, [(0,)])] * 5
    assert not world.stream.customers.keys() - range(1, 21)
    assert world.loader.catch_up() == world.w.warehouse.mark() == 20
    assert [n for _, n in world.people_of_events()] == [7, 7, 6]
    assert world.stream.customers == {}  # nobody was asked again
    assert world.w.warehouse.ask(Query("SELECT count(*) FROM customers")) == [(3,)]
    world.w.close()


@pytest.mark.parametrize("seemed", [{1: "somebody", 2: "else"}, dict.fromkeys(range(1, 7), "somebody")])
def test_what_was_laid_ready_and_was_not_committed_so_is_loaded_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seemed: dict[int, str | None]
):
    monkeypatch.setattr(loader, "LEAST", 1)
    world = World(tmp_path)
    world.w.log.append([made(n, Id("user_id", f"u{n % 3}")) for n in range(6)])
    world.stream.under_way = seemed  # a batch that was rolled back
    assert world.loader.follow()
    world.w.log.append([made(n, Id("user_id", f"u{n % 3}")) for n in range(6, 9)])
    world.process()
    assert [world.loader.catch_up(up_to) for up_to in (4, None)] == [4, 9]
    assert [n for _, n in world.people_of_events()] == [3, 3, 3]
    world.w.close()


def test_a_transaction_holds_as_many_loads_as_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, value in (("EVENTS", 3), ("TOGETHER", 7)):
        monkeypatch.setattr(loader, name, value)
    world = World(tmp_path)
    world.w.log.append([made(n, Id("user_id", f"u{n % 3}")) for n in range(20)])
    world.process()
    assert world.loader.catch_up() == 20
    assert [n for _, n in world.people_of_events()] == [7, 7, 6]
    world.w.close()


def test_stopping_lets_go_of_what_lies_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loader, "LEAST", 1)
    world = World(tmp_path)
    world.w.log.append([made(n, Id("user_id", "ann")) for n in range(5)])
    world.stream.under_way = dict.fromkeys(range(1, 6), "ann")
    assert world.loader.follow()
    world.loader.stop()
    world.w.close()
    world = World(tmp_path)
    assert world.w.warehouse.mark() == 0
    world.process()
    assert world.loader.catch_up() == 5
    assert world.w.warehouse.ask(Query("SELECT count(*) FROM events")) == [(5,)]
    world.w.close()
