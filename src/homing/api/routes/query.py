"""A person's own SELECT over everything, read-only: what `homing query` asks of a running server."""

from __future__ import annotations

import math
import time
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from homing.api.auth import Door, Who, needs
from homing.api.context import Ctx
from homing.api.shapes.events import QueryIn, QueryOut
from homing.core.time import iso

router = APIRouter(route_class=Door, tags=["query"])


@router.post("/query")
@needs("editor")
def run_query(body: QueryIn, ctx: Ctx, who: Who) -> QueryOut:
    """One SELECT over the views `events`, `customers`, `sends`, `order_lines`, `products`."""
    began = time.perf_counter()
    columns, rows = ctx.runtime.workspace.warehouse.ask_user(body.sql, limit=body.limit + 1)
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "query.run", "warehouse", rows=min(len(rows), body.limit))
    return QueryOut(
        columns=columns, rows=[[plain(v) for v in row] for row in rows[: body.limit]],
        truncated=len(rows) > body.limit,
        as_of=iso(ctx.runtime.freshness()["warehouse"]), ms=round((time.perf_counter() - began) * 1000, 1),
    )  # fmt: skip


def plain(value: Any) -> Any:
    """A value of the warehouse as a JSON value."""
    if isinstance(value, Decimal | float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if value is None or isinstance(value, str | int | bool):
        return value
    return str(value) if isinstance(value, UUID) else repr(value)
