"""Which rows of the state does the warehouse copy? Customers, merges and sends that changed since the last copy.

Each copy replaces whole rows by key and moves its own mark in the same transaction, so copying twice changes nothing.
JSON goes over as the text it is: of the traits their values are cut out, unread.
The mark of the sends is their `changed_us`, which grows with every transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pyarrow as pa
from sqlalchemy import Column, Text, select, type_coerce

from homing.core.query import Query
from homing.storage.schema import customer, merge, send
from homing.storage.state import State
from homing.storage.warehouse import Warehouse, json_field

CUSTOMERS, ALIASES, SENDS = "customers", "aliases", "sends"
ROWS = 20_000  # rows of customers a copy

_JSON = {"traits", "stats"}
_INTEGERS = {
    "created_us", "first_seen_us", "last_seen_us", "orders", "last_order_us", "version", "decided_us", "accepted_us",
    "opened_us", "clicked_us",
}  # fmt: skip
_CUSTOMER = (
    "customer_id", "created_us", "first_seen_us", "last_seen_us", "merged_into", "display", "stage", "orders",
    "revenue", "last_order_us", "traits", "stats",
)  # fmt: skip
_SEND = (
    "send_key", "journey_id", "version", "node", "campaign_id", "customer_id", "channel", "purpose", "content_id",
    "status", "reason", "decided_us", "accepted_us", "opened_us", "clicked_us",
)  # fmt: skip
_NULL = msgspec.Raw(b"null")


class _Said(msgspec.Struct, array_like=True, gc=False):
    """What is known of a trait: its value, and behind it when, from which source and at which offset it was said."""

    value: msgspec.Raw


_traits = msgspec.json.Decoder(dict[str, _Said])
_json = msgspec.json.Encoder()


def trait_values(traits: str) -> bytes:
    """The traits of a customer as the warehouse has them, from the text the state has; null was taken back.

    Example:
        >>> trait_values('{"city":["Oslo",7,"shop",1],"plan":[null,8,"shop",2]}')
        b'{"city":"Oslo"}'
    """
    said = _traits.decode(traits)
    return _json.encode({name: one.value for name, one in said.items() if one.value != _NULL})


def copy_state(state: State, warehouse: Warehouse, *, up_to: int) -> int:
    """Copy what changed; return how many rows were copied.

    Args:
        state: where the rows are.
        warehouse: where they go.
        up_to: the log offset the stream has committed.
    """
    return (
        _copy_customers(state, warehouse, up_to)
        + _copy_aliases(state, warehouse, up_to)
        + _copy_sends(state, warehouse)
    )


def _copy_customers(state: State, warehouse: Warehouse, up_to: int) -> int:
    copied = 0
    mark = warehouse.mark(CUSTOMERS)
    while mark < up_to:
        wanted = (
            select(*(_stored(customer.c[n]) for n in _CUSTOMER), customer.c.changed_offset)
            .where(customer.c.changed_offset > mark)
            .order_by(customer.c.changed_offset)
            .limit(ROWS)
        )
        with state.read() as conn:
            rows = conn.execute(wanted).all()
        # a customer changes again only at a later offset, so a full page may end between two offsets, never inside one
        mark = rows[-1].changed_offset - 1 if len(rows) == ROWS else max([up_to, *(r.changed_offset for r in rows)])
        if rows and len(rows) == ROWS and rows[0].changed_offset > mark:
            mark = rows[-1].changed_offset
        warehouse.replace("customer_dim", "customer_id", _table(rows, _CUSTOMER), {CUSTOMERS: mark})
        copied += len(rows)
    return copied


def _copy_aliases(state: State, warehouse: Warehouse, up_to: int) -> int:
    mark = warehouse.mark(ALIASES)
    if mark >= up_to:
        return 0
    with state.read() as conn:
        new = (merge.c.log_offset > mark, merge.c.undone_offset.is_(None))
        wanted = select(merge.c.loser, merge.c.winner).where(*new).order_by(merge.c.log_offset)
        fresh = conn.execute(wanted).all()
    if not fresh:
        warehouse.replace("customer_alias", "loser", _aliases({}), {ALIASES: up_to})
        return 0
    into = {r.loser: r.winner for r in fresh}
    old = dict(warehouse.ask(Query("SELECT loser, winner FROM customer_alias")))
    everyone = old | into
    changed = {loser: _last(everyone, loser) for loser in everyone}
    moved = {loser: winner for loser, winner in changed.items() if loser in into or old.get(loser) != winner}
    warehouse.replace("customer_alias", "loser", _aliases(moved), {ALIASES: up_to})
    return len(moved)


def _copy_sends(state: State, warehouse: Warehouse) -> int:
    mark = warehouse.mark(SENDS)
    with state.read() as conn:
        wanted = select(*(send.c[n] for n in _SEND), send.c.changed_us).where(send.c.changed_us > mark)
        rows = conn.execute(wanted).all()
    if rows:
        warehouse.replace("send_fact", "send_key", _table(rows, _SEND), {SENDS: max(r.changed_us for r in rows)})
    return len(rows)


def _last(into: dict[str, str], loser: str) -> str:
    """Who a merged customer is in the end."""
    seen = {loser}
    while (loser := into[loser]) in into and loser not in seen:
        seen.add(loser)
    return loser


def _aliases(pairs: dict[str, str]) -> pa.Table:
    return pa.table(
        {"loser": pa.array(list(pairs), pa.string()), "winner": pa.array(list(pairs.values()), pa.string())}
    )


def _stored(column: Column[Any]) -> Any:
    """JSON as the text it lies there as."""
    return type_coerce(column, Text) if column.name in _JSON else column


def _table(rows: Sequence[Sequence[Any]], names: tuple[str, ...]) -> pa.Table:
    columns: Iterable[Iterable[Any]] = zip(*rows, strict=True) if rows else ((),) * len(names)
    said = dict(zip(names, columns, strict=False))  # a row holds its mark besides
    if "traits" in said:
        said["traits"] = [trait_values(text) for text in said["traits"]]
    schema = pa.schema([_field(name) for name in names])
    return pa.table([pa.array(said[field.name], field.type) for field in schema], schema=schema)


def _field(name: str) -> pa.Field:
    if name in _JSON:
        return json_field(name)
    if name in _INTEGERS:
        return pa.field(name, pa.int64())
    return pa.field(name, pa.float64() if name == "revenue" else pa.string())
