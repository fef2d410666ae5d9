"""What does a report of Google Analytics 4 say? Its CSV export: notes behind `#`, then one table, sometimes several.

The notes tell the report and its days. A row of a table without a day belongs to the whole span: `date` is its first
day, `until` its last. `Nth day` counts from the first.

Source: Google Analytics Help, "Export and share a report" - the file's own notes name account, property and days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar

from homing.collect.connectors.connector import Row
from homing.collect.formats.format import KEPT_TEXT, About, Format, Part, Unreadable, formats
from homing.collect.formats.sheets import Columns, Header, Sheet, number_of
from homing.collect.formats.statistics import figure
from homing.collect.met import unlike
from homing.collect.normalise import blank
from homing.core.errors import InvalidInput
from homing.core.form import ask
from homing.storage.files import BrokenRow
from homing.storage.files.grid import read_grid

_COLUMNS: Columns = {"date": "date 日期 天", "nth": "nthday nthweek 第n天"}
_NOTE = re.compile(r"^#\s*(.*?)\s*$")
_SPAN = re.compile(r"^(start|end) date\s*[:：]\s*(\d{8})", re.IGNORECASE)
_SLUG = re.compile(r"[^\w]+")


@formats.register("ga4_report")
class Ga4Report(Format, frozen=True):
    """A report of Google Analytics 4, exported as CSV.

    Google Analytics 4 报表导出的 CSV。
    """

    title: ClassVar[tuple[str, str]] = ("Google Analytics 4 report", "Google Analytics 4 报表")

    dataset: str = ask(
        "What to call it; the report's name when empty", "数据集名称；留空则用报表名", "", max_length=100
    )

    def read(self, path: Path, about: About) -> Iterator[Part]:
        """Every row of every table once."""
        rows, broken, left_out, tables = list[tuple[int, Row]](), list[BrokenRow](), 0, 0
        notes = _Notes()
        sheet: _Table | None = None
        for line in read_grid(path):
            note = _NOTE.match(line.text.strip().strip('"').rstrip(","))
            if note:
                notes.take(note[1])
                sheet = None
                continue
            if sheet is None:
                tables += 1
                sheet = _Table(Header(line.cells or [""], _COLUMNS), about, notes, self.dataset, tables)
                continue
            try:
                made = sheet.take(line)
            except Unreadable as no:
                broken.append(BrokenRow(line.row, no.code, no.message, line.text[:KEPT_TEXT]))
            else:
                rows += [(line.row, row) for row in made]
                left_out += not made
        if not tables or not notes.seen:
            raise InvalidInput(f"{path.name} has no notes of a Google Analytics report, wanted its CSV", field="file")
        yield Part(rows, broken, left_out)


class _Notes:
    """What stands behind `#` over a table."""

    def __init__(self) -> None:
        self.title = ""
        self.start: date | None = None
        self.end: date | None = None
        self.seen = 0

    def take(self, text: str) -> None:
        """One note; the first that is no date names the report."""
        self.seen += 1
        span = _SPAN.match(text)
        if span:
            try:
                day = date(int(span[2][:4]), int(span[2][4:6]), int(span[2][6:]))
            except ValueError:
                return
            if span[1].lower() == "start":
                self.start, self.end = day, None
            else:
                self.end = day
        elif text.strip("-") and not self.title and ":" not in text[:9]:
            self.title = text


class _Table(Sheet):
    def __init__(self, header: Header, about: About, notes: _Notes, dataset: str, number: int) -> None:
        super().__init__(header, about)
        self._start, self._end = notes.start, notes.end
        name = dataset or f"ga4_{_slug(notes.title.partition(':')[0]) or 'report'}"
        self._dataset = name if number == 1 else f"{name}_{_slug(header.cells[0]) or number}"

    def rows(self, cells: list[str]) -> list[Row]:
        if len(cells) != len(self.header.cells):
            raise Unreadable("broken_row", "the row has not the columns of the header")
        day, until = self._days(cells)
        about: dict[str, str] = {}
        numbers = {}
        for name, value in self.others(cells).items():
            if isinstance(value, str):
                about[name] = value
            else:
                numbers[name] = value
        if until and until != day:
            about["until"] = until
        return [figure(self._dataset, day, about, numbers)]

    def is_total(self, cells: list[str]) -> bool:
        """A total has nothing in the first column, by which the table is broken down."""
        return super().is_total(cells) or blank(cells[0])

    def _days(self, cells: list[str]) -> tuple[str, str]:
        if "date" in self.header.at:
            return self.day(self.text(cells, "date")), ""
        if self._start is None:
            raise Unreadable("bad_time", "the report names no day")
        if "nth" in self.header.at:
            said = self.text(cells, "nth")
            nth = number_of(said)
            if not isinstance(nth, int) or not 0 <= nth < 20_000:
                raise Unreadable("bad_time", unlike("day", said, "a count of days from 0"))
            return (self._start + timedelta(days=nth)).isoformat(), ""
        return self._start.isoformat(), self._end.isoformat() if self._end else ""


def _slug(text: str) -> str:
    return _SLUG.sub("_", text).strip("_").lower()[:60]
