"""What did advertising cost, day by day? One row a day and campaign, from the report of any of the platforms.

The platform is told by the columns, or said. A row of totals is left out. Where the platform writes the currency into
the header (`Amount spent (USD)`, `消耗(元)`) or a column, that is the currency; else the setting, else the workspace's.

Source: names in common use, from the platforms' API documentation and other open readers of these reports; they have
not been held against a genuine export of each platform. They are listed in docs/en/reference/formats.md.
"""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from pydantic import field_validator

from homing.collect.connectors.connector import Row
from homing.collect.formats.format import About, Unreadable, formats
from homing.collect.formats.platforms import BREAKDOWNS, DIMENSIONS, HOME_CURRENCY, PLATFORMS, Platform
from homing.collect.formats.sheets import Columns, Header, Sheet, SheetFormat, plain_name
from homing.collect.met import unlike
from homing.collect.normalise import blank
from homing.core.form import ask

_CODE = re.compile(r"^[A-Z]{3}$")
_SIGNS = {"元": "CNY", "人民币": "CNY", "¥": "CNY", "￥": "CNY", "rmb": "CNY", "$": "USD", "us$": "USD", "€": "EUR",
          "£": "GBP", "hk$": "HKD"}  # fmt: skip
_COUNTS = ("impressions", "clicks", "conversions")


@formats.register("ad_costs")
class AdCosts(SheetFormat, frozen=True):
    """A cost report of an advertising platform: Ocean Engine, Tencent Ads, Google Ads, Meta, or any with these columns.

    广告平台的花费报表：巨量引擎、腾讯广告、Google Ads、Meta，或列名相近的任意平台。
    """

    gives: ClassVar[str] = "costs"
    title: ClassVar[tuple[str, str]] = ("Advertising costs", "广告花费报表")
    required: ClassVar[tuple[str, ...]] = ("date", "cost")
    columns: ClassVar[Columns] = PLATFORMS["generic"]

    platform: Literal["auto", "ocean_engine", "tencent_ads", "google_ads", "meta", "generic"] = ask(
        "Whose report it is; auto tells by the columns", "报表来自哪个平台；auto 按列名判断", "auto"
    )
    channel: str = ask(
        "Channel the costs belong to; the platform's name when empty", "花费所属渠道；留空则用平台名", "", max_length=64
    )
    currency: str = ask(
        "Currency of amounts without one; the platform's or workspace's when empty",
        "没有币种的金额所用货币；留空则用平台或工作区的货币", "",
    )  # fmt: skip

    @field_validator("currency")
    @classmethod
    def _is_code(cls, text: str) -> str:
        if text and not _CODE.match(text):
            raise ValueError(f"currency is {text[:10]!r}, wanted three letters such as CNY")
        return text

    def known(self) -> Columns:
        """The columns looked for, with these settings."""
        if self.platform != "auto":
            return PLATFORMS[self.platform]
        return {f: " ".join(p.get(f, "") for p in PLATFORMS.values()) for f in PLATFORMS["generic"]}

    def sheet(self, header: Header, about: About, above: list[list[str]]) -> Sheet:  # noqa: ARG002
        """What reads the rows under this header."""
        platform: Platform = platform_of(header.cells) if self.platform == "auto" else self.platform
        return _Costs(Header(header.cells, PLATFORMS[platform]), about, platform, self)


def platform_of(cells: list[str]) -> Platform:
    """Whose report has these columns: the platform that knows most of them, any when none knows its cost and day."""
    found: dict[Platform, int] = {}
    for platform, columns in PLATFORMS.items():
        at = Header(cells, columns).at
        found[platform] = len(at) if {"date", "cost"} <= at.keys() else 0
    own = {p: n for p, n in found.items() if p != "generic"}
    best = max(own, key=lambda p: own[p])
    return best if own[best] and own[best] >= found["generic"] else "generic"


class _Costs(Sheet):
    def __init__(self, header: Header, about: About, platform: Platform, settings: AdCosts) -> None:
        super().__init__(header, about)
        self._platform = platform
        self._channel = settings.channel
        unit = header.units.get("cost", "")
        self._currency = (
            _SIGNS.get(unit.lower()) or (unit if _CODE.match(unit) else "")
            or settings.currency or HOME_CURRENCY.get(platform) or about.currency
        )  # fmt: skip

    def is_total(self, cells: list[str]) -> bool:
        """A total says so, or names none of what the report is broken down by, or has no day."""
        if super().is_total(cells) or blank(self.text(cells, "date")):
            return True
        named = [n for n in DIMENSIONS if n in self.header.at]
        return bool(named) and not any(self.text(cells, n) for n in named)

    def rows(self, cells: list[str]) -> list[Row]:
        text = self.text(cells, "date")
        begun = self.day(text)
        cost = self.amount(cells, "cost")
        if cost is None:
            raise Unreadable("missing_value", "cost is empty, wanted a value")
        until = self.text(cells, "until")
        row: Row = {
            "time": begun, "platform": self._platform,
            "channel": self.text(cells, "channel") or self._channel or self._platform,
            "cost": cost, "currency": self._currency_of(cells),
        }  # fmt: skip
        if until and (ended := self.day(until)) != begun:
            row["until"] = ended
        row |= {n: v for n in DIMENSIONS if n != "channel" and (v := self.text(cells, n))}
        for name in (*_COUNTS, "conversion_value"):
            value = self.amount(cells, name)
            if value is not None:
                row[name] = value
        others = self.others(cells)
        finer = sorted(f"{n}={v}" for n, v in others.items() if plain_name(n) in BREAKDOWNS)
        if finer:
            row["breakdown"] = ", ".join(finer)
        return [{**others, **row}]

    def _currency_of(self, cells: list[str]) -> str:
        said = self.text(cells, "currency").upper()
        if not said:
            return self._currency
        known = _SIGNS.get(said.lower(), said)
        if not _CODE.match(known):
            raise Unreadable("bad_currency", unlike("currency", said, "a code of three letters"))
        return known
