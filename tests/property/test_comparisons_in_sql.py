"""SQL compares as Python does, whatever was sent and whatever is wanted."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homing.core.condition_values import ORDERS, matcher, units_of
from homing.core.event import Event, Stored
from homing.core.query import Query
from homing.segments.sql_values import Forms
from homing.storage.warehouse import BatchBuilder, Warehouse

texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
    st.from_regex(r"-?[0-9]{1,17}(\.[0-9]{1,17})?", fullmatch=True),
    st.sampled_from(["true", "false", "null", "0", "-0", "00", "1e3", " 1", "nan", "inf", "[a]", "{}"]),
)
numbers = st.one_of(
    st.integers(-(2**63), 2**64 - 1), st.integers(-20, 20), st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-100, 100, places=5).map(float),
)  # fmt: skip
scalars = st.one_of(texts, numbers, st.booleans())
values = st.recursive(
    st.one_of(scalars, st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=2)),
    max_leaves=4,
)


@st.composite
def comparisons(draw, near):
    op = draw(st.sampled_from([*ORDERS, "in", "not_in", "contains", "exists", "not_exists"]))
    one = st.one_of(st.sampled_from(near), scalars) if near else scalars
    if op in ("exists", "not_exists"):
        return op, None
    if op in ("in", "not_in"):
        return op, tuple(draw(st.lists(one, min_size=1, max_size=4)))
    if op == "contains":
        return op, draw(st.one_of(st.sampled_from([v for v in near if isinstance(v, str)] or [""]), texts))
    return op, draw(one if op in ("eq", "ne") else one.filter(lambda v: not isinstance(v, bool)))


@pytest.fixture(scope="module")
def warehouse():
    with tempfile.TemporaryDirectory() as folder:
        made = Warehouse(Path(folder) / "w.duckdb", threads=1)
        yield made
        made.close()


@settings(max_examples=60)
@given(st.data(), st.lists(values, min_size=1, max_size=12))
def test_sql_compares_as_python_does(warehouse, data, sent):
    first = warehouse.mark() + 1
    builder = BatchBuilder()
    for n, value in enumerate(sent):
        event = Event(event_id=str(n), kind="track", name="A", happened_us=1, source_id="t", properties={"x": value})
        builder.add(Stored(first + n, 1, event), "ann")
    warehouse.load(builder.build())
    near = [v for v in sent if isinstance(v, str | int | float)]
    asked = data.draw(st.lists(comparisons(near), min_size=1, max_size=8))

    params: dict[str, object] = {"first": first}

    def bind(value: object) -> str:
        params[f"v{len(params)}"] = value
        return f"$v{len(params) - 1}"

    columns = [Forms.of_columns("x").units(), *(Forms.of_columns("x").compare(op, v, bind) for op, v in asked)]
    inner = (
        f"SELECT log_offset, properties.x AS x, {', '.join(Forms.columns('x'))} FROM events WHERE log_offset >= $first"
    )
    got = warehouse.ask(Query(f"SELECT {', '.join(columns)} FROM ({inner}) ORDER BY log_offset", params))
    assert got == [(units_of(value), *(matcher(op, v)(value) for op, v in asked)) for value in sent]
