"""How is a list of ten million customers narrowed, ordered and counted while somebody types?

Small workspaces are simply asked. In a large one the filter that lets the fewest through decides: where they are few
they are looked up by id, counted exactly and put in order; where nearly everybody is meant the order is walked until a
page is full, and the count is an estimate that says so. Walking ends when its time is up: then the first that the index
named are put in order. The search index and the warehouse only propose ids: every row is judged and shown as the state
has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select, func, select

from homing.core.query import Query
from homing.profile.listing import NEVER, CustomerRow, Wanted, customers, customers_named, how_many
from homing.storage.patience import FOREVER, for_so_long
from homing.storage.schema import customer as table
from homing.storage.search import SearchIndex
from homing.storage.warehouse import Warehouse

FEW = 10_000  # as many are looked up by id in the time in which the order is walked
STEP = 2_000  # ids of an order that are judged at a time
STEPS = 10  # then a page may be shorter than asked for; the next one goes on
WALK_S = 1.0  # for so long an order is walked for a text that hardly anybody has at its beginning
_INDEXED = {"last_seen_at", "revenue"}  # orders the state can walk; the warehouse gives the others
_KEYS = {
    "orders": "orders",
    "last_order_at": f"coalesce(last_order_us, {NEVER})",
    "name": "lower(display)",
}
Place = tuple[Any, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the list."""

    rows: list[CustomerRow]
    next: Place | None  # where the next page begins
    total: int
    exact: bool  # whether the total was counted; else it is an estimate


@dataclass(frozen=True, slots=True)
class _Set:
    """Whom one filter lets through: their ids when they are few, else how many they are, and some of them."""

    ids: Sequence[str] | None
    total: int
    exact: bool
    whole: bool = True  # whether the ids are all of them
    some: Sequence[str] = ()


