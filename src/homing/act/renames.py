"""Whose rows are these, after a merge? Names change in memory at once and in the rows with the next flush."""

from __future__ import annotations

from sqlalchemy import Connection, Table, bindparam, update


class Renames:
    """The merges since the last flush, in order."""

    def __init__(self) -> None:
        self._pairs: list[tuple[str, str]] = []

    def add(self, loser: str, winner: str) -> None:
        """Rows of `loser` belong to `winner` from now on."""
        self._pairs.append((loser, winner))

    def names_of(self, customer_id: str) -> set[str]:
        """Every name under which the customer's rows may still stand."""
        names = {customer_id}
        for loser, winner in reversed(self._pairs):
            if winner in names:
                names.add(loser)
        return names

    def write(self, conn: Connection, table: Table) -> None:
        """Rename the rows of a table that has a `customer_id`."""
        if self._pairs:
            conn.execute(
                update(table).where(table.c.customer_id == bindparam("loser")).values(customer_id=bindparam("winner")),
                [{"loser": loser, "winner": winner} for loser, winner in self._pairs],
            )

    def clear(self) -> None:
        """Everything is written, or forgotten."""
        self._pairs.clear()
