"""Events loaded in blocks as the log keeps them make the same rows as events loaded column by column."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from json_values import leaves, values

from homing.core.event import KINDS, Event, Id, Stored, encode
from homing.core.query import Query
from homing.storage.log import Block
from homing.storage.warehouse import BatchBuilder, Warehouse, block_batch

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=6) | st.sampled_from(
    ['"', "\\", "\n", "é", "茶", "0"]
)
NAME = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=6)  # an escape may be written in two ways
LEAF, VALUE = leaves(TEXT), values(TEXT, 6)
NAMED = st.dictionaries(
    st.sampled_from(["order_id", "revenue", "price", "currency", "name", "plan"]) | TEXT, VALUE, max_size=5
)
LINE = st.fixed_dictionaries({}, optional={"product_id": LEAF, "price": LEAF, "quantity": LEAF, "name": TEXT})


@st.composite
def events(draw: st.DrawFn) -> Event:
    properties: dict[str, Any] = draw(NAMED)
    if draw(st.booleans()):
        properties["products"] = draw(st.lists(LINE, max_size=3) | VALUE)
    name = draw(st.sampled_from(["Order Completed", "Product Updated", "Seen", ""]) | TEXT)
    ids = draw(st.lists(st.builds(Id, st.sampled_from(["user_id", "email"]), NAME), max_size=2))
    return Event(event_id=draw(TEXT), kind=draw(st.sampled_from(KINDS)), name=name,
                 happened_us=draw(st.integers(0, 2**52)), source_id=draw(TEXT), ids=tuple(ids), properties=properties,
                 traits=draw(NAMED), context=draw(NAMED), group_id=draw(TEXT))  # fmt: skip


def rows(warehouse: Warehouse) -> list[list[tuple[Any, ...]]]:
    json = "properties::JSON AS properties, traits::JSON AS traits, context::JSON AS context"
    return [
        warehouse.ask(Query(sql))
        for sql in (
            f"SELECT * EXCLUDE (properties, traits, context), {json} FROM event_row ORDER BY log_offset",
            "SELECT * FROM order_line_row ORDER BY log_offset, line",
            "SELECT * EXCLUDE (value), value::JSON FROM trait_row ORDER BY log_offset, name",
            "SELECT * EXCLUDE (properties), properties::JSON FROM product_row ORDER BY log_offset",
        )
    ]


def blocks(said: list[Event], sizes: list[int]) -> list[Block]:
    made, first = [], 1
    for size in [*sizes, len(said)]:
        if part := said[first - 1 : first - 1 + size]:
            made.append(Block(first, 10, len(part), b"[%b]" % b",".join(map(encode, part))))
            first += size
    return made


@given(st.lists(st.tuples(events(), st.none() | TEXT), min_size=1, max_size=6), st.data())
@settings(max_examples=40)
def test_both_ways_make_the_same_rows(said, data):
    last = data.draw(st.integers(1, len(said)))  # a block may hold more than is wanted
    first_load = data.draw(st.integers(0, last))  # and less than all of it may be loaded at a time
    customers = [customer for _, customer in said]
    builder = BatchBuilder()
    for offset, (event, customer) in enumerate(said[:last], start=1):
        builder.add(Stored(offset, 10, event), customer)
    whole = blocks([event for event, _ in said], data.draw(st.lists(st.integers(1, 3), max_size=3)))
    some = [block for block in whole if block.first <= last and block.first + block.events > first_load + 1]
    with TemporaryDirectory() as folder:
        one, other = Warehouse(Path(folder) / "a.duckdb"), Warehouse(Path(folder) / "b.duckdb")
        try:
            assert one.load(builder.build()) == last
            if first_load:
                assert other.load(block_batch(whole, customers[:first_load], first_load)) == first_load
            if some and first_load < last:
                assert other.load(block_batch(some, customers[first_load:last], last)) == last - first_load
            assert rows(other) == rows(one)
            assert other.load(block_batch(whole, customers[:last], last)) == 0
            assert other.mark() == one.mark() == last
        finally:
            one.close()
            other.close()
