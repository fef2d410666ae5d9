"""What must be kept of a customer's events so that a window can be judged exactly, at any later instant?

A leaf is one thing measured over events of one name. Its memory is a plain list, small enough to be stored a row a
customer:
- count: the newest happened times, no more than any comparison can tell apart (`value + 1`); ever: just how many.
  Counts of the same events share it, whatever their windows;
- sum: the total, how many amounts are negative, and the amounts inside the window; ever: just the total;
- last: the newest event; first: the events inside the window, ever: the oldest one.

`judge` answers (does it hold now, until when is that sure): what leaves a window leaves at `happened + window`, and
only that can change the answer without a new event. Late events are put where they belong in time.
Where one more event cannot change an answer that stands ("at least 3" once it holds), nobody needs to judge again: it
is *settled*, and the instant until which it is sure can only have moved on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right, insort
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec

from homing.core.condition import Circle, Where
from homing.core.condition_values import matcher, number_of, units_of
from homing.core.geo import Disc

NEVER = 1 << 62  # microseconds; later than any clock
Memory = list[Any]
_WHOLE = 1 << 63  # what the stored form can hold
Judgement = tuple[bool, int]  # does it hold, until when is that sure
Holds = Callable[[Any], bool]
Passes = Callable[[Mapping[str, Any]], bool]  # an event's properties


@dataclass(frozen=True, slots=True)
class Leaf(ABC):
    """Something measured over a customer's events of one name, and how its memory works."""

    event: str
    where: tuple[Where, ...]
    window_us: int | None
    of: str | None = None  # the property that is measured
    keep: int = 0  # count: how many times are worth keeping
    ordered: bool = False  # sum: what it is compared with has an order; = and != have none
    near: Circle | None = None

    @property
    def key(self) -> str:
        """What the memory is stored under; the same measure always has the same key."""
        where = [w.model_dump(mode="json") for w in self.where]
        parts: list[object] = [type(self).__name__, self.event, where, self.window_us, self.of, self.keep, self.ordered]
        parts += self.also()
        return blake2b(msgspec.json.encode(parts), digest_size=8).hexdigest()

    def also(self) -> list[object]:
        """What else tells its memory from another's."""
        return [] if self.near is None else [self.near.model_dump(mode="json")]

    def names(self) -> tuple[str, ...]:
        """The events it is about."""
        return (self.event,)

    def passes(self) -> Passes | None:
        """The test that an event's properties must pass to count; None: every event counts."""
        return passing(self.where, self.near)

    def newest(self) -> int | None:
        """How many of the newest events are all it needs; None when it needs every one inside the window."""
        return None

    def settles(self, memory: Memory) -> bool:  # noqa: ARG002 - for measures that only grow
        """Whether one more event could only make what is measured larger."""
        return False

    @abstractmethod
    def add(self, memory: Memory | None, item: Memory, now_us: int) -> Memory | None:
        """The memory with one more event, given as [happened time, offset, value of the property measured]."""

    @abstractmethod
    def unite(self, one: Memory, other: Memory) -> Memory:
        """The memory of two customers who are one."""


@dataclass(frozen=True, slots=True)
class Answering(Leaf):
    """A leaf whose memory alone says whether a comparison holds; of the others (see `kept`) only a judge can."""

    @abstractmethod
    def judge(self, memory: Memory | None, now_us: int, holds: Holds, window_us: int | None) -> Judgement:
        """Judge what is measured at an instant.

        Args:
            memory: what is kept; None: nothing yet.
            now_us: the instant.
            holds: the comparison.
            window_us: of the one who asks, no longer than the leaf's own.
        """


