"""Where in an event is a value? One short path, read by the stream in Python and by the warehouse in SQL.

- `category`: a property, by its whole name.
- `context.device.type`: of the event's circumstances.
- `products[].category`: of every object in a list; `tags[]`: every element.
- `$hour` (0 .. 23), `$weekday` (1 Monday .. 7) in the workspace's zone, `$source`: where the event came from.

A value counts when it is a text, a number, true or false; anything else is as good as missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from homing.core.condition_sql import Forms
from homing.core.condition_values import number_of
from homing.core.event import OWN_SOURCE, Event
from homing.core.time import DAY, HOUR, SECOND, WEEK

ANY_ACTIVITY = "*"
OWN_ACTIVITY = frozenset({"Message Clicked", "Unsubscribed"})  # by the customer, although Homing recorded it
NO_ACTIVITY = frozenset({"identify", "alias", "group"})  # kinds that say something about a customer; nothing she did
_WHOLE = 1 << 53
_LIST = re.compile(r"^([^\[\].]{1,100})\[\](?:\.(.{1,100}))?$")
_CONTEXT = "context."
Special = Literal["$hour", "$weekday", "$source"]
_SPECIAL: dict[str, Special] = {one: one for one in get_args(Special)}
Scalar = str | int | float | bool
Bind = Callable[[object], str]


@dataclass(frozen=True, slots=True)
class Path:
    """One place in an event."""

    kind: Literal["property", "context", "list"] | Special
    steps: tuple[str, ...] = ()

    @property
    def many(self) -> bool:
        """Whether an event may hold several values there."""
        return self.kind == "list"


def read_path(text: str) -> Path:
    """The path of a text.

    Raises:
        ValueError: it begins with $ or has brackets and is none of those there are.
    """
    if text in _SPECIAL:
        return Path(_SPECIAL[text])
    if text.startswith("$"):
        raise ValueError(f"{text} is not known, wanted one of {', '.join(sorted(_SPECIAL))}")
    if text.startswith(_CONTEXT) and all(text.split(".")):
        return Path("context", tuple(text.split(".")[1:]))
    found = _LIST.match(text)
    if found:
        return Path("list", (found[1], found[2] or ""))
    if "[" in text:
        raise ValueError(f"{text} cannot be read, wanted a form such as products[].category")
    return Path("property", (text,))


def scalar(value: Any) -> Scalar | None:
    """The value as it counts; None when it does not."""
    if type(value) is str or type(value) is bool:
        return value
    kind = type(value)
    number = number_of(value) if kind is int or kind is float else None
    if number is None:
        return None
    return int(number) if number.is_integer() and abs(number) < _WHOLE else number


def said_value(value: Any) -> Any:
    """A value that somebody said of a customer: a scalar, or a list of texts."""
    if type(value) is list:
        return [part for part in value if type(part) is str]
    return scalar(value)


def is_activity(event: Event) -> bool:
    """Whether the customer did this: not what was said about her, nor what Homing did."""
    return event.kind not in NO_ACTIVITY and (event.source_id != OWN_SOURCE or event.name in OWN_ACTIVITY)


ACTIVITY_SQL = (
    f"(kind NOT IN ({', '.join(repr(k) for k in sorted(NO_ACTIVITY))}) AND (source_id <> '{OWN_SOURCE}' OR name IN"
    f" ({', '.join(repr(n) for n in sorted(OWN_ACTIVITY))})))"
)


def getter(path: Path, zone: ZoneInfo) -> Callable[[Event], Any]:
    """Takes the value out of an event: a scalar or None; of a list path the scalars that are there."""
    if path.kind == "property":
        (name,) = path.steps
        return lambda event: scalar(event.properties.get(name))
    if path.kind == "context":
        return lambda event: scalar(_nested(event.context, path.steps))
    if path.kind == "list":
        name, field = path.steps
        return lambda event: _parts(event.properties.get(name), field)
    if path.kind == "$source":
        return lambda event: event.source_id
    part = "hour" if path.kind == "$hour" else "isoweekday"
    return lambda event: local_part(event.happened_us, zone, part)


def local_part(at_us: int, zone: ZoneInfo, part: str) -> int:
    """The hour of day, or the weekday from 1, in a zone."""
    local = datetime.fromtimestamp(at_us // SECOND, zone)
    return local.hour if part == "hour" else local.isoweekday()


def _nested(value: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        if type(value) is not dict:
            return None
        value = value.get(step)
    return value


def _parts(value: Any, field: str) -> list[Scalar]:
    if type(value) is not list:
        return []
    parts = [part.get(field) if type(part) is dict else None for part in value] if field else value
    return [one for part in parts if (one := scalar(part)) is not None]


# -- SQL ---------------------------------------------------------------------------------------------------------------
def variant(path: Path, bind: Bind) -> str:
    """The VARIANT at a property or context path; of a list path a list of VARIANT."""
    if path.kind == "property":
        return f"variant_extract(properties, {bind(path.steps[0])})"
    if path.kind == "context":
        made = "context"
        for step in path.steps:
            made = f"variant_extract({made}, {bind(step)})"
        return made
    name, field = path.steps
    parts = f"TRY_CAST(variant_extract(properties, {bind(name)}) AS VARIANT[])"
    if not field:
        return parts
    return (
        f"list_transform({parts}, lambda part: CASE WHEN starts_with(variant_typeof(part), 'OBJECT')"
        f" THEN variant_extract(part, {bind(field)}) END)"
    )


def special(path: Path, zone: ZoneInfo, from_us: int, to_us: int) -> tuple[str, str]:
    """(text, number): the SQL of a path that begins with $; NULL for the form it has not."""
    if path.kind == "$source":
        return "source_id", "CAST(NULL AS DOUBLE)"
    local = f"(happened_us + {_offset_sql(zone, from_us, to_us)})"
    if path.kind == "$hour":
        return "CAST(NULL AS VARCHAR)", f"CAST(({local} // {HOUR}) % 24 AS DOUBLE)"
    return "CAST(NULL AS VARCHAR)", f"CAST(({local} // {DAY} + 3) % 7 + 1 AS DOUBLE)"


def _offset_sql(zone: ZoneInfo, from_us: int, to_us: int) -> str:
    """The zone's distance from UTC in microseconds, as it was at each event."""
    changes = offsets(zone, from_us, to_us)
    if len(changes) == 1:
        return str(changes[0][1])
    cases = " ".join(f"WHEN happened_us >= {at} THEN {offset}" for at, offset in reversed(changes[1:]))
    return f"(CASE {cases} ELSE {changes[0][1]} END)"


