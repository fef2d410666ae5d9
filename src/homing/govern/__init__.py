"""May we? Who may sign in, who may change what, what was changed, and whose consent a message needs."""

from homing.govern.consent import ConsentBook, Permit, permit
from homing.govern.keys import Key, KeyRing
from homing.govern.masking import mask, mask_id, mask_text
from homing.govern.roles import ROLES, Caller, Role, as_role, holds, require
from homing.govern.secrets import workspace_secret
from homing.govern.sessions import Sessions
from homing.govern.setup import complete_setup, new_setup_token
from homing.govern.users import NewUser, User, Users

__all__ = [
    "ROLES",
    "Caller",
    "ConsentBook",
    "Key",
    "KeyRing",
    "NewUser",
    "Permit",
    "Role",
    "Sessions",
    "User",
    "Users",
    "as_role",
    "complete_setup",
    "holds",
    "mask",
    "mask_id",
    "mask_text",
    "new_setup_token",
    "permit",
    "require",
    "workspace_secret",
]
