"""How is a report of another tool read? Its header is found by its columns, its rows mapped, totals left out.

A report knows its columns by name, in English or Chinese, with or without a unit in brackets. Rows above the header are
notes; a row of totals is no row, for whoever adds up the rows would count it twice.
"""

from __future__ import annotations

import re
import unicodedata
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from homing.collect.connectors.connector import Row
from homing.collect.formats.format import KEPT_TEXT, PART, About, Format, Part, Unreadable
from homing.collect.met import DAY, unlike
from homing.collect.normalise import MONTH_FIRST_REGIONS, TimeReader, blank, number
from homing.core.errors import InvalidInput
from homing.core.form import ask
from homing.core.time import from_us
from homing.storage.files import BrokenRow
from homing.storage.files.grid import GridRow, read_grid

HEADER_WITHIN = 40  # rows looked at for the header
_UNIT = re.compile(r"[(（\[【]([^)）\]】]*)[)）\]】]\s*$")
_TOTAL = re.compile(r"^(?:grand\s+)?totals?\b|^(?:总计|合计|汇总|小计|总和|共计)|^total[:：]", re.IGNORECASE)
_FRACTION = re.compile(r"^-?[\d,.]+\s*%$")
_RANGE = re.compile(r"\s*(?:~|\uff5e|至|—| to | - )\s*")
_GLUE = re.compile(r"[\s_\-.·:：/]+")

Columns = Mapping[str, str]  # a field of ours: the names it goes by, plain, parted by blanks


class Header:
    """Which column of a report is which field; `units` holds what stood in brackets behind a name."""

    def __init__(self, cells: Sequence[str], columns: Columns) -> None:
        self.cells = list(cells)
        self.at: dict[str, int] = {}
        self.units: dict[str, str] = {}
        plain = [plain_name(c) for c in cells]
        bare = [plain_name(_UNIT.sub("", c)) for c in cells]
        for field, names in columns.items():
            for name in names.split():
                place = _place(name, plain, bare, set(self.at.values()))
                if place is not None:
                    self.at[field] = place
                    unit = _UNIT.search(cells[place])
                    self.units[field] = unit[1].strip() if unit else ""
                    break
        self.rest = [n for n, c in enumerate(cells) if c and n not in self.at.values()]


class SheetFormat(Format):
    """A report in CSV, TSV or Excel."""

    columns: ClassVar[Columns]
    required: ClassVar[tuple[str, ...]]

    encoding: str = ask("Encoding; found out when empty", "编码；留空则自动识别", "", max_length=40)

    def read(self, path: Path, about: About) -> Iterator[Part]:
        """Every row under the header once, in parts."""
        rows = read_grid(path, encoding=self.encoding or None)
        header, first = self._header(rows, path)
        sheet = self.sheet(header, about._replace(name=about.name or path.name), first)
        part, seen, left_out = Part([], []), 0, 0
        for row in rows:
            seen += 1
            try:
                made = sheet.take(row)
            except Unreadable as no:
                part.broken.append(BrokenRow(row.row, no.code, no.message, row.text[:KEPT_TEXT]))
            else:
                part.rows.extend((row.row, one) for one in made)
                left_out += not made
            if seen >= PART:
                yield part._replace(left_out=left_out)
                part, seen, left_out = Part([], []), 0, 0
        if seen:
            yield part._replace(left_out=left_out)

    def known(self) -> Columns:
        """The columns looked for, with these settings."""
        return self.columns

    @abstractmethod
    def sheet(self, header: Header, about: About, above: list[list[str]]) -> Sheet:
        """What reads the rows under this header; `above` are the rows over it."""

    def _header(self, rows: Iterator[GridRow], path: Path) -> tuple[Header, list[list[str]]]:
        above: list[list[str]] = []
        best: Header | None = None
        for row, _ in zip(rows, range(HEADER_WITHIN), strict=False):
            found = Header(row.cells or [], self.known())
            if all(name in found.at for name in self.required):
                return found, above
            above.append(row.cells or [])
            if best is None or len(found.at) > len(best.at):
                best = found
        missing = [n for n in self.required if best is None or n not in best.at]
        raise InvalidInput(
            f"{path.name} has no header with {', '.join(missing or self.required)}; wanted a report with them",
            field="file", details={"missing": missing, "columns": best.cells if best else []},
        )  # fmt: skip


