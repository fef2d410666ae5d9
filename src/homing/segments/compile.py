"""Which customers satisfy a condition at an instant? One statement over the whole warehouse.

Everybody is every customer (merged ones under the surviving id) with an event that happened by then. A trait's value is
what the latest identify event naming it said, by (happened time, log offset); null takes it away. Traits that the
profile computes itself stand in `customers` and are read there, as they are now. Names and values are bound, never
pasted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from homing.core.condition import Absent, All, Any_, Condition, Did, InSegment, Not, Share, Trait, Where, walk
from homing.core.condition_values import ORDERS, matcher
from homing.core.errors import InvalidInput
from homing.core.query import Query
from homing.segments.judges import wanted_number
from homing.segments.leaves import Leaf
from homing.segments.share import HEX_DIGITS, share_limit
from homing.segments.sql_values import Forms, sign

EVERYBODY = "SELECT DISTINCT customer_id FROM events WHERE customer_id IS NOT NULL AND happened_us <= $at"
_ORDER = "{'t': happened_us, 'o': log_offset}"


def members(tree: Condition, at_us: int, *, computed: Collection[str] = ()) -> Query:
    """The ids of the customers who satisfy the tree, one a row.

    Args:
        tree: without `in_segment`; see `condition.inline`.
        at_us: the instant.
        computed: names of traits that are read from `customers`.
    """
    return _Statement(at_us, frozenset(computed)).members(tree)


def count(tree: Condition, at_us: int, *, examples: int, computed: Collection[str] = ()) -> Query:
    """One row: how many satisfy the tree, how many customers there are, and the first ids of the former."""
    inner = members(tree, at_us, computed=computed)
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
    statement = _Statement(at_us)
    keep = statement.filter(leaf.event, leaf.where, leaf.window_us)
    value = "NULL"
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
    statement = _Statement(at_us)
    keep = statement.filter(leaf.event, leaf.where, leaf.window_us)
    what = "count(*)" if leaf.of is None else f"CAST(sum({statement.property(leaf.of).units()}) AS BIGINT)"
    sql = (
        f"{statement.head()}SELECT customer_id, {what} AS n FROM matched WHERE log_offset < $before AND {keep}"
        " GROUP BY customer_id HAVING n IS NOT NULL"
    )
    return Query(sql, {**statement.params, "before": before_offset})


@dataclass(slots=True)
class _Statement:
    """Collects what the tree needs of events and traits while it is turned into one boolean expression."""

    at_us: int
    computed: frozenset[str] = frozenset()
    params: dict[str, object] = field(default_factory=dict)
    _names: dict[object, str] = field(default_factory=dict)
    _events: dict[str, str] = field(default_factory=dict)
    _properties: dict[str, str] = field(default_factory=dict)
    _measures: dict[str, str] = field(default_factory=dict)
    _traits: dict[str, str] = field(default_factory=dict)
    _from_us: int | None = None
    _ever: bool = False

    def __post_init__(self) -> None:
        self.params["at"] = self.at_us

    def bind(self, value: object) -> str:
        """The name of a bound value; equal values share one."""
        known = (type(value), tuple(value)) if isinstance(value, list) else (type(value), value)
        if known not in self._names:
            self._names[known] = f"v{len(self._names)}"
            self.params[self._names[known]] = value
        return "$" + self._names[known]

    def members(self, tree: Condition) -> Query:
        """The whole statement."""
        where = self._expression(tree)
        people = EVERYBODY if True in _idle(tree) else self._touched()
        joins = "".join(
            f"\n  LEFT JOIN {name} USING (customer_id)"
            for name, used in (("measured", self._measures), ("said", self._said()), ("stored", self._stored()))
            if used
        )
        sql = self.head() + self._tail(people) + f"SELECT customer_id FROM people{joins}\nWHERE {where}"
        return Query(sql, self.params)

    def head(self) -> str:
        """The common table of the events that any leaf looks at."""
        if not self._events:
            return ""
        after = "" if self._ever or self._from_us is None else f" AND happened_us > {self.bind(self._from_us)}"
        columns = ["customer_id", "name", "happened_us", "log_offset", "properties"]
        for name, column in self._properties.items():
            columns.append(f"variant_extract(properties, {self.bind(name)}) AS {column}")
            columns += Forms.columns(column)
        named = ", ".join(map(self.bind, self._events))
        return (
            "WITH matched AS (\n  SELECT " + ",\n    ".join(columns) + "\n  FROM events\n"
            f"  WHERE customer_id IS NOT NULL AND happened_us <= $at{after} AND name IN ({named})\n)\n"
        )

    def filter(self, event: str, where: tuple[Where, ...], window_us: int | None) -> str:
        """Which rows of `matched` a leaf counts."""
        self._events[event] = event
        parts = [f"name = {self.bind(event)}"]
        if window_us is None:
            self._ever = True
        else:
            begin = self.at_us - window_us
            self._from_us = begin if self._from_us is None else min(begin, self._from_us)
            parts.append(f"happened_us > {self.bind(begin)}")
        parts += [self.property(w.property).compare(w.op, w.value, self.bind) for w in where]
        return " AND ".join(parts)

    # -- inside --------------------------------------------------------------------------------------------------------
    def _expression(self, tree: Condition) -> str:
        if isinstance(tree, All | Any_):
            return "(" + (" AND " if isinstance(tree, All) else " OR ").join(map(self._expression, tree.of)) + ")"
        if isinstance(tree, Not):
            return f"(NOT {self._expression(tree.of)})"
        if isinstance(tree, Did | Absent):
            return self._over_events(tree)
        if isinstance(tree, Trait):
            return self._trait(tree)
        if isinstance(tree, Share):
            digits = f"substr(sha256(concat({self.bind(tree.salt)}, ':', customer_id)), 1, {HEX_DIGITS})"
            return f"({digits} < {self.bind(share_limit(tree.percent))})"
        raise InvalidInput(f"segment {tree.segment!r} is not written out, wanted a tree without in_segment")

    def _over_events(self, node: Did | Absent) -> str:
        keep = self.filter(node.event, node.where, node.window_us)
        if isinstance(node, Absent):
            return f"(coalesce({self._measure(f'count(*) FILTER (WHERE {keep})')}, 0) = 0)"
        if node.measure in ("count", "sum"):
            what = "count(*)" if node.measure == "count" else f"sum({self.property(str(node.property)).units()})"
            column = self._measure(f"{what} FILTER (WHERE {keep})")
            return f"(coalesce({column}, 0) {sign(node.op)} {self.bind(wanted_number(node))})"
        pick = "arg_max" if node.measure == "last" else "arg_min"
        value = self.property(str(node.property)).struct()
        column = self._measure(f"{pick}({value}, {_ORDER}) FILTER (WHERE {keep})")
        compared = Forms.of_columns(f"{column}.").compare(node.op, node.value, self.bind)
        return f"({column} IS NOT NULL AND coalesce({compared}, false))"

    def _trait(self, node: Trait) -> str:
        if node.name not in self._traits:
            self._traits[node.name] = f"t{len(self._traits)}"
        column = self._traits[node.name]
        missing = node.op == "not_exists"
        compared = Forms.of_columns(column).compare(node.op, node.value, self.bind)
        return f"coalesce({compared}, {str(missing).lower()})"

    def property(self, name: str) -> Forms:
        """The forms of a property in `matched`."""
        if name not in self._properties:
            self._properties[name] = f"p{len(self._properties)}"
        return Forms.of_columns(self._properties[name])

    def _measure(self, expression: str) -> str:
        if expression not in self._measures:
            self._measures[expression] = f"m{len(self._measures)}"
        return self._measures[expression]

    def _said(self) -> dict[str, str]:
        return {name: column for name, column in self._traits.items() if name not in self.computed}

    def _stored(self) -> dict[str, str]:
        return {name: column for name, column in self._traits.items() if name in self.computed}

    def _touched(self) -> str:
        used = (("measured", self._measures), ("said", self._said()), ("stored", self._stored()))
        selects = [f"SELECT customer_id FROM {name}" for name, columns in used if columns]
        return " UNION ".join(selects) or f"{EVERYBODY} AND false"

    def _tail(self, people: str) -> str:
        tables = []
        if self._measures:
            columns = "".join(f",\n    {what} AS {name}" for what, name in self._measures.items())
            tables.append(f"measured AS (\n  SELECT customer_id{columns}\n  FROM matched GROUP BY customer_id\n)")
        if self._said():
            tables += self._said_tables()
        if self._stored():
            columns = "".join(
                _column(f"variant_extract(traits, {self.bind(name)})", column)
                for name, column in self._stored().items()
            )
            tables.append(f"stored AS (\n  SELECT customer_id{columns}\n  FROM customers WHERE first_seen_us <= $at\n)")
        tables.append(f"people AS (\n  {people}\n)")
        lead = ", " if self._events else "WITH "
        return lead + ", ".join(tables) + "\n"

    def _said_tables(self) -> list[str]:
        latest, forms = "", ""
        for name, column in self._said().items():
            key = self.bind(name)
            latest += (
                f",\n    arg_max({{'v': variant_extract(traits, {key})}}, {_ORDER})"
                f" FILTER (WHERE list_contains(json_keys(CAST(traits AS JSON)), {key})) AS latest_{column}"
            )
            forms += _column(f"latest_{column}.v", column)
        return [
            f"latest AS (\n  SELECT customer_id{latest}\n  FROM events\n  WHERE kind = 'identify'"
            " AND customer_id IS NOT NULL AND happened_us <= $at GROUP BY customer_id\n)",
            f"said AS (\n  SELECT customer_id{forms}\n  FROM latest\n)",
        ]


def _column(value: str, name: str) -> str:
    return "".join(f",\n    {part}" for part in (f"{value} AS {name}", *Forms.columns(name)))


def _idle(tree: Condition) -> frozenset[bool]:
    """What the tree may say of a customer without any of the events and traits it names."""
    if isinstance(tree, All | Any_):
        enough = isinstance(tree, Any_)  # one of these decides: true for any, false for all
        said = [_idle(child) for child in tree.of]
        may = {enough} if any(enough in one for one in said) else set()
        otherwise = not enough
        return frozenset(may | {otherwise} if all(otherwise in one for one in said) else may)
    if isinstance(tree, Not):
        return frozenset(not one for one in _idle(tree.of))
    if isinstance(tree, Share | InSegment):
        return frozenset({True, False})
    return frozenset({_idle_leaf(tree)})


def _idle_leaf(tree: Trait | Did | Absent) -> bool:
    if isinstance(tree, Trait):
        return matcher(tree.op, tree.value)(None)
    if isinstance(tree, Absent):
        return True
    return tree.measure in ("count", "sum") and ORDERS[tree.op](0, wanted_number(tree))


def trait_names(tree: Condition) -> frozenset[str]:
    """The traits a tree looks at."""
    return frozenset(node.name for node in walk(tree) if isinstance(node, Trait))
