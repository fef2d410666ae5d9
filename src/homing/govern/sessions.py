"""Who holds this cookie? A random token of which only the hash is kept; it ends by itself after two weeks.

A session is looked up on every call, so ending it, removing the user or changing the role takes effect at once.
"""

from __future__ import annotations

import secrets

from sqlalchemy import delete, insert, select

from homing.core.time import DAY
from homing.govern.secrets import digest
from homing.govern.users import User
from homing.storage.schema import session, user
from homing.storage.state import State

LIVES_US = 14 * DAY
PER_USER = 20  # beyond this the oldest ends
MAX_TOKEN = 128


class Sessions:
    """The sessions of a workspace."""

    def __init__(self, state: State) -> None:
        self._state = state

    def start(self, user_id: str, *, now_us: int) -> str:
        """Start a session and return its token, which is kept nowhere."""
        token = secrets.token_urlsafe(32)
        row = {"token_hash": digest(token), "user_id": user_id, "created_us": now_us, "expires_us": now_us + LIVES_US}
        mine = session.c.user_id == user_id
        with self._state.write() as conn:
            conn.execute(delete(session).where(session.c.expires_us <= now_us))
            conn.execute(insert(session), [row])
            newest = select(session.c.token_hash).where(mine).order_by(session.c.created_us.desc()).limit(PER_USER)
            conn.execute(delete(session).where(mine, session.c.token_hash.not_in(newest)))
        return token

    def holder(self, token: str, *, now_us: int) -> User | None:
        """The user whose live session this is; None when there is none."""
        if not token or len(token) > MAX_TOKEN:
            return None
        with self._state.read() as conn:
            row = conn.execute(
                select(user.c.user_id, user.c.email, user.c.name, user.c.role, user.c.created_us)
                .join_from(session, user, session.c.user_id == user.c.user_id)
                .where(session.c.token_hash == digest(token), session.c.expires_us > now_us)
            ).one_or_none()
        return User(*row) if row else None

    def end(self, token: str) -> None:
        """End a session; ending one that is not there does nothing."""
        with self._state.write() as conn:
            conn.execute(delete(session).where(session.c.token_hash == digest(token)))
