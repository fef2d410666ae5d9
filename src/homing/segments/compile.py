"""Which customers satisfy a condition at an instant? One statement over the whole warehouse.

Everybody is every customer (merged ones under the surviving id) with an event that happened by then. A trait's value is
what the latest identify event naming it said, by (happened time, log offset); null takes it away. Traits that the
profile computes itself stand in `customers` and are read there, as they are now. A customer's zone is that of her trait
`timezone`. Names and values are bound, never pasted.
"""

from __future__ import annotations

from collections.abc import Collection

from homing.core.calendar import Zones
from homing.core.condition import Condition
from homing.core.query import Query
from homing.profile.traits.conditions import DefinedTraits
from homing.segments.kept import Path
from homing.segments.leaves import Leaf
from homing.segments.sql_tables import sampled
from homing.segments.statement import EVERYBODY, UTC, Statement


def members(
    tree: Condition, at_us: int, *, computed: Collection[str] = (), zones: Zones = UTC,
    defined: DefinedTraits | None = None,
) -> Query:  # fmt: skip
    """The ids of the customers who satisfy the tree, one a row.

    Args:
        tree: without `in_segment`; see `condition.inline`.
        at_us: the instant.
        computed: names of traits that are read from `customers`.
        zones: the workspace's zone, and every zone that a customer names; looked at where the tree reads a zone.
        defined: the traits that definitions in force say.
    """
    return Statement(at_us, frozenset(computed), zones, defined).members(tree)


def sample(
    tree: Condition, at_us: int, *, below: int, computed: Collection[str] = (), zones: Zones = UTC,
    defined: DefinedTraits | None = None,
) -> Query:  # fmt: skip
    """One row: how many of a random share of the customers satisfy the tree, and how many customers the share has.

    Args:
        tree: as in `members`.
        at_us: the instant.
        below: the share, as a number of 2^32.
        computed: as in `members`.
        zones: as in `members`.
        defined: as in `members`.
    """
    statement = Statement(at_us, frozenset(computed), zones, defined)
    table, drawn = sampled(statement.bind, below)
    inner = statement.members(tree)
    sql = (
        f"WITH {table}\nSELECT (SELECT count(*) FROM (\n{inner.sql}\n) WHERE {drawn}),"
        f" (SELECT count(*) FROM ({EVERYBODY}))"
    )
    return Query(sql, inner.params)


def count(
    tree: Condition, at_us: int, *, examples: int, computed: Collection[str] = (), zones: Zones = UTC,
    defined: DefinedTraits | None = None,
) -> Query:  # fmt: skip
    """One row: how many satisfy the tree, how many customers there are, and the first ids of the former."""
    inner = members(tree, at_us, computed=computed, zones=zones, defined=defined)
    sql = (
        f"SELECT count(*), (SELECT count(*) FROM ({EVERYBODY})), coalesce(min(customer_id, $examples), [])"
        f" FROM ({inner.sql})"
    )
    return Query(sql, {**inner.params, "examples": examples})


def everybody(at_us: int) -> Query:
    """Every customer with an event by then."""
    return Query(EVERYBODY, {"at": at_us})


def matching(leaf: Leaf, at_us: int, *, before_offset: int) -> Query:
    """The events a leaf keeps: customer, happened time, offset, and the JSON text of the property it measures."""
    statement = Statement(at_us)
    value = "NULL"
    if isinstance(leaf, Path):
        fits = [statement.fits(step) for step in leaf.steps]
        keep = f"({' OR '.join(f'({fit})' for fit in fits)}) AND {statement.inside(leaf.window_us)}"
        value = (
            f"CAST({' + '.join(f'CASE WHEN {fit} THEN {1 << n} ELSE 0 END' for n, fit in enumerate(fits))} AS VARCHAR)"
        )
    else:
        keep = statement.filter(leaf)
    if leaf.of is not None:
        value = f"CAST(CAST(variant_extract(properties, {statement.bind(leaf.of)}) AS JSON) AS VARCHAR)"
    newest = leaf.newest()
    only = "" if newest is None else (
        "\nQUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY happened_us DESC, log_offset DESC)"
        f" <= {statement.bind(newest)}"
    )  # fmt: skip
    sql = (
        f"{statement.head()}SELECT customer_id, happened_us, log_offset, {value} AS value FROM matched"
        f" WHERE log_offset < $before AND {keep}{only}"
    )
    return Query(sql, {**statement.params, "before": before_offset})


def tally(leaf: Leaf, at_us: int, *, before_offset: int) -> Query:
    """What a count or sum without a window has come to, by customer."""
    statement = Statement(at_us)
    keep = statement.filter(leaf)
    what = "count(*)" if leaf.of is None else f"CAST(sum({statement.property(leaf.of).units()}) AS BIGINT)"
    sql = (
        f"{statement.head()}SELECT customer_id, {what} AS n FROM matched WHERE log_offset < $before AND {keep}"
        " GROUP BY customer_id HAVING n IS NOT NULL"
    )
    return Query(sql, {**statement.params, "before": before_offset})
