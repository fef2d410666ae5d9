"""What does the warehouse hold today? Every dataset and field, counted and looked at; people's words are not touched.

Rows are counted exactly. What fields hold is read from a sample, and says of how many rows. Run every night and on
demand; what was seen first stays seen first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection, func, select

from homing.collect.catalogue import sql
from homing.collect.catalogue.detect import detect
from homing.collect.catalogue.names import (
    ABOUT_PERSONS,
    CALL,
    CONTEXT,
    CUSTOMERS,
    IDENTIFIERS,
    SEGMENT,
    SOURCE,
    dataset_of_event,
)
from homing.collect.catalogue.tally import Tally, found_of, shown
from homing.core.query import Query
from homing.storage.schema import catalogue_field, identifier, segment_member
from homing.storage.state import State
from homing.storage.state.store import upsert

DRAWN, NEWEST = 1_500, 500  # rows of each dataset that are looked at
LOOKED = 400  # values of a table's column that are looked at
VIEWS = ("order_lines", "products", "sends")  # what people query beside events and customers
_TIMES = ("happened_us", "decided_us", "at_us")
_WHO = {"customer_id"}
_NOT_LOOKED = ("VARIANT", "JSON", "STRUCT", "MAP", "BLOB")

Row = dict[str, Any]


class Asks(Protocol):
    """What answers a query: the warehouse."""

    def ask(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows of a query."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """How much was looked at."""

    datasets: int
    fields: int


def scan(warehouse: Asks, state: State, now_us: int) -> Scanned:
    """Look at everything and keep what was found; return how much there is."""
    rows = [*_events(warehouse), *_context(warehouse), *_customers(warehouse), *_tables(warehouse)]
    with state.read() as conn:
        rows += [*_identifiers(conn), *_segments(conn)]
        before = {(r.dataset, r.field): r for r in conn.execute(select(catalogue_field))}
    for row in rows:
        row["found"]["scanned_us"] = now_us
        old = before.pop((row["dataset"], row["field"]), None)
        if old is not None and old.first_us:
            row["first_us"] = min(row["first_us"] or old.first_us, old.first_us)
            row["last_us"] = max(row["last_us"], old.last_us)
    with state.write() as conn:
        upsert(conn, catalogue_field, rows)
        upsert(conn, catalogue_field, [_gone(old, now_us) for old in before.values()])
    return Scanned(sum(1 for r in rows if not r["field"]), sum(1 for r in rows if r["field"]))


def _row(dataset: str, field: str, found: dict[str, Any], first_us: int | None, last_us: int | None) -> Row:
    return {"dataset": dataset, "field": field, "found": found, "first_us": first_us or 0, "last_us": last_us or 0}


def _gone(old: Any, now_us: int) -> Row:
    """A field that the sample no longer has: what it was stays known, filled in none."""
    found = dict(old.found) | {"filled": 0, "scanned_us": now_us}
    if not old.field:
        found["n"] = 0
    return _row(old.dataset, old.field, found, old.first_us, old.last_us)


def _fields(dataset: str, tally: Tally) -> Iterator[Row]:
    for field, (found, first_us, last_us) in tally.found(of_person=dataset in ABOUT_PERSONS).items():
        yield _row(dataset, field, found, first_us, last_us)


# -- events ------------------------------------------------------------------------------------------------------------
def _events(warehouse: Asks) -> Iterator[Row]:
    counted: dict[str, list[tuple[Any, ...]]] = {}
    by_source: dict[str, list[tuple[Any, ...]]] = {}
    for kind, name, source, n, first_us, last_us in warehouse.ask(sql.COUNTS):
        dataset = dataset_of_event(kind, name)
        counted.setdefault(dataset, []).append((source, n, first_us, last_us))
        by_source.setdefault(source, []).append((dataset, n, first_us, last_us))
    for dataset, parts in counted.items():
        if dataset != CUSTOMERS:
            yield _row(dataset, "", _total(parts), min(p[2] for p in parts), max(p[3] for p in parts))
    for source, parts in by_source.items():
        yield from _source(source, parts)
    for kind, name, drawn, newest in warehouse.ask(sql.places(DRAWN, NEWEST)):
        chance = set(drawn)
        column = "traits" if kind == "group" else "properties"
        offsets = sorted(chance | set(newest))
        tally = _read(warehouse.ask(sql.payloads(offsets, column)), chance)
        yield from _fields(dataset_of_event(kind, name), tally)


def _total(parts: list[tuple[Any, ...]]) -> dict[str, Any]:
    sources = {source: {"n": n, "last_us": last} for source, n, _, last in sorted(parts)}
    return {"n": sum(p[1] for p in parts), "sources": sources}


def _source(source: str, parts: list[tuple[Any, ...]]) -> Iterator[Row]:
    dataset = SOURCE + source
    total = sum(p[1] for p in parts)
    yield _row(dataset, "", {"n": total}, min(p[2] for p in parts), max(p[3] for p in parts))
    for name, n, first_us, last_us in sorted(parts):
        label = name.removeprefix("event:") if name != CUSTOMERS else f"{CALL}identify"
        yield _row(dataset, label, found_of(0, n, 0, {}), first_us, last_us)


def _read(rows: list[tuple[Any, ...]], chance: set[int] | None = None) -> Tally:
    tally = Tally()
    for offset, at_us, body in rows:
        read = msgspec.json.decode(body) if body else {}
        tally.add(read if isinstance(read, Mapping) else {}, at_us, drawn=chance is None or offset in chance)
    return tally


def _context(warehouse: Asks) -> Iterator[Row]:
    for (offsets,) in warehouse.ask(sql.spread(DRAWN)):
        tally = _read(warehouse.ask(sql.payloads(sorted(offsets), "context")))
        if tally.fields:
            times = [(f.first_us, f.last_us) for f in tally.fields.values()]
            yield _row(CONTEXT, "", {"n": tally.drawn}, min(t[0] for t in times), max(t[1] for t in times))
            yield from _fields(CONTEXT, tally)


# -- customers, tables of the warehouse, what the state counts --------------------------------------------------------
def _customers(warehouse: Asks) -> Iterator[Row]:
    for n, first_us, last_us in warehouse.ask(sql.PEOPLE):
        sources = {s: {"n": c, "last_us": last} for s, c, last in warehouse.ask(_IDENTIFY)}
        yield _row(CUSTOMERS, "", {"n": n, "sources": sources}, first_us, last_us)
        tally = Tally()
        for at_us, body, drawn in warehouse.ask(sql.people(DRAWN, NEWEST)):
            tally.add(msgspec.json.decode(body) if body else {}, at_us, drawn=drawn)
        yield from _fields(CUSTOMERS, tally)


_IDENTIFY = Query(
    "SELECT source_id, count(*), max(happened_us) FROM event_fact WHERE kind = 'identify' GROUP BY 1 ORDER BY 1"
)


def _tables(warehouse: Asks) -> Iterator[Row]:
    views: dict[str, list[tuple[str, str]]] = {}
    for view, column, kind in warehouse.ask(sql.columns(VIEWS)):
        if column != "log_offset":
            views.setdefault(view, []).append((column, kind))
    for view, columns in views.items():
        yield from _table(warehouse, view, columns)


def _table(warehouse: Asks, view: str, columns: list[tuple[str, str]]) -> Iterator[Row]:
    names = [c for c, kind in columns if not kind.startswith(_NOT_LOOKED)]
    kinds = dict(columns)
    time = next((t for t in _TIMES if t in names), None)
    n, first_us, last_us, *counts = warehouse.ask(sql.counts_of(view, names, time))[0]
    if not n:
        return
    yield _row(view, "", {"n": n}, first_us, last_us)
    texts = [c for c in names if kinds[c] == "VARCHAR"]
    looked = warehouse.ask(sql.some_of(view, texts, LOOKED)) if texts else []
    values = {c: [row[i] for row in looked if row[i]] for i, c in enumerate(texts)}
    for i, column in enumerate(names):
        filled, distinct = counts[2 * i], counts[2 * i + 1]
        found = found_of(n, filled, min(distinct, filled), {_TYPES.get(kinds[column], kinds[column].lower()): filled})
        found["detected"] = shown(detect(column, values.get(column, []))) if column not in _WHO else None
        yield _row(view, column, found, first_us, last_us)


_TYPES = {"VARCHAR": "text", "BIGINT": "integer", "INTEGER": "integer", "DOUBLE": "number", "DECIMAL(18,4)": "number",
          "BOOLEAN": "boolean"}  # fmt: skip


def _identifiers(conn: Connection) -> Iterator[Row]:
    c = identifier.c
    statement = select(
        c.type, func.count(), func.count(c.customer_id.distinct()), func.min(c.first_us), func.max(c.last_us)
    )
    rows = conn.execute(statement.group_by(c.type).order_by(c.type)).all()
    if rows:
        total = sum(r[1] for r in rows)
        yield _row(IDENTIFIERS, "", {"n": total}, min(r[3] for r in rows), max(r[4] for r in rows))
    for kind, n, _, first_us, last_us in rows:
        found = found_of(0, n, n, {"text": n})
        what = kind if kind in {"phone", "email"} else "identifier"
        found["detected"] = {"kind": what, "level": "personal", "by": "name", "hits": 0, "n": 0}
        yield _row(IDENTIFIERS, kind, found, first_us, last_us)


def _segments(conn: Connection) -> Iterator[Row]:
    c = segment_member.c
    rows = conn.execute(
        select(c.segment_id, func.count(), func.min(c.since_us), func.max(c.since_us)).group_by(c.segment_id)
    )
    for segment, n, first_us, last_us in rows:
        yield _row(SEGMENT + segment, "", {"n": n}, first_us, last_us)
