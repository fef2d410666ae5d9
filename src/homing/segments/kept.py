"""What must be kept where the customer's zone, or the order of several events, has a say? The events themselves.

Which of them count is decided when they are judged: a customer who moves to another zone has other days and hours.
- kept: [time, offset, value] of every event that may still lie inside the window, in whatever zone;
- path: [time, offset, steps] of every event that fits a step of a sequence, the steps as bits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from homing.core.condition import Step
from homing.core.condition_values import units_of
from homing.segments.leaves import Leaf, Memory, as_kept, passing, place_of, placed

Link = tuple[int, int, int]  # an event at the end of a chain: when, its place in the log, when the chain began


@dataclass(frozen=True, slots=True)
class Kept(Leaf):
    """Every event inside the window, with the value that is measured."""

    amounts: bool = False  # the value is an amount, kept in ten-thousandths

    def also(self) -> list[object]:
        """Whether amounts are kept, and near what."""
        return [self.amounts, *super(Kept, self).also()]

    def add(self, memory: Memory | None, item: Memory, now_us: int) -> Memory | None:
        """Keep the event."""
        if self.amounts:
            units = units_of(item[2])
            if units is None:
                return memory
            item = [item[0], item[1], units]
        else:
            item = as_kept(item)
        return placed(memory, item, now_us - (self.window_us or 0))

    def unite(self, one: Memory, other: Memory) -> Memory:
        """The events of both."""
        return sorted(one + other, key=place_of)


@dataclass(frozen=True, slots=True)
class Path(Leaf):
    """Every event inside the window that fits a step of a sequence."""

    steps: tuple[Step, ...] = ()

    def also(self) -> list[object]:
        """The steps."""
        return [step.model_dump(mode="json", exclude={"gap", "clock"}) for step in self.steps]

    def names(self) -> tuple[str, ...]:
        """The events that any step is about."""
        return tuple(dict.fromkeys(step.event for step in self.steps))

    def fits(self, name: str) -> Callable[[Mapping[str, Any]], int]:
        """Which steps an event of that name fits, as bits, by its properties; clocks are left to the judge."""
        tests = [(1 << n, passing(s.where, s.near)) for n, s in enumerate(self.steps) if s.event == name]

        def test(properties: Mapping[str, Any]) -> int:
            bits = 0
            for bit, passes in tests:
                if passes is None or passes(properties):
                    bits |= bit
            return bits

        return test

    def settles(self, memory: Memory) -> bool:  # noqa: ARG002
        """One more event takes no chain away."""
        return True

    def add(self, memory: Memory | None, item: Memory, now_us: int) -> Memory | None:
        """Keep the event."""
        return placed(memory, item, now_us - (self.window_us or 0))

    def unite(self, one: Memory, other: Memory) -> Memory:
        """The events of both."""
        return sorted(one + other, key=place_of)


def latest_start(items: Memory, gaps: tuple[int | None, ...], span_us: int | None) -> int | None:
    """When the chain that began last began: one event for each step, in their order; None: there is no chain.

    Args:
        items: [time, offset, steps as bits] in the order of time and log.
        gaps: for each step the most that may lie between it and the one before; the first is not looked at.
        span_us: the most that may lie between the first and the last; None: any.

    Of all chains to an event only the one that began last is followed: it leaves the window last and is the shortest.
    """
    links: list[Link] = [(at, offset, at) for at, offset, bits in items if bits & 1]
    for n in range(1, len(gaps)):
        if not links:
            return None
        links = _extended(links, [(at, offset) for at, offset, bits in items if bits >> n & 1], gaps[n])
    starts = [start for at, _, start in links if span_us is None or at - start <= span_us]
    return max(starts, default=None)


def _extended(links: list[Link], ends: list[tuple[int, int]], gap_us: int | None) -> list[Link]:
    """The chains with one more event; the candidates are kept with falling starts, so the first is the best."""
    found: list[Link] = []
    best: deque[Link] = deque()
    n = 0
    for at, offset in ends:
        while n < len(links) and links[n][:2] < (at, offset):
            while best and best[-1][2] <= links[n][2]:
                best.pop()
            best.append(links[n])
            n += 1
        if gap_us is not None:
            while best and best[0][0] < at - gap_us:
                best.popleft()
        if best:
            found.append((at, offset, best[0][2]))
    return found
