"""Events as they arrive, and events that stand in the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from homing.api import paging
from homing.api.auth import Door, Who, identify, needs
from homing.api.context import Ctx
from homing.api.feed import Item, Refused, Seen, Skipped, named
from homing.api.language import Language, speak
from homing.api.routes.rejected import rejected_out
from homing.api.shapes.basics import Page
from homing.api.shapes.events import EventOut, EventWholeOut
from homing.api.watching import Verdict, Wanted
from homing.collect.agreements import Agreements
from homing.collect.catalogue import dataset_of_event
from homing.collect.catalogue.names import CONTEXT
from homing.collect.doors.segment_call import call_text
from homing.collect.quality.inspector import violations_of
from homing.collect.reasons import words
from homing.core.errors import NotFound, NotSignedIn
from homing.core.time import iso
from homing.govern import Caller, mask_id
from homing.govern.masking import Veil
from homing.insights.newest import newest

router = APIRouter(route_class=Door, tags=["events"])
HEARTBEAT_S = 10.0
Limit = Annotated[int, Query(ge=1, le=500)]
Text = Annotated[str, Query(max_length=200)]


@router.get("/events")
@needs("viewer")
def list_events(
    ctx: Ctx, who: Who, limit: Limit = 100, name: str | None = None, cursor: paging.Cursor = None
) -> Page[EventOut]:
    """Events of the log, newest first; with `name` only those of that name."""
    place = paging.decode(cursor, int)
    w = ctx.runtime.workspace
    before = min(place[0], w.log.tail() + 1) if place else w.log.tail() + 1
    if name is None:
        after = max(0, before - 1 - limit)
        found = w.log.read(after, before - 1 - after)[::-1]
    else:
        found = [s for offset in newest(w.warehouse, name, before, limit) for s in w.log.read(offset - 1, 1)]
    terms = ctx.runtime.agreements
    readable = [s for s in found if s.event.source_id not in terms.closed()]
    items = [_event(seen, who, ctx.veil, terms) for seen in named(ctx.runtime, readable)]
    more = len(found) == limit and found[-1].offset > 1
    as_of = ctx.now_iso() if name is None else iso(ctx.runtime.freshness()["warehouse"])
    return Page(items=items, next=paging.encode(found[-1].offset) if more else None, as_of=as_of)


@router.get("/events/live", response_class=StreamingResponse)
@needs("viewer")
async def watch_events(
    *, request: Request, ctx: Ctx, who: Who, source: Text = "", name: Text = "", id: Text = "",
    verdict: Verdict | None = None, language: Language | None = None,
) -> StreamingResponse:  # fmt: skip
    """What arrives, as it arrives, as server-sent events; the refused come as `rejected`, `id` follows a customer.

    A browser's `EventSource` cannot send `Accept-Language`; `language` says it.
    """
    if language is not None:
        speak(language)
    ctx.feed.check_room()
    wanted = Wanted(source, name, id, verdict)

    async def stream() -> AsyncIterator[bytes]:
        async with ctx.feed.watch() as watcher:
            yield b"retry: 3000\n: watching\n\n"
            asked = time.monotonic()
            while True:
                try:
                    item = await asyncio.wait_for(watcher.queue.get(), HEARTBEAT_S)
                    if wanted.takes(item, who):
                        yield _message(item, who, ctx.veil, ctx.runtime.agreements)
                except TimeoutError:
                    yield b": beat\n\n"
                if time.monotonic() - asked > HEARTBEAT_S:
                    asked = time.monotonic()
                    if await run_in_threadpool(_gone, request, who):
                        return

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


@router.get("/events/{offset}")
@needs("viewer")
def read_event(offset: Annotated[int, Path(ge=1)], ctx: Ctx, who: Who) -> EventWholeOut:
    """One event whole, with the call that would make it again."""
    terms = ctx.runtime.agreements
    found = [s for s in ctx.runtime.workspace.log.read(offset - 1, 1) if s.offset == offset]
    if not found or found[0].event.source_id in terms.closed():
        raise NotFound(f"there is no event {offset}")
    (seen,) = named(ctx.runtime, found)
    event, context = found[0].event, found[0].event.context
    shown = context if who.sees_personal else ctx.veil.cover(CONTEXT, context)
    call = call_text(event) if who.sees_personal else None
    return EventWholeOut(**_event(seen, who, ctx.veil, terms).model_dump(), context=shown, call=call)


def _gone(request: Request, who: Caller) -> bool:
    """Whether the session or key that opened the stream has ended since."""
    try:
        return identify(request) != who
    except NotSignedIn:
        return True


def _message(item: Item, who: Caller, veil: Veil, terms: Agreements) -> bytes:
    if isinstance(item, Skipped):
        return b'event: skipped\ndata: {"n": %d}\n\n' % item.n
    if isinstance(item, Refused):
        refused = rejected_out(item.row, who, terms.closed())
        return b"event: rejected\ndata: %s\n\n" % msgspec.json.encode(refused.model_dump())
    shown = msgspec.json.encode(_event(item, who, veil, terms).model_dump())
    return b"id: %d\ndata: %s\n\n" % (item.stored.offset, shown)


def _event(seen: Seen, who: Caller, veil: Veil, terms: Agreements) -> EventOut:
    offset, received_us, e = seen.stored
    properties, traits = e.properties, e.traits
    if not who.sees_personal:
        dataset = dataset_of_event(e.kind, e.name)
        properties, traits = veil.cover(dataset, properties), veil.cover(dataset, traits)
    ids = [{"type": i.type, "value": i.value if who.sees_personal else mask_id(i.type, i.value)} for i in e.ids]
    return EventOut.model_validate(
        {
            "offset": offset, "event_id": e.event_id, "kind": e.kind, "name": e.name or e.kind,
            "happened_at": iso(e.happened_us), "received_at": iso(received_us), "source": e.source_id,
            "customer_id": seen.customer_id, "ids": ids, "properties": properties, "traits": traits,
            "party": terms.party(e.source_id), "agreement": terms.agreement(e.source_id),
            "violations": [v | {"text": words(v["code"])} for v in violations_of(e)],
        }
    )  # fmt: skip
