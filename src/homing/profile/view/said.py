"""What did each source say of a customer by an instant, and whose word stands?

The newest word about a trait stands, by the time it is true for and then by its place in the log; null takes it away.
What other sources said last stays beside it, so that a disagreement is seen and not only settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from homing.profile.view.life import Life


@dataclass(frozen=True, slots=True)
class Word:
    """The newest word of one source on one trait, and how often it spoke of it."""

    source: str
    value: Any
    at_us: int
    times: int


@dataclass(frozen=True, slots=True)
class Said:
    """A trait: the word that stands first, then what other sources said last."""

    name: str
    words: tuple[Word, ...]

    @property
    def disputed(self) -> bool:
        """Whether a source that said something said something else."""
        return len({msgspec.json.encode(word.value) for word in self.words if word.value is not None}) > 1


def said_by(life: Life) -> list[Said]:
    """Every trait that was said of the customer, by name; taken back ones are left out."""
    newest: dict[str, dict[str, tuple[int, int, Word]]] = {}
    words = sorted(zip(*(column.to_pylist() for column in life.words.columns), strict=True), key=lambda x: x[:2])
    for said_us, offset, source, traits in words:
        for name, value in msgspec.json.decode(traits or "{}").items():
            by_source = newest.setdefault(name, {})
            times = by_source[source][2].times if source in by_source else 0
            by_source[source] = (said_us, offset, Word(source, value, said_us, times + 1))
    found = []
    for name, told in sorted(newest.items()):
        newest_first = tuple(word for *_, word in sorted(told.values(), key=lambda x: x[:2], reverse=True))
        if newest_first[0].value is not None:
            found.append(Said(name, newest_first))
    return found
