"""What is a feature called, in English and in Chinese? And how does one say that somebody has much of it?"""

from __future__ import annotations

from homing.core.words import words
from homing.predict.features import Column

Both = dict[str, str]
_ORDERS: dict[str, tuple[str, str]] = {
    "orders": ("orders", "订单数"),
    "spent": ("money spent", "消费金额"),
    "days_since_order": ("days since the last order", "距上次下单天数"),
    "mean_order": ("mean order value", "客单价"),
    "order_gap": ("days between orders", "下单间隔天数"),
}
_EVENTS: dict[str, tuple[str, str]] = {
    "count": ("times: {}", "次数：{}"),
    "recent": ("times in 30 days: {}", "近 30 天次数：{}"),
    "days_since": ("days since: {}", "距上次天数：{}"),
}
_OTHERS: dict[str, tuple[str, str]] = {
    "bought": ("lines bought: {}", "购买件次：{}"),
    "viewed": ("looked at: {}", "浏览：{}"),
    "channels": ("share of channel {}", "渠道占比：{}"),
}
_MUCH: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {  # phrase of high, of low
    "orders": (("order often", "下单频繁"), ("order rarely", "下单少")),
    "spent": (("spend much", "消费高"), ("spend little", "消费低")),
    "days_since_order": (("away for long", "久未下单"), ("ordered lately", "近期下单")),
    "mean_order": (("large orders", "客单价高"), ("small orders", "客单价低")),
    "order_gap": (("long between orders", "下单间隔长"), ("short between orders", "下单间隔短")),
}

_AMOUNTS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "ago": (("long without {}", "久无{}"), ("lately {}", "近期有{}")),
    "share": (("mostly {}", "多用{}"), ("rarely {}", "少用{}")),
    "amount": (("much {}", "{}多"), ("little {}", "{}少")),
}


def label(column: Column) -> Both:
    """The name of a feature."""
    if column.family == "orders":
        en, zh = _ORDERS[column.part]
    elif column.family == "behaviour":
        one = _EVENTS[column.part]
        name = words("event", column.of)
        en, zh = one[0].format(name["en"]), one[1].format(name["zh"])
    elif column.family == "traits":
        name = words("trait", column.of)
        en, zh = name["en"], name["zh"]
        if column.unit == "flag":
            en, zh = f"{en}: {column.part}", f"{zh}：{column.part}"
    else:
        one = _OTHERS[column.family]
        en, zh = (text.format(column.of) for text in one)
    return {"en": en, "zh": zh}


def phrase(column: Column, much: bool) -> Both:
    """How one says that a group has much of a feature, or little.

    Example:
        >>> phrase(Column("orders.orders", "orders", "Order Completed", "orders", "count"), True)
        {'en': 'order often', 'zh': '下单频繁'}
    """
    if column.family == "orders":
        en, zh = _MUCH[column.part][0 if much else 1]
        return {"en": en, "zh": zh}
    if column.family == "traits":
        found = label(column)
        if column.unit == "flag":
            return found if much else {"en": f"not {found['en']}", "zh": f"非 {found['zh']}"}
        return {"en": f"{'high' if much else 'low'} {found['en']}", "zh": f"{found['zh']}{'高' if much else '低'}"}
    kind = "ago" if column.part == "days_since" else "share" if column.family == "channels" else "amount"
    name = words("event", column.of) if column.family == "behaviour" else {"en": column.of, "zh": column.of}
    en, zh = _AMOUNTS[kind][0 if much else 1]
    return {"en": en.format(name["en"]), "zh": zh.format(name["zh"])}