@dataclass(frozen=True, slots=True)
class Count(Answering):
    """How often."""

    def newest(self) -> int | None:
        """No more than the comparison can tell apart."""
        return self.keep

    def settles(self, memory: Memory) -> bool:  # noqa: ARG002
        """A count only grows."""
        return True

    def add(self, memory: Memory | None, item: Memory, now_us: int) -> Memory | None:
        """Keep the newest times."""
        if self.window_us is None:
            return [min(self.keep, memory[0] + 1 if memory else 1)]
        gone = now_us - self.window_us
        if item[0] <= gone:
            return memory
        if memory is None:
            return [item[0]]
        if memory[-1] <= item[0]:
            memory.append(item[0])
        else:
            insort(memory, item[0])
        drop = max(len(memory) - self.keep, bisect_right(memory, gone) if memory[0] <= gone else 0)
        if drop > 0:
            del memory[:drop]
        return memory

    def unite(self, one: Memory, other: Memory) -> Memory:
        """The newest times of both."""
        if self.window_us is None:
            return [min(self.keep, one[0] + other[0])]
        return sorted(one + other)[-self.keep :]

    def judge(self, memory: Memory | None, now_us: int, holds: Holds, window_us: int | None) -> Judgement:
        """Count what lies inside, then let it leave, oldest first."""
        if not memory:
            return holds(0), NEVER
        if window_us is None:
            return holds(memory[0]), NEVER
        gone = now_us - window_us
        start = bisect_right(memory, gone) if memory[0] <= gone else 0
        n = len(memory) - start
        ok = holds(n)
        for i in range(start, len(memory)):
            n -= 1
            if holds(n) != ok and (n == 0 or memory[i + 1] != memory[i]):
                return ok, int(memory[i]) + window_us
        return ok, NEVER


@dataclass(frozen=True, slots=True)
class Sum(Answering):
    """How much: [total, negative amounts, [[time, offset, ten-thousandths] in time order]]; ever: [total]."""

    def add(self, memory: Memory | None, item: Memory, now_us: int) -> Memory | None:
        """Keep the amounts inside the window."""
        units = units_of(item[2])
        if units is None:
            return memory
        if self.window_us is None:
            return [units + memory[0] if memory else units]
        gone = now_us - self.window_us
        if item[0] <= gone:
            return memory
        if memory is None:
            return [units, int(units < 0), [[item[0], item[1], units]]]
        items = memory[2]
        insert(items, [item[0], item[1], units])
        memory[0] += units
        memory[1] += units < 0
        if items[0][0] <= gone:
            start = bisect_right(items, gone, key=time_of)
            memory[0] -= sum([one[2] for one in items[:start]])
            memory[1] -= sum([one[2] < 0 for one in items[:start]])
            del items[:start]
        return memory

    def unite(self, one: Memory, other: Memory) -> Memory:
        """The amounts of both."""
        if self.window_us is None:
            return [one[0] + other[0]]
        return [one[0] + other[0], one[1] + other[1], sorted(one[2] + other[2], key=place_of)]

    def settles(self, memory: Memory) -> bool:
        """As long as no amount is negative, a total only grows."""
        return self.window_us is not None and memory[1] == 0

    def judge(self, memory: Memory | None, now_us: int, holds: Holds, window_us: int | None) -> Judgement:
        """Add what lies inside, then let it leave, oldest first."""
        if not memory:
            return holds(0), NEVER
        if window_us is None:
            return holds(memory[0]), NEVER
        left, negative, items = memory
        gone = now_us - window_us
        start = bisect_right(items, gone, key=time_of) if items and items[0][0] <= gone else 0
        if start:
            left -= sum([one[2] for one in items[:start]])
        ok = holds(left)
        if not negative and self.ordered and holds(0) == ok:
            return ok, NEVER  # it only falls to nothing, and even then the answer is the same
        for i in range(start, len(items)):
            left -= items[i][2]
            if holds(left) != ok and _last_of_its_instant(items, i):
                return ok, int(items[i][0]) + window_us
        return ok, NEVER


@dataclass(frozen=True, slots=True)
class Last(Answering):
    """What the newest event said: [time, offset, value]."""

    def newest(self) -> int | None:
        """One."""
        return 1

    def add(self, memory: Memory | None, item: Memory, now_us: int) -> Memory | None:
        """Keep the newest event."""
        if item[0] <= _gone_us(self.window_us, now_us) or (memory and place_of(memory) > place_of(item)):
            return memory
        return as_kept(item)

    def unite(self, one: Memory, other: Memory) -> Memory:
        """The newer of both."""
        return max(one, other, key=place_of)

    def judge(self, memory: Memory | None, now_us: int, holds: Holds, window_us: int | None) -> Judgement:
        """Judge the newest event while it lies inside."""
        if not memory or memory[0] <= _gone_us(window_us, now_us) or not holds(memory[2]):
            return False, NEVER
        return True, NEVER if window_us is None else memory[0] + window_us


