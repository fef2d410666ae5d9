"""Up to where was a table read? The value of its cursor column, as text that says of which type it is.

The place never lies in the future, or one row with a wrong clock would hide all that come after it. What committed
late, behind rows that were read already, is found by stepping back an overlap.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from homing.core.time import DAY, from_us

_DATE_LENGTH = 10


class Place(NamedTuple):
    """A value of a cursor column."""

    type: str  # datetime | date | int | decimal | float | text
    text: str

    def value(self) -> Any:
        """The value as the database's driver takes it."""
        return _READ[self.type](self.text)

    def as_cursor(self) -> str:
        """The cursor that is kept."""
        return msgspec.json.encode({"type": self.type, "value": self.text}).decode()

    def back(self, overlap: int) -> Place:
        """The place `overlap` seconds, days' worth of seconds, or units before."""
        value = self.value()
        if self.type in {"int", "decimal"}:
            return place_of(value - overlap)
        if self.type == "float":
            return place_of(value - float(overlap))
        if self.type == "datetime":
            return place_of(_before(value, timedelta(seconds=overlap)))
        if self.type == "date":
            return place_of(_before(value, timedelta(days=-(-overlap // 86_400))))
        stepped = _step_text(self.text, overlap)
        return Place("text", stepped)

    def not_after(self, now_us: int) -> Place:
        """The place, or a day from now when it lies after that."""
        latest = from_us(now_us + DAY)
        if self.type == "text":
            at = _time_of(self.text)
            if at is None or (at if at.tzinfo else at.replace(tzinfo=UTC)) <= latest:
                return self
            return Place("text", _in_form_of(self.text, at, latest.astimezone(at.tzinfo or UTC)))
        value = self.value()
        if self.type == "datetime":
            latest = latest if value.tzinfo else latest.replace(tzinfo=None)
            return place_of(min(value, latest))
        return place_of(min(value, latest.date())) if self.type == "date" else self


def place_of(value: Any) -> Place:
    """The place of a value that a database gave."""
    if isinstance(value, bool):
        return Place("int", str(int(value)))
    if isinstance(value, datetime):
        return Place("datetime", value.isoformat(" "))
    if isinstance(value, date):
        return Place("date", value.isoformat())
    for kind, known in (("int", int), ("decimal", Decimal), ("float", float)):
        if isinstance(value, known):
            return Place(kind, repr(value) if kind == "float" else str(value))
    return Place("text", str(value))


def read_place(cursor: str) -> Place:
    """The place of a cursor that was kept, or of a value that a person wrote."""
    try:
        kept = msgspec.json.decode(cursor)
        if isinstance(kept, dict) and kept.get("type") in _READ:
            return Place(str(kept["type"]), str(kept["value"]))
    except (msgspec.DecodeError, KeyError):
        pass
    written = cursor.strip()
    for kind in ("int", "decimal", "date", "datetime"):
        try:
            return place_of(_READ[kind](written))
        except (ValueError, InvalidOperation):
            continue
    return Place("text", cursor)


def _time_of(text: str) -> datetime | None:
    """The time that a text says; None when it says none."""
    try:
        return datetime.fromisoformat(text) if len(text) >= _DATE_LENGTH and text[4:5] == "-" else None
    except ValueError:
        return None


def _in_form_of(text: str, said: datetime, at: datetime) -> str:
    """An instant as text in the very form of another, which says `said`; the other where its form is not known."""
    if text == said.date().isoformat():
        return at.date().isoformat()
    zulu = text.endswith("Z")
    for spec in ("seconds", "milliseconds", "microseconds", "minutes"):
        for mark in ("T", " "):
            if _written(said, mark, spec, zulu) == text:
                return _written(at.replace(tzinfo=said.tzinfo), mark, spec, zulu)
    return text


def _before(value: Any, by: timedelta) -> Any:
    """So much earlier; a value at the beginning of the calendar, as some programs write for none, stays where it is."""
    try:
        return value - by
    except OverflowError:
        return value


def _step_text(text: str, overlap: int) -> str:
    """A time written as text, stepped back in the very form it has; other text as it is."""
    at = _time_of(text) if len(text) > _DATE_LENGTH else None
    return text if at is None else _in_form_of(text, at, _before(at, timedelta(seconds=overlap)))


def _written(at: datetime, mark: str, spec: str, zulu: bool) -> str:
    text = at.isoformat(mark, spec)
    return text.replace("+00:00", "Z") if zulu else text


_READ: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "int": int,
    "decimal": Decimal,
    "float": float,
    "text": str,
}
