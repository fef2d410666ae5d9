"""How does a person give a tag to many customers at once, see beforehand whom, and take it back?

Each customer gets an event of its own, with who did it, the batch, and what she had before; the stream acts when it
reads them. Undoing a batch says the opposite for those whose tag still is what the batch made it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, select

from homing.core.errors import Conflict, InvalidInput, NotFound, Transient
from homing.core.event import Event, own_event
from homing.profile.tags.book import ADDED, REMOVED, live_tags
from homing.profile.tags.definition import Tag
from homing.profile.tags.held import Held
from homing.profile.tags.read import batch_of, held_by
from homing.runtime.runtime import Runtime
from homing.segments import members_of
from homing.storage.schema import customer

MOST = 200_000  # customers at once
PAGE = 500
WAIT_S = 120.0
Way = Literal["give", "take"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done.

    Args:
        tag_id: which tag.
        way: give or take.
        value: of the tag; None where it has none.
        customers: whom; or
        segment: everyone in it now.
    """

    tag_id: str
    way: Way
    value: Any = None
    customers: Sequence[str] = ()
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What was, or would be, done."""

    batch: str | None
    asked: int
    changed: int
    same: int  # they have it so, or have it not, already
    unknown: tuple[str, ...]  # ids nobody has
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    tag: Tag
    value: Any
    changing: list[tuple[str, Held | None]]  # customer, what she has now
    asked: int
    unknown: tuple[str, ...]


def preview(runtime: Runtime, wanted: Wanted) -> Done:
    """What doing it would change, without doing it."""
    with runtime.workspace.state.read() as conn:
        plan = _plan(conn, wanted)
    return _done(plan, None)


def carry_out(runtime: Runtime, wanted: Wanted, *, by: str) -> Done:
    """Do it, and wait until the stream has.

    Raises:
        NotFound: there is no such tag.
        Conflict: it is not in force, or not one that people give.
        InvalidInput: the value is none of its values, or too many customers are meant.
        Transient: the stream did not come to it in time; it will.
    """
    with runtime.workspace.state.read() as conn:
        plan = _plan(conn, wanted)
    batch = f"tb_{uuid4().hex[:16]}"
    now = runtime.workspace.clock()
    name = ADDED if wanted.way == "give" else REMOVED
    told: dict[str, Any] = {"tag": wanted.tag_id, "by": by, "batch": batch}
    if wanted.way == "give":
        told["value"] = plan.value
    _append(runtime, [
        own_event(f"tag:{batch}:{who}", name, who, now, told | ({"was": _as_was(had)} if had else {}))
        for who, had in plan.changing
    ])  # fmt: skip
    return _done(plan, batch)


def undo(runtime: Runtime, batch: str, *, by: str) -> Done:
    """Say the opposite of a batch, for those whose tag is still what the batch made it.

    Raises:
        NotFound: there is no such batch.
        Conflict: its tag is not in force any more.
    """
    runtime.loader.catch_up()
    rows = batch_of(runtime.workspace.warehouse, batch)
    if not rows:
        raise NotFound(f"there is no batch {batch[:40]!r} of tags")
    tag_id, gave = rows[0][2], rows[0][1] == ADDED
    before = {who: msgspec.json.decode(was) if was else None for who, _, _, was in rows}
    now = runtime.workspace.clock()
    with runtime.workspace.state.read() as conn:
        tag = _live(conn, tag_id)
        held = {who: mine for part in _parts(list(before)) for who, mine in held_by(conn, tag_id, part).items()}
    told = {"tag": tag_id, "by": by, "undo": batch}
    events, changing = [], []
    for who, was in before.items():
        mine = held.get(who)
        if (mine is None or mine.batch != batch) if gave else mine is not None:
            continue
        changing.append((who, mine))
        if was:
            events.append(own_event(f"tag:{batch}:{who}:undo:{now}", ADDED, who, now, told | was))
        else:
            events.append(own_event(f"tag:{batch}:{who}:undo:{now}", REMOVED, who, now, told))
    _append(runtime, events)
    return _done(_Plan(tag, None, changing, len(before), ()), batch)


def _plan(conn: Connection, wanted: Wanted) -> _Plan:
    tag = _live(conn, wanted.tag_id)
    value = tag.checked(wanted.value) if wanted.way == "give" else None
    if bool(wanted.customers) == (wanted.segment is not None):
        raise InvalidInput("wanted customers or a segment, and one of the two", field="customers")
    unknown: tuple[str, ...] = ()
    if wanted.segment is not None:
        ids = _members(conn, wanted.segment)
    else:
        ids, unknown = _known(conn, wanted.customers)
    if len(ids) > MOST:
        raise InvalidInput(f"{len(ids)} customers at once, wanted at most {MOST}", field="customers")
    changing: list[tuple[str, Held | None]] = []
    for part in _parts(ids):
        held = held_by(conn, wanted.tag_id, part)
        for who in part:
            mine = held.get(who)
            same = mine is None if wanted.way == "take" else mine is not None and mine.value == value
            if not same or (mine is not None and wanted.way == "give" and tag.expires is not None):
                changing.append((who, mine))  # giving it once more begins its time anew
    return _Plan(tag, value, changing, len(ids) + len(unknown), unknown)


def _live(conn: Connection, tag_id: str) -> Tag:
    known = live_tags(conn).get(tag_id)
    if known is None:
        raise NotFound(f"there is no tag {tag_id[:64]!r} in force")
    if known[0].how != "manual":
        raise Conflict(f"the tag {tag_id} is given by {known[0].how}, wanted one that people give")
    return known[0]


def _members(conn: Connection, segment: str) -> list[str]:
    found: list[str] = []
    while page := members_of(conn, segment, after=found[-1] if found else "", limit=PAGE):
        found += [member.customer_id for member in page]
        if len(found) > MOST:
            break
    return found


def _known(conn: Connection, ids: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    found: list[str] = []
    for part in _parts(list(dict.fromkeys(ids))):
        there = select(customer.c.customer_id).where(customer.c.customer_id.in_(part), customer.c.merged_into.is_(None))
        alive = set(conn.execute(there).scalars())
        found += [one for one in part if one in alive]
    known = set(found)
    return found, tuple(one for one in dict.fromkeys(ids) if one not in known)


def _parts(ids: list[str]) -> Iterator[list[str]]:
    for begin in range(0, len(ids), PAGE):
        yield ids[begin : begin + PAGE]


def _as_was(held: Held) -> dict[str, Any]:
    return {"value": held.value, "given": held.given_us}


def _append(runtime: Runtime, events: list[Event]) -> None:
    offset = 0
    for begin in range(0, len(events), 2_000):
        verdicts = runtime.workspace.log.append(events[begin : begin + 2_000], dedupe="ever")
        offset = max([offset, *(v.offset or 0 for v in verdicts)])
    if events and not runtime.worker.wait_past(offset, WAIT_S):
        raise Transient(f"{len(events)} tags wait behind other events, longer than {WAIT_S:g} s")


def _done(plan: _Plan, batch: str | None) -> Done:
    changed = len(plan.changing)
    return Done(
        batch if changed else None, plan.asked, changed, plan.asked - changed - len(plan.unknown), plan.unknown[:20],
        tuple(who for who, _ in plan.changing[:5]),
    )  # fmt: skip
