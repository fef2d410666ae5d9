"""Of which events is a customer's page made? Of all of hers by an instant, read once, a few columns of each.

One statement: what it costs is finding her blocks in every run of events, and that is paid once. What is counted of the
events is counted by arrays where it is wanted: a statement that groups in seven ways takes longer to plan than her
events take to read. The payload is read of those alone that are shown whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from homing.core.query import Query
from homing.profile.hers import hers_of
from homing.storage.warehouse import Warehouse

ORDER = "Order Completed"
RETURNS = ("Order Refunded", "Order Cancelled", "Order Returned", "Product Returned")
REVIEWS = ("Product Reviewed", "Review Submitted", "Review Added", "Feedback Submitted", "NPS Answered",
           "Survey Answered")  # fmt: skip
COMPLAINTS = ("Complaint Filed", "Complaint Received", "Ticket Opened", "Support Ticket Opened")
TOLD = (ORDER, *RETURNS, *REVIEWS, *COMPLAINTS)  # read whole
Numbers = NDArray[Any]

_SQL = f"""
SELECT kind, name, happened_us, log_offset, source_id, channel, device, session_id, category, product_id,
  CAST(revenue AS DOUBLE) AS revenue, currency, coupon,
  CASE WHEN name IN ({", ".join(f"'{name}'" for name in TOLD)}) THEN CAST(CAST(properties AS JSON) AS VARCHAR) END
    AS properties,
  CASE WHEN kind = 'identify' THEN CAST(CAST(traits AS JSON) AS VARCHAR) END AS traits
FROM event_fact WHERE {{hers}} AND happened_us <= $at
"""


@dataclass(frozen=True, slots=True)
class Life:
    """What was known of a customer by an instant: the events that say who she is, and those that she did."""

    at_us: int
    words: pa.Table
    deeds: pa.Table


def life_of(warehouse: Warehouse, customer_id: str, at_us: int) -> Life:
    """The events of a customer, in no order."""
    hers = hers_of(warehouse, customer_id)
    events = warehouse.ask_arrow(Query(_SQL.format(hers=hers.sql), {**hers.params, "at": at_us}))
    said = Coded.of(events["kind"]).are({"identify"})
    words = events.select(["happened_us", "log_offset", "source_id", "traits"]).filter(pa.array(said))
    return Life(at_us, words, events.filter(pa.array(~said)))


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of few values: each row has the number of its value, -1 where it has none."""

    values: list[str]
    codes: Numbers

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Coded:
        """Number the values of a column."""
        whole = column.combine_chunks().dictionary_encode()
        codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return cls(whole.dictionary.to_pylist(), codes.astype(np.int64))  # wide enough for pairs of codes

    def told(self, of_value: Mapping[str, Any], otherwise: Any) -> Numbers:
        """What is said of each row's value."""
        found: Numbers = np.array([*(of_value[value] for value in self.values), otherwise])[self.codes]
        return found

    def are(self, wanted: Iterable[str]) -> Numbers:
        """Which rows have one of these values."""
        these = frozenset(wanted)
        return self.told({value: value in these for value in self.values}, otherwise=False)

    def counted(self, rows: Numbers) -> Numbers:
        """How many of these rows have each value."""
        return np.bincount(self.codes[rows & (self.codes >= 0)], minlength=len(self.values))
