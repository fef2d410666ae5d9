"""What is each trait worth for these customers at these instants? One statement over the whole warehouse.

A *pair* is a customer and an instant. What is seen at a pair is what the customer had done by then and, unless one asks
otherwise, what had been received by then: what was known. Events that arrived late are seen from the instant they
arrived; a model that learns from such reads learns from nothing it could not have had.
Customers are who they are known to be today: events of a customer that was merged since count for who remained.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from homing.core.errors import InvalidInput
from homing.core.query import Query
from homing.profile.traits import formula
from homing.profile.traits.definition import Decayed, Formula, Trait, depends_on
from homing.profile.traits.expression import Type, parse
from homing.profile.traits.measures import Parts, measured
from homing.profile.traits.paths import value_of
from homing.profile.traits.program import Program, build, in_order, shown
from homing.profile.traits.source import Source

Known = Literal["received", "happened"]
_KINDS: dict[str, str] = {"number": "DOUBLE", "text": "VARCHAR", "boolean": "BOOLEAN", "time": "BIGINT"}


@dataclass(frozen=True, slots=True)
class Column:
    """One trait's column of an answer, and how its cells are read."""

    name: str
    column: str
    type: Type
    shape: Literal["plain", "key", "keys", "texts", "shares"]

    def read(self, cell: Any) -> Any:
        """A cell as it is shown."""
        if cell is None:
            return None
        if self.shape == "plain":
            return shown(cell, self.type)
        if self.shape == "key":
            return msgspec.json.decode(cell[2:]) if cell.startswith("l:") else value_of(cell)
        if self.shape == "keys":
            return [value_of(one) for one in cell]
        return list(cell) if self.shape == "texts" else {one["key"]: one["share"] for one in cell}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement whose rows are pair, customer_id, at_us and a column for each trait."""

    sql: str
    params: dict[str, object]
    columns: tuple[Column, ...]

    def query(self) -> Query:
        """To ask it."""
        return Query(self.sql, self.params)


def statement(
    traits: Sequence[Trait], wanted: Collection[str], pairs: str, *, zone: ZoneInfo, span: tuple[int, int],
    known: Known = "received", prefix: str = "v",
) -> Statement:  # fmt: skip
    """The statement that computes these traits.

    Args:
        traits: every definition that may be read.
        wanted: the names of those to compute.
        pairs: a SELECT of pair, customer_id and at_us; pair is different in every row.
        zone: the workspace's.
        span: the earliest and the latest instant among the pairs.
        known: what had been `received` by then, or all that had `happened` by then, however late it came.
        prefix: begins the names of bound values.

    Raises:
        InvalidInput: a name that is not defined, or a definition that cannot be computed.
    """
    program = build([(trait, 0) for trait in traits], zone)
    needed = _needed(program, wanted)
    source = Source(zone, (0, span[1]), prefix=prefix)
    parts = Parts(source, span[0])
    base = [name for name in needed if not isinstance(program.entries[name].trait.of, Formula)]
    place = {name: f"t{n}" for n, name in enumerate(needed)}
    values = []
    for name in base:
        entry = program.entries[name]
        value, _ = measured(entry.trait.of, name, parts)
        kind = _KINDS.get(entry.type)
        values.append(f"{f'CAST({value} AS {kind})' if kind else value} AS {place[name]}")
    sql = _assembled(parts, pairs, values, known)
    sql = _layered(sql, program, needed, place, source)
    columns = tuple(Column(name, place[name], program.entries[name].type, _shape(program, name)) for name in wanted)
    picked = ", ".join(["pair", "customer_id", "at_us", *(one.column for one in columns)])
    return Statement(f"{sql}\nSELECT {picked} FROM valued", dict(source.params), columns)


def _needed(program: Program, wanted: Collection[str]) -> list[str]:
    """The names and all that they read, each after what it reads."""
    found: set[str] = set()
    todo = list(wanted)
    while todo:
        name = todo.pop()
        if name in program.failed:
            raise InvalidInput(f"the trait {name!r} {program.failed[name]}", field="traits")
        if name not in program.entries:
            raise InvalidInput(f"there is no trait {name[:64]!r}, wanted one that is defined", field="traits")
        if name not in found:
            found.add(name)
            spec = program.entries[name].trait.of
            todo += sorted(depends_on(spec)) if isinstance(spec, Formula) else []
    needs = {name: depends_on(program.entries[name].trait.of) & found for name in found}
    return in_order(needs)


def _assembled(parts: Parts, pairs: str, values: list[str], known: Known) -> str:
    seen = "m.happened_us <= pair.at_us" + (" AND m.received_us <= pair.at_us" if known == "received" else "")
    whose = " AND customer_id IN (SELECT customer_id FROM pair)"
    tables = [f"pair AS MATERIALIZED (\n  {pairs}\n)"]
    if not parts.source.empty:
        tables.append(f"matched AS (\n  {parts.source.rows(whose)}\n)")
        joined = "FROM pair JOIN matched m USING (customer_id)"
        tables.append(f"seen AS (\n  SELECT pair.pair, pair.at_us, m.*\n  {joined}\n  WHERE {seen}\n)")
    if any(" FROM told " in sql for _, sql in parts.tables):
        said = (
            "SELECT customer_id, happened_us, received_us, log_offset, source_id, traits, context FROM events"
            f" WHERE kind = 'identify' AND customer_id IS NOT NULL{whose}"
        )
        tables.append(f"told AS (\n  SELECT pair.pair, pair.at_us, m.* FROM pair JOIN ({said}) m USING (customer_id)"
                      f" WHERE {seen}\n)")  # fmt: skip
    tables += [f"{name} AS (\n  {sql}\n)" for name, sql in parts.tables]
    joins = "".join(f"\n  LEFT JOIN {name} ON {name}.pair = pair.pair" for name in parts.joined)
    if parts.sums:
        sums = "".join(f",\n    {what} AS {column}" for what, column in parts.sums.items())
        tables.append(f"summed AS (\n  SELECT pair{sums}\n  FROM seen GROUP BY pair\n)")
        joins += "\n  LEFT JOIN summed ON summed.pair = pair.pair"
    made = "".join(f",\n    {value}" for value in values)
    tables.append(f"base AS (\n  SELECT pair.pair, pair.customer_id, pair.at_us{made}\n  FROM pair{joins}\n)")
    return "WITH " + ",\n".join(tables)


def _layered(sql: str, program: Program, needed: Sequence[str], place: dict[str, str], source: Source) -> str:
    """Formulas after what they read: one more layer of columns for each step."""
    left = [name for name in needed if isinstance(program.entries[name].trait.of, Formula)]
    below, n = "base", 0
    while left:
        ready = [name for name in left if not depends_on(program.entries[name].trait.of) & set(left)]
        made = "".join(f",\n    {_formula_sql(program, name, place, source)} AS {place[name]}" for name in ready)
        sql += f",\nlayer{n} AS (\n  SELECT *{made}\n  FROM {below}\n)"
        below, n = f"layer{n}", n + 1
        left = [name for name in left if name not in ready]
    return f"{sql},\nvalued AS (\n  SELECT * FROM {below}\n)"


def _formula_sql(program: Program, name: str, place: dict[str, str], source: Source) -> str:
    entry = program.entries[name]
    if not isinstance(entry.trait.of, Formula):
        raise TypeError(name)
    value = formula.sql(parse(entry.trait.of.formula), lambda other: place[other], "at_us", source.bind)
    if entry.type != "number":
        return value
    return f"(list_transform([{value}], lambda v: CASE WHEN isfinite(v) THEN v END))[1]"


Shape = Literal["plain", "key", "keys", "texts", "shares"]
_OF_SHOW: dict[str, Shape] = {"shares": "shares", "keys": "texts"}


def _shape(program: Program, name: str) -> Shape:
    entry = program.entries[name]
    spec = entry.trait.of
    if isinstance(spec, Decayed):
        return _OF_SHOW.get(spec.show, "plain")
    if entry.type != "any":
        return "plain"
    return "keys" if getattr(spec, "measure", "") == "newest" else "key"
