"""Segments: their documents and counts, a live count of one that is being written, and who is in them."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from sqlalchemy import Connection

from homing.api import paging
from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.customers import both, customer_row, names_of, stream_as_of
from homing.api.shapes.basics import Page
from homing.api.shapes.definitions import MemberOut, PreviewIn, PreviewOut, SegmentOut
from homing.core.condition import parse
from homing.core.condition_parts import TAG_TRAIT
from homing.core.condition_words import sentences
from homing.core.errors import InvalidInput
from homing.core.time import iso
from homing.profile import customers_named
from homing.runtime import documents
from homing.segments import counts, estimate, members_of, preview, written_out
from homing.storage import definitions
from homing.storage.definitions import Definition

router = APIRouter(route_class=Door, tags=["segments"])
Id = Annotated[str, Path(max_length=64)]
Document = Annotated[dict[str, Any], Body(description="the document; see GET /api/definitions/{kind} for its schema")]
EXAMPLES = 5


@router.get("/segments")
@needs("viewer")
def list_segments(ctx: Ctx) -> Page[SegmentOut]:
    """Every segment with how many are in it now."""
    with ctx.state.read() as conn:
        found, sizes, names = definitions.all_of(conn, "segment"), counts(conn), names_of(conn, "segment")
    items = [_segment(ctx, d, sizes.get(d.id, 0), names) for d in found]
    return Page(items=items, total=len(items), as_of=stream_as_of(ctx))


@router.post("/segments/preview")
@needs("editor")
def try_condition(body: PreviewIn, ctx: Ctx, who: Who) -> PreviewOut:
    """How many would satisfy this condition now, asked of the warehouse.

    With `sample` a random share of the customers answers first, with an interval; few customers are counted at once.
    """
    began = time.perf_counter()
    tree, zone = parse(body.condition), ctx.settings.zone
    warehouse = ctx.runtime.workspace.warehouse
    with ctx.state.read() as conn:
        whole, names = written_out(conn, tree), names_of(conn, "segment")
        names |= {f"{TAG_TRAIT}{tag}": name for tag, name in names_of(conn, "tag").items()}
        about = estimate(warehouse, conn, whole, ctx.now(), zone=zone) if body.sample else None
    answer: dict[str, object] = {"sentence": sentences(tree, names), "examples": []}
    if about is not None:
        answer |= {"count": about.count, "total": about.total, "exact": False, "low": about.low, "high": about.high,
                   "sampled": about.sampled}  # fmt: skip
    else:
        found = preview(warehouse, whole, ctx.now(), examples=EXAMPLES, zone=zone)
        with ctx.state.read() as conn:
            examples = [customer_row(r, who) for r in customers_named(conn, list(found.examples))]
        answer |= {"count": found.count, "total": found.total, "examples": examples}
    answer["ms"] = round((time.perf_counter() - began) * 1000, 1)
    return PreviewOut.model_validate(answer | {"as_of": iso(ctx.runtime.freshness()["warehouse"])})


@router.get("/segments/{segment_id}")
@needs("viewer")
def read_segment(segment_id: Id, ctx: Ctx) -> SegmentOut:
    """One segment."""
    return _read(ctx, segment_id)


@router.put("/segments/{segment_id}")
@needs("editor")
def save_segment(segment_id: Id, body: Document, ctx: Ctx, who: Who) -> SegmentOut:
    """Save a segment and bring it into force; its count is that of the moment it came into force."""
    documents.apply(ctx.runtime, [checked(body, "segment", segment_id)], by=who.actor, at_us=ctx.wall_us())
    return _read(ctx, segment_id)


@router.delete("/segments/{segment_id}", status_code=204)
@needs("editor")
def delete_segment(segment_id: Id, ctx: Ctx, who: Who) -> None:
    """Take a segment back; refused while another definition in force names it."""
    documents.change_status(ctx.runtime, "segment", segment_id, "deleted", by=who.actor, at_us=ctx.wall_us())


@router.get("/segments/{segment_id}/members")
@needs("viewer")
def list_members(
    segment_id: Id, ctx: Ctx, who: Who, cursor: paging.Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Page[MemberOut]:  # fmt: skip
    """Who is in it now, as the stream keeps it."""
    place = paging.decode(cursor, str)
    with ctx.state.read() as conn:
        definitions.get(conn, "segment", segment_id)
        members = members_of(conn, segment_id, after=place[0] if place else "", limit=limit + 1)
        since = {m.customer_id: m.since_us for m in members[:limit]}
        rows = customers_named(conn, list(since))
        total = counts(conn).get(segment_id, 0)
    items = [
        MemberOut.model_validate(customer_row(r, who).model_dump() | {"since": iso(since[r.customer_id])}) for r in rows
    ]
    more = paging.encode(members[limit - 1].customer_id) if len(members) > limit else None
    return Page(items=items, next=more, total=total, as_of=stream_as_of(ctx))


def checked(body: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    """The document of a PUT: its kind and id may be left out, but must not be others.

    Raises:
        InvalidInput: they are others.
    """
    whole = {"kind": kind, "id": name} | body
    if (whole["kind"], whole["id"]) != (kind, name):
        raise InvalidInput(f"the document is {whole['kind']} {whole['id']!r}, wanted {kind} {name!r}", field="id")
    return whole


def _read(ctx: Context, segment_id: str) -> SegmentOut:
    with ctx.state.read() as conn:
        found = definitions.get(conn, "segment", segment_id)
        return _segment(ctx, found, _size(conn, segment_id), names_of(conn, "segment"))


def _size(conn: Connection, segment_id: str) -> int:
    return counts(conn).get(segment_id, 0)


def _segment(ctx: Context, found: Definition, size: int, names: dict[str, dict[str, str]]) -> SegmentOut:
    document = found.document
    return SegmentOut.model_validate(
        {
            "id": found.id, "name": both(document.get("name"), found.id), "condition": document["condition"],
            "count": size, "as_of": stream_as_of(ctx), "version": found.version, "status": found.status,
            "sentence": sentences(parse(document["condition"]), names),
        }
    )  # fmt: skip
