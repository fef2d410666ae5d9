"""Why does a condition hold for a customer, or not? Each part of it with its answer and the figure behind it.

The figures are read from the warehouse, so they are those of its last load. Of a part that has no single figure (a
sequence, a place) only the answer is given; the words say what was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from homing.core.condition import Absent, All, Any_, Condition, Did, InSegment, Not, Share, Trait, children, plain
from homing.core.condition_values import UNITS, matcher, units_of
from homing.core.condition_words import sentences
from homing.core.query import Query
from homing.segments.compile import matching, members
from homing.segments.leaves import Sum
from homing.segments.membership import zones_of
from homing.segments.share import in_share, share_limit
from homing.storage.warehouse import Warehouse

EVER = 1 << 62  # behind every offset of the log
Names = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a condition and what it comes to for a customer."""

    type: str
    holds: bool
    sentence: Mapping[str, str]
    figure: Any = None  # a count, a sum, a value; None where there is none
    last_us: int | None = None  # when the last event that counts happened
    parts: tuple[Reason, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Asked:
    """Of whom, when, and where the answers are.

    Args:
        customer_id: of whom.
        at_us: the instant.
        trait_of: a trait of hers as it is now.
        computed: names of traits that are kept as they are now.
        names: of segments, for the words.
        zone: of the workspace.
    """

    customer_id: str
    at_us: int
    trait_of: Callable[[str], Any]
    computed: Collection[str]
    names: Names
    zone: str


def explain(warehouse: Warehouse, tree: Condition, asked: Asked, tree_of: Callable[[str], Condition]) -> Reason:
    """Each part of a tree, from the top.

    Args:
        warehouse: loaded up to the instant.
        tree: the condition; segments it names may stand in it.
        asked: of whom and when.
        tree_of: a segment's own condition by its id.
    """
    said = sentences(tree, asked.names)
    if isinstance(tree, InSegment):
        inner = explain(warehouse, tree_of(tree.segment), asked, tree_of)
        return Reason(tree.type, inner.holds, said, parts=(inner,))
    if isinstance(tree, All | Any_ | Not):
        parts = tuple(explain(warehouse, child, asked, tree_of) for child in children(tree))
        holds = [part.holds for part in parts]
        joined = not holds[0] if isinstance(tree, Not) else (any if isinstance(tree, Any_) else all)(holds)
        return Reason(tree.type, joined, said, parts=parts)
    leaf = plain(tree)
    if isinstance(leaf, Trait):
        value = asked.trait_of(leaf.name)
        return Reason(tree.type, bool(matcher(leaf.op, leaf.value)(value)), said, value)
    if isinstance(leaf, Share):
        return Reason(tree.type, in_share(leaf.salt, asked.customer_id, share_limit(leaf.percent)), said)
    figure, last = _figure(warehouse, leaf, asked) if isinstance(leaf, Did | Absent) else (None, None)
    return Reason(tree.type, _holds(warehouse, leaf, asked), said, figure, last)


def _holds(warehouse: Warehouse, leaf: Condition, asked: Asked) -> bool:
    zones = zones_of(warehouse, leaf, asked.zone)
    everyone = members(leaf, asked.at_us, computed=asked.computed, zones=zones, defined=warehouse.defined_now())
    one = f"SELECT count(*) FROM ({everyone.sql}) WHERE customer_id = $only_this_one"
    ((n,),) = warehouse.ask(Query(one, {**everyone.params, "only_this_one": asked.customer_id}))
    return bool(n)


def _figure(warehouse: Warehouse, leaf: Did | Absent, asked: Asked) -> tuple[Any, int | None]:
    """How often, how much, or what last; and when the last of it happened."""
    if getattr(leaf, "zoned", False):
        return None, None  # hours and calendar days: the answer says enough
    measure = leaf.measure if isinstance(leaf, Did) else "count"
    of = leaf.property if isinstance(leaf, Did) else None
    kept = Sum(leaf.event, leaf.where, leaf.window_us, of, near=leaf.near)
    found = matching(kept, asked.at_us, before_offset=EVER)
    summed = f"SELECT happened_us, value FROM ({found.sql}) WHERE customer_id = $only_this_one ORDER BY happened_us"
    rows = warehouse.ask(Query(summed, {**found.params, "only_this_one": asked.customer_id}))
    last = int(rows[-1][0]) if rows else None
    if measure == "count":
        return len(rows), last
    values = [_decoded(row[1]) for row in rows]
    if measure == "sum":
        return sum(units_of(v) or 0 for v in values) / UNITS, last
    return ((values[0] if measure == "first" else values[-1]) if values else None), last


def _decoded(text: str | None) -> Any:
    import msgspec  # noqa: PLC0415

    return None if text is None else msgspec.json.decode(text)
