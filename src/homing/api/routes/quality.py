"""How good is the data? Scores and findings a source, what was not as planned, and a plan drawn from what arrives."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from sqlalchemy import func, select

from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.customers import both
from homing.api.shapes.quality import (
    FindingOut,
    JudgedOut,
    ProposalOut,
    QualityDayOut,
    QualityOut,
    SourceQualityOut,
    ViolationGroupOut,
    ViolationsOut,
)
from homing.collect.definitions.plan import KIND as PLAN
from homing.collect.quality.propose import propose
from homing.collect.quality.score import WEIGHTS, bounds, days_before
from homing.collect.quality.violations import violations
from homing.collect.reasons import words
from homing.core.time import DAY, iso, local_day
from homing.core.words import WORDS
from homing.runtime import documents
from homing.storage import definitions
from homing.storage.schema import api_key, rejected, source_quality

router = APIRouter(route_class=Door, tags=["quality"])
Days = Annotated[int, Query(ge=1, le=400)]
Source = Annotated[str, Query(max_length=64)]
PlanId = Annotated[str, Path(max_length=64)]
_FACTS = frozenset({"code", "event", "by"})


@router.get("/quality")
@needs("viewer")
def show_quality(ctx: Ctx, days: Days = 30, source: Source = "") -> QualityOut:
    """The score of every source, day by day, with what was found."""
    zone = ctx.settings.zone
    since, _ = bounds(days_before(ctx.now(), days, zone)[0], zone)
    statement = select(source_quality).where(source_quality.c.day_us >= since)
    if source:
        statement = statement.where(source_quality.c.source_id == source)
    with ctx.state.read() as conn:
        rows = conn.execute(statement.order_by(source_quality.c.day_us, source_quality.c.source_id)).all()
        waiting = select(rejected.c.source_id, func.count()).where(rejected.c.status == "open")
        left = {row[0]: row[1] for row in conn.execute(waiting.group_by(rejected.c.source_id))}
    names = source_names(ctx)
    shown = [_day(r, names, zone) for r in rows]
    newest = {one.source: one for one in shown}
    items = [
        SourceQualityOut(source=s, name=one.name, latest=one, open=left.get(s, 0)) for s, one in sorted(newest.items())
    ]
    return QualityOut(items=items, days=shown, weights=WEIGHTS, as_of=ctx.now_iso())


@router.post("/quality/judge")
@needs("editor")
def judge_quality(ctx: Ctx, who: Who, days: Days = 7) -> JudgedOut:
    """Judge the newest days now, today so far included, and look for findings."""
    ctx.runtime.loader.catch_up()
    found = ctx.runtime.quality.watch(ctx.now())
    scored = ctx.runtime.quality.judge(ctx.now(), days)
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "quality.judge", str(days), scored=scored, findings=len(found))
    return JudgedOut(days=scored, findings=len(found))


@router.get("/plans/violations")
@needs("viewer")
def list_violations(ctx: Ctx, days: Days = 7, source: Source = "") -> ViolationsOut:
    """What was not as the plan or the rules want it, counted."""
    w, since = ctx.runtime.workspace, ctx.now() - days * DAY
    names = source_names(ctx)
    closed = ctx.runtime.agreements.closed()
    items = [
        ViolationGroupOut.model_validate(
            (v._replace(event="", said="", field="") if v.source in closed else v)._asdict()
            | {"name": both(names.get(v.source), v.source), "text": words(v.code), "last_at": iso(v.last_us)}
        )
        for v in violations(w.state, w.warehouse, since_us=since, source=source)
    ]
    return ViolationsOut(items=items, since=iso(since))


@router.get("/plans/propose")
@needs("viewer")
def propose_plan(
    ctx: Ctx, days: Days = 7, source: Source = "",
    id: Annotated[str, Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")] = "proposed",
) -> ProposalOut:  # fmt: skip
    """Draw a tracking plan from what arrived; nothing is saved."""
    since = ctx.now() - days * DAY
    ctx.runtime.loader.catch_up()
    made = propose(ctx.runtime.workspace.warehouse, since_us=since, source=source, plan_id=id)
    return ProposalOut(since=iso(since), **made)


@router.post("/plans/{plan_id}/pause", status_code=204)
@needs("editor")
def pause_plan(plan_id: PlanId, ctx: Ctx, who: Who) -> None:
    """Hold nothing against a plan until it is resumed; it is kept as it is."""
    documents.change_status(ctx.runtime, PLAN, plan_id, "paused", by=who.actor, at_us=ctx.wall_us())


@router.post("/plans/{plan_id}/resume", status_code=204)
@needs("editor")
def resume_plan(plan_id: PlanId, ctx: Ctx, who: Who) -> None:
    """Judge what arrives by a plan again."""
    documents.change_status(ctx.runtime, PLAN, plan_id, "resumed", by=who.actor, at_us=ctx.wall_us())


@router.delete("/plans/{plan_id}", status_code=204)
@needs("editor")
def delete_plan(plan_id: PlanId, ctx: Ctx, who: Who) -> None:
    """Take a plan back; what was marked or rejected by it stays so."""
    documents.change_status(ctx.runtime, PLAN, plan_id, "deleted", by=who.actor, at_us=ctx.wall_us())


def source_names(ctx: Context) -> dict[str, Any]:
    """What sources are called: the name of their document, else of their write key, else our word for files."""
    with ctx.state.read() as conn:
        keys = conn.execute(select(api_key.c.key_id, api_key.c.name).where(api_key.c.kind == "write")).all()
        documents = definitions.all_of(conn, "source")
    ours = {name: word._asdict() for name, word in WORDS["source"].items()}
    return ours | {k: {"en": n, "zh": n} for k, n in keys} | {d.id: d.document.get("name") for d in documents}


def _day(row: Any, names: dict[str, Any], zone: str) -> QualityDayOut:
    findings = [
        FindingOut.model_validate({
            "code": f["code"], "text": words(f["code"]), "event": f["event"], "by": f["by"],
            "facts": {k: v for k, v in f.items() if k not in _FACTS},
        })
        for f in row.findings
    ]  # fmt: skip
    return QualityDayOut.model_validate({
        "source": row.source_id, "name": both(names.get(row.source_id), row.source_id),
        "day": local_day(row.day_us, zone).isoformat(), "received": row.received, "rejected": row.rejected,
        "warned": row.warned, "score": row.score, "parts": row.parts, "findings": findings,
    })  # fmt: skip
