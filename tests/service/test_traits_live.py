"""In a running workspace: a trait's past is read when it is published, segments hear of it exactly when it changes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from test_segments_live import happening

from homing.core.condition import parse
from homing.core.errors import Conflict, InvalidInput
from homing.core.event import OWN_SOURCE, Event, Id
from homing.core.settings import Settings
from homing.core.time import DAY, HOUR
from homing.profile import traits
from homing.profile.traits import Trait
from homing.runtime import Runtime, VirtualClock, Workspace, documents
from homing.runtime.rebuild import place_of, projections, rebuild
from homing.segments import ask_members, members_of
from homing.storage.state import State

START = 1_514_764_800_000_000
ORDER = "Order Completed"
ZONE = "UTC"  # a rebuild reads the settings of the folder, and this one has none


def trait(name: str, of: dict, **more) -> dict:
    return {"kind": "trait", "id": name, "name": {"en": name, "zh": name}, "of": of} | more


TRAITS = [
    trait("orders_3d", {"type": "aggregate", "measure": "count", "event": ORDER, "within": "3d"}),
    trait("spent", {"type": "aggregate", "measure": "sum", "event": ORDER, "property": "revenue"}),
    trait("last", {"type": "aggregate", "measure": "last_at", "event": ORDER}),
    trait("quiet", {"type": "formula", "formula": "days_since(last)"}),
    trait("mean", {"type": "formula", "formula": "round(spent / orders_3d, 2)"}),
    trait("town", {"type": "said", "trait": "city", "wins": "most_frequent", "value": "text"}),
    trait("standing", {"type": "percentile", "trait": "spent"}),
    trait(
        "hour", {"type": "aggregate", "measure": "most_frequent", "event": "*", "property": "$hour", "value": "number"}
    ),
]
SEGMENTS = {
    "busy": {"type": "trait", "name": "orders_3d", "op": "gte", "value": 1},
    "quiet": {"type": "trait", "name": "quiet", "op": "gte", "value": 2},
    "oslo": {"type": "trait", "name": "town", "op": "eq", "value": "Oslo"},
}


def segment(name: str) -> dict:
    return {"kind": "segment", "id": name, "name": {"en": name}, "condition": SEGMENTS[name]}


def opened(folder: Path) -> tuple[VirtualClock, Runtime]:
    clock = VirtualClock(START)
    return clock, Runtime(Workspace.open(folder, clock, Settings(zone=ZONE))).start()


def members(runtime: Runtime, name: str) -> set[str]:
    with runtime.workspace.state.read() as conn:
        return {m.customer_id for m in members_of(conn, name, limit=10_000)}


def values(runtime: Runtime) -> dict[str, dict[str, object]]:
    """What the warehouse says now, of everybody."""
    w = runtime.workspace
    with w.state.read() as conn:
        live = [one for one, _ in traits.in_force(conn)]
    return traits.at_instant(w.warehouse, live, [one.id for one in live], w.clock(), zone=ZONE)


def agree(runtime: Runtime) -> dict[str, dict[str, object]]:
    """The stream's values are the warehouse's, and segments hold exactly those whose values satisfy them."""
    w = runtime.workspace
    found = values(runtime)
    with w.state.read() as conn:
        for customer, row in found.items():
            kept = {one.trait.id: one.value for one in traits.traits_of(conn, customer, w.clock(), zone=ZONE)}
            assert kept == {name: value for name, value in row.items() if value is not None}
    assert members(runtime, "busy") == {c for c, row in found.items() if row["orders_3d"] >= 1}
    assert members(runtime, "quiet") == {c for c, row in found.items() if (row["quiet"] or 0) >= 2}
    assert members(runtime, "oslo") == {c for c, row in found.items() if row["town"] == "Oslo"}
    for name, condition in SEGMENTS.items():  # a condition that is asked of the warehouse reads the definition too
        assert members(runtime, name) == ask_members(w.warehouse, parse(condition), w.clock())
    return found


def test_segments_hear_of_a_trait_at_the_instant_it_changes_and_a_rebuild_gives_the_same_bytes(tmp_path: Path):
    rng = random.Random(11)
    clock, runtime = opened(tmp_path)
    with runtime:
        w = runtime.workspace
        w.log.append([happening(rng, n, clock()) for n in range(60)])
        runtime.settle()
        documents.apply(runtime, [segment("busy"), segment("quiet"), segment("oslo")], by="test", at_us=clock())
        assert not members(runtime, "busy")  # nobody says what the traits are
        documents.apply(runtime, TRAITS, by="test", at_us=clock())
        runtime.settle()
        assert agree(runtime)
        assert members(runtime, "busy")
        for day in range(1, 5):
            clock.advance_to(START + day * DAY)
            w.log.append([happening(rng, 100 * day + n, clock()) for n in range(10)])
            runtime.settle()
            agree(runtime)
        last = max(e.event.happened_us for e in w.log.read(0, 10_000) if e.event.name == ORDER)
        clock.advance_to(last + 3 * DAY - 1)
        runtime.settle()
        agree(runtime)
        assert members(runtime, "busy")
        clock.advance_to(last + 3 * DAY)
        runtime.settle()
        agree(runtime)
        assert not members(runtime, "busy")
        runtime.run_scores()
        runtime.settle()
        standings = {row["standing"] for row in agree(runtime).values()}
        assert min(standings) == 0
        assert max(standings) <= 99
        assert len(standings) > 3
    state = State(tmp_path / "state.db")
    before, place = projections(state), place_of(state)
    state.close()
    assert before["trait_state"]
    rebuild(tmp_path)
    state = State(tmp_path / "state.db")
    assert place_of(state) == place
    after = projections(state)
    for table, rows in before.items():
        assert after[table] == rows, table
    state.close()


def test_customers_taken_apart_have_the_traits_of_what_each_did(tmp_path: Path):
    clock, runtime = opened(tmp_path)
    with runtime:
        w = runtime.workspace
        documents.apply(runtime, [TRAITS[1], TRAITS[0], segment("busy")], by="test", at_us=clock())

        def order(n: str, revenue: float, *ids: Id) -> Event:
            return Event(event_id=n, kind="track", name=ORDER, happened_us=clock() - HOUR, source_id="shop", ids=ids,
                         properties={"revenue": revenue})  # fmt: skip

        ann, cookie = Id("user_id", "ann"), Id("anonymous_id", "cookie")
        w.log.append([order("o1", 10, ann), order("o2", 5, cookie)])
        runtime.settle()
        assert sorted(row["spent"] for row in values(runtime).values()) == [5, 10]
        w.log.append([order("o3", 1, ann, cookie)])
        runtime.settle()
        (one,) = values(runtime).values()
        assert one["spent"] == 16
        merged = _merge_of(w)
        w.log.append([Event(event_id="split", kind="track", name="Customer Split", happened_us=clock(),
                            source_id=OWN_SOURCE, properties={"merge": merged, "by": "test"})])  # fmt: skip
        runtime.settle()
        agree_alone(runtime)


def _merge_of(w) -> str:
    from sqlalchemy import select

    from homing.storage.schema import merge

    with w.state.read() as conn:
        return str(conn.execute(select(merge.c.merge_id)).scalar_one())


def agree_alone(runtime: Runtime) -> None:
    w = runtime.workspace
    with w.state.read() as conn:
        for customer, row in values(runtime).items():
            kept = {one.trait.id: one.value for one in traits.traits_of(conn, customer, w.clock(), zone=ZONE)}
            assert {name: kept.get(name, 0) for name in row} == row


def test_a_read_of_the_past_says_what_was_known_then_or_what_had_happened(tmp_path: Path):
    clock, runtime = opened(tmp_path)
    with runtime:
        w = runtime.workspace
        documents.apply(runtime, [TRAITS[1]], by="test", at_us=clock())

        def order(n: str, happened_us: int, revenue: float) -> None:
            w.log.append([Event(event_id=n, kind="track", name=ORDER, happened_us=happened_us, source_id="shop",
                                ids=(Id("user_id", "ann"),), properties={"revenue": revenue})])  # fmt: skip
            runtime.settle()

        order("o1", clock(), 10)
        clock.advance_to(START + 2 * DAY)
        order("o2", START + DAY, 5)  # it happened a day before it arrived
        (customer,) = values(runtime)
        then = [traits.Moment(customer, START + DAY + HOUR), traits.Moment(customer, START + 2 * DAY)]
        known = [Trait.model_validate(TRAITS[1])]
        read_as = {
            how: [
                row.values["spent"] for row in traits.as_of(w.warehouse, known, ["spent"], then, zone=ZONE, known=how)
            ]
            for how in ("received", "happened")
        }
        assert read_as == {"received": [10, 15], "happened": [15, 15]}
        table = traits.as_of_table(w.warehouse, known, ["spent"], then, zone=ZONE)
        assert sorted(table.column("spent").to_pylist()) == [10.0, 15.0]


def test_a_trait_that_others_stand_on_is_not_taken_back_and_bad_ones_do_not_come_into_force(tmp_path: Path):
    clock, runtime = opened(tmp_path)
    with runtime:

        def apply(*several: dict) -> None:
            documents.apply(runtime, list(several), by="test", at_us=clock())

        apply(TRAITS[2], TRAITS[3], segment("quiet"))
        for name, by in (("last", "trait 'quiet'"), ("quiet", "segment 'quiet'")):
            with pytest.raises(Conflict, match=by):
                documents.change_status(runtime, "trait", name, "deleted", by="test", at_us=clock())
        for of, words in (
            ({"type": "formula", "formula": "nothing + 1"}, "defined"),
            ({"type": "formula", "formula": "x + 1"}, "circle"),
            ({"type": "formula", "formula": "quiet +"}, "place 8, wanted"),
            ({"type": "formula", "formula": 'quiet + "a"'}, "wanted a number"),
            ({"type": "formula", "formula": "system(1)"}, "wanted one of"),
            ({"type": "aggregate", "measure": "sum", "event": ORDER}, "without a property"),
            ({"type": "decayed", "half_life": "1s", "signals": [{"event": ORDER, "key": "x"}]}, "1 h .. 3 years"),
        ):
            with pytest.raises(InvalidInput, match=words):
                apply(trait("x", of))
        with pytest.raises(InvalidInput, match="taken"):
            apply(trait("orders", {"type": "aggregate", "measure": "count", "event": ORDER}))
