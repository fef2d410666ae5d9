"""Shapes of signing in, keys, users and the audit log."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from homing.api.shapes.basics import In, Out


class UserOut(Out):
    """The signed-in user."""

    user_id: str
    email: str
    name: str
    role: Literal["viewer", "editor", "owner"]


class ClockOut(Out):
    """The workspace's clock."""

    now: str
    kind: Literal["system", "virtual", "scaled"]
    speed: float = Field(description="logical seconds a real second; 0 for a clock that somebody moves")


class WorkspaceOut(Out):
    """What every page shows about the workspace."""

    name: str
    zone: str
    currency: str
    demo: bool
    clock: ClockOut


class SessionOut(Out):
    """Who is signed in, and where."""

    setup_needed: bool
    user: UserOut | None
    workspace: WorkspaceOut


class SignIn(In):
    """E-mail and password."""

    email: str = Field(max_length=255)
    password: str = Field(max_length=1000)


class SetUp(In):
    """The one-time link's token and the owner it makes."""

    token: str = Field(max_length=200)
    email: str = Field(max_length=255)
    name: str = Field(max_length=200)
    password: str = Field(max_length=1000)


class NewPassword(In):
    """A change of password."""

    old: str = Field(max_length=1000)
    new: str = Field(max_length=1000)


class KeyIn(In):
    """A key to make."""

    kind: Literal["write", "admin"]
    name: str = Field(max_length=200)


class KeyOut(Out):
    """A key without the key; `source` of a write key is what its events carry."""

    key_id: str
    kind: Literal["write", "admin"]
    name: str
    hint: str = Field(description="the key's first letters")
    created_at: str
    revoked_at: str | None


class NewKeyOut(KeyOut):
    """A key that was just made: the only time the key itself is shown."""

    key: str


class UserIn(In):
    """A user to add."""

    email: str = Field(max_length=255)
    name: str = Field(max_length=200)
    role: Literal["viewer", "editor", "owner"]
    password: str = Field(max_length=1000)


class NewPasswordOut(Out):
    """A password that was just made: the only time it is shown."""

    password: str


class RoleIn(In):
    """Another role for a user."""

    role: Literal["viewer", "editor", "owner"]


class ActedOut(Out):
    """Somebody or an action, and how often the log names it."""

    name: str
    n: int


class AuditNamesOut(Out):
    """What the audit log can be narrowed by."""

    actors: list[ActedOut]
    actions: list[ActedOut]


class AuditOut(Out):
    """One change."""

    at: str
    actor: str
    action: str
    target: str
    details: dict[str, Any]
