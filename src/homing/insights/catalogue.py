"""What can be asked about? Event names with their properties, traits with their types, each with real examples.

Types and examples come from the newest rows of each name, so a property that was given up long ago fades out of the
list although old conditions on it still work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from homing.core.errors import InvalidInput
from homing.core.query import Query
from homing.core.time import parse_iso

ROWS_A_NAME, CUSTOMERS, NAMES, EXAMPLES = 60, 400, 200, 5
MAX_TEXT = 80
OPERATORS: dict[str, list[str]] = {
    "string": ["eq", "ne", "contains", "in", "not_in", "exists", "not_exists"],
    "number": ["eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "exists", "not_exists"],
    "time": ["gt", "gte", "lt", "lte", "eq", "ne", "exists", "not_exists"],
    "boolean": ["eq", "ne", "exists", "not_exists"],
}
_COUNTS = """
SELECT name, count(*) AS n FROM events WHERE name <> '' AND customer_id IS NOT NULL
GROUP BY name ORDER BY n DESC, name LIMIT $names"""
_SAMPLE = """
SELECT name, CAST(CAST(properties AS JSON) AS VARCHAR) FROM event_fact WHERE log_offset IN (
  SELECT log_offset FROM event_fact WHERE name <> '' AND customer_id IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY name ORDER BY log_offset DESC) <= $rows)
ORDER BY log_offset DESC"""
_TRAITS = """
SELECT CAST(CAST(traits AS JSON) AS VARCHAR) FROM customers ORDER BY last_seen_us DESC, customer_id LIMIT $rows"""


class Asks(Protocol):
    """What answers a query: the warehouse."""

    def ask(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows of a query."""


@dataclass(frozen=True, slots=True)
class Field:
    """A property or trait: its name, its type, values it has taken."""

    name: str
    type: str  # string | number | time | boolean
    examples: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class EventName:
    """An event by name."""

    name: str
    n: int
    properties: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything a condition may name."""

    events: tuple[EventName, ...]
    traits: tuple[Field, ...]


def catalogue(warehouse: Asks) -> Catalogue:
    """Ask the warehouse."""
    seen: dict[str, _Fields] = {}
    for name, body in warehouse.ask(Query(_SAMPLE, {"rows": ROWS_A_NAME})):
        seen.setdefault(name, _Fields()).add(body)
    traits = _Fields()
    for (body,) in warehouse.ask(Query(_TRAITS, {"rows": CUSTOMERS})):
        traits.add(body)
    counted = warehouse.ask(Query(_COUNTS, {"names": NAMES}))
    events = (EventName(name, n, seen[name].all() if name in seen else ()) for name, n in counted)
    return Catalogue(tuple(events), traits.all())


@dataclass(slots=True)
class _Fields:
    found: dict[str, dict[str, list[Any]]] = field(default_factory=dict)

    def add(self, body: str | None) -> None:
        """Take one JSON object."""
        read = msgspec.json.decode(body) if body else {}
        for name, value in (read if isinstance(read, Mapping) else {}).items():
            kind = type_of(value)
            if kind is not None:
                self.found.setdefault(name, {}).setdefault(kind, []).append(value)

    def all(self) -> tuple[Field, ...]:
        """Each name with the type most of its values have."""
        out = []
        for name, by_type in sorted(self.found.items()):
            kind, values = max(by_type.items(), key=lambda x: (len(x[1]), x[0]))
            out.append(Field(name, kind, _examples(values)))
        return tuple(out)


def type_of(value: object) -> str | None:
    """The type a condition compares a value as; None for what it cannot compare.

    Example:
        >>> [type_of(v) for v in (True, 2, "2018-01-01T00:00:00Z", "red", [1])]
        ['boolean', 'number', 'time', 'string', None]
    """
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if not isinstance(value, str):
        return None
    try:
        parse_iso(value)
    except (InvalidInput, OverflowError):
        return "string"
    return "time" if len(value) >= 10 and value[4:5] == "-" else "string"


def _examples(values: Iterable[Any]) -> tuple[Any, ...]:
    short = (v[:MAX_TEXT] if isinstance(v, str) else v for v in values)
    return tuple(dict.fromkeys(short))[:EXAMPLES]
