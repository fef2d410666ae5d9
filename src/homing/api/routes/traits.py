"""Traits: their definitions and what they come to, one that is being written, a customer's values now and then."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query

from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.counting import Counting
from homing.api.routes.customers import both, shown, shown_trait
from homing.api.routes.segments import checked
from homing.api.shapes.basics import Page
from homing.api.shapes.traits import (
    CustomerTraitsOut,
    TraitOut,
    TraitPresetOut,
    TraitPreviewIn,
    TraitPreviewOut,
    TraitsAsOfIn,
    TraitsAsOfOut,
)
from homing.core.errors import InvalidInput, NotFound
from homing.core.time import iso, parse_iso
from homing.govern import Caller
from homing.govern.masking import Veil
from homing.profile import customers_named, profile_of, traits
from homing.profile.traits import GROUPS, KIND, Moment, Trait
from homing.profile.traits.coverage import examples
from homing.profile.traits.read import TraitRead
from homing.runtime import documents
from homing.runtime.naming import traits_judged, traits_read
from homing.storage import definitions
from homing.storage.definitions import Definition

router = APIRouter(route_class=Door, tags=["traits"])
Id = Annotated[str, Path(max_length=64)]
Document = Annotated[dict[str, Any], Body(description="the document; see GET /api/definitions/{kind} for its schema")]
Instant = Annotated[str | None, Query(max_length=40, description="ISO 8601; now when it is left out")]
FOREVER_S = 1e9
READERS = (KIND, "segment", "tag", "lifecycle")
PERSONAL = frozenset({"personal", "sensitive"})


@router.get("/traits")
@needs("viewer")
def list_traits(ctx: Ctx) -> Page[TraitOut]:
    """Every defined trait with how many customers have a value, by group and id."""
    with ctx.state.read() as conn:
        found = definitions.all_of(conn, KIND)
    items = _told(ctx, found)
    items.sort(key=lambda one: (GROUPS.index(one["group"]), one["id"]))
    return Page(items=[TraitOut.model_validate(one) for one in items], total=len(items), as_of=_as_of(ctx))


@router.get("/traits/presets")
@needs("viewer")
def list_presets(ctx: Ctx) -> Page[TraitPresetOut]:
    """The sets of traits that ship with Homing; taking one is applying its documents."""
    with ctx.state.read() as conn:
        known = {one.id for one in definitions.all_of(conn, KIND)}
    items = [
        TraitPresetOut.model_validate({
            "id": one.id, "name": one.name, "description": one.description, "documents": list(one.documents),
            "sentences": [traits.trait_sentences(Trait.model_validate(d).of) for d in one.documents],
            "taken": sorted(d["id"] for d in one.documents if d["id"] in known),
        })
        for one in traits.presets()
    ]  # fmt: skip
    return Page(items=items, total=len(items))


@router.post("/traits/presets/{preset_id}", status_code=201)
@needs("editor")
def take_preset(preset_id: Id, ctx: Ctx, who: Who) -> Page[TraitOut]:
    """Take a set: those of its traits that are not defined here yet come into force."""
    chosen = next((one for one in traits.presets() if one.id == preset_id), None)
    if chosen is None:
        known = ", ".join(one.id for one in traits.presets())
        raise NotFound(f"there is no set {preset_id[:64]!r}, wanted one of {known}")
    with ctx.state.read() as conn:
        known_ids = {one.id for one in definitions.all_of(conn, KIND)}
    fresh = [dict(one) for one in chosen.documents if one["id"] not in known_ids]
    documents.apply(ctx.runtime, fresh, by=who.actor, at_us=ctx.wall_us())
    return list_traits(ctx)


@router.post("/traits/preview")
@needs("editor")
def try_trait(body: TraitPreviewIn, ctx: Ctx, who: Who) -> TraitPreviewOut:
    """What a definition that is being written comes to now, for all and for some customers."""
    began = time.perf_counter()
    made = Trait.model_validate(
        documents.read_document({"kind": KIND, "id": "preview", "name": "preview"} | body.document)
    )
    with ctx.state.read() as conn:
        known = [t for t, _ in traits.in_force(conn) if t.id != made.id]
    kind = traits.check([*known, made], made.id)
    warehouse = ctx.runtime.workspace.warehouse
    found = examples(warehouse, [*known, made], made.id, ctx.now(), zone=ctx.settings.zone, customers=body.customers)
    with ctx.state.read() as conn:
        names = {row.customer_id: row.name for row in customers_named(conn, [one for one, _ in found.values])}
    shown_values = [
        {"customer_id": one, "name": shown(names.get(one, one), who), "value": _seen(made, value, who, ctx.veil)}
        for one, value in found.values
    ]
    return TraitPreviewOut.model_validate({
        "coverage": _covered(found.n, found.total), "examples": shown_values, "type": kind,
        "sentence": traits.trait_sentences(made.of), "ms": round((time.perf_counter() - began) * 1000, 1),
        "as_of": _as_of(ctx),
    })  # fmt: skip


@router.post("/traits/as-of")
@needs("viewer")
def ask_as_of(body: TraitsAsOfIn, ctx: Ctx, who: Who) -> TraitsAsOfOut:
    """The traits of customers at instants of the past: what was known then, for models and audits."""
    with ctx.state.read() as conn:
        known = [trait for trait, _ in traits.in_force(conn)]
    wanted = body.traits or [trait.id for trait in known]
    named = {trait.id: trait for trait in known}
    moments = [Moment(one.customer_id, _instant(one.at, ctx)) for one in body.moments]
    ctx.runtime.loader.catch_up()
    found = traits.as_of(ctx.runtime.workspace.warehouse, known, wanted, moments, zone=ctx.settings.zone,
                         known=body.known)  # fmt: skip
    rows = [
        {"customer_id": row.customer_id, "at": iso(row.at_us),
         "values": {name: _seen(named[name], value, who, ctx.veil) for name, value in row.values.items()}}
        for row in found
    ]  # fmt: skip
    return TraitsAsOfOut.model_validate({"traits": wanted, "rows": rows, "known": body.known})


@router.get("/traits/{trait_id}")
@needs("viewer")
def read_trait(trait_id: Id, ctx: Ctx) -> TraitOut:
    """One trait."""
    with ctx.state.read() as conn:
        found = definitions.get(conn, KIND, trait_id)
    return TraitOut.model_validate(_told(ctx, [found])[0])


@router.put("/traits/{trait_id}")
@needs("editor")
def save_trait(trait_id: Id, body: Document, ctx: Ctx, who: Who) -> TraitOut:
    """Save a trait and bring it into force; its past is read from the warehouse."""
    documents.apply(ctx.runtime, [checked(body, KIND, trait_id)], by=who.actor, at_us=ctx.wall_us())
    return read_trait(trait_id, ctx)


@router.delete("/traits/{trait_id}", status_code=204)
@needs("editor")
def delete_trait(trait_id: Id, ctx: Ctx, who: Who) -> None:
    """Take a trait back; refused while another definition in force stands on it."""
    documents.change_status(ctx.runtime, KIND, trait_id, "deleted", by=who.actor, at_us=ctx.wall_us())


@router.get("/customers/{customer_id}/traits")
@needs("viewer")
def read_customer_traits(
    customer_id: Id, ctx: Ctx, who: Who, as_of: Instant = None,
    known: Annotated[str, Query(pattern="^(received|happened)$")] = "received",
) -> CustomerTraitsOut:  # fmt: skip
    """A customer's defined traits by group: now, or as they were known at an instant of the past."""
    at = _instant(as_of, ctx)
    if at > ctx.now():
        raise InvalidInput(f"as_of is {as_of!r}, wanted an instant that is not in the future", field="as_of")
    with ctx.state.read() as conn:
        profile_of(conn, customer_id, now_us=ctx.now(), zone=ctx.settings.zone)  # who is not known is not found
        found = traits.traits_of(conn, customer_id, at, zone=ctx.settings.zone)
        live = traits.in_force(conn)
    if as_of is not None:
        found = _then(ctx, live, Moment(customer_id, at), known)
    groups: dict[str, list[Any]] = {group: [] for group in GROUPS}
    for one in found:
        groups[one.trait.group].append(_value(one, who, ctx.veil))
    return CustomerTraitsOut.model_validate(
        {"customer_id": customer_id, "groups": groups, "as_of": iso(at), "known": known}
    )


