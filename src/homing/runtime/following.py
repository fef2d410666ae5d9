"""Who hears that a trait has changed? Segments, and through them tags and journeys; without an event by timers.

A trait that no segment, tag or stage is judged by is computed when it is read: nobody needs to be told. One that is
watched wakes the stream at each instant at which it can change by the passing of time alone.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from homing.core.turn import MembershipChange, Turn
from homing.profile.traits import TraitStage
from homing.storage.definitions import Definition

if TYPE_CHECKING:
    from homing.runtime.stages import Stages

SEGMENTS = "segments"  # who watches
CHUNK = 20_000  # customers judged between two writes


def publish(stages: Stages, traits: TraitStage, definition: Definition, turn: Turn, conn: Connection) -> None:
    """A trait comes into force, changes or is taken back; whoever is judged by it is judged again."""
    changed = traits.publish(definition, turn, conn)
    follow(stages, traits, turn, conn)
    changes = judge(stages, changed, turn, conn)
    if changes:
        stages.journeys.on_membership(changes, turn)


def follow(stages: Stages, traits: TraitStage, turn: Turn, conn: Connection) -> None:
    """What segments are judged by now may be another thing than before: watch it."""
    traits.watch(SEGMENTS, stages.segments.watched(), turn, conn)


def judge(stages: Stages, names: Collection[str], turn: Turn, conn: Connection) -> list[MembershipChange]:
    """Judge everybody again by these traits."""
    segments = stages.segments
    watched = sorted(segments.watched() & frozenset(names))
    changes: list[MembershipChange] = []
    if watched:
        for n, customer_id in enumerate(segments.everybody(conn), start=1):
            changes += segments.touch(customer_id, watched, turn)
            if n % CHUNK == 0:
                segments.flush(conn)
    return changes
