"""What did people search for? Baidu Index, day by day: one row a keyword, or one column a keyword.

Baidu publishes no schema of a file, so both ways in which tables of the index are kept are read: `日期, 关键词,
搜索指数` (with PC and mobile beside it where they are), and `日期` with a column for each keyword.
"""

from __future__ import annotations

from typing import ClassVar

from homing.collect.connectors.connector import Row
from homing.collect.formats.format import About, Unreadable, formats
from homing.collect.formats.sheets import Columns, Header, Sheet, SheetFormat, number_of
from homing.collect.formats.statistics import figure
from homing.collect.met import unlike
from homing.collect.normalise import blank

_DATASET = "baidu_index"


@formats.register("baidu_index")
class BaiduIndex(SheetFormat, frozen=True):
    """Baidu Index by day and keyword, CSV (GBK too) or Excel.

    百度指数：按日期与关键词，CSV（含 GBK）或 Excel。
    """

    title: ClassVar[tuple[str, str]] = ("Baidu Index", "百度指数")
    required: ClassVar[tuple[str, ...]] = ("date",)
    columns: ClassVar[Columns] = {
        "date": "日期 时间 date day",
        "keyword": "关键词 关键字 搜索词 keyword word",
        "index": "搜索指数 指数 整体 pc+移动 搜索指数整体 整体搜索指数 index searchindex all",
        "pc": "pc pc端 pc指数 搜索指数pc pc搜索指数",
        "mobile": "移动 移动端 移动指数 搜索指数移动 移动搜索指数 mobile wise",
        "feed": "资讯指数 feed feedindex",
        "region": "地区 地域 省份 城市 region area",
    }

    def sheet(self, header: Header, about: About, above: list[list[str]]) -> Sheet:  # noqa: ARG002
        """What reads the rows under this header."""
        return _Long(header, about) if "keyword" in header.at else _Wide(header, about)


class _Long(Sheet):
    def rows(self, cells: list[str]) -> list[Row]:
        day, keyword = self.day(self.text(cells, "date")), self.text(cells, "keyword")
        if not keyword:
            raise Unreadable("missing_value", "keyword is empty, wanted a value")
        numbers = {n: v for n in ("index", "pc", "mobile", "feed") if (v := self.amount(cells, n)) is not None}
        region = self.text(cells, "region")
        about = {"keyword": keyword} | ({"region": region} if region else {})
        return [figure(_DATASET, day, about, {**numbers, **self.others(cells)})]


class _Wide(Sheet):
    """A column for each keyword."""

    def rows(self, cells: list[str]) -> list[Row]:
        day = self.day(self.text(cells, "date"))
        named = {self.header.cells[at]: value for at in self.header.rest if at < len(cells) and (value := cells[at])}
        for field, at in self.header.at.items():
            if field != "date" and at < len(cells):
                named[self.header.cells[at]] = cells[at]  # a keyword that is called like one of our fields
        out = []
        for keyword, value in named.items():
            found = _index(value)
            if found is not None:
                out.append(figure(_DATASET, day, {"keyword": keyword}, {"index": found}))
        return out


def _index(value: str) -> float | None:
    if blank(value):
        return None
    found = number_of(value)
    if found is None:
        raise Unreadable("bad_number", unlike("index", value, "a number"))
    return found
