"""How long does an event take from the log to the committed membership change? Fifty segments and thirty traits live.

A shop of 20,000 customers: sixty days of thirty kinds of events and what customers say of themselves, then one busy
hour, which is what is measured. The whole stream runs as it does in `homing up` (identity, consent, profile, traits,
tags, segments, journeys, ledger, timers, one commit a batch with the log's offset), in this process, on one core. The
anchor decodes the same events with msgspec and does nothing with them. What is counted is processor time.

Then 5,000 events a second come into a running workspace that knows these customers, in groups of 25; an event's wait
begins when its group is durable and ends with the commit that holds what it changed. The anchor is the disk's own
fsync.
"""

from __future__ import annotations

import gc
import os
import random
import sys
import tempfile
import time
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from homing.core.event import Event, Id, decode
from homing.core.settings import Settings
from homing.core.time import DAY, HOUR, SECOND
from homing.demo.bench.row import BenchRow
from homing.profile.book import ProfileBook
from homing.profile.traits import TraitStage
from homing.runtime.clock import SystemClock
from homing.runtime.compose import customers_of, stages_of
from homing.runtime.loader import Loader
from homing.runtime.runtime import Runtime, tune
from homing.runtime.stages import Stages
from homing.runtime.stream import PUBLISHED, Stream
from homing.runtime.workspace import Workspace
from homing.segments.stream import SegmentStream
from homing.storage import definitions
from homing.storage.log import SqliteLog
from homing.storage.state import State
from homing.storage.warehouse import Warehouse

START = 1_767_225_600_000_000  # 2026-01-01
NAMES = ("Product Viewed", "Product Added", "Checkout Started", "Order Completed",
         *(f"Feature {n} Used" for n in range(26)))  # fmt: skip
CITIES = ("Oslo", "Bergen", "Hamar", "Narvik")
GROUP = 1_000  # events that are received together
WARM = 10  # events of a customer before the hour that is measured
GOALS = {50: 40_000, 500: 15_000}


class Clock:
    """The instant that the log stamps."""

    now_us = START

    def __call__(self) -> int:
        """The instant."""
        return self.now_us


def run(
    events: int = 200_000, customers: int = 20_000, traits: int = 30, rate: int = 5_000, seconds: int = 10
) -> list[BenchRow]:
    """Replay `events` of so many customers with 50 and with 500 segments, then `rate` events a second live."""
    rows = []
    for segments in GOALS:
        rows += _replayed(segments, traits, events, customers)
    return rows + _live(50, traits, customers, rate, seconds)


def _replayed(segments: int, traits: int, events: int, customers: int) -> list[BenchRow]:
    with tempfile.TemporaryDirectory(prefix="bench-stream-") as name:
        folder, clock = Path(name), Clock()
        log, state = SqliteLog(folder / "log", clock), State(folder / "state.db")
        warehouse = Warehouse(folder / "warehouse.duckdb")
        publish(log, state, [*map(trait, range(traits)), *map(segment, range(segments))])
        stages = stages_of(state, warehouse, Settings())
        stream = Stream(log, state, stages)
        stream.before_publish = Loader(log, state, warehouse, stream, customers_of).catch_up
        tune()  # as `homing up` does
        while stream.step():
            pass
        rng = random.Random(7)  # noqa: S311
        _append(log, clock, history(rng, WARM * customers, customers, START + HOUR, 60 * DAY))
        while stream.step(START + 61 * DAY):
            pass
        before, offset = _waiting(state), log.tail()
        _append(log, clock, history(rng, events, customers, START + 61 * DAY, HOUR))
        begun = time.process_time()
        while stream.offset < log.tail():
            stream.step()
        took = time.process_time() - begun
        changes = _waiting(state) - before
        memory = _held(stages)
        bare = _decoding(log, offset)
        for part in (state, warehouse, log):
            part.close()
    said = f"stream.{segments}_segments"
    return [
        BenchRow(said, round(events / took), "events/s", "decoding them", round(events / bare), GOALS[segments]),
        BenchRow(f"{said}.changes", changes, "entered or left"),
        BenchRow(f"{said}.memory", round(memory / customers), "bytes a customer", goal=1_024, better="lower"),
    ]