def _instant(text: str | None, ctx: Context) -> int:
    return ctx.now() if text is None else parse_iso(text, zone=ctx.settings.zone)


def _then(ctx: Context, live: list[tuple[Trait, int]], moment: Moment, known: Any) -> list[TraitRead]:
    """What was known at an instant of the past."""
    ctx.runtime.loader.catch_up()
    versions = {trait.id: (trait, version) for trait, version in live}
    (row,) = traits.as_of(ctx.runtime.workspace.warehouse, [t for t, _ in live], sorted(versions), [moment],
                          zone=ctx.settings.zone, known=known)  # fmt: skip
    read = [
        TraitRead(*versions[name], value, "computed", None, None, None, None)
        for name, value in row.values.items() if value is not None
    ]  # fmt: skip
    return sorted(read, key=lambda one: (one.trait.group, one.trait.id))


def _value(one: TraitRead, who: Caller, veil: Veil) -> dict[str, Any]:
    trait = one.trait
    return {
        "id": trait.id, "name": both(trait.name.model_dump(), trait.id), "group": trait.group,
        "unit": trait.unit.model_dump(), "value": _seen(trait, one.value, who, veil), "source": one.source,
        "as_of": None if one.as_of_us is None else iso(one.as_of_us), "version": one.version,
        "model_version": one.model_version, "n": one.n, "low": one.low, "high": one.high,
        "sentence": traits.trait_sentences(trait.of),
    }  # fmt: skip