class Directory:
    """The list of a workspace's customers.

    Args:
        index: proposes whom a search may mean.
        warehouse: counts, and gives the orders the state has no index for.
        few: how many customers are looked up one by one.
    """

    def __init__(self, index: SearchIndex, warehouse: Warehouse, *, few: int = FEW) -> None:
        self._index = index
        self._warehouse = warehouse
        self._few = few

    def page(self, conn: Connection, wanted: Wanted, *, after: Place | None = None, limit: int = 50) -> Found:
        """One page of the list, with how many there are in all."""
        if self._small(conn):
            rows = customers(conn, wanted, after=after, limit=limit + 1)
            return _paged(rows, limit, how_many(conn, wanted), exact=True)
        sets = self._sets(conn, wanted)
        fewest = min((one for one in sets if one.ids is not None), key=lambda one: one.total, default=None)
        if fewest is not None and fewest.ids is not None:
            return replace(self._looked_up(conn, wanted, fewest.ids, after, limit), exact=fewest.whole)
        total, exact = self._about(sets)
        some = next((one.some for one in sets if one.some), ())
        if wanted.column in _INDEXED:
            rows, in_time = self._seen(conn, wanted, after, limit, some)
            if in_time:
                return _paged(rows, limit, total, exact=exact)
            return replace(self._looked_up(conn, wanted, some[:STEP], after, limit), total=total, exact=False)
        rows, place = self._walked(conn, wanted, after, limit)
        return Found(rows, place, total, exact)

    def count(self, conn: Connection, wanted: Wanted, *, seconds: float = 5.0) -> tuple[int, bool]:
        """How many there are, and whether that was counted: a search that many match is counted for so long."""
        if self._small(conn):
            return how_many(conn, wanted), True
        if wanted.filters == ("q",) and not wanted.names_only:
            counted = self._index.count(wanted.text, seconds=seconds)
            if counted is not None:
                return counted, True
        found = self.page(conn, wanted, limit=1)
        return found.total, found.exact

    # -- inside --------------------------------------------------------------------------------------------------------
    def _small(self, conn: Connection) -> bool:
        some = select(table.c.customer_id).limit(self._few + 1).subquery()
        return int(conn.execute(select(func.count()).select_from(some)).scalar_one()) <= self._few

    def _sets(self, conn: Connection, wanted: Wanted) -> list[_Set]:
        sets = []
        if wanted.text:
            hits = self._index.find(wanted.text, most=self._few, names_only=wanted.names_only)
            held = [wanted.text] if wanted.names_only else conn.execute(wanted.held()).scalars()
            ids = tuple(dict.fromkeys([*hits.ids, *held]))
            sets.append(_Set(ids if hits.few else None, hits.about, exact=False, whole=hits.whole, some=ids))
        if wanted.segment:
            sets.append(self._set(conn, wanted.members()))
        if wanted.tag:
            sets.append(self._set(conn, wanted.tagged()))
        if wanted.stage:
            sets.append(self._staged(wanted.stage))
        return sets

    def _set(self, conn: Connection, theirs: Select[Any]) -> _Set:
        ids = conn.execute(theirs.limit(self._few + 1)).scalars().all()
        if len(ids) <= self._few:
            return _Set(ids, len(ids), exact=True)
        return _Set(
            None, int(conn.execute(select(func.count()).select_from(theirs.subquery())).scalar_one()), exact=True
        )

    def _staged(self, stage: str) -> _Set:
        sql = f"SELECT customer_id FROM customers WHERE stage = $stage LIMIT {self._few + 1}"
        ids = [row[0] for row in self._warehouse.ask(Query(sql, {"stage": stage}))]
        if len(ids) <= self._few:
            return _Set(ids, len(ids), exact=True)
        counted = Query("SELECT count(*) FROM customers WHERE stage = $stage", {"stage": stage})
        return _Set(None, int(self._warehouse.ask(counted)[0][0]), exact=True)

    def _about(self, sets: list[_Set]) -> tuple[int, bool]:
        """How many all filters let through together, as if one said nothing of another."""
        ((people,),) = self._warehouse.ask(Query("SELECT count(*) FROM customers"))
        if len(sets) <= 1:
            return (sets[0].total, sets[0].exact) if sets else (int(people), True)
        share = 1.0
        for one in sets:
            share *= min(1.0, one.total / max(people, 1))
        return round(people * share), False

    def _looked_up(
        self, conn: Connection, wanted: Wanted, ids: Sequence[str], after: Place | None, limit: int
    ) -> Found:
        places = sorted((tuple(row) for row in conn.execute(wanted.places(ids))), reverse=wanted.down)
        total = len(places)
        if after is not None:
            places = [place for place in places if (place < after if wanted.down else place > after)]
        shown = places[:limit]
        rows = _placed(customers_named(conn, [one for _, one in shown]), shown)
        return Found(rows, shown[-1] if len(places) > limit else None, total, exact=True)

    def _seen(
        self, conn: Connection, wanted: Wanted, after: Place | None, limit: int, some: Sequence[str]
    ) -> tuple[list[CustomerRow], bool]:
        """A page in an order that the state has an index for; for a text only as long as somebody waits."""
        rows: list[CustomerRow] = []
        with for_so_long(conn, WALK_S if some else FOREVER) as walked:
            rows = customers(conn, wanted, after=after, limit=limit + 1, walking=True)
        return rows, walked.in_time

    def _walked(
        self, conn: Connection, wanted: Wanted, after: Place | None, limit: int
    ) -> tuple[list[CustomerRow], Place | None]:
        """A page in an order that the warehouse gives."""
        rows: list[CustomerRow] = []
        step = limit + 1 if not wanted.filters else STEP
        for _ in range(STEPS):
            here = self._order(wanted, after, step)
            wanted_here = {row[1] for row in conn.execute(wanted.places([one for _, one in here]))}
            shown = [place for place in here if place[1] in wanted_here]
            rows += _placed(customers_named(conn, [one for _, one in shown][: limit + 1]), shown)
            if len(rows) > limit:
                return rows[:limit], rows[limit - 1].place
            if len(here) < step:
                return rows, None
            after = here[-1]
        return rows, after

    def _order(self, wanted: Wanted, after: Place | None, limit: int) -> list[Place]:
        key, way, sign = _KEYS[wanted.column], *(("DESC", "<") if wanted.down else ("ASC", ">"))
        where, params = [], {}
        if after is not None:
            where.append(f"(place {sign} $place OR (place = $place AND customer_id {sign} $id))")
            params = {"place": after[0], "id": after[1]}
        if wanted.stage:
            where.append("stage = $stage")
            params["stage"] = wanted.stage
        narrowed = f" WHERE {' AND '.join(where)}" if where else ""
        sql = (
            f"SELECT place, customer_id FROM (SELECT {key} AS place, customer_id, stage FROM customers){narrowed}"
            f" ORDER BY place {way}, customer_id {way} LIMIT {limit}"
        )
        return [(row[0], row[1]) for row in self._warehouse.ask(Query(sql, params))]


def _paged(rows: list[CustomerRow], limit: int, total: int, *, exact: bool) -> Found:
    return Found(rows[:limit], rows[limit - 1].place if len(rows) > limit else None, total, exact)


def _placed(rows: list[CustomerRow], places: Sequence[Place]) -> list[CustomerRow]:
    """Rows with the places they were found at: what a row says may have moved since."""
    known = {one: (place, one) for place, one in places}
    return [replace(row, place=known[row.customer_id]) for row in rows]
