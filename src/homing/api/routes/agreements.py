"""On what terms other parties' data may be used: every agreement, how long it holds, and what came under it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from homing.api.auth import Door, needs
from homing.api.context import Ctx
from homing.api.routes.customers import both
from homing.api.shapes.agreements import AgreementOut, AgreementsOut
from homing.collect.definitions.agreement import KIND, Agreement
from homing.core.time import DAY, iso
from homing.storage import definitions

router = APIRouter(route_class=Door, tags=["agreements"])


@router.get("/agreements")
@needs("viewer")
def list_agreements(ctx: Ctx) -> AgreementsOut:
    """Every agreement in force, the one that ends first first."""
    now = ctx.now()
    with ctx.state.read() as conn:
        found = [d.document for d in definitions.published(conn, KIND)]
    items = [_shown(document, now) for document in found]
    return AgreementsOut(items=sorted(items, key=lambda a: (a.expires_at, a.id)), as_of=ctx.now_iso())


def _shown(document: dict[str, Any], now_us: int) -> AgreementOut:
    said = Agreement.model_validate(document)
    left = said.expires_us() - now_us
    return AgreementOut.model_validate(
        {
            "id": said.id, "name": both(document.get("name"), said.id), "party": said.party,
            "relation": said.relation, "purpose": list(said.purpose), "sources": list(said.sources),
            "fields": None if said.fields is None else list(said.fields), "expires_at": iso(said.expires_us()),
            "state": "active" if left > 0 else "expired", "days_left": max(0, -(-left // DAY)), "document": document,
        }
    )  # fmt: skip
