"""Where nothing forbids it, customers are the connected components of what events show; restarts change nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from homing.core.event import Event, Id
from homing.identity import lookup_many
from homing.identity.graph import priority
from homing.identity.law import Separation
from homing.storage import schema
from people_world import START, World, made

_kinds = st.sampled_from(["member_card", "openid", "email", "phone", "device_id", "anonymous_id"])
_id = st.tuples(_kinds, st.sampled_from("ab"))  # at most two of a type: no limit is reached
_streams = st.lists(st.lists(_id, min_size=1, max_size=3, unique=True), min_size=1, max_size=14)
_any_id = st.tuples(st.sampled_from(["user_id", "email", "device_id", "anonymous_id"]), st.sampled_from("abc"))
_any_streams = st.lists(st.lists(_any_id, min_size=1, max_size=3, unique=True), min_size=1, max_size=14)
_marks = st.sets(st.integers(0, 13))


def components(stream: list[list[tuple[str, str]]]) -> set[frozenset[tuple[str, str]]]:
    groups: list[set[tuple[str, str]]] = []
    for ids in stream:
        touching = [g for g in groups if g & set(ids)]
        groups = [g for g in groups if not g & set(ids)] + [set(ids).union(*touching)]
    return {frozenset(g) for g in groups}


def partition(world: World) -> set[frozenset[tuple[str, str]]]:
    with world.state.read() as conn:
        held: dict[str, set[tuple[str, str]]] = {}
        for row in conn.execute(select(schema.identifier)):
            held.setdefault(row.customer_id, set()).add((row.type, row.value))
    return {frozenset(g) for g in held.values()}


def run(stream: list[Event], restarts: set[int], capacity: int = 300_000) -> tuple[World, list[str | None]]:
    world = World(Path(tempfile.mkdtemp()), capacity=capacity, warehouse=False)
    found = []
    for n, event in enumerate(stream):
        if n in restarts:
            world.restart()
        found.append(world.take(event).customer_id)
    world.flush()
    return world, found


def events(stream: list[list[tuple[str, str]]]) -> list[Event]:
    return [made(f"e{n}", "x", ids, START + n * 1_000_000_000) for n, ids in enumerate(stream)]


@settings(max_examples=60)
@given(_streams)
def test_customers_are_the_connected_components_of_what_events_show(stream):
    world, _ = run(events(stream), set())
    try:
        assert partition(world) == components(stream)
    finally:
        world.close()


_still = st.dictionaries(_id, st.sampled_from(["shared", "blocked"]), max_size=4)


@settings(max_examples=100)
@given(_streams, _still, st.randoms(use_true_random=False))
def test_what_does_not_link_joins_nobody_in_any_order(stream, still, dice):
    linking = [kept for ids in stream if (kept := [i for i in ids if i not in still])]
    alone = {i for ids in stream if all(j in still for j in ids) for i in ids if still[i] == "shared"}
    named = [[i for i in sorted(ids, key=lambda i: priority(Id(*i))) if still[i] == "shared"][:1]
             for ids in stream if all(j in still for j in ids)]  # fmt: skip
    kiosks = {frozenset(one) for one in named if one}
    assert {i for one in kiosks for i in one} <= alone
    for order in (stream, dice.sample(stream, len(stream))):
        world = World(Path(tempfile.mkdtemp()), warehouse=False)
        try:
            world.identity.law.still.update({Id(*i): status for i, status in still.items()})
            for event in events(order):
                world.take(event)
            world.flush()
            assert partition(world) == components(linking) | kiosks
        finally:
            world.close()


@settings(max_examples=60)
@given(_streams, st.data())
def test_what_was_taken_apart_stays_apart_whatever_comes_and_whatever_may_be_joined_is(stream, data):
    known = sorted({i for ids in stream for i in ids})
    one = frozenset(Id(*i) for i in data.draw(st.sets(st.sampled_from(known))))
    other = frozenset(Id(*i) for i in known) - one
    world = World(Path(tempfile.mkdtemp()), warehouse=False)
    try:
        world.identity.law.apart.add(Separation("s", one, other, 0))
        for event in events(stream):
            world.take(event)
        world.flush()
        groups = partition(world)
        assert all(not ({Id(*i) for i in g} & one and {Id(*i) for i in g} & other) for g in groups)
        sides = [[i for i in ids if (Id(*i) in one) == (Id(*strongest(ids)) in one)] for ids in stream]
        assert groups == components(sides)
    finally:
        world.close()


def strongest(ids: list[tuple[str, str]]) -> tuple[str, str]:
    return min(ids, key=lambda i: priority(Id(*i)))


@settings(max_examples=60)
@given(_any_streams, _marks, st.sampled_from([3, 300_000]))
def test_a_restart_or_a_small_memory_changes_nothing(stream, restarts, capacity):
    plain, found = run(events(stream), set())
    broken, again = run(events(stream), restarts, capacity)
    try:
        assert again == found
        for table in (schema.identifier, schema.merge, schema.identity_edge, schema.identity_conflict,
                      schema.identifier_move, schema.customer, schema.consent):  # fmt: skip
            order = list(table.primary_key)
            with plain.state.read() as one, broken.state.read() as other:
                assert (
                    one.execute(select(table).order_by(*order)).all()
                    == other.execute(select(table).order_by(*order)).all()
                ), table.name
    finally:
        plain.close()
        broken.close()


@settings(max_examples=60)
@given(_any_streams)
def test_no_customer_ever_holds_two_immutable_identifiers_of_one_type(stream):
    world, found = run(events(stream), set())
    try:
        for group in partition(world):
            assert len([i for i in group if i[0] == "user_id"]) <= 1
        with world.state.read() as conn:
            asked = [(tuple(Id(*i) for i in ids), n) for n, ids in enumerate(stream, start=1)]
            later = lookup_many(conn, asked)
            merged = lookup_many(conn, [((Id("customer_id", c),), None) for c in found])
        assert later == merged  # the warehouse, asking later, attributes each event as the stream did
    finally:
        world.close()