def _seen(trait: Trait, value: Any, who: Caller, veil: Veil) -> Any:
    """A value as this caller may see it: what is personal is covered whole."""
    if who.sees_personal or value is None:
        return value
    return "•••" if trait.sensitivity in PERSONAL else shown_trait(trait.id, value, who, veil)


def _told(ctx: Context, found: list[Definition]) -> list[dict[str, Any]]:
    """Definitions with what they come to and who reads them."""
    with ctx.state.read() as conn:
        live = traits.in_force(conn)
        known = [Trait.model_validate(one.document) for one in definitions.all_of(conn, KIND)]
        readers = [d for kind in READERS for d in definitions.all_of(conn, kind)]
    reads = [(d, traits_read(d.document) if d.kind == KIND else traits_judged(d.document)) for d in readers]
    counted, as_of = _coverage(ctx, live, [one.id for one in found]), _as_of(ctx)
    return [_trait(one, known, reads, counted) | {"as_of": as_of} for one in found]


def _trait(
    found: Definition, known: list[Trait], reads: list[tuple[Definition, set[tuple[str, str]]]],
    counted: dict[str, tuple[int, int]],
) -> dict[str, Any]:  # fmt: skip
    trait = Trait.model_validate(found.document)
    one = counted.get(found.id)
    return {
        "id": found.id, "name": both(trait.name.model_dump(), trait.id), "description": trait.description.model_dump(),
        "group": trait.group, "unit": trait.unit.model_dump(), "owner": trait.owner, "sensitivity": trait.sensitivity,
        "type": _type(known, found.id), "sentence": traits.trait_sentences(trait.of), "status": found.status,
        "version": found.version, "document": found.document, "coverage": None if one is None else _covered(*one),
        "used_by": [
            {"kind": d.kind, "id": d.id, "name": both(d.document.get("name"), d.id)}
            for d, named in reads if (KIND, found.id) in named
        ],
    }  # fmt: skip


def _type(known: list[Trait], name: str) -> str:
    try:
        return traits.check(known, name)
    except InvalidInput:  # it reads what was taken back since
        return "any"


def _coverage(ctx: Context, live: list[tuple[Trait, int]], wanted: list[str]) -> dict[str, tuple[int, int]]:
    """How many customers have a value of each; what takes long is counted behind the answer."""
    counting = ctx.memo.get("trait counts", Counting, ttl_s=FOREVER_S)
    return counting.of(live, wanted, lambda: (ctx.runtime.workspace.warehouse, ctx.now(), ctx.settings.zone))


def _covered(n: int, total: int) -> dict[str, Any]:
    return {"n": n, "total": total, "share": n / total if total else None}


def _as_of(ctx: Context) -> str:
    return iso(ctx.runtime.freshness()["warehouse"])
