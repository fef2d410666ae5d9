"""What must be kept of a customer's events so that a window can be judged exactly, at any later instant?

A leaf is one thing measured over events of one name. Its memory is a plain list, small enough to be stored a row a
customer:
- count: the newest happened times, no more than the comparison can tell apart (`value + 1`); ever: just how many;
- sum: the times and amounts inside the window; ever: just the total;
- last: the newest event; first: the events inside the window, ever: the oldest one.

`judge` answers (does it hold now, until when is that sure): what leaves a window leaves at `happened + window`, and
only that can change the answer without a new event. Late events are put where they belong in time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right, insort
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec

from homing.core.condition import Absent, Did, Where
from homing.core.condition_values import ORDERS, Test, matcher, number_of, units_of

NEVER = 1 << 62  # microseconds; later than any clock
Memory = list[Any]
_WHOLE = 1 << 63  # what the stored form can hold
Judgement = tuple[bool, int]  # does it hold, until when is that sure
Holds = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Leaf(ABC):
    """Something measured over a customer's events of one name, and how its memory works."""

    event: str
    where: tuple[Where, ...]
    window_us: int | None
    of: str | None = None  # the property that is measured
    keep: int = 0  # count: how many times are worth keeping

    @property
    def key(self) -> str:
        """What the memory is stored under; the same measure always has the same key."""
        where = [w.model_dump(mode="json") for w in self.where]
        parts = [type(self).__name__, self.event, where, self.window_us, self.of, self.keep]
        return blake2b(msgspec.json.encode(parts), digest_size=8).hexdigest()

    def tests(self) -> tuple[tuple[str, Test], ...]:
        """What an event's properties must pass to count."""
        return tuple((w.property, matcher(w.op, w.value)) for w in self.where)

    def gone_us(self, now_us: int) -> int:
        """The newest instant that lies outside the window at `now_us`."""
        return -NEVER if self.window_us is None else now_us - self.window_us

    def newest(self) -> int | None:
        """How many of the newest events are all it needs; None when it needs every one inside the window."""
        return None

    @abstractmethod
    def add(self, memory: Memory | None, item: Memory, now_us: int) -> Memory | None:
        """The memory with one more event, given as [happened time, offset, value of the property measured]."""

    @abstractmethod
    def unite(self, one: Memory, other: Memory) -> Memory:
        """The memory of two customers who are one."""

    @abstractmethod
    def judge(self, memory: Memory | None, now_us: int, holds: Holds) -> Judgement:
        """Judge what is measured at an instant; `holds` is the comparison."""


@dataclass(frozen=True, slots=True)
class Count(Leaf):
    """How often."""

    def newest(self) -> int | None:
        """No more than the comparison can tell apart."""
        return self.keep

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

    def judge(self, memory: Memory | None, now_us: int, holds: Holds) -> Judgement:
        """Count what lies inside, then let it leave, oldest first."""
        if not memory:
            return holds(0), NEVER
        if self.window_us is None:
            return holds(memory[0]), NEVER
        gone = now_us - self.window_us
        start = bisect_right(memory, gone) if memory[0] <= gone else 0
        n = len(memory) - start
        ok = holds(n)
        for i in range(start, len(memory)):
            n -= 1
            if holds(n) != ok and (n == 0 or memory[i + 1] != memory[i]):
                return ok, memory[i] + self.window_us
        return ok, NEVER


@dataclass(frozen=True, slots=True)
class Sum(Leaf):
    """How much: [time, offset, ten-thousandths] in time order; ever: the total."""

    def add(self, memory: Memory | None, item: Memory, now_us: int) -> Memory | None:
        """Keep the amounts inside the window."""
        units = units_of(item[2])
        if units is None:
            return memory
        if self.window_us is None:
            return [units + memory[0] if memory else units]
        return _placed(memory, [item[0], item[1], units], now_us - self.window_us)

    def unite(self, one: Memory, other: Memory) -> Memory:
        """The amounts of both."""
        return [one[0] + other[0]] if self.window_us is None else sorted(one + other, key=_place)

    def judge(self, memory: Memory | None, now_us: int, holds: Holds) -> Judgement:
        """Add what lies inside, then let it leave, oldest first."""
        if not memory:
            return holds(0), NEVER
        if self.window_us is None:
            return holds(memory[0]), NEVER
        inside = _inside(memory, now_us - self.window_us)
        left = sum(item[2] for item in inside)
        ok = holds(left)
        for i, item in enumerate(inside):
            left -= item[2]
            if holds(left) != ok and _last_of_its_instant(inside, i):
                return ok, item[0] + self.window_us
        return ok, NEVER


