"""Tags: the catalogue, one tag with its trend and approval, giving and taking by hand, and taking that back."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from sqlalchemy import Connection

from homing.api import paging
from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.customers import both, names_of, shown, stream_as_of
from homing.api.routes.segments import checked
from homing.api.shapes.basics import Page
from homing.api.shapes.marks import (
    BatchOut,
    HandIn,
    HandOut,
    HolderOut,
    NoteIn,
    TagDayOut,
    TagOut,
    TagRowOut,
    TagTrendOut,
)
from homing.core.condition_words import sentences
from homing.core.time import iso, local_day
from homing.govern import audit
from homing.profile import customers_named
from homing.profile.tags import KIND, PREFIX, Tag, read
from homing.profile.tags.book import ADDED
from homing.runtime import approvals, documents, tagging
from homing.runtime.naming import traits_in
from homing.storage import definitions
from homing.storage.definitions import Definition

router = APIRouter(route_class=Door, tags=["tags"])
Id = Annotated[str, Path(max_length=64)]
Document = Annotated[dict[str, Any], Body(description="the document; see GET /api/definitions/tag for its schema")]


@router.get("/tags")
@needs("viewer")
def list_tags(ctx: Ctx) -> Page[TagRowOut]:
    """Every tag with how many have it now."""
    with ctx.state.read() as conn:
        facts = _Facts(conn)
        items = [TagRowOut.model_validate(facts.row(d)) for d in definitions.all_of(conn, KIND)]
    return Page(items=items, total=len(items), as_of=stream_as_of(ctx))


@router.get("/tags/{tag_id}")
@needs("viewer")
def read_tag(tag_id: Id, ctx: Ctx) -> TagOut:
    """One tag: its rules in words, its values, its approval, who uses it."""
    return _whole(ctx, tag_id)


@router.put("/tags/{tag_id}")
@needs("editor")
def save_tag(tag_id: Id, body: Document, ctx: Ctx, who: Who) -> TagOut:
    """Save a tag as a draft; a version in force stays in force until another one is approved."""
    documents.apply(ctx.runtime, [checked(body, KIND, tag_id)], by=who.actor, at_us=ctx.wall_us())
    return _whole(ctx, tag_id)


@router.delete("/tags/{tag_id}", status_code=204)
@needs("editor")
def delete_tag(tag_id: Id, ctx: Ctx, who: Who) -> None:
    """Take a tag back from everybody; refused while another definition in force names it."""
    documents.change_status(ctx.runtime, KIND, tag_id, "deleted", by=who.actor, at_us=ctx.wall_us())


@router.post("/tags/{tag_id}/propose")
@needs("editor")
def propose_tag(tag_id: Id, body: NoteIn, ctx: Ctx, who: Who) -> TagOut:
    """Ask for the newest version to be approved."""
    _step(ctx, who, tag_id, "proposed", body.note)
    return _whole(ctx, tag_id)


@router.post("/tags/{tag_id}/approve")
@needs("owner")
def approve_tag(tag_id: Id, body: NoteIn, ctx: Ctx, who: Who) -> TagOut:
    """Approve the newest version and bring it into force."""
    with ctx.state.read() as conn:
        found = definitions.get(conn, KIND, tag_id)
        documents.plan(conn, [found.document], publish_journeys=True)  # its faults are said before it is approved
    _step(ctx, who, tag_id, "approved", body.note)
    documents.change_status(ctx.runtime, KIND, tag_id, "live", by=who.actor, at_us=ctx.wall_us())
    return _whole(ctx, tag_id)


@router.post("/tags/{tag_id}/reject")
@needs("owner")
def reject_tag(tag_id: Id, body: NoteIn, ctx: Ctx, who: Who) -> TagOut:
    """Send a proposed version back."""
    _step(ctx, who, tag_id, "rejected", body.note)
    return _whole(ctx, tag_id)


@router.get("/tags/{tag_id}/trend")
@needs("viewer")
def read_tag_trend(tag_id: Id, ctx: Ctx, days: Annotated[int, Query(ge=1, le=366)] = 30) -> TagTrendOut:
    """How many had it at the end of each day, and how many came and went."""
    today = local_day(ctx.now(), ctx.settings.zone).toordinal()
    with ctx.state.read() as conn:
        definitions.get(conn, KIND, tag_id)
        found = read.trend(conn, tag_id, today - days + 1, today)
    rows = [TagDayOut(day=date.fromordinal(d.day).isoformat(), n=d.n, added=d.added, removed=d.removed) for d in found]
    return TagTrendOut(days=rows, as_of=stream_as_of(ctx))


@router.get("/tags/{tag_id}/customers")
@needs("viewer")
def list_tag_holders(
    tag_id: Id, ctx: Ctx, who: Who, cursor: paging.Cursor = None, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> Page[HolderOut]:
    """Who has it now."""
    place = paging.decode(cursor, str)
    with ctx.state.read() as conn:
        definitions.get(conn, KIND, tag_id)
        found = read.holders(conn, tag_id, after=place[0] if place else "", limit=limit + 1)
        names = {r.customer_id: r.name for r in customers_named(conn, [c for c, _ in found[:limit]])}
        total = read.coverage(conn).get(tag_id, 0)
    items = [
        HolderOut(customer_id=c, name=shown(names.get(c, c), who), value=h.value, since=iso(h.given_us),
                  until=iso(h.until_us) if h.until_us is not None else None, by=h.given_by)
        for c, h in found[:limit]
    ]  # fmt: skip
    more = paging.encode(found[limit - 1][0]) if len(found) > limit else None
    return Page(items=items, next=more, total=total, as_of=stream_as_of(ctx))


@router.post("/tags/{tag_id}/give")
@needs("editor")
def give_tag(tag_id: Id, body: HandIn, ctx: Ctx, who: Who) -> HandOut:
    """Give a tag to customers or to everybody in a segment; a dry run only says whom it would change."""
    return _hand(ctx, who, tagging.Wanted(tag_id, "give", body.value, body.customers, body.segment), body.dry_run)


@router.post("/tags/{tag_id}/take")
@needs("editor")
def take_tag(tag_id: Id, body: HandIn, ctx: Ctx, who: Who) -> HandOut:
    """Take a tag from customers or from everybody in a segment."""
    return _hand(ctx, who, tagging.Wanted(tag_id, "take", None, body.customers, body.segment), body.dry_run)


@router.post("/tags/batches/{batch}/undo")
@needs("editor")
def undo_tag_batch(batch: Annotated[str, Path(max_length=40)], ctx: Ctx, who: Who) -> HandOut:
    """Take back what a batch did, where nothing happened to it since."""
    done = tagging.undo(ctx.runtime, batch, by=who.actor)
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "tag.undo", batch, changed=done.changed)
    return HandOut.model_validate(done)


@router.get("/tags/{tag_id}/batches")
@needs("viewer")
def list_tag_batches(tag_id: Id, ctx: Ctx) -> Page[BatchOut]:
    """What was given and taken by hand, newest first."""
    ctx.runtime.loader.catch_up()
    found = read.batches(ctx.runtime.workspace.warehouse, tag_id)
    items = [
        BatchOut(batch=b.batch, way="give" if b.name == ADDED else "take", n=b.n, at=iso(b.at_us), by=b.by,
                 undone=b.undone) for b in found
    ]  # fmt: skip
    return Page(items=items, total=len(items), as_of=stream_as_of(ctx))


class _Facts:
    """What is known of all tags at once."""

    def __init__(self, conn: Connection) -> None:
        self.n = read.coverage(conn)
        self.of = read.how_many_customers(conn)
        self.live = {d.id: d for d in definitions.published(conn, KIND)}
        self.standing = approvals.standing(conn, KIND)

    def row(self, found: Definition) -> dict[str, Any]:
        """A tag as the catalogue lists it."""
        tag = Tag.model_validate(found.document)
        n, live = self.n.get(found.id, 0), self.live.get(found.id)
        return {
            "id": found.id, "name": both(found.document.get("name"), found.id), "how": tag.how,
            "value_type": tag.value.type if tag.value else None, "category": tag.category, "owner": tag.owner,
            "status": found.status, "version": found.version, "live_version": live.version if live else None,
            "approval": self.standing.get((found.id, found.version), "draft"), "n": n,
            "share": round(n / self.of, 6) if self.of else None, "of": self.of,
            "expires": (tag.expires.after or tag.expires.on) if tag.expires else None,
        }  # fmt: skip


def _whole(ctx: Context, tag_id: str) -> TagOut:
    with ctx.state.read() as conn:
        found = definitions.get(conn, KIND, tag_id)
        facts = _Facts(conn)
        names = names_of(conn, "segment")
        tag, live = Tag.model_validate(found.document), facts.live.get(tag_id)
        answer = facts.row(found) | {
            "description": {"en": tag.description.in_language("en"), "zh": tag.description.in_language("zh")},
            "document": found.document, "live_document": live.document if live else None,
            "sentences": _in_words(found.document, names),
            "live_sentences": _in_words(live.document, names) if live else [],
            "values": [{"value": v, "n": n} for v, n in read.spread(conn, tag_id)] if tag.value else [],
            "approvals": [
                {"version": a.version, "step": a.step, "by": a.by, "at": iso(a.at_us), "note": a.note}
                for a in approvals.steps_of(conn, KIND, tag_id)
            ],
            "used_by": _used_by(conn, tag_id), "as_of": stream_as_of(ctx),
        }  # fmt: skip
    return TagOut.model_validate(answer)


def _in_words(document: dict[str, Any], names: dict[str, dict[str, str]]) -> list[dict[str, str]]:
    return [sentences(tree, names) for _, tree in Tag.model_validate(document).rules()]


def _used_by(conn: Connection, tag_id: str) -> list[dict[str, str]]:
    return [
        {"kind": kind, "id": d.id}
        for kind in sorted(documents.CONDITIONED)
        for d in definitions.all_of(conn, kind)
        if PREFIX + tag_id in traits_in(d.document)
    ]


def _step(ctx: Context, who: Who, tag_id: str, step: approvals.Step, note: str) -> None:
    with ctx.state.write() as conn:
        version = definitions.get(conn, KIND, tag_id).version
        approvals.take(conn, (KIND, tag_id, version), step, by=who.actor, now_us=ctx.wall_us(), note=note)
        audit.record(conn, who.actor, f"{KIND}.{step}", tag_id, now_us=ctx.wall_us(), version=version)


def _hand(ctx: Context, who: Who, wanted: tagging.Wanted, dry_run: bool) -> HandOut:
    if dry_run:
        return HandOut.model_validate(tagging.preview(ctx.runtime, wanted))
    done = tagging.carry_out(ctx.runtime, wanted, by=who.actor)
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, f"tag.{wanted.way}", wanted.tag_id, changed=done.changed, batch=done.batch)
    return HandOut.model_validate(done)
