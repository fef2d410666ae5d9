"""Which programs may come in? Holders of a write key (`wk_`, sends events) or an admin key (`hk_`, acts as an owner).

Only a key's hash and first letters are kept; the key is shown once. Live keys stand in memory, so a look-up costs no
read and revoking takes effect with the next request.
"""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from sqlalchemy import Row, insert, select, update

from homing.core.errors import InvalidInput, NotFound
from homing.govern import audit
from homing.govern.secrets import digest
from homing.storage.schema import api_key
from homing.storage.state import State

KeyKind = Literal["write", "admin"]
PREFIXES: dict[KeyKind, str] = {"write": "wk_", "admin": "hk_"}
MAX_KEYS, MAX_NAME, MAX_KEY = 200, 80, 128


@dataclass(frozen=True, slots=True)
class Key:
    """A key, without the key; `key_id` of a write key is the source id of its events."""

    key_id: str
    kind: KeyKind
    name: str
    prefix: str
    created_us: int
    revoked_us: int | None


class KeyRing:
    """The keys of a workspace."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._live: dict[str, Key] = {}
        self.reload()

    def reload(self) -> None:
        """Read the live keys again: another process may have changed them."""
        with self._lock, self._state.read() as conn:
            rows = conn.execute(select(api_key).where(api_key.c.revoked_us.is_(None)))
            self._live = {r.key_hash: _key(r) for r in rows}

    def source_of(self, key: str) -> str | None:
        """The source id that a live write key stands for; None for any other text."""
        return self._id(key, "write")

    def admin_of(self, key: str) -> str | None:
        """The id of a live admin key; None for any other text."""
        return self._id(key, "admin")

    def all(self) -> list[Key]:
        """Every key ever made, newest first."""
        with self._state.read() as conn:
            return [_key(r) for r in conn.execute(select(api_key).order_by(api_key.c.created_us.desc()))]

    def create(self, kind: str, name: str, *, now_us: int, by: str) -> tuple[Key, str]:
        """Make a key.

        Returns:
            (what is kept of it, the key itself: show it once).

        Raises:
            InvalidInput: an unknown kind, a bad name, or too many keys.
        """
        name = name.strip()
        if kind not in get_args(KeyKind):
            raise InvalidInput(f"kind is {kind[:20]!r}, wanted write or admin", field="kind")
        if not name or len(name) > MAX_NAME:
            raise InvalidInput(f"the name has {len(name)} characters, wanted 1 .. {MAX_NAME}", field="name")
        checked: KeyKind = "write" if kind == "write" else "admin"
        text = PREFIXES[checked] + secrets.token_urlsafe(24)
        key = Key(_id_from(name), checked, name, text[:7], now_us, None)
        row = {
            "key_id": key.key_id, "kind": kind, "name": name, "key_hash": digest(text), "prefix": key.prefix,
            "created_us": now_us, "revoked_us": None,
        }  # fmt: skip
        with self._lock:
            if len(self._live) >= MAX_KEYS:
                raise InvalidInput(f"there are {MAX_KEYS} live keys, wanted to revoke one first", field="name")
            with self._state.write() as conn:
                conn.execute(insert(api_key), [row])
                audit.record(conn, by, "key.create", key.key_id, now_us=now_us, kind=kind, name=name)
            self._live[digest(text)] = key
        return key, text

    def revoke(self, key_id: str, *, now_us: int, by: str) -> Key:
        """End a key for good; ending it again changes nothing.

        Raises:
            NotFound: there is no such key.
        """
        with self._lock, self._state.write() as conn:
            row = conn.execute(select(api_key).where(api_key.c.key_id == key_id)).one_or_none()
            if row is None:
                raise NotFound(f"there is no key {key_id[:60]!r}")
            self._live.pop(row.key_hash, None)
            if row.revoked_us is not None:
                return _key(row)
            conn.execute(update(api_key).where(api_key.c.key_id == key_id).values(revoked_us=now_us))
            audit.record(conn, by, "key.revoke", key_id, now_us=now_us)
            return replace(_key(row), revoked_us=now_us)

    def _id(self, key: str, kind: KeyKind) -> str | None:
        if not key.startswith(PREFIXES[kind]) or len(key) > MAX_KEY:
            return None
        found = self._live.get(digest(key))
        return found.key_id if found and found.kind == kind else None


def _id_from(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:32] or "key"
    return f"{slug}-{secrets.token_hex(3)}"


def _key(row: Row[Any]) -> Key:
    return Key(row.key_id, row.kind, row.name, row.prefix, row.created_us, row.revoked_us)
