"""What is computed again when customers turn out to be others than was thought? All that is known of them, in order.

Their own events are given once more to the stages that learn: merges, events and the timers in between, each at its own
instant. Nothing is emitted twice: what the stages say of the past was said then. What differs in the end from what
stood before is said now, once, and journeys hear of it like of any other change.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from homing.core.turn import MembershipChange, Past, Step, Timer, Turn

if TYPE_CHECKING:
    from homing.runtime.stages import Stages


def recompute(stages: Stages, past: Past, turn: Turn, conn: Connection) -> None:
    """Drop what is known of these customers, learn it again, and say what is different now."""
    turn.past = past
    for stage in (*stages.learning(), *stages.acting()):
        stage.recompute(past.customers, turn, conn)
    for timer in replay(stages, past, turn.now_us):
        turn.set_timer(*_key(timer), timer.due_us, timer.customer_id)
    changes: list[MembershipChange] = []
    for stage in (*stages.learning(), *stages.acting()):
        changes += settled(stage, past.customers, turn, conn)
    if changes:
        stages.journeys.on_membership(changes, turn)


def replay(stages: Stages, past: Past, until_us: int) -> list[Timer]:
    """Give the past to the stages that learn, up to an instant; return the timers that are due later."""
    waiting = _Timers(stages)
    for step in past.steps:
        at_us, offset = step.stored.received_us, step.stored.offset
        waiting.fire(at_us, offset)
        turn = Turn(at_us, offset)
        for loser, winner in step.merges:
            for stage in stages.learning():
                stage.merge(loser, winner, turn)
        stages.learn(step.stored, step.customer_id, turn)
        waiting.take(turn)
    _doubtful(stages, past.steps)
    waiting.fire(until_us, past.steps[-1].stored.offset if past.steps else 0)
    return waiting.left()


class _Timers:
    """The timers of a past: due ones fire at their instants, in order, as they did then."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        self._live: dict[tuple[str, str], Timer] = {}
        self._heap: list[Timer] = []

    def take(self, turn: Turn) -> None:
        for key, timer in turn.timers.items():
            self._live.pop(key, None)
            if timer is not None:
                self._live[key] = timer
                heapq.heappush(self._heap, timer)

    def fire(self, until_us: int, offset: int) -> None:
        while self._heap and self._heap[0].due_us <= until_us:
            timer = heapq.heappop(self._heap)
            if self._live.get(_key(timer)) == timer:
                del self._live[_key(timer)]
                turn = Turn(timer.due_us, offset)
                self._stages.remind(timer, turn)
                self.take(turn)

    def left(self) -> list[Timer]:
        return sorted(self._live.values())


def _doubtful(stages: Stages, steps: Sequence[Step]) -> None:
    """A no that either of two may have said, for they were one customer then, is a no of both."""
    for step in steps:
        for customer_id in step.perhaps:
            stages.consent.object(step.stored, customer_id)


def settled(stage: Any, customers: Sequence[str], turn: Turn, conn: Connection) -> Sequence[MembershipChange]:
    """What a stage says once it has learned a past again, of now; nothing where it has nothing to say."""
    answer = getattr(stage, "recomputed", None)
    return () if answer is None else answer(customers, turn, conn) or ()


def _key(timer: Timer) -> tuple[str, str]:
    return timer.kind, timer.key
