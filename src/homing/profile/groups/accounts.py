"""Which accounts does a customer belong to? What `group` events say: of the account, and who is of it.

A customer may belong to several accounts; the one they were last seen in is their `account_id`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select

from homing.core.event import Event
from homing.storage.schema import group_entity, group_member
from homing.storage.state import State
from homing.storage.state.store import upsert

KIND = "account"
HOT = 100_000
Span = list[int]  # first and last seen in it, microseconds


class Accounts:
    """Accounts of one stream worker."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._entities: dict[str, dict[str, Any]] = {}
        self._of: dict[str, dict[str, Span]] = {}
        self._dirty: set[str] = set()
        self._members: dict[tuple[str, str], Span | None] = {}

    def say(self, event: Event) -> None:
        """What an event says of its account: the newest word of each trait stands."""
        entity = self._entity(event.group_id)
        at = event.happened_us
        if entity is None:
            entity = self._entities[event.group_id] = {
                "kind": KIND, "group_id": event.group_id, "traits": {}, "why": "group", "size": 0, "since_us": at,
                "changed_us": at,
            }  # fmt: skip
        entity["since_us"], entity["changed_us"] = min(entity["since_us"], at), max(entity["changed_us"], at)
        for name, value in event.traits.items():
            if name not in entity["traits"] or entity["traits"][name][1] <= at:
                entity["traits"] = entity["traits"] | {name: [value, at]}
        self._dirty.add(event.group_id)

    def belong(self, customer_id: str, group_id: str, first_us: int, last_us: int) -> None:
        """The customer was seen in the account."""
        mine = self.of(customer_id)
        span = mine.get(group_id)
        if span is None:
            self._count(group_id, 1)
            span = [first_us, last_us]
        mine[group_id] = self._members[group_id, customer_id] = [min(span[0], first_us), max(span[1], last_us)]

    def leave(self, customer_id: str) -> dict[str, Span]:
        """The customer belongs to nothing any more; return what it belonged to."""
        mine, self._of[customer_id] = self.of(customer_id), {}
        for group_id in mine:
            self._members[group_id, customer_id] = None
            self._count(group_id, -1)
        return mine

    def current(self, customer_id: str) -> str | None:
        """The account the customer was last seen in."""
        mine = self.of(customer_id)
        return max(mine, key=lambda g: (mine[g][1], g), default=None)

    def of(self, customer_id: str) -> dict[str, Span]:
        """The customer's accounts."""
        found = self._of.get(customer_id)
        if found is None:
            asked = select(group_member).where(group_member.c.kind == KIND, group_member.c.customer_id == customer_id)
            with self._state.read() as conn:
                found = {r.group_id: [r.since_us, r.last_us] for r in conn.execute(asked)}
            self._of[customer_id] = found
        return found

    def flush(self, conn: Connection) -> None:
        """Write what changed since the last flush."""
        upsert(conn, group_entity, [self._entities[name] for name in sorted(self._dirty)])
        for (group_id, who), span in self._members.items():
            if span is None:
                conn.execute(delete(group_member).filter_by(kind=KIND, group_id=group_id, customer_id=who))
        upsert(conn, group_member, [
            {"kind": KIND, "group_id": group_id, "customer_id": who, "since_us": span[0], "last_us": span[1]}
            for (group_id, who), span in self._members.items() if span
        ])  # fmt: skip
        self._dirty.clear()
        self._members.clear()
        if len(self._of) + len(self._entities) > HOT:
            self._of.clear()
            self._entities.clear()

    def forget(self) -> None:
        """Drop what memory holds; the tables are the truth."""
        self._entities.clear()
        self._of.clear()
        self._dirty.clear()
        self._members.clear()

    def _count(self, group_id: str, by: int) -> None:
        entity = self._entity(group_id)
        if entity is not None:
            entity["size"] += by
            self._dirty.add(group_id)

    def _entity(self, group_id: str) -> dict[str, Any] | None:
        found = self._entities.get(group_id)
        if found is None:
            asked = select(group_entity).where(group_entity.c.kind == KIND, group_entity.c.group_id == group_id)
            with self._state.read() as conn:
                row = conn.execute(asked).one_or_none()
            if row is None:
                return None
            found = self._entities[group_id] = dict(row._mapping)
        return found
