"""How did customers move between the stages of a lifecycle from one instant to another?

Everybody known at the later instant counts once, as the customer she is today: who was two customers then and turned
out to be one is judged on what both did. At each instant the stage is what the events that had happened by then say;
who had no event by the earlier one is new. Late events count where they belong in time, so the answer does not depend
on when a model was published. Traits that are kept only as they are now (computed ones, tags) are read as they are
now; `as_now` names them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from homing.core.calendar import Zones
from homing.core.condition import All, Condition, Trait, plain, walk
from homing.core.errors import InvalidInput
from homing.core.query import Query
from homing.profile.book import KEPT
from homing.profile.person import ACTIVE
from homing.profile.stages.definition import Lifecycle
from homing.profile.traits.conditions import DefinedTraits
from homing.segments.compile import everybody, members
from homing.segments.membership import zones_of
from homing.storage.warehouse import Warehouse

NEW = "@new"  # not known at the earlier instant
NONE = "@none"  # in no stage: no condition holds
_BOUND = re.compile(r"\$(\w+)")
WriteOut = Callable[[Condition], Condition]


@dataclass(frozen=True, slots=True)
class Moved:
    """How many were in one stage and then in another."""

    was: str  # a stage, NEW or NONE
    now: str
    n: int


@dataclass(frozen=True, slots=True)
class Flow:
    """The question: which model, from when to when.

    Args:
        model: the stages and their conditions, without `in_segment`; see `of`.
        from_us: the earlier instant.
        to_us: the later one.
        computed: names of traits that are kept as they are now.
    """

    model: Lifecycle
    from_us: int
    to_us: int
    computed: Collection[str] = ()
    zones: Zones | None = None
    defined: DefinedTraits | None = None

    @classmethod
    def of(cls, model: Lifecycle, write_out: WriteOut, span: tuple[int, int], computed: Collection[str]) -> Flow:
        """The question with every segment its conditions name written out."""
        stages = tuple(
            s if s.condition is None else s.model_copy(update={"condition": write_out(s.condition)})
            for s in model.stages
        )
        return cls(model.model_copy(update={"stages": stages}), *span, computed)

    def query(self) -> Query:
        """One row for each pair of stages somebody moved between, or stayed in."""
        sql, params = self._both()
        return Query(f"{sql}\nSELECT was, now, count(*) AS n FROM moved GROUP BY was, now ORDER BY was, now", params)

    def people(self, was: str, now: str, *, after: str = "", limit: int = 100) -> Query:
        """The ids of those who moved from one stage to another, in their order, behind `after`."""
        for stage in (was, now):
            if stage not in (NEW, NONE) and self.model.stage(stage) is None:
                raise InvalidInput(f"there is no stage {stage[:40]!r} in {self.model.id}", field="stage")
        sql, params = self._both()
        sql += (
            "\nSELECT customer_id FROM moved WHERE was = $was AND now = $now AND customer_id > $after"
            " ORDER BY customer_id LIMIT $limit"
        )
        return Query(sql, params | {"was": was, "now": now, "after": after, "limit": limit})

    def counts(self, at_us: int) -> Query:
        """How many are in each stage at an instant."""
        tables, params = self._at("a", at_us)
        sql = f"WITH {', '.join(tables)}\nSELECT stage, count(*) AS n FROM a_stage GROUP BY stage ORDER BY stage"
        return Query(sql, params)

    def as_now(self) -> tuple[str, ...]:
        """The traits its conditions look at that are kept only as they are now."""
        trees = [stage.condition for stage in self.model.stages if stage.condition is not None]
        names = {node.name for tree in trees for node in map(plain, walk(tree)) if isinstance(node, Trait)}
        return tuple(sorted(n for n in names - {ACTIVE} if n in self.computed or n.startswith(KEPT)))

    def _both(self) -> tuple[str, dict[str, object]]:
        if self.from_us > self.to_us:
            raise InvalidInput("from lies behind to, wanted it before", field="from")
        before, bound = self._at("a", self.from_us)
        after, more = self._at("b", self.to_us)
        moved = (
            f"moved AS (\n  SELECT b.customer_id, coalesce(a.stage, '{NEW}') AS was, b.stage AS now\n"
            "  FROM b_stage b LEFT JOIN a_stage a ON a.customer_id = b.customer_id\n)"
        )
        return f"WITH {', '.join([*before, *after, moved])}", bound | more

    def _zoned(self) -> dict[str, Any]:
        return {"defined": self.defined} | ({} if self.zones is None else {"zones": self.zones})

    def in_zones(self, warehouse: Warehouse, zone: str) -> Flow:
        """The question where days and hours are each customer's own, else the workspace's."""
        trees = tuple(stage.condition for stage in self.model.stages if stage.condition is not None)
        return replace(self, zones=zones_of(warehouse, All(of=trees), zone), defined=warehouse.defined_now())

    def _at(self, name: str, at_us: int) -> tuple[list[str], dict[str, object]]:
        """Tables that end in `NAME_stage`: everybody known at an instant, and in which stage."""
        tables: list[str] = []
        params: dict[str, object] = {}
        cases, last = "", NONE
        people, bound = _renamed(everybody(at_us), name)
        tables.append(f"{name}_people AS MATERIALIZED (\n{people}\n)")
        params |= bound
        for n, stage in enumerate(self.model.judged()):
            if stage.condition is None:
                last = stage.id
                continue
            sql, bound = _renamed(
                members(stage.condition, at_us, computed=self.computed, **self._zoned()), f"{name}{n}"
            )
            tables.append(f"{name}_{n} AS MATERIALIZED (\n{sql}\n)")
            params |= bound | {f"{name}_stage_{n}": stage.id}
            cases += f"\n    WHEN customer_id IN (SELECT customer_id FROM {name}_{n}) THEN ${name}_stage_{n}"
        params[f"{name}_last"] = last
        tables.append(
            f"{name}_stage AS MATERIALIZED (\n  SELECT customer_id, CASE{cases}\n    ELSE ${name}_last END AS stage\n"
            f"  FROM {name}_people\n)"
        )
        return tables, params


def flow(warehouse: Warehouse, asked: Flow) -> list[Moved]:
    """Ask; the pairs in the order of the stages, new customers first."""
    place = {NEW: -2, NONE: -1} | {stage.id: n for n, stage in enumerate(asked.model.stages)}
    found = [Moved(*row) for row in warehouse.ask(asked.query())]
    return sorted(found, key=lambda m: (place[m.was], place[m.now]))


def _renamed(query: Query, name: str) -> tuple[str, dict[str, object]]:
    """The statement with its bound names told apart from those of its neighbours."""
    sql = _BOUND.sub(lambda found: f"${name}_{found.group(1)}", query.sql)
    return sql, {f"{name}_{key}": value for key, value in query.params.items()}
