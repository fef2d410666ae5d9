"""Everything derived is computed again from the log to the same bytes, in a workspace where a journey runs."""

from __future__ import annotations

import random
from pathlib import Path

from sqlalchemy import select, update

from homing.core.event import Event, Id
from homing.core.query import Query
from homing.core.settings import Settings
from homing.runtime import Runtime, VirtualClock, Workspace
from homing.runtime.rebuild import place_of, projections, rebuild
from homing.storage import definitions
from homing.storage.schema import send
from homing.storage.state import State

START = 1_514_764_800_000_000
HOUR = 3_600_000_000

SEGMENT = {
    "kind": "segment", "id": "buyers", "name": {"en": "Buyers", "zh": "买过"},
    "condition": {"type": "did", "event": "Order Completed", "where": [], "measure": "count", "op": "gte", "value": 2,
                  "within": "5d"},
}  # fmt: skip
CONTENT = {
    "kind": "content", "id": "hello", "name": {"en": "Hello", "zh": "你好"}, "channel": "email",
    "subject": {"en": "Hello", "zh": "你好"},
    "body": {"en": "<mjml><mj-body></mj-body></mjml>", "zh": "<mjml><mj-body></mj-body></mjml>"},
}  # fmt: skip
JOURNEY = {
    "kind": "journey", "id": "thanks", "name": {"en": "Thanks", "zh": "致谢"}, "purpose": "marketing",
    "entry": {"type": "segment", "segment": "buyers", "existing": True}, "reentry": {"type": "each"},
    "exit_on": [{"event": "Order Refunded"}],
    "nodes": [
        {"id": "pause", "type": "delay", "for": "2h", "next": "mail"},
        {"id": "mail", "type": "message", "content": "hello", "channel": "email", "next": "wait"},
        {"id": "wait", "type": "wait_for", "events": [{"event": "Order Completed", "to": "out"}], "timeout": "12h",
         "timeout_to": "again"},
        {"id": "again", "type": "message", "content": "hello", "channel": "email", "next": "out"},
        {"id": "out", "type": "exit"},
    ],
}  # fmt: skip


def test_a_rebuild_gives_the_same_bytes_and_sends_nothing_again(tmp_path: Path):
    clock = VirtualClock(START)
    with Runtime(Workspace.open(tmp_path, clock, Settings()), sending=False).start() as runtime:
        _live(runtime, clock)
        warehouse = runtime.workspace.warehouse.ask(Query("SELECT count(*), sum(revenue) FROM events"))
    state = State(tmp_path / "state.db")
    with state.write() as conn:  # as the sender leaves them
        conn.execute(update(send).where(send.c.status == "queued").values(status="accepted", accepted_us=7))
    before, place = projections(state), place_of(state)
    state.close()
    assert {"customer", "merge", "segment_member", "journey_visit", "timer", "consent"} <= {
        k for k, v in before.items() if v
    }
    assert len(before["send"]) > 10

    done = rebuild(tmp_path)

    state = State(tmp_path / "state.db")
    after = projections(state)
    for table, rows in before.items():
        assert after[table] == rows, table
    assert place_of(state) == place
    with state.read() as conn:
        assert "queued" not in conn.execute(select(send.c.status)).scalars().all()
    state.close()
    with Runtime(Workspace.open(tmp_path, clock, Settings()), sending=False).start() as runtime:
        runtime.settle()
        assert runtime.workspace.log.tail() == done["events"]  # nothing of it was new
        assert runtime.workspace.warehouse.ask(Query("SELECT count(*), sum(revenue) FROM events")) == warehouse


def _live(runtime: Runtime, clock: VirtualClock) -> None:
    dice = random.Random(7)
    w = runtime.workspace
    for document in (SEGMENT, CONTENT, JOURNEY):
        with w.state.write() as conn:
            definitions.save(conn, document["kind"], document["id"], document, now_us=clock(), by="test")
    w.log.append([_made(0, n, dice) for n in range(40)])
    runtime.publish("segment", "buyers")
    runtime.publish("content", "hello")
    runtime.publish("journey", "thanks")
    n = 40
    for hour in range(1, 60):
        clock.advance_to(START + hour * HOUR)
        events = [_made(hour, n + i, dice) for i in range(dice.randint(0, 12))]
        n += len(events)
        w.log.append(events)
        if hour % 3 == 0:
            runtime.settle()
    clock.advance_to(START + 61 * HOUR)
    runtime.settle()


def _made(hour: int, n: int, dice: random.Random) -> Event:
    who = f"u{dice.randint(1, 15)}"
    ids: tuple[Id, ...] = (Id("user_id", who), Id("email", f"{who}@shop.example"))
    if dice.random() < 0.3:
        ids = (Id("anonymous_id", f"cookie-{dice.randint(10, 30)}"), *ids[: dice.randint(0, 1)])
    name = dice.choice(["Order Completed"] * 5 + ["Product Viewed", "Order Refunded", "Consent Updated"])
    properties = {"order_id": str(n), "revenue": round(dice.uniform(1, 90), 2), "currency": "USD"}
    if name == "Consent Updated":
        properties = {
            "purpose": "marketing",
            "channel": "email",
            "status": dice.choice(["granted", "granted", "withdrawn"]),
        }
    return Event(event_id=f"e{n}", kind="track", name=name, happened_us=START + hour * HOUR, source_id="shop", ids=ids,
                 properties=properties, traits={"city": dice.choice("abc")})  # fmt: skip
