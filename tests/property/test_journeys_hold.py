"""Whatever happens, in whatever order, with restarts in between: nobody is lost, doubled, or written to in control."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from homing.core.time import HOUR, from_us
from homing.storage import schema
from journey_world import ORDER, World, campaign, delay, journey, say

PEOPLE = ("ann", "bob", "cid")
WAIT = {"id": "wait", "type": "wait_for", "events": [ORDER | {"to": "mail"}], "timeout": "1d", "timeout_to": "vip",
        "already": "since_entry"}  # fmt: skip
VIP = {
    "id": "vip",
    "type": "branch",
    "condition": {"type": "trait", "name": "orders", "op": "exists"},
    "yes": "mail",
    "no": "until",
}
WAKE = journey(
    delay("rest", "5h", "wait"), WAIT, VIP, say("mail", next="until"),
    {"id": "until", "type": "delay_until", "time": "09:30", "next": "last"}, say("last"),
    reentry={"type": "after", "after": "12h"}, exit_on=[{"event": "Unsubscribed"}],
)  # fmt: skip
BACK = journey(
    say("mail", next="rest"), delay("rest", "7h"), id="back", entry={"type": "event"} | ORDER, reentry={"type": "each"}
)

who = st.sampled_from(PEOPLE)
steps = st.one_of(
    st.tuples(st.just("enter"), who),
    st.tuples(st.just("order"), who),
    st.tuples(st.just("leave"), who),
    st.tuples(st.just("merge"), who, who),
    st.tuples(st.just("pass"), st.integers(1, 40)),
    st.tuples(st.just("pause"), st.sampled_from(["live", "paused"])),
)


def run(folder: str, plan: list, *, restart_at: frozenset[int] = frozenset()) -> World:
    world = World(
        Path(folder),
        quiet_hours={"start": "21:30", "end": "08:00"},
        caps=[{"channel": "email", "count": 2, "per": "week"}],
    )
    world.publish(campaign(40), WAKE, BACK)
    now: dict[str, str] = {p: p for p in PEOPLE}  # whom a person is known as after merges
    for n, step in enumerate(plan):
        if n in restart_at:
            world.open()
        match step:
            case ("enter", a):
                world.enter(now[a], "dormant")
            case ("order", a):
                world.happen(now[a], "Order Completed")
            case ("leave", a):
                world.happen(now[a], "Unsubscribed")
            case ("merge", a, b):
                loser, winner = now[a], now[b]
                if loser != winner:
                    world.people.get(winner).segments |= world.people.get(loser).segments
                    world.merge(loser, winner)
                    now = {p: winner if c == loser else c for p, c in now.items()}
            case ("pass", hours):
                world.until(from_us(world.now_us + hours * HOUR).isoformat())
            case ("pause", status):
                world.publish(WAKE, status=status)
    return world


def picture(world: World):
    with world.state.read() as conn:
        rows = [
            conn.execute(select(t)).all() for t in (schema.send, schema.journey_visit, schema.assignment, schema.timer)
        ]
    changed = list(schema.send.c).index(schema.send.c.changed_us)
    sends = sorted(tuple(v for i, v in enumerate(r) if i != changed) for r in map(tuple, rows[0]))
    return (
        str(sends),
        [sorted(map(str, r)) for r in rows[1:]],
        [(e.event_id, e.happened_us, e.properties) for e in world.events],
    )


@settings(max_examples=25)
@given(st.lists(steps, max_size=25), st.frozensets(st.integers(0, 25), max_size=6))
def test_a_restart_at_any_moment_changes_nothing(plan, restart_at):
    with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
        plain, restarted = run(a, plan), run(b, plan, restart_at=restart_at)
        assert picture(plain) == picture(restarted)
        plain.state.close()
        restarted.state.close()


@settings(max_examples=25)
@given(st.lists(steps, max_size=30))
def test_nobody_is_lost_doubled_or_written_to_in_control(plan):
    with tempfile.TemporaryDirectory() as folder:
        world = run(folder, plan)
        with world.state.read() as conn:
            visits = conn.execute(select(schema.journey_visit)).all()
            timers = set(conn.execute(select(schema.timer.c.key)).scalars())
            sends = conn.execute(select(schema.send)).all()
        waiting = [v for v in visits if v.state == "waiting"]
        assert max(Counter((v.journey_id, v.customer_id) for v in waiting).values(), default=1) == 1
        assert {v.visit_id for v in waiting if "held" not in v.vars} == timers
        for visit in visits:
            told = [e for e in world.told("Journey Step Reached") if e.properties["visit"] == visit.visit_id]
            assert [e.event_id for e in told] == [f"step:{visit.visit_id}:{n}" for n in range(1, len(told) + 1)]
            assert visit.node == (told[-1].properties["node"] if told else "")
            ended = [e for e in world.told("Journey Exited") if e.properties["visit"] == visit.visit_id]
            assert len(ended) == (visit.state != "waiting")
        assert not [s for s in sends if s.status == "queued" and s.vars.get("arm") == "control"]
        assert {s.send_key for s in sends if s.status == "refused"} == {
            e.properties["send_key"] for e in world.told("Message Refused")
        }
        queued = Counter(
            (s.customer_id, from_us(s.decided_us).isocalendar()[:2]) for s in sends if s.status == "queued"
        )
        assert max(queued.values(), default=0) <= 2 * len(PEOPLE)  # merged people bring what they were sent before
        assert all(
            8 <= from_us(s.decided_us).hour + from_us(s.decided_us).minute / 60 <= 21.5
            for s in sends
            if s.status == "queued"
        )
        world.state.close()
