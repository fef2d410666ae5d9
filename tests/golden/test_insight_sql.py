"""The statements behind RFM and funnels, word for word: a change of what is asked is seen in review.

`HOMING_GOLDEN=write` writes the files anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from homing.core.query import Query
from homing.insights import Funnel
from homing.insights.days import last_days
from homing.insights.metrics import daily_query
from homing.insights.rfm import rfm_grid_query
from homing.profile import rfm_query

FOLDER = Path(__file__).parent / "sql"
AT = 1_514_808_000_000_000
STATEMENTS: dict[str, Query] = {
    "funnel_4_steps": Funnel(("Product Viewed", "Product Added", "Checkout Started", "Order Completed")).query(AT),
    "rfm_scores": rfm_query(AT, "USD"),
    "rfm_grid": rfm_grid_query(AT, "USD"),
    "daily_figures": daily_query(last_days(2, AT, "America/New_York"), AT, "USD"),
}


def written(query: Query) -> str:
    values = "".join(f"-- ${name} = {query.params[name]!r}\n" for name in sorted(query.params))
    return f"{values}{query.sql.strip()}\n"


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_statement_is_the_one_that_was_reviewed(name: str):
    path = FOLDER / f"{name}.sql"
    if os.environ.get("HOMING_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(written(STATEMENTS[name]), encoding="utf-8")
    assert written(STATEMENTS[name]) == path.read_text(encoding="utf-8")
