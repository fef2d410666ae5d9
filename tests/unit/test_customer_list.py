"""A list shows every living customer once, in whatever order and page; a search finds them by what they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from homing.core.errors import InvalidInput, NotFound
from homing.core.time import DAY
from homing.profile import Wanted, customers, customers_named, how_many, profile_of
from homing.profile.listing import SORTS
from homing.storage.schema import segment_member
from people_world import START, ZONE, World

PEOPLE = ["Ann", "bob", "Cem", "Ann", "Zoë"]


@pytest.fixture
def world(tmp_path: Path):
    made = World(tmp_path, warehouse=False)
    yield made
    made.close()


def town(world: World) -> list[str]:
    """Five people, the last two without orders, and a cookie that turned out to be the first."""
    ids = []
    for n, name in enumerate(PEOPLE):
        who = ("member_card", f"card{n}")
        ids.append(world.identify([who], START, name=name, email=f"P{n}@Shop.example"))
        for k in range(3 - n):
            world.track("Order Completed", [who], START + (n + k) * DAY, revenue=10 * (n + 1))
    world.track("Product Viewed", [("anonymous_id", "cookie")], START)
    world.track("Signed In", [("anonymous_id", "cookie"), ("member_card", "card0")], START)
    world.flush()
    return ids


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{s}" for s in SORTS)])
def test_paging_meets_everybody_once_in_every_order(world: World, sort: str):
    ids = town(world)
    seen, after = [], None
    with world.state.read() as conn:
        while page := customers(conn, Wanted(sort=sort), after=after, limit=2):
            seen += page
            after = page[-1].place
        assert how_many(conn, Wanted()) == len(seen) == 5
    assert {row.customer_id for row in seen} == set(ids)
    places = [row.place for row in seen]
    assert places == sorted(places, reverse=sort.startswith("-"))


@pytest.mark.parametrize(
    ("text", "found"),
    [("ann", {0, 3}), ("ZOË", {4}), ("p2@shop", {2}), ("%", set()), ("cookie", {0}), ("  bob ", {1})],
)
def test_a_search_finds_names_addresses_and_identifiers(world: World, text: str, found: set[int]):
    ids = town(world)
    with world.state.read() as conn:
        got = {row.customer_id for row in customers(conn, Wanted(search=text))}
    assert got == {ids[n] for n in found}


def test_a_segment_narrows_the_list_and_an_unknown_order_is_refused(world: World):
    ids = town(world)
    with world.state.write() as conn:
        conn.execute(segment_member.insert(), [{"segment_id": "vip", "customer_id": ids[1], "since_us": 1}])
    with world.state.read() as conn:
        assert [r.customer_id for r in customers(conn, Wanted(segment="vip"))] == [ids[1]]
        assert [r.name for r in customers_named(conn, [ids[2], "nobody", ids[0]])] == ["Cem", "Ann"]
    with pytest.raises(InvalidInput):
        Wanted(sort="password")


def test_one_customer_has_every_trait_with_its_source(world: World):
    ids = town(world)
    with world.state.read() as conn:
        found = profile_of(conn, ids[0], now_us=START + 40 * DAY, zone=ZONE)
        assert (found.name, found.values["orders"], found.revenue, found.stats.orders) == ("Ann", 3, 30.0, 3)
        assert {t.name: t.source for t in found.traits}.items() >= {"name": "shop", "orders": "computed"}.items()
        assert found.churn is None  # two gaps say nothing
        with pytest.raises(NotFound):
            profile_of(conn, "nobody", now_us=START, zone=ZONE)
