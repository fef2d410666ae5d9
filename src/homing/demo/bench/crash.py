"""Killed at random moments, over and over: is anything lost, sent twice, or different from an unkilled run?

A server process with a live journey takes events from clients that try again, and is killed by SIGKILL at random
moments: while it starts, while it works, while it hands messages over. At the end every acknowledged event must stand
in the log once, no message may have reached the mail server twice, and every projection must equal the one that an
unkilled replay of the same log computes. A kill may leave the one message unclear that was just being handed over.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from homing.core.settings import load_settings
from homing.demo.bench.row import BenchRow
from homing.demo.bench.world import Client, ServerProcess, Sink, free_port, get, make_workspace
from homing.runtime import SystemClock
from homing.runtime.rebuild import projections, replay
from homing.storage.log import SqliteLog
from homing.storage.schema import send
from homing.storage.state import State

PEOPLE = 60
CLIENTS = 2
IN_START = 0.15  # share of kills while the server starts
LIFE_S = 0.9  # longest life after it is ready
SETTLE_S = 90.0


@dataclass
class Seen:
    """What the clients know: the ids of events that were acknowledged."""

    acknowledged: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


def run(kills: int = 200, seed: int = 7) -> list[BenchRow]:
    """Kill a server `kills` times and compare what is left with an unkilled run."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="homing-crash-") as name:
        folder = Path(name) / "workspace"
        sink = Sink().start()
        try:
            key = make_workspace(folder, sink.port, delay="1s", timeout="3s")
            seen = _live(folder, key, kills, seed)
        finally:
            sink.stop()
        return [*_verdict(folder, seen, sink, kills), BenchRow("crash.seconds", time.perf_counter() - began, "s")]


def _live(folder: Path, key: str, kills: int, seed: int) -> Seen:
    dice = random.Random(seed)  # noqa: S311 - a load, no secret
    seen, stop = Seen(), threading.Event()
    server = ServerProcess(folder, free_port())
    clients = [
        threading.Thread(target=_shop, args=(f"c{seed}x{n}", Client(server.port, key), seen, stop), daemon=True)
        for n in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    try:
        for _ in range(kills):
            server.start()
            if dice.random() < IN_START:
                time.sleep(dice.uniform(0.05, 1.0))
            else:
                server.wait_ready()
                time.sleep(dice.uniform(0.0, LIFE_S))
            server.kill()
        server.start()
        server.wait_ready()
        stop.set()
        for client in clients:
            client.join()
        _settle(server.port)
    finally:
        stop.set()
        server.stop()
    return seen


def _shop(name: str, client: Client, seen: Seen, stop: threading.Event) -> None:
    """One client: small batches of a shop's events, each posted until it is acknowledged."""
    dice = random.Random(name)  # noqa: S311 - a load, no secret
    serial = 0
    while not stop.is_set():
        batch = [_event(dice, f"{name}-{serial + i}") for i in range(dice.randint(1, 8))]
        serial += len(batch)
        results = client.post(batch)  # also after `stop`: the last server answers
        good = {str(r["messageId"]) for r in results or () if r["status"] in {"accepted", "duplicate"}}
        with seen.lock:
            seen.acknowledged |= good
        time.sleep(dice.uniform(0.0, 0.02))


def _event(dice: random.Random, message_id: str) -> dict[str, Any]:
    who = dice.randint(1, PEOPLE)
    event: dict[str, Any] = {"type": "track", "messageId": message_id, "properties": {"n": dice.randint(1, 9)}}
    name = dice.choice(["Product Viewed"] * 5 + ["Checkout Started", "Order Completed"])
    if name == "Order Completed":
        event["properties"] = {"order_id": message_id, "revenue": dice.randint(1, 90), "currency": "USD"}
    if dice.random() < 0.2:  # a cookie, seen before its owner signs in
        event["anonymousId"] = f"cookie-{who}-{dice.randint(1, 3)}"
    if dice.random() < 0.9 or "anonymousId" not in event:
        event["userId"] = f"user-{who}"
    if dice.random() < 0.15:
        return event | {"type": "identify", "userId": f"user-{who}", "traits": {"email": f"user-{who}@shop.example"}}
    return event | {"event": name}


def _settle(port: int) -> None:
    """Wait until nothing moves: every journey has ended, every message is out."""
    ends, quiet = time.monotonic() + SETTLE_S, 0
    before = ""
    while time.monotonic() < ends and quiet < 12:
        _, body = get(port, "/metrics")
        lines = body.decode().splitlines()
        now = "\n".join(x for x in lines if x.startswith(("homing_sends", "homing_log_offset", "homing_stream_offset")))
        quiet = quiet + 1 if now == before else 0
        before = now
        time.sleep(0.5)


def _verdict(folder: Path, seen: Seen, sink: Sink, kills: int) -> list[BenchRow]:
    settings = load_settings(folder, {})
    log, state = SqliteLog(folder / "log", SystemClock()), State(folder / "state.db")
    try:
        ids = [s.event.event_id for s in log.read(0, log.tail())]
        with state.read() as conn:
            counted = conn.execute(select(send.c.status, func.count()).group_by(send.c.status))
            statuses: dict[str, int] = {row[0]: row[1] for row in counted}
        killed = projections(state)
        fresh = folder.parent / "fresh"
        replay(log, state, fresh, settings)
        again = State(fresh / "state.db")
        unkilled = projections(again)
        again.close()
    finally:
        log.close()
        state.close()
    in_log = set(ids)
    return [
        BenchRow("crash.kills", kills, "kills"),
        BenchRow("crash.events_acknowledged", len(seen.acknowledged), "events"),
        BenchRow("crash.events_lost", len(seen.acknowledged - in_log), "events", goal=0, better="equal"),
        BenchRow("crash.events_twice", len(ids) - len(in_log), "events", goal=0, better="equal"),
        BenchRow("crash.messages_received", len(sink.times), "messages"),
        BenchRow("crash.messages_twice", sum(n - 1 for n in sink.times.values()), "messages", goal=0, better="equal"),
        BenchRow("crash.messages_lost", max(0, statuses.get("accepted", 0) - len(sink.times)), "messages", goal=0,
                 better="equal"),
        BenchRow("crash.messages_unclear", statuses.get("unknown", 0), "messages", goal=kills, better="lower"),
        BenchRow("crash.messages_left", statuses.get("queued", 0) + statuses.get("handing", 0), "messages", goal=0,
                 better="equal"),
        BenchRow("crash.rows_compared", sum(len(rows) for rows in unkilled.values()), "rows"),
        BenchRow("crash.rows_different", _different(killed, unkilled), "rows", goal=0, better="equal"),
    ]  # fmt: skip


def _different(one: dict[str, list[tuple[Any, ...]]], other: dict[str, list[tuple[Any, ...]]]) -> int:
    """Rows that stand on one side only."""
    found = 0
    for name in one.keys() | other.keys():
        left = {repr(row) for row in one.get(name, [])}
        found += len(left ^ {repr(row) for row in other.get(name, [])})
    return found
