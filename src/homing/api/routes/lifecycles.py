"""Lifecycles: the models with how many are where, and how customers moved between any two dates."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import Response
from sqlalchemy import Connection, func, select

from homing.api import paging
from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.customers import customer_row, names_of, stream_as_of
from homing.api.routes.segments import checked
from homing.api.shapes.basics import Page
from homing.api.shapes.customers import CustomerRowOut
from homing.api.shapes.marks import FlowOut, LifecycleOut, LifecyclesOut
from homing.core.condition_words import sentences
from homing.core.document import Text
from homing.core.errors import InvalidInput, NotFound
from homing.core.time import iso, local_instant, parse_iso, time_of_day
from homing.profile import COMPUTED_TRAITS, customers_named
from homing.profile.stages import KIND, Lifecycle, Stage
from homing.profile.stages.presets import PRESETS
from homing.profile.tags.read import stage_counts
from homing.runtime import documents
from homing.segments import written_out
from homing.segments.flow import NEW, NONE, Flow, Moved, flow
from homing.storage import definitions
from homing.storage.definitions import Definition
from homing.storage.schema import merge

router = APIRouter(route_class=Door, tags=["lifecycles"])
Id = Annotated[str, Path(max_length=64)]
Document = Annotated[dict[str, Any], Body(description="the document; see GET /api/definitions/lifecycle")]
From = Annotated[str, Query(alias="from", max_length=40, description="a day, whose end is meant, or an instant")]
To = Annotated[str, Query(max_length=40, description="a day, whose end is meant, or an instant")]
WORDS = {NEW: ("New", "新客户"), NONE: ("No stage", "无阶段")}
_MIDNIGHT = time_of_day("00:00")


@router.get("/lifecycles")
@needs("viewer")
def list_lifecycles(ctx: Ctx) -> LifecyclesOut:
    """Every lifecycle, and the presets that were not saved here."""
    with ctx.state.read() as conn:
        saved = definitions.all_of(conn, KIND)
        items = [_shown(ctx, conn, d.document, d) for d in saved]
        there = {d.id for d in saved}
        items += [_shown(ctx, conn, document, None) for name, document in PRESETS.items() if name not in there]
    return LifecyclesOut(items=items, as_of=stream_as_of(ctx))


@router.get("/lifecycles/{model_id}")
@needs("viewer")
def read_lifecycle(model_id: Id, ctx: Ctx) -> LifecycleOut:
    """One lifecycle, or a preset."""
    with ctx.state.read() as conn:
        found = definitions.find(conn, KIND, model_id)
        return _shown(ctx, conn, _document(conn, model_id), found)


@router.put("/lifecycles/{model_id}")
@needs("editor")
def save_lifecycle(model_id: Id, body: Document, ctx: Ctx, who: Who) -> LifecycleOut:
    """Save a lifecycle and bring it into force: everybody is judged by it at once."""
    documents.apply(ctx.runtime, [checked(body, KIND, model_id)], by=who.actor, at_us=ctx.wall_us())
    return read_lifecycle(model_id, ctx)


@router.delete("/lifecycles/{model_id}", status_code=204)
@needs("editor")
def delete_lifecycle(model_id: Id, ctx: Ctx, who: Who) -> None:
    """Take a lifecycle back; refused while another definition in force names it."""
    documents.change_status(ctx.runtime, KIND, model_id, "deleted", by=who.actor, at_us=ctx.wall_us())


@router.get("/lifecycles/{model_id}/flow")
@needs("viewer")
def read_flow(model_id: Id, from_: From, to: To, ctx: Ctx) -> FlowOut:
    """How customers moved between the stages from one date to another, new customers among them."""
    return _flow(ctx, model_id, from_, to)


@router.get("/lifecycles/{model_id}/flow.csv", response_class=Response)
@needs("viewer")
def download_flow(
    model_id: Id, from_: From, to: To, ctx: Ctx,
    lang: Annotated[str, Query(pattern="^(en|zh)$", description="of the stages' names")] = "en",
) -> Response:  # fmt: skip
    """The flow as a CSV file: stage before, stage after, customers."""
    found = _flow(ctx, model_id, from_, to)
    names = {s.id: s.name.zh if lang == "zh" else s.name.en for s in found.stages}
    names |= {code: words[lang == "zh"] for code, words in WORDS.items()}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("from", "from_name", "to", "to_name", "customers", "from_date", "to_date"))
    for m in found.moves:
        writer.writerow((m.from_, _cell(names[m.from_]), m.to, _cell(names[m.to]), m.n, found.from_, found.to))
    name = f"flow-{model_id}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/lifecycles/{model_id}/flow/customers")
@needs("viewer")
def list_moved(
    *, model_id: Id, from_: From, to: To, was: Annotated[str, Query(max_length=64)],
    now: Annotated[str, Query(max_length=64)], ctx: Ctx, who: Who, cursor: paging.Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Page[CustomerRowOut]:  # fmt: skip
    """Who moved from one stage to another, or stayed in it."""
    place = paging.decode(cursor, str)
    asked = _asked(ctx, model_id, from_, to)
    warehouse = ctx.runtime.workspace.warehouse
    ids = [row[0] for row in warehouse.ask(asked.people(was, now, after=place[0] if place else "", limit=limit + 1))]
    with ctx.state.read() as conn:
        rows = customers_named(conn, ids[:limit])
    more = paging.encode(ids[limit - 1]) if len(ids) > limit else None
    items = [customer_row(r, who) for r in rows]
    return Page(items=items, next=more, as_of=iso(ctx.runtime.freshness()["warehouse"]))


def _flow(ctx: Context, model_id: str, from_: str, to: str) -> FlowOut:
    asked = _asked(ctx, model_id, from_, to)
    moves = flow(ctx.runtime.workspace.warehouse, asked)
    with ctx.state.read() as conn:
        between = merge.c.at_us.between(asked.from_us + 1, asked.to_us)
        merged = int(conn.execute(select(func.count()).select_from(merge).where(between)).scalar_one())
        stages = [_stage(s, None, names_of(conn, "segment")) for s in asked.model.stages]
    return FlowOut.model_validate(
        {
            "model": model_id, "from": iso(asked.from_us), "to": iso(asked.to_us), "stages": stages,
            "moves": [{"from": m.was, "to": m.now, "n": m.n} for m in moves], "merged": merged,
            "before": _sum(m for m in moves if m.was != NEW), "after": _sum(moves), "as_now": list(asked.as_now()),
            "as_of": iso(ctx.runtime.freshness()["warehouse"]),
        }
    )  # fmt: skip


def _asked(ctx: Context, model_id: str, from_: str, to: str) -> Flow:
    zone = ctx.settings.zone
    now = ctx.now()
    span = (min(now, _instant(from_, zone, "from")), min(now, _instant(to, zone, "to")))
    with ctx.state.read() as conn:
        model = Lifecycle.model_validate(_document(conn, model_id))
        found = Flow.of(model, lambda tree: written_out(conn, tree), span, COMPUTED_TRAITS)
    return found.in_zones(ctx.runtime.workspace.warehouse, zone)


def _instant(text: str, zone: str, field: str) -> int:
    """A day means its end, in the workspace's zone."""
    try:
        return local_instant(date.fromisoformat(text) + timedelta(days=1), _MIDNIGHT, zone) - 1
    except ValueError:
        pass
    except OverflowError:
        raise InvalidInput(f"{field} is {text!r}, wanted a day people live in", field=field) from None
    return parse_iso(text, zone=zone)


