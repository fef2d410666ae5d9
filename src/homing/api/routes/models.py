"""Models: their documents, training them, their cards, and what their scores are used for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query

from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.customers import both
from homing.api.routes.segments import checked
from homing.api.shapes.basics import Page
from homing.api.shapes.models import JobOut, ModelKind, ModelOut, ModelVersionOut, ModelWholeOut, TrainIn, UseIn
from homing.core.time import iso
from homing.predict import keep
from homing.predict.definitions import MODELS
from homing.predict.scores import trait_of
from homing.predict.training import SCORED
from homing.runtime import documents
from homing.runtime.models import Job, Use
from homing.storage import definitions
from homing.storage.definitions import Definition

router = APIRouter(route_class=Door, tags=["models"])
Id = Annotated[str, Path(max_length=64)]
Document = Annotated[dict[str, Any], Body(description="the document; see GET /api/definitions/{kind} for its schema")]
DEFAULT_REACH = 0.05


@router.get("/jobs/{job_id}")
@needs("viewer")
def read_job(job_id: Annotated[str, Path(max_length=64)], ctx: Ctx) -> JobOut:
    """How far a training or a writing of scores is; jobs are known until the process ends."""
    return _job(ctx.runtime.models.find(job_id))


@router.get("/models/{kind}")
@needs("viewer")
def list_models(kind: ModelKind, ctx: Ctx) -> Page[ModelOut]:
    """The models of a kind, each with its newest version."""
    with ctx.state.read() as conn:
        found, newest = definitions.all_of(conn, kind), keep.newest(conn, kind)
    items = [ModelOut.model_validate(_model(ctx, d, newest.get(d.id))) for d in found]
    return Page(items=items, total=len(items))


@router.get("/models/{kind}/{model_id}")
@needs("viewer")
def read_model(
    kind: ModelKind, model_id: Id, ctx: Ctx, version: Annotated[int | None, Query(ge=1)] = None
) -> ModelWholeOut:
    """One model with the card of a version, the newest unless one is named."""
    return _whole(ctx, kind, model_id, version)


@router.put("/models/{kind}/{model_id}")
@needs("editor")
def save_model(kind: ModelKind, model_id: Id, body: Document, ctx: Ctx, who: Who) -> ModelWholeOut:
    """Save what is to be learned; nothing is trained by it."""
    documents.apply(ctx.runtime, [checked(body, kind, model_id)], by=who.actor, at_us=ctx.wall_us())
    return _whole(ctx, kind, model_id, None)


@router.delete("/models/{kind}/{model_id}", status_code=204)
@needs("editor")
def delete_model(kind: ModelKind, model_id: Id, ctx: Ctx, who: Who) -> None:
    """Take a model back; its versions and the traits it wrote stay."""
    documents.change_status(ctx.runtime, kind, model_id, "deleted", by=who.actor, at_us=ctx.wall_us())


@router.post("/models/{kind}/{model_id}/train")
@needs("editor")
def train_model(kind: ModelKind, model_id: Id, ctx: Ctx, who: Who, body: TrainIn) -> JobOut:
    """Learn it anew, as of now; the answer is a job to follow, or with `wait` the end of it."""
    jobs = ctx.runtime.models
    job = jobs.train(kind, model_id, by=who.actor)
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "model.train", f"{kind} {model_id}")
    return _job(jobs.wait(job) if body.wait else job)


@router.post("/models/{kind}/{model_id}/use")
@needs("editor")
def use_model(kind: ModelKind, model_id: Id, ctx: Ctx, who: Who, body: UseIn) -> JobOut:
    """Write a version's scores to customers as a trait; of a lookalike, make a segment of the most similar."""
    segment = None
    if body.segment is not None:
        name = body.name.model_dump() if body.name else {"en": body.segment, "zh": body.segment}
        segment = {"id": body.segment, "name": name}
    jobs = ctx.runtime.models
    use = Use(body.version, body.reach, segment)
    job = jobs.score(kind, model_id, use, by=who.actor, at_us=ctx.wall_us())
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "model.use", f"{kind} {model_id}", version=job.version, segment=body.segment)
    return _job(jobs.wait(job) if body.wait else job)


def _whole(ctx: Context, kind: str, model_id: str, version: int | None) -> ModelWholeOut:
    with ctx.state.read() as conn:
        document = definitions.get(conn, kind, model_id)
        known = keep.versions(conn, kind, model_id)
        chosen = keep.version_of(conn, kind, model_id, version) if known or version else None
    whole = _model(ctx, document, chosen)
    whole |= {"card": chosen.card if chosen else None, "versions": [_version(v) for v in known]}
    return ModelWholeOut.model_validate(whole)


def _model(ctx: Context, found: Definition, version: keep.Version | None) -> dict[str, Any]:
    running = [j for j in ctx.runtime.models.open_jobs() if (j.kind, j.id) == (found.kind, found.id)]
    return {
        "kind": found.kind, "id": found.id, "name": both(found.document.get("name"), found.id),
        "document": {"kind": found.kind, "id": found.id} | found.document,
        "trait": trait_of(found.kind, found.id) if found.kind in SCORED else None,
        "version": _version(version) if version else None,
        "changed": version is not None and _learned_from(found.kind, found.document) != _learned_from(
            found.kind, version.document), "job": _job(running[0]) if running else None,
    }  # fmt: skip


def _learned_from(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """What a document says that has a say in what is learned, defaults filled in."""
    return MODELS[kind].model_validate(document).model_dump(exclude={"name", "id"})


def _version(found: keep.Version) -> ModelVersionOut:
    return ModelVersionOut(
        version=found.version, as_of=iso(found.as_of_us), created_at=iso(found.created_us),
        created_by=found.created_by, scored_at=iso(found.scored_us) if found.scored_us is not None else None,
        segment=found.detail.get("segment"),
    )  # fmt: skip


def _job(job: Job) -> JobOut:
    said = {name: getattr(job, name) for name in JobOut.model_fields if name != "error"}
    return JobOut.model_validate(said | {"error": job.error.as_dict() if job.error else None})
