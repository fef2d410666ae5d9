"""How long does the segment stage take for an event? Five and fifty segments, two thousand customers, one core.

`python bench/segments.py` prints CPU microseconds an event beside a bare msgspec decode of the same events.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from homing.core.condition import parse
from homing.core.event import Event, Stored, decode, encode
from homing.core.time import DAY
from homing.core.turn import Turn
from homing.segments import SegmentStream
from homing.segments.backfill import restart
from homing.storage.state import State
from homing.storage.timers import TimerQueue
from homing.storage.warehouse import Warehouse

NAMES = ("Product Viewed", "Product Viewed", "Product Viewed", "Product Added", "Checkout Started", "Order Completed")
EVENTS, CUSTOMERS, SEGMENTS = 100_000, 2_000, 50


def condition(n: int) -> dict[str, object]:
    """One of five usual kinds of segment."""
    within, event = f"{7 + n}d", NAMES[n % len(NAMES)]
    over = {"event": event, "within": within}
    tea = {"property": "category", "op": "eq", "value": "tea"}
    return (
        {"type": "did", **over, "op": "gte", "value": 1 + n % 5},
        {"type": "absent", **over},
        {"type": "did", **over, "measure": "sum", "property": "revenue", "op": "gte", "value": 100.0 + n},
        {"type": "all", "of": [{"type": "did", **over}, {"type": "absent", **over | {"event": "Order Completed"}}]},
        {"type": "all", "of": [{"type": "trait", "name": "city", "op": "eq", "value": "Oslo"},
                               {"type": "did", **over, "where": [tea]}]},
    )[n % 5]  # fmt: skip


def events() -> list[bytes]:
    """A shop's events over sixty days."""
    rng = random.Random(7)
    step = 60 * DAY // EVENTS
    return [
        encode(Event(event_id=f"e{n}", kind="track", name=rng.choice(NAMES), happened_us=n * step, source_id="bench",
                     properties={"revenue": rng.randrange(10_000) / 100, "category": rng.choice(("tea", "cup", "pot")),
                                 "product_id": f"p{rng.randrange(500)}", "customer": rng.randrange(CUSTOMERS)}))
        for n in range(EVENTS)
    ]  # fmt: skip


def main() -> None:
    """Run and print."""
    bodies = events()
    begun = time.process_time()
    decoded = [decode(body) for body in bodies]
    bare = time.process_time() - begun
    with tempfile.TemporaryDirectory() as folder:
        state, warehouse = State(Path(folder) / "state.db"), Warehouse(Path(folder) / "w.duckdb")
        for segments in (5, SEGMENTS):
            stream = SegmentStream(state, warehouse, lambda customer, _name: "Oslo" if customer < "5" else "Bergen")
            trees = {f"s{n}": parse(condition(n)) for n in range(segments)}
            with state.write() as conn:
                stream.load(conn)
                restart(stream, trees, {}, Turn(0, 1), conn)
            timers, changes, fired = TimerQueue(state), 0, 0
            begun = time.process_time()
            for offset, event in enumerate(decoded, start=1):
                while (timer := timers.pop_due(event.happened_us)) is not None:
                    turn = Turn(timer.due_us, offset)
                    changes += len(stream.wake(timer, turn))
                    timers.take(turn)
                    fired += 1
                turn = Turn(event.happened_us, offset)
                stored = Stored(offset, event.happened_us, event)
                changes += len(stream.apply(stored, str(event.properties["customer"]), (), turn))
                timers.take(turn)
            took = time.process_time() - begun
            begun = time.process_time()
            with state.write() as conn:
                stream.flush(conn)
            flushed = time.process_time() - begun
            print(
                f"{segments} segments: {took / EVENTS * 1e6:.1f} µs an event (bare decode {bare / EVENTS * 1e6:.1f}), "
                f"{changes} entered or left, {fired} timers fired, flush of {CUSTOMERS} customers {flushed:.2f} s"
            )
        state.close()
        warehouse.close()


if __name__ == "__main__":
    main()
