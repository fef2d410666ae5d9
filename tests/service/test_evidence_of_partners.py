"""What only another party's events joined is one customer no longer than their agreement holds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hand_world import BUYERS, START, Shop, attribution, plain_row
from homing.core.event import Event, Id
from homing.core.ids import ID_TYPES
from homing.core.time import DAY, HOUR, iso
from homing.runtime.rebuild import projections, replay
from homing.storage import schema
from homing.storage.state import State

ENDS = START + 60 * DAY
PEOPLE = [
    [("user_id", f"u{n}"), ("email", f"m{n}@a.example"), ("anonymous_id", f"k{n}"), ("phone", f"+1555000{n}")]
    for n in range(4)
]
TABLES = (schema.identifier, schema.identity_edge, schema.customer, schema.consent, schema.segment_member)
Ids = list[tuple[str, str]]


def agreement(expires_us: int) -> dict[str, Any]:
    """The partner's terms."""
    return {
        "kind": "agreement", "id": "partner", "name": {"en": "Partner", "zh": "伙伴"}, "party": "P", "purpose": ["x"],
        "relation": "second_party", "expires": iso(expires_us), "sources": ["partner"],
    }  # fmt: skip


class World(Shop):
    """A shop and a partner; one who joins nobody names in each event the strongest identifier alone."""

    joins = True

    def hear(self, source: str, *ids: tuple[str, str], **more: Any) -> None:
        """An event of a source."""
        self.n += 1
        self.clock.advance_to(self.clock() + HOUR)
        named: Ids = sorted(ids, key=lambda i: (ID_TYPES[i[0]].priority, *i))
        if source == "partner" and not self.joins:
            named = named[:1]
        kind: Any = "identify" if "traits" in more else "track"
        name, at = "" if kind == "identify" else "Order Completed", self.clock()
        self.say(Event(event_id=f"e{self.n}", kind=kind, name=name, happened_us=at, source_id=source,
                       ids=tuple(Id(*i) for i in named), **more))  # fmt: skip

    def live(self, dice: random.Random, events: int, partner: float) -> None:
        """People who order and tell, now at the shop, now at the partner's."""
        for n in range(events):
            whose = dice.choice(PEOPLE)
            ids = {dice.choice(whose), dice.choice(whose)} | (
                {dice.choice(dice.choice(PEOPLE))} if n % 7 == 3 else set()
            )
            source = "partner" if dice.random() < partner else "shop"
            if dice.random() < 0.6:
                self.hear(source, *ids, properties={"order_id": f"o{n}", "revenue": dice.randint(1, 90)})
            else:
                self.hear(source, *ids, traits={"city": dice.choice("xyz"), "nth": n})

    def until(self, us: int) -> None:
        """Time passes."""
        self.clock.advance_to(us)
        self.runtime.settle(30)
        self.runtime.loader.catch_up()

    def people(self) -> dict[str, list[dict[str, Any]]]:
        """Who is who, whatever was once merged into whom, and whenever a stage was judged or a segment entered."""
        found = {t.name: [plain_row(r) for r in self.rows(t)] for t in TABLES}
        found["customer"] = [r for r in found["customer"] if r["merged_into"] is None]
        for rows in found.values():
            for row in rows:
                for name in ("rivals", "since_us", "stats", "created_us", "stage"):
                    row.pop(name, None)
                row.get("traits", {}).pop("lifecycle_stage", None)
        return found


@contextmanager
def worlds(folder: Path, *names: str) -> Iterator[list[World]]:
    """Some worlds, closed in the end."""
    made = [World(folder / name) for name in names]
    try:
        yield made
    finally:
        for one in made:
            one.close()


def same(one: World, other: World) -> None:
    """The same people with the same events."""
    mine, theirs = one.people(), other.people()
    for name, rows in mine.items():
        assert [r for r in rows if r not in theirs[name]] == [r for r in theirs[name] if r not in rows], name
    assert attribution(one) == attribution(other)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_from_its_end_on_the_world_is_one_in_which_the_partner_joined_nobody(tmp_path: Path, seed: int):
    with worlds(tmp_path, "late", "alone") as (late, alone):
        alone.joins = False
        for world in (late, alone):
            world.publish(agreement(ENDS), BUYERS)
            world.live(random.Random(seed), 30, partner=0.4)
        assert late.people()["identity_edge"] != alone.people()["identity_edge"]
        for world in (late, alone):
            world.until(ENDS)
        assert late.told("Evidence Weighed")
        same(late, alone)
        for world in (late, alone):
            world.live(random.Random(seed + 100), 12, partner=0)
        same(late, alone)


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_extended_again_the_world_is_one_in_which_it_never_ended(tmp_path: Path, seed: int):
    with worlds(tmp_path, "late", "never") as (late, never):
        for world in (late, never):
            world.publish(agreement(ENDS if world is late else ENDS + 90 * DAY), BUYERS)
            world.live(random.Random(seed), 30, partner=0.4)
            world.until(ENDS + DAY)
        late.publish(agreement(ENDS + 90 * DAY))
        late.until(ENDS + DAY)
        assert [e.properties["counts"] for e in late.told("Evidence Weighed")] == [False, True]
        same(late, never)


