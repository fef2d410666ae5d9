"""What happened: the funnel, the RFM picture, trends, and the catalogue of what can be asked about."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.shapes.insights import CatalogueOut, FunnelOut, RfmGridOut, TrendOut
from homing.collect.catalogue.names import CUSTOMERS, EVENT
from homing.core.time import iso
from homing.core.words import words
from homing.govern import Caller, mask
from homing.govern.masking import Veil
from homing.insights import OPERATORS, Funnel, catalogue, funnel, rfm_grid, trend
from homing.storage.warehouse import Warehouse

router = APIRouter(route_class=Door, tags=["insights"])
CATALOGUE_S = 10.0
MONEY = frozenset({"revenue"})


@router.get("/insights/funnel")
@needs("viewer")
def read_funnel(
    ctx: Ctx,
    steps: Annotated[list[str], Query(description="event names in order, each once")],
    window: Annotated[str, Query(max_length=20)] = "7d",
) -> FunnelOut:
    """Of those who did the first, how many went on, in order and within the window."""
    found = funnel(_warehouse(ctx), Funnel(tuple(steps), window), ctx.now())
    said = {"steps": found.steps, "window": window, "as_of": _as_of(ctx), "sql": found.sql}
    return FunnelOut.model_validate(said)


@router.get("/insights/rfm")
@needs("viewer")
def read_rfm(ctx: Ctx) -> RfmGridOut:
    """How customers spread over recency, frequency and money."""
    found = rfm_grid(_warehouse(ctx), ctx.now(), ctx.settings.currency)
    cells = [
        {"name": c.name, "label": words("rfm", c.name), "people": c.people, "revenue": c.revenue} for c in found.cells
    ]
    said = {"cells": cells, "grid": found.grid, "people": found.people, "currency": ctx.settings.currency}
    return RfmGridOut.model_validate(said | {"as_of": _as_of(ctx)})


@router.get("/insights/trend")
@needs("viewer")
def read_trend(ctx: Ctx, metric: str = "revenue", days: Annotated[int, Query(ge=1, le=1100)] = 90) -> TrendOut:
    """One figure a local day; the last day is not over."""
    s = ctx.settings
    found = trend(_warehouse(ctx), metric, days, ctx.now(), zone=s.zone, currency=s.currency)
    points = [{"day": day.isoformat(), "value": value} for day, value in found.points]
    unit = s.currency if metric in MONEY else None
    return TrendOut.model_validate({"metric": metric, "unit": unit, "points": points, "as_of": _as_of(ctx)})


@router.get("/catalogue")
@needs("viewer")
def read_catalogue(ctx: Ctx, who: Who) -> CatalogueOut:
    """Events with their properties, traits, and which operators go with which type."""
    found = ctx.memo.get("catalogue", lambda: catalogue(_warehouse(ctx)), ttl_s=CATALOGUE_S)
    events = [
        {
            "name": e.name,
            "n": e.n,
            "label": words("event", e.name),
            "properties": [_field(p, who, ctx.veil, f"{EVENT}{e.name}") for p in e.properties],
        }
        for e in found.events
    ]
    traits = [_field(t, who, ctx.veil, CUSTOMERS) | {"label": words("trait", t.name)} for t in found.traits]
    return CatalogueOut.model_validate({"events": events, "traits": traits, "operators": OPERATORS})


def _field(found: Any, who: Caller, veil: Veil, dataset: str) -> dict[str, Any]:
    examples = list(found.examples)
    if not who.sees_personal:
        examples = [] if veil.hides(dataset, found.name) else mask(examples, name=found.name)
    return {"name": found.name, "type": found.type, "examples": examples}


def _warehouse(ctx: Context) -> Warehouse:
    return ctx.runtime.workspace.warehouse


def _as_of(ctx: Context) -> str:
    return iso(ctx.runtime.freshness()["warehouse"])
