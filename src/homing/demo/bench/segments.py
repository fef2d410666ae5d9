"""How long does the segment stage alone take for an event? Fifty and five hundred segments, two thousand customers.

The events and the segments are those of `homing bench stream`; nothing but the segment stage and its timers runs, on
one core. The anchor decodes the same events with msgspec. What is counted is processor time.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from homing.core.condition import parse
from homing.core.event import Stored, decode, encode
from homing.core.time import DAY
from homing.core.turn import Turn
from homing.demo.bench.row import BenchRow
from homing.demo.bench.stream import CITIES, START, history, segment
from homing.segments import SegmentStream
from homing.segments.backfill import restart
from homing.storage.state import State
from homing.storage.timers import TimerQueue
from homing.storage.warehouse import Warehouse

GOALS: dict[int, float | None] = {50: 16.0, 500: None}  # µs an event


def run(events: int = 100_000, customers: int = 2_000) -> list[BenchRow]:
    """Judge `events` of so many customers over sixty days."""
    rng = random.Random(7)  # noqa: S311
    made = [encode(event) for group in history(rng, events, customers, START, 60 * DAY) for event in group]
    begun = time.process_time()
    stored = [Stored(n, (event := decode(body)).happened_us, event) for n, body in enumerate(made, start=1)]
    bare_us = round((time.process_time() - begun) / events * 1e6, 2)
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-segments-") as name:
        state, warehouse = State(Path(name) / "state.db"), Warehouse(Path(name) / "warehouse.duckdb")
        for segments, goal in GOALS.items():
            took_us, changes, fired = _judged(state, warehouse, stored, segments)
            said = f"segments.stage_{segments}"
            rows += [
                BenchRow(said, took_us, "µs of processor an event", "decoding it", bare_us, goal, "lower"),
                BenchRow(f"{said}_changes", round(changes / events, 3), "entered or left, an event"),
                BenchRow(f"{said}_timers", round(fired / events, 3), "timers fired, an event"),
            ]
        state.close()
        warehouse.close()
    return rows


def _judged(state: State, warehouse: Warehouse, stored: list[Stored], segments: int) -> tuple[float, int, int]:
    """Microseconds an event, how often somebody entered or left, how many timers fired."""
    stream = SegmentStream(state, warehouse, lambda customer, name: CITIES[len(customer) % 4] if name == "city" else 1)
    trees = {name: parse(segment(n)["condition"]) for n in range(segments) if (name := f"s{n}")}
    with state.write() as conn:
        stream.load(conn)
        restart(stream, trees, {}, Turn(START, 1), conn)
    timers, changes, fired = TimerQueue(state), 0, 0
    begun = time.process_time()
    for item in stored:
        while (timer := timers.pop_due(item.received_us)) is not None:
            turn = Turn(timer.due_us, item.offset)
            changes += len(stream.wake(timer, turn))
            timers.take(turn)
            fired += 1
        turn = Turn(item.received_us, item.offset)
        changes += len(stream.apply(item, item.event.ids[-1].value, (), turn))
        timers.take(turn)
    return round((time.process_time() - begun) / len(stored) * 1e6, 2), changes, fired
