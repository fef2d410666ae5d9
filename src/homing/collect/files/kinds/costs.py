"""What does a row of advertising costs say? `Ad Cost Recorded`: what a campaign cost on a day, and what came of it.

Platforms mend their figures for days. A day that is delivered again unchanged is a duplicate; with other figures it is
another event with the same `cost_key`, and the newest one counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from homing.collect.files.aliases import CURRENCY
from homing.collect.files.feed import ImportRequest
from homing.collect.files.kind import Kind, add
from homing.collect.files.records import Row
from homing.collect.files.track import Track
from homing.core.ids import stable_id
from homing.core.time import SECOND, zone_of

_NUMBERS = ("cost", "impressions", "clicks", "conversions")
_KEY = ("channel", "platform", "account", "campaign", "ad_group", "ad")
_FINER = ("campaign_id", "ad_group_id", "ad_id", "keyword", "breakdown", "until")  # of reports that go further
_FIELDS = {
    "time": "time date day reportdate statdate timestamp 日期 时间 统计日期 报表日期",
    "channel": "channel medium source utmsource 渠道 投放渠道 媒体",
    "platform": "platform adplatform network 平台 投放平台 广告平台",
    "account": "account accountname advertiser 账户 账户名称 广告主",
    "campaign": "campaign campaignname campaignid plan 广告系列 推广计划 计划 计划名称 活动 推广活动",
    "ad_group": "adgroup adgroupname adset adsetname unit 广告组 广告组名称 推广单元 单元",
    "ad": "ad adname creative 广告 广告名称 创意 创意名称",
    "cost": "cost spend amountspent spent adspend expense 花费 消耗 消费 费用 投放费用 广告费",
    "currency": CURRENCY,
    "impressions": "impressions impr views shows 展示 展示数 展现量 曝光 曝光量 曝光次数 展示次数",
    "clicks": "clicks click 点击 点击数 点击量 点击次数",
    "conversions": "conversions conversion results 转化 转化数 转化量",
}


def _amend(row: Row, properties: dict[str, Any], request: ImportRequest) -> None:
    zone = zone_of(request.zone)
    day = datetime.fromtimestamp(row.time(None) / SECOND, zone).date().isoformat()
    properties.setdefault("currency", request.currency)
    properties["date"] = day
    properties["cost_key"] = stable_id("", day, *(properties.get(n, "") for n in (*_KEY, *_FINER)))


_COSTS = Track(
    "Ad Cost Recorded", "cost_key", (*_KEY, "currency"), _NUMBERS, needs=(("cost",),), about=False, amend=_amend
)

add(Kind(
    "costs", "what a campaign cost on a day", "一个广告活动一天的花费", _FIELDS, _COSTS.maker,
    needs=(("time",), ("cost",)),
))  # fmt: skip
