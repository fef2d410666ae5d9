"""What the resolver leaves in the tables always agrees with the evidence it kept; what is altered there is found."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from homing.core.event import Event, Id
from homing.identity import hand
from homing.identity.agree import differences
from homing.storage.schema import identifier, identity_edge
from people_world import START, World, made

_kinds = ["user_id", "email", "phone", "member_card", "device_id", "anonymous_id"]
_id = st.tuples(st.sampled_from(_kinds), st.sampled_from("abcd"))
_stream = st.lists(st.lists(_id, min_size=1, max_size=3, unique=True), min_size=1, max_size=30)


def lived(stream: list[list[tuple[str, str]]]) -> World:
    world = World(Path(tempfile.mkdtemp()), warehouse=False)
    for n, ids in enumerate(stream):
        world.take(made(f"e{n}", "x", ids, START + n * 1_000_000_000))
    world.flush()
    return world


@settings(max_examples=80, deadline=None)
@given(_stream, st.lists(st.tuples(_id, _id), max_size=3))
def test_whatever_happened_and_was_merged_by_hand_tables_and_evidence_agree(stream, pairs):
    world = lived(stream)
    for n, (a, b) in enumerate(pairs):
        one, other = (world.identity.cache.get(Id(*i)) for i in (a, b))
        if one is not None and other is not None:
            said = hand.merged_event(f"m{n}", one.customer_id, other.customer_id, world.now_us, by="user:olive")
            world.take(said)
    world.flush()
    with world.state.read() as conn:
        assert differences(conn) == []
    world.close()


@pytest.fixture
def two():
    """Ann has a card, a phone and a cookie that go together one by one; Bob has an address."""
    world = lived([
        [("member_card", "7"), ("phone", "+15550001")], [("phone", "+15550001"), ("anonymous_id", "k")],
        [("email", "bob@b.example"), ("openid", "wx")],
    ])  # fmt: skip
    found = {i: world.identity.cache.get(Id(*i)) for i in (("member_card", "7"), ("email", "bob@b.example"))}
    yield world, *(one.customer_id for one in found.values() if one is not None)
    world.close()


def told(world: World) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    with world.state.read() as conn:
        return [tuple(one) for one in differences(conn)]


def test_an_identifier_given_to_another_customer_is_found_from_both_sides(two):
    world, ann, bob = two
    with world.state.write() as conn:
        conn.execute(update(identifier).where(identifier.c.type == "phone").values(customer_id=bob))
    joined = ("joined", tuple(sorted((ann, bob))))
    found = told(world)
    assert [one[:2] for one in found] == [joined, ("parted", (bob,))]
    assert "phone" in found[1][2] or "email" in found[1][2]


def test_evidence_that_is_missing_is_found(two):
    world, ann, _ = two
    with world.state.write() as conn:
        conn.execute(delete(identity_edge).where(identity_edge.c.b_type == "anonymous_id"))
    assert [one[:2] for one in told(world)] == [("parted", (ann,))]


def test_a_holder_who_is_nobody_is_found(two):
    world, *_ = two
    with world.state.write() as conn:
        conn.execute(update(identifier).where(identifier.c.type.in_(["email", "openid"])).values(customer_id="nobody"))
    assert told(world) == [("unknown", ("nobody",), ("email", "openid"))]


def test_a_holder_who_was_merged_into_another_is_found(two):
    world, ann, bob = two
    world.take(Event(event_id="both", kind="track", name="x", happened_us=world.now_us, source_id="shop",
                     ids=(Id("member_card", "7"), Id("email", "bob@b.example"))))  # fmt: skip
    world.flush()
    assert told(world) == []
    with world.state.write() as conn:
        held = update(identifier).where(identifier.c.type == "openid")
        conn.execute(held.values(customer_id=max(ann, bob, key=lambda c: c != world.identity.cache.winner(c))))
    assert "merged" in {one[0] for one in told(world)}
