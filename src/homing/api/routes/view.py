"""What a customer's page says as of any instant, where she stands among all, and who stands around her."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy import Connection

from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.customers import both, customer_row, shown_trait
from homing.api.shapes.view import (
    CountedOut,
    FactOut,
    InterestOut,
    MeasureOut,
    RelationOut,
    RelationsOut,
    SaidTraitOut,
    StandingOut,
    ViewOut,
    WordOut,
)
from homing.core.errors import InvalidInput, NotFound
from homing.core.time import DAY, iso, parse_iso, zone_of
from homing.core.words import words
from homing.govern import Caller
from homing.profile import rfm_limits, segment_of
from homing.profile.listing import exists
from homing.profile.rfm import RfmLimits, fifths
from homing.profile.view import (
    HALF_LIFE_DAYS,
    Count,
    Fact,
    Interest,
    Said,
    behaviour,
    deeds,
    life_of,
    relations,
    said_by,
    satisfaction,
    spending,
    top,
    value_of,
)
from homing.storage import definitions

router = APIRouter(route_class=Door, tags=["customers"])
Id = Annotated[str, Path(max_length=64)]
At = Annotated[str | None, Query(max_length=40, description="ISO 8601; now when left out")]
Defined = Mapping[str, tuple[str, dict[str, str]]]
LIMITS_S = 300.0  # real seconds for which the limits of everybody are kept
_CONTACT = {
    "name", "first_name", "last_name", "email", "phone", "landline", "home_phone", "address", "street", "postcode",
    "postal_code", "zip",
}  # fmt: skip
_DEMOGRAPHICS = {
    "age", "gender", "birthday", "birth_date", "city", "district", "region", "province", "state", "country", "timezone",
    "language", "job", "occupation", "title", "education", "income", "home_ownership", "marital_status",
    "household_size", "household_comp", "kids_count",
}  # fmt: skip
_SOCIAL = {"referred_by", "referrer", "referrer_id", "invited_by", "inviter"}
_VALUE = {"clv", "predicted_clv", "loyalty_tier", "tier", "points", "churn_risk"}


@router.get("/customers/{customer_id}/view")
@needs("viewer")
def read_view(customer_id: Id, ctx: Ctx, who: Who, at: At = None) -> ViewOut:
    """What was said of her and what she did by an instant; each value with its source, its n and its time."""
    at_us = _instant(ctx, at)
    warehouse = ctx.runtime.workspace.warehouse
    with ctx.state.read() as conn:
        if not exists(conn, customer_id):
            raise NotFound(f"there is no customer {customer_id[:60]!r}")
        defined = _defined(conn)
    life = life_of(warehouse, customer_id, at_us)
    said = said_by(life)
    zone = _zone(said, ctx.settings.zone)
    done = deeds(warehouse, life, zone)
    currency = ctx.settings.currency
    return ViewOut(
        at=iso(at_us), as_of=iso(min(at_us, ctx.runtime.freshness()["warehouse"])),
        said=[_said(one, who, ctx, defined) for one in said], behaviour=_facts(behaviour(done)),
        value=_facts(value_of(done, currency)), spending=_facts(spending(done, currency)),
        satisfaction=_facts(satisfaction(done)), strip=done.strip, zone=zone, channels=_counted(done.channels),
        devices=_counted(done.devices), sources=_counted(done.sources), categories=_interests(done.categories),
        products=_interests(done.products), half_life_days=HALF_LIFE_DAYS,
    )  # fmt: skip


@router.get("/customers/{customer_id}/standing")
@needs("viewer")
def read_standing(customer_id: Id, ctx: Ctx, at: At = None) -> StandingOut:
    """Where she stands among everybody with an order: her scores, the limits that decide them, her hundredth."""
    at_us = _instant(ctx, at)
    warehouse, currency = ctx.runtime.workspace.warehouse, ctx.settings.currency
    until = at_us if at else at_us // DAY * DAY  # of everybody, the day's beginning is near enough to now
    limits = ctx.memo.get(("rfm_limits", until), lambda: rfm_limits(warehouse, until, currency), ttl_s=LIMITS_S)
    done = deeds(warehouse, life_of(warehouse, customer_id, at_us), "UTC")
    facts = {fact.key: fact.value for fact in value_of(done, currency)}
    if limits is None or any(not isinstance(facts[key], float) for key in ("recency_days", "orders", "revenue")):
        return StandingOut(people=limits.people if limits else 0, measures=[], segment=None, segment_label=None,
                           as_of=iso(until))  # fmt: skip
    measures = [_measure(limits, key, float(facts[key] or 0.0)) for key in ("recency_days", "orders", "revenue")]
    segment = segment_of(*(one.score for one in measures))
    label = words("rfm", segment)
    return StandingOut.model_validate({
        "people": limits.people, "measures": measures, "segment": segment, "segment_label": label, "as_of": iso(until)
    })  # fmt: skip


@router.get("/customers/{customer_id}/relations")
@needs("viewer")
def read_relations(customer_id: Id, ctx: Ctx, who: Who, at: At = None) -> RelationsOut:
    """Who brought her, whom she brought, her household and her accounts."""
    with ctx.state.read() as conn:
        found = relations(conn, ctx.runtime.workspace.warehouse, customer_id, _instant(ctx, at))
    items = [
        RelationOut(how=r.how, customer=customer_row(r.row, who), source=r.source, at=iso(r.at_us)) for r in found.found
    ]
    return RelationsOut(items=items, unknown_referrer=found.unknown_referrer)


def _instant(ctx: Context, at: str | None) -> int:
    """The instant asked for; a date alone means the end of that day."""
    if not at:
        return ctx.now()
    us = parse_iso(at, zone=ctx.settings.zone) + (DAY - 1 if len(at) == len("2026-01-01") else 0)
    if us > ctx.now() + DAY:
        raise InvalidInput(f"the instant is {at[:40]!r}, wanted one that has been", field="at")
    return us


def _zone(said: Sequence[Said], default: str) -> str:
    """The customer's own zone, where she said one that exists."""
    for one in said:
        if one.name == "timezone" and isinstance(one.words[0].value, str):
            try:
                return str(zone_of(one.words[0].value))
            except InvalidInput:
                return default
    return default


