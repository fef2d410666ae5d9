"""Segments beside each other and through time: what they share, what sets one apart, who came and left, a file."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path as File
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from homing.api.auth import Door, Who, needs
from homing.api.context import Ctx
from homing.api.routes.customers import both, names_of, shown, shown_trait, stream_as_of
from homing.api.shapes.basics import Page
from homing.api.shapes.models import PassageOut, SegmentComparisonOut, SegmentHistoryOut, SegmentOverlapOut
from homing.core.time import iso
from homing.predict.compare import compare
from homing.segments.export import Format, rows, write
from homing.segments.history import history, passages
from homing.segments.overlap import overlap
from homing.storage import definitions

router = APIRouter(route_class=Door, tags=["segments"])
Id = Annotated[str, Path(max_length=64)]
FRESH_S = 10.0
MEDIA = {"csv": "text/csv", "jsonl": "application/x-ndjson", "parquet": "application/vnd.apache.parquet"}


@router.get("/segments/overlap")
@needs("viewer")
def read_overlap(
    ctx: Ctx, ids: Annotated[list[str], Query(description="2 to 20 segments, each once")]
) -> SegmentOverlapOut:
    """How many are in each two of these segments, and in exactly which of them."""
    with ctx.state.read() as conn:
        for name in ids:
            definitions.get(conn, "segment", name)
        found, names = overlap(conn, ids), names_of(conn, "segment")
    said: dict[str, Any] = {
        "segments": {i: names[i] for i in ids}, "sizes": found.sizes, "pairs": found.pairs, "anyone": found.anyone,
        "exactly": [{"segments": list(s), "n": n} for s, n in found.exactly], "as_of": stream_as_of(ctx),
    }  # fmt: skip
    return SegmentOverlapOut.model_validate(said)


@router.get("/segments/{segment_id}/compare")
@needs("viewer")
def compare_segment(
    segment_id: Id, ctx: Ctx, top: Annotated[int, Query(ge=1, le=200, description="features at most")] = 60
) -> SegmentComparisonOut:
    """What sets its members apart from everybody else: each feature with its interval, corrected for many tests."""
    with ctx.state.read() as conn:
        version = definitions.get(conn, "segment", segment_id).version

    def made() -> dict[str, Any]:
        ctx.runtime.loader.catch_up()
        return compare(segment_id, ctx.runtime.models.ground(ctx.now())).as_dict()

    found = ctx.memo.get(("compare", segment_id, version), made, ttl_s=FRESH_S)
    return SegmentComparisonOut.model_validate(found | {"features": found["features"][:top]})


@router.get("/segments/{segment_id}/history")
@needs("viewer")
def read_history(segment_id: Id, ctx: Ctx, days: Annotated[int, Query(ge=1, le=1_100)] = 30) -> SegmentHistoryOut:
    """Its size and who entered and left, a local day each; the last day is not over."""
    w = ctx.runtime.workspace
    with ctx.state.read() as conn:
        definitions.get(conn, "segment", segment_id)
        found = history(w.warehouse, conn, segment_id, days=days, now_us=ctx.now(), zone=w.settings.zone)
    told = [{"day": d.day.isoformat(), "entered": d.entered, "left": d.left, "size": d.size} for d in found.days]
    said = {"days": told, "members": found.members, "joined": found.joined}
    return SegmentHistoryOut.model_validate(said | {"as_of": iso(ctx.runtime.freshness()["warehouse"])})


@router.get("/customers/{customer_id}/memberships")
@needs("viewer")
def list_memberships(customer_id: Id, ctx: Ctx) -> Page[PassageOut]:
    """When she entered and left which segments, newest first."""
    with ctx.state.read() as conn:
        names = names_of(conn, "segment")
    found = passages(ctx.runtime.workspace.warehouse, customer_id)
    items = [PassageOut.model_validate({"segment": p.segment_id, "entered": p.entered, "at": iso(p.at_us),
                                        "name": names.get(p.segment_id) or both(None, p.segment_id)})
             for p in found]  # fmt: skip
    return Page(items=items, total=len(items), as_of=iso(ctx.runtime.freshness()["warehouse"]))


@router.get("/segments/{segment_id}/export", response_class=FileResponse)
@needs("viewer")
def export_segment(
    *, segment_id: Id, ctx: Ctx, who: Who, format: Annotated[Format, Query()] = "csv",
    purpose: Annotated[str, Query(max_length=40, description="addresses only of those who may be written to for it")]
        = "marketing",
    traits: Annotated[list[str] | None, Query(description="more columns", max_length=50)] = None,
) -> FileResponse:  # fmt: skip
    """Its members as a file; an address is left out where consent does not allow it, and masked for viewers."""
    with ctx.state.read() as conn:
        definitions.get(conn, "segment", segment_id)
    wanted = list(dict.fromkeys(traits or ()))

    def seen(column: str, value: Any) -> Any:
        name = column.removeprefix("trait.")
        return shown_trait(name, value, who, ctx.veil) if column.startswith("trait.") else shown(value, who)

    pages = rows(
        ctx.state, segment_id, purpose=purpose, default=ctx.settings.consent_default, traits=wanted, shown=seen
    )
    with tempfile.NamedTemporaryFile(prefix="homing-export-", suffix=f".{format}", delete=False) as made:
        path = File(made.name)
    try:
        n = write(path, format, pages, wanted)
        with ctx.state.write() as conn:
            ctx.wrote(conn, who, "segment.export", segment_id, rows=n, format=format, purpose=purpose, masked=not
                      who.sees_personal, traits=wanted)  # fmt: skip
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    name = f"{re.sub(r'[^A-Za-z0-9_.-]', '_', segment_id)}.{format}"
    return FileResponse(path, media_type=MEDIA[format], filename=name, background=BackgroundTask(path.unlink, True))
