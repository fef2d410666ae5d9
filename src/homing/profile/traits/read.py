"""What does a page show of a customer's traits? Each with its value, where that comes from, and since when it is so.

A value is read at the instant that is asked for, from the memories the stream keeps; so a window that ended a moment
ago has ended here too, although nobody was woken for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from homing.core.time import zone_of
from homing.profile.traits.definition import Trait
from homing.profile.traits.program import Entry, Memories, Program, build, shown, word_of
from homing.profile.traits.stream import decode, in_force
from homing.storage.schema import customer as customer_table
from homing.storage.schema import trait_state

COMPUTED = "computed"


@dataclass(frozen=True, slots=True)
class TraitRead:
    """One trait of one customer."""

    trait: Trait
    version: int
    value: Any
    source: str  # who said it, the model that did, or `computed`
    as_of_us: int | None  # when the newest event it rests on happened; None: it rests on none
    n: int | None  # how many the value rests on, where that is told
    low: float | None
    high: float | None
    model_version: str | None = None


def traits_of(conn: Connection, customer_id: str, at_us: int, *, zone: str) -> list[TraitRead]:
    """Every defined trait of a customer that has a value now, by group and name.

    Args:
        conn: a read of the state.
        customer_id: one that was merged away is answered by who remained.
        at_us: the instant, not before the stream's.
        zone: IANA zone of the workspace.
    """
    program = build(in_force(conn), zone_of(zone))
    return read(program, memories_of(conn, customer_id), at_us)


def memories_of(conn: Connection, customer_id: str) -> Memories:
    """What the stream remembers of a customer for her traits."""
    into = conn.execute(
        select(customer_table.c.merged_into).where(customer_table.c.customer_id == customer_id)
    ).scalar()
    body = conn.execute(select(trait_state.c.state).where(trait_state.c.customer_id == (into or customer_id))).scalar()
    return decode(body).memories if body is not None else {}


def read(program: Program, memories: Memories, at_us: int) -> list[TraitRead]:
    """The traits that have a value, by group and name."""
    found = [_read(entry, memories, at_us) for entry in program.entries.values()]
    return sorted((r for r in found if r.value is not None), key=lambda r: (r.trait.group, r.trait.id))


def _read(entry: Entry, memories: Memories, at_us: int) -> TraitRead:
    value = shown(entry.read(memories, at_us), entry.type)
    word = word_of(entry, memories)
    detail = entry.detail(memories, at_us)
    if word is not None:
        model = entry.trait.of.type in ("score", "percentile")
        source = getattr(entry.trait.of, "model", "percentile") if model else str(word[3])
        return TraitRead(entry.trait, entry.version, value, source, int(word[0]), None, None, None, word[4])
    newest = [place.leaf.newest_us(m) for place in entry.places if (m := memories.get(place.leaf.key)) is not None]
    since = max((at for at in newest if at is not None), default=None)
    return TraitRead(entry.trait, entry.version, value, COMPUTED, since, detail.n, detail.low, detail.high)
