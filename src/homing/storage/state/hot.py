"""Which customers does a stage hold in memory? Those met of late as objects, everybody as the bytes of their row.

What a stage remembers of a customer is one row: the customer's id and a packed state. An object takes five to ten
times the room of its bytes, so only some are held (see `opened`); who is met again is opened from the bytes. They are
those of the row as it was written last, so nothing is packed but what is written anyway: whoever changes an object says
so (`touch`). Whose object leaves has the row compressed with what all rows share (see `alike`). Below `capacity`
nothing is ever read back; beyond it whoever was opened longest ago leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, islice
from typing import Generic, TypeVar

from sqlalchemy import Connection, Table, bindparam, delete, func, select

from homing.storage.state.alike import Alike
from homing.storage.state.lookup import looked_up
from homing.storage.state.opened import MOST, Opened
from homing.storage.state.store import State, upsert

P = TypeVar("P")


class Hot(Generic[P]):
    """The customers one stage remembers.

    Args:
        state: where the rows are.
        table: theirs, with the columns `customer_id` and `state`.
        encode: the bytes of an object.
        decode: the object of such bytes.
        capacity: customers held in memory at most, after a flush.
        opened: of them as objects.
    """

    def __init__(  # noqa: PLR0917 - a table, and how its rows are read and written
        self, state: State, table: Table, encode: Callable[[P], bytes], decode: Callable[[bytes], P], capacity: int,
        opened: int = MOST,
    ) -> None:  # fmt: skip
        self._state, self._table = state, table
        self._encode, self._decode = encode, decode
        self._capacity = capacity
        self.opened: Opened[P] = Opened(opened)  # looked at before `find` where every call counts
        self._written: dict[str, bytes] = {}  # rows of those who are held as objects and were written since
        self._packed = Alike()  # of all the others, and of objects as they were opened
        self._dirty: set[str] = set()
        self._gone: set[str] = set()  # their rows are to be deleted; they say nothing any more
        self._complete = False  # every stored customer is in memory

    def load(self, conn: Connection) -> None:
        """Read everybody who is stored, if they fit."""
        c = self._table.c
        stored = conn.execute(select(func.count()).select_from(self._table)).scalar_one()
        self._complete = stored <= self._capacity
        if self._complete:
            for customer_id, body in conn.execute(select(c.customer_id, c.state)):
                if customer_id not in self._written and customer_id not in self._packed:
                    self._packed.put(customer_id, body)

    def find(self, customer_id: str) -> P | None:
        """What is remembered of a customer; None: nothing."""
        found = self.opened.find(customer_id)
        if found is not None:
            return found
        body = self._packed.get(customer_id)
        if body is None:
            if self._complete or customer_id in self._gone:
                return None
            rows = looked_up(self._state, self._table, customer_id=customer_id)
            if not rows:
                return None
            body = rows[0].state
            self._packed.put(customer_id, body)
        found = self._decode(body)
        self.opened.put(customer_id, found)
        return found

    def knows(self, customer_id: str) -> bool:
        """Whether something of a customer is in memory, in whatever form."""
        return customer_id in self.opened.young or customer_id in self._written or customer_id in self._packed

    def put(self, customer_id: str, person: P) -> None:
        """Remember this of a customer; the row will be written."""
        self.opened.put(customer_id, person)
        self.touch(customer_id)

    def touch(self, customer_id: str) -> None:
        """What is remembered of a customer changed; the row will be written."""
        self._dirty.add(customer_id)
        if self._gone:
            self._gone.discard(customer_id)

    def drop(self, customer_id: str) -> None:
        """Remember nothing of a customer; the row will be deleted."""
        self.opened.drop(customer_id)
        self._written.pop(customer_id, None)
        self._packed.drop(customer_id)
        self._dirty.discard(customer_id)
        self._gone.add(customer_id)

    def everybody(self, conn: Connection) -> list[str]:
        """Every customer of whom something is remembered, by id; writes what is waiting to be written first."""
        self.flush(conn)
        return list(conn.execute(select(self._table.c.customer_id).order_by(self._table.c.customer_id)).scalars())

    def flush(self, conn: Connection) -> None:
        """Write the rows that changed; then let go of whom there is no room for."""
        if self._gone:
            match = self._table.c.customer_id == bindparam("c")
            conn.execute(delete(self._table).where(match), [{"c": customer_id} for customer_id in sorted(self._gone)])
        written = {customer_id: self._encode(self.opened[customer_id]) for customer_id in sorted(self._dirty)}
        upsert(conn, self._table, [{"customer_id": c, "state": body} for c, body in written.items()])
        for customer_id in written:
            self._packed.drop(customer_id)
        self._written |= written
        self._dirty.clear()
        self._gone.clear()
        for customer_id, _ in self.opened.leaving():
            body = self._written.pop(customer_id, None)
            if body is None:
                self._packed.renew(customer_id)  # behind those that left before
            else:
                self._packed.put(customer_id, body)
        if not self._written:
            self._written = {}  # one that was emptied keeps its room
        over = len(self._written) + len(self._packed) - self._capacity
        if over > 0:
            self._complete = False
            for customer_id in list(islice(chain(self._packed.oldest(), self._written), over)):
                self._written.pop(customer_id, None)
                self._packed.drop(customer_id)
                self.opened.drop(customer_id)

    def forget(self) -> None:
        """Drop what memory holds; the table is the truth."""
        self.opened.clear()
        self._written.clear()
        self._packed.clear()
        self._dirty.clear()
        self._gone.clear()
        self._complete = False

    def holding(self) -> list[object]:
        """What it holds, for whoever measures that."""
        return [self.opened.everybody(), self._written, *self._packed.holding()]

    def rows(self) -> dict[str, bytes]:
        """The bytes of everybody who is held, as they were written last."""
        packed = {customer_id: self._packed.get(customer_id) for customer_id in self._packed.oldest()}
        return self._written | {customer_id: body for customer_id, body in packed.items() if body is not None}
