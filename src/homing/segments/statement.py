"""How is a condition one boolean expression over tables of what customers did and what is said of them?

While the tree is turned into the expression, what its leaves need is collected: events, properties, measures, traits,
windows. The tables that hold exactly that are written then, so what nobody asks for costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from homing.core.calendar import Zones
from homing.core.condition import (
    ZONE_TRAIT,
    Absent,
    All,
    Any_,
    Condition,
    Did,
    InSegment,
    Near,
    Not,
    Sequence,
    Share,
    Step,
    Top,
    Trait,
    fingerprint,
    plain,
    walk,
)
from homing.core.condition_values import ORDERS, matcher
from homing.core.errors import InvalidInput
from homing.core.event import OWN_SOURCE
from homing.core.query import Query
from homing.profile.book import KEPT, OWN_ACTIVITY
from homing.profile.person import ACTIVE
from homing.profile.traits.conditions import DefinedTraits
from homing.segments.judges import wanted_number
from homing.segments.leaves import Leaf
from homing.segments.share import HEX_DIGITS, share_limit
from homing.segments.sql_tables import ORDER as _ORDER
from homing.segments.sql_tables import Calendar, chained, ranked, within
from homing.segments.sql_values import Forms, sign

EVERYBODY = "SELECT DISTINCT customer_id FROM events WHERE customer_id IS NOT NULL AND happened_us <= $at"
_OVER_EVENTS = (All, Any_, Not, Did, Absent, Share)  # what can be told without a trait
_FORMS = ("k", "s", "n", "l")  # of `Forms.of_columns`
UTC = Zones()


@dataclass(slots=True)
class Statement:
    """Collects what the tree needs of events and traits while it is turned into one boolean expression."""

    at_us: int
    computed: frozenset[str] = frozenset()
    zones: Zones = UTC
    defined: DefinedTraits | None = None
    params: dict[str, object] = field(default_factory=dict)
    _names: dict[object, str] = field(default_factory=dict)
    _events: dict[str, str] = field(default_factory=dict)
    _properties: dict[str, str] = field(default_factory=dict)
    _measures: dict[str, str] = field(default_factory=dict)
    _traits: dict[str, str] = field(default_factory=dict)
    _sequences: dict[bytes, str] = field(default_factory=dict)
    _marks: dict[str, list[str]] = field(default_factory=dict)  # the tables behind each sequence
    _tops: dict[str, Top] = field(default_factory=dict)
    _from_us: int | None = None
    _ever: bool = False
    _calendar: Calendar = field(init=False)

    def __post_init__(self) -> None:
        self.params["at"] = self.at_us
        self._calendar = Calendar(self.at_us, self.zones, self.bind, computed=ZONE_TRAIT in self.computed)

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
        first = self._first(tree)
        people = EVERYBODY if True in _idle(tree) else self._touched()
        if first:
            people = f"SELECT * FROM measured WHERE {first}"
        joined = (name for name in self._used() if not (first and name == "measured"))
        joins = "".join(f"\n  LEFT JOIN {name} USING (customer_id)" for name in joined)
        sql = (
            self.head()
            + self._tail(people, first=bool(first))
            + f"SELECT customer_id FROM people{joins}\nWHERE {where}"
        )
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
        joins, tables = "", ""
        if self._calendar.used:
            columns += self._calendar.columns()
            joins = self._calendar.joins()
            tables = "".join(f"{table}, " for table in self._calendar.tables(self._from_us or 0))
        return (
            f"WITH {tables}matched AS (\n  SELECT " + ",\n    ".join(columns) + f"\n  FROM events{joins}\n"
            f"  WHERE customer_id IS NOT NULL AND happened_us <= $at{after} AND name IN ({named})\n)\n"
        )

    def filter(self, node: Did | Absent | Leaf) -> str:
        """Which rows of `matched` a leaf counts."""
        during = node.during if isinstance(node, Did | Absent) else None
        if during is None and node.window_us is None:
            self._ever = True
            return self.fits(node)
        event, *others = self._parts(node)
        return " AND ".join([event, self.inside(node.window_us, during), *others])

    def fits(self, node: Did | Absent | Leaf | Step) -> str:
        """Which rows are of its event, whenever they happened."""
        return " AND ".join(self._parts(node))

    def inside(self, window_us: int | None, during: str | None = None) -> str:
        """Which rows lie in a window."""
        begin = self.at_us - (window_us or 0) if during is None else self._calendar.earliest(during) - 1
        self._from_us = begin if self._from_us is None else min(begin, self._from_us)
        return f"happened_us > {self.bind(begin)}" if during is None else self._calendar.inside(during)

    # -- inside --------------------------------------------------------------------------------------------------------
    def _parts(self, node: Did | Absent | Leaf | Step) -> list[str]:
        self._events[node.event] = node.event
        parts = [f"name = {self.bind(node.event)}"]
        parts += [self.property(w.property).compare(w.op, w.value, self.bind) for w in node.where]
        if node.near is not None:
            lat, lng = self.property(node.near.lat_property), self.property(node.near.lng_property)
            parts.append(within(node.near, lat.number, lng.number, self.bind))
        if not isinstance(node, Leaf) and node.clock is not None:
            parts.append(self._calendar.shows(node.clock))
        return parts

    def _expression(self, tree: Condition) -> str:
        tree = plain(tree)
        if isinstance(tree, All | Any_):
            return "(" + (" AND " if isinstance(tree, All) else " OR ").join(map(self._expression, tree.of)) + ")"
        if isinstance(tree, Not):
            return f"(NOT {self._expression(tree.of)})"
        if isinstance(tree, Did | Absent):
            return self._over_events(tree)
        if isinstance(tree, Sequence):
            return self._sequence(tree)
        return self._standing(tree)

    def _standing(self, tree: Condition) -> str:
        """What is told by who the customer is."""
        if isinstance(tree, Trait):
            return self._trait(tree)
        if isinstance(tree, Near):
            lat, lng = (
                Forms.of_columns(self._column_of(tree.lat_trait)),
                Forms.of_columns(self._column_of(tree.lng_trait)),
            )
            return within(tree, lat.number, lng.number, self.bind)
        if isinstance(tree, Top):
            self._column_of(tree.trait)
            name = next((known for known, top in self._tops.items() if top == tree), f"r{len(self._tops)}")
            self._tops[name] = tree
            return f"coalesce({name}, false)"
        if isinstance(tree, Share):
            digits = f"substr(sha256(concat({self.bind(tree.salt)}, ':', customer_id)), 1, {HEX_DIGITS})"
            return f"({digits} < {self.bind(share_limit(tree.percent))})"
        raise InvalidInput(f"{tree.type} is not written out, wanted a tree without in_segment")

    def _sequence(self, node: Sequence) -> str:
        name = self._sequences.setdefault(fingerprint(node), f"q{len(self._sequences)}")
        if name not in self._marks:
            fits, inside = [self.fits(step) for step in node.steps], self.inside(node.window_us, node.during)
            gaps = [step.gap_us for step in node.steps]
            self._marks[name] = chained(name, fits, gaps, inside=inside, span_us=node.span_us, bind=self.bind)
        return f"coalesce({name}, false)"

    def _over_events(self, node: Did | Absent) -> str:
        keep = self.filter(node)
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

    def _active(self, node: Trait) -> str:
        """Whether she did anything by then: it is no trait that is kept, so that any instant can be asked for."""
        if node.op not in ("eq", "ne") or not isinstance(node.value, bool):
            raise InvalidInput(
                f"{ACTIVE} with operator {node.op}, wanted eq or ne and true or false", field="condition"
            )
        own = ", ".join(map(self.bind, sorted({*OWN_ACTIVITY, "Message Opened"})))
        did = (
            "customer_id IN (SELECT customer_id FROM events WHERE customer_id IS NOT NULL AND happened_us <= $at"
            f" AND kind <> 'identify' AND (source_id <> {self.bind(OWN_SOURCE)} OR name IN ({own})))"
        )
        return f"({did})" if (node.op == "eq") == node.value else f"(NOT {did})"

    def _trait(self, node: Trait) -> str:
        if node.name == ACTIVE:
            return self._active(node)
        column = self._column_of(node.name)
        missing = node.op == "not_exists"
        compared = Forms.of_columns(column).compare(node.op, node.value, self.bind)
        return f"coalesce({compared}, {str(missing).lower()})"

    def _column_of(self, trait: str) -> str:
        if trait not in self._traits:
            self._traits[trait] = f"t{len(self._traits)}"
        return self._traits[trait]

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
        own = self._defined()
        return {name: column for name, column in self._traits.items() if name not in own and not self._kept(name)}

    def _stored(self) -> dict[str, str]:
        return {name: column for name, column in self._traits.items() if self._kept(name)}

    def _defined(self) -> dict[str, str]:
        """The traits that a definition in force says."""
        names = self.defined.names() if self.defined is not None else frozenset()
        return {name: column for name, column in self._traits.items() if name in names}

    def _kept(self, name: str) -> bool:
        """Whether a trait stands in `customers`: the profile computes it, or it is a tag or a stage."""
        return name in self.computed or name.startswith(KEPT)

    def _first(self, tree: Condition) -> str:
        """What the events alone decide where all must hold: only of whom it lets through is the rest looked up."""
        if not isinstance(tree, All) or not self._traits or self._tops:
            return ""
        alone = [part for part in tree.of if all(isinstance(n, _OVER_EVENTS) for n in walk(part))]
        if all(True in _idle(part) for part in alone):
            return ""
        return " AND ".join(map(self._expression, alone))

    def _touched(self) -> str:
        return " UNION ".join(f"SELECT customer_id FROM {name}" for name in self._used()) or f"{EVERYBODY} AND false"

    def _used(self) -> list[str]:
        """The tables that say something of a customer."""
        tables = (("measured", self._measures), ("said", self._said()), ("stored", self._stored()),
                  ("defined", self._defined()))  # fmt: skip
        return [*(name for name, columns in tables if columns), *self._marks, *self._tops]

    def _tail(self, people: str, *, first: bool) -> str:
        tables = [table for made in self._marks.values() for table in made]
        if self._measures:
            columns = "".join(f",\n    {what} AS {name}" for what, name in self._measures.items())
            tables.append(f"measured AS (\n  SELECT customer_id{columns}\n  FROM matched GROUP BY customer_id\n)")
        if first:
            tables.append(f"people AS (\n  {people}\n)")
        if self._said():
            tables += self._said_tables(" AND customer_id IN (SELECT customer_id FROM people)" if first else "")
        if self._stored():
            columns = "".join(
                _column(f"variant_extract(traits, {self.bind(name)})", column)
                for name, column in self._stored().items()
            )
            tables.append(f"stored AS (\n  SELECT customer_id{columns}\n  FROM customers WHERE first_seen_us <= $at\n)")
        if self.defined is not None and (own := self._defined()):
            sql, values = self.defined.table(own, self.at_us)
            self.params.update(values)
            tables.append(f"defined AS (\n  {sql}\n)")
        for name, top in self._tops.items():
            source = "defined" if top.trait in self._defined() else "stored" if self._kept(top.trait) else "said"
            tables.append(ranked(name, top, source, Forms.of_columns(self._traits[top.trait]).number, self.bind))
        if not first:
            tables.append(f"people AS (\n  {people}\n)")
        lead = ", " if self._events else "WITH "
        return lead + ", ".join(tables) + "\n"

    def _said_tables(self, only: str) -> list[str]:
        """What was said last, taken apart before it is compared by time: an order of texts costs half of VARIANTs'."""
        said, columns = self._said(), ""
        for name, column in said.items():
            only_it = f" FILTER (WHERE name = {self.bind(name)})" if len(said) > 1 else ""
            for form in _FORMS:
                columns += f",\n    arg_max_null(v{form}, {_ORDER}){only_it} AS {column}{form}"
        names = ", ".join(map(self.bind, said))
        forms = ",\n    ".join(["customer_id", "name", "happened_us", "log_offset", "value AS v", *Forms.columns("v")])
        return [
            f"words AS (\n  SELECT {forms}\n  FROM trait_words\n  WHERE name IN ({names})"
            f" AND happened_us <= $at{only}\n)",
            f"said AS (\n  SELECT customer_id{columns}\n  FROM words GROUP BY customer_id\n)",
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
    if isinstance(tree, Share | InSegment) or (isinstance(tree, Trait) and tree.name == ACTIVE):
        return frozenset({True, False})
    return frozenset({_idle_leaf(tree)})


def _idle_leaf(tree: Condition) -> bool:
    tree = plain(tree)
    if isinstance(tree, Trait):
        return matcher(tree.op, tree.value)(None)
    if isinstance(tree, Absent):
        return True
    return isinstance(tree, Did) and tree.measure in ("count", "sum") and ORDERS[tree.op](0, wanted_number(tree))
