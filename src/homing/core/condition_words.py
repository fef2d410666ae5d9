"""How does a condition read aloud, in English and in Chinese?

Names of known events and traits come from `words`; a shop's own names are shown as they are, in quotation marks. A part
that joins several conditions is put in brackets when it stands inside another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from homing.core.condition import Absent, All, Any_, Condition, Did, InSegment, Not, Share, Trait, Where
from homing.core.words import WORDS, words

Language = Literal["en", "zh"]

_UNITS = {
    "en": {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"},
    "zh": {"s": "秒", "m": "分钟", "h": "小时", "d": "天", "w": "周"},
}
_OPS = {
    "en": {
        "eq": "is", "ne": "is not", "gt": "is above", "gte": "is at least", "lt": "is below", "lte": "is at most",
        "in": "is one of", "not_in": "is none of", "contains": "contains", "exists": "is known",
        "not_exists": "is not known",
    },
    "zh": {
        "eq": "为", "ne": "不为", "gt": "大于", "gte": "大于等于", "lt": "小于", "lte": "小于等于",
        "in": "为以下之一：",
        "not_in": "不是以下任何一个：", "contains": "包含", "exists": "有值", "not_exists": "没有值",
    },
}  # fmt: skip
_TIMES = {
    "en": {"eq": "exactly", "ne": "other than", "gt": "more than", "gte": "at least", "lt": "fewer than",
           "lte": "at most"},
    "zh": {"eq": "恰好", "ne": "不等于", "gt": "超过", "gte": "至少", "lt": "少于", "lte": "至多"},
}  # fmt: skip
_VALUE_GROUPS = {"lifecycle_stage": "stage", "rfm_segment": "rfm"}  # traits whose values are codes with words


def sentence(tree: Condition, language: Language, segments: Mapping[str, str] | None = None) -> str:
    """The condition as one sentence without a full stop.

    Args:
        tree: the condition.
        language: en or zh.
        segments: names of segments in that language, by id; the id itself is shown where there is none.

    Example:
        >>> from homing.core.condition import parse
        >>> lapsed = parse({"type": "absent", "event": "Order Completed", "within": "60d"})
        >>> sentence(lapsed, "en"), sentence(lapsed, "zh")
        ('Has not done “Order completed” in the last 60 days', '最近 60 天内未发生「完成订单」')
    """
    said = _Speaker(language, segments or {}).say(tree)
    return said[:1].upper() + said[1:]


def sentences(tree: Condition, segments: Mapping[str, Mapping[str, str]] | None = None) -> dict[str, str]:
    """The sentence in both languages; `segments` gives each segment's names by language."""
    named = (segments or {}).items()
    en, zh = ({id_: names[language] for id_, names in named if names.get(language)} for language in ("en", "zh"))
    return {"en": sentence(tree, "en", en), "zh": sentence(tree, "zh", zh)}


