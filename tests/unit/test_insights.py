"""The figures people look at: days are the shop's days, nothing is counted twice, and nothing is made up."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from homing.core.errors import InvalidInput
from homing.core.time import DAY, HOUR, MINUTE, parse_iso
from homing.insights import Funnel, catalogue, funnel, overview_days, totals, trend
from homing.insights.days import last_days
from homing.profile import Sought, timeline
from people_world import CURRENCY, START, ZONE, World

ANN, BOB, COOKIE = ("user_id", "ann"), ("user_id", "bob"), ("anonymous_id", "c")


@pytest.fixture
def world(tmp_path: Path):
    made = World(tmp_path)
    yield made
    made.close()


def test_a_day_is_the_shops_day_also_when_the_clock_changes(world: World):
    days = last_days(3, parse_iso("2018-03-12T12:00:00Z"), ZONE)
    assert [b - a for a, b in zip(days.starts_us, days.starts_us[1:], strict=False)] == [24 * HOUR, 23 * HOUR]
    late = parse_iso("2018-03-12T03:30:00Z")  # 23:30 of the 11th in New York
    world.track("Order Completed", [ANN], late, revenue=20, currency="USD")
    world.track("Order Completed", [ANN], late + HOUR, revenue=5, currency="EUR")
    world.track("Product Viewed", [BOB], late + HOUR)
    world.flush()
    rows = overview_days(world.warehouse, 2, late + 2 * HOUR, zone=ZONE, currency=CURRENCY)
    assert [(r.day, r.events, r.customers, r.orders, r.revenue) for r in rows] == [
        (date(2018, 3, 11), 1, 1, 1, 20.0), (date(2018, 3, 12), 2, 2, 1, 0.0)
    ]  # fmt: skip


def test_a_trend_begins_with_the_first_event_and_has_the_empty_days_between(world: World):
    for day in (0, 2):
        world.track("Order Completed", [ANN], START + day * DAY, revenue=1.5)
    world.flush()
    found = trend(world.warehouse, "revenue", 30, START + 3 * DAY, zone=ZONE, currency=CURRENCY)
    assert [value for _, value in found.points] == [1.5, 0.0, 1.5, 0.0]
    with pytest.raises(InvalidInput):
        trend(world.warehouse, "luck", 30, START, zone=ZONE, currency=CURRENCY)
    with pytest.raises(InvalidInput):
        trend(world.warehouse, "orders", 0, START, zone=ZONE, currency=CURRENCY)


def test_totals_count_a_merged_customer_once(world: World):
    world.track("Product Viewed", [COOKIE])
    world.track("Order Completed", [ANN], revenue=3)
    world.track("Signed In", [ANN, COOKIE])
    world.flush()
    found = totals(world.warehouse, world.now_us, currency=CURRENCY)
    assert (found.customers, found.events, found.orders, found.buyers, found.revenue) == (1, 3, 1, 1, 3.0)
    empty = totals(world.warehouse, 0, currency=CURRENCY)
    assert (empty.orders, empty.revenue, empty.buyers) == (0, 0.0, 0)


def test_a_funnel_follows_a_person_across_the_sign_in(world: World):
    world.track("Product Viewed", [COOKIE], START)
    world.track("Product Viewed", [BOB], START)
    world.track("Product Added", [COOKIE], START + MINUTE)
    world.track("Signed In", [ANN, COOKIE], START + 2 * MINUTE)
    world.track("Order Completed", [ANN], START + 3 * MINUTE, revenue=1)
    world.track("Order Completed", [BOB], START + 8 * DAY, revenue=1)
    world.flush()
    asked = Funnel(("Product Viewed", "Product Added", "Order Completed"))
    found = funnel(world.warehouse, asked, START + 9 * DAY)
    assert [(s.people, s.share_of_first, s.share_of_previous, s.median_seconds) for s in found.steps] == [
        (2, 1.0, 1.0, None), (1, 0.5, 0.5, 60.0), (1, 0.5, 1.0, 120.0)
    ]  # fmt: skip
    nobody = funnel(world.warehouse, Funnel(("Nothing", "Order Completed")), START).steps
    assert [(s.people, s.share_of_first, s.median_seconds) for s in nobody] == [(0, None, None), (0, None, None)]
    for bad in (Funnel(("a",)), Funnel(("a", "a")), Funnel(("a", "")), Funnel(("a", "b"), window="0d")):
        with pytest.raises(InvalidInput):
            bad.query(START)


def test_a_timeline_shows_the_life_before_the_merge_newest_first_page_by_page(world: World):
    world.track("Product Viewed", [COOKIE], START, name="Oat milk")
    world.track("Order Completed", [ANN], START + HOUR, revenue=12.5, currency="USD", products=[{}, {}])
    ann = world.track("Signed In", [ANN, COOKIE], START + 2 * HOUR)
    world.identify([ANN], START + 3 * HOUR, city="Oslo")
    world.flush()
    first = timeline(world.warehouse, ann, limit=3)
    assert [h.summary["en"] for h in first] == ["Profile updated: City", "Signed In", "Order completed: 12.5 USD ×2"]
    rest = timeline(world.warehouse, ann, before=first[-1].place, limit=3)
    assert [(h.name, h.properties, h.summary["zh"]) for h in rest] == [
        ("Product Viewed", {"name": "Oat milk"}, "浏览商品：Oat milk")
    ]  # fmt: skip
    assert [h.name for h in timeline(world.warehouse, ann, sought=Sought(kind="order"))] == ["Order Completed"]
    assert [h.traits for h in timeline(world.warehouse, ann, sought=Sought(kind="identify"))] == [{"city": "Oslo"}]


def test_the_catalogue_lists_what_was_seen_with_its_types(world: World):
    world.identify([ANN], city="Oslo", age=30, vip=True, joined="2017-05-01T00:00:00Z")
    world.track("Product Viewed", [ANN], price=2.5, name="Tea")
    world.flush()
    found = catalogue(world.warehouse)
    assert [(e.name, e.n, [(p.name, p.type) for p in e.properties]) for e in found.events] == [
        ("Product Viewed", 1, [("name", "string"), ("price", "number")])
    ]  # fmt: skip
    kinds = {t.name: t.type for t in found.traits}
    assert {k: kinds[k] for k in ("city", "age", "vip", "joined", "orders")} == {
        "city": "string", "age": "number", "vip": "boolean", "joined": "time", "orders": "number"
    }  # fmt: skip
