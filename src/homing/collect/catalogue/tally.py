"""What did a field hold in the rows that were looked at? Types, how often it was filled, how many different values.

Shares are over the rows that were drawn by chance; the newest rows are looked at besides, so that a field which came
yesterday is there, and count for nothing but that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from homing.collect.catalogue.detect import Detected, detect
from homing.collect.catalogue.names import leaves
from homing.core.errors import InvalidInput
from homing.core.time import parse_iso

MAX_FIELDS = 400  # of one dataset
MAX_VALUES = 400  # of one field that are looked at for what they are
MAX_PATH = 200


@dataclass(slots=True)
class FieldTally:
    """One field of one dataset."""

    filled: int = 0
    types: Counter[str] = field(default_factory=Counter)
    distinct: set[int] = field(default_factory=set)
    values: list[Any] = field(default_factory=list)
    first_us: int = 0
    last_us: int = 0

    def see(self, value: object, at_us: int) -> None:
        """Take one value."""
        self.types[type_name(value)] += 1
        self.distinct.add(hash(value) if isinstance(value, str | int | float) else hash(repr(value)))
        if len(self.values) < MAX_VALUES:
            self.values.append(value)
        self.first_us = min(self.first_us or at_us, at_us)
        self.last_us = max(self.last_us, at_us)


@dataclass(slots=True)
class Tally:
    """The fields of one dataset over its sample."""

    drawn: int = 0
    fields: dict[str, FieldTally] = field(default_factory=dict)

    def add(self, row: Mapping[str, Any], at_us: int, *, drawn: bool) -> None:
        """Take one row."""
        self.drawn += drawn
        seen: set[str] = set()
        for path, value in leaves(dict(row)):
            known = self.fields.get(path)
            if known is None:
                if len(self.fields) >= MAX_FIELDS or len(path) > MAX_PATH:
                    continue
                known = self.fields[path] = FieldTally()
            known.see(value, at_us)
            if drawn and path not in seen:
                seen.add(path)
                known.filled += 1

    def found(self, *, of_person: bool) -> dict[str, tuple[dict[str, Any], int, int]]:
        """Each field: what was found, when it was seen first and last."""
        out = {}
        for path, one in self.fields.items():
            said = found_of(self.drawn, one.filled, len(one.distinct), dict(one.types))
            said["detected"] = shown(detect(path, one.values, of_person=of_person))
            out[path] = (said, one.first_us, one.last_us)
        return out


def found_of(n: int, filled: int, distinct: int, types: dict[str, int]) -> dict[str, Any]:
    """What is kept of a field: of `n` rows looked at, `filled` had it."""
    return {"n": n, "filled": filled, "distinct": distinct, "types": types, "detected": None}


def shown(detected: Detected | None) -> dict[str, Any] | None:
    """A detection as it is kept."""
    if detected is None:
        return None
    return {"kind": detected.kind, "level": detected.level, "by": detected.by, "hits": detected.hits, "n": detected.n}


def type_name(value: object) -> str:
    """The type of a JSON value; a text that is a time is one.

    Example:
        >>> [type_name(v) for v in (True, 2, 0.5, "2018-01-01T00:00:00Z", "red", {})]
        ['boolean', 'integer', 'number', 'time', 'text', 'object']
    """
    if isinstance(value, str):
        return "time" if _is_time(value) else "text"
    names = ((bool, "boolean"), (int, "integer"), (float, "number"), (dict, "object"))
    return next((name for kind, name in names if isinstance(value, kind)), "list")


def _is_time(text: str) -> bool:
    if len(text) < 10 or not text[:4].isdigit():
        return False
    try:
        parse_iso(text)
    except (InvalidInput, OverflowError):
        return False
    return True
