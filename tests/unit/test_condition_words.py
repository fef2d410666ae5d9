"""A condition reads as a sentence somebody would say, in both languages."""

from __future__ import annotations

import pytest

from homing.core.condition import parse
from homing.core.condition_words import sentences

NAMES = {"vip": {"en": "Best customers", "zh": "高价值客户"}}
DID = {"type": "did", "event": "Order Completed"}


@pytest.mark.parametrize(
    ("document", "en", "zh"),
    [
        (DID, "Did “Order completed”", "曾经发生过「完成订单」"),
        (DID | {"within": "1d"}, "Did “Order completed” in the last day", "最近 1 天内发生过「完成订单」"),
        (
            DID | {"within": "30d", "op": "gte", "value": 3},
            "Did “Order completed” at least 3 times in the last 30 days",
            "最近 30 天内发生「完成订单」至少 3 次",
        ),
        (DID | {"op": "lt", "value": 2}, "Did “Order completed” fewer than 2 times", "累计发生「完成订单」少于 2 次"),
        (
            {"type": "absent", "event": "Order Completed", "within": "60d"},
            "Has not done “Order completed” in the last 60 days",
            "最近 60 天内未发生「完成订单」",
        ),
        ({"type": "absent", "event": "My Own Event"}, "Has never done “My Own Event”", "从未发生「My Own Event」"),
        (
            DID | {"measure": "sum", "property": "revenue", "op": "gt", "value": 1200, "within": "52w"},
            "The sum of “Revenue” over “Order completed” in the last 52 weeks is above 1,200",
            "最近 52 周内「完成订单」的「消费金额」合计大于 1,200",
        ),
        (
            DID | {"measure": "last", "property": "coupon", "op": "eq", "value": "SPRING"},
            "“coupon” of the last “Order completed” is “SPRING”",
            "最后一次「完成订单」的「coupon」为“SPRING”",
        ),
        (
            DID
            | {
                "where": [
                    {"property": "store", "op": "in", "value": ["a", "b"]},
                    {"property": "gift", "op": "eq", "value": True},
                ]
            },
            "Did “Order completed” (where “store” is one of “a”, “b” and “gift” is true)",
            "曾经发生过「完成订单」（「store」为以下之一：“a”、“b”，且「gift」为“是”）",
        ),
        (
            {"type": "trait", "name": "lifecycle_stage", "op": "eq", "value": "dormant"},
            "Lifecycle stage is “Dormant”",
            "生命周期阶段为“沉睡”",
        ),
        (
            {"type": "trait", "name": "shoe_size", "op": "gte", "value": 42},
            "“shoe_size” is at least 42",
            "「shoe_size」大于等于 42",
        ),
        ({"type": "trait", "name": "city", "op": "not_exists"}, "City is not known", "城市没有值"),
        ({"type": "in_segment", "segment": "vip"}, "Is in the segment “Best customers”", "属于人群「高价值客户」"),
        ({"type": "not", "of": {"type": "in_segment", "segment": "x"}}, "Is not in the segment “x”", "不属于人群「x」"),
        ({"type": "not", "of": DID}, "Not (did “Order completed”)", "不满足（曾经发生过「完成订单」）"),
        (
            {"type": "share", "percent": 20, "salt": "s"},
            "Is in a fixed random 20 % of customers",
            "属于固定随机抽取的 20% 客户",
        ),
        (
            {"type": "all", "of": [DID, {"type": "any", "of": [DID, {"type": "in_segment", "segment": "vip"}]}]},
            "Did “Order completed” and (did “Order completed” or is in the segment “Best customers”)",
            "曾经发生过「完成订单」，且（曾经发生过「完成订单」，或属于人群「高价值客户」）",
        ),
    ],
)
def test_a_condition_reads_as_a_sentence(document, en, zh):
    assert sentences(parse(document), NAMES) == {"en": en, "zh": zh}
