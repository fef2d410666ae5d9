"""How does a trait read aloud, in English and in Chinese? One sentence: what is measured, of what, and when."""

from __future__ import annotations

from homing.core.condition import Did, Where
from homing.core.condition_words import Language, sentence
from homing.core.words import words
from homing.profile.traits.definition import Aggregate, Decayed, Elasticity, Formula, Percentile, Said, Score, Spec
from homing.profile.traits.paths import ANY_ACTIVITY

_MEASURES = {
    "en": {
        "count": "How many {event}{where}", "sum": "The sum of {property} over {event}{where}",
        "average": "The average {property} of {event}{where}", "min": "The smallest {property} of {event}{where}",
        "max": "The largest {property} of {event}{where}",
        "distinct": "How many different {property} of {event}{where}",
        "first": "{property} of the first {event}{where}", "last": "{property} of the last {event}{where}",
        "most_frequent": "The most frequent {property} of {event}{where}",
        "newest": "{property} of the newest {n} {event}{where}", "first_at": "When the first {event}{where} happened",
        "last_at": "When the last {event}{where} happened",
        "share": "The share of {event}{where} {part}",
    },
    "zh": {
        "count": "{window}{event}{where}的次数", "sum": "{window}{event}{where}的{property}合计",
        "average": "{window}{event}{where}的{property}平均值", "min": "{window}{event}{where}的{property}最小值",
        "max": "{window}{event}{where}的{property}最大值", "distinct": "{window}{event}{where}中不同{property}的个数",
        "first": "{window}第一次{event}{where}的{property}", "last": "{window}最后一次{event}{where}的{property}",
        "most_frequent": "{window}{event}{where}中最常见的{property}",
        "newest": "{window}最近 {n} 次{event}{where}的{property}", "first_at": "{window}第一次{event}{where}的时间",
        "last_at": "{window}最后一次{event}{where}的时间", "share": "{window}{event}{where}中{part}的占比",
    },
}  # fmt: skip
_WINS = {
    "en": {"newest": "the newest word counts", "first": "the first word counts",
           "most_frequent": "what was said most often counts", "source": "the most trusted source counts: {sources}"},
    "zh": {"newest": "以最新为准", "first": "以最早为准", "most_frequent": "以出现最多的为准",
           "source": "按来源优先级：{sources}"},
}  # fmt: skip
_SHOWN = {
    "en": {"shares": "The {n} keys a customer leans to most, with their shares",
           "top": "The key a customer leans to most", "keys": "The {n} keys a customer leans to most",
           "share": "How much of a customer's leaning goes to “{key}”"},
    "zh": {"shares": "客户最偏好的 {n} 项及占比", "top": "客户最偏好的一项", "keys": "客户最偏好的 {n} 项",
           "share": "客户偏好中「{key}」的占比"},
}  # fmt: skip

_UNITS = {
    "s": ("second", "秒"), "m": ("minute", "分钟"), "h": ("hour", "小时"), "d": ("day", "天"), "w": ("week", "周"),
}  # fmt: skip


def trait_sentences(spec: Spec) -> dict[str, str]:
    """What a trait measures, as a sentence without a full stop in both languages.

    Example:
        >>> trait_sentences(Aggregate(measure="count", event="Order Completed", within="30d"))["en"]
        'How many “Order completed” in the last 30 days'
    """
    return {"en": _said(spec, "en"), "zh": _said(spec, "zh")}


def _said(spec: Spec, language: Language) -> str:  # noqa: PLR0911 - one a type
    zh = language == "zh"
    if isinstance(spec, Aggregate):
        return _aggregate(spec, language)
    if isinstance(spec, Formula):
        return f"公式：{spec.formula}" if zh else f"The formula {spec.formula}"
    if isinstance(spec, Decayed):
        return _decayed(spec, language)
    if isinstance(spec, Said):
        rule = _WINS[language][spec.wins].format(sources="、".join(spec.sources) if zh else ", ".join(spec.sources))
        return f"各来源所说的「{spec.trait}」，{rule}" if zh else f"What sources say of “{spec.trait}”: {rule}"
    if isinstance(spec, Score):
        version = f" {spec.version}" if spec.version else ""
        return (
            f"模型 {spec.model}{version} 给出的「{spec.trait}」"
            if zh
            else f"“{spec.trait}” as the model {spec.model}{version} says it"
        )
    if isinstance(spec, Percentile):
        return (
            f"「{spec.trait}」在全部客户中的百分位，每晚计算"
            if zh
            else f"Where the customer stands among all by “{spec.trait}”, 0 to 100, every night"
        )
    return _elasticity(spec, language)


def _aggregate(spec: Aggregate, language: Language) -> str:
    zh = language == "zh"
    window = _window(spec.within, language)
    parts = {
        "event": _event(spec.event, language), "where": _where(spec.where, language), "n": spec.n,
        "property": _property(spec.property or "", language), "part": _where(spec.part, language).strip(" （）()"),
        "window": window if window or not zh else "累计",
    }  # fmt: skip
    said = _MEASURES[language][spec.measure].format(**parts)
    ever = "" if spec.measure in ("first_at", "last_at") else " ever"
    return said if zh else f"{said[:1].upper()}{said[1:]}{window or ever}"


def _decayed(spec: Decayed, language: Language) -> str:
    zh = language == "zh"
    shown = _SHOWN[language][spec.show].format(n=spec.n, key=spec.key)
    signals = [f"{_event(s.event, language)}{_where(s.where, language)} → {_property(s.key, language)} × {s.weight}"
               for s in spec.signals]  # fmt: skip
    half_life = _length(spec.half_life, language)
    if zh:
        return f"{shown}；依据：{'；'.join(signals)}；每 {half_life} 权重减半"
    return f"{shown}; from {'; '.join(signals)}; worth half every {half_life}"


def _elasticity(spec: Elasticity, language: Language) -> str:
    window = _window(spec.within, language)
    if language == "zh":
        return f"{window}价格每高 1%，购买数量变化的百分比（同一商品内的最小二乘，至少 {spec.min_lines} 行）"
    return (
        "By how many percent the quantity changes where a price is 1 % higher"
        f" (least squares within products, {spec.min_lines} lines at least){window}"
    )


def _event(name: str, language: Language) -> str:
    if name == ANY_ACTIVITY:
        return "任意行为" if language == "zh" else "things the customer did"
    shown = words("event", name)[language]
    return f"「{shown}」" if language == "zh" else f"“{shown}”"


def _property(name: str, language: Language) -> str:
    special = {"$hour": ("hour of day", "小时"), "$weekday": ("weekday", "星期"), "$source": ("source", "来源")}
    if name in special:
        return special[name][language == "zh"]
    return f"「{name}」" if language == "zh" else f"“{name}”"


def _where(where: tuple[Where, ...], language: Language) -> str:
    """The filter in brackets, as conditions say it."""
    if not where:
        return ""
    plain = sentence(Did(event="x", measure="count", op="gte", value=1), language)
    whole = sentence(Did(event="x", where=where, measure="count", op="gte", value=1), language)
    return whole.replace(plain, "", 1)


def _window(within: str | None, language: Language) -> str:
    if within is None:
        return ""
    length = _length(within, language)
    return f"最近 {length}内" if language == "zh" else f" in the last {length}"


def _length(text: str, language: Language) -> str:
    n, unit = int(text.strip()[:-1]), _UNITS[text.strip()[-1]]
    return f"{n} {unit[1]}" if language == "zh" else f"{n} {unit[0]}{'' if n == 1 else 's'}"
