"""A funnel's answer is what trying every chain of events gives."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homing.core.event import Event, Stored
from homing.core.time import DAY, SECOND
from homing.insights import Funnel, funnel
from homing.storage.warehouse import BatchBuilder, Warehouse

STEPS = ("a", "b", "c")
_events = st.lists(st.tuples(st.sampled_from(["ann", "bob"]), st.sampled_from("abcx"), st.integers(0, 12)), max_size=14)


def oracle(events: list[tuple[str, str, int]], window: int) -> list[tuple[int, float | None]]:
    """People at each step and the median time from the step before, by trying every chain."""
    people: list[dict[str, float]] = [{} for _ in STEPS]
    for who in {e[0] for e in events}:
        hers = [(t, o, name) for o, (w, name, t) in enumerate(events) if w == who]
        # reached[k]: (time, latest start) of every event that ends a chain of k + 1 steps within the window
        reached = [[(t, t) for t, _, name in hers if name == STEPS[0]]]
        for step in STEPS[1:]:
            ends = []
            for t, _, name in hers:
                starts = [s for (before, s) in reached[-1] if name == step and before <= t and t - s <= window]
                if starts:
                    ends.append((t, max(starts)))
            reached.append(ends)
        for k, ends in enumerate(reached):
            if ends:
                first = min(t for t, _ in ends)
                before = max((t for t, _ in reached[k - 1] if t <= first), default=first) if k else first
                people[k][who] = first - before
    return [(len(p), median(p.values()) if p else None) for p in people]


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory):
    made: list[Warehouse] = []

    def fresh() -> Warehouse:
        path: Path = tmp_path_factory.mktemp("w") / "w.duckdb"
        made.append(Warehouse(path))
        return made[-1]

    yield fresh
    for w in made:
        w.close()


@settings(max_examples=40)
@given(_events, st.integers(1, 12))
def test_a_funnel_is_what_trying_every_chain_gives(warehouses, events, window):
    warehouse = warehouses()
    builder = BatchBuilder()
    for n, (who, name, t) in enumerate(events, start=1):
        event = Event(event_id=f"e{n}", kind="track", name=name, happened_us=t * SECOND, source_id="s")
        builder.add(Stored(n, DAY, event), who)
    if events:
        warehouse.load(builder.build())
    got = funnel(warehouse, Funnel(STEPS, window=f"{window}s"), DAY).steps
    want = oracle(events, window)
    assert [s.people for s in got] == [n for n, _ in want]
    assert [s.median_seconds for s in got[1:]] == [gap for _, gap in want[1:]]
    assert got[0].median_seconds is None
    warehouse.close()
