"""Which lifecycles come with Homing? Its own rule, AIPL and 5A, as documents to publish, change or only look at.

The first is the rule of `profile.lifecycle`, judged to the instant. AIPL and 5A are models of the trade; what counts as
awareness or advocacy differs from shop to shop, so the conditions are a beginning and not the last word.
"""

from __future__ import annotations

from typing import Any

from homing.profile.book import INTEREST
from homing.profile.lifecycle import LOYAL_ORDERS

ORDER = "Order Completed"
ACTIVE = {"type": "trait", "name": "active", "op": "eq", "value": True}


def _did(event: str, times: int = 1, within: str | None = None) -> dict[str, Any]:
    return {"type": "did", "event": event, "op": "gte", "value": times} | ({"within": within} if within else {})


def _silent(within: str) -> dict[str, Any]:
    return _all(_did(ORDER), {"type": "absent", "event": ORDER, "within": within})


def _all(*of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "all", "of": list(of)}


def _any(*of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "any", "of": list(of)}


def _stage(name: str, en: str, zh: str, colour: str, condition: dict[str, Any] | None = None) -> dict[str, Any]:
    stage: dict[str, Any] = {"id": name, "name": {"en": en, "zh": zh}, "colour": colour}
    return stage | ({"condition": condition} if condition else {})


_INTERESTED = _any(*(_did(event) for event in sorted(INTEREST)))

STANDARD: dict[str, Any] = {
    "kind": "lifecycle",
    "id": "standard",
    "name": {"en": "Homing's lifecycle", "zh": "归航生命周期"},
    "description": {
        "en": "Unaware to loyal, with 60 days of silence for dormant and 180 for lost.",
        "zh": "从未知到忠诚；60 天未下单为沉睡，180 天未下单为流失。",
    },
    "stages": [
        _stage("unaware", "Unaware", "未知", "#bfbfbf"),
        _stage("aware", "Aware", "认知", "#91caff", ACTIVE),
        _stage("interested", "Interested", "兴趣", "#4096ff", _INTERESTED),
        _stage("buyer", "Buyer", "购买", "#389e0d", _did(ORDER)),
        _stage("loyal", "Loyal", "忠诚", "#135200", _did(ORDER, LOYAL_ORDERS)),
        _stage("dormant", "Dormant", "沉睡", "#d48806", _silent("60d")),
        _stage("lost", "Lost", "流失", "#a8071a", _silent("180d")),
    ],
    "order": ["lost", "dormant", "loyal", "buyer", "interested", "aware", "unaware"],
}

AIPL: dict[str, Any] = {
    "kind": "lifecycle",
    "id": "aipl",
    "name": {"en": "AIPL", "zh": "AIPL"},
    "description": {
        "en": "Awareness, interest, purchase, loyalty; a year without an order falls back to what else was done.",
        "zh": "认知、兴趣、购买、忠诚；一年未下单则按其他行为判断。",
    },
    "stages": [
        _stage("awareness", "Awareness", "认知", "#91caff"),
        _stage("interest", "Interest", "兴趣", "#4096ff",
               _any(*(_did(event, within="90d") for event in sorted(INTEREST)))),
        _stage("purchase", "Purchase", "购买", "#389e0d", _did(ORDER, within="365d")),
        _stage("loyalty", "Loyalty", "忠诚", "#135200", _did(ORDER, 2, "365d")),
    ],
    "order": ["loyalty", "purchase", "interest", "awareness"],
}  # fmt: skip

FIVE_A: dict[str, Any] = {
    "kind": "lifecycle",
    "id": "five_a",
    "name": {"en": "5A", "zh": "5A"},
    "description": {
        "en": "Aware, appeal, ask, act, advocate, after Kotler; asking is searching, comparing and filling a cart.",
        "zh": "了解、吸引、问询、行动、拥护（科特勒 5A）；搜索、对比与加购视为问询。",
    },
    "stages": [
        _stage("aware", "Aware", "了解", "#d3adf7"),
        _stage("appeal", "Appeal", "吸引", "#91caff",
               _any(_did("Product Viewed", within="30d"), _did("Message Clicked", within="30d"))),
        _stage("ask", "Ask", "问询", "#4096ff",
               _any(_did("Products Searched", within="30d"), _did("Product Viewed", 3, "30d"),
                    _did("Product Added", within="30d"), _did("Checkout Started", within="30d"))),
        _stage("act", "Act", "行动", "#389e0d", _did(ORDER, within="365d")),
        _stage("advocate", "Advocate", "拥护", "#135200",
               _all(_did(ORDER, within="365d"),
                    _any(_did("Product Reviewed", within="365d"), _did("Product Shared", within="365d"),
                         _did(ORDER, 3, "365d")))),
    ],
    "order": ["advocate", "act", "ask", "appeal", "aware"],
}  # fmt: skip

PRESETS: dict[str, dict[str, Any]] = {one["id"]: one for one in (STANDARD, AIPL, FIVE_A)}
