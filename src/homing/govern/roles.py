"""Who may do what? Three roles, each holding everything the one before it holds.

A viewer reads with e-mail addresses and phone numbers masked and changes nothing; an editor works with customers,
segments, journeys and files; an owner also holds keys, users and the audit log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from homing.core.errors import InvalidInput, NotSignedIn, Refused

Role = Literal["viewer", "editor", "owner"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose credentials were right."""

    actor: str  # user:<id>, key:<id> or local: what the audit log writes
    role: Role
    by_cookie: bool = False
    user_id: str | None = None

    @property
    def sees_personal(self) -> bool:
        """Whether personal data is shown as it is."""
        return self.role != "viewer"


def as_role(name: str) -> Role:
    """The role of that name.

    Raises:
        InvalidInput: there is no such role.
    """
    if name not in ROLES:
        raise InvalidInput(f"role is {name[:20]!r}, wanted one of {', '.join(ROLES)}", field="role")
    return name


def holds(has: Role, needs: Role) -> bool:
    """Whether the role `has` may do what the role `needs` may do."""
    return ROLES.index(has) >= ROLES.index(needs)


def require(caller: Caller | None, needs: Role) -> Caller:
    """The caller, if there is one and the role is large enough.

    Raises:
        NotSignedIn: there is no caller.
        Refused: the role is too small.
    """
    if caller is None:
        raise NotSignedIn("nobody is signed in, wanted a session or an admin key")
    if not holds(caller.role, needs):
        raise Refused(f"the role here is {caller.role}, wanted {needs}", details={"role": caller.role, "needs": needs})
    return caller