def test_two_customers_are_two_at_the_instant_and_each_has_her_own(tmp_path: Path):
    with worlds(tmp_path, "ws") as (shop,):
        shop.publish(agreement(ENDS), BUYERS)
        shop.hear("shop", ("email", "ann@a.example"), properties={"order_id": "o1", "revenue": 10.0})
        shop.hear("shop", ("phone", "+15550001"), properties={"order_id": "o2", "revenue": 20.0})
        shop.hear("partner", ("email", "ann@a.example"), ("phone", "+15550001"), traits={"income": 5})
        (one,) = shop.customers().values()
        assert one == (2, 30.0)
        assert len(shop.members()) == 1
        shop.until(ENDS - 1)
        assert len(shop.customers()) == 1
        shop.until(ENDS)
        assert sorted(shop.customers().values()) == [(1, 10.0), (1, 20.0)]
        assert shop.members() == set()  # neither has ordered twice
        w = shop.runtime.workspace
        shop.publish(agreement(ENDS + 9 * DAY))
        shop.until(ENDS + HOUR)
        assert list(shop.customers().values()) == [(2, 30.0)]
        replay(w.log, w.state, tmp_path / "fresh", w.settings)
        again = State(tmp_path / "fresh" / "state.db")
        assert projections(again) == projections(w.state)
        again.close()


def test_what_the_shop_saw_too_stays_joined(tmp_path: Path):
    with worlds(tmp_path, "ws") as (shop,):
        shop.publish(agreement(ENDS))
        pair = (("email", "ann@a.example"), ("phone", "+15550001"))
        shop.hear("partner", *pair, traits={"income": 5})
        shop.hear("shop", *pair, traits={"city": "x"})
        shop.until(ENDS)
        assert shop.holder(pair[0]) == shop.holder(pair[1])
        (edge,) = shop.rows(schema.identity_edge)
        assert edge.source_id == "shop"  # the first event that shows it and counts


def test_an_identifier_that_only_the_partner_named_is_nobodys(tmp_path: Path):
    with worlds(tmp_path, "ws") as (shop,):
        shop.publish(agreement(ENDS))
        shop.hear("shop", ("user_id", "u1"), traits={"city": "x"})
        shop.hear("partner", ("user_id", "u1"), ("phone", "+15550001"), traits={"income": 5})
        assert shop.holder(("phone", "+15550001")) == shop.holder(("user_id", "u1"))
        shop.until(ENDS)
        assert shop.holder(("phone", "+15550001")) is None
        shop.hear("shop", ("phone", "+15550001"), traits={"city": "y"})
        assert shop.holder(("phone", "+15550001")) not in {None, shop.holder(("user_id", "u1"))}


def test_what_passed_the_door_just_before_the_end_joins_nobody_until_it_counts_again(tmp_path: Path):
    with worlds(tmp_path, "ws") as (shop,):
        email, phone, tablet = ("email", "ann@a.example"), ("phone", "+15550001"), ("device_id", "tablet-of-ann")
        shop.publish(agreement(ENDS))
        shop.hear("shop", email, properties={"order_id": "o1", "revenue": 10.0})
        shop.hear("shop", phone, properties={"order_id": "o2", "revenue": 20.0})
        shop.until(ENDS)
        shop.hear("partner", email, phone, tablet, traits={"income": 5})
        assert sorted(shop.customers().values()) == [(1, 10.0), (1, 20.0)]
        assert shop.holder(tablet) is None
        assert shop.rows(schema.identity_edge) == shop.rows(schema.merge) == []
        w = shop.runtime.workspace
        replay(w.log, w.state, tmp_path / "fresh", w.settings)
        again = State(tmp_path / "fresh" / "state.db")
        assert projections(again) == projections(w.state)
        again.close()
        shop.publish(agreement(ENDS + 90 * DAY))
        shop.until(ENDS + DAY)
        assert list(shop.customers().values()) == [(2, 30.0)]
        assert shop.holder(tablet) == shop.holder(email)
