"""What does a row of any other table say? `Row Recorded`, with the table's name as `dataset` and every column as it is.

Nothing is asked of it: identifiers name whom it is about, a time says when, and without them it is a fact all the same.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from homing.collect.files.aliases import TIME, WHO
from homing.collect.files.feed import ImportRequest
from homing.collect.files.kind import Kind, add
from homing.collect.files.records import Row
from homing.collect.files.track import Track

NAME_LENGTH = 80


def _amend(row: Row, properties: dict[str, Any], request: ImportRequest) -> None:
    for field in (*WHO, "time"):  # what names a person is also a column like any other
        value = row.text(field)
        if value is not None:
            properties.setdefault(row.column(field), value)
    name = request.file_name or request.path.name
    stem = PurePath(name.removesuffix(".gz")).stem
    properties["dataset"] = (request.dataset or stem or request.source)[:NAME_LENGTH]


_ROW = Track("Row Recorded", "dataset", (), timed=False, amend=_amend)

add(Kind("table", "a row of any table", "任意表的一行", {"time": TIME, **WHO}, _ROW.maker))
