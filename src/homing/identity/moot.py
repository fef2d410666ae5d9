"""Which conflicts are over a value that does not link? Such a conflict has answered itself, and says so.

A conflict is over the identifier that could not be joined, or that gave way. It names the customer who held it then, or
names her alone; so those over one value are found by everybody who ever held it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from homing.core.event import Id
from homing.identity import component
from homing.identity.winners import id_rows
from homing.storage.schema import identifier_move, identity_conflict, merge

if TYPE_CHECKING:
    from homing.identity.cache import Cache

UNLINKED = "unlinked"  # how it stands: the value links nobody any more


def over(conn: Connection, cache: Cache, i: Id) -> set[str]:
    """The open conflicts over a value."""
    ident = cache.get(i)
    holders = {row.customer_id for row in id_rows(conn, identifier_move, [i])}
    holders |= set() if ident is None else {ident.customer_id}
    last, c = {cache.winner(name) for name in holders}, identity_conflict.c
    holders |= last
    while last:  # and everybody who became one of them
        rows = component.rows_with(conn, select(merge), (merge.c.winner,), last)
        last = {row.loser for row in rows} - holders
        holders |= last
    rows = component.rows_with(conn, select(identity_conflict), (c.customer_id, c.other), holders)
    return {row.conflict_id for row in rows if row.status == "open" and row.details.get("id") == list(i)}


def among(conn: Connection, values: Collection[Id], status: str) -> list[str]:
    """The conflicts of a standing that are over one of these values; reads all of that standing."""
    if not values:
        return []
    c = identity_conflict.c
    rows = conn.execute(select(c.conflict_id, c.details).where(c.status == status).order_by(c.conflict_id))
    return [row.conflict_id for row in rows if Id(*row.details.get("id", ("", ""))) in values]
