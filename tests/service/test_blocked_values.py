"""A value that somebody says does not link: afterwards everything is as if it had never linked."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from hand_world import BUYERS, COMPARED, Shop, attribution, plain_row
from homing.core.event import Event, Id
from homing.core.time import HOUR
from homing.identity import hand
from homing.storage import schema

PHONE, TABLET = ("phone", "+15550009"), ("device_id", "tablet")
PEOPLE = [
    [("user_id", f"u{n}"), ("email", f"m{n}@a.example"), ("anonymous_id", f"k{n}a"), ("anonymous_id", f"k{n}b")]
    for n in range(4)
]


def _live(shop: Shop, dice: random.Random, value: tuple[str, str], *, alone: bool) -> None:
    """People who share one value, now one of them, now another, now with a cookie nobody has signed in with."""
    for n in range(26):
        whose = dice.choice(PEOPLE)
        ids = {dice.choice(whose), dice.choice(whose)} if dice.random() < 0.7 else {dice.choice(whose[2:])}
        if dice.random() < 0.45:
            ids = {value} if alone and dice.random() < 0.3 else ids | {value}
        if dice.random() < 0.6:
            shop.order(*sorted(ids), revenue=dice.randint(1, 90))
        else:
            shop.happen("", *sorted(ids), kind="identify", traits={"city": dice.choice("xyz"), "nth": n})
        shop.clock.advance_to(shop.clock() + dice.randint(1, 30) * HOUR)


def _row(row: Any) -> dict[str, Any]:
    """Without whom a cookie was once contested by: that was seen, whoever it belongs to now."""
    return {k: v for k, v in plain_row(row).items() if k != "rivals"}


def _nothing(shop: Shop, name: str) -> None:
    shop.say(Event(event_id=name, kind="track", name="Nothing", happened_us=shop.clock(), source_id="shop"))


@pytest.mark.parametrize(
    ("value", "status", "seed"),
    [(PHONE, "blocked", 1), (PHONE, "blocked", 2), (TABLET, "blocked", 3), (TABLET, "blocked", 4),
     (TABLET, "shared", 5), (PHONE, "shared", 6), (TABLET, "shared", 7)],
)  # fmt: skip
def test_blocking_a_value_equals_a_world_in_which_it_never_linked(tmp_path: Path, value, status, seed):
    late, early = Shop(tmp_path / "late"), Shop(tmp_path / "early")
    try:
        for shop in (late, early):
            shop.publish(BUYERS)
            block = hand.block_event("b1", Id(*value), status, shop.clock(), by="user:olive")
            if shop is early:
                shop.say(block)
            else:
                _nothing(shop, "b0")
            _live(shop, random.Random(seed), value, alone=status == "shared")
            if shop is late:
                assert any(value == (r.type, r.value) for r in shop.rows(schema.identifier))
                shop.say(hand.block_event("b1", Id(*value), status, shop.clock(), by="user:olive"))
            else:
                _nothing(shop, "b0")
        for table in COMPARED:
            found, wanted = ([_row(r) for r in shop.rows(table)] for shop in (late, early))
            assert found == wanted, table.name
        assert attribution(late) == attribution(early)
    finally:
        late.close()
        early.close()


RULES = {
    "kind": "identity", "id": "identity", "name": {"en": "Rules", "zh": "规则"},
    "types": [{"type": "phone", "shared_after": 2}, {"type": "device_id", "shared_after": 2}],
}  # fmt: skip


@pytest.mark.parametrize(("value", "seed"), [(TABLET, 11), (TABLET, 12), (TABLET, 13), (PHONE, 14), (PHONE, 15)])
def test_learning_that_a_value_is_shared_equals_a_world_in_which_it_never_linked(tmp_path: Path, value, seed):
    late, early = Shop(tmp_path / "late"), Shop(tmp_path / "early")
    try:
        for shop in (late, early):
            shop.publish(RULES, BUYERS)
            if shop is early:
                shop.say(hand.block_event("b1", Id(*value), "shared", shop.clock(), by="user:olive"))
            else:
                _nothing(shop, "b1")
            _live(shop, random.Random(seed), value, alone=True)
        learned = [e for e in late.told("Identifier Blocked") if e.properties["value"] == value[1]]
        assert [(e.properties["status"], e.properties["why"]) for e in learned] == [("shared", "learned")]
        for table in COMPARED:
            found, wanted = ([_row(r) for r in shop.rows(table)] for shop in (late, early))
            assert found == wanted, table.name
        assert attribution(late) == attribution(early)
    finally:
        late.close()
        early.close()


def test_blocking_a_tablet_parts_whom_it_joined_though_it_has_gone_on_to_somebody_else(tmp_path: Path):
    shop = Shop(tmp_path)
    try:
        shop.order(("anonymous_id", "k1"))
        shop.order(("anonymous_id", "k1"), TABLET)
        shop.order(("email", "ann@a.example"), TABLET)  # so the cookie is Ann's, for the tablet says so
        assert shop.holder(("anonymous_id", "k1")) == shop.holder(("email", "ann@a.example"))
        shop.order(("user_id", "u1"), ("email", "ann@a.example"))
        shop.order(("user_id", "u2"), TABLET)  # another signs in: the tablet is theirs from now on
        assert shop.holder(TABLET) == shop.holder(("user_id", "u2"))
        shop.say(hand.block_event("b1", Id(*TABLET), "blocked", shop.clock(), by="user:olive"))
        assert shop.holder(("anonymous_id", "k1")) != shop.holder(("email", "ann@a.example"))
        assert sorted(shop.customers().values()) == [(1, 10.0), (2, 20.0), (2, 20.0)]
    finally:
        shop.close()
