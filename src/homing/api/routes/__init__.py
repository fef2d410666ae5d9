"""Which addresses are there? One file a stage; a route asks a façade and shapes the answer, nothing more."""

from __future__ import annotations

from fastapi import APIRouter

from homing.api.routes import (
    agreements,
    campaigns,
    catalogue,
    customers,
    definitions,
    events,
    formats,
    imports,
    insights,
    journeys,
    keys,
    overview,
    quality,
    query,
    rejected,
    segments,
    session,
    sources,
)

ROUTERS: tuple[APIRouter, ...] = (
    session.router,
    overview.router,
    customers.router,
    segments.router,
    journeys.router,
    campaigns.router,
    events.router,
    rejected.router,
    quality.router,
    imports.router,
    formats.router,
    sources.router,
    agreements.router,
    insights.router,
    catalogue.router,
    query.router,
    definitions.router,
    keys.router,
)
