"""What is wrong with a value? Each wish of a plan or rule compiled once into a function that says it or says nothing.

The words name the field, the type that was met and the wish, never the value: what a customer typed belongs to
nobody's log. `values_at` finds it for who may see it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from homing.collect.definitions.plan import Property
from homing.collect.definitions.rules import Matches, OneOf, Range, RowRule
from homing.collect.quality.reach import MISSING, Reach, reach_of


class Wrong(NamedTuple):
    """One thing that is not as wanted."""

    code: str
    field: str
    message: str


Check = Callable[[Any], tuple[str, str] | None]  # a value -> (code, what was wanted)
MAX_PATTERN_TEXT = 10_000
NAMED = 5  # values that a message names of those allowed
MET = 5  # values that are shown of those met at a path


class Wish(NamedTuple):
    """What is wanted at one path: the values are found, then each is checked."""

    path: str
    find: Reach
    check: Check

    def wrong(self, payload: dict[str, Any]) -> Wrong | None:
        """The first thing that is not as wanted."""
        for value in self.find(payload):
            found = self.check(value)
            if found is not None:
                return Wrong(found[0], self.path, f"{self.path} {found[1]}")
        return None


def values_at(path: str, payload: dict[str, Any]) -> list[Any]:
    """What stands at a path, the first few; nothing where nothing does."""
    return list(islice((v for v in reach_of(path)(payload) if v is not MISSING), MET))


def of_property(path: str, wanted: Property) -> Wish | None:
    """The wish of a plan's property; None when everything is welcome."""
    checks = [*_typed(wanted), *_bounded("plan", wanted.values, wanted.pattern, wanted.min, wanted.max)]
    if not checks and not wanted.required:
        return None

    def check(value: Any) -> tuple[str, str] | None:
        if value is MISSING:
            return ("plan_missing", "is missing, wanted a value") if wanted.required else None
        return next((found for one in checks if (found := one(value)) is not None), None)

    return Wish(path, reach_of(path), check)


def of_rule(rule: RowRule) -> Wish:
    """The wish of a row rule that needs nothing but the value."""
    if rule.rule == "required":
        return Wish(rule.field, reach_of(rule.field), _required)
    values = rule.values if isinstance(rule, OneOf) else None
    pattern = rule.pattern if isinstance(rule, Matches) else None
    low, high = (rule.min, rule.max) if isinstance(rule, Range) else (None, None)
    (one,) = _bounded("rule", values, pattern, low, high)
    return Wish(rule.field, reach_of(rule.field), lambda v: None if v is MISSING else one(v))


def is_type(value: Any, wanted: str) -> bool:
    """Whether a JSON value has a type of the plan; a whole number is an integer however it is written."""
    if isinstance(value, bool):
        return wanted in {"boolean", "any"}
    if wanted == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if wanted == "time":
        return isinstance(value, str) and _is_time(value)
    return wanted == "any" or isinstance(value, _PYTHON.get(wanted, ()))


_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "object", list: "array"}
_PYTHON: dict[str, Any] = {"string": str, "number": (int, float), "object": dict, "array": list}


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) >= 10


def _required(value: Any) -> tuple[str, str] | None:
    empty = value is MISSING or (isinstance(value, str) and not value.strip())
    return ("rule_required", "is missing, wanted a value") if empty else None


def _typed(wanted: Property) -> list[Check]:
    if wanted.type == "any":
        return []

    def check(value: Any) -> tuple[str, str] | None:
        if is_type(value, wanted.type):
            return None
        return "plan_type", f"has type {_TYPES.get(type(value), 'null')}, wanted {wanted.type}"

    return [check]


def _bounded(
    who: str, values: Iterable[Any] | None, pattern: str | None, low: float | None, high: float | None
) -> list[Check]:
    checks: list[Check] = []
    if values is not None:
        checks.append(_among(who, tuple(values)))
    if pattern is not None:
        checks.append(_matching(who, re.compile(pattern)))
    if low is not None or high is not None:
        checks.append(_between(who, low, high))
    return checks


def _key(value: Any) -> Any:
    """Equal for equal JSON values: 1 is 1.0 and neither is true."""
    return (isinstance(value, bool), value) if isinstance(value, str | bool | int | float) else None


def _among(who: str, values: tuple[Any, ...]) -> Check:
    allowed = frozenset(_key(v) for v in values)
    named = ", ".join(str(v)[:40] for v in values[:NAMED])
    more = f" and {len(values) - NAMED} more" if len(values) > NAMED else ""
    no = (f"{who}_value", f"is none of {named}{more}")
    return lambda value: None if _key(value) in allowed else no


def _matching(who: str, pattern: re.Pattern[str]) -> Check:
    no = (f"{who}_pattern", f"has not the form {pattern.pattern[:80]}")

    def check(value: Any) -> tuple[str, str] | None:
        fits = isinstance(value, str) and len(value) <= MAX_PATTERN_TEXT and pattern.fullmatch(value)
        return None if fits else no

    return check


def _between(who: str, low: float | None, high: float | None) -> Check:
    said = f"lies outside {'…' if low is None else f'{low:g}'} to {'…' if high is None else f'{high:g}'}"
    no = (f"{who}_range", said)

    def check(value: Any) -> tuple[str, str] | None:
        number = _number(value)
        if number is None or (low is not None and number < low) or (high is not None and number > high):
            return no
        return None

    return check


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if number == number else None  # noqa: PLR0124 - NaN is no number
