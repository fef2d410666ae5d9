"""Documents in bulk: what there is of a kind, and what a set of them would change or changes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from homing.api.auth import Door, Who, needs
from homing.api.context import Ctx
from homing.api.routes.customers import both
from homing.api.shapes.definitions import ApplyIn, DefinitionOut, DefinitionsOut, PlanOut, StepOut
from homing.core.time import iso
from homing.govern.roles import require
from homing.runtime import documents
from homing.runtime.approvals import APPROVER
from homing.storage import definitions

router = APIRouter(route_class=Door, tags=["definitions"])


@router.get("/definitions/{kind}")
@needs("viewer")
def list_definitions(kind: Annotated[str, Path(max_length=40)], ctx: Ctx) -> DefinitionsOut:
    """Every document of a kind (segment, content, journey, campaign), and the schema of the kind."""
    schema = documents.model_of(kind).model_json_schema(by_alias=True)
    with ctx.state.read() as conn:
        found = definitions.all_of(conn, kind)
        live = {d.id: d.version for d in definitions.published(conn, kind)}
    items = [
        DefinitionOut.model_validate(
            {
                "kind": kind, "id": d.id, "name": both(d.document.get("name"), d.id), "version": d.version,
                "live_version": live.get(d.id), "status": d.status, "updated_at": iso(d.updated_us),
                "document": d.document,
            }
        )
        for d in found
    ]  # fmt: skip
    return DefinitionsOut(items=items, total=len(items), json_schema=schema)


@router.post("/apply")
@needs("editor")
def apply_documents(body: ApplyIn, ctx: Ctx, who: Who) -> PlanOut:
    """Check documents, say what would change, and unless it is a dry run change it; all are saved or none."""
    if body.dry_run:
        with ctx.state.read() as conn:
            steps = documents.plan(conn, body.documents, publish_journeys=body.publish)
    else:
        if body.publish and any(one.get("kind") == "tag" for one in body.documents):
            require(who, APPROVER)  # a tag comes into force by being approved
        steps = documents.apply(
            ctx.runtime, body.documents, by=who.actor, at_us=ctx.wall_us(), publish_journeys=body.publish
        )
    return PlanOut(applied=not body.dry_run, plan=[StepOut.model_validate(s) for s in steps])
