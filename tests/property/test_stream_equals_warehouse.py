"""The law of conditions: the stream and the warehouse name the same members, at every instant, whatever happened."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segment_world import SECOND, World

from homing.core.condition import parse

CUSTOMERS = ["ann", "bob", "cat"]
EVENTS = ["Order Completed", "Product Viewed"]
scalars = st.sampled_from(
    [0, 1, 2, 3, -1, 1.5, 2.00005, "1", "2", "2.5", "a", "ab", "b", "", "007", True, False, "true", 1e9]
)
values = st.one_of(scalars, st.sampled_from([None, [], ["a"], ["b", 1, None, True], {"a": 1}, {}, 10**25, [["a"]]]))
names = st.sampled_from(["x", "y", 'we"ird $name', "名称"])
windows = st.sampled_from([None, "3s", "5s", "10s"])


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


@st.composite
def over_events(draw):
    where = [{"property": draw(names), **draw(compared())} for _ in range(draw(st.sampled_from([0, 0, 1, 2])))]
    base = {"event": draw(st.sampled_from(EVENTS)), "where": where}
    if (within := draw(windows)) is not None:
        base["within"] = within
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


leaf = st.one_of(
    over_events(), over_events(), over_events(),
    st.builds(lambda n, c: {"type": "trait", "name": n, **c}, names, compared()),
    st.builds(lambda p, s: {"type": "share", "percent": p, "salt": s}, st.sampled_from([0, 33, 50.5, 100]), names),
)  # fmt: skip
joints = st.sampled_from(["all", "any"])
trees = st.recursive(
    leaf,
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
bags = st.dictionaries(names, values, max_size=3)
tracked = st.builds(
    lambda g, c, n, p, ago: ("track", g, c, n, p, ago), gap, who, st.sampled_from(EVENTS), bags, late
)  # fmt: skip
steps = st.lists(
    st.one_of(
        tracked, tracked, tracked, tracked,
        st.builds(lambda g, c, t, ago: ("identify", g, c, t, ago), gap, who, bags, late),
        st.builds(lambda g, a, b: ("merge", g, a, b), gap, who, who),
        st.builds(lambda g: ("wait", g), gap),
        st.builds(lambda t: ("publish", t), trees),
        st.sampled_from([("restart",), ("take back",), ("commit",)]),
    ),
    min_size=3,
    max_size=14,
)  # fmt: skip


@pytest.fixture(scope="module")
def template():
    with tempfile.TemporaryDirectory() as folder:
        World(Path(folder) / "t").close()
        yield Path(folder) / "t"


def walk(world: World, step: tuple) -> None:
    now = world.now + step[1] if step[0] in ("track", "identify", "merge", "wait") else world.now
    match step:
        case ("track", _, customer, name, properties, ago):
            world.event(customer, now, name=name, properties=properties, happened_us=now - ago)
        case ("identify", _, customer, traits, ago):
            world.event(customer, now, kind="identify", traits=traits, happened_us=now - ago)
        case ("merge", _, winner, loser):
            world.event(winner, now, name="Signed In", merge=loser)
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


def agree(world: World, *, ask: bool) -> None:
    for segment in world.trees:
        wanted = world.by_oracle(segment)
        assert world.by_stream(segment) == wanted
        if ask:
            assert world.by_warehouse(segment) == wanted


def live(world: World, first: dict, second: dict, steps: list[tuple], every: int) -> None:
    """One life: two segments from the start, things that happen, then silence until every window has run out."""
    world.now = 1_000 * SECOND
    world.publish("zero", parse(first))
    world.publish("nested", parse({"type": "any", "of": [second, {"type": "in_segment", "segment": "zero"}]}))
    for n, step in enumerate(steps):
        walk(world, step)
        agree(world, ask=n % every == 0)
    ends = {e.event.happened_us + w for e, _ in world.log for w in (3 * SECOND, 5 * SECOND, 10 * SECOND)}
    for n, end in enumerate(sorted(end for end in ends if end > world.now)[:12]):
        for instant in (end - 1, end, end + 1):
            world.advance(instant)
            agree(world, ask=instant == end and n % every == 0)
    assert len({e.event_id for e in world.emitted}) == len(world.emitted)


@pytest.mark.timeout(1800)
@settings(max_examples=150)
@given(trees, trees, steps, st.integers(2, 5), st.sampled_from([2, 1000]))
def test_the_stream_and_the_warehouse_name_the_same_members(template, first, second, steps, every, capacity):
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "w", template, capacity=capacity)
        try:
            live(world, first, second, steps, every)
        finally:
            world.close()