def _live(segments: int, traits: int, customers: int, rate: int, seconds: int) -> list[BenchRow]:
    """How long an event waits for the commit that holds what it changed, while `rate` a second come in."""
    group = 25
    rng = random.Random(9)  # noqa: S311
    with tempfile.TemporaryDirectory(prefix="bench-stream-") as name:
        workspace = Workspace.open(Path(name), SystemClock(), Settings())
        publish(workspace.log, workspace.state, [*map(trait, range(traits)), *map(segment, range(segments))])
        for events in history(rng, WARM * customers, customers, time.time_ns() // 1_000 - 60 * DAY, 60 * DAY):
            workspace.log.append(events)
        done: list[tuple[float, int]] = []
        with Runtime(workspace, nightly=False) as runtime:
            runtime.settle(600)
            runtime.worker.on_commit.append(lambda: done.append((time.perf_counter(), runtime.stream.offset)))
            now_us = time.time_ns() // 1_000
            groups = [g for big in history(rng, rate * seconds, customers, now_us, seconds * SECOND)
                      for g in (big[i : i + group] for i in range(0, len(big), group))]  # fmt: skip
            durable: list[tuple[float, int]] = []
            begun = time.perf_counter()
            for n, events in enumerate(groups):
                time.sleep(max(0.0, begun + n * group / rate - time.perf_counter()))
                offset = workspace.log.append(events)[-1].offset or 0
                durable.append((time.perf_counter(), offset))
            took = time.perf_counter() - begun
            runtime.worker.wait_past(durable[-1][1], 120)
            fsync_ms = _fsync_ms(Path(name))
    offsets = [offset for _, offset in done]
    waits = sorted((done[bisect_right(offsets, offset - 1)][0] - at) * 1_000 for at, offset in durable)
    return [
        BenchRow("stream.live_p50", round(waits[len(waits) // 2], 2), "ms", "fsync of this disk", fsync_ms),
        BenchRow("stream.live_p99", round(waits[int(len(waits) * 0.99)], 2), "ms", "fsync of this disk", fsync_ms,
                 50.0, "lower"),
        BenchRow("stream.live_rate", round(rate * seconds / took), "events/s", goal=rate * 0.98),
    ]  # fmt: skip


def _fsync_ms(folder: Path, times: int = 100) -> float:
    begun = time.perf_counter()
    with (folder / "fsync").open("wb") as file:
        for _ in range(times):
            file.write(b"x" * 512)
            file.flush()
            os.fsync(file.fileno())
    return round((time.perf_counter() - begun) / times * 1_000, 3)


def _append(log: SqliteLog, clock: Clock, groups: Iterator[list[Event]]) -> None:
    for group in groups:
        clock.now_us = group[-1].happened_us
        log.append(group)


def _waiting(state: State) -> int:
    """How many events the stages have emitted."""
    with state.read() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one())


def _held(stages: Stages) -> int:
    """Bytes of what profile, traits and segments hold of their customers; every object is counted once."""
    learning = [stage for stage in stages.learning() if isinstance(stage, ProfileBook | TraitStage | SegmentStream)]
    rest: list[object] = [part for stage in learning for part in stage.held.holding()]
    seen: set[int] = set()
    size = 0
    while rest:
        found = rest.pop()
        if id(found) not in seen and not isinstance(found, type | ZoneInfo):
            seen.add(id(found))
            size += sys.getsizeof(found)
            rest += (*found, *found.values()) if isinstance(found, dict) else gc.get_referents(found)
    return size


def _decoding(log: SqliteLog, after: int) -> float:
    raw = [body for _, _, body in log.read_raw(after, 20_000)]
    begun = time.process_time()
    for body in raw:
        decode(body)
    return (time.process_time() - begun) / len(raw) * (log.tail() - after)


def publish(log: SqliteLog, state: State, documents: list[dict[str, Any]]) -> None:
    """Definitions, in force where the log says so."""
    said = []
    with state.write() as conn:
        for document in documents:
            kind, name = document["kind"], document["id"]
            saved = definitions.save(conn, kind, name, document, now_us=START, by="bench")
            properties = {"kind": kind, "id": name, "version": saved.version, "status": "live"}
            said.append(Event(event_id=f"def:{kind}:{name}", kind="track", name=PUBLISHED, happened_us=START,
                              source_id="homing", properties=properties))  # fmt: skip
    log.append(said)


def history(rng: random.Random, events: int, customers: int, from_us: int, span_us: int) -> Iterator[list[Event]]:
    """A shop's events in the order of time, by the group."""
    step = span_us // events
    for first in range(0, events, GROUP):
        last = min(first + GROUP, events)
        yield [_event(f"{from_us}-{n}", from_us + n * step, rng, customers) for n in range(first, last)]


def _event(n: str, at_us: int, rng: random.Random, customers: int) -> Event:
    who = int(customers * rng.random() ** 2)
    anonymous = Id("anonymous_id", f"a{who}")
    ids = (anonymous,) if rng.random() < 0.3 else (Id("user_id", f"u{who}"), anonymous)
    said: dict[str, Any] = {"event_id": n, "happened_us": at_us, "source_id": "shop", "ids": ids}
    if rng.random() < 0.03:
        traits = {"email": f"u{who}@shop.example", "city": rng.choice(CITIES), "tier": rng.randrange(4)}
        return Event(kind="identify", traits=traits, **said)
    name = rng.choice(NAMES)
    properties: dict[str, Any] = {"product_id": f"p{rng.randrange(500)}", "category": rng.choice(("tea", "cup", "pot")),
                                  "price": rng.randrange(5_000) / 100}  # fmt: skip
    if name == "Order Completed":
        revenue = rng.randrange(20_000) / 100
        properties = {"order_id": n, "revenue": revenue, "currency": "USD", "products": [properties]}
    return Event(kind="track", name=name, properties=properties, **said)


def segment(n: int) -> dict[str, Any]:
    """Two or three predicates, joined: what was done or not in a window, how often, for how much, and traits."""
    rng = random.Random(n)  # noqa: S311
    joined = {"type": rng.choice(("all", "all", "any")), "of": [_predicate(rng) for _ in range(rng.choice((2, 3)))]}
    return {"kind": "segment", "id": f"s{n}", "name": {"en": f"Segment {n}", "zh": f"人群 {n}"}, "condition": joined}


def trait(n: int) -> dict[str, Any]:
    """One of seven usual kinds of trait."""
    rng = random.Random(1_000 + n)  # noqa: S311
    over = {"type": "aggregate", "event": rng.choice(NAMES)}
    looked = [{"event": name, "key": "category"} for name in NAMES[:2]]
    of: dict[str, Any] = (
        {**over, "measure": "count", "within": f"{rng.choice((7, 30, 90))}d"},
        {**over, "measure": "sum", "property": "price", "within": "30d"},
        {**over, "measure": "last", "property": "product_id"},
        {**over, "measure": "most_frequent", "property": "category", "within": "90d"},
        {**over, "measure": "average", "property": "price", "within": "90d"},
        {"type": "decayed", "half_life": "14d", "signals": looked, "show": "top"},
        {**over, "measure": "last_at"},
    )[n % 7]
    return {"kind": "trait", "id": f"t{n}", "name": {"en": f"Trait {n}", "zh": f"特征 {n}"}, "of": of}


def _predicate(rng: random.Random) -> dict[str, Any]:
    chance = rng.random()
    if chance < 0.15:
        return {"type": "trait", "name": "city", "op": "eq", "value": rng.choice(CITIES)}
    if chance < 0.25:
        return {"type": "trait", "name": "tier", "op": "gte", "value": rng.randrange(1, 4)}
    over = {"event": rng.choice(NAMES), "within": f"{rng.choice((1, 7, 14, 30, 60))}d"}
    if chance < 0.4:
        return {"type": "absent", **over}
    if chance < 0.5:
        within = {"event": "Order Completed", "within": over["within"]}
        return {"type": "did", **within, "measure": "sum", "property": "revenue", "op": "gte", "value": 100.0}
    if chance < 0.6:
        tea = {"property": "category", "op": "eq", "value": "tea"}
        return {"type": "did", **over, "where": [tea]}
    return {"type": "did", **over, "op": "gte", "value": rng.randrange(1, 6)}
