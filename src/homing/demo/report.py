"""What does the demo say at the end? One record: history, live weeks, campaign, and the lift beside the truth.

Every figure is asked of the warehouse or the state, as anyone could. Nothing in it depends on the wall clock: the same
seed gives the same record. `events_lost` compares what the doors acknowledged with what the warehouse holds.
"""

from __future__ import annotations

from typing import Any

from homing.core.query import Query
from homing.core.time import DAY, iso
from homing.demo.dataset import OPENING_US
from homing.demo.playbook import one
from homing.demo.truth import Truth
from homing.demo.world import TICK_US, World
from homing.insights import Funnel, funnel
from homing.learn import Lift, Readout
from homing.learn.readout import lift_dict
from homing.segments import counts

STEPS = ("Product Viewed", "Product Added", "Checkout Started", "Order Completed")
DIGITS = 6

_HISTORY = """
SELECT count(DISTINCT customer_id), count(*), coalesce(sum(revenue), 0)::DOUBLE FROM events
WHERE kind = 'track' AND name = 'Order Completed' AND source_id <> $live AND happened_us < $opening"""
_LIVE = """
SELECT count(*), count(*) FILTER (kind = 'track' AND name = 'Order Completed'),
  coalesce(sum(revenue) FILTER (kind = 'track' AND name = 'Order Completed'), 0)::DOUBLE FROM events
WHERE source_id = $live"""


def report(world: World, days: int) -> dict[str, Any]:
    """The record, as JSON values."""
    ask = world.workspace.warehouse.ask
    customers, orders, revenue = ask(Query(_HISTORY, {"live": world.source, "opening": OPENING_US}))[0]
    events, live_orders, live_revenue = ask(Query(_LIVE, {"live": world.source}))[0]
    campaign = one(world.documents, "campaign")
    read, truth = world.read(campaign)
    with world.workspace.state.read() as conn:
        segments = counts(conn)
    return {
        "seed": world.place.seed,
        "world": {"from": iso(OPENING_US), "days": days, "tick_minutes": TICK_US // 60_000_000,
                  "shoppers": len(world.town.shoppers)},
        "history": {"customers": customers, "orders": orders, "revenue": round(revenue, 2)},
        "live": {"events": events, "orders": live_orders, "revenue": round(live_revenue, 2)},
        "segments": dict(sorted(segments.items())),
        "funnel": steps(world),
        "campaign": campaign_figures(read),
        "lift": lift_figures(read, truth),
        "duplicates_sent": world.mailboxes.duplicates,
        "events_lost": world.clients.verdicts["accepted"] - events,
    }  # fmt: skip


def steps(world: World) -> list[dict[str, Any]]:
    """The way from looking to paying in the web shop, since the opening."""
    asked = Funnel(STEPS, window="7d", since_us=OPENING_US)
    found = funnel(world.workspace.warehouse, asked, world.workspace.clock())
    return [
        {"name": s.name, "people": s.people, "share_of_first": _short(s.share_of_first),
         "share_of_previous": _short(s.share_of_previous), "median_seconds": _short(s.median_seconds)}
        for s in found.steps
    ]  # fmt: skip


def campaign_figures(read: Readout) -> dict[str, Any]:
    """Who was eligible and what was sent to them."""
    return {
        "id": read.experiment.campaign,
        "eligible": read.eligible,
        "control": read.control,
        "treated": read.treated,
        "unfinished": read.unfinished,
        "sent": read.sent,
        "refused": dict(read.refused),
        "status": dict(read.status),
        "opened": read.opened,
        "clicked": read.clicked,
        "bought": read.bought,
        "sample_ratio_p": _short(read.ratio_p),
    }


def lift_figures(read: Readout, truth: Truth | None) -> dict[str, Any]:
    """Extra orders a customer assigned, beside the truth; a figure that cannot be computed is null and says why."""
    found = {one.metric: one for one in read.lift}
    values = {"orders": truth.orders, "revenue": truth.revenue} if truth else {}
    figures = {m: _lift(lift, values.get(m)) for m, lift in found.items()}
    unknown = {"estimate": None, "low": None, "high": None, "truth": _short(values.get("orders"))}
    return {
        "metric": "orders per customer assigned",
        "window_days": read.experiment.window_us / DAY,
        "measured": {"treated": truth.treated if truth else 0, "messages": truth.messages if truth else 0},
        **(figures.get("orders") or unknown),
        "revenue": figures.get("revenue"),
        "conversion": figures.get("conversion"),
        "absent": dict(read.absent),
    }


def _lift(lift: Lift, truth: float | None) -> dict[str, Any]:
    d = lift.per_customer
    whole = lift_dict(lift)
    return {
        "estimate": _short(d.estimate),
        "low": _short(d.low),
        "high": _short(d.high),
        "truth": _short(truth),
        "covered": None if truth is None else d.low <= truth <= d.high,
        "level": d.level,
        "n_treated": d.n_treated,
        "n_control": d.n_control,
        "treated_mean": _short(d.treated_mean),
        "control_mean": _short(d.control_mean),
        "p_value": _short(d.p_value),
        "method": d.method,
        "unadjusted": {k: _short(whole["unadjusted"][k]) for k in ("estimate", "low", "high")},
        "total": {k: _short(whole["total"][k]) for k in ("estimate", "low", "high")},
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(float(value), DIGITS)
