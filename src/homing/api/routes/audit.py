"""Who changed what? The audit log, narrowed by who, what was done, to which thing, and when. For owners."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from homing.api import paging
from homing.api.auth import Door, needs
from homing.api.context import Ctx
from homing.api.shapes.basics import Page
from homing.api.shapes.doors import ActedOut, AuditNamesOut, AuditOut
from homing.core.time import end_of, iso, parse_iso
from homing.govern import audit

router = APIRouter(route_class=Door, tags=["audit"])
Text = Annotated[str, Query(max_length=100)]
Time = Annotated[str, Query(max_length=40)]


@router.get("/audit")
@needs("owner")
def read_audit(
    *, ctx: Ctx, cursor: paging.Cursor = None, limit: paging.Limit = 50, actor: Text = "", action: Text = "",
    target: Text = "", since: Time = "", until: Time = "",
) -> Page[AuditOut]:  # fmt: skip
    """Who changed what, newest first.

    `actor` is who, as the log writes them (`user:…`, `key:…`, `local`); `action` one action (`key.create`) or all that
    are done with a kind of thing (`key`); `target` a part of what it was done to. `since` and `until` are ISO 8601
    times or days of the workspace's zone, the last day included.
    """
    zone, place = ctx.settings.zone, paging.decode(cursor, int)
    sought = audit.Sought(actor, action, target, parse_iso(since, zone=zone) if since else None,
                          end_of(until, zone) if until else None)  # fmt: skip
    with ctx.state.read() as conn:
        rows = audit.entries(conn, sought, before=place[0] if place else None, limit=limit)
        total = audit.count(conn, sought)
    items = [
        AuditOut(at=iso(e.at_us), actor=e.actor, action=e.action, target=e.target, details=e.details) for e in rows
    ]
    return Page(items=items, next=paging.encode(rows[-1].seq) if len(rows) == limit else None, total=total)


@router.get("/audit/names")
@needs("owner")
def read_audit_names(ctx: Ctx) -> AuditNamesOut:
    """Everybody who changed something and every action, with how often, the most frequent first."""
    with ctx.state.read() as conn:
        actors, actions = audit.names(conn)
    return AuditNamesOut(
        actors=[ActedOut(name=name, n=n) for name, n in actors],
        actions=[ActedOut(name=name, n=n) for name, n in actions],
    )
