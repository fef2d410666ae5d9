"""What did each source say of a customer by an instant, and whose word stands?

The newest word about a trait stands, by the time it is true for and then by its place in the log; null takes it away.
What other sources said last stays beside it, so that a disagreement is seen and not only settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from homing.core.query import Query
from homing.profile.hers import hers_of
from homing.storage.warehouse import Warehouse

# Each source's newest word on each trait.
_SQL = """
SELECT name, source_id, max(happened_us), max(log_offset),
  arg_max({{'v': CAST(CAST(value AS JSON) AS VARCHAR)}}, {{'t': happened_us, 'o': log_offset}}).v, count(*)
FROM trait_fact WHERE {hers} AND happened_us <= $at GROUP BY name, source_id
"""


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


def said_by(warehouse: Warehouse, customer_id: str, at_us: int) -> list[Said]:
    """Every trait that was said of the customer by then, by name; taken back ones are left out."""
    hers, params = hers_of(warehouse, customer_id)
    rows = warehouse.ask(Query(_SQL.format(hers=hers), params | {"at": at_us}))
    words: dict[str, list[tuple[int, int, Word]]] = {}
    for name, source, said_us, offset, value, times in rows:
        word = Word(source, None if value is None else msgspec.json.decode(value), said_us, times)
        words.setdefault(name, []).append((said_us, offset, word))
    found = []
    for name, told in sorted(words.items()):
        newest_first = tuple(word for *_, word in sorted(told, key=lambda x: x[:2], reverse=True))
        if newest_first[0].value is not None:
            found.append(Said(name, newest_first))
    return found
