"""What was refused: seen, mended one by one or together, sent again through the same door, or put aside."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query

from homing.api import paging
from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.customers import both
from homing.api.routes.quality import source_names
from homing.api.shapes.basics import Page
from homing.api.shapes.quality import (
    CountOut,
    DifferenceOut,
    EditIn,
    FixIn,
    FixOut,
    OutcomeOut,
    Reason,
    RejectedGroupOut,
    RejectedGroupsOut,
    RejectedOut,
    ReplayOut,
    SelectionIn,
    SettleIn,
)
from homing.collect.met import unmet
from homing.collect.quality import rejected
from homing.collect.quality.checks import values_at
from homing.collect.quality.rejected import Change, Selection
from homing.collect.quality.replay import Replayer
from homing.collect.reasons import REASONS, field_of, words
from homing.core.errors import NotFound
from homing.core.time import iso, parse_iso
from homing.govern import Caller, mask_text

router = APIRouter(route_class=Door, tags=["rejected"])
SHOWN = 100  # failures an answer names
RejectedId = Annotated[str, Path(pattern=r"^[\w-]{1,80}$")]
Text = Annotated[str | None, Query(max_length=64)]


@router.get("/rejected")
@needs("viewer")
def list_rejected(
    *, ctx: Ctx, who: Who, cursor: paging.Cursor = None, limit: paging.Limit = 50, import_id: Text = None,
    source: Text = None, code: Text = None, status: Text = None, since: Text = None, until: Text = None,
) -> Page[RejectedOut]:  # fmt: skip
    """What was not taken and why, newest first."""
    chosen = Selection((), source, code, import_id, status, None, _instant(since), _instant(until))
    with ctx.state.read() as conn:
        rows = rejected.page(conn, chosen, paging.decode(cursor, int, str), limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        items=[rejected_out(r, who, ctx.runtime.agreements.closed()) for r in rows[:limit]],
        next=paging.encode(last.at_us, last.rejected_id) if last else None,
        as_of=ctx.now_iso(),
    )


@router.get("/rejected/groups")
@needs("viewer")
def count_rejected(ctx: Ctx) -> RejectedGroupsOut:
    """How many have the same source, reason and standing."""
    with ctx.state.read() as conn:
        found = rejected.groups(conn, Selection())
    names = source_names(ctx)
    items = [
        RejectedGroupOut.model_validate(
            {
                "source": g.source,
                "name": both(names.get(g.source), g.source),
                "code": g.code,
                "text": words(g.code),
                "status": g.status,
                "n": g.n,
                "last_at": iso(g.last_us),
            }
        )
        for g in found
    ]
    return RejectedGroupsOut.model_validate({"items": items, "reasons": {code: words(code) for code in REASONS}})


@router.post("/rejected/fix")
@needs("editor")
def fix_rejected(body: FixIn, ctx: Ctx, who: Who) -> FixOut:
    """Change one field of many open items: set, replace, trim or remove; with `dry_run` see what would change."""
    change = Change(body.change.op, body.change.field, body.change.value, body.change.find)
    with ctx.state.write() as conn:
        done = rejected.fix(conn, _selection(body.select), change, dry_run=body.dry_run)
        if not body.dry_run:
            ctx.wrote(conn, who, "rejected.fix", body.change.field, op=body.change.op, changed=done.changed)
    sample = [DifferenceOut(rejected_id=d.rejected_id, before=d.before, after=d.after) for d in done.sample]
    return FixOut(matched=done.matched, changed=done.changed, unreadable=done.unreadable, sample=sample)


@router.get("/rejected/{rejected_id}")
@needs("viewer")
def show_rejected(rejected_id: RejectedId, ctx: Ctx, who: Who) -> RejectedOut:
    """One item."""
    with ctx.state.read() as conn:
        found = rejected.rows_of(conn, [rejected_id])
    if not found:
        raise NotFound(f"there is no rejected row {rejected_id!r}")
    return rejected_out(found[0], who, ctx.runtime.agreements.closed())


@router.put("/rejected/{rejected_id}")
@needs("editor")
def edit_rejected(rejected_id: RejectedId, body: EditIn, ctx: Ctx, who: Who) -> RejectedOut:
    """Write another text for one open item."""
    with ctx.state.write() as conn:
        rejected.edit(conn, rejected_id, body.body)
        ctx.wrote(conn, who, "rejected.edit", rejected_id)
        (row,) = rejected.rows_of(conn, [rejected_id])
    return rejected_out(row, who, ctx.runtime.agreements.closed())


@router.post("/rejected/replay")
@needs("editor")
def replay_rejected(body: SettleIn, ctx: Ctx, who: Who) -> ReplayOut:
    """Send open items again through the door they were refused at; what is refused again stays open."""
    with ctx.state.read() as conn:
        ids = rejected.ids_of(conn, _selection(body.select))
    done = replayer_of(ctx).replay(ids, now_us=ctx.now())
    counts = {s: sum(o.status == s for o in done) for s in ("replayed", "duplicate", "failed")}
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "rejected.replay", str(len(ids)), **counts)
    failed = [
        OutcomeOut(rejected_id=o.rejected_id, status=o.status, reason=_reason(o.code, o.message))
        for o in done if o.status == "failed"
    ]  # fmt: skip
    return ReplayOut(**counts, items=failed[:SHOWN])


@router.post("/rejected/drop")
@needs("editor")
def drop_rejected(body: SettleIn, ctx: Ctx, who: Who) -> CountOut:
    """Put open items aside; they are kept, and can be opened again."""
    return _settle(ctx, who, body.select, drop=True)


@router.post("/rejected/reopen")
@needs("editor")
def reopen_rejected(body: SettleIn, ctx: Ctx, who: Who) -> CountOut:
    """Take back what was dropped."""
    return _settle(ctx, who, body.select, drop=False)


def replayer_of(ctx: Context) -> Replayer:
    """What sends items of this workspace again."""
    w = ctx.runtime.workspace
    return Replayer(w.state, w.log, ctx.runtime.checkpoint, w.settings)


def _settle(ctx: Context, who: Caller, select: SelectionIn, *, drop: bool) -> CountOut:
    with ctx.state.write() as conn:
        ids = rejected.ids_of(conn, _selection(select), "open" if drop else "dropped")
        n = rejected.settle(conn, ids, "dropped" if drop else "open", now_us=ctx.now() if drop else None)
        ctx.wrote(conn, who, "rejected.drop" if drop else "rejected.reopen", str(n))
    return CountOut(n=n, ids=ids)


def _selection(said: SelectionIn) -> Selection:
    return Selection(tuple(said.ids), said.source, said.code, said.import_id)


def _instant(text: str | None) -> int | None:
    return parse_iso(text) if text else None


def _reason(code: str, message: str, call: dict[str, Any] | None = None) -> Reason:
    field = field_of(code, message)
    met = None
    if call is not None and field and code.startswith(("plan_", "rule_")):
        said = call.get("traits" if call.get("type") in {"identify", "group"} else "properties")
        met = values_at(field, said if isinstance(said, dict) else {})
    return Reason.model_validate({"code": code, "message": message, "text": words(code), "field": field, "met": met})


def _call(row: Any) -> dict[str, Any]:
    """The refused call; empty when it is none that can be read."""
    try:
        call = msgspec.json.decode(row.body) if row.shape == "call" else None
    except (ValueError, RecursionError):
        call = None
    return call if isinstance(call, dict) else {}


def rejected_out(row: Any, who: Caller, closed: frozenset[str]) -> RejectedOut:
    """A refused item as this caller may see it; what it holds may not be read when its source is closed."""
    open_ = who.sees_personal and row.source_id not in closed
    call = _call(row) if row.source_id not in closed else {}
    message = row.message if open_ else mask_text(unmet(row.message))
    return RejectedOut(
        rejected_id=row.rejected_id, at=iso(row.at_us), source=row.source_id, import_id=row.import_id, place=row.place,
        type=str(call.get("type") or ""), event=str(call.get("event") or "")[:200],
        reason=_reason(row.code, message, call if open_ else None), status=row.status, shape=row.shape,
        settled_at=iso(row.settled_us) if row.settled_us is not None else None,
        body=row.body if open_ else None,
    )  # fmt: skip
