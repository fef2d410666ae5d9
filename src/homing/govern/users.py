"""Who may sign in? People with an e-mail, a role and a password of which only the hash is kept.

The last owner can be neither removed nor made smaller, so a workspace is never locked.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from homing.core.errors import Conflict, InvalidInput, NotFound, NotSignedIn
from homing.core.ids import normalise
from homing.govern import audit, passwords
from homing.govern.roles import Role, as_role
from homing.govern.throttle import Throttle
from homing.storage.schema import session, user
from homing.storage.state import State

MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class User:
    """A person who may sign in."""

    user_id: str
    email: str
    name: str
    role: Role
    created_us: int


@dataclass(frozen=True, slots=True)
class NewUser:
    """What makes a user; the password is as typed."""

    email: str
    name: str
    role: Role
    password: str


class Users:
    """The users of a workspace."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.throttle = Throttle()

    def exist(self) -> bool:
        """Whether anybody was ever set up."""
        with self._state.read() as conn:
            return count(conn) > 0

    def all(self) -> list[User]:
        """Everybody, by e-mail."""
        with self._state.read() as conn:
            return [_user(r) for r in conn.execute(select(user).order_by(user.c.email))]

    def add(self, new: NewUser, *, now_us: int, by: str) -> User:
        """Add a user.

        Raises:
            InvalidInput: the e-mail, name or password is not acceptable.
            Conflict: the e-mail has a user already.
        """
        row = prepare(new, now_us=now_us)
        with self._state.write() as conn:
            return insert_user(conn, row, now_us=now_us, by=by)

    def sign_in(self, email: str, password: str, address: str, *, now_us: int) -> User:
        """The user whose e-mail and password these are.

        Raises:
            NotSignedIn: they are not; which of the two is wrong is not said.
            Overload: too many failures from there.
        """
        email = email.strip().lower()[:255]
        self.throttle.check(email, address, now_us=now_us)
        with self._state.read() as conn:
            row = conn.execute(select(user).where(user.c.email == email)).one_or_none()
        if not passwords.matches(password, row.password_hash if row else None) or row is None:
            self.throttle.failed(email, address, now_us=now_us)
            raise NotSignedIn("the e-mail or the password is wrong")
        self.throttle.succeeded(email, address)
        if passwords.outdated(row.password_hash):
            self._store_password(row.user_id, password)
        return _user(row)

    def change_password(self, user_id: str, old: str, new: str, address: str, *, now_us: int) -> None:
        """Change a password and end every session of that user.

        Raises:
            NotSignedIn: the old password is wrong.
            InvalidInput: the new one breaks a rule.
        """
        with self._state.read() as conn:
            who = get(conn, user_id)
        self.sign_in(who.email, old, address, now_us=now_us)
        passwords.check_rules(new, email=who.email)
        self._store_password(user_id, new)
        with self._state.write() as conn:
            conn.execute(delete(session).where(session.c.user_id == user_id))
            audit.record(conn, f"user:{user_id}", "user.password", user_id, now_us=now_us)

    def renew_password(self, user_id: str, *, now_us: int, by: str) -> str:
        """Give a user who has forgotten the password a new one, and end their sessions; it is shown this once.

        Raises:
            NotFound: there is no such user.
        """
        new = secrets.token_urlsafe(15)
        with self._state.read() as conn:
            get(conn, user_id)
        self._store_password(user_id, new)
        with self._state.write() as conn:
            conn.execute(delete(session).where(session.c.user_id == user_id))
            audit.record(conn, by, "user.renew", user_id, now_us=now_us)
        return new

    def set_role(self, user_id: str, role: Role, *, now_us: int, by: str) -> User:
        """Give a user another role.

        Raises:
            Conflict: the user is the last owner.
        """
        with self._state.write() as conn:
            _not_the_last_owner(conn, user_id, unless=role == "owner")
            conn.execute(update(user).where(user.c.user_id == user_id).values(role=role))
            audit.record(conn, by, "user.role", user_id, now_us=now_us, role=role)
            return get(conn, user_id)

    def remove(self, user_id: str, *, now_us: int, by: str) -> None:
        """Remove a user and end their sessions.

        Raises:
            Conflict: the user is the last owner.
        """
        with self._state.write() as conn:
            _not_the_last_owner(conn, user_id)
            conn.execute(delete(session).where(session.c.user_id == user_id))
            conn.execute(delete(user).where(user.c.user_id == user_id))
            audit.record(conn, by, "user.remove", user_id, now_us=now_us)

    def _store_password(self, user_id: str, password: str) -> None:
        made = passwords.make_hash(password)
        with self._state.write() as conn:
            conn.execute(update(user).where(user.c.user_id == user_id).values(password_hash=made))


def count(conn: Connection) -> int:
    """How many users there are."""
    return conn.execute(select(func.count()).select_from(user)).scalar_one()


def get(conn: Connection, user_id: str) -> User:
    """The user with that id.

    Raises:
        NotFound: there is none.
    """
    row = conn.execute(select(user).where(user.c.user_id == user_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no user {user_id[:40]!r}")
    return _user(row)


def prepare(new: NewUser, *, now_us: int) -> dict[str, object]:
    """Check a new user and make the row; the slow hash is computed here, outside any transaction."""
    name = new.name.strip()
    if not name or len(name) > MAX_NAME:
        raise InvalidInput(f"the name has {len(name)} characters, wanted 1 .. {MAX_NAME}", field="name")
    email = normalise("email", new.email).value
    passwords.check_rules(new.password, email=email)
    return {
        "user_id": f"u{secrets.token_hex(8)}", "email": email, "name": name, "role": as_role(new.role),
        "password_hash": passwords.make_hash(new.password), "created_us": now_us,
    }  # fmt: skip


def insert_user(conn: Connection, row: dict[str, object], *, now_us: int, by: str) -> User:
    """Put a prepared user in, with its audit row.

    Raises:
        Conflict: the e-mail has a user already.
    """
    try:
        conn.execute(insert(user), [row])
    except IntegrityError as error:
        raise Conflict("a user with this e-mail exists already", field="email") from error
    audit.record(conn, by, "user.add", str(row["user_id"]), now_us=now_us, role=row["role"])
    return get(conn, str(row["user_id"]))


def _not_the_last_owner(conn: Connection, user_id: str, *, unless: bool = False) -> None:
    if get(conn, user_id).role != "owner" or unless:
        return
    owners = conn.execute(select(func.count()).select_from(user).where(user.c.role == "owner")).scalar_one()
    if owners == 1:
        raise Conflict("this is the last owner, wanted another owner first")


def _user(row: Row[Any]) -> User:
    return User(row.user_id, row.email, row.name, row.role, row.created_us)
