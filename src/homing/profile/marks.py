"""What is said of customers beside their traits? Tags and lifecycle stages: one stage of the stream for both.

Their conditions are judged where the segments' are, under names of their own: `tag:ID#n`, `lifecycle:ID#stage`. What
comes before `#` is the owner, who is told when one of its conditions was judged anew.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from homing.core.condition import Condition
from homing.core.event import Stored
from homing.core.turn import Timer, Turn
from homing.profile.book import ProfileBook
from homing.profile.stages import book as stages
from homing.profile.stages.book import StageBook
from homing.profile.stages.definition import KIND as STAGE_KIND
from homing.profile.tags import book as tags
from homing.profile.tags.book import TagBook
from homing.profile.tags.definition import KIND as TAG_KIND
from homing.storage.definitions import Definition
from homing.storage.state import State

TAG, LIFECYCLE = TAG_KIND, STAGE_KIND
KINDS = frozenset({TAG, LIFECYCLE})


class MarkBook:
    """Tags and stages of one stream worker.

    Args:
        state: where they are kept.
        profile: where each stands as a trait.
        zone: IANA zone in which days begin and end.
    """

    def __init__(self, state: State, profile: ProfileBook, *, zone: str) -> None:
        self.tags = TagBook(state, profile, zone=zone)
        self.stages = StageBook(profile)
        self._profile = profile
        self._by_kind: Mapping[str, Any] = {TAG: self.tags, LIFECYCLE: self.stages}

    def load(self, conn: Connection) -> None:
        """Read what is live."""
        self.tags.load(conn)
        self.stages.load(conn)

    def apply(self, stored: Stored, customer_id: str | None, turn: Turn) -> frozenset[str]:
        """Take an event; return the traits it changed."""
        return self.tags.apply(stored, customer_id, turn)

    def marked(self, owner: str, customer_id: str, holds: Container[str], turn: Turn) -> frozenset[str]:
        """Conditions of an owner were judged anew; return the traits that changed."""
        kind, _, name = owner.partition(":")
        changed: frozenset[str] = self._by_kind[kind].marked(name, customer_id, holds, turn)
        return changed

    def wake(self, timer: Timer, turn: Turn) -> frozenset[str]:
        """A tag's time is over; return the traits that changed."""
        return self.tags.wake(timer, turn)

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> dict[str, frozenset[str]]:
        """A tag or a lifecycle comes into force or is taken back; return whose traits changed by that alone."""
        changed: dict[str, frozenset[str]] = self._by_kind[definition.kind].publish(definition, turn, conn)
        return changed

    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        """Two customers are one."""
        self.tags.merge(loser, winner, turn)
        self.stages.merge(loser, winner, turn)

    def recompute(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> None:
        """These customers are computed anew."""
        self.tags.recompute(customer_ids, turn, conn)
        self.stages.recompute(customer_ids, turn, conn)

    def recomputed(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> None:
        """What differs from before is told now."""
        self.tags.recomputed(customer_ids, turn, conn)
        self.stages.recomputed(customer_ids, turn, conn)

    def flush(self, conn: Connection) -> None:
        """Write what changed."""
        self.tags.flush(conn)
        self.stages.flush(conn)

    def let_go(self, conn: Connection) -> None:
        """Write what judging many customers at once has gathered, profiles included."""
        self.flush(conn)
        self._profile.flush(conn)

    def forget(self) -> None:
        """Drop what memory holds."""
        self.tags.forget()
        self.stages.forget()


def trees(conn: Connection) -> dict[str, Condition]:
    """The conditions of every live tag and lifecycle, by the names they are judged under."""
    found = {
        tags.mark(name, n): tree
        for name, (tag, _) in tags.live_tags(conn).items()
        for n, (_, tree) in enumerate(tag.rules())
    }
    return found | {
        stages.mark(name, stage.id): stage.condition
        for name, (model, _) in stages.live_models(conn).items()
        for stage in model.judged()
        if stage.condition is not None
    }
