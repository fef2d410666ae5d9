"""What does the catalogue of tags show? How many have each, how that changed by day, who has it, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from homing.core.query import Query
from homing.core.time import iso
from homing.profile.tags.held import Held
from homing.storage.schema import customer, customer_stage
from homing.storage.schema import customer_tag as table
from homing.storage.schema import tag_day as days
from homing.storage.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class TagDay:
    """One day of a tag, as an ordinal."""

    day: int
    added: int
    removed: int
    n: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What was given to, or taken from, many at once."""

    batch: str
    name: str  # Tag Added | Tag Removed
    n: int
    at_us: int
    by: str
    undone: bool


def how_many_customers(conn: Connection) -> int:
    """Customers there are."""
    return int(conn.execute(select(func.count()).where(customer.c.merged_into.is_(None))).scalar_one())


def coverage(conn: Connection) -> dict[str, int]:
    """How many have each tag; a tag nobody has is not there."""
    rows = select(table.c.tag_id, func.count()).where(table.c.lapsed.is_(False)).group_by(table.c.tag_id)
    return {row[0]: row[1] for row in conn.execute(rows)}


def spread(conn: Connection, tag_id: str, *, limit: int = 100) -> list[tuple[Any, int]]:
    """How many have each value, commonest first."""
    n = func.count()
    mine = (table.c.tag_id == tag_id, table.c.lapsed.is_(False))
    rows = select(table.c.value, n).where(*mine).group_by(table.c.value).order_by(n.desc(), table.c.value).limit(limit)
    return [(row[0], row[1]) for row in conn.execute(rows)]


def trend(conn: Connection, tag_id: str, first: int, last: int) -> list[TagDay]:
    """Every day from `first` to `last`, as ordinals; a day on which nothing changed is as the one before."""
    rows = conn.execute(select(days).where(days.c.tag_id == tag_id, days.c.day <= last).order_by(days.c.day)).all()
    known = {row.day: row for row in rows}
    n = next((row.n for row in reversed(rows) if row.day < first), 0)
    found = []
    for day in range(first, last + 1):
        row = known.get(day)
        n = row.n if row is not None else n
        found.append(TagDay(day, row.added if row else 0, row.removed if row else 0, n))
    return found


def holders(
    conn: Connection, tag_id: str, *, value: Any = None, after: str = "", limit: int = 100
) -> list[tuple[str, Held]]:
    """Who has it, by id, beginning behind `after`."""
    mine = [table.c.tag_id == tag_id, table.c.lapsed.is_(False), table.c.customer_id > after]
    if value is not None:
        mine.append(table.c.value == value)
    rows = conn.execute(select(table).where(*mine).order_by(table.c.customer_id).limit(limit))
    return [(row.customer_id, _held(row)) for row in rows]


def tags_of(conn: Connection, customer_id: str) -> dict[str, Held]:
    """The tags a customer has, by id."""
    rows = select(table).where(table.c.customer_id == customer_id, table.c.lapsed.is_(False)).order_by(table.c.tag_id)
    return {row.tag_id: _held(row) for row in conn.execute(rows)}


def held_by(conn: Connection, tag_id: str, customer_ids: Iterable[str]) -> dict[str, Held]:
    """Which of these customers have a tag."""
    mine = (table.c.tag_id == tag_id, table.c.lapsed.is_(False), table.c.customer_id.in_(list(customer_ids)))
    return {row.customer_id: _held(row) for row in conn.execute(select(table).where(*mine))}


def stages_of(conn: Connection, customer_id: str) -> list[tuple[str, str, int]]:
    """(model, stage, since when) of a customer."""
    row = customer_stage.c
    mine = select(row.model_id, row.stage, row.since_us).where(row.customer_id == customer_id).order_by(row.model_id)
    return [(r[0], r[1], r[2]) for r in conn.execute(mine)]


def stage_counts(conn: Connection, model_id: str) -> dict[str, int]:
    """How many are in each stage of a model now."""
    row = customer_stage.c
    rows = select(row.stage, func.count()).where(row.model_id == model_id).group_by(row.stage)
    return {r[0]: r[1] for r in conn.execute(rows)}


def history(
    warehouse: Warehouse, *, customer_id: str | None = None, tag_id: str | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """Givings and takings of a customer or of a tag, newest first."""
    where, params = "name IN ('Tag Added', 'Tag Removed')", {"limit": limit}
    more: dict[str, Any] = {}
    if customer_id is not None:
        where, more = f"{where} AND customer_id = $who", {"who": customer_id}
    if tag_id is not None:
        where, more = f"{where} AND {_TAG} = $tag", more | {"tag": tag_id}
    sql = _HISTORY.format(where=where)
    return [
        {"event_id": e, "name": n, "customer_id": c, "at": iso(at), "source": s, "tag": t, "value": v, "was": w,
         "by": by, "because": because, "batch": batch, "undo": undo}
        for e, n, c, at, s, t, v, w, by, because, batch, undo in warehouse.ask(Query(sql, params | more))
    ]  # fmt: skip


def batches(warehouse: Warehouse, tag_id: str, *, limit: int = 50) -> list[Batch]:
    """What was done to many at once with a tag, newest first."""
    return [Batch(*row) for row in warehouse.ask(Query(_BATCHES, {"tag": tag_id, "limit": limit}))]


def batch_of(warehouse: Warehouse, batch: str) -> list[tuple[str, str, str, Any]]:
    """(customer, event name, tag, what she had before) of one batch."""
    return [(c, n, t, w) for c, n, t, w in warehouse.ask(Query(_OF_BATCH, {"batch": batch}))]


def _held(row: Any) -> Held:
    return Held(row.value, row.given_us, row.until_us, row.how, row.given_by, row.ref, row.batch, row.version,
                row.log_offset, bool(row.lapsed))  # fmt: skip


def _text(name: str) -> str:
    return f"CAST(variant_extract(properties, '{name}') AS VARCHAR)"


def _fields(names: Sequence[str]) -> str:
    return ", ".join(f"{_text(name)} AS {name}_" for name in names)


_TAG = _text("tag")
_HISTORY = (
    "SELECT event_id, name, customer_id, happened_us, source_id, "
    + _fields(("tag", "value", "was", "by", "because", "batch", "undo"))
    + " FROM events WHERE {where} ORDER BY log_offset DESC LIMIT $limit"
)
_BATCHES = f"""
WITH said AS (
  SELECT {_text("batch")} AS batch, {_text("undo")} AS undo, {_text("by")} AS who, name, happened_us
  FROM events WHERE name IN ('Tag Added', 'Tag Removed') AND source_id = 'homing' AND {_TAG} = $tag
)
SELECT batch, min(name), count(*), min(happened_us), min(who),
  batch IN (SELECT undo FROM said WHERE undo IS NOT NULL) AS undone
FROM said WHERE batch IS NOT NULL AND undo IS NULL
GROUP BY batch ORDER BY min(happened_us) DESC, batch LIMIT $limit
"""
_OF_BATCH = f"""
SELECT customer_id, name, {_TAG}, CAST(CAST(variant_extract(properties, 'was') AS JSON) AS VARCHAR) FROM events
WHERE name IN ('Tag Added', 'Tag Removed') AND source_id = 'homing' AND {_text("batch")} = $batch
ORDER BY log_offset
"""
