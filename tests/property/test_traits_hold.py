"""The law of traits: the stream, the warehouse and plain arithmetic say the same value, at every instant.

`HOMING_WORLDS` says how many worlds are made; as many as fit a minute when it is not set.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trait_arithmetic import SECOND
from trait_world import World

WORLDS = int(os.environ.get("HOMING_WORLDS", "60"))
HOUR, DAY = 3600 * SECOND, 86_400 * SECOND
CUSTOMERS = ["ann", "bob", "cat"]
EVENTS = ["Order Completed", "Product Viewed"]
NUMBERS, TEXTS, TRUTHS = ["n0", "n1", "n2", "n3", "n4"], ["x0", "x1"], ["b0"]
scalars = st.sampled_from(
    [0, 1, 2, 3, -1, 1.5, 2.00005, "1", "2", "2.5", "a", "ab", "b", "", "007", True, False, "true", 1e9, 2e10, -0.0]
)
values = st.one_of(scalars, st.sampled_from([None, [], ["a"], ["b", 1, None, True], {"a": 1}, 10**25, [["a"]]]))
items = st.lists(st.one_of(st.fixed_dictionaries({}, optional={"k": values, "p": scalars}), scalars), max_size=3)
names = st.sampled_from(["x", "y", 'we"ird $name', "名称"])
windows = st.sampled_from([None, None, "3s", "5s", "10s", "2h", "3d"])


@st.composite
def wheres(draw):
    out = []
    for _ in range(draw(st.sampled_from([0, 0, 0, 1]))):
        op = draw(st.sampled_from(["eq", "ne", "gt", "exists", "in"]))
        wanted = {"exists": {}, "in": {"value": draw(st.lists(scalars, min_size=1, max_size=3))}}.get(op)
        out.append({"property": draw(names), "op": op} | ({"value": draw(st.sampled_from([0, 1, 2, "a"]))}
                                                          if wanted is None else wanted))  # fmt: skip
    return out


paths = st.one_of(names, names, st.sampled_from(["items[].k", "items[].p", "items[]", "context.a.b", "$hour",
                                                 "$weekday", "$source"]))  # fmt: skip
events = st.sampled_from([*EVENTS, EVENTS[0], "*"])


@st.composite
def aggregates(draw, measures, value="any"):
    measure = draw(st.sampled_from(measures))
    made = {"type": "aggregate", "measure": measure, "event": draw(events), "where": draw(wheres()), "value": value}
    if (within := draw(windows)) is not None:
        made["within"] = within
    if measure == "share":
        made["part"] = [{"property": draw(names), "op": "exists"}]
    elif measure not in ("count", "first_at", "last_at"):
        made["property"] = draw(paths)
    if measure == "newest":
        made["n"] = draw(st.integers(1, 3))
    return made


@st.composite
def leanings(draw, show):
    keys = st.sampled_from(["x", "y", "items[].k", "items[]", "context.a.b"])
    signals = [
        {"event": draw(events), "key": draw(keys), "where": draw(wheres()), "weight": draw(st.integers(1, 5))}
        for _ in range(draw(st.integers(1, 2)))
    ]
    made = {
        "type": "decayed",
        "half_life": draw(st.sampled_from(["1h", "2d", "30d"])),
        "signals": signals,
        "show": show,
    }
    return made | (
        {"key": draw(st.sampled_from(["a", "b", "1"]))} if show == "share" else {"n": draw(st.integers(1, 3))}
    )


@st.composite
def said(draw, value):
    wins = draw(st.sampled_from(["newest", "first", "most_frequent", "source"]))
    made = {"type": "said", "trait": draw(names), "wins": wins, "value": value}
    return made | (
        {"sources": draw(st.sampled_from([["crm"], ["crm", "shop"], ["other"]]))} if wins == "source" else {}
    )


def scores(value):
    return st.builds(
        lambda t, v: {"type": "score", "trait": t, "model": "m", "value": value} | ({"version": v} if v else {}),
        names, st.sampled_from([None, "1"]),
    )  # fmt: skip


numbers = st.one_of(
    aggregates(["count", "count", "sum", "average", "min", "max", "distinct", "share"]),
    aggregates(["first", "last", "most_frequent"], "number"),
    leanings("share"), said("number"), scores("number"),
)  # fmt: skip
texts = st.one_of(aggregates(["first", "last", "most_frequent"], "text"), leanings("top"), said("text"), scores("text"))
truths = st.one_of(aggregates(["first", "last"], "boolean"), said("boolean"))
loose = st.one_of(
    aggregates(["first", "last", "most_frequent", "newest"]), leanings("shares"), leanings("keys"), said("any"),
    scores("any"),
)  # fmt: skip
number_formulas = st.recursive(
    st.one_of(st.sampled_from([*NUMBERS, "days_since(t0)", "days_since(t1)"]), st.sampled_from(["0", "1", "2.5", "3"])),
    lambda inner: st.one_of(
        st.builds(lambda a, o, b: f"({a} {o} {b})", inner, st.sampled_from(list("+-*/")), inner),
        st.builds(lambda f, a, b: f"{f}({a}, {b})", st.sampled_from(["min", "max", "coalesce"]), inner, inner),
        st.builds(lambda a, d: f"round({a}, {d})", inner, st.integers(0, 3)),
        st.builds(lambda a: f"floor({a})", inner),
        st.builds(lambda a: f"cut({a}, 1, 2, 3.5)", inner),
        st.builds(lambda a, b, c: f"choose({a}, {b}, {c})", inner, inner, inner),
        st.builds(lambda a, o, b, c, d: f"if({a} {o} {b}, {c}, {d})", inner, st.sampled_from(["=", "!=", "<", ">="]),
                  inner, inner, inner),
    ),
    max_leaves=4,
)  # fmt: skip
text_formulas = st.builds(
    lambda a, b, c: f'if({a} >= {b}, coalesce({c}, "none"), "low")', number_formulas, number_formulas,
    st.sampled_from(TEXTS),
)  # fmt: skip


@st.composite
def definitions(draw):
    specs = {name: draw(numbers) for name in NUMBERS} | {name: draw(texts) for name in TEXTS}
    specs |= {"b0": draw(truths), "l0": draw(loose), "l1": draw(loose), "l2": draw(loose)}
    specs |= {"t0": draw(aggregates(["last_at"])), "t1": draw(aggregates(["first_at"]))}
    specs |= {"f0": {"type": "formula", "formula": draw(number_formulas)},
              "f1": {"type": "formula", "formula": draw(text_formulas)},
              "f2": {"type": "formula", "formula": "f0 + n0 * 2"}}  # fmt: skip
    return [{"kind": "trait", "id": name, "name": name, "of": spec} for name, spec in specs.items()]


late = st.sampled_from([0, 0, 0, 1, SECOND, 2 * SECOND, 5 * SECOND, 3 * HOUR, 30 * HOUR])
gap = st.sampled_from([0, 0, 1, SECOND, SECOND - 1, 2 * SECOND, 5 * SECOND, HOUR, 11 * HOUR, DAY, 40 * DAY])
who = st.sampled_from(CUSTOMERS)
bags = st.dictionaries(names, values, max_size=3)
context = st.sampled_from([{}, {"a": {"b": "a"}}, {"a": {"b": 2}}, {"a": 1}, {"a": {"b": None}}])
computed = st.sampled_from([{}, {}, {"computed": {"by": "m"}}, {"computed": {"by": "m", "version": "1"}},
                            {"computed": {"by": "other"}}, {"computed": "m"}])  # fmt: skip
source = st.sampled_from(["shop", "crm", "homing"])
tracked = st.builds(
    lambda g, c, n, p, i, x, s, ago: ("track", g, c, ago, {"name": n, "properties": p | {"items": i}, "context": x,
                                                          "source_id": s}),
    gap, who, st.sampled_from(EVENTS), bags, items, context, source, late,
)  # fmt: skip
told = st.builds(
    lambda g, c, t, x, s, ago: ("track", g, c, ago, {"kind": "identify", "traits": t, "context": x, "source_id": s}),
    gap, who, bags, computed, source, late,
)  # fmt: skip
steps = st.lists(
    st.one_of(
        tracked, tracked, tracked, tracked, tracked,
        told,
        st.builds(lambda g, a, b: ("merge", g, a, b), gap, who, who),
        st.builds(lambda g: ("wait", g), gap),
        st.sampled_from([("restart",), ("commit",), ("again",), ("watch",)]),
    ),
    min_size=4,
    max_size=16,
)  # fmt: skip


@pytest.fixture(scope="module")
def template():
    with tempfile.TemporaryDirectory() as folder:
        World(Path(folder) / "t").close()
        yield Path(folder) / "t"


def walk(world: World, step: tuple, documents: list[dict]) -> None:
    now = world.now + step[1] if step[0] in ("track", "merge", "wait") else world.now
    match step:
        case ("track", _, customer, ago, parts):
            world.event(customer, now, happened_us=now - ago, **parts)
        case ("merge", _, winner, loser):
            world.event(winner, now, name="Signed In", merge=loser)
        case ("wait", _):
            world.advance(now)
        case ("restart",):
            world.restart()
        case ("again",):  # a definition is taken back and published again: its past comes from the warehouse
            needed = {d["id"]: d for d in documents}
            world.publish(needed["l0"], "paused")
            world.publish(needed["l0"])
        case ("watch",):
            world.watch(["n0", "f0"])
        case _:
            world.commit()


def same(met: dict[str, dict], wanted: dict[str, dict], world: World) -> None:
    for customer, values in wanted.items():
        for name, value in values.items():
            found = met.get(customer, {}).get(name)
            told = (customer, name, world.traits[name].of, "met", found, "wanted", value)
            assert found == value, told
            assert type(found) is type(value), told


@pytest.mark.timeout(3600)
@settings(max_examples=WORLDS, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(definitions(), steps, st.integers(0, 16), st.sampled_from([2, 1000]), st.data())
def test_the_stream_the_warehouse_and_arithmetic_agree(template, documents, steps, publish_at, capacity, data):
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "w", template, capacity=capacity)
        try:
            world.now = 1_600_000_000 * SECOND
            life(world, documents, steps, min(publish_at, len(steps)), data)
        finally:
            world.close()


def life(world: World, documents: list[dict], steps: list[tuple], publish_at: int, data) -> None:
    """Definitions come into force at some place of a life; what came before is read from the warehouse."""
    kept: list[tuple[str, int, dict]] = []  # what the stream said at an instant
    for n, step in enumerate(steps):
        if n == publish_at:
            for document in documents:
                world.publish(document)
        if n >= publish_at or step[0] not in ("again", "watch"):
            walk(world, step, documents)
        if n >= publish_at:
            by_stream = world.by_stream()
            same(by_stream, {c: world.by_hand(c) for c in world.everybody()}, world)
            kept += [(c, world.now, values) for c, values in by_stream.items()]
    if publish_at >= len(steps):
        for document in documents:
            world.publish(document)
    same(world.by_stream(), world.by_warehouse(), world)
    after = [world.now + wait for wait in (3 * SECOND, 5 * SECOND, 2 * HOUR, 3 * DAY)]
    world.advance(data.draw(st.sampled_from(after)))
    same(world.by_stream(), {c: world.by_hand(c) for c in world.everybody()}, world)
    back_in_time(world, kept, data)


def back_in_time(world: World, kept: list[tuple[str, int, dict]], data) -> None:
    """What the stream said then is what an `as_of` read says now, of everybody who was not merged since."""
    last = dict(world.merged.values())
    stands = [(c, at, v) for c, at, v in kept if world.customer(c) == c and last.get(c, 0) <= at]
    chosen = data.draw(st.lists(st.sampled_from(stands), max_size=6)) if stands else []
    # nothing happens between two of the instants kept but the last event at the same microsecond: take the last word
    final = {(c, at): v for c, at, v in stands}
    rows = world.as_of([(c, at) for c, at, _ in chosen])
    for (c, at, _), row in zip(chosen, rows, strict=True):
        wanted = {name: value for name, value in final[c, at].items() if name in row}
        same({c: row}, {c: wanted}, world)
    first = 1_600_000_000 * SECOND
    pairs = [(c, data.draw(st.integers(first, world.now))) for c in data.draw(st.lists(who, max_size=3))]
    for known in ("received", "happened"):
        for (c, at), row in zip(pairs, world.as_of(pairs, known), strict=True):
            same({c: row}, {c: world.by_hand(c, at, known)}, world)
