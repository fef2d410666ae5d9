"""The law of conditions: the stream and the warehouse name the same members, at every instant, whatever happened.

`HOMING_WORLDS=900 pytest tests/property/test_stream_equals_warehouse.py` tries so many random worlds, each a log with
ten or more conditions (`HOMING_CONDITIONS`; two where worlds are not counted), and prints how many pairs of a log and a
condition that were, how many instants were checked, by whom, and how many answers differed. `--hypothesis-seed=N` makes
other worlds, so that several can run side by side.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from segment_world import SECOND, ZONE, ZONES, World

from homing.core.condition import parse

WORLDS = int(os.environ.get("HOMING_WORLDS", "150"))
CONDITIONS = int(os.environ.get("HOMING_CONDITIONS", "10" if "HOMING_WORLDS" in os.environ else "2"))
PHASES = [Phase.generate] if "HOMING_WORLDS" in os.environ else list(Phase)  # a counted run shrinks nothing
HOUR = 3_600 * SECOND
CUSTOMERS = ["ann", "bob", "cat"]
EVENTS = ["Order Completed", "Product Viewed"]
scalars = st.sampled_from(
    [0, 1, 2, 3, -1, 1.5, 2.00005, "1", "2", "2.5", "a", "ab", "b", "", "007", True, False, "true", 1e9]
)
values = st.one_of(scalars, st.sampled_from([None, [], ["a"], ["b", 1, None, True], {"a": 1}, {}, 10**25, [["a"]]]))
names = st.sampled_from(["x", "y", 'we"ird $name', "名称"])
durings = st.sampled_from(
    ["today", "yesterday", "this_week", "last_week", "this_month", "last_month", "last_1_days", "last_3_days"]
)
hours = st.sampled_from(["00:00", "06:00", "09:30", "18:00", "22:00", "23:59"])
weekdays = st.lists(
    st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1, max_size=4, unique=True
)


@dataclass(frozen=True)
class Scale:
    """How fast a world lives: seconds, or hours with days, clock changes and zones."""

    unit: int
    start: int
    sizes: tuple[str, ...]

    @property
    def days(self) -> bool:
        return self.unit > SECOND


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


QUICK = Scale(SECOND, 1_000 * SECOND, ("3s", "5s", "10s"))
SLOW = tuple(
    Scale(4 * HOUR, instant(text), ("12h", "20h", "40h"))
    for text in (
        "2024-03-29T20:00+00:00",  # clocks change in Oslo in two days, and in Auckland in nine
        "2024-11-02T03:00+00:00",  # and in New York on the next
        "2023-12-30T09:00+00:00",  # a month, a year and a week end
    )
)


@st.composite
def compared(draw):
    op = draw(
        st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "exists", "not_exists"])
    )
    if op in ("exists", "not_exists"):
        return {"op": op}
    if op in ("in", "not_in"):
        return {"op": op, "value": draw(st.lists(scalars, min_size=1, max_size=3))}
    if op == "contains":
        return {"op": op, "value": draw(st.sampled_from(["a", "", "b", "1"]))}
    fits = scalars.filter(lambda v: not isinstance(v, bool)) if op not in ("eq", "ne") else scalars
    return {"op": op, "value": draw(fits)}


points = st.sampled_from([31.2304, "31.25", 31.9, -31.2, 121.4737, 121.5, "122", 91, -181, None, "north"])
circles = st.builds(
    lambda lat, lng, km: {"lat": lat, "lng": lng, "km": km},
    st.sampled_from([31.2304, 31.5, -31.2]), st.sampled_from([121.4737, 122.0]), st.sampled_from([0.5, 3, 60, 20_000]),
)  # fmt: skip


@st.composite
def narrowed(draw, scale):
    """An event and what narrows it."""
    where = [{"property": draw(names), **draw(compared())} for _ in range(draw(st.sampled_from([0, 0, 1, 2])))]
    made = {"event": draw(st.sampled_from(EVENTS)), "where": where}
    if draw(st.integers(0, 7)) == 0:
        made["near"] = draw(circles)
    if scale.days and draw(st.integers(0, 3)) == 0:
        made["clock"] = draw(clocks())
    return made


@st.composite
def clocks(draw):
    which = draw(st.sampled_from(["hours", "days", "both"]))
    clock = {}
    if which != "days":
        start, end = draw(st.lists(hours, min_size=2, max_size=2, unique=True))
        clock |= {"start": start, "end": end}
    return clock if which == "hours" else clock | {"weekdays": draw(weekdays)}


@st.composite
def windowed(draw, scale, needed=False):
    if scale.days and draw(st.integers(0, 2)):
        return {"during": draw(durings)}
    if not needed and draw(st.integers(0, 3)) == 0:
        return {}
    return {"within": draw(st.sampled_from(scale.sizes))}


@st.composite
def over_events(draw, scale):
    base = draw(narrowed(scale))
    base |= draw(windowed(scale, needed="clock" in base))
    measure = draw(st.sampled_from(["count", "count", "sum", "last", "first", "absent"]))
    if measure == "absent":
        return {"type": "absent", **base}
    made = {"type": "did", "measure": measure, **base}
    order = st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"])
    if measure == "count":
        return made | {"op": draw(order), "value": draw(st.integers(0, 4))}
    made["property"] = draw(names)
    if measure == "sum":
        return made | {"op": draw(order), "value": draw(st.sampled_from([0, 1, 2, 3, 3.5, -1, 2.00005, 4]))}
    return made | draw(compared())


@st.composite
def sequences(draw, scale):
    steps = []
    for n in range(draw(st.sampled_from([2, 2, 3]))):
        step = draw(narrowed(scale))
        if draw(st.integers(0, 2)):
            step["where"] = []
        if n and draw(st.booleans()):
            step["gap"] = draw(st.sampled_from(scale.sizes))
        steps.append(step)
    made = {"type": "sequence", "steps": steps, **draw(windowed(scale, needed=True))}
    return made | ({"span": draw(st.sampled_from(scale.sizes))} if draw(st.integers(0, 3)) == 0 else {})


@st.composite
def tops(draw):
    size = draw(st.sampled_from([{"n": 1}, {"n": 2}, {"percent": 34}, {"percent": 50}, {"percent": 100}]))
    return {
        "type": "top",
        "trait": draw(st.one_of(names, st.just("tag.x"))),
        "order": draw(st.sampled_from(["highest", "lowest"])),
        **size,
    }


def leaves(scale):
    return st.one_of(
        over_events(scale), over_events(scale), over_events(scale), sequences(scale), sequences(scale), tops(),
        st.builds(lambda n, c: {"type": "trait", "name": n, **c}, names, compared()),
        st.builds(lambda c: {"type": "tag", "tag": "x", **c}, compared()),
        st.builds(lambda p: {"type": "place", "level": "city", "places": p}, st.lists(st.sampled_from(["a", "ab", "1"]),
                                                                                     min_size=1, max_size=2)),
        st.builds(lambda c: {"type": "near", **c}, circles),
        st.builds(lambda p, s: {"type": "share", "percent": p, "salt": s}, st.sampled_from([0, 33, 50.5, 100]), names),
    )  # fmt: skip


def trees_of(scale):
    return st.recursive(
        leaves(scale),
        lambda inner: st.one_of(
            st.builds(
                lambda t, of: {"type": t, "of": of},
                st.sampled_from(["all", "any"]),
                st.lists(inner, min_size=1, max_size=3),
            ),
            st.builds(lambda of: {"type": "not", "of": of}, inner),
        ),
        max_leaves=5,
    )


late = st.sampled_from([0, 0, 0, 1, SECOND, 2 * SECOND, 5 * SECOND, 12 * SECOND])
gap = st.sampled_from([0, 0, 1, SECOND, SECOND - 1, 2 * SECOND, 3 * SECOND, 5 * SECOND, 7 * SECOND])
who = st.sampled_from(CUSTOMERS)
bags = st.builds(
    lambda bag, lat, lng: bag | ({"lat": lat, "lng": lng} if lat else {}),
    st.dictionaries(names, values, max_size=3), st.one_of(st.none(), points), points,
)  # fmt: skip
sayings = st.builds(
    lambda bag, zone, more: bag | zone | more,
    bags,
    st.sampled_from([{}, {}, *({"timezone": zone} for zone in (*ZONES, "Nowhere/Land", 7, None))]),
    st.sampled_from(
        [{}, {}, {"tag.x": 2}, {"tag.x": "a"}, {"tag.x": None}, {"city": "a"}, {"city": 1}, {"city": None}]
    ),
)
tracked = st.builds(
    lambda g, c, n, p, ago: ("track", g, c, n, p, ago), gap, who, st.sampled_from(EVENTS), bags, late
)  # fmt: skip


def steps_of(scale):
    return st.lists(
        st.one_of(
            tracked, tracked, tracked, tracked,
            st.builds(lambda g, c, t, ago: ("identify", g, c, t, ago), gap, who, sayings, late),
            st.builds(lambda g, c, t, ago: ("identify", g, c, t, ago), gap, who, sayings, late),
            st.builds(lambda g, c, v: ("tag", g, c, v), gap, who, st.sampled_from([1, 2, "2", "a", True, None])),
            st.builds(lambda g, a, b: ("merge", g, a, b), gap, who, who),
            st.builds(lambda g: ("wait", g), gap),
            st.builds(lambda t: ("publish", t), trees_of(scale)),
            st.sampled_from([("restart",), ("take back",), ("commit",)]),
        ),
        min_size=3,
        max_size=14,
    )  # fmt: skip


@dataclass
class Life:
    scale: Scale
    first: dict
    more: list[dict]
    steps: list[tuple]
    every: int
    capacity: int


@st.composite
def lives(draw):
    scale = draw(st.sampled_from([QUICK, QUICK, QUICK, *SLOW]))
    trees = trees_of(scale)
    more = draw(st.lists(trees, min_size=CONDITIONS - 1, max_size=CONDITIONS - 1))
    return Life(scale, draw(trees), more, draw(steps_of(scale)), draw(st.integers(2, 5)),
                draw(st.sampled_from([2, 1000])))  # fmt: skip


@dataclass
class Tally:
    """What was checked."""

    worlds: int = 0
    pairs: int = 0  # of a log and a condition judged on it
    instants: int = 0
    streams: int = 0
    warehouses: int = 0
    differences: int = 0

    def said(self) -> str:
        return (
            f"{self.worlds:,} worlds, {self.pairs:,} pairs, {self.instants:,} instants: {self.streams:,} answers of the"
            f" stream and {self.warehouses:,} of the warehouse beside the oracle's, {self.differences:,} differences"
        )


@pytest.fixture(scope="module")
def template():
    with tempfile.TemporaryDirectory() as folder:
        World(Path(folder) / "t").close()
        yield Path(folder) / "t"


TIMED = ("track", "identify", "tag", "merge", "wait")


def walk(world: World, step: tuple, unit: int) -> None:  # noqa: C901 - one case a kind of step
    def scaled(span: int) -> int:
        return span // SECOND * unit + span % SECOND

    now = world.now + scaled(step[1]) if step[0] in TIMED else world.now
    match step:
        case ("track", _, customer, name, properties, ago):
            world.event(customer, now, name=name, properties=properties, happened_us=now - scaled(ago))
        case ("identify", _, customer, traits, ago):
            world.event(customer, now, kind="identify", traits=traits, happened_us=now - scaled(ago))
        case ("merge", _, winner, loser):
            world.event(winner, now, name="Signed In", merge=loser)
        case ("tag", _, customer, value):
            world.tag(customer, now, value)
        case ("wait", _):
            world.advance(now)
        case ("publish", tree):
            world.publish("one", parse(tree))
        case ("take back",):
            if "one" in world.trees:
                world.publish("one", world.trees["one"], status="paused")
        case ("restart",):
            world.restart()
        case _:
            world.commit()


def agree(world: World, tally: Tally, *, ask: bool) -> None:
    tally.instants += 1
    if ask:
        world.load()
    for segment in world.trees:
        wanted = world.by_oracle(segment)
        tally.streams += 1
        tally.warehouses += ask
        got = [world.by_stream(segment)] + ([world.loaded_says(segment)] if ask else [])
        if any(members != wanted for members in got):
            tally.differences += 1
        assert got == [wanted] * len(got), (segment, world.trees[segment], world.now)


def turning(world: World, scale: Scale) -> list[int]:
    """The instants behind now at which something may leave, or a day begin somewhere."""
    ends = {e.event.happened_us + n * scale.unit for e, _ in world.log for n in (3, 5, 10)}
    if scale.days:
        for zone in map(ZoneInfo, (ZONE, *ZONES)):
            today = datetime.fromtimestamp(world.now // SECOND, UTC).astimezone(zone).date()
            for ahead in (1, 2, 3, 4, 7, 8, 14, 31, 32, 62):
                midnight = datetime.combine(today + timedelta(days=ahead), datetime.min.time(), zone)
                ends.add(int(midnight.timestamp()) * SECOND)
    found = sorted(end for end in ends if end > world.now)
    return found[:12] + found[12::5][:6]


def live(world: World, life: Life, tally: Tally) -> None:
    """One life: segments from the start, things that happen, then silence until every window has run out."""
    world.now = life.scale.start
    tally.pairs += 1 + len(life.more) + sum(step[0] == "publish" for step in life.steps)
    world.publish("zero", parse(life.first))
    for n, tree in enumerate(life.more):
        made = {"type": "any", "of": [tree, {"type": "in_segment", "segment": "zero"}]} if n == 0 else tree
        world.publish(f"more{n}" if n else "nested", parse(made))
    for n, step in enumerate(life.steps):
        walk(world, step, life.scale.unit)
        agree(world, tally, ask=n % life.every == 0)
    for n, end in enumerate(turning(world, life.scale)):
        for instant_us in (end - 1, end, end + 1):
            if instant_us >= world.now:
                world.advance(instant_us)
                agree(world, tally, ask=instant_us == end and n % life.every == 0)
    assert len({e.event_id for e in world.emitted}) == len(world.emitted)


@pytest.mark.timeout(0 if "HOMING_WORLDS" in os.environ else 1800)
def test_the_stream_and_the_warehouse_name_the_same_members(template, capsys):
    tally = Tally()

    @settings(
        max_examples=WORLDS, phases=PHASES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
    )
    @given(lives())
    def every(life: Life) -> None:
        tally.worlds += 1
        with tempfile.TemporaryDirectory() as folder:
            world = World(Path(folder) / "w", template, capacity=life.capacity)
            try:
                live(world, life, tally)
            finally:
                world.close()

    try:
        every()
    finally:
        with capsys.disabled():
            print(f"\n{tally.said()}")  # noqa: T201 - what the run is for
