"""What does a row of exchange rates say? `Exchange Rate Recorded`, and the table that conversions look into."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from homing.collect.files.feed import ImportRequest
from homing.collect.files.kind import Kind, add
from homing.collect.files.records import Row, RowProblem
from homing.collect.files.track import Track
from homing.collect.met import unlike
from homing.collect.rates import Rate, keep_rates
from homing.core.event import Event
from homing.core.time import SECOND, zone_of
from homing.storage.state import State

_CODE = re.compile(r"^[A-Z]{3}$")
_FIELDS = {
    "time": "time date day validfrom effectivedate 日期 时间 生效日期",
    "currency": "currency from fromcurrency base basecurrency 币种 货币 原币种 外币",
    "per": "per to tocurrency target targetcurrency quote quotecurrency 目标币种 本币 兑换币种",
    "rate": "rate exchangerate value price 汇率 牌价 中间价",
}


def _amend(row: Row, properties: dict[str, Any], request: ImportRequest) -> None:
    for name in ("currency", "per"):
        code = str(properties.get(name) or request.currency).upper()
        if not _CODE.match(code):
            raise RowProblem("bad_currency", unlike(name, code, "a code of three letters", column=row.column(name)))
        properties[name] = code
    if properties["rate"] <= 0:
        wrong = unlike("rate", properties["rate"], "a number above 0", column=row.column("rate"))
        raise RowProblem("bad_number", wrong)
    properties["date"] = datetime.fromtimestamp(row.time(None) / SECOND, zone_of(request.zone)).date().isoformat()


def _keep(state: State, events: Sequence[Event], source_id: str) -> None:
    said = [e.properties for e in events]
    keep_rates(
        state,
        (Rate(date.fromisoformat(p["date"]), p["currency"], p["per"], Decimal(repr(p["rate"]))) for p in said),
        source_id,
    )


_RATES = Track(
    "Exchange Rate Recorded", "currency", ("currency", "per"), ("rate",), needs=(("currency",), ("rate",)),
    about=False, amend=_amend,
)  # fmt: skip

add(Kind(
    "rates", "an exchange rate of a day", "一天的汇率", _FIELDS, _RATES.maker,
    needs=(("time",), ("currency",), ("rate",)), keep=_keep,
))  # fmt: skip
