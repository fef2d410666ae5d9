"""Who is whom, and who says so? Identities, merging and taking apart, conflicts, values that do not link.

Every decision is an event in the log, named by whoever made it; the answer comes when the stream has read it.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Query
from sqlalchemy import select

from homing.api import paging
from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.customers import both, names_of, shown
from homing.api.shapes.basics import Page
from homing.api.shapes.identity import (
    AnswerConflictsIn,
    BlockedOut,
    BlockIn,
    DoneOut,
    IdentityOut,
    IdIn,
    MergeIn,
    ReleaseIn,
    RulesOut,
    SettledOut,
    SplitIn,
    WaitingOut,
    WhatIfOut,
)
from homing.core.errors import Conflict, InvalidInput, NotFound, Transient
from homing.core.event import Event, Id
from homing.core.ids import ID_TYPES, normalise
from homing.core.time import SECOND, iso
from homing.core.words import words
from homing.govern import Caller, mask_id
from homing.identity import Identity, hand, identity_of, queue, winner_of
from homing.identity.rules import KIND, as_document, rules_of
from homing.runtime.whatif import Side, WhatIf, if_blocked, if_merged, if_split
from homing.storage import definitions
from homing.storage.schema import rejected

router = APIRouter(route_class=Door, tags=["identity"])
CustomerId = Annotated[str, Path(max_length=64)]
WAIT_S = 120.0


@router.get("/customers/{customer_id}/identity")
@needs("viewer")
def read_identity(customer_id: CustomerId, ctx: Ctx, who: Who) -> IdentityOut:
    """The identifiers she holds, why they are hers, the merges behind her, what could not be joined."""
    with ctx.state.read() as conn:
        found = identity_of(conn, customer_id)
    return IdentityOut.model_validate(_identity(found, who, ctx.runtime.agreements.closed()))


@router.post("/customers/{customer_id}/merge/preview")
@needs("editor")
def preview_merge(customer_id: CustomerId, body: MergeIn, ctx: Ctx) -> WhatIfOut:
    """What merging these two would give; nothing is changed."""
    return _whatif(ctx, if_merged(ctx.runtime, customer_id, body.other))


@router.post("/customers/{customer_id}/merge")
@needs("editor")
def merge_customers(customer_id: CustomerId, body: MergeIn, ctx: Ctx, who: Who) -> DoneOut:
    """They are one person: everything of both counts as one, the most restrictive consent holds."""
    found = if_merged(ctx.runtime, customer_id, body.other)
    if found.obstacle is not None:
        raise _forbidden(found.obstacle)
    one, other = (side.customer_id for side in found.before)
    event = hand.merged_event(_new("merge"), one, other, ctx.now(), by=who.actor, reason=body.reason)
    _decide(ctx, who, event, "customer.merge", one, other=other)
    with ctx.state.read() as conn:
        winners = sorted({winner_of(conn, c) for c in (one, other)})
    if len(winners) > 1:
        raise Conflict("they were not merged: something else came first and forbids it")
    return DoneOut(event_id=event.event_id, customers=winners)


@router.post("/customers/{customer_id}/split/preview")
@needs("editor")
def preview_split(customer_id: CustomerId, body: SplitIn, ctx: Ctx) -> WhatIfOut:
    """What taking a merge back, or identifiers out, would give; nothing is changed."""
    return _whatif(ctx, if_split(ctx.runtime, customer_id, **_split(body)))


@router.post("/customers/{customer_id}/split")
@needs("editor")
def split_customer(customer_id: CustomerId, body: SplitIn, ctx: Ctx, who: Who) -> DoneOut:
    """They are two: each keeps what the log says is their own, and old evidence does not join them again."""
    found = if_split(ctx.runtime, customer_id, **_split(body))
    whole = found.before[0].customer_id
    event = hand.split_event(_new("split"), whole, ctx.now(), by=who.actor, reason=body.reason, **_split(body))
    _decide(ctx, who, event, "customer.split", whole, into=[side.customer_id for side in found.after])
    return DoneOut(event_id=event.event_id, customers=[side.customer_id for side in found.after])


# -- conflicts ---------------------------------------------------------------------------------------------------------
@router.get("/identity/conflicts")
@needs("viewer")
def list_conflicts(
    *, ctx: Ctx, who: Who, cursor: paging.Cursor = None, limit: paging.Limit = 50,
    status: Annotated[str, Query(pattern="^(open|merged|apart|dismissed|unlinked)$")] = "open",
    reason: Annotated[str | None, Query(max_length=40, description="immutable, limit, demoted, separated")] = None,
) -> Page[WaitingOut]:  # fmt: skip
    """What could not be joined and waits for an answer, newest first."""
    place: Any = paging.decode(cursor, int, str)
    with ctx.state.read() as conn:
        rows = queue.conflicts(conn, status=status, reason=reason, after=place, limit=limit + 1)
        total = queue.how_many(conn, status=status, reason=reason)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(items=[_waiting(r, who) for r in rows[:limit]], total=total, as_of=ctx.now_iso(),
                next=paging.encode(last.at_us, last.conflict_id) if last else None)  # fmt: skip


@router.post("/identity/conflicts/settle")
@needs("editor")
def settle_conflicts(body: AnswerConflictsIn, ctx: Ctx, who: Who) -> SettledOut:
    """Merge anyway where that is allowed, keep apart for good, or let it be."""
    with ctx.state.read() as conn:
        found = queue.conflicts_by_id(conn, body.conflicts)
    missing = [c for c in body.conflicts if c not in found]
    if missing:
        raise NotFound(f"there is no conflict {missing[0][:64]!r}")
    told: list[dict[str, Any]] = []
    for name in body.conflicts:
        one, other = found[name]
        pair = [one, other] if other and one != other else None
        if body.answer != "dismiss" and pair is None:
            raise Conflict("this conflict is within one customer: it can only be let be", field="answer")
        if body.answer == "merge" and pair is not None:
            obstacle = if_merged(ctx.runtime, *pair).obstacle
            if obstacle is not None:
                raise _forbidden(obstacle, field="answer")
        told.append({"id": name, "customers": pair})
    event = hand.settled_event(_new("settle"), body.answer, told, ctx.now(), by=who.actor, reason=body.reason)
    _decide(ctx, who, event, f"conflict.{body.answer}", f"{len(told)} conflicts", conflicts=body.conflicts[:20])
    return SettledOut(event_id=event.event_id, settled=len(told))


# -- values that do not link -------------------------------------------------------------------------------------------
@router.get("/identity/blocked")
@needs("viewer")
def list_blocked(
    *, ctx: Ctx, who: Who, lifted: bool = False, cursor: paging.Cursor = None, limit: paging.Limit = 50
) -> Page[BlockedOut]:
    """Values that name nobody, or nobody alone, by hand or learned; newest first."""
    place: Any = paging.decode(cursor, int, str, str)
    with ctx.state.read() as conn:
        rows = queue.blocked(conn, lifted=lifted, after=place, limit=limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    items = [
        BlockedOut(
            type=r.type, value=_value(r.type, r.value, who), status=r.status, why=r.why, reason=shown(r.reason, who),
            customers=r.customers, made_by=r.made_by, at=iso(r.at_us),
            lifted_at=None if r.lifted_us is None else iso(r.lifted_us),
        )
        for r in rows[:limit]
    ]  # fmt: skip
    return Page(items=items, as_of=ctx.now_iso(),
                next=paging.encode(last.at_us, last.type, last.value) if last else None)  # fmt: skip


@router.post("/identity/blocked/preview")
@needs("editor")
def preview_block(body: BlockIn, ctx: Ctx) -> WhatIfOut:
    """What it would give if this value did not link; nothing is changed."""
    return _whatif(ctx, if_blocked(ctx.runtime, _id(body, ctx), body.status))


@router.post("/identity/blocked")
@needs("editor")
def block_identifier(body: BlockIn, ctx: Ctx, who: Who) -> DoneOut:
    """This value does not link: whom it alone had joined is taken apart."""
    i = _id(body, ctx)
    event = hand.block_event(_new("block"), i, body.status, ctx.now(), by=who.actor, reason=body.reason)
    _decide(ctx, who, event, f"identifier.{body.status}", i.type)
    return DoneOut(event_id=event.event_id, customers=[])


@router.post("/identity/blocked/release")
@needs("editor")
def release_identifier(body: ReleaseIn, ctx: Ctx, who: Who) -> DoneOut:
    """This value links again, its old evidence included, and is not learned to be shared any more."""
    i = _id(body, ctx)
    event = hand.block_event(_new("release"), i, None, ctx.now(), by=who.actor, reason=body.reason)
    _decide(ctx, who, event, "identifier.release", i.type)
    return DoneOut(event_id=event.event_id, customers=[])


@router.get("/identity/rules")
@needs("viewer")
def read_rules(ctx: Ctx, who: Who) -> RulesOut:
    """How identifiers are joined here; change it by applying a document of the kind `identity`."""
    with ctx.state.read() as conn:
        rules = rules_of(conn)
        live = [d.document for d in definitions.published(conn, KIND) if d.status == "live"]
    told: dict[str, Any] = as_document(rules)
    for one in told["types"]:
        window = one.pop("window_us")
        one["window_s"] = None if window is None else window // SECOND
    told["blocked"] = [one | {"value": _value(one["type"], one["value"], who)} for one in told["blocked"]]
    return RulesOut.model_validate(told | {"document": shown(live[0], who) if live else None})


# -- inside ------------------------------------------------------------------------------------------------------------
def _new(what: str) -> str:
    return f"identity:{what}:{uuid4().hex}"


def _decide(ctx: Context, who: Caller, event: Event, action: str, target: str, **details: object) -> None:
    """Write a decision into the log and wait until the stream has carried it out."""
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, action, target, event=event.event_id, **details)
    (verdict,) = ctx.runtime.workspace.log.append([event], dedupe="ever")
    offset = verdict.offset or 0
    if not ctx.runtime.worker.wait_past(offset, WAIT_S):
        raise Transient(f"the decision waits behind other events, longer than {WAIT_S:g} s; it will be carried out")
    with ctx.state.read() as conn:
        if conn.execute(select(rejected.c.code).where(rejected.c.rejected_id == f"stage:{offset}")).scalar():
            raise Conflict("the decision could not be carried out as things stand; nothing was changed")


def _forbidden(obstacle: str, *, field: str | None = None) -> Conflict:
    """Why these two may not be one."""
    why = words("identity_reason", obstacle.partition(":")[0])
    return Conflict(why["en"], field=field, details={"obstacle": obstacle}, zh=why["zh"])


def _split(body: SplitIn) -> dict[str, Any]:
    if (body.merge is None) == (not body.identifiers):
        raise InvalidInput("wanted either a merge to take back or identifiers to take out", field="identifiers")
    return {"merge": body.merge, "identifiers": [_as_stored(i) for i in body.identifiers]}


def _as_stored(given: IdIn) -> Id:
    if given.type not in ID_TYPES:
        raise InvalidInput(f"type is {given.type[:40]!r}, wanted one of {', '.join(ID_TYPES)}", field="type")
    return Id(given.type, given.value)


def _id(given: IdIn, ctx: Context) -> Id:
    found = _as_stored(given)
    try:
        return normalise(found.type, found.value, region=ctx.settings.region)
    except InvalidInput:
        return found  # a value that names nobody may be there all the same


def _value(kind: str, value: str, who: Caller) -> str:
    return value if who.sees_personal else mask_id(kind, value)


def _reason(reason: str) -> dict[str, str]:
    code, _, kind = reason.partition(":")
    said = words("identity_reason", code)
    named = words("id_type", kind) if kind else {"en": "", "zh": ""}
    return {"en": f"{said['en']}: {named['en']}", "zh": f"{said['zh']}：{named['zh']}"} if kind else said


def _identity(found: Identity, who: Caller, closed: frozenset[str]) -> dict[str, Any]:
    def one(kind: str, value: str) -> dict[str, str]:
        return {"type": kind, "value": _value(kind, value, who)}

    return {
        "identifiers": [
            one(i.type, i.value) | {"first_at": iso(i.first_us), "last_at": iso(i.last_us), "status": i.status,
                                    "source": i.source_id} for i in found.identifiers
            if i.source_id not in closed
        ],
        "edges": [
            {"a": one(*e.a), "b": one(*e.b), "event_id": e.event_id, "source": e.source_id, "at": iso(e.at_us),
             "how": e.how, "probability": e.probability, "made_by": e.made_by}
            for e in found.edges if e.source_id not in closed
        ],
        "merges": [
            {"merge_id": m.merge_id, "at": iso(m.at_us), "loser": m.loser, "winner": m.winner, "reason": m.reason,
             "event_id": m.event_id, "evidence": shown(_masked(m.evidence, who), who), "undone": m.undone}
            for m in found.merges
        ],
        "conflicts": [
            {"conflict_id": c.conflict_id, "at": iso(c.at_us), "event_id": c.event_id, "reason": c.reason,
             "reason_text": _reason(c.reason), "details": shown(_masked(c.details, who), who), "status": c.status}
            for c in found.conflicts
        ],
    }  # fmt: skip


def _masked(value: Any, who: Caller) -> Any:
    """Evidence with its identifiers ([type, value]) as this caller may see them."""
    if isinstance(value, dict):
        return {key: _masked(one, who) for key, one in value.items()}
    if isinstance(value, list):
        if len(value) == 2 and all(isinstance(part, str) for part in value) and value[0] in ID_TYPES:
            return [value[0], _value(value[0], value[1], who)]
        return [_masked(one, who) for one in value]
    return value


def _waiting(row: queue.Waiting, who: Caller) -> WaitingOut:
    i = row.details.get("id")
    code = row.reason.partition(":")[0]
    return WaitingOut.model_validate(
        {
            "conflict_id": row.conflict_id, "at": iso(row.at_us), "event_id": row.event_id, "reason": row.reason,
            "reason_text": _reason(row.reason), "status": row.status, "settled_by": row.settled_by,
            "identifier": {"type": i[0], "value": _value(i[0], i[1], who)} if i else None,
            "settled_at": None if row.settled_us is None else iso(row.settled_us), "customer_id": row.customer_id,
            "name": shown(row.customer_name, who), "other": row.other, "other_name": shown(row.other_name, who),
            "may_merge": row.other is not None and row.other != row.customer_id and code != "immutable",
        }
    )  # fmt: skip


def _whatif(ctx: Context, found: WhatIf) -> WhatIfOut:
    with ctx.state.read() as conn:
        names = names_of(conn, "segment")

    def segment(name: str) -> dict[str, Any]:
        return {"id": name, "name": names.get(name, both(None, name))}

    def side(one: Side) -> dict[str, Any]:
        return {
            "customer_id": one.customer_id, "name": one.display, "events": one.events, "orders": one.orders,
            "revenue": one.revenue, "segments": [segment(s) for s in one.segments],
            "identifiers": [{"type": i.type, "value": i.value, "status": status} for i, status in one.identifiers],
            "consent": [{"purpose": p, "channel": c, "status": status} for p, c, status in one.consent],
        }  # fmt: skip

    told = {
        "before": [side(one) for one in found.before], "after": [side(one) for one in found.after],
        "obstacle": found.obstacle, "obstacle_text": _reason(found.obstacle) if found.obstacle else None,
        "entered": [{"customer_id": c, "segment": segment(s)} for c, s in found.entered],
        "left": [{"customer_id": c, "segment": segment(s)} for c, s in found.left],
    }  # fmt: skip
    return WhatIfOut.model_validate(told)
