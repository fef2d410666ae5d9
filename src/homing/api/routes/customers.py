"""Customers: the list, one person, how her identifiers were joined, what she received."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from sqlalchemy import Connection

from homing.act.read import Sent, message_of, sends_of, visits_of
from homing.act.words import reason_text
from homing.api import paging
from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.shapes.basics import Page
from homing.api.shapes.customers import (
    CustomerCountOut,
    CustomerOut,
    CustomerPage,
    CustomerRowOut,
    MessageOut,
    SendOut,
)
from homing.collect.catalogue import CUSTOMERS
from homing.core.time import iso
from homing.core.words import words
from homing.govern import Caller, mask
from homing.govern.consent import consents_of
from homing.govern.masking import Veil
from homing.profile import CustomerRow, Profile, Wanted, profile_of
from homing.profile.listing import DEFAULT_SORT
from homing.segments import segments_of
from homing.storage import definitions

router = APIRouter(route_class=Door, tags=["customers"])
Id = Annotated[str, Path(max_length=64)]
TOP_CATEGORIES = 12


@router.get("/customers")
@needs("viewer")
def list_customers(
    *, ctx: Ctx, who: Who, q: str = "", segment: str | None = None, stage: str | None = None, tag: str | None = None,
    sort: str = "-last_seen_at", cursor: paging.Cursor = None, limit: paging.Limit = 50,
) -> CustomerPage:  # fmt: skip
    """Customers by name, e-mail or any identifier, in a segment, stage or tag, in an order (`-` turns it round)."""
    wanted = _wanted(who, q, segment=segment, stage=stage, tag=tag, sort=sort)
    place: Any = paging.decode(cursor, str if sort.endswith("name") else object, str)
    with ctx.state.read() as conn:
        found = ctx.runtime.directory.page(conn, wanted, after=place, limit=limit)
    more = paging.encode(*found.next) if found.next else None
    return CustomerPage(items=[customer_row(r, who) for r in found.rows], next=more, total=found.total,
                        exact=found.exact, as_of=stream_as_of(ctx))  # fmt: skip


@router.get("/customers/count")
@needs("viewer")
def count_customers(
    *, ctx: Ctx, who: Who, q: str = "", segment: str | None = None, stage: str | None = None, tag: str | None = None,
) -> CustomerCountOut:  # fmt: skip
    """How many customers such a list has: counted where the list itself only estimates, as far as seconds allow."""
    with ctx.state.read() as conn:
        total, exact = ctx.runtime.directory.count(conn, _wanted(who, q, segment=segment, stage=stage, tag=tag))
    return CustomerCountOut(total=total, exact=exact, as_of=stream_as_of(ctx))


@router.get("/customers/{customer_id}")
@needs("viewer")
def read_customer(customer_id: Id, ctx: Ctx, who: Who) -> CustomerOut:
    """Everything about one customer."""
    with ctx.state.read() as conn:
        found = profile_of(conn, customer_id, now_us=ctx.now(), zone=ctx.settings.zone,
                           closed=ctx.runtime.agreements.closed())  # fmt: skip
        answer = _customer(found, who, ctx.veil) | _belonging(conn, customer_id)
    return CustomerOut.model_validate(answer | {"as_of": stream_as_of(ctx)})


@router.get("/customers/{customer_id}/messages")
@needs("viewer")
def list_messages(
    customer_id: Id, ctx: Ctx, who: Who, cursor: paging.Cursor = None, limit: paging.Limit = 50
) -> Page[SendOut]:
    """What she was sent and what she was not sent, and why, newest first."""
    place: Any = paging.decode(cursor, int, str)
    with ctx.state.read() as conn:
        rows = sends_of(conn, customer_id, before=place, limit=limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    items = [SendOut.model_validate(shown(_send(r), who)) for r in rows[:limit]]
    more = paging.encode(last.decided_us, last.send_key) if last else None
    return Page(items=items, next=more, as_of=stream_as_of(ctx))


@router.get("/messages/{send_key}")
@needs("viewer")
def read_message(send_key: Annotated[str, Path(max_length=200)], ctx: Ctx, who: Who) -> MessageOut:
    """One message as it was handed over."""
    with ctx.state.read() as conn:
        found = message_of(conn, send_key)
    sent = found.sent
    answer = {
        "send_key": send_key, "customer_id": sent.customer_id, "subject": sent.subject, "html": found.html,
        "text": found.text, "headers": dict(found.headers), "status": sent.status, "reason": sent.reason,
        "reason_text": reason_text(sent.reason),
        "history": [{"status": status, "at": iso(at)} for status, at in found.history],
    }  # fmt: skip
    return MessageOut.model_validate(shown(answer, who))


def _wanted(
    who: Caller, q: str, *, segment: str | None, stage: str | None, tag: str | None, sort: str = DEFAULT_SORT
) -> Wanted:
    return Wanted(q, segment or None, sort, names_only=not who.sees_personal, stage=stage or None, tag=tag or None)


def customer_row(row: CustomerRow, who: Caller) -> CustomerRowOut:
    """A row of a list, as this caller may see it."""
    return CustomerRowOut(
        customer_id=row.customer_id, name=shown(row.name, who), email=shown(row.email, who), stage=row.stage,
        rfm=row.rfm, orders=row.orders, revenue=row.revenue, last_seen_at=iso(row.last_seen_us), ids=row.ids,
        last_order_at=iso(row.last_order_us) if row.last_order_us is not None else None,
    )  # fmt: skip


def shown(value: Any, who: Caller) -> Any:
    """A value as this caller may see it."""
    return value if who.sees_personal else mask(value)


def stream_as_of(ctx: Context) -> str:
    """Until when the state has worked, as text."""
    return iso(ctx.runtime.freshness()["stream"])


def names_of(conn: Connection, kind: str) -> dict[str, dict[str, str]]:
    """The name of each definition of a kind, in both languages."""
    return {d.id: both(d.document.get("name"), d.id) for d in definitions.all_of(conn, kind)}


def both(name: Any, fallback: str) -> dict[str, str]:
    """A document's name in both languages; where one is empty the other is shown."""
    if not isinstance(name, dict):
        return {"en": str(name or fallback), "zh": str(name or fallback)}
    en, zh = name.get("en") or "", name.get("zh") or ""
    return {"en": en or zh or fallback, "zh": zh or en or fallback}


