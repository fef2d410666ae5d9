"""Which tags does one customer hold? In memory while they are few, else read from the table when asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select

from homing.storage.schema import customer_tag as table
from homing.storage.state import State
from homing.storage.state.store import upsert

HELD = 300_000  # tags in memory


@dataclass(frozen=True, slots=True)
class Held:
    """One tag of one customer."""

    value: Any
    given_us: int
    until_us: int | None
    how: str
    given_by: str
    ref: str  # the event that gave it
    batch: str
    version: int
    log_offset: int
    lapsed: bool = False  # its time is over though its rule still holds

    @property
    def word(self) -> tuple[int, int]:
        """Of two words about one tag the larger counts."""
        return self.given_us, self.log_offset

    def lapse(self) -> Held:
        """The same, its time over."""
        return replace(self, lapsed=True, until_us=None)


class Shelf:
    """Every customer's tags, as a stage keeps rows: changed in memory, written by `flush`.

    Args:
        state: where the rows lie.
        capacity: tags held in memory at most, after a flush.
    """

    def __init__(self, state: State, *, capacity: int = HELD) -> None:
        self._state = state
        self._capacity = capacity
        self._held: dict[str, dict[str, Held]] = {}
        self._dirty: set[tuple[str, str]] = set()
        self._complete = False
        self._n = 0

    def load(self, conn: Connection) -> None:
        """Read all rows if they fit."""
        n = conn.execute(select(func.count()).select_from(table)).scalar_one()
        self._complete = n <= self._capacity
        self._n = n if self._complete else 0
        if self._complete:
            for row in conn.execute(select(table)):
                self._held.setdefault(row.customer_id, {})[row.tag_id] = _of(row)

    def of(self, customer_id: str) -> dict[str, Held]:
        """The tags of a customer; not to be changed but by `put`."""
        found = self._held.get(customer_id)
        if found is not None:
            return found
        if self._complete:
            return {}
        with self._state.read() as conn:
            rows = conn.execute(select(table).where(table.c.customer_id == customer_id)).all()
        found = self._held[customer_id] = {row.tag_id: _of(row) for row in rows}
        self._n += len(found)
        return found

    def put(self, customer_id: str, tag_id: str, held: Held | None) -> None:
        """The customer has it so from now on; None: not at all."""
        mine = self._held.setdefault(customer_id, dict(self.of(customer_id)))
        self._n += (held is not None) - (tag_id in mine)
        if held is None:
            mine.pop(tag_id, None)
        else:
            mine[tag_id] = held
        self._dirty.add((customer_id, tag_id))

    def holders(self, conn: Connection, tag_id: str) -> list[str]:
        """Every customer with a row of the tag; writes what is waiting first."""
        self.flush(conn)
        return list(
            conn.execute(
                select(table.c.customer_id).where(table.c.tag_id == tag_id).order_by(table.c.customer_id)
            ).scalars()
        )

    def flush(self, conn: Connection) -> None:
        """Write the rows that changed."""
        gone, rows = [], []
        for customer_id, tag_id in sorted(self._dirty):
            held = self._held.get(customer_id, {}).get(tag_id)
            if held is None:
                gone.append({"c": customer_id, "t": tag_id})
            else:
                rows.append({"customer_id": customer_id, "tag_id": tag_id} | _row(held))
        if gone:
            match = (table.c.customer_id == bindparam("c"), table.c.tag_id == bindparam("t"))
            conn.execute(delete(table).where(*match), gone)
        upsert(conn, table, rows)
        self._dirty.clear()
        if self._n > self._capacity:
            self._complete, self._n = False, 0
            self._held.clear()

    def forget(self) -> None:
        """Drop what memory holds."""
        self._held.clear()
        self._dirty.clear()
        self._complete, self._n = False, 0


def _of(row: Any) -> Held:
    return Held(row.value, row.given_us, row.until_us, row.how, row.given_by, row.ref, row.batch, row.version,
                row.log_offset, bool(row.lapsed))  # fmt: skip


def _row(held: Held) -> dict[str, Any]:
    return {
        "value": held.value, "given_us": held.given_us, "until_us": held.until_us, "lapsed": held.lapsed,
        "how": held.how, "given_by": held.given_by, "ref": held.ref, "batch": held.batch, "version": held.version,
        "log_offset": held.log_offset,
    }  # fmt: skip