def _defined(conn: Connection) -> dict[str, tuple[str, dict[str, str]]]:
    """The group and the name of each defined trait."""
    return {
        d.id: (str(d.document.get("group") or "other"), both(d.document.get("name"), d.id))
        for d in definitions.all_of(conn, "trait")
    }


def _group(name: str) -> str:
    for group, names in (("contact", _CONTACT), ("demographics", _DEMOGRAPHICS), ("social", _SOCIAL),
                         ("value", _VALUE)):  # fmt: skip
        if name in names:
            return group
    return "value" if name.startswith("rfm_") else "other"


def _said(one: Said, who: Caller, ctx: Context, defined: Defined) -> SaidTraitOut:
    told = [
        WordOut(source=word.source, value=shown_trait(one.name, word.value, who, ctx.veil), at=iso(word.at_us),
                times=word.times) for word in one.words
    ]  # fmt: skip
    group, label = defined.get(one.name) or (_group(one.name), words("trait", one.name))
    return SaidTraitOut.model_validate({
        "name": one.name, "label": label, "group": group, "words": told,
        "disputed": one.disputed,
    })  # fmt: skip


def _facts(facts: Sequence[Fact]) -> list[FactOut]:
    return [
        FactOut(key=f.key, value=round(f.value, 4) if isinstance(f.value, float) else f.value, unit=f.unit, n=f.n,
                sources=list(f.sources), at=None if f.at_us is None else iso(f.at_us)) for f in facts
    ]  # fmt: skip


def _counted(counts: Sequence[Count]) -> list[CountedOut]:
    total = sum(one.n for one in counts) or 1
    return [CountedOut(name=c.name, n=c.n, share=round(c.n / total, 4), at=iso(c.last_us)) for c in counts]


def _interests(all_of: Mapping[str, Interest]) -> list[InterestOut]:
    total = sum(one.weight for one in all_of.values()) or 1.0
    return [
        InterestOut(name=i.name, label=i.label or i.name, weight=round(i.weight, 4), share=round(i.weight / total, 4),
                    n=i.n, at=iso(i.last_us)) for i in top(all_of)
    ]  # fmt: skip


def _measure(limits: RfmLimits, key: str, value: float) -> MeasureOut:
    of_all: Sequence[float] = getattr(limits, key)
    passed = sum(value < one if key == "recency_days" else value > one for one in of_all)
    four = fifths(of_all)
    score = 1 + sum(value < one if key == "recency_days" else value > one for one in four)
    return MeasureOut(key=key, value=value, score=score, percentile=passed, limits=[float(one) for one in four])
