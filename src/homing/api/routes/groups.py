"""Households and accounts: which there are, who is of them, where a customer belongs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from homing.api import paging
from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.customers import shown, stream_as_of
from homing.api.shapes.basics import Page
from homing.api.shapes.groups import CustomerGroupsOut, GroupKind, GroupMemberOut, GroupOut
from homing.collect.catalogue import CUSTOMERS
from homing.core.time import iso
from homing.govern import Caller
from homing.profile.groups import Group, group_of, groups, groups_of, how_many

router = APIRouter(route_class=Door, tags=["groups"])
Id = Annotated[str, Path(max_length=64)]
GroupId = Annotated[str, Path(max_length=255)]


@router.get("/customers/{customer_id}/groups")
@needs("viewer")
def read_groups(customer_id: Id, ctx: Ctx, who: Who) -> CustomerGroupsOut:
    """The household and the accounts of a customer, with who else is of them."""
    with ctx.state.read() as conn:
        found = groups_of(conn, customer_id)
    return CustomerGroupsOut(items=[_group(ctx, g, who) for g in found], as_of=stream_as_of(ctx))


@router.get("/groups/{kind}")
@needs("viewer")
def list_groups(
    *, kind: GroupKind, ctx: Ctx, who: Who, cursor: paging.Cursor = None, limit: paging.Limit = 50
) -> Page[GroupOut]:
    """Households or accounts, the largest first."""
    place = paging.decode(cursor, int, str)
    with ctx.state.read() as conn:
        rows = groups(conn, kind, after=(place[0], place[1]) if place else None, limit=limit + 1)
        total = how_many(conn, kind)
    more = paging.encode(rows[limit - 1].size, rows[limit - 1].group_id) if len(rows) > limit else None
    items = [_group(ctx, g, who) for g in rows[:limit]]
    return Page(items=items, next=more, total=total, as_of=stream_as_of(ctx))


@router.get("/groups/{kind}/{group_id}")
@needs("viewer")
def read_group(kind: GroupKind, group_id: GroupId, ctx: Ctx, who: Who) -> GroupOut:
    """One household or account with its members."""
    with ctx.state.read() as conn:
        return _group(ctx, group_of(conn, kind, group_id), who)


def _group(ctx: Context, group: Group, who: Caller) -> GroupOut:
    traits = group.traits if who.sees_personal else ctx.veil.cover(CUSTOMERS, group.traits)
    members = [
        GroupMemberOut(customer_id=m.customer_id, name=shown(m.display, who), since=iso(m.since_us),
                       last_at=iso(m.last_us))
        for m in group.members
    ]  # fmt: skip
    return GroupOut.model_validate(
        {
            "kind": group.kind, "group_id": group.group_id, "why": group.why, "size": group.size,
            "traits": shown(traits, who), "since": iso(group.since_us), "changed_at": iso(group.changed_us),
            "members": members,
        }
    )  # fmt: skip
