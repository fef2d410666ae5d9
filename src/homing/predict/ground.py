"""What does learning stand on? The warehouse, the instant, segments written out, and somebody to tell how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from homing.core.condition import ZONE_TRAIT, Condition, events_read, traits_read, walk
from homing.core.errors import InvalidInput
from homing.profile import COMPUTED_TRAITS
from homing.segments import ask_members
from homing.storage.warehouse import Warehouse


class Learned(NamedTuple):
    """What training made: the card that people read, and what scoring needs; both are JSON values."""

    card: dict[str, Any]
    artefact: dict[str, Any]


def _silent(_share: float, _step: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a model is learned.

    Args:
        warehouse: loaded up to the instant.
        as_of_us: nothing later is looked at.
        currency: what money is in.
        tree: a segment's condition with other segments written out.
        progress: told the share that is done, 0 .. 1, and the step that comes.
        zone: of the workspace: whose days and hours count for customers without a time zone of their own.
    """

    warehouse: Warehouse
    as_of_us: int
    currency: str
    tree: Callable[[str], Condition]
    progress: Callable[[float, str], None] = field(default=_silent)
    zone: str = "UTC"

    def members(self, condition: Condition, at_us: int) -> frozenset[str]:
        """Who satisfied a condition at an instant.

        Raises:
            InvalidInput: the instant has passed, and the condition names a trait that is known only as it is now.
        """
        if at_us < self.as_of_us:
            now_only = sorted({name for c in walk(condition) for name in traits_read(c)} & set(COMPUTED_TRAITS))
            if now_only:
                raise InvalidInput(
                    f"what {now_only[0]!r} was in the past is not kept, wanted a label made of events or other traits",
                    field="label",
                )
        return ask_members(self.warehouse, condition, at_us, zone=self.zone)


def bases(condition: Condition) -> frozenset[tuple[str, str]]:
    """The events and traits that a condition is made of."""
    events = {("event", event) for c in walk(condition) for event, _ in events_read(c)}
    traits = {("trait", name) for c in walk(condition) for name in traits_read(c) if name != ZONE_TRAIT}
    return frozenset(events | traits)
