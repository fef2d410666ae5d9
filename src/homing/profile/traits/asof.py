"""What was known of these customers at these instants? For models that learn from the past, and for audits.

Every pair of a customer and an instant is answered as the stream would have answered it then (see `statement`), in one
statement for all pairs and all traits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa

from homing.core.errors import InvalidInput
from homing.core.query import Query
from homing.core.time import zone_of
from homing.profile.traits.definition import Trait
from homing.profile.traits.statement import Known, Statement, statement
from homing.storage.warehouse import Warehouse

MAX_PAIRS = 1_000_000
_GIVEN = (
    "SELECT n AS pair, coalesce(a.winner, given.customer_id) AS customer_id, at_us\n  FROM (SELECT"
    " unnest(range(len($customers))) AS n, unnest($customers) AS customer_id, unnest($instants) AS at_us) given\n"
    "  LEFT JOIN customer_alias a ON given.customer_id = a.loser"
)
_ALL = (
    "SELECT row_number() OVER () AS pair, customer_id, CAST($at_us AS BIGINT) AS at_us FROM ("
    "SELECT DISTINCT customer_id FROM events WHERE customer_id IS NOT NULL AND happened_us <= $at_us)"
)


class Moment(NamedTuple):
    """A customer at an instant, in microseconds."""

    customer_id: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Row:
    """The traits of one moment; a trait without a value is None."""

    customer_id: str
    at_us: int
    values: Mapping[str, Any]


def as_of(
    warehouse: Warehouse, traits: Sequence[Trait], wanted: Collection[str], moments: Sequence[Moment], *, zone: str,
    known: Known = "received",
) -> list[Row]:  # fmt: skip
    """The traits of each customer at each instant, in the order of the moments.

    Args:
        warehouse: asked once.
        traits: every definition that may be read.
        wanted: the names to compute.
        moments: customers and instants; the same customer may come many times.
        zone: IANA zone of the workspace.
        known: `received`: from what had been received by then; `happened`: from all that had happened by then,
            however late it came.

    Returns:
        A row a moment; a customer nobody knows has what nothing gives: counts of 0 and no values.

    Raises:
        InvalidInput: too many moments, or a name that is not defined.
    """
    if not moments:
        return []
    made, query = _asked(traits, wanted, moments, zone, known)
    rows: list[Row | None] = [None] * len(moments)
    for pair, _, _, *cells in warehouse.ask(query):
        values = {column.name: column.read(cell) for column, cell in zip(made.columns, cells, strict=True)}
        rows[pair] = Row(moments[pair].customer_id, moments[pair].at_us, values)
    return [row for row in rows if row is not None]


def as_of_table(
    warehouse: Warehouse, traits: Sequence[Trait], wanted: Collection[str], moments: Sequence[Moment], *, zone: str,
    known: Known = "received",
) -> pa.Table:  # fmt: skip
    """The same as an Arrow table with the columns pair, customer_id, at_us and one for each trait.

    Numbers, texts and booleans have their own types and instants are microseconds, so that a model can take them as
    they are; `pair` is the place of the moment among those given.
    """
    made, query = _asked(traits, wanted, moments, zone, known)
    table = warehouse.ask_arrow(query)
    return table.rename_columns(["pair", "customer_id", "at_us", *(column.name for column in made.columns)])


def at_instant(
    warehouse: Warehouse, traits: Sequence[Trait], wanted: Collection[str], at_us: int, *, zone: str,
    known: Known = "received",
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """The traits of every customer with an event by then, by customer."""
    made = everybody(traits, wanted, at_us, zone_of(zone), known=known)
    return {
        customer: {column.name: column.read(cell) for column, cell in zip(made.columns, cells, strict=True)}
        for _, customer, _, *cells in warehouse.ask(made.query())
    }


def everybody(
    traits: Sequence[Trait], wanted: Collection[str], at_us: int, zone: ZoneInfo, *, known: Known = "received",
    prefix: str = "v",
) -> Statement:  # fmt: skip
    """The statement that computes traits of every customer at one instant."""
    name = f"{prefix}_at_us"
    made = statement(traits, wanted, _ALL.replace("$at_us", f"${name}"), zone=zone, span=(at_us, at_us), known=known,
                     prefix=prefix)  # fmt: skip
    return Statement(made.sql, made.params | {name: at_us}, made.columns)


def _asked(
    traits: Sequence[Trait], wanted: Collection[str], moments: Sequence[Moment], zone: str, known: Known
) -> tuple[Statement, Query]:
    if len(moments) > MAX_PAIRS:
        raise InvalidInput(f"{len(moments)} moments at once, wanted at most {MAX_PAIRS}", field="moments")
    instants = [moment.at_us for moment in moments]
    span = (min(instants, default=0), max(instants, default=0))
    made = statement(traits, wanted, _GIVEN, zone=zone_of(zone), span=span, known=known)
    given = {"customers": [moment.customer_id for moment in moments], "instants": instants}
    return made, Query(made.sql, made.params | given)
