"""A clock beside other conditions, and an estimate from a share of the customers."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from homing.core.condition import parse
from homing.core.time import DAY, HOUR
from homing.segments import ask_members, estimate

sys.path.insert(0, str(Path(__file__).parents[1] / "property"))
from segment_world import World

YEAR = 365 * DAY
EVENING = {"start": "18:00", "end": "22:00"}
START = 19_000 * DAY  # a midnight in UTC, 2022


def test_a_clock_over_days_leaves_what_happened_years_ago_to_the_others(tmp_path: Path):
    world = World(tmp_path)
    world.event("ann", START - 9 * YEAR, name="Signed Up")
    world.event("ann", START + 18 * HOUR, name="Order Completed", happened_us=START + 17 * HOUR)  # 18:00 in Oslo
    world.publish("old_and_evening", parse({"type": "all", "of": [
        {"type": "did", "event": "Signed Up"},
        {"type": "did", "event": "Order Completed", "within": "30d", "clock": EVENING},
    ]}))  # fmt: skip
    assert world.by_warehouse("old_and_evening") == world.by_stream("old_and_evening") == {"ann"}
    world.event("ann", START + 19 * HOUR, kind="identify", traits={"timezone": "America/New_York"})
    assert world.by_warehouse("old_and_evening") == world.by_stream("old_and_evening") == set()
    world.close()


def test_an_estimate_is_of_a_share_and_its_interval_holds_the_count(tmp_path: Path):
    world, rng = World(tmp_path), random.Random(3)
    for n in range(1_500):
        world.event(f"c{n}", START + n, name="Product Viewed", properties={"price": rng.randrange(10)})
    for n in range(0, 300, 3):
        world.event(f"c{n}", START + 2_000 + n, name="Signed In", merge=f"c{n + 1}")
    world.commit()
    world.load()
    tree = parse({"type": "did", "event": "Product Viewed", "op": "gte", "value": 1,
                  "where": [{"property": "price", "op": "lt", "value": 3}]})  # fmt: skip
    exact = len(ask_members(world.warehouse, tree, world.now))
    with world.state.read() as conn:
        found = estimate(world.warehouse, conn, tree, world.now, people=400)
        assert estimate(world.warehouse, conn, tree, world.now, people=1_000) is None  # not worth it
    assert found is not None
    assert (found.total, len(world.everybody())) == (1_400, 1_400)
    assert 320 <= found.sampled <= 480
    assert found.low <= exact <= found.high
    assert 0 < found.high - found.low < 0.15 * found.total
    assert found.count * found.sampled // found.total < found.sampled
    world.close()
