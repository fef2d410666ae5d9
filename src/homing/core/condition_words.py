"""How does a condition read aloud, in English and in Chinese?

Names of known events and traits come from `words`; a shop's own names are shown as they are, in quotation marks. A part
that joins several conditions is put in brackets when it stands inside another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from homing.core.calendar import days_of
from homing.core.condition import (
    Absent,
    All,
    Any_,
    Circle,
    Clock,
    Condition,
    Did,
    InSegment,
    Near,
    Not,
    Place,
    Sequence,
    Share,
    Step,
    Tag,
    Top,
    Trait,
    Where,
)
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
_DURING = {
    "en": {"today": "today", "yesterday": "yesterday", "this_week": "this week", "last_week": "last week",
           "this_month": "this month", "last_month": "last month"},
    "zh": {"today": "今天", "yesterday": "昨天", "this_week": "本周", "last_week": "上周", "this_month": "本月",
           "last_month": "上月"},
}  # fmt: skip
_DAYS = {
    "en": ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}
_WEEKEND, _WORKDAYS = frozenset({5, 6}), frozenset(range(5))
_LEVELS = {"country": ("countries", "国家"), "region": ("regions", "地区"), "city": ("cities", "城市")}
_VALUE_GROUPS = {"lifecycle_stage": "stage", "rfm_segment": "rfm"}  # traits whose values are codes with words


def sentence(tree: Condition, language: Language, segments: Mapping[str, str] | None = None) -> str:
    """The condition as one sentence without a full stop.

    Args:
        tree: the condition.
        language: en or zh.
        segments: names of segments in that language, by id, and of tags, by `tag.` and id; the id itself is shown
            where there is none.

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
        if isinstance(tree, Did | Absent | Sequence):
            return self._done(tree)
        return self._standing(tree)

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

    # -- who and where -------------------------------------------------------------------------------------------------
    def _standing(self, tree: Trait | Tag | Place | Near | Top | InSegment | Share) -> str:
        if isinstance(tree, Trait):
            return self._compared(self._trait(tree.name), tree, _VALUE_GROUPS.get(tree.name))
        if isinstance(tree, Tag):
            return self._tag(tree)
        if isinstance(tree, Place):
            return self._place(tree)
        if isinstance(tree, Top):
            return self._top(tree)
        if isinstance(tree, Near):
            return f"位置{self._circle(tree)}" if self._zh else f"is {self._circle(tree)}"
        return self._chosen(tree)

    def _chosen(self, tree: InSegment | Share) -> str:
        if isinstance(tree, InSegment):
            name = self._segment(tree.segment)
            return f"属于人群「{name}」" if self._zh else f"is in the segment “{name}”"
        share = f"{tree.percent:g}"
        return f"属于固定随机抽取的 {share}% 客户" if self._zh else f"is in a fixed random {share} % of customers"

    def _place(self, tree: Place) -> str:
        level, places = tree.level, ("、" if self._zh else ", ").join(f"“{place}”" for place in tree.places)
        one = len(tree.places) == 1
        if self._zh:
            return f"所在{_LEVELS[level][1]}为{'' if one else '以下之一：'}{places}"
        return f"lives in {f'the {level}' if one else f'one of the {_LEVELS[level][0]}'} {places}"

    def _top(self, tree: Top) -> str:
        trait, high = self._trait(tree.trait), tree.order == "highest"
        if tree.n is not None:
            if self._zh:
                return f"{trait}最{'高' if high else '低'}的 {tree.n:,} 位客户之一"
            return f"is among the {tree.n:,} {tree.order} by {trait}"
        percent = f"{tree.percent:g}"
        if self._zh:
            return f"属于{trait}最{'高' if high else '低'}的 {percent}% 客户"
        return f"is in the {'top' if high else 'bottom'} {percent} % by {trait}"

    def _tag(self, tree: Tag) -> str:
        name = self._segments.get(f"tag.{tree.tag}") or tree.tag
        if tree.op in ("exists", "not_exists"):
            has = tree.op == "exists"
            if self._zh:
                return f"{'有' if has else '没有'}标签「{name}」"
            return f"{'has' if has else 'does not have'} the tag “{name}”"
        return self._compared(f"标签「{name}」的值" if self._zh else f"the value of the tag “{name}”", tree)

    def _circle(self, circle: Circle | Near) -> str:
        point, km = f"({circle.lat:g}, {circle.lng:g})", f"{circle.km:,g}"
        return f"距 {point} 不超过 {km} 公里" if self._zh else f"within {km} km of {point}"

    # -- events --------------------------------------------------------------------------------------------------------
    def _done(self, node: Did | Absent | Sequence) -> str:
        if isinstance(node, Sequence):
            return self._sequence(node)
        return self._absent(node) if isinstance(node, Absent) else self._did(node)

    def _absent(self, node: Absent) -> str:
        event, window = self._happening(node), self._window(node)
        if self._zh:
            return f"{window}未发生{event}" if window else f"从未发生{event}"
        return f"has not done {event}{window}" if window else f"has never done {event}"

    def _did(self, node: Did) -> str:
        event, window = self._happening(node), self._window(node)
        if node.measure == "count":
            return self._count(node, event, window)
        name = self._name("trait", "revenue") if node.property == "revenue" else str(node.property)
        if self._zh:
            which = {"sum": "", "last": "最后一次", "first": "第一次"}[node.measure]
            total = "合计" if node.measure == "sum" else ""
            return self._compared(f"{window}{which}{event}的「{name}」{total}", node)
        if node.measure == "sum":
            return self._compared(f"the sum of “{name}” over {event}{window}", node)
        return self._compared(f"“{name}” of the {node.measure} {event}{window}", node)

    def _count(self, node: Did, event: str, window: str) -> str:
        n = node.times()
        once = node.op == "gte" and n == 1
        times = _TIMES[self._language][node.op]
        if self._zh:
            lead = window or "累计"
            return f"{window or '曾经'}发生过{event}" if once else f"{lead}发生{event}{times} {n} 次"
        if once:
            return f"did {event}{window}"
        return f"did {event} {times} {n} {'time' if n == 1 else 'times'}{window}"

    def _sequence(self, node: Sequence) -> str:
        first, *later = node.steps
        parts = [self._happening(first)]
        for step in later:
            gap = self._duration(step.gap) if step.gap else ""
            if self._zh:
                parts.append(f"{f'在 {gap}内' if gap else ''}{self._happening(step)}")
            else:
                parts.append(f"{self._happening(step)}{f' within {gap}' if gap else ''}")
        span = self._duration(node.span) if node.span else ""
        if self._zh:
            all_in = f"，首尾相隔不超过 {span}" if span else ""
            return f"{self._window(node)}先{parts[0]}，再{'，再'.join(parts[1:])}{all_in}"
        all_in = f", all within {span}," if span else ""
        return f"did {', then '.join(parts)}{all_in}{self._window(node)}"

    def _happening(self, node: Did | Absent | Step) -> str:
        """The event and everything that narrows it, in brackets behind it."""
        said = [self._compared(f"「{w.property}」" if self._zh else f"“{w.property}”", w) for w in node.where]
        if node.near is not None:
            said.append(self._circle(node.near))
        if node.clock is not None:
            said.append(self._clock(node.clock))
        event = self._quoted("event", node.event)
        if not said:
            return event
        if self._zh:
            return f"{event}（{'，且'.join(said)}）"
        lead = "where " if node.where else ""
        return f"{event} ({lead}{' and '.join(said)})"

    def _clock(self, clock: Clock) -> str:
        """Her time of day and her weekdays."""
        days = clock.days
        hours = f"{clock.start}–{clock.end}" if clock.start else ""
        if self._zh:
            some = "、".join(_DAYS["zh"][day] for day in sorted(days or ()))
            when = "" if days is None else {_WEEKEND: "周末", _WORKDAYS: "工作日"}.get(days, some)
            return f"当地时间{when}{' ' if when and hours else ''}{hours}"
        some = ", ".join(_DAYS["en"][day] for day in sorted(days or ()))
        when = "" if days is None else {_WEEKEND: "at weekends", _WORKDAYS: "on workdays"}.get(days, f"on {some}")
        return " ".join(filter(None, (when, hours and f"between {clock.start} and {clock.end}", "local time")))

    def _window(self, node: Did | Absent | Sequence) -> str:
        if node.during is not None:
            return self._during(node.during)
        if node.within is None:
            return ""
        if self._zh:
            return f"最近 {self._duration(node.within)}内"
        n, text = int(node.within.strip()[:-1]), self._duration(node.within)
        return f" in the last {text.removeprefix('1 ') if n == 1 else text}"

    def _during(self, during: str) -> str:
        if n := days_of(during):
            if self._zh:
                return f"最近 {n} 个自然日内（含今天）"
            return " today" if n == 1 else f" in the last {n} calendar days (today counted)"
        said = _DURING[self._language][during]
        return said if self._zh else f" {said}"

    def _duration(self, text: str) -> str:
        text = text.strip()
        n, unit = int(text[:-1]), _UNITS[self._language][text[-1]]
        if self._zh:
            return f"{n} {unit}"
        return f"{n} {unit}" if n == 1 else f"{n} {unit}s"

    # -- comparisons ---------------------------------------------------------------------------------------------------
    def _compared(self, what: str, node: Trait | Tag | Where | Did, group: str | None = None) -> str:
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
