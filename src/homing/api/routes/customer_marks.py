"""A customer's tags and stages, and why she has a tag."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from sqlalchemy import Connection

from homing.api.auth import Door, Who, needs
from homing.api.context import Ctx
from homing.api.routes.customers import both, names_of, stream_as_of
from homing.api.shapes.marks import CustomerMarksOut, WhyOut
from homing.core.condition import Condition, parse
from homing.core.errors import NotFound
from homing.core.time import iso
from homing.govern import Caller, mask
from homing.profile import COMPUTED_TRAITS, profile_of
from homing.profile.stages.book import live_models
from homing.profile.tags import KIND, Tag, read
from homing.segments.explain import Asked, Reason, explain
from homing.storage import definitions

router = APIRouter(route_class=Door, tags=["tags"])
Id = Annotated[str, Path(max_length=64)]
HISTORY = 20


@router.get("/customers/{customer_id}/marks")
@needs("viewer")
def read_marks(customer_id: Id, ctx: Ctx) -> CustomerMarksOut:
    """The tags a customer has and the stages she is in."""
    with ctx.state.read() as conn:
        held, names, models = read.tags_of(conn, customer_id), names_of(conn, KIND), live_models(conn)
        stood = read.stages_of(conn, customer_id)
    tags = [
        {"id": name, "name": names.get(name, both(None, name)), "value": h.value, "since": iso(h.given_us),
         "until": _iso(h.until_us), "how": h.how, "by": h.given_by}
        for name, h in held.items()
    ]  # fmt: skip
    stages = []
    for model_id, stage_id, since in stood:
        if model_id in models:
            model = models[model_id][0]
            stage = model.stage(stage_id)
            label = {"en": stage.name.in_language("en"), "zh": stage.name.in_language("zh")} if stage else None
            shown = {"label": label or both(None, stage_id), "colour": stage.colour if stage else "#8c8c8c"}
            stages.append(
                shown | {"model": model_id, "name": _words(model.name), "stage": stage_id, "since": iso(since)}
            )
    return CustomerMarksOut.model_validate({"tags": tags, "stages": stages, "as_of": stream_as_of(ctx)})


@router.get("/customers/{customer_id}/tags/{tag_id}/why")
@needs("viewer")
def read_why(customer_id: Id, tag_id: Id, ctx: Ctx, who: Who) -> WhyOut:
    """Why she has a tag, or has it not: the parts of its rule with their figures, or who gave it and when."""
    ctx.runtime.loader.catch_up()
    with ctx.state.read() as conn:
        found = next((d for d in definitions.published(conn, KIND) if d.id == tag_id), None)
        if found is None:
            raise NotFound(f"there is no tag {tag_id!r} in force")
        tag = Tag.model_validate(found.document)
        held = read.tags_of(conn, customer_id).get(tag_id)
        profile = profile_of(conn, customer_id, now_us=ctx.now(), zone=ctx.settings.zone,
                             closed=ctx.runtime.agreements.closed())  # fmt: skip
        names, segments = names_of(conn, "segment"), _segments(conn)
    values = profile.values
    asked = Asked(customer_id, ctx.now(), values.get, COMPUTED_TRAITS, names, ctx.settings.zone)
    warehouse = ctx.runtime.workspace.warehouse
    rules = [
        {"value": value, "reason": _reason(explain(warehouse, tree, asked, segments), who)}
        for value, tree in tag.rules()
    ]
    score = None
    if tag.model is not None:
        known = next((t for t in profile.traits if t.name == tag.model.trait), None)
        told = {"value": known.value, "source": known.source, "as_of": iso(known.as_of_us)} if known else {}
        score = {"trait": tag.model.trait, "value": None, "source": None, "as_of": None} | told
    imported = held is not None and tag.how == "import"
    told = {} if held is None else {
        "value": held.value, "since": iso(held.given_us), "until": _iso(held.until_us), "by": held.given_by,
        "version": held.version, "source": held.given_by if imported else "", "file": held.batch if imported else "",
    }  # fmt: skip
    history = read.history(warehouse, customer_id=customer_id, tag_id=tag_id, limit=HISTORY)
    answer = told | {
        "tag": tag_id, "has": held is not None, "how": tag.how, "score": score, "rules": rules,
        "history": [_told(one) for one in history], "as_of": iso(ctx.runtime.freshness()["warehouse"]),
    }  # fmt: skip
    return WhyOut.model_validate(answer)


def _segments(conn: Connection) -> Any:
    live = {d.id: d.document for d in definitions.published(conn, "segment")}

    def tree_of(name: str) -> Condition:
        if name not in live:
            raise NotFound(f"there is no segment {name!r} in force")
        return parse(live[name]["condition"])

    return tree_of


def _reason(reason: Reason, who: Caller) -> dict[str, Any]:
    figure = reason.figure
    if isinstance(figure, str) and not who.sees_personal:
        figure = mask(figure)
    return {
        "type": reason.type, "holds": reason.holds, "sentence": dict(reason.sentence), "figure": figure,
        "last_at": _iso(reason.last_us), "parts": [_reason(part, who) for part in reason.parts],
    }  # fmt: skip


def _told(one: dict[str, Any]) -> dict[str, Any]:
    keys = ("event_id", "name", "at", "source", "value", "by", "because", "batch", "undo")
    return {key: one[key] for key in keys if one[key] is not None}


def _words(name: Any) -> dict[str, str]:
    return {"en": name.in_language("en"), "zh": name.in_language("zh")}


def _iso(us: int | None) -> str | None:
    return None if us is None else iso(us)
