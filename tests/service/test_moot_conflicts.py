"""A conflict over a value that links nobody any more answers itself; when the value is released it is open again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hand_world import Shop
from homing.core.event import Id
from homing.identity import hand
from homing.runtime.rebuild import projections, replay
from homing.storage import schema
from homing.storage.state import State

TABLET, PHONE = ("device_id", "tablet"), ("phone", "+15550001")
MOOT = ("shared", "blocked")


def rules(**more: Any) -> dict[str, Any]:
    """The rules, learning fast."""
    types = [{"type": "phone", "shared_after": 3}, {"type": "device_id", "shared_after": 3}]
    return {"kind": "identity", "id": "identity", "name": {"en": "Rules", "zh": "规则"}, "types": types} | more


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "ws")
    yield made
    made.close()


def conflicts(shop: Shop, i: tuple[str, str] = TABLET) -> set[tuple[str, str | None]]:
    """(standing, answered by) of those over a value."""
    rows = shop.rows(schema.identity_conflict)
    return {(r.status, r.settled_by) for r in rows if r.details.get("id") == list(i)}


def sign_in(shop: Shop, *people: str) -> None:
    for name in people:
        shop.order(("user_id", name), TABLET)


def test_a_value_learned_to_be_shared_answers_its_conflicts_and_released_asks_again(shop: Shop):
    shop.publish(rules())
    sign_in(shop, "u1", "u2")
    assert conflicts(shop) == {("open", None)}
    sign_in(shop, "u3")
    assert [e.properties["why"] for e in shop.told("Identifier Blocked")] == ["learned"]
    assert conflicts(shop) == {("unlinked", "homing")}
    shop.say(hand.block_event("b2", Id(*TABLET), None, shop.clock(), by="user:olive"))
    assert conflicts(shop) == {("open", None)}  # its events are understood as if it had always linked


def test_a_value_somebody_blocks_answers_its_conflicts_and_no_other(shop: Shop):
    shop.publish(rules())
    sign_in(shop, "u1", "u2")
    shop.order(("user_id", "u1"), PHONE)
    shop.order(("user_id", "u2"), PHONE)
    shop.say(hand.block_event("b1", Id(*TABLET), "blocked", shop.clock(), by="user:olive"))
    assert conflicts(shop) == {("unlinked", "user:olive")}
    assert conflicts(shop, PHONE) == {("open", None)}


def test_a_value_the_rules_block_answers_its_conflicts_until_they_do_not(shop: Shop):
    shop.publish(rules())
    sign_in(shop, "u1", "u2")
    shop.publish(rules(blocked=[{"type": "device_id", "value": "tablet"}]))
    assert conflicts(shop) == {("unlinked", "homing")}
    shop.publish(rules())
    assert conflicts(shop) == {("open", None)}


def test_what_somebody_answered_stays_as_it_was_answered(shop: Shop):
    shop.publish(rules())
    sign_in(shop, "u1", "u2")
    (row,) = shop.rows(schema.identity_conflict)
    said = [{"id": row.conflict_id, "customers": None}]
    shop.say(hand.settled_event("a1", "dismiss", said, shop.clock(), by="user:olive"))
    shop.say(hand.block_event("b1", Id(*TABLET), "blocked", shop.clock(), by="user:olive"))
    assert conflicts(shop) == {("dismissed", "user:olive")}
    shop.say(hand.block_event("b2", Id(*TABLET), None, shop.clock(), by="user:olive"))
    assert conflicts(shop) == {("dismissed", "user:olive")}


@pytest.mark.parametrize("seed", range(6))
def test_no_conflict_is_open_over_a_value_that_links_nobody_whatever_happens(shop: Shop, tmp_path: Path, seed: int):
    dice = random.Random(seed)
    shop.publish(rules())
    values = [TABLET, ("phone", "+15550009"), ("anonymous_id", "kiosk")]
    for n in range(40):
        value = dice.choice(values)
        if dice.random() < 0.12:
            status = dice.choice(["shared", "blocked", None])
            shop.say(hand.block_event(f"b{n}", Id(*value), status, shop.clock(), by="user:olive"))
        else:
            extra = [dice.choice(values)] if dice.random() < 0.3 else []
            shop.order(("user_id", f"u{dice.randint(1, 5)}"), value, *extra)
        still = {(r.type, r.value) for r in shop.rows(schema.identifier_block) if r.status in MOOT}
        for row in shop.rows(schema.identity_conflict):
            assert (row.status == "unlinked") == (tuple(row.details["id"]) in still), (n, row)
    w = shop.runtime.workspace
    replay(w.log, w.state, tmp_path / "fresh", w.settings)
    again = State(tmp_path / "fresh" / "state.db")
    assert projections(again) == projections(w.state)
    again.close()
