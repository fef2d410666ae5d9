"""Whose word counts when sources disagree? What each source said of a customer, and the rule that chooses."""

from __future__ import annotations

from typing import Any

import msgspec

from homing.profile.traits.memories import Leaf, Memory
from homing.profile.traits.paths import key_of, said_value


class Words(Leaf):
    """What sources said of a customer; the value that comes in is [value, source, version]."""

    @property
    def rule(self) -> str:
        """Whose word counts."""
        return str(self.extra[0])

    def add(self, memory: Memory | None, at_us: int, offset: int, value: Any, now_us: int) -> Memory | None:  # noqa: ARG002
        """Take a word."""
        said, source, version = value
        word = [at_us, offset, said_value(said), source, version]
        if self.rule == "newest":
            return word if memory is None or _said_at(word) >= _said_at(memory) else memory
        if self.rule == "source":
            memory = {} if memory is None else memory
            if source not in memory or _said_at(word) >= _said_at(memory[source]):
                memory[source] = word
            return memory
        if word[2] is None:
            return memory
        if self.rule == "first":
            return word if memory is None or _said_at(word) < _said_at(memory) else memory
        memory = {} if memory is None else memory
        key = said_key(word[2])
        n = memory[key][5] if key in memory else 0
        memory[key] = [*(word if not n or _said_at(word) >= _said_at(memory[key]) else memory[key][:5]), n + 1]
        return memory

    def unite(self, one: Memory, other: Memory) -> Memory:
        """The words of both."""
        if self.rule in ("newest", "first"):
            return (max if self.rule == "newest" else min)(one, other, key=_said_at)
        united = {}
        for key in sorted(one.keys() | other.keys()):
            met = [m[key] for m in (one, other) if key in m]
            newest = max(met, key=_said_at)
            united[key] = newest if self.rule == "source" else [*newest[:5], sum(m[5] for m in met)]
        return united

    def word(self, memory: Memory | None, trusted: tuple[str, ...]) -> Memory | None:
        """The word that counts: [time, offset, value, source, version]; None when there is none, or it takes back."""
        if memory is None:
            return None
        if self.rule in ("newest", "first"):
            return None if memory[2] is None else memory
        words = [word for word in memory.values() if word[2] is not None]
        if not words:
            return None
        if self.rule == "most_frequent":
            return max(words, key=lambda word: (word[5], word[0], word[1]))
        rank = {source: -n for n, source in enumerate(trusted)}
        return max(words, key=lambda word: (rank.get(word[3], -len(rank)), word[0], word[1]))

    def newest_us(self, memory: Memory) -> int | None:
        """The newest word."""
        words = [memory] if self.rule in ("newest", "first") else memory.values()
        return max((int(word[0]) for word in words), default=None)


def said_key(value: Any) -> str:
    """One text for a word, the same for the same word only."""
    return "l:" + msgspec.json.encode(value).decode() if type(value) is list else key_of(value)


def _said_at(word: Memory) -> tuple[int, int]:
    return word[0], word[1]
