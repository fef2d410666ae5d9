"""Campaigns: who, by which journey, with which control group - and what came of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from sqlalchemy import Connection

from homing.act.definitions import Campaign
from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.customers import both
from homing.api.routes.segments import Document, checked
from homing.api.shapes.basics import Page
from homing.api.shapes.definitions import CampaignOut, ResultOut
from homing.core.time import duration_us, iso
from homing.learn import Experiment, read_campaign
from homing.runtime import documents
from homing.storage import definitions
from homing.storage.definitions import Definition

router = APIRouter(route_class=Door, tags=["campaigns"])
Id = Annotated[str, Path(max_length=64)]


@router.get("/campaigns")
@needs("viewer")
def list_campaigns(ctx: Ctx) -> Page[CampaignOut]:
    """Every campaign."""
    with ctx.state.read() as conn:
        items = [_campaign(conn, d) for d in definitions.all_of(conn, "campaign")]
    return Page(items=items, total=len(items))


@router.get("/campaigns/{campaign_id}")
@needs("viewer")
def read_one_campaign(campaign_id: Id, ctx: Ctx) -> CampaignOut:
    """One campaign."""
    return _read(ctx, campaign_id)


@router.put("/campaigns/{campaign_id}")
@needs("editor")
def save_campaign(campaign_id: Id, body: Document, ctx: Ctx, who: Who) -> CampaignOut:
    """Save a campaign and bring it into force; messages go out once its journey is published."""
    documents.apply(ctx.runtime, [checked(body, "campaign", campaign_id)], by=who.actor, at_us=ctx.wall_us())
    return _read(ctx, campaign_id)


@router.delete("/campaigns/{campaign_id}", status_code=204)
@needs("editor")
def delete_campaign(campaign_id: Id, ctx: Ctx, who: Who) -> None:
    """Take a campaign back; what it did stays in the log."""
    documents.change_status(ctx.runtime, "campaign", campaign_id, "deleted", by=who.actor, at_us=ctx.wall_us())


@router.get("/campaigns/{campaign_id}/result")
@needs("viewer")
def read_result(campaign_id: Id, ctx: Ctx) -> ResultOut:
    """What came of it: messages, buyers, and the effect against the held-out, with intervals."""
    with ctx.state.read() as conn:
        campaign = Campaign.model_validate(definitions.get(conn, "campaign", campaign_id).document)
    outcome = campaign.outcome
    asked = Experiment(campaign.id, ctx.now(), duration_us(outcome.window), outcome.event, outcome.value)
    found = read_campaign(ctx.runtime.workspace.warehouse, asked, holdout_percent=campaign.holdout.percent)
    said = {"as_of": iso(ctx.runtime.freshness()["warehouse"]), "truth": _truth(ctx, campaign_id)}
    return ResultOut.model_validate(found.as_dict() | said | {"currency": ctx.settings.currency})


def _truth(ctx: Context, campaign_id: str) -> Any:
    """What the simulator knows; None where nobody can know."""
    demo = ctx.demo() if ctx.demo else {}
    return (demo.get("truth") or None) if demo.get("campaign", campaign_id) == campaign_id else None


def _read(ctx: Context, campaign_id: str) -> CampaignOut:
    with ctx.state.read() as conn:
        return _campaign(conn, definitions.get(conn, "campaign", campaign_id))


def _campaign(conn: Connection, found: Definition) -> CampaignOut:
    whole = Campaign.model_validate(found.document).model_dump(mode="json", by_alias=True)
    faults = [{"node": f.node, "message": f.message} for f in documents.faults(conn, found.document)]
    names = {"name": both(whole["name"], found.id), "version": found.version, "status": found.status}
    return CampaignOut.model_validate(whole | names | {"errors": faults})