def _document(conn: Connection, model_id: str) -> dict[str, Any]:
    found = definitions.find(conn, KIND, model_id)
    if found is not None:
        return found.document
    if model_id not in PRESETS:
        raise NotFound(f"there is no lifecycle {model_id!r}")
    return PRESETS[model_id]


def _shown(ctx: Context, conn: Connection, document: dict[str, Any], found: Definition | None) -> LifecycleOut:
    model = Lifecycle.model_validate(document)
    live = found is not None and found.status == "live"
    counts = stage_counts(conn, model.id) if live else None
    names = names_of(conn, "segment")
    return LifecycleOut.model_validate(
        {
            "id": model.id, "name": _both(model.name), "description": _both(model.description), "main": model.main,
            "preset": found is None, "status": found.status if found else "preset", "document": document,
            "version": found.version if found else 0, "as_of": stream_as_of(ctx),
            "stages": [_stage(s, None if counts is None else counts.get(s.id, 0), names) for s in model.stages],
        }
    )  # fmt: skip


def _stage(stage: Stage, n: int | None, names: dict[str, dict[str, str]]) -> dict[str, Any]:
    said = sentences(stage.condition, names) if stage.condition is not None else None
    return {"id": stage.id, "name": _both(stage.name), "colour": stage.colour, "n": n, "sentence": said}


def _both(text: Text) -> dict[str, str]:
    return {"en": text.in_language("en"), "zh": text.in_language("zh")}


def _sum(moves: Any) -> int:
    found: list[Moved] = list(moves)
    return sum(m.n for m in found)


def _cell(text: str) -> str:
    """A name as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t" else text
