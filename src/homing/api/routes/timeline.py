"""A customer's timeline: pages in both directions, and what it is made of, under the same filters."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from homing.api import paging
from homing.api.auth import Door, Who, needs
from homing.api.context import Ctx
from homing.api.routes.customers import shown
from homing.api.shapes.timeline import DayCount, NameCount, OutlineOut, SourceCount, TimelineOut, TimelinePage
from homing.collect.catalogue import dataset_of_event
from homing.core.errors import InvalidInput
from homing.core.time import iso, parse_iso
from homing.profile import Sought, outline, timeline

router = APIRouter(route_class=Door, tags=["customers"])
Id = Annotated[str, Path(max_length=64)]
Text = Annotated[str | None, Query(max_length=100)]
Many = Annotated[list[str] | None, Query(max_length=50)]
Cursor = Annotated[str | None, Query(max_length=paging.MAX_CURSOR)]


def _sought(
    *, ctx: Ctx, who: Who, kind: Annotated[str | None, Query(max_length=40)] = None, name: Many = None,
    source: Many = None, begin: Text = None, end: Text = None, q: Text = None,
) -> Sought:  # fmt: skip
    zone = ctx.settings.zone
    return Sought(
        kind=kind or None, names=tuple(name or ()), sources=tuple(source or ()),
        from_us=parse_iso(begin, zone=zone) if begin else None, until_us=parse_iso(end, zone=zone) if end else None,
        text=q or "", whole=who.sees_personal,
    )  # fmt: skip


Filters = Annotated[Sought, Depends(_sought)]


@router.get("/customers/{customer_id}/timeline")
@needs("viewer")
def read_timeline(
    *, customer_id: Id, ctx: Ctx, who: Who, sought: Filters, before: Cursor = None, after: Cursor = None,
    start: Text = None, limit: paging.Limit = 50,
) -> TimelinePage:  # fmt: skip
    """What happened, newest first.

    `before` is `next` of a page, `after` is `newer` of one, `start` an ISO 8601 time to begin before; one of them.
    `kind` is track, identify, page … or order, browse, message, journey; `name` and `source` may be given more than
    once; `begin` and `end` are ISO 8601 times, the end left out; `q` is a text in what happened.
    """
    if sum(place is not None for place in (before, after, start)) > 1:
        raise InvalidInput("before, after and start were given together, wanted one of them", field="before")
    here: Any = paging.decode(before, int, int)
    if start:
        here = (parse_iso(start, zone=ctx.settings.zone), 0)
    above: Any = paging.decode(after, int, int)
    rows = timeline(ctx.runtime.workspace.warehouse, customer_id, before=here, after=above, sought=sought, limit=limit)
    items = []
    for r in rows:
        told = dict(r.properties or r.traits) if r.kind != "identify" else dict(r.traits)
        if not who.sees_personal:
            told = ctx.veil.cover(dataset_of_event(r.kind, r.name), told)
        one = {
            "event_id": r.event_id, "kind": r.kind, "name": r.name, "happened_at": iso(r.happened_us),
            "received_at": iso(r.received_us), "source": r.source, "properties": told, "summary": r.summary,
        }  # fmt: skip
        items.append(TimelineOut.model_validate(shown(one, who)))
    more = paging.encode(*rows[-1].place) if rows and (above or len(rows) == limit) else None
    newer = paging.encode(*rows[0].place) if rows else after
    return TimelinePage(items=items, next=more, newer=newer, as_of=iso(ctx.runtime.freshness()["warehouse"]))


@router.get("/customers/{customer_id}/timeline/outline")
@needs("viewer")
def read_outline(customer_id: Id, ctx: Ctx, sought: Filters) -> OutlineOut:
    """How many events the timeline has, by name, source and day: what can be filtered by, and where to jump to."""
    found = outline(ctx.runtime.workspace.warehouse, customer_id, ctx.settings.zone, sought)
    return OutlineOut(
        total=found.total,
        names=[NameCount(kind=kind, name=name, n=n) for kind, name, n in found.names],
        sources=[SourceCount(source=source, n=n) for source, n in found.sources],
        days=[DayCount(day=day, n=n) for day, n in found.days],
        as_of=iso(ctx.runtime.freshness()["warehouse"]),
    )
