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
    "mixed": {
        "type": "any",
        "of": [{"type": "in_segment", "segment": "oslo"}, {"type": "share", "percent": 30, "salt": "x"}],
    },
}


def happening(rng: random.Random, n: int, now_us: int) -> Event:
    who = f"u{rng.randrange(8)}"
    ids = (Id("user_id", who),) if rng.random() < 0.5 else (Id("anonymous_id", f"cookie-{rng.randrange(12)}"),)
    happened = now_us - rng.choice((0, 0, HOUR, 2 * DAY))
    if rng.random() < 0.3:  # a login joins a cookie to an account
        both = (Id("user_id", who), Id("anonymous_id", f"cookie-{who[1:]}"))
        traits = {"city": rng.choice(("Oslo", "Bergen", None))}
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
        assert all(sizes.values()) or sizes["seen"] == 0
        for day in range(1, 6):
            clock.advance_to(START + day * DAY)
            w.log.append([happening(rng, 100 * day + n, clock()) for n in range(12)])
            runtime.settle()
            agree(runtime)
        clock.advance_to(START + 12 * DAY)
        runtime.settle()
        assert agree(runtime)["recent"] == 0
