"""Five fifths with shared ties, eleven names, and a night that says only what changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from homing.core.event import OWN_SOURCE, Event
from homing.core.time import DAY
from homing.insights import rfm_grid
from homing.profile import SEGMENTS, RfmScore, nightly_events, rfm_events, rfm_query, segment_of
from people_world import CURRENCY, START, ZONE, World


@pytest.fixture
def world(tmp_path: Path):
    made = World(tmp_path)
    yield made
    made.close()


def shop(world: World, people: list[tuple[int, int, float]]) -> list[str]:
    """Customers who ordered: (days since the last order, orders, money each)."""
    found = []
    for n, (days, orders, each) in enumerate(people):
        for back in range(orders):
            at = START - (days + back) * DAY
            who = [("member_card", f"card{n}")]
            found.append(world.track("Order Completed", who, at, revenue=each, currency="USD"))
    world.flush()
    return list(dict.fromkeys(found))


def scores(world: World, at_us: int = START) -> dict[str, RfmScore]:
    return {row[0]: RfmScore(*row) for row in world.warehouse.ask(rfm_query(at_us, CURRENCY))}


def test_ten_different_customers_fall_two_by_two_into_fifths(world: World):
    ids = shop(world, [(n, 10 - n, 1.0) for n in range(10)])
    got = scores(world)
    assert [(got[i].r, got[i].f, got[i].m) for i in ids] == [(s, s, s) for s in (5, 5, 4, 4, 3, 3, 2, 2, 1, 1)]
    assert got[ids[0]].segment == "champions"
    assert got[ids[9]].segment == "lost"


def test_equal_values_share_the_lowest_score_their_group_reaches(world: World):
    ids = shop(world, [(0, 1, 5.0)] * 6 + [(0, 2, 5.0)] * 4)
    got = scores(world)
    assert [got[i].f for i in ids] == [1] * 6 + [4] * 4
    assert {got[i].r for i in ids} == {1}  # everybody bought today: nobody is more recent than anybody


def test_an_order_of_another_currency_or_after_the_instant_does_not_count(world: World):
    (ann,) = shop(world, [(3, 1, 5.0)])
    world.track("Order Completed", [("member_card", "card0")], START, revenue=900, currency="EUR")
    world.track("Order Completed", [("member_card", "card0")], START + DAY, revenue=7, currency="USD")
    world.flush()
    assert scores(world)[ann][1:4] == (3, 1, 5.0)
    assert scores(world, START + DAY)[ann][1:4] == (0, 2, 12.0)


def test_every_triple_of_scores_has_one_of_eleven_names():
    every = {segment_of(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)}
    assert every == set(SEGMENTS)
    assert len(SEGMENTS) == 11
    assert [segment_of(*s) for s in ((5, 1, 1), (4, 1, 1), (3, 3, 3), (2, 5, 5), (2, 1, 2), (1, 5, 5), (3, 5, 4))] == [
        "new_customers", "promising", "needs_attention", "cannot_lose", "hibernating", "cannot_lose", "loyal"
    ]  # fmt: skip


def night_of(world: World, at_us: int) -> list[Event]:
    pages = nightly_events(world.warehouse, world.state, at_us, zone=ZONE, currency=CURRENCY)
    return [event for page in pages for event in page]


def test_a_night_says_what_changed_and_a_second_look_says_nothing(world: World):
    ids = shop(world, [(n * 15, 5, 10.0) for n in range(5)])
    night = START + DAY
    found = night_of(world, night)
    assert {e.ids[0].value for e in found} == set(ids)
    assert {(e.kind, e.source_id, e.happened_us) for e in found} == {("identify", OWN_SOURCE, night)}
    assert [e.event_id for e in found] == [f"scores:{e.ids[0].value}:{night}" for e in found]
    said = {e.ids[0].value: e.traits for e in found}
    assert said[ids[0]] == {"rfm_recency": 5, "rfm_frequency": 1, "rfm_monetary": 1, "rfm_segment": "new_customers",
                            "churn_risk": 0.5}  # fmt: skip
    assert said[ids[4]]["lifecycle_stage"] == "dormant"  # 61 days; when the order came it was judged at 60
    for event in found:
        world.take(event, night)
    assert world.trait(ids[0], "rfm_segment") == "new_customers"
    world.flush()
    assert night_of(world, night) == []


def test_rfm_events_leave_out_what_is_known_already():
    score = RfmScore("c", 1, 2, 3.0, 5, 5, 5)
    known = {"rfm_recency": 5, "rfm_frequency": 4, "rfm_monetary": 5, "rfm_segment": "champions"}
    (event,) = rfm_events([score], {"c": known}, START)
    assert (event.traits, event.context) == ({"rfm_frequency": 5}, {"computed": {"by": "rfm"}})
    assert rfm_events([score], {"c": known | {"rfm_frequency": 5}}, START) == []


def test_the_grid_counts_everybody_once_and_names_the_empty_segments_too(world: World):
    shop(world, [(n, 10 - n, 1.5) for n in range(10)])
    grid = rfm_grid(world.warehouse, START, CURRENCY)
    assert (grid.people, sum(c.people for c in grid.cells), sum(s.people for s in grid.grid)) == (10, 10, 10)
    assert (len(grid.cells), len(grid.grid)) == (11, 25)
    assert sum(c.revenue for c in grid.cells) == 55 * 1.5
