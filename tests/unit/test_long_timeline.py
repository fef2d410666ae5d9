"""A hundred thousand events of one customer are read page by page, from anywhere, each of them once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from homing.core.errors import InvalidInput
from homing.core.time import DAY
from homing.profile import Sought, outline, timeline
from homing.storage.warehouse import Warehouse
from homing.storage.warehouse.tables import CUSTOMER_KEY

N = 100_000
BEGIN = 1_700_000_000_000_000
STEP = 60_000_000  # a minute; every tenth event shares its instant with the one before
FILL = f"""
INSERT INTO event_row BY NAME
SELECT i AS log_offset, 'e' || i AS event_id, 'track' AS kind, CASE WHEN i % 50 = 0 THEN 'Order Completed' ELSE
  'Product Viewed' END AS name, {BEGIN} + (i - CASE WHEN i % 10 = 0 THEN 1 ELSE 0 END) * {STEP} AS happened_us,
  {BEGIN} + i * {STEP} AS received_us, ['shop', 'app'][1 + i % 2] AS source_id,
  customer_id, '[]' AS ids,
  {{'product_id': 'p' || i, 'note': 'Étui ' || i}}::VARIANT AS properties, {{}}::VARIANT AS traits,
  {{}}::VARIANT AS context, {CUSTOMER_KEY} AS customer_key
FROM (
  SELECT i, CASE WHEN i <= {N} THEN 'ann' WHEN i % 2 = 0 THEN 'old-ann' ELSE 'bob' END AS customer_id
  FROM (SELECT unnest(range(1, {N} + 1001)) AS i)
)
"""


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    """Ann's hundred thousand, and a thousand later ones: half of a customer merged into her, half of Bob."""
    with tempfile.TemporaryDirectory() as folder:
        made = Warehouse(Path(folder) / "warehouse.duckdb")
        made._root.execute(FILL)
        made._root.execute("INSERT INTO customer_alias VALUES ('old-ann', 'ann')")
        yield made
        made.close()


def test_every_event_is_met_once_newest_first_down_to_the_beginning(warehouse: Warehouse):
    seen: list[tuple[int, int]] = []
    before = None
    while page := timeline(warehouse, "ann", before=before, limit=5_000):
        seen += [one.place for one in page]
        before = page[-1].place
    assert len(seen) == len(set(seen)) == N + 500
    assert seen == sorted(seen, reverse=True)
    assert outline(warehouse, "ann", "UTC").total == N + 500


def test_from_the_middle_both_ways_lead_to_the_same_rows(warehouse: Warehouse):
    middle = (BEGIN + N // 2 * STEP, 0)
    down = timeline(warehouse, "ann", before=middle, limit=50)
    up = timeline(warehouse, "ann", after=down[0].place, limit=50)
    assert [one.place for one in up] == sorted((one.place for one in up), reverse=True)
    again = timeline(warehouse, "ann", before=up[0].place, limit=99)
    assert [one.event_id for one in again] == [one.event_id for one in [*up[1:], *down]]


def test_filters_agree_with_what_the_timeline_is_made_of(warehouse: Warehouse):
    day = Sought(from_us=BEGIN + 10 * DAY, until_us=BEGIN + 11 * DAY, names=("Order Completed",), sources=("shop",))
    found = timeline(warehouse, "ann", sought=day, limit=500)
    made_of = outline(warehouse, "ann", "Asia/Shanghai", day)
    assert made_of.total == len(found) > 0
    assert {one.name for one in found} == {"Order Completed"}
    assert made_of.sources == (("shop", len(found)),)
    assert sum(n for _, n in made_of.days) == len(found)
    (one,) = timeline(warehouse, "ann", sought=Sought(text="étui 77777", whole=True))
    assert one.event_id == "e77777"
    assert timeline(warehouse, "ann", sought=Sought(text="étui 77777")) == []
    with pytest.raises(InvalidInput):
        Sought(text="x" * 101)
