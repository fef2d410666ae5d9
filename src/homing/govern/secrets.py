"""Which secrets does a workspace keep? Random ones made on first use, such as the key that signs tracked links."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import Connection, select

from homing.storage.schema import secret
from homing.storage.state import State
from homing.storage.state.store import insert_new

BYTES = 32


def workspace_secret(state: State, name: str) -> bytes:
    """The secret of that name, made when there is none; the same bytes for the life of the workspace."""
    with state.read() as conn:
        found = stored(conn, name)
    if found is None:
        with state.write() as conn:
            insert_new(conn, secret, [{"name": name, "value": secrets.token_hex(BYTES)}])
            found = stored(conn, name)
    return bytes.fromhex(found or "")


def stored(conn: Connection, name: str) -> str | None:
    """The stored text of a secret; None when there is none."""
    value: str | None = conn.execute(select(secret.c.value).where(secret.c.name == name)).scalar()
    return value


def digest(token: str) -> str:
    """What is kept of a random token of 128 bits or more: its SHA-256 (a slow hash is for what people choose)."""
    return hashlib.sha256(token.encode()).hexdigest()