def offsets(zone: ZoneInfo, from_us: int, to_us: int) -> list[tuple[int, int]]:
    """From which instant on a zone lies how far from UTC, in microseconds, between two instants."""
    at, end = from_us // SECOND, -(-to_us // SECOND)
    found = [(at * SECOND, _offset(zone, at))]
    while at < end:
        after = min(at + WEEK // SECOND, end)
        if _offset(zone, after) != found[-1][1]:
            low, high = at, after  # the clock changes once between them
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if _offset(zone, middle) != found[-1][1] else (middle, high)
            found.append((high * SECOND, _offset(zone, high)))
        at = after
    return found


def _offset(zone: ZoneInfo, at_s: int) -> int:
    delta = datetime.fromtimestamp(at_s, zone).utcoffset()
    return 0 if delta is None else (delta.days * 86_400 + delta.seconds) * SECOND


def key_sql(forms: Forms) -> str:
    """A scalar as one text that two values share only when they are the same; NULL when it does not count."""
    return (
        f"CASE WHEN {forms.kind} = 'VARCHAR' THEN 's:' || {forms.text} WHEN {forms.kind} = 'BOOL_TRUE' THEN 'b:1'"
        f" WHEN {forms.kind} = 'BOOL_FALSE' THEN 'b:0'"
        f" WHEN {forms.number} IS NOT NULL THEN 'n:' || CAST({forms.number} + 0.0 AS VARCHAR) END"
    )


def key_of(value: Scalar) -> str:
    """The same for a Python value."""
    kind = type(value)
    if kind is str:
        return f"s:{value}"
    return f"b:{int(value)}" if kind is bool else f"n:{value!r}"


def value_of(key: str) -> Scalar:
    """The value of such a text, whichever side wrote it."""
    if key[0] == "s":
        return key[2:]
    if key[0] == "b":
        return key[2] == "1"
    found = scalar(float(key[2:]))
    return 0 if found is None else found