class Sheet:
    """Reads the rows under a header.

    Args:
        header: the columns.
        about: where the rows go.
    """

    def __init__(self, header: Header, about: About) -> None:
        self.header = header
        self.about = about
        day_first = about.region not in MONTH_FIRST_REGIONS
        self._times = TimeReader("UTC", day_first)

    def take(self, row: GridRow) -> list[Row]:
        """The rows a row of the report becomes; none when it is left out.

        Raises:
            Unreadable: it is neither a row nor a total.
        """
        if row.cells is None:
            raise Unreadable("broken_row", "a quotation mark of the row is not closed")
        if self.is_total(row.cells):
            return []
        return self.rows(row.cells)

    @abstractmethod
    def rows(self, cells: list[str]) -> list[Row]:
        """The rows of these cells."""

    def is_total(self, cells: list[str]) -> bool:
        """Is it a row of totals, or a note under the table?"""
        first = next((c for c in cells if not blank(c)), "")
        return not first or bool(_TOTAL.match(first)) or first.startswith("#")

    def text(self, cells: list[str], field: str) -> str:
        """The cell of a field; empty when it says nothing."""
        at = self.header.at.get(field)
        value = cells[at] if at is not None and at < len(cells) else ""
        return "" if blank(value) else value

    def amount(self, cells: list[str], field: str) -> float | None:
        """The cell of a field as a number; None when it says nothing.

        Raises:
            Unreadable: it is none.
        """
        value = self.text(cells, field)
        if not value:
            return None
        found = number_of(value)
        if found is None:
            column = self.header.cells[self.header.at[field]]
            raise Unreadable("bad_number", unlike(field, value, "a number", column=column))
        return found

    def day(self, text: str) -> str:
        """The first day a text names, as 2026-01-31.

        Raises:
            Unreadable: it names none.
        """
        first = _RANGE.split(text.strip(), maxsplit=1)[0]
        try:
            us, zoned = self._times.parts(first)
            if zoned and first.isdigit():
                raise Unreadable("bad_time", unlike("day", text, f"a day such as {DAY}"))
            return from_us(us).date().isoformat()
        except (InvalidInput, OverflowError, ValueError):
            raise Unreadable("bad_time", unlike("day", text, f"a day such as {DAY}")) from None

    def others(self, cells: list[str]) -> dict[str, Any]:
        """The columns that feed no field, by their own names; what is a number as one."""
        out: dict[str, Any] = {}
        for at in self.header.rest:
            value = cells[at] if at < len(cells) else ""
            if not blank(value):
                out[self.header.cells[at]] = typed(self.header.cells[at], value)
        return out


def typed(name: str, value: str) -> Any:
    """A cell as a number where it is one and its column names no identifier; percent as a fraction."""
    if re.search(r"(?:\bid|编号|代码|账号|id)$", name.strip(), re.IGNORECASE):
        return value
    if _FRACTION.match(value):
        found = number_of(value.rstrip("% "))
        return value if found is None else round(found / 100, 8)
    found = number_of(value)
    return value if found is None else found


def number_of(value: str) -> float | None:
    """A number as reports write it; whole ones as int; None when it is none."""
    try:
        found = number(value)
    except InvalidInput:
        return None
    if abs(found) >= 10**15:
        return None
    return int(found) if found == found.to_integral_value() else float(found)


def plain_name(name: str) -> str:
    """A column's name without blanks, points and case."""
    return _GLUE.sub("", unicodedata.normalize("NFKC", name)).strip("\ufeff").lower()


def _place(name: str, plain: list[str], bare: list[str], taken: set[int]) -> int | None:
    for known in (plain, bare):
        for at, cell in enumerate(known):
            if cell == name and at not in taken:
                return at
    return None