class _Speaker:
    """One language's way of saying a tree."""

    def __init__(self, language: Language, segments: Mapping[str, str]) -> None:
        self._zh = language == "zh"
        self._language = language
        self._segments = segments

    def say(self, tree: Condition, *, inside: bool = False) -> str:
        """The tree; in brackets when it joins several and stands inside another."""
        if isinstance(tree, All | Any_):
            return self._joined(tree, inside=inside)
        if isinstance(tree, Not):
            return self._negated(tree.of)
        if isinstance(tree, Trait):
            return self._compared(self._trait(tree.name), tree, _VALUE_GROUPS.get(tree.name))
        if isinstance(tree, InSegment):
            name = self._segment(tree.segment)
            return f"属于人群「{name}」" if self._zh else f"is in the segment “{name}”"
        if isinstance(tree, Share):
            percent = f"{tree.percent:g}"
            return (
                f"属于固定随机抽取的 {percent}% 客户" if self._zh else f"is in a fixed random {percent} % of customers"
            )
        return self._absent(tree) if isinstance(tree, Absent) else self._did(tree)

    # -- joints --------------------------------------------------------------------------------------------------------
    def _joined(self, tree: All | Any_, *, inside: bool) -> str:
        if len(tree.of) == 1:
            return self.say(tree.of[0], inside=inside)
        word = ("且" if self._zh else "and") if isinstance(tree, All) else ("或" if self._zh else "or")
        glue = f"，{word}" if self._zh else f" {word} "
        said = glue.join(self.say(part, inside=True) for part in tree.of)
        return self._brackets(said) if inside else said

    def _negated(self, tree: Condition) -> str:
        if isinstance(tree, InSegment):
            name = self._segment(tree.segment)
            return f"不属于人群「{name}」" if self._zh else f"is not in the segment “{name}”"
        said = self._brackets(self.say(tree))
        return f"不满足{said}" if self._zh else f"not {said}"

    def _brackets(self, said: str) -> str:
        return f"（{said}）" if self._zh else f"({said})"

    # -- events --------------------------------------------------------------------------------------------------------
    def _absent(self, node: Absent) -> str:
        event, where = self._quoted("event", node.event), self._where(node.where)
        if self._zh:
            return f"{self._window(node.within)}未发生{event}{where}" if node.within else f"从未发生{event}{where}"
        if node.within is None:
            return f"has never done {event}{where}"
        return f"has not done {event}{where}{self._window(node.within)}"

    def _did(self, node: Did) -> str:
        event, where = self._quoted("event", node.event), self._where(node.where)
        window = self._window(node.within)
        if node.measure == "count":
            return self._count(node, event + where, window)
        name = self._name("trait", "revenue") if node.property == "revenue" else str(node.property)
        if self._zh:
            which = {"sum": "", "last": "最后一次", "first": "第一次"}[node.measure]
            total = "合计" if node.measure == "sum" else ""
            return self._compared(f"{window}{which}{event}{where}的「{name}」{total}", node)
        if node.measure == "sum":
            return self._compared(f"the sum of “{name}” over {event}{where}{window}", node)
        return self._compared(f"“{name}” of the {node.measure} {event}{where}{window}", node)

    def _count(self, node: Did, event: str, window: str) -> str:
        n = int(node.value)  # type: ignore[arg-type]  # checked with the tree
        once = node.op == "gte" and n == 1
        times = _TIMES[self._language][node.op]
        if self._zh:
            lead = window or "累计"
            return f"{window or '曾经'}发生过{event}" if once else f"{lead}发生{event}{times} {n} 次"
        if once:
            return f"did {event}{window}"
        return f"did {event} {times} {n} {'time' if n == 1 else 'times'}{window}"

    def _where(self, where: tuple[Where, ...]) -> str:
        if not where:
            return ""
        glue = "，且" if self._zh else " and "
        said = glue.join(self._compared(f"「{w.property}」" if self._zh else f"“{w.property}”", w) for w in where)
        return f"（{said}）" if self._zh else f" (where {said})"

    def _window(self, within: str | None) -> str:
        if within is None:
            return ""
        text = within.strip()
        n, unit = int(text[:-1]), _UNITS[self._language][text[-1]]
        if self._zh:
            return f"最近 {n} {unit}内"
        return f" in the last {unit}" if n == 1 else f" in the last {n} {unit}s"

    # -- comparisons ---------------------------------------------------------------------------------------------------
    def _compared(self, what: str, node: Trait | Where | Did, group: str | None = None) -> str:
        op = _OPS[self._language][node.op]
        if node.value is None:
            return f"{what}{op}" if self._zh else f"{what} {op}"
        values = node.value if isinstance(node.value, tuple) else (node.value,)
        said = ("、" if self._zh else ", ").join(self._value(value, group) for value in values)
        if not self._zh:
            return f"{what} {op} {said}"
        quoted = isinstance(values[0], str | bool) or op.endswith("：")
        return f"{what}{op}{said}" if quoted else f"{what}{op} {said}"

    def _value(self, value: object, group: str | None) -> str:
        if isinstance(value, bool):
            return ("“是”" if value else "“否”") if self._zh else ("true" if value else "false")
        if isinstance(value, int | float):
            return f"{value:,}"
        said = words(group, str(value))[self._language] if group else str(value)
        return f"“{said}”"

    def _segment(self, segment: str) -> str:
        return self._segments.get(segment) or segment

    def _trait(self, code: str) -> str:
        return self._name("trait", code) if code in WORDS["trait"] else f"「{code}」" if self._zh else f"“{code}”"

    def _name(self, group: str, code: str) -> str:
        return words(group, code)[self._language]

    def _quoted(self, group: str, code: str) -> str:
        name = self._name(group, code)
        return f"「{name}」" if self._zh else f"“{name}”"
