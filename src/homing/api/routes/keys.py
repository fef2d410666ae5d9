"""Keys for programs, users for people, and who changed what: an owner's business."""

from __future__ import annotations

from fastapi import APIRouter

from homing.api.auth import Door, Who, needs
from homing.api.context import Ctx
from homing.api.shapes.basics import Page
from homing.api.shapes.doors import KeyIn, KeyOut, NewKeyOut, NewPasswordOut, RoleIn, UserIn, UserOut
from homing.core.time import iso
from homing.govern import Key, NewUser

router = APIRouter(route_class=Door, tags=["keys"])


@router.get("/keys")
@needs("owner")
def list_keys(ctx: Ctx) -> Page[KeyOut]:
    """Every key ever made, newest first, without the keys."""
    rows = [KeyOut.model_validate(_key(k)) for k in ctx.keys.all()]
    return Page(items=rows, total=len(rows))


@router.post("/keys", status_code=201)
@needs("owner")
def create_key(body: KeyIn, who: Who, ctx: Ctx) -> NewKeyOut:
    """Make a key; this answer is the only one that shows it."""
    key, text = ctx.keys.create(body.kind, body.name, now_us=ctx.wall_us(), by=who.actor)
    return NewKeyOut.model_validate({**_key(key), "key": text})


@router.delete("/keys/{key_id}")
@needs("owner")
def revoke_key(key_id: str, who: Who, ctx: Ctx) -> KeyOut:
    """End a key for good, from the next request on."""
    return KeyOut.model_validate(_key(ctx.keys.revoke(key_id, now_us=ctx.wall_us(), by=who.actor)))


@router.get("/users")
@needs("owner")
def list_users(ctx: Ctx) -> Page[UserOut]:
    """Everybody who may sign in."""
    rows = [UserOut.model_validate(u) for u in ctx.users.all()]
    return Page(items=rows, total=len(rows))


@router.post("/users", status_code=201)
@needs("owner")
def add_user(body: UserIn, who: Who, ctx: Ctx) -> UserOut:
    """Add a user with a first password."""
    new = NewUser(body.email, body.name, body.role, body.password)
    return UserOut.model_validate(ctx.users.add(new, now_us=ctx.wall_us(), by=who.actor))


@router.put("/users/{user_id}")
@needs("owner")
def change_role(user_id: str, body: RoleIn, who: Who, ctx: Ctx) -> UserOut:
    """Give a user another role."""
    return UserOut.model_validate(ctx.users.set_role(user_id, body.role, now_us=ctx.wall_us(), by=who.actor))


@router.post("/users/{user_id}/password")
@needs("owner")
def renew_password(user_id: str, who: Who, ctx: Ctx) -> NewPasswordOut:
    """Give a user who has forgotten the password a new one; their sessions end, and only this answer shows it."""
    return NewPasswordOut(password=ctx.users.renew_password(user_id, now_us=ctx.wall_us(), by=who.actor))


@router.delete("/users/{user_id}", status_code=204)
@needs("owner")
def remove_user(user_id: str, who: Who, ctx: Ctx) -> None:
    """Remove a user and end their sessions."""
    ctx.users.remove(user_id, now_us=ctx.wall_us(), by=who.actor)


def _key(key: Key) -> dict[str, object]:
    return {
        "key_id": key.key_id, "kind": key.kind, "name": key.name, "hint": key.prefix,
        "created_at": iso(key.created_us), "revoked_at": iso(key.revoked_us) if key.revoked_us is not None else None,
    }  # fmt: skip
