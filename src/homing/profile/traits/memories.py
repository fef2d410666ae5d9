"""What must be kept of a customer's events so that a trait can be read exactly, at any later instant?

A leaf is the memory of the events of one name that pass one filter; traits that look at the same events share it. In a
window it holds every event's time (and value), so what leaves the window is known to the microsecond; without a window
it holds what any number of events comes to. Nothing depends on the order in which events arrive: late events are put
where they belong, ties go by the log, and two customers who are one have the memory of both.
A memory is plain lists and dictionaries, stored as they are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import msgspec

from homing.core.condition import Where
from homing.core.condition_values import number_of, units_of
from homing.profile.traits.paths import key_of

NEVER = 1 << 62  # microseconds; later than any clock
Memory = Any


@dataclass(frozen=True)
class Leaf(ABC):
    """The memory of some events of one name."""

    event: str
    where: tuple[Where, ...] = ()
    path: str | None = None
    window_us: int | None = None
    extra: tuple[Any, ...] = ()  # what else tells one leaf from another

    @cached_property
    def key(self) -> str:
        """What the memory is stored under; the same memory always has the same key."""
        where = [w.model_dump(mode="json") for w in self.where]
        parts = [type(self).__name__, self.event, where, self.path, self.window_us, self.extra]
        return blake2b(msgspec.json.encode(parts, enc_hook=_plain), digest_size=6).hexdigest()

    @abstractmethod
    def add(self, memory: Memory | None, at_us: int, offset: int, value: Any, now_us: int) -> Memory | None:
        """The memory with one more event; what it holds at its path is a scalar, None, or of a list a list."""

    @abstractmethod
    def unite(self, one: Memory, other: Memory) -> Memory:
        """The memory of two customers who are one."""

    def leaves_us(self, memory: Memory, window_us: int, now_us: int) -> int:  # noqa: ARG002 - only windows end
        """When the next event leaves a window; NEVER when none will."""
        return NEVER

    def newest_us(self, memory: Memory) -> int | None:  # noqa: ARG002 - what keeps no time has none to tell
        """When the newest event happened that the memory rests on; None when that is not kept."""
        return None


class Times(Leaf):
    """How many in a window: their times, in order."""

    def add(self, memory: Memory | None, at_us: int, offset: int, value: Any, now_us: int) -> Memory | None:  # noqa: ARG002
        """Put the time where it belongs."""
        gone = -NEVER if self.window_us is None else now_us - self.window_us
        if at_us <= gone:
            return memory
        if memory is None:
            return [at_us]
        if memory and memory[0] <= gone:
            del memory[: bisect_right(memory, gone)]
        if not memory or memory[-1] <= at_us:
            memory.append(at_us)
        else:
            memory.insert(bisect_right(memory, at_us), at_us)
        return memory

    def unite(self, one: Memory, other: Memory) -> Memory:
        """The times of both."""
        return sorted(one + other)

    def leaves_us(self, memory: Memory, window_us: int, now_us: int) -> int:
        """The oldest still inside."""
        return _leaving(memory, window_us, now_us)

    def newest_us(self, memory: Memory) -> int | None:
        """The last."""
        return memory[-1] if memory else None


class Items(Leaf):
    """What events in a window held: [times, offsets, values], in the order of (time, offset, place in a list)."""

    def add(self, memory: Memory | None, at_us: int, offset: int, value: Any, now_us: int) -> Memory | None:
        """Put the values where they belong."""
        gone = -NEVER if self.window_us is None else now_us - self.window_us
        if at_us <= gone:
            return memory
        if memory is None:
            memory = [[], [], []]
        times, offsets, values = memory
        if times and times[0] <= gone:
            drop = bisect_right(times, gone)
            del times[:drop], offsets[:drop], values[:drop]
        if type(value) is not list and (not times or times[-1] <= at_us):
            times.append(at_us)
            offsets.append(offset)
            values.append(value)
            return memory
        found = value if type(value) is list else (value,)
        if not times or times[-1] <= at_us:
            for one in found:
                times.append(at_us)
                offsets.append(offset)
                values.append(one)
        else:
            place = bisect_right(times, at_us)
            n = len(found)
            times[place:place] = [at_us] * n
            offsets[place:place] = [offset] * n
            values[place:place] = found
        return memory

    def unite(self, one: Memory, other: Memory) -> Memory:
        """The events of both; those of one event stay in their order, for sorting is stable."""
        rows = sorted([*zip(*one, strict=True), *zip(*other, strict=True)], key=lambda row: (row[0], row[1]))
        return [[row[n] for row in rows] for n in range(3)]

    def leaves_us(self, memory: Memory, window_us: int, now_us: int) -> int:
        """The oldest still inside."""
        return _leaving(memory[0], window_us, now_us)

    def newest_us(self, memory: Memory) -> int | None:
        """The last."""
        return memory[0][-1] if memory[0] else None


class EverCount(Leaf):
    """[how many, the first time, the last time]."""

    def add(self, memory: Memory | None, at_us: int, offset: int, value: Any, now_us: int) -> Memory | None:  # noqa: ARG002
        """One more."""
        if memory is None:
            return [1, at_us, at_us]
        memory[0] += 1
        if at_us > memory[2]:
            memory[2] = at_us
        elif at_us < memory[1]:
            memory[1] = at_us
        return memory

    def unite(self, one: Memory, other: Memory) -> Memory:
        """Both."""
        return [one[0] + other[0], min(one[1], other[1]), max(one[2], other[2])]

    def newest_us(self, memory: Memory) -> int | None:
        """The last."""
        return int(memory[2])


class EverSum(Leaf):
    """[how many numbers, their sum in ten-thousandths, the smallest, the largest, the last time]."""

    def add(self, memory: Memory | None, at_us: int, offset: int, value: Any, now_us: int) -> Memory | None:  # noqa: ARG002
        """Add the numbers."""
        for one in value if type(value) is list else (value,):
            number = number_of(one)
            units = units_of(one)
            if number is None or units is None:
                continue
            if memory is None:
                memory = [1, units, number, number, at_us]
                continue
            memory[0] += 1
            memory[1] += units
            memory[2:] = [min(memory[2], number), max(memory[3], number), max(memory[4], at_us)]
        return memory

    def unite(self, one: Memory, other: Memory) -> Memory:
        """Both."""
        smallest, largest = min(one[2], other[2]), max(one[3], other[3])
        return [one[0] + other[0], one[1] + other[1], smallest, largest, max(one[4], other[4])]

    def newest_us(self, memory: Memory) -> int | None:
        """The last."""
        return int(memory[4])


class EverValues(Leaf):
    """Every value with how often it came and when last: {key: [n, time, offset, place]}."""

    def add(self, memory: Memory | None, at_us: int, offset: int, value: Any, now_us: int) -> Memory | None:  # noqa: ARG002
        """Count the values."""
        for place, one in enumerate(value if type(value) is list else (value,)):
            if one is None:
                continue
            if memory is None:
                memory = {}
            said = memory.get(key_of(one))
            if said is None:
                memory[key_of(one)] = [1, at_us, offset, place]
            else:
                said[0] += 1
                if (at_us, offset, place) > (said[1], said[2], said[3]):
                    said[1:] = [at_us, offset, place]
        return memory

    def unite(self, one: Memory, other: Memory) -> Memory:
        """Both, in one order whoever stays."""
        united = {}
        for key in sorted(one.keys() | other.keys()):
            met = [m[key] for m in (one, other) if key in m]
            united[key] = [sum(m[0] for m in met), *max(m[1:] for m in met)]
        return united

    def newest_us(self, memory: Memory) -> int | None:
        """The last of any value."""
        return max((said[1] for said in memory.values()), default=None)


class EverNewest(Leaf):
    """The newest (or with a negative number the oldest) few values: [[time, offset, place, value], …] in order."""

    def add(self, memory: Memory | None, at_us: int, offset: int, value: Any, now_us: int) -> Memory | None:  # noqa: ARG002
        """Put the values where they belong, and let go of what is too many."""
        for place, one in enumerate(value if type(value) is list else (value,)):
            if one is None:
                continue
            item = [at_us, offset, place, one]
            if memory is None:
                memory = [item]
            elif _place(memory[-1]) <= _place(item):
                memory.append(item)
            else:
                memory.insert(bisect_right(memory, _place(item), key=_place), item)
        return memory if memory is None else self._kept(memory)

    def unite(self, one: Memory, other: Memory) -> Memory:
        """The newest of both."""
        return self._kept(sorted(one + other, key=_place))

    def newest_us(self, memory: Memory) -> int | None:
        """The last that is kept."""
        return int(memory[-1][0])

    def _kept(self, memory: Memory) -> Memory:
        n = self.extra[0]
        return memory[-n:] if n > 0 else memory[:-n]


def _plain(part: Any) -> Any:
    return part.model_dump(mode="json")


def _place(item: Memory) -> tuple[int, int, int]:
    return item[0], item[1], item[2]


def _leaving(times: list[int], window_us: int, now_us: int) -> int:
    if not times:
        return NEVER
    if times[0] + window_us > now_us:
        return times[0] + window_us
    place = bisect_right(times, now_us - window_us)
    return times[place] + window_us if place < len(times) else NEVER
