"""Who shares what with whom? The fingerprints of customers, and the households they come to while few enough share.

The tables are the truth; what memory holds was read from them or changed since the last flush.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, select, update

from homing.core.ids import stable_id
from homing.profile.groups.definition import KIND, HouseholdRules
from homing.storage.schema import group_entity, group_key, group_member
from homing.storage.state import State
from homing.storage.state.store import insert_new, upsert

Key = tuple[str, str]  # rule, fingerprint
Home = tuple[str | None, int | None]  # household, how many share it
NOWHERE: Home = (None, None)
HOT = 200_000  # customers and fingerprints held between flushes


class Shared:
    """Households of one stream worker."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.rules: HouseholdRules | None = None
        self._keys: dict[str, set[Key]] = {}
        self._sharers: dict[Key, set[str]] = {}
        self._changed: dict[tuple[Key, str], bool] = {}  # a fingerprint of a customer: there, or gone
        self._members: dict[tuple[str, str], dict[str, Any] | None] = {}
        self._entities: dict[str, dict[str, Any] | None] = {}
        self._empty = False  # the tables hold nothing: do not ask them

    def keys(self, customer_id: str) -> set[Key]:
        """What a customer shares, or could."""
        found = self._keys.get(customer_id)
        if found is None:
            found = self._keys[customer_id] = set()
            if not self._empty:
                with self._state.read() as conn:
                    rows = conn.execute(select(group_key).where(group_key.c.customer_id == customer_id)).all()
                found |= {(r.rule, r.key) for r in rows}
            for (key, who), there in self._changed.items():
                if who == customer_id:
                    (found.add if there else found.discard)(key)
        return found

    def sharers(self, key: Key) -> set[str]:
        """Who shares it."""
        found = self._sharers.get(key)
        if found is None:
            found = self._sharers[key] = set()
            if not self._empty:
                wanted = (group_key.c.rule == key[0]) & (group_key.c.key == key[1])
                with self._state.read() as conn:
                    found |= set(conn.execute(select(group_key.c.customer_id).where(wanted)).scalars())
            for (other, who), there in self._changed.items():
                if other == key:
                    (found.add if there else found.discard)(who)
        return found

    def home(self, customer_id: str) -> Home:
        """The household of the first rule that fits, and its size."""
        if self.rules is None:
            return NOWHERE
        mine = sorted(self.keys(customer_id))
        for rule in self.rules.rules:
            for key in mine:
                if key[0] == rule.id and self._fits(n := len(self.sharers(key))):
                    return household_id(key), n
        return NOWHERE

    def touched(self, key: Key) -> set[str]:
        """Whose household another sharer of this may change."""
        found = self.sharers(key)
        return set(found) if self.rules is not None and len(found) <= self.rules.most + 1 else set()

    def put(self, customer_id: str, key: Key, now_us: int) -> None:
        """The customer shares it from now on."""
        before = len(self.sharers(key))
        self.keys(customer_id).add(key)
        self._sharers[key].add(customer_id)
        self._changed[key, customer_id] = True
        self._shift(key, before, customer_id, now_us, joined=True)

    def take(self, customer_id: str, key: Key, now_us: int) -> None:
        """The customer shares it no more."""
        before = len(self.sharers(key))
        self.keys(customer_id).discard(key)
        self._sharers[key].discard(customer_id)
        self._changed[key, customer_id] = False
        self._shift(key, before, customer_id, now_us, joined=False)

    def flush(self, conn: Connection) -> None:
        """Write what changed since the last flush."""
        rows = [
            ({"rule": key[0], "key": key[1], "customer_id": who}, there)
            for (key, who), there in self._changed.items()
        ]  # fmt: skip
        _remove(conn, group_key, [row for row, there in rows if not there])
        insert_new(conn, group_key, [row for row, there in rows if there])
        _remove(conn, group_member, [
            {"kind": KIND, "group_id": group, "customer_id": who}
            for (group, who), member in self._members.items() if member is None
        ])  # fmt: skip
        _remove(conn, group_entity, [
            {"kind": KIND, "group_id": group} for group, entity in self._entities.items() if entity is None
        ])  # fmt: skip
        upsert(conn, group_member, [row for row in self._members.values() if row])
        self._write_entities(conn)
        self._changed.clear()
        self._members.clear()
        self._entities.clear()
        if len(self._keys) + len(self._sharers) > HOT:
            self._keys.clear()
            self._sharers.clear()

    def clear(self, conn: Connection) -> None:
        """Other rules hold from here on: nothing is known, and the tables hold nothing until all is put in again."""
        self.forget()
        conn.execute(delete(group_key))
        for table in (group_member, group_entity):
            conn.execute(delete(table).where(table.c.kind == KIND))
        self._empty = True

    def filled(self) -> None:
        """All is put in: from the next flush on the tables are the truth again."""
        self._empty = False

    def forget(self) -> None:
        """Drop what memory holds; the tables are the truth."""
        self._keys.clear()
        self._sharers.clear()
        self._changed.clear()
        self._members.clear()
        self._entities.clear()
        self._empty = False

    def _write_entities(self, conn: Connection) -> None:
        """A household that was there before has its beginning; what is new is how many there are."""
        rows = [row for row in self._entities.values() if row]
        upsert(conn, group_entity, [row for row in rows if "since_us" in row])
        older = [{"g": r["group_id"], "n": r["size"], "at": r["changed_us"]} for r in rows if "since_us" not in r]
        if older:
            mark = update(group_entity).where(group_entity.c.kind == KIND, group_entity.c.group_id == bindparam("g"))
            conn.execute(mark.values(size=bindparam("n"), changed_us=bindparam("at")), older)

    def _shift(self, key: Key, before: int, customer_id: str, now_us: int, *, joined: bool) -> None:
        """A sharer came or went: members and the household itself, as far as few enough share."""
        group, sharers = household_id(key), self._sharers[key]
        was, now = self._fits(before), self._fits(len(sharers))
        if now:
            for who in sharers if not was else ({customer_id} if joined else ()):
                self._members[group, who] = {
                    "kind": KIND, "group_id": group, "customer_id": who, "since_us": now_us, "last_us": now_us,
                }  # fmt: skip
            pending = self._entities.get(group) if was else None
            began = {"traits": {}, "why": key[0], "since_us": now_us} if not was else {}
            changed = {"kind": KIND, "group_id": group, "size": len(sharers), "changed_us": now_us}
            self._entities[group] = (pending or {}) | began | changed
        if was:
            for who in self._leaving(sharers, customer_id, now=now, joined=joined):
                self._members[group, who] = None
            if not now:
                self._entities[group] = None

    @staticmethod
    def _leaving(sharers: set[str], customer_id: str, *, now: bool, joined: bool) -> Iterator[str]:
        if not joined:
            yield customer_id
        if not now:
            yield from sharers - ({customer_id} if joined else set())

    def _fits(self, n: int) -> bool:
        return self.rules is not None and 2 <= n <= self.rules.most


def household_id(key: Key) -> str:
    """The name of the household of a fingerprint."""
    return stable_id("h", *key)


def _remove(conn: Connection, table: Table, rows: list[dict[str, str]]) -> None:
    if rows:
        where = [table.c[name] == bindparam(f"w_{name}") for name in rows[0]]
        conn.execute(delete(table).where(*where), [{f"w_{k}": v for k, v in row.items()} for row in rows])