def _customer(found: Profile, who: Caller, veil: Veil) -> dict[str, Any]:
    stats = found.stats
    lines = sum(stats.categories.values())
    top = sorted(((name, n) for name, n in stats.categories.items() if name), key=lambda x: (-x[1], x[0]))
    traits = [
        {"name": t.name, "label": words("trait", t.name), "value": shown_trait(t.name, t.value, who, veil),
         "source": t.source, "as_of": iso(t.as_of_us)}
        for t in found.traits
    ]  # fmt: skip
    return {
        "customer_id": found.customer_id, "name": shown(found.name, who), "traits": traits, "tags": [],
        "stats": {
            "orders": stats.orders, "revenue": found.revenue,
            "average_order": round(found.revenue / stats.orders, 2) if stats.orders else None,
            "first_order_at": _iso(stats.first_order_us), "last_order_at": _iso(stats.last_order_us),
            "active_hour": stats.active_hour, "active_hours": stats.hours, "favourite_category": stats.favourite,
            "categories": [{"name": name, "share": round(n / lines, 4), "n": n} for name, n in top[:TOP_CATEGORIES]],
        },
        "rfm": _rfm(found), "stage": found.stage, "stage_label": words("stage", found.stage), "churn": _churn(found),
        "merged_into": found.merged_into, "first_seen_at": iso(found.first_seen_us),
        "last_seen_at": iso(found.last_seen_us),
    }  # fmt: skip


def shown_trait(name: str, value: Any, who: Caller, veil: Veil) -> Any:
    """A trait's value as this caller may see it."""
    return value if who.sees_personal else veil.cover(CUSTOMERS, {name: value})[name]


def _belonging(conn: Connection, customer_id: str) -> dict[str, Any]:
    names = names_of(conn, "segment")
    return {
        "segments": [
            {"id": s.segment_id, "name": names.get(s.segment_id, both(None, s.segment_id)), "since": iso(s.since_us)}
            for s in segments_of(conn, customer_id)
        ],
        "consent": [
            {"purpose": purpose, "channel": channel, "status": word.status, "since": iso(word.since_us),
             "source": word.source_id}
            for purpose, channel, word in consents_of(conn, customer_id)
        ],
        "journeys": [
            {"journey": v.journey_id, "version": v.version, "node": v.node, "since": iso(v.since_us)}
            for v in visits_of(conn, customer_id)
        ],
    }  # fmt: skip


def _rfm(found: Profile) -> dict[str, Any] | None:
    scores = [found.values.get(f"rfm_{name}") for name in ("recency", "frequency", "monetary", "segment")]
    if any(s is None for s in scores):
        return None
    r, f, m, name = scores
    return {"r": r, "f": f, "m": m, "name": name, "label": words("rfm", str(name))}


def _churn(found: Profile) -> dict[str, Any] | None:
    signal = found.churn
    if signal is None:
        return None
    days, usual, n = signal.silence_days, f"{signal.median_gap_days:g}", signal.gaps
    silent, between = f"{days} day{'' if days == 1 else 's'}", f"{usual} day{'' if usual == '1' else 's'}"
    basis = {
        "en": f"Last order {silent} ago; usually {between} between orders ({n} gap{'' if n == 1 else 's'})",
        "zh": f"距上次下单 {days} 天；通常间隔 {usual} 天（{n} 个间隔）",
    }
    return {"risk": signal.risk, "basis": basis}


def _send(sent: Sent) -> dict[str, Any]:
    return {
        "send_key": sent.send_key, "at": iso(sent.decided_us), "channel": sent.channel, "campaign": sent.campaign_id,
        "journey": sent.journey_id, "node": sent.node, "status": sent.status, "reason": sent.reason,
        "reason_text": reason_text(sent.reason), "subject": sent.subject, "opened_at": _iso(sent.opened_us),
        "clicked_at": _iso(sent.clicked_us),
    }  # fmt: skip


def _iso(us: int | None) -> str | None:
    return None if us is None else iso(us)
