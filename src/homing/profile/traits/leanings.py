"""What does a customer lean to? How loudly her events speak for each key, and how that fades."""

from __future__ import annotations

from typing import Any

from homing.profile.traits.memories import Leaf, Memory
from homing.profile.traits.paths import Scalar

CELLS = 32  # half-lives after which an event's word counts nothing: below one part in four milliards
WORTH = 1 << 20  # the worth of one event at the beginning of a half-life


class Leaning(Leaf):
    """How loudly events speak for each key: [newest half-life, last time, {key: {half-life: worth}}].

    Time is cut into half-lives. An event is worth 2^f (in 2^20ths, f its place within its half-life, times the weight
    of its kind), and the worth of a half-life counts half as much as that of the next. So sums are whole numbers, exact
    in any order, and what one key is worth beside another does not change by waiting.
    """

    def add(self, memory: Memory | None, at_us: int, offset: int, value: Any, now_us: int) -> Memory | None:  # noqa: ARG002
        """Add an event's word; the value that comes in is (weight, keys)."""
        return self.speak(value[0], memory, at_us, value[1])

    def speak(self, weight: int, memory: Memory | None, at_us: int, keys: Any) -> Memory | None:
        """Add an event's word of a weight for these keys."""
        half_life = self.extra[0]
        cell, worth = at_us // half_life, 0
        for one in keys if type(keys) is list else (keys,):
            key = one if type(one) is str and one else leaning_key(one)
            if key is None or at_us < 0:
                continue
            if memory is None:
                memory = [cell, at_us, {}]
            elif cell > memory[0]:
                memory[0] = cell
                _fade(memory)
            if cell < memory[0] - CELLS:
                continue
            memory[1] = max(memory[1], at_us)
            worth = worth or weight * int(2.0 ** ((at_us - cell * half_life) / half_life) * WORTH + 0.5)
            cells = memory[2].get(key)
            if cells is None:
                memory[2][key] = {cell: worth}
            else:
                cells[cell] = cells.get(cell, 0) + worth
        return memory

    def unite(self, one: Memory, other: Memory) -> Memory:
        """Both."""
        united: dict[str, dict[int, int]] = {}
        for key in sorted(one[2].keys() | other[2].keys()):
            ours, theirs = one[2].get(key, {}), other[2].get(key, {})
            united[key] = {cell: ours.get(cell, 0) + theirs.get(cell, 0) for cell in sorted(ours.keys() | theirs)}
        memory = [max(one[0], other[0]), max(one[1], other[1]), united]
        _fade(memory)
        return memory

    def weights(self, memory: Memory | None) -> list[tuple[int, str]]:
        """(weight, key), the strongest first."""
        if memory is None:
            return []
        oldest = memory[0] - CELLS
        made = [(sum(worth << cell - oldest for cell, worth in cells.items()), key) for key, cells in memory[2].items()]
        return sorted(made, key=lambda one: (-one[0], one[1]))

    def newest_us(self, memory: Memory) -> int | None:
        """The last event that spoke."""
        return int(memory[1])


def _fade(memory: Memory) -> None:
    """Let go of half-lives that count nothing any more."""
    oldest = memory[0] - CELLS
    for key in [key for key, cells in memory[2].items() if min(cells) < oldest]:
        cells = {cell: worth for cell, worth in memory[2][key].items() if cell >= oldest}
        if cells:
            memory[2][key] = cells
        else:
            del memory[2][key]


def leaning_key(value: Scalar | None) -> str | None:
    """The key an event speaks for: a text that is not empty, or a whole number written out."""
    if type(value) is str:
        return value or None
    return str(value) if type(value) is int else None
