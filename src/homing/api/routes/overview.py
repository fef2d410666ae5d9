"""The loop at a glance: five stages with their freshness, the days behind them, and the demo's own report."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from homing.api.auth import Door, needs
from homing.api.context import Context, Ctx
from homing.api.shapes.insights import DayOut, DemoOut, OverviewOut
from homing.core.errors import NotFound
from homing.core.time import iso
from homing.insights import overview_days
from homing.runtime.overview import Figure, stage_figures

router = APIRouter(route_class=Door, tags=["overview"])
FRESH_S = 1.0
PARTS = {  # what the oldest figure of a stage is read from
    "collect": "warehouse",
    "understand": "warehouse",
    "decide": "stream",
    "act": "warehouse",
    "measure": "warehouse",
}
LABELS: dict[str, tuple[str, str]] = {
    "events": ("Events", "事件"),
    "orders": ("Orders", "订单"),
    "revenue": ("Revenue", "消费金额"),
    "rejected": ("Rejected", "被拒"),
    "customers": ("Customers", "客户"),
    "buyers": ("Customers with an order", "有订单的客户"),
    "identifiers": ("Identifiers", "标识"),
    "merges": ("Merges", "合并"),
    "segments": ("Segments in force", "生效的人群"),
    "members": ("Memberships", "人群成员数"),
    "held_out": ("Held out", "留出"),
    "journeys": ("Journeys in force", "生效的旅程"),
    "waiting": ("Waiting in a journey", "旅程中等待"),
    "sent": ("Messages sent", "已发消息"),
    "refused": ("Messages not sent", "未发消息"),
    "campaigns": ("Campaigns", "活动"),
    "opened": ("Opened", "打开"),
    "clicked": ("Clicked", "点击"),
}


@router.get("/overview")
@needs("viewer")
def read_overview(ctx: Ctx, days: Annotated[int, Query(ge=1, le=366)] = 28) -> OverviewOut:
    """Each stage with its figures and freshness, and the last local days; the last day is not over."""
    return ctx.memo.get(("overview", days), lambda: _overview(ctx, days), ttl_s=FRESH_S)


def _overview(ctx: Context, days: int) -> OverviewOut:
    w, s, now = ctx.runtime.workspace, ctx.settings, ctx.now()
    fresh = ctx.runtime.freshness()
    figures = stage_figures(ctx.runtime, now)
    stages = [
        {"stage": stage, "as_of": iso(fresh[part]), "lag_ms": max(0, now - fresh[part]) / 1000,
         "figures": [_figure(f) for f in figures[stage]]}
        for stage, part in PARTS.items()
    ]  # fmt: skip
    rows = overview_days(w.warehouse, days, now, zone=s.zone, currency=s.currency)
    daily = [DayOut.model_validate({**_plain(d), "day": d.day.isoformat()}) for d in rows]
    return OverviewOut.model_validate(
        {"as_of": iso(now), "currency": s.currency, "stages": stages, "daily": daily, "demo": _demo(ctx)}
    )


@router.get("/demo")
@needs("viewer")
def read_demo(ctx: Ctx) -> DemoOut:
    """The demo's own report; 404 in a workspace that is no demo."""
    found = _demo(ctx)
    if found is None:
        raise NotFound("this workspace is no demo")
    return found


def _demo(ctx: Context) -> DemoOut | None:
    return DemoOut.model_validate(dict(ctx.demo())) if ctx.demo else None


def _figure(figure: Figure) -> dict[str, Any]:
    en, zh = LABELS[figure.key]
    return {"key": figure.key, "value": figure.value, "unit": figure.unit, "label": {"en": en, "zh": zh}}


def _plain(day: Any) -> dict[str, Any]:
    return {name: getattr(day, name) for name in ("events", "orders", "revenue", "sends", "opened", "clicked")}
