"""Who is this customer today, and whom do these identifiers mean? Read from the tables; merges are followed.

An identifier that moved (a shared cookie after somebody else signed in) means, for an older event, whom it meant then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from homing.core.event import CUSTOMER, Id
from homing.core.ids import ID_TYPES
from homing.identity.rules import rules_of
from homing.storage.schema import identifier, identifier_block, identifier_move, merge

CHUNK = 5_000  # values in one statement


class Winners:
    """Every merge so far, flattened: a loser leads straight to the customer that goes on."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._next: dict[str, str] = {}
        for loser, winner in pairs:
            self.add(loser, winner)

    def add(self, loser: str, winner: str) -> None:
        """`loser` is `winner` from now on."""
        self._next[loser] = winner

    def remove(self, losers: Iterable[str]) -> None:
        """These are themselves again. Whoever led through one of them must be removed with it."""
        for loser in losers:
            self._next.pop(loser, None)

    def of(self, customer_id: str) -> str:
        """The customer that goes on."""
        seen = []
        while customer_id in self._next:
            seen.append(customer_id)
            customer_id = self._next[customer_id]
        for passed in seen[:-1]:
            self._next[passed] = customer_id
        return customer_id

    def as_dict(self) -> dict[str, str]:
        """Every loser with the customer that goes on."""
        return {loser: self.of(loser) for loser in list(self._next)}


def read_winners(conn: Connection) -> Winners:
    """The merges the ledger holds."""
    stands = merge.c.undone_offset.is_(None)
    rows = conn.execute(select(merge.c.loser, merge.c.winner).where(stands).order_by(merge.c.log_offset)).all()
    return Winners((row.loser, row.winner) for row in rows)


def alias_map(conn: Connection) -> dict[str, str]:
    """Every merged customer with the one that goes on; what the warehouse calls `customer_alias`."""
    return read_winners(conn).as_dict()


def winner_of(conn: Connection, customer_id: str) -> str:
    """The customer that goes on; the same id when it was never merged."""
    while True:
        found = conn.execute(
            select(merge.c.winner).where(merge.c.loser == customer_id, merge.c.undone_offset.is_(None))
        ).scalar()
        if found is None:
            return customer_id
        customer_id = str(found)


def lookup(conn: Connection, ids: Iterable[Id], offset: int | None = None) -> str | None:
    """The customer these identifiers mean, by the strongest one that is known.

    Args:
        conn: a read of the state.
        ids: normalised identifiers, in any order; `customer_id` names a customer outright.
        offset: the log offset of the event they stand on; None means now.

    Returns:
        The customer that goes on today, or None when none of them is known.
    """
    return lookup_many(conn, [(tuple(ids), offset)])[0]


def lookup_many(conn: Connection, wanted: Sequence[tuple[Sequence[Id], int | None]]) -> list[str | None]:
    """Like `lookup` for many events at once, in a few statements."""
    every = {i for ids, _ in wanted for i in ids}
    rules = rules_of(conn)
    still = {Id(row.type, row.value) for row in id_rows(conn, identifier_block, every) if row.lifted_us is None}
    owners = {
        Id(row.type, row.value): str(row.customer_id) for row in id_rows(conn, identifier, every)
    }  # fmt: skip
    moves: dict[Id, list[tuple[int, str]]] = {}
    for row in id_rows(conn, identifier_move, every):
        moves.setdefault(Id(row.type, row.value), []).append((row.until_offset, row.customer_id))
    names = {i.value for i in every if i.type == CUSTOMER} | set(owners.values())
    names |= {owner for past in moves.values() for _, owner in past}
    merged = {name: winner_of(conn, name) for name in _losers(conn, names)}

    def one(ids: Sequence[Id], offset: int | None) -> str | None:
        for found in ids:
            if found.type == CUSTOMER:
                return merged.get(found.value, found.value)
        named = sorted((i for i in ids if i.type in ID_TYPES), key=lambda i: (i in still, rules.priority(i)))
        for found in named:  # a value that does not link speaks only where no other does
            past = [m for m in moves.get(found, ()) if offset is not None and m[0] > offset]
            owner = min(past)[1] if past else owners.get(found)
            if owner is not None:
                return merged.get(owner, owner)
        return None

    return [one(ids, offset) for ids, offset in wanted]


def id_rows(conn: Connection, table: Table, wanted: Iterable[Id]) -> Iterator[Row[Any]]:
    """The rows of a table with `type` and `value` that are about these identifiers."""
    by_type: dict[str, list[str]] = {}
    for i in wanted:
        by_type.setdefault(i.type, []).append(i.value)
    for kind, values in by_type.items():
        for chunk in _chunks(values):
            yield from conn.execute(select(table).where(table.c.type == kind, table.c.value.in_(chunk)))


def _losers(conn: Connection, names: Iterable[str]) -> Iterator[str]:
    for chunk in _chunks(list(names)):
        stands = (merge.c.loser.in_(chunk), merge.c.undone_offset.is_(None))
        yield from conn.execute(select(merge.c.loser).where(*stands)).scalars()


def _chunks(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
