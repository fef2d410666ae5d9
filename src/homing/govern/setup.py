"""Who is the first owner? Whoever holds the one-time link that starting the server printed.

Only the token's hash is kept; making a new one ends the old one; it works once, for a day, and never again once
somebody is set up.
"""

from __future__ import annotations

import hmac
import json
import secrets

from sqlalchemy import Connection, delete

from homing.core.errors import Conflict, NotSignedIn
from homing.core.time import DAY
from homing.govern import users
from homing.govern.secrets import digest, stored
from homing.govern.users import NewUser, User
from homing.storage.schema import secret
from homing.storage.state import State
from homing.storage.state.store import upsert

LIVES_US = DAY
_NAME = "setup_token"


def new_setup_token(state: State, *, now_us: int) -> str | None:
    """Make the token of the one-time link; None when the workspace has a user already."""
    token = secrets.token_urlsafe(24)
    with state.write() as conn:
        if users.count(conn):
            return None
        value = json.dumps({"hash": digest(token), "expires_us": now_us + LIVES_US})
        upsert(conn, secret, [{"name": _NAME, "value": value}])
    return token


def complete_setup(state: State, token: str, email: str, name: str, password: str, *, now_us: int) -> User:
    """Make the owner and use the token up.

    Raises:
        NotSignedIn: the token is wrong, used or too old.
        InvalidInput: the e-mail, name or password is not acceptable; the token stays good.
        Conflict: somebody is set up already.
    """
    with state.read() as conn:
        _check(conn, token, now_us)
    row = users.prepare(NewUser(email, name, "owner", password), now_us=now_us)
    with state.write() as conn:
        _check(conn, token, now_us)
        conn.execute(delete(secret).where(secret.c.name == _NAME))
        return users.insert_user(conn, row, now_us=now_us, by="setup")


def _check(conn: Connection, token: str, now_us: int) -> None:
    if users.count(conn):
        raise Conflict("the workspace has an owner already, wanted to sign in")
    kept = json.loads(stored(conn, _NAME) or "{}")
    right = hmac.compare_digest(str(kept.get("hash", "")), digest(token))
    if not right or now_us > int(kept["expires_us"]):
        raise NotSignedIn("the set-up link is wrong, used or older than a day; start the server again for a new one")
