"""What is known of every customer at an instant, as numbers? One row a customer, one column a feature.

Two steps, so that yesterday's table has today's columns: `choose` looks at what there is and writes down the columns,
`matrix` fills them as of any instant. Nothing after the instant is read. NaN stands for "cannot be said" (no order yet:
no days since one), never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Protocol

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from homing.core.condition_values import text_of_number
from homing.core.errors import InvalidInput
from homing.core.query import Query
from homing.predict import feature_sql as sql
from homing.predict.definitions import FAMILIES, Family, FeatureSpec

Floats = NDArray[np.float64]
Unit = Literal["count", "money", "days", "share", "flag", "number"]
LEVELS = 8  # values of a trait that get a column of their own
FEWEST = 0.005  # of the customers must have a value, a category or an event for it to be a column
NUMERIC = 0.95  # of a trait's values must be numbers for it to be one
VALUES_SEEN = 2_000
WITHOUT = frozenset({"email", "phone", "name", "first_name", "last_name", "address", "avatar", "birthday", "id"})
_MEASURES: dict[str, Unit] = {
    "orders": "count", "spent": "money", "days_since_order": "days", "mean_order": "money", "order_gap": "days",
}  # fmt: skip


class Asks(Protocol):
    """What answers a query: the warehouse."""

    def ask(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    def ask_arrow(self, query: Query) -> pa.Table:
        """The rows of a query, columnar."""


@dataclass(frozen=True, slots=True)
class Column:
    """One feature: `key` is its stable name; `of` what it is about, `part` which figure or value of that."""

    key: str
    family: Family
    of: str
    part: str
    unit: Unit

    @property
    def basis(self) -> tuple[str, str]:
        """What a condition would name to speak of the same thing: ("event" or "trait", name)."""
        if self.family == "traits":
            return "trait", self.of
        return "event", sql.ORDER if self.family in {"orders", "bought"} else self.of


@dataclass(frozen=True, slots=True)
class Plan:
    """Which columns there are and how far back they look; the same plan fills any instant."""

    columns: tuple[Column, ...]
    lookback_us: int
    currency: str
    left_out: tuple[str, ...] = ()  # keys that would give the answer away

    def as_dict(self) -> dict[str, Any]:
        """As it is kept."""
        return {"columns": [asdict(c) for c in self.columns], "lookback_us": self.lookback_us,
                "currency": self.currency, "left_out": list(self.left_out)}  # fmt: skip

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Plan:
        """The plan as it was kept."""
        columns = tuple(Column(**c) for c in kept["columns"])
        return cls(columns, kept["lookback_us"], kept["currency"], tuple(kept["left_out"]))

    def without(self, bases: Collection[tuple[str, str]]) -> Plan:
        """The plan without the features that speak of these events and traits."""
        gone = [c for c in self.columns if c.basis in bases]
        kept = tuple(c for c in self.columns if c not in gone)
        if not kept:
            raise InvalidInput(
                "every feature speaks of what the label itself is made of, wanted another label, more families, or"
                " `keep_definition: true`", field="features",
            )  # fmt: skip
        return replace(self, columns=kept, left_out=tuple(c.key for c in gone))


@dataclass(frozen=True, slots=True)
class Matrix:
    """The filled table; `x` has a row a customer and a column a feature."""

    customers: tuple[str, ...]
    columns: tuple[Column, ...]
    x: Floats
    as_of_us: int

    def rows(self, picked: NDArray[Any]) -> Matrix:
        """Some of its rows, by a mask or by positions."""
        ids = np.array(self.customers, dtype=object)[picked]
        return Matrix(tuple(ids), self.columns, self.x[picked], self.as_of_us)

    def among(self, customers: Collection[str]) -> NDArray[np.bool_]:
        """Which rows are of these customers."""
        return np.fromiter((c in customers for c in self.customers), dtype=bool, count=len(self.customers))


def choose(warehouse: Asks, spec: FeatureSpec, as_of_us: int, *, currency: str) -> Plan:
    """The columns that what happened by an instant has enough of.

    Args:
        warehouse: what answers queries.
        spec: which families, how far back, how many of each.
        as_of_us: nothing later is looked at.
        currency: orders in another one do not count.

    Raises:
        InvalidInput: there is nobody by then, or nothing is left of the features.
    """
    ((n,),) = warehouse.ask(Query(sql.HOW_MANY, {"at": as_of_us}))
    if not n:
        raise InvalidInput("there is nobody in this workspace by then, wanted customers", field="as_of")
    look = _Look(warehouse, as_of_us, as_of_us - spec.lookback_us, currency, max(2, int(n * FEWEST)))
    found = [c for family in FAMILIES if family in spec.families for c in look.columns(family, spec.top)]
    kept = tuple(c for c in found if c.key not in spec.exclude and c.of not in spec.exclude)
    if not kept:
        raise InvalidInput("nothing is known of the customers by then, wanted events or traits", field="features")
    return Plan(kept, spec.lookback_us, currency)


def matrix(warehouse: Asks, plan: Plan, as_of_us: int) -> Matrix:
    """Fill a plan's columns for everybody there was by an instant; customers in the order of their ids."""
    ids = warehouse.ask_arrow(sql.people(as_of_us)).column(0).to_pylist()
    x = np.full((len(ids), len(plan.columns)), np.nan)
    look = _Look(warehouse, as_of_us, as_of_us - plan.lookback_us, plan.currency)
    for family in FAMILIES:
        wanted = [(at, c) for at, c in enumerate(plan.columns) if c.family == family]
        if wanted:
            look.fill(family, wanted, x)
    return Matrix(tuple(ids), plan.columns, x, as_of_us)


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at the warehouse as of an instant."""

    warehouse: Asks
    at: int
    since: int
    currency: str
    least: int = 2  # customers that something must be known of to be a column

    # -- which columns -------------------------------------------------------------------------------------------------
    def columns(self, family: Family, top: int) -> list[Column]:
        """The columns of a family."""
        if family == "orders":
            return [Column(f"orders.{m}", family, sql.ORDER, m, unit) for m, unit in _MEASURES.items()]
        statement = {"behaviour": sql.EVENT_NAMES, "bought": sql.BOUGHT, "viewed": sql.VIEWED,
                     "channels": sql.CHANNELS, "traits": sql.TRAIT_NAMES}[family]  # fmt: skip
        params = {"at": self.at, "top": top} | ({} if family == "traits" else {"since": self.since})
        names = [str(name) for name, people in self.warehouse.ask(Query(statement, params)) if people >= self.least]
        if family == "behaviour":
            parts: tuple[tuple[str, Unit], ...] = (("count", "count"), ("recent", "count"), ("days_since", "days"))
            return [Column(f"event.{n}.{p}", family, n, p, u) for n in names if n != sql.ORDER for p, u in parts]
        if family == "traits":
            return [c for name in names if name.lower() not in WITHOUT for c in self._of_trait(name)]
        unit: Unit = "share" if family == "channels" else "count"
        return [Column(f"{family}.{name}", family, name, unit, unit) for name in names]

    def _of_trait(self, name: str) -> list[Column]:
        rows = self.warehouse.ask(Query(sql.TRAIT_VALUES, {"name": name, "at": self.at, "top": VALUES_SEEN}))
        values = [(msgspec.json.decode(text), people) for text, people in rows if text is not None and text != "null"]
        total = sum(people for _, people in values)
        if not total:
            return []
        numbers = sum(p for v, p in values if isinstance(v, int | float) and not isinstance(v, bool))
        if numbers >= NUMERIC * total and len(values) > 2:
            return [Column(f"trait.{name}", "traits", name, "number", "number")]
        if any(isinstance(v, list) for v, _ in values):
            values = _members(values)
        usual = [(_level(v), p) for v, p in values if _level(v) is not None and p >= self.least][:LEVELS]
        if len(usual) == 2 and sum(p for _, p in usual) == total:
            usual = usual[1:]  # the other is its opposite
        return [Column(f"trait.{name}={level}", "traits", name, str(level), "flag") for level, _ in usual]

    # -- what is in them -----------------------------------------------------------------------------------------------
    def fill(self, family: Family, wanted: list[tuple[int, Column]], x: Floats) -> None:
        """Fill the wanted columns of a family, each at its place."""
        if family == "traits":
            for name in dict.fromkeys(c.of for _, c in wanted):
                self._fill_trait(name, [(n, c) for n, c in wanted if c.of == name], x)
            return
        names = list(dict.fromkeys(c.of for _, c in wanted))
        query, place = self._asked(family, names)
        table = self.warehouse.ask_arrow(query)
        for n, column in wanted:
            x[:, n] = table.column(place(column)).to_numpy(zero_copy_only=False).astype(np.float64)

    def _asked(self, family: Family, names: list[str]) -> tuple[Query, Callable[[Column], int]]:
        """The statement of a family, and where it puts each column."""
        at, since = self.at, self.since
        if family == "orders":
            return sql.orders(at, since, self.currency), lambda c: list(_MEASURES).index(c.part)
        if family == "behaviour":
            offset = {"count": 0, "recent": 1, "days_since": 2}
            return sql.behaviour(names, at, since), lambda c: 3 * names.index(c.of) + offset[c.part]
        if family == "channels":
            return sql.shares("channel", names, at, since), lambda c: names.index(c.of)
        view = "order_lines" if family == "bought" else "events"
        return sql.counts(view, names, at, since), lambda c: names.index(c.of)

    def _fill_trait(self, name: str, wanted: list[tuple[int, Column]], x: Floats) -> None:
        texts = self.warehouse.ask_arrow(sql.trait(name, self.at)).column(0).dictionary_encode().combine_chunks()
        texts = texts.chunk(0) if isinstance(texts, pa.ChunkedArray) else texts
        known = [None if t is None else msgspec.json.decode(t) for t in texts.dictionary.to_pylist()]
        codes = texts.indices.fill_null(len(known)).to_numpy(zero_copy_only=False).astype(np.int64)
        for n, column in wanted:
            values = [_figure(column, value) for value in known]
            x[:, n] = np.array([*values, np.nan if column.unit == "number" else 0.0])[codes]


def _members(values: Iterable[tuple[Any, int]]) -> list[tuple[Any, int]]:
    """How many have each member of a list."""
    found: dict[str, int] = {}
    for value, people in values:
        for one in {str(v) for v in value} if isinstance(value, list) else {str(value)}:
            found[one] = found.get(one, 0) + people
    return sorted(found.items(), key=lambda x: (-x[1], x[0]))


def _level(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and len(value) <= 60:
        return value
    return text_of_number(value) if isinstance(value, int | float) else None


def _figure(column: Column, value: Any) -> float:
    if column.unit == "number":
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else np.nan
    if isinstance(value, list):
        return float(column.part in {str(v) for v in value})
    return float(value is not None and _level(value) == column.part)
