"""How does one row become events, where a row stands for itself? Values cleaned and typed, identity from their content.

An event's id is a fingerprint of what the row says, so the same row again is a duplicate and a changed row is news. A
column is numeric only when all its values are, and none begins with a zero that would be lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from homing.collect.doors.segment_api import typed_id
from homing.collect.files.feed import FeedBatch, ImportRequest, RowReject, Share, encoded
from homing.collect.files.fields import ColumnMap, whole_columns
from homing.collect.files.kind import Make
from homing.collect.met import TIME, unlike
from homing.collect.normalise import MONTH_FIRST_REGIONS, TimeReader, blank, number, proves_day_first
from homing.core.errors import InvalidInput
from homing.core.event import Event, Id
from homing.core.ids import stable_id
from homing.core.query import Query
from homing.core.time import DAY
from homing.storage.files import Scratch

_PLAIN_NUMBER = r"^\s*-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?\s*$"
_encoder = msgspec.json.Encoder(order="deterministic")


class RowProblem(Exception):
    """A row that is not taken: code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Row:
    """One row of a file, its values by field."""

    __slots__ = ("_book", "values")

    def __init__(self, book: RowBook, values: dict[str, Any]) -> None:
        self._book = book
        self.values = values

    def raw(self, name: str) -> Any:
        """The value of a field as it stands; None when it says nothing."""
        column = self._book.column_of.get(name)
        value = self.values.get(column) if column is not None else None
        return None if blank(value) or self._book.is_empty(value) else value

    def column(self, name: str) -> str:
        """The column that feeds a field; the field's name where none does."""
        return self._book.column_of.get(name, name)

    def text(self, name: str) -> str | None:
        """The value of a field as text; a whole number without a point."""
        value = self.raw(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        text = None if value is None else str(value).strip()
        return text[:-2] if text and name in self._book.whole and text.endswith(".0") else text

    def number(self, name: str) -> float | None:
        """The value of a field as a number."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return float(value)
        try:
            return float(number(str(value)))
        except InvalidInput:
            raise RowProblem("bad_number", unlike(name, value, "a number", column=self.column(name))) from None

    def time(self, default_us: int | None) -> int:
        """When it happened: the field `time`, never after now."""
        value = self.raw("time")
        if value is None:
            if default_us is None:
                raise RowProblem("missing_value", "time is empty, wanted a value")
            return default_us
        try:
            at = self._book.times.instant(value)
        except InvalidInput:
            raise self._untimely("bad_time", value, f"a time such as {TIME}") from None
        if at > self._book.now_us + DAY:
            raise self._untimely("future_time", value, "a time that has been")
        if at < 0:
            raise self._untimely("bad_time", value, "a time after 1969")
        return min(at, self._book.now_us)

    def _untimely(self, code: str, value: object, wanted: str) -> RowProblem:
        return RowProblem(code, unlike("time", value, wanted, column=self.column("time")))

    def ids(self) -> tuple[Id, ...]:
        """The identifiers that name somebody, strongest first."""
        book = self._book
        found = (typed_id(t, self.text(f), book.request.region, []) for t, f in book.identifiers)
        return tuple(one for one in found if one is not None)

    def rest(self) -> dict[str, Any]:
        """The columns that feed no field of the kind, by their names, typed."""
        out: dict[str, Any] = {}
        for name, column, numeric in self._book.rest:
            value = self.values.get(column)
            if not blank(value) and not self._book.is_empty(value):
                out[name] = _typed(value, numeric)
        return out


class RowBook:
    """What all rows of a file share.

    Args:
        scratch: the rows.
        mapping: the columns.
        request: how the file is meant.
        now_us: the instant of the import.
        own: fields the kind knows; other mapped fields are named columns of `rest`.
    """

    def __init__(
        self, scratch: Scratch, mapping: ColumnMap, request: ImportRequest, now_us: int, own: frozenset[str]
    ) -> None:
        self.request = request
        self.now_us = now_us
        self.column_of = {f: mapping.columns[at] for f, at in mapping.fields.items()}
        field_at = {at: f for f, at in mapping.fields.items()}
        self.identifiers = [(t, field_at[at]) for t, at in mapping.identifiers().items()]
        whole = whole_columns(scratch, [*mapping.identifiers().values()])
        self.whole = {field_at[at] for at in whole}
        named = [(f, at) for f, at in mapping.fields.items() if f not in own]
        named += [(mapping.columns[at], at) for at in mapping.rest]
        numeric = _numeric(scratch, [at for _, at in named])
        self.rest = [(name, mapping.columns[at], at in numeric) for name, at in named]
        day_first = _day_first(scratch, mapping.fields.get("time"))
        assumed = request.region not in MONTH_FIRST_REGIONS if day_first is None else day_first
        self.times = TimeReader(request.zone, assumed)

    def is_empty(self, value: object) -> bool:
        """Whether it is one of the words this file uses for nothing."""
        empty = self.request.empty
        return bool(empty) and isinstance(value, str) and value.strip().lower() in empty


class RecordFeed:
    """A file whose rows stand for themselves."""

    def __init__(self, scratch: Scratch, book: RowBook, make: Make) -> None:
        self._scratch = scratch
        self._book = book
        self._make = make

    def batches(self) -> Iterator[FeedBatch]:
        """Every row once, in the order of the file."""
        for records in self._scratch.records():
            batch = FeedBatch([], [], [])
            for number_of_row, values in records:
                try:
                    events = self._events(values)
                except RowProblem as no:
                    cells = tuple("" if v is None else str(v) for v in (values.get(c) for c in self._scratch.columns))
                    batch.rejects.append(RowReject(number_of_row, no.code, no.message, cells))
                    continue
                batch.encoded.extend(encoded(events))
                batch.shares.append(Share(1, len(events), number_of_row))
            yield batch

    def rows_of(self, first_row: int) -> list[tuple[int, tuple[str, ...]]]:
        """The row itself."""
        found = self._scratch.ask(Query("SELECT * FROM raw WHERE _row = $row", {"row": first_row}))
        return [(first_row, tuple("" if v is None else str(v) for v in values)) for _, *values in found]

    def _events(self, values: dict[str, Any]) -> list[Event]:
        if self._scratch.damaged and any("\ufffd" in v for v in values.values() if isinstance(v, str)):
            raise RowProblem("encoding", "the row holds bytes that are no text in the file's encoding")
        return self._make(Row(self._book, values))


def fingerprint(*parts: object) -> str:
    """The same text for the same content, whatever the order of keys."""
    return stable_id("", _encoder.encode(parts).decode(), size=15)


def _typed(value: Any, numeric: bool) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, str):
        value = value.strip()
        if numeric:
            return float(value) if "." in value else int(value)
    return value


def _numeric(scratch: Scratch, places: list[int]) -> set[int]:
    texts = [at for at in places if scratch.types[at] == "VARCHAR"]
    if not texts or scratch.json_lines is not None:
        return set()
    tests = ", ".join(
        f"count(*) FILTER (trim(c{at}) <> '' AND NOT regexp_matches(c{at}, $plain)),"
        f" count(*) FILTER (regexp_matches(c{at}, $plain))"
        for at in texts
    )
    (found,) = scratch.ask(Query(f"SELECT {tests} FROM raw", {"plain": _PLAIN_NUMBER}))
    return {at for n, at in enumerate(texts) if found[2 * n] == 0 and found[2 * n + 1] > 0}


def _day_first(scratch: Scratch, place: int | None) -> bool | None:
    if place is None or scratch.types[place] != "VARCHAR":
        return None
    rows = scratch.ask(Query(f"SELECT DISTINCT c{place} FROM raw WHERE c{place} IS NOT NULL LIMIT 20000"))
    return proves_day_first(r[0] for r in rows)
