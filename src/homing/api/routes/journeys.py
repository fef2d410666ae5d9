"""Journeys: the document that is being written, the counts of what runs, publishing, pausing and going on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path

from homing.act.read import JourneyTotals, journey_counts, journey_totals
from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.customers import both, stream_as_of
from homing.api.routes.segments import Document, checked
from homing.api.shapes.basics import Page
from homing.api.shapes.definitions import JourneyOut, JourneyRowOut
from homing.govern import Caller
from homing.runtime import documents
from homing.runtime.documents import Standing
from homing.storage import definitions

router = APIRouter(route_class=Door, tags=["journeys"])
Id = Annotated[str, Path(max_length=64)]


@router.get("/journeys")
@needs("viewer")
def list_journeys(ctx: Ctx) -> Page[JourneyRowOut]:
    """Every journey with how many entered, wait and were sent a message."""
    with ctx.state.read() as conn:
        found, totals = definitions.all_of(conn, "journey"), journey_totals(conn)
        live = {d.id: d.version for d in definitions.published(conn, "journey")}
    items = []
    for d in found:
        t = totals.get(d.id, JourneyTotals())
        row = {"id": d.id, "name": both(d.document.get("name"), d.id), "status": d.status, "version": d.version,
               "live_version": live.get(d.id), "entered": t.entered, "waiting": t.waiting, "sent": t.sent}  # fmt: skip
        items.append(JourneyRowOut.model_validate(row))
    return Page(items=items, total=len(items), as_of=stream_as_of(ctx))


@router.get("/journeys/{journey_id}")
@needs("viewer")
def read_journey(journey_id: Id, ctx: Ctx) -> JourneyOut:
    """One journey: its newest document, the counts on its nodes and edges, and what must be mended."""
    return _read(ctx, journey_id)


@router.put("/journeys/{journey_id}")
@needs("editor")
def save_journey(journey_id: Id, body: Document, ctx: Ctx, who: Who) -> JourneyOut:
    """Save a version; a live journey goes on as it was published until this version is published."""
    documents.apply(ctx.runtime, [checked(body, "journey", journey_id)], by=who.actor, at_us=ctx.wall_us())
    return _read(ctx, journey_id)


@router.post("/journeys/{journey_id}/publish")
@needs("editor")
def publish_journey(journey_id: Id, ctx: Ctx, who: Who) -> JourneyOut:
    """Bring the newest version into force; refused while it has faults."""
    return _change(ctx, who, journey_id, "live")


@router.post("/journeys/{journey_id}/pause")
@needs("editor")
def pause_journey(journey_id: Id, ctx: Ctx, who: Who) -> JourneyOut:
    """Nobody enters and nobody moves on until it is resumed."""
    return _change(ctx, who, journey_id, "paused")


@router.post("/journeys/{journey_id}/resume")
@needs("editor")
def resume_journey(journey_id: Id, ctx: Ctx, who: Who) -> JourneyOut:
    """Go on with the version that was paused."""
    return _change(ctx, who, journey_id, "resumed")


@router.delete("/journeys/{journey_id}", status_code=204)
@needs("editor")
def delete_journey(journey_id: Id, ctx: Ctx, who: Who) -> None:
    """Take a journey back; refused while a campaign in force names it."""
    documents.change_status(ctx.runtime, "journey", journey_id, "deleted", by=who.actor, at_us=ctx.wall_us())


def _change(ctx: Context, who: Caller, journey_id: str, status: Standing) -> JourneyOut:
    documents.change_status(ctx.runtime, "journey", journey_id, status, by=who.actor, at_us=ctx.wall_us())
    return _read(ctx, journey_id)


def _read(ctx: Context, journey_id: str) -> JourneyOut:
    with ctx.state.read() as conn:
        found = definitions.get(conn, "journey", journey_id)
        live = {d.id: d.version for d in definitions.published(conn, "journey")}
        counts = journey_counts(conn, ctx.runtime.workspace.warehouse, journey_id)
        faults = documents.faults(conn, found.document)
    answer: dict[str, Any] = {
        "document": found.document, "version": found.version, "live_version": live.get(journey_id),
        "status": found.status, "nodes": counts.nodes, "edges": counts.edges, "as_of": stream_as_of(ctx),
        "errors": [{"node": f.node, "message": f.message} for f in faults],
    }  # fmt: skip
    return JourneyOut.model_validate(answer)
