"""What does handling one event or one timer ask for besides changed rows? Events to append and timers to set.

A turn is pure memory: the worker writes what it collected in the same transaction as the rows and the log offset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from homing.core.event import Event, Stored


class Timer(NamedTuple):
    """A wake-up: at `due_us` the owner of `kind` is asked again about `key`."""

    due_us: int
    kind: str
    key: str
    customer_id: str


class MembershipChange(NamedTuple):
    """A customer entered or left a segment at an instant."""

    segment_id: str
    customer_id: str
    entered: bool
    at_us: int


class Step(NamedTuple):
    """One event of the past as it is understood now: whom it is about, and which customers it showed to be one."""

    stored: Stored
    customer_id: str | None
    merges: tuple[tuple[str, str], ...] = ()  # (loser, winner), before the event itself counts
    perhaps: tuple[str, ...] = ()  # customers of today it may be about as well: they were one when it happened


@dataclass(frozen=True, slots=True)
class Past:
    """What happened to some customers before this turn, in the order of the log."""

    customers: tuple[str, ...]  # everyone concerned: those there were until now and those there are from now on
    steps: tuple[Step, ...]
    today: Mapping[str, str]  # a customer of any time -> who that is from now on

    def of(self, customer_id: str) -> Iterator[Stored]:
        """The events of one customer of today."""
        for step in self.steps:
            if step.customer_id is not None and self.today.get(step.customer_id, step.customer_id) == customer_id:
                yield step.stored


@dataclass(slots=True)
class Turn:
    """The handling of one event or timer at the logical instant `now_us`."""

    now_us: int
    offset: int = 0
    events: list[Event] = field(default_factory=list)
    timers: dict[tuple[str, str], Timer | None] = field(default_factory=dict)
    past: Past | None = None  # where customers are computed anew: what they did before this turn

    def emit(self, event: Event) -> None:
        """Append this event to the log once the turn is committed; its id must be deterministic."""
        self.events.append(event)

    def set_timer(self, kind: str, key: str, due_us: int, customer_id: str) -> None:
        """Wake the owner of `kind` at `due_us`; replaces an earlier timer of the same key."""
        self.timers[kind, key] = Timer(due_us, kind, key, customer_id)

    def cancel_timer(self, kind: str, key: str) -> None:
        """Forget the timer of that key, if there is one."""
        self.timers[kind, key] = None