@dataclass(frozen=True, slots=True)
class Last(Leaf):
    """What the newest event said: [time, offset, value]."""

    def newest(self) -> int | None:
        """One."""
        return 1

    def add(self, memory: Memory | None, item: Memory, now_us: int) -> Memory | None:
        """Keep the newest event."""
        if item[0] <= self.gone_us(now_us) or (memory and _place(memory) > _place(item)):
            return memory
        return _kept(item)

    def unite(self, one: Memory, other: Memory) -> Memory:
        """The newer of both."""
        return max(one, other, key=_place)

    def judge(self, memory: Memory | None, now_us: int, holds: Holds) -> Judgement:
        """Judge the newest event while it lies inside."""
        if not memory or memory[0] <= self.gone_us(now_us) or not holds(memory[2]):
            return False, NEVER
        return True, NEVER if self.window_us is None else memory[0] + self.window_us


@dataclass(frozen=True, slots=True)
class First(Leaf):
    """What the oldest event said: [time, offset, value] in time order; ever: just the first."""

    def add(self, memory: Memory | None, item: Memory, now_us: int) -> Memory | None:
        """Keep the events inside the window."""
        placed = _placed(memory, _kept(item), self.gone_us(now_us))
        return placed if self.window_us is not None or placed is None else placed[:1]

    def unite(self, one: Memory, other: Memory) -> Memory:
        """The events of both."""
        both = sorted(one + other, key=_place)
        return both if self.window_us is not None else both[:1]

    def judge(self, memory: Memory | None, now_us: int, holds: Holds) -> Judgement:
        """Judge the oldest event inside, then let it leave for the next."""
        inside = _inside(memory or [], self.gone_us(now_us))
        if not inside:
            return False, NEVER
        ok = holds(inside[0][2])
        if self.window_us is None:
            return ok, NEVER
        for i, item in enumerate(inside):
            if _last_of_its_instant(inside, i):
                then = holds(inside[i + 1][2]) if i + 1 < len(inside) else False
                if then != ok:
                    return ok, item[0] + self.window_us
        return ok, NEVER


class Judge:
    """Whether a customer's memory satisfies one `did` or `absent`, and until when that is sure."""

    __slots__ = ("_holds", "_judge", "key", "leaf")

    def __init__(self, node: Did | Absent) -> None:
        self.leaf = leaf_of(node)
        self.key = self.leaf.key
        self._judge = self.leaf.judge
        self._holds = _comparison(node)

    def __call__(self, memories: dict[str, Memory], now_us: int) -> Judgement:
        """Judge at an instant."""
        return self._judge(memories.get(self.key), now_us, self._holds)


def leaf_of(node: Did | Absent) -> Leaf:
    """The leaf a condition is judged by; absence is a count of nothing."""
    if isinstance(node, Absent):
        return Count(node.event, node.where, node.window_us, keep=1)
    if node.measure == "count":
        return Count(node.event, node.where, node.window_us, keep=wanted_number(node) + 1)
    made: dict[str, Callable[..., Leaf]] = {"sum": Sum, "last": Last, "first": First}
    return made[node.measure](node.event, node.where, node.window_us, node.property)


def wanted_number(node: Did) -> int:
    """What a count or a sum is compared with: times, or ten-thousandths."""
    if node.measure == "count":
        return int(node.value)  # type: ignore[arg-type]  # checked with the tree
    return units_of(node.value) or 0


def _comparison(node: Did | Absent) -> Holds:
    if isinstance(node, Absent):
        return lambda n: n == 0
    if node.measure in ("count", "sum"):
        order, wanted = ORDERS[node.op], wanted_number(node)
        return lambda n: order(n, wanted)
    return matcher(node.op, node.value)


def _kept(item: Memory) -> Memory:
    """An event as it is stored: of a list only its texts matter, of an object only that it is there."""
    value = item[2]
    if isinstance(value, list):
        return [item[0], item[1], [part for part in value if isinstance(part, str)]]
    if isinstance(value, int) and not isinstance(value, bool):
        return [item[0], item[1], value if abs(value) < _WHOLE else number_of(value)]
    return [item[0], item[1], []] if isinstance(value, dict) else item


def _place(item: list[Any]) -> tuple[int, int]:
    return item[0], item[1]


def _placed(memory: Memory | None, item: list[Any], gone_us: int) -> Memory | None:
    if item[0] <= gone_us:
        return memory
    if memory is None:
        return [item]
    if _place(memory[-1]) < _place(item):
        memory.append(item)
    else:
        insort(memory, item, key=_place)
    if memory[0][0] <= gone_us:
        del memory[: bisect_right(memory, gone_us, key=_time)]
    return memory


def _time(item: list[Any]) -> int:
    return int(item[0])


def _inside(memory: Memory, gone_us: int) -> Memory:
    return memory if not memory or memory[0][0] > gone_us else memory[bisect_right(memory, gone_us, key=_time) :]


def _last_of_its_instant(inside: Memory, i: int) -> bool:
    return i + 1 == len(inside) or inside[i + 1][0] != inside[i][0]
