"""Lifecycles in a running workspace: stages exact to the instant, the built-in rule said by a definition, the flow."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import select

from homing.core.query import Query
from homing.profile import COMPUTED_TRAITS, nightly_events
from homing.profile.lifecycle import stage_of
from homing.profile.person import from_row
from homing.profile.stages import Lifecycle
from homing.profile.stages.presets import AIPL, PRESETS, STANDARD
from homing.runtime.rebuild import place_of, projections, rebuild
from homing.segments.flow import NEW, Flow, flow
from homing.storage.schema import customer, customer_stage
from homing.storage.state import State
from marks_world import BOUGHT, DAY, HOUR, START, Shop, segment, shop

SHORT = {
    "kind": "lifecycle", "id": "short", "name": {"en": "Short", "zh": "简"},
    "stages": [
        {"id": "known", "name": {"en": "Known", "zh": "已知"}},
        {"id": "looked", "name": {"en": "Looked", "zh": "浏览"},
         "condition": {"type": "did", "event": "Product Viewed", "op": "gte", "value": 1, "within": "2d"}},
        {"id": "bought", "name": {"en": "Bought", "zh": "购买"}, "condition": BOUGHT},
        {"id": "gone", "name": {"en": "Gone", "zh": "流失"},
         "condition": {"type": "all", "of": [BOUGHT, {"type": "absent", "event": "Order Completed", "within": "3d"}]}},
    ],
    "order": ["gone", "bought", "looked", "known"],
}  # fmt: skip


@pytest.fixture
def live(tmp_path: Path):
    with shop(tmp_path) as made:
        yield made


def test_a_stage_is_left_by_silence_at_its_microsecond_and_told_once(live: Shop):
    live.publish(SHORT)
    live.did("ann", kind="identify", traits={"name": "Ann"})
    live.to(START + HOUR)
    live.did("ann", "Product Viewed")
    live.to(START + 2 * DAY + HOUR)  # the view leaves its window
    live.did("ann")
    live.to(START + 5 * DAY + HOUR - 1)
    assert live.stage("ann", "short") == "bought"
    live.to(START + 5 * DAY + HOUR)
    assert live.stage("ann", "short") == "gone"
    told = [(at // 3600, p["from"], p["to"]) for at, _, p in live.said("Stage Changed")]
    assert told == [
        (0, None, "known"), (1, "known", "looked"), (49, "looked", "known"), (49, "known", "bought"),
        (121, "bought", "gone"),
    ]  # fmt: skip


def test_a_segment_and_the_profile_read_the_stage_of_the_main_model_and_get_the_built_in_one_back(live: Shop):
    live.did("ann", "Product Viewed")
    live.publish(segment("gone", {"type": "trait", "name": "lifecycle_stage", "op": "eq", "value": "looked"}))
    live.publish(SHORT | {"main": True})
    assert live.segments("ann") == {"gone"}
    live.to(START + 2 * DAY)
    assert live.segments("ann") == set()
    assert live.runtime.workspace.stages.profile.trait_of(live.id_of("ann"), "lifecycle_stage") == "known"
    live.publish(SHORT | {"main": True}, status="deleted")
    assert live.runtime.workspace.stages.profile.trait_of(live.id_of("ann"), "lifecycle_stage") == "interested"
    assert live.stage("ann", "short") is None


def test_the_night_says_nothing_of_stages_that_a_defined_lifecycle_gives(live: Shop):
    def night(day: int) -> list[dict[str, object]]:
        """The traits that the night says, a customer each."""
        live.to(START + day * DAY)
        live.runtime.loader.catch_up()
        w = live.runtime.workspace
        pages = nightly_events(w.warehouse, w.state, live.clock(), zone="UTC", currency="USD")
        events = [event for page in pages for event in page]
        w.log.append(events)
        live.settle()
        return [event.traits for event in events]

    for who in ("ann", "bob"):
        live.did(who)
    night(1)
    assert night(100) == [{"lifecycle_stage": "dormant"}] * 2  # by the built-in rule, once
    assert night(101) == []
    live.publish(SHORT | {"main": True})
    assert night(102) == []
    assert night(200) == []  # it was said of everybody, every night, and meant nothing
    live.publish(SHORT | {"main": True}, status="deleted")
    assert [live.stage(who, SHORT["id"]) for who in ("ann", "bob")] == [None, None]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_standard_lifecycle_says_what_the_built_in_rule_says(live: Shop, seed: int):
    dice = random.Random(seed)
    names = ["Order Completed", "Product Viewed", "Signed In", "Message Opened", ""]
    live.publish(STANDARD)
    for _ in range(60):
        live.to(live.clock() + dice.choice([HOUR, DAY, 9 * DAY, 40 * DAY]))
        who, name = f"user{dice.randint(10, 18)}", dice.choice(names)
        live.did(who, name, kind="track" if name else "identify", ids=_ids(who, dice), revenue=3, currency="USD")
    live.to(live.clock() + 1)
    with live.runtime.workspace.state.read() as conn:
        zone = live.runtime.workspace.stages.profile._zone
        rows = conn.execute(select(customer).where(customer.c.merged_into.is_(None))).all()
        built_in = {r.customer_id: stage_of(from_row(r, zone).stats, live.clock()) for r in rows}
        defined = {r.customer_id: r.stage for r in conn.execute(select(customer_stage))}
    assert defined == built_in
    assert len(set(defined.values())) >= 4


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_the_flow_is_what_counting_by_hand_gives(live: Shop, seed: int):
    dice = random.Random(seed)
    live.publish(SHORT)
    marks = []
    for _ in range(80):
        live.to(live.clock() + dice.choice([HOUR, 7 * HOUR, DAY]))
        marks.append(live.clock())
        who = f"user{dice.randint(10, 22)}"
        late = dice.choice([0, 0, 0, 30 * HOUR])
        live.did(who, dice.choice(["Order Completed", "Product Viewed", "Signed In"]), ids=_ids(who, dice),
                 at=live.clock() - late)  # fmt: skip
    live.settle()
    warehouse = live.runtime.workspace.warehouse
    events = warehouse.ask(Query("SELECT customer_id, name, happened_us FROM events WHERE customer_id IS NOT NULL"))
    model = Lifecycle.model_validate(SHORT)
    for _ in range(12):
        begin, end = sorted(dice.choices(marks, k=2))
        then, now = _by_hand(events, begin), _by_hand(events, end)
        wanted: dict[tuple[str, str], int] = {}
        for who, stage in now.items():
            pair = (then.get(who, NEW), stage)
            wanted[pair] = wanted.get(pair, 0) + 1
        asked = Flow(model, begin, end, COMPUTED_TRAITS)
        assert {(m.was, m.now): m.n for m in flow(warehouse, asked)} == wanted
        for (was, stage), n in wanted.items():
            people = [row[0] for row in warehouse.ask(asked.people(was, stage))]
            assert (len(people), people) == (
                n,
                sorted(w for w, s in now.items() if (then.get(w, NEW), s) == (was, stage)),
            )
        assert dict(warehouse.ask(asked.counts(end))) == {s: list(now.values()).count(s) for s in set(now.values())}
    with live.runtime.workspace.state.read() as conn:
        kept = {r.customer_id: r.stage for r in conn.execute(select(customer_stage))}
    assert kept == _by_hand(events, live.clock()), "the stream stands where the warehouse stands"


def test_every_preset_can_be_published_and_asked(live: Shop):
    live.did("ann", "Product Viewed")
    live.did("ann")
    for preset in PRESETS.values():
        live.publish(preset)
    assert [live.stage("ann", name) for name in ("standard", "aipl", "five_a")] == ["buyer", "purchase", "act"]
    asked = Flow(Lifecycle.model_validate(AIPL), START - DAY, live.clock(), COMPUTED_TRAITS)
    assert [(m.was, m.now, m.n) for m in flow(live.runtime.workspace.warehouse, asked)] == [(NEW, "purchase", 1)]


def test_a_rebuild_gives_the_same_stages(tmp_path: Path):
    dice = random.Random(3)
    with shop(tmp_path) as live:
        for hour in range(0, 150, 3):
            if hour == 30:
                live.publish(SHORT | {"main": True}, STANDARD)
            who = f"user{dice.randint(10, 20)}"
            live.did(who, dice.choice(["Order Completed", "Product Viewed"]), ids=_ids(who, dice))
            live.to(START + hour * HOUR)
    state = State(tmp_path / "state.db")
    before, place = projections(state), place_of(state)
    state.close()
    assert all(before[name] for name in ("customer_stage", "merge", "timer"))
    rebuild(tmp_path)
    state = State(tmp_path / "state.db")
    after = projections(state)
    assert place_of(state) == place
    state.close()
    for table, rows in before.items():
        assert after[table] == rows, table


def _ids(who: str, dice: random.Random) -> dict[str, str]:
    """Now and then a cookie that belongs to nobody yet, or to two: so some customers turn out to be one."""
    cookie = {"anonymous_id": f"cookie{dice.randint(10, 30)}"}
    return dice.choice([{"user_id": who}, {"user_id": who}, cookie, {"user_id": who} | cookie])


def _by_hand(events: list[tuple[str, str, int]], at: int) -> dict[str, str]:
    found = {}
    for who in {c for c, _, t in events if t <= at}:
        mine = [(n, t) for c, n, t in events if c == who and t <= at]
        orders = [t for n, t in mine if n == "Order Completed"]
        views = [t for n, t in mine if n == "Product Viewed" and t > at - 2 * DAY]
        found[who] = (
            "gone" if orders and max(orders) <= at - 3 * DAY else "bought" if orders else "looked" if views else "known"
        )
    return found
