"""In a running workspace the members the stream keeps are those the warehouse finds, computed traits included."""

from __future__ import annotations

import random
from pathlib import Path

from homing.core.condition import parse
from homing.core.event import Event, Id
from homing.core.settings import Settings
from homing.core.time import DAY, HOUR
from homing.runtime import Runtime, VirtualClock, Workspace
from homing.segments import ask_members, members_of, written_out
from homing.storage import definitions

START = 1_514_764_800_000_000
ORDER = "Order Completed"
TREES = {
    "recent": {"type": "did", "event": ORDER, "within": "3d"},
    "spent": {"type": "did", "event": ORDER, "measure": "sum", "property": "revenue", "op": "gte", "value": 60},
    "lapsed": {
        "type": "all",
        "of": [{"type": "did", "event": ORDER}, {"type": "absent", "event": ORDER, "within": "2d"}],
    },
    "orders": {"type": "trait", "name": "orders", "op": "gte", "value": 3},
    "revenue": {"type": "trait", "name": "revenue", "op": "gt", "value": 45.5},
    "stage": {"type": "trait", "name": "lifecycle_stage", "op": "in", "value": ["loyal", "dormant"]},
    "seen": {"type": "trait", "name": "last_order_at", "op": "gte", "value": "2018-01-04"},
    "no_order": {"type": "trait", "name": "first_order_at", "op": "not_exists"},
    "oslo": {"type": "trait", "name": "city", "op": "eq", "value": "Oslo"},
    "came_back": {
        "type": "sequence", "within": "4d", "span": "3d",
        "steps": [{"event": "Product Viewed"}, {"event": ORDER, "gap": "2d", "where": [
            {"property": "revenue", "op": "gte", "value": 5}]}],
    },
    "her_day": {"type": "did", "event": ORDER, "during": "yesterday"},
    "her_week": {"type": "absent", "event": ORDER, "during": "this_week", "clock": {"start": "06:00", "end": "12:00"}},
    "best": {"type": "top", "trait": "revenue", "n": 2},
    "least": {"type": "top", "trait": "orders", "percent": 30, "order": "lowest"},
    "near": {"type": "near", "lat": 59.9, "lng": 10.7, "km": 20},
    "mixed": {
        "type": "any",
        "of": [{"type": "in_segment", "segment": "oslo"}, {"type": "share", "percent": 30, "salt": "x"}],
    },
}  # fmt: skip


def happening(rng: random.Random, n: int, now_us: int) -> Event:
    who = f"u{rng.randrange(8)}"
    ids = (Id("user_id", who),) if rng.random() < 0.5 else (Id("anonymous_id", f"cookie-{rng.randrange(12)}"),)
    happened = now_us - rng.choice((0, 0, HOUR, 2 * DAY))
    if rng.random() < 0.3:  # a login joins a cookie to an account
        both = (Id("user_id", who), Id("anonymous_id", f"cookie-{who[1:]}"))
        traits = {"city": rng.choice(("Oslo", "Bergen", None)), "lat": rng.choice((59.91, 60.39)), "lng": 10.75,
                  "timezone": rng.choice(("Asia/Shanghai", "America/New_York", None))}  # fmt: skip
        return Event(event_id=f"e{n}", kind="identify", happened_us=happened, source_id="shop", ids=both, traits=traits)
    name = rng.choice((ORDER, "Product Viewed"))
    properties = {"order_id": f"o{n}", "revenue": rng.randrange(400) / 10, "currency": "USD"}
    return Event(event_id=f"e{n}", kind="track", name=name, happened_us=happened, source_id="shop", ids=ids,
                 properties=properties if name == ORDER else {})  # fmt: skip


def agree(runtime: Runtime) -> dict[str, int]:
    w = runtime.workspace
    sizes = {}
    with w.state.read() as conn:
        for name, tree in TREES.items():
            kept = {m.customer_id for m in members_of(conn, name, limit=10_000)}
            assert kept == ask_members(w.warehouse, written_out(conn, parse(tree), segment=name), w.clock()), name
            sizes[name] = len(kept)
    return sizes


def test_stream_and_warehouse_agree_in_a_running_workspace(tmp_path: Path):
    rng, clock = random.Random(7), VirtualClock(START)
    with Runtime(Workspace.open(tmp_path, clock, Settings())).start() as runtime:
        w = runtime.workspace
        w.log.append([happening(rng, n, clock()) for n in range(60)])
        runtime.settle()
        with w.state.write() as conn:
            for name, tree in TREES.items():
                document = {"kind": "segment", "id": name, "name": {"en": name}, "condition": tree}
                definitions.save(conn, "segment", name, document, now_us=clock(), by="test")
        for name in TREES:
            runtime.publish("segment", name)
        runtime.settle()
        sizes = agree(runtime)
        assert {name for name, n in sizes.items() if not n} <= {"seen", "her_day", "no_order"}
        for day in range(1, 6):
            clock.advance_to(START + day * DAY)
            w.log.append([happening(rng, 100 * day + n, clock()) for n in range(12)])
            runtime.settle()
            agree(runtime)
        clock.advance_to(START + 12 * DAY)
        runtime.settle()
        assert agree(runtime)["recent"] == 0


def test_a_calendar_window_and_a_sequence_end_at_their_microsecond(tmp_path: Path):
    midnight = START + DAY - 8 * HOUR  # of the customer, who lives in Shanghai
    trees = {
        "today": {"type": "did", "event": ORDER, "during": "today"},
        "then": {"type": "sequence", "within": "2d", "steps": [{"event": "Product Viewed"}, {"event": ORDER}]},
    }
    clock, who = VirtualClock(START), (Id("user_id", "ann"),)
    with Runtime(Workspace.open(tmp_path, clock, Settings())).start() as runtime:
        w = runtime.workspace

        def send(n: int, kind: str, name: str = "", **more: object) -> None:
            w.log.append([Event(event_id=f"e{n}", kind=kind, name=name, happened_us=clock(), source_id="shop",
                                ids=who, **more)])  # fmt: skip
            runtime.settle()

        def inside() -> set[str]:
            with w.state.read() as conn:
                return {name for name in trees if members_of(conn, name)}

        send(0, "identify", traits={"timezone": "Asia/Shanghai"})
        with w.state.write() as conn:
            for name, tree in trees.items():
                document = {"kind": "segment", "id": name, "name": {"en": name}, "condition": tree}
                definitions.save(conn, "segment", name, document, now_us=clock(), by="test")
        for name in trees:
            runtime.publish("segment", name)
        send(1, "track", "Product Viewed")
        assert inside() == set()
        clock.advance_to(START + HOUR + 1)
        send(2, "track", ORDER, properties={"order_id": "o1", "revenue": 10.0, "currency": "USD"})
        assert inside() == {"today", "then"}  # at once, with the event
        for instant, wanted in (
            (midnight - 1, {"today", "then"}), (midnight, {"then"}), (START + 2 * DAY - 1, {"then"}),
            (START + 2 * DAY, set()),
        ):  # fmt: skip
            clock.advance_to(instant)
            runtime.settle()
            assert inside() == wanted, instant - START
        left = {
            stored.event.properties["segment"]: stored.event.happened_us
            for stored in w.log.read(0, limit=100) if stored.event.name == "Segment Left"
        }  # fmt: skip
        assert left == {"today": midnight, "then": START + 2 * DAY}
