"""A score is one more than the whole fifths strictly below it: limits say what ranking everybody says."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homing.core.event import Event, Stored
from homing.core.time import DAY
from homing.profile import rfm_limits, rfm_query
from homing.profile.rfm import fifths
from homing.storage.warehouse import BatchBuilder, Warehouse

AT = 400 * DAY
people = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4), st.integers(0, 300)), min_size=1, max_size=23)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    with tempfile.TemporaryDirectory() as folder:
        made = Warehouse(Path(folder) / "warehouse.duckdb")
        yield made
        made.close()


def load(warehouse: Warehouse, town: list[tuple[int, int, int]]) -> None:
    builder, offset = BatchBuilder(), warehouse.mark()
    warehouse._root.execute("DELETE FROM event_row")
    for n, (days, orders, cents) in enumerate(town):
        for _ in range(orders):
            offset += 1
            event = Event(event_id=str(offset), kind="track", name="Order Completed", happened_us=AT - days * DAY,
                          source_id="shop", properties={"revenue": cents / 100, "currency": "USD"})  # fmt: skip
            builder.add(Stored(offset, AT, event), f"c{n}")
    warehouse.load(builder.build())


def ranked(values: list[int]) -> list[int]:
    return [1 + 5 * sum(other < value for other in values) // len(values) for value in values]


@settings(max_examples=20)
@given(town=people)
def test_limits_say_what_ranking_everybody_says(warehouse: Warehouse, town: list[tuple[int, int, int]]):
    load(warehouse, town)
    got = {row[0]: row[4:7] for row in warehouse.ask(rfm_query(AT, "USD"))}
    recency, frequency = ranked([-days for days, _, _ in town]), ranked([orders for _, orders, _ in town])
    money = ranked([orders * cents for _, orders, cents in town])
    assert [got[f"c{n}"] for n in range(len(town))] == list(zip(recency, frequency, money, strict=True))


@settings(max_examples=20)
@given(town=people)
def test_a_customer_passes_as_many_limits_as_the_score_says(warehouse: Warehouse, town: list[tuple[int, int, int]]):
    load(warehouse, town)
    limits = rfm_limits(warehouse, AT, "USD")
    assert limits is not None
    assert limits.people == len(town)
    for _, days, orders, revenue, r, f, m in warehouse.ask(rfm_query(AT, "USD")):
        assert r == 1 + sum(days < limit for limit in fifths(limits.recency_days))
        assert f == 1 + sum(orders > limit for limit in fifths(limits.orders))
        assert m == 1 + sum(revenue > limit for limit in fifths(limits.revenue))


def test_where_nobody_ordered_there_are_no_limits(warehouse: Warehouse):
    warehouse._root.execute("DELETE FROM event_row")
    assert rfm_limits(warehouse, AT, "USD") is None