@dataclass(frozen=True, slots=True)
class First(Answering):
    """What the oldest event said: [time, offset, value] in time order; ever: just the first."""

    def add(self, memory: Memory | None, item: Memory, now_us: int) -> Memory | None:
        """Keep the events inside the window."""
        kept = placed(memory, as_kept(item), _gone_us(self.window_us, now_us))
        return kept if self.window_us is not None or kept is None else kept[:1]

    def unite(self, one: Memory, other: Memory) -> Memory:
        """The events of both."""
        both = sorted(one + other, key=place_of)
        return both if self.window_us is not None else both[:1]

    def judge(self, memory: Memory | None, now_us: int, holds: Holds, window_us: int | None) -> Judgement:
        """Judge the oldest event inside, then let it leave for the next."""
        inside = _inside(memory or [], _gone_us(window_us, now_us))
        if not inside:
            return False, NEVER
        ok = holds(inside[0][2])
        if window_us is None:
            return ok, NEVER
        for i, item in enumerate(inside):
            if _last_of_its_instant(inside, i):
                then = holds(inside[i + 1][2]) if i + 1 < len(inside) else False
                if then != ok:
                    return ok, item[0] + window_us
        return ok, NEVER


def passing(where: tuple[Where, ...], near: Circle | None) -> Passes | None:
    """One test of an event's properties; None when there is nothing to test."""
    tests = tuple((w.property, matcher(w.op, w.value)) for w in where)
    if near is None:
        if len(tests) == 1:
            ((name, one),) = tests
            return lambda properties: one(properties.get(name))
        return (lambda properties: all(test(properties.get(name)) for name, test in tests)) if tests else None
    inside, lat, lng = Disc(near.lat, near.lng, near.km).holds(), near.lat_property, near.lng_property
    return lambda properties: (
        all(test(properties.get(name)) for name, test in tests) and inside(properties.get(lat), properties.get(lng))
    )


def _gone_us(window_us: int | None, now_us: int) -> int:
    """The newest instant that lies outside the window at `now_us`."""
    return -NEVER if window_us is None else now_us - window_us


def as_kept(item: Memory) -> Memory:
    """An event as it is stored: of a list only its texts matter, of an object only that it is there."""
    value = item[2]
    if isinstance(value, list):
        return [item[0], item[1], [part for part in value if isinstance(part, str)]]
    if isinstance(value, int) and not isinstance(value, bool):
        return [item[0], item[1], value if abs(value) < _WHOLE else number_of(value)]
    return [item[0], item[1], []] if isinstance(value, dict) else item


def place_of(item: list[Any]) -> tuple[int, int]:
    """Where an event stands: by time, then by the log."""
    return item[0], item[1]


def placed(memory: Memory | None, item: list[Any], gone_us: int) -> Memory | None:
    """The memory with one more event where it belongs, and without those that lie outside."""
    if item[0] <= gone_us:
        return memory
    if memory is None:
        return [item]
    insert(memory, item)
    if memory[0][0] <= gone_us:
        del memory[: bisect_right(memory, gone_us, key=time_of)]
    return memory


def insert(items: Memory, item: list[Any]) -> None:
    """Put an event where it stands among the others; most often at the end."""
    if items and items[-1][0] >= item[0] and place_of(items[-1]) > place_of(item):
        insort(items, item, key=place_of)
    else:
        items.append(item)


def time_of(item: list[Any]) -> int:
    """When an event happened."""
    return int(item[0])


def _inside(memory: Memory, gone_us: int) -> Memory:
    return memory if not memory or memory[0][0] > gone_us else memory[bisect_right(memory, gone_us, key=time_of) :]


def _last_of_its_instant(inside: Memory, i: int) -> bool:
    return i + 1 == len(inside) or inside[i + 1][0] != inside[i][0]
