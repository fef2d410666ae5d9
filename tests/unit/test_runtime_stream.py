"""The stream's result is a function of the log: not of how batches were cut, nor of what failed on the way."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from homing.core.errors import Overload, Transient
from homing.core.event import Event, Id, Stored
from homing.core.turn import MembershipChange, Timer, Turn
from homing.identity import Resolver
from homing.runtime.stages import Stages
from homing.runtime.stream import PUBLISHED, Stream
from homing.storage import definitions, outbox
from homing.storage.log import SqliteLog
from homing.storage.schema import outbox as outbox_table
from homing.storage.schema import rejected
from homing.storage.schema import timer as timers
from homing.storage.state import State

SECOND = 1_000_000
START = 1_700_000_000 * SECOND


class Clock:
    now = START

    def __call__(self) -> int:
        return self.now


class Diary:
    """A stage that writes down, in a table, what it is told and in which order; `boom` events break it."""

    def __init__(self, state: State) -> None:
        self.rows: list[str] = []
        self.published: list[str] = []
        self.break_flush = 0
        with state.write() as conn:
            conn.execute(text("CREATE TABLE IF NOT EXISTS diary (n INTEGER PRIMARY KEY, line TEXT)"))

    def load(self, conn) -> None:
        self.published = [d.id for d in definitions.all_of(conn, "segment") if d.status == "live"]

    def flush(self, conn) -> None:
        if self.break_flush:
            self.break_flush -= 1
            raise Transient("the disk was full")
        if "unwritable" in " ".join(self.rows):
            raise ValueError("a row that no table takes")
        for line in self.rows:
            conn.execute(text("INSERT INTO diary (line) VALUES (:line)"), {"line": line})
        self.rows.clear()

    def forget(self) -> None:
        self.rows.clear()

    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        self.rows.append(f"{turn.now_us - START}: merge")

    def apply(self, stored: Stored, customer_id: str | None, *rest) -> list[MembershipChange]:
        turn: Turn = rest[-1]
        self.rows.append(f"{turn.now_us - START}: {stored.event.name} {','.join(self.published)}".strip())
        if stored.event.name == "boom":
            turn.emit(Event(event_id="never", kind="track", name="never", happened_us=1, source_id="homing"))
            raise ValueError("a stage cannot read this")
        after = stored.event.properties.get("again_after")
        if after is not None:
            turn.set_timer("journey", stored.event.event_id, turn.now_us + after, "c")
        return []

    def wake(self, timer: Timer, turn: Turn) -> None:
        assert timer.due_us == turn.now_us
        self.rows.append(f"{turn.now_us - START}: wake {timer.key}")
        if timer.key == "boom":
            raise ValueError("a stage cannot wake this")
        turn.emit(Event(event_id=f"woke:{timer.key}", kind="track", name="woke", happened_us=1, source_id="homing"))

    def publish(self, definition, turn: Turn, conn) -> None:
        self.published.append(definition.id)

    def on_membership(self, changes, turn: Turn) -> None:
        self.rows.append("membership")


class Silent(Diary):
    """A stage that says nothing."""

    def apply(self, stored: Stored, customer_id: str | None, *rest) -> frozenset[str]:
        return frozenset()

    merge = on_membership = lambda self, *_: None


class World:
    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.log = SqliteLog(folder / "log", self.clock)
        self.state = State(folder / "state.db")
        self.caught_up: list[int] = []
        self.open()

    def open(self) -> None:
        self.diary = Diary(self.state)
        quiet = [Silent(self.state) for _ in range(4)]
        stages = Stages(Resolver(self.state), quiet[0], quiet[1], self.diary, quiet[2], quiet[3])
        self.stream = Stream(self.log, self.state, stages)
        self.stream.before_publish = self.caught_up.append
        quiet[2].wake = self.diary.wake

    def post(self, name: str, at_s: float, **properties) -> None:
        self.clock.now = START + int(at_s * SECOND)
        made = Event(event_id=properties.pop("event_id", f"{name}@{at_s}"), kind="track", name=name, happened_us=1,
                     source_id="web", ids=(Id("user_id", "ann"),), properties=properties)  # fmt: skip
        self.log.append([made])

    def run(self) -> None:
        while self.stream.step():
            outbox.drain(self.state, self.log)

    def lines(self) -> list[str]:
        with self.state.read() as conn:
            return list(conn.execute(text("SELECT line FROM diary ORDER BY n")).scalars())

    def close(self) -> None:
        self.log.close()
        self.state.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def test_a_timer_due_before_an_event_fires_first_at_its_own_time(world: World):
    world.post("a", 0, again_after=5 * SECOND, event_id="x")
    world.post("b", 9)
    world.run()
    assert world.lines()[:3] == ["0: a", "5000000: wake x", "9000000: b"]


def test_a_timer_waits_until_the_log_says_that_nothing_earlier_can_come(world: World):
    world.post("a", 0, again_after=5 * SECOND, event_id="x")
    world.run()
    assert world.lines() == ["0: a"]
    world.clock.now = START + 5 * SECOND
    world.run()
    assert world.lines()[1] == "5000000: wake x"
    assert world.stream.progress_us == START + 5 * SECOND


def test_a_log_that_is_far_ahead_is_understood_in_one_transaction(world: World, monkeypatch):
    monkeypatch.setattr("homing.runtime.stream.MAX_TURNS", 4)
    monkeypatch.setattr("homing.runtime.stream.FAR", 10)
    world.open()
    for n in range(9):
        world.post("buy", n)
    assert world.stream.step()
    assert world.stream.offset == 4  # nine are not far
    for n in range(9, 16):
        world.post("buy", n)
    assert world.stream.step()
    assert world.stream.offset == 16
    assert world.lines() == [f"{n * SECOND}: buy" for n in range(16)]


def test_what_a_stage_cannot_process_is_set_aside_whole_and_the_stream_goes_on(world: World):
    for name in ("a", "boom", "b"):
        world.post(name, 1)
    world.run()
    assert world.lines() == ["1000000: a", "1000000: b"]
    with world.state.read() as conn:
        (row,) = conn.execute(select(rejected)).all()
    assert (row.rejected_id, row.code, row.source_id) == ("stage:2", "stage_failed", "web")
    assert '"boom"' in row.body
    assert world.log.tail() == 3  # what it emitted before it failed was dropped too


def test_an_event_whose_row_cannot_be_written_is_found_among_its_batch(world: World):
    for n, name in enumerate(("a", "b", "unwritable", "c")):
        world.post(name, n)
    world.run()
    assert world.lines() == ["0: a", "1000000: b", "3000000: c"]
    with world.state.read() as conn:
        assert conn.execute(select(rejected.c.rejected_id)).scalars().all() == ["stage:3"]


def test_a_timer_that_cannot_be_woken_is_set_aside_and_gone(world: World):
    world.post("a", 0, again_after=SECOND, event_id="boom")
    world.post("b", 5)
    world.run()
    assert world.lines() == ["0: a", "5000000: b"]
    with world.state.read() as conn:
        assert conn.execute(select(rejected.c.place)).scalars().all() == ["timer journey boom"]
        assert conn.execute(select(timers)).all() == []


def test_a_failed_commit_loses_nothing_and_repeats_nothing(world: World):
    world.post("a", 0, again_after=SECOND, event_id="x")
    world.post("b", 5)
    world.diary.break_flush = 2
    for _ in range(2):
        with pytest.raises(Transient):
            world.stream.step()
    world.run()
    assert [line for line in world.lines() if "woke" not in line] == ["0: a", "1000000: wake x", "5000000: b"]


class Refusing(SqliteLog):
    """A log that takes the first groups it is handed, then says that too much waits; and one that fails to write."""

    takes = 1_000
    fails = 0

    def append_async(self, events, *, dedupe="window") -> Future:
        if self.takes == 0:
            raise Overload("too much waits to be written")
        self.takes -= 1
        if self.fails:
            self.fails -= 1
            failed: Future = Future()
            failed.set_exception(Transient("it was not written"))
            return failed
        return super().append_async(events, dedupe=dedupe)


def waiting(state: State) -> int:
    with state.read() as conn:
        return len(conn.execute(select(outbox_table)).all())


def names(log: SqliteLog) -> list[str]:
    return [item.event.name for item in log.read(0, 10_000)]


def woken(world: World, n: int) -> None:
    """As many timers fire as that, and each emits an event."""
    for one in range(n):
        world.post("a", 0, again_after=SECOND, event_id=f"x{one}")
    world.clock.now = START + 2 * SECOND
    world.stream.deliver()  # from here on memory knows what waits
    while world.stream.step():
        pass


def handed_over(stream: Stream) -> None:
    stream.deliver()
    stream.arrive()


def test_what_is_on_its_way_leaves_the_outbox_only_when_it_is_in_the_log(world: World):
    woken(world, 3)
    world.stream.deliver()
    assert (waiting(world.state), world.stream.delivered) == (3, False)  # handed over, and nothing struck out yet
    world.post("b", 3)
    assert world.stream.step()  # its commit waited until they were durable
    assert (waiting(world.state), world.stream.delivered, names(world.log).count("woke")) == (0, True, 3)
    assert not world.stream.arrive()


@pytest.mark.parametrize(("takes", "fails"), [(2, 0), (0, 0), (1_000, 1)])
def test_what_the_log_did_not_take_is_handed_over_again(tmp_path: Path, monkeypatch, takes: int, fails: int):
    monkeypatch.setattr(outbox, "BATCH", 2)
    monkeypatch.setattr("homing.runtime.stream.AHEAD", 1)
    world = World(tmp_path)
    world.log.close()
    world.log = Refusing(tmp_path / "log", world.clock)
    world.open()
    woken(world, 7)
    world.log.takes, world.log.fails = takes, fails
    with pytest.raises((Overload, Transient)):
        handed_over(world.stream)
    assert (waiting(world.state), world.stream.delivered) == (7, False)
    world.log.takes, world.log.fails = 1_000, 0
    world.stream.deliver()
    world.stream.tidy()
    assert (waiting(world.state), world.stream.delivered, names(world.log).count("woke")) == (0, True, 7)
    world.close()


def test_a_definition_comes_into_force_at_its_place_in_the_log(world: World):
    with world.state.write() as conn:
        definitions.save(conn, "segment", "vip", {"a": 1}, now_us=START, by="t")
    world.post("before", 0)
    said = {"kind": "segment", "id": "vip", "version": 1, "status": "live"}
    world.log.append([Event(event_id="def:1", kind="track", name=PUBLISHED, happened_us=1, source_id="homing",
                            properties=said)])  # fmt: skip
    world.post("after", 1)
    world.run()
    assert world.lines() == ["0: before", "1000000: after vip"]
    assert world.caught_up == [1]  # the warehouse stood at the event before
    with world.state.read() as conn:
        assert definitions.get(conn, "segment", "vip").status == "live"


def test_nobody_outside_can_publish(world: World):
    world.post(PUBLISHED, 0, kind="segment", id="vip", version=1, status="live")
    world.run()
    assert world.lines() == [f"0: {PUBLISHED}"]


_moves = st.lists(
    st.tuples(st.sampled_from(["a", "b", "boom"]), st.integers(0, 3), st.sampled_from([None, 0, 1, 7]), st.booleans()),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(_moves)
def test_live_and_replayed_are_the_same(tmp_path_factory: pytest.TempPathFactory, moves):
    live = World(tmp_path_factory.mktemp("live"))
    now = 0
    for n, (name, wait, again, step) in enumerate(moves):
        now += wait
        extra = {} if again is None else {"again_after": again * SECOND}
        live.post(name, now, event_id=f"e{n}", **extra)
        if step:
            live.run()
            live.open()  # as after a crash: nothing in memory
    live.run()
    replay = World(tmp_path_factory.mktemp("replay"))
    replay.clock.now = START
    _copy(live.log, replay.log)
    while replay.stream.step(live.stream.progress_us):
        pass
    assert replay.lines() == live.lines()
    live.close()
    replay.close()


def _copy(source: SqliteLog, target: SqliteLog) -> None:
    clock = target._now_us
    for item in source.read(0, 1000):
        clock.now = item.received_us
        target.append([item.event], dedupe="ever")
