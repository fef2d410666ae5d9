"""What happened with this customer, newest first? Read from the warehouse, events of merged customers included.

A page begins at a place, never at a number of rows: the thousandth costs what the first does, and one that is open
while events come in neither repeats nor leaves out a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from homing.core.errors import InvalidInput
from homing.core.query import Query
from homing.core.time import SECOND, from_us, zone_of
from homing.core.words import WORDS, words
from homing.profile.hers import hers_of
from homing.storage.warehouse import Warehouse

GROUPS: dict[str, tuple[str, ...]] = {  # what the console filters by, beside the event's own kind
    "order": ("Order Completed", "Coupon Redeemed"),
    "browse": ("Product Viewed", "Product List Viewed", "Products Searched", "Product Added", "Product Removed",
               "Cart Viewed", "Checkout Started"),
    "message": ("Message Sent", "Message Refused", "Message Failed", "Message Bounced", "Message Unknown",
                "Message Opened", "Message Clicked", "Unsubscribed", "Consent Updated"),
    "journey": ("Segment Entered", "Segment Left", "Journey Step Reached", "Journey Exited", "Holdout Assigned"),
}  # fmt: skip

NEWEST = (1 << 62, 1 << 62)
_COLUMNS = """log_offset, event_id, kind, name, happened_us, received_us, source_id, CAST(properties AS JSON)::VARCHAR,
  CAST(traits AS JSON)::VARCHAR"""
# What a search looks in for everybody; the payload, with what is personal in it, only for who may see that.
_PLAIN = "lower(concat_ws(' ', name, product_id, category, order_id, coupon, store_id, channel, campaign))"
_WHOLE = "lower(concat_ws(' ', name, path, CAST(properties AS JSON)::VARCHAR, CAST(traits AS JSON)::VARCHAR))"
MAX_TEXT = 100
QUARTER = 900 * SECOND  # the finest step by which time zones differ
NAMED = 5  # traits a summary names


@dataclass(frozen=True, slots=True)
class Happening:
    """One event on a customer's timeline; `place` is where the next page begins."""

    place: tuple[int, int]
    event_id: str
    kind: str
    name: str
    happened_us: int
    received_us: int
    source: str
    properties: Mapping[str, Any]
    traits: Mapping[str, Any]
    summary: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sought:
    """Which events of a customer are meant; nothing given means all of them.

    Args:
        kind: an event kind (`track`, `identify`, ...) or one of GROUPS.
        names: names of events, any of them.
        sources: ids of sources, any of them.
        from_us: not before this instant.
        until_us: before this instant.
        text: what the name, the product, the order ... contain, in either case.
        whole: whether the text is looked for in the whole payload too, personal data included.
    """

    kind: str | None = None
    names: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    from_us: int | None = None
    until_us: int | None = None
    text: str = ""
    whole: bool = False

    def __post_init__(self) -> None:
        if len(self.text) > MAX_TEXT:
            raise InvalidInput(f"the search has {len(self.text)} characters, wanted at most {MAX_TEXT}", field="q")

    def parts(self) -> tuple[list[str], dict[str, Any]]:
        """Comparisons that must hold, and what they compare with."""
        found: list[tuple[str, dict[str, Any]]] = []
        if self.kind in GROUPS:
            found.append(("list_contains($group, name)", {"group": list(GROUPS[self.kind])}))
        elif self.kind:
            found.append(("kind = $kind", {"kind": self.kind}))
        if self.names:
            found.append(("list_contains($names, name)", {"names": list(self.names)}))
        if self.sources:
            found.append(("list_contains($sources, source_id)", {"sources": list(self.sources)}))
        if self.from_us is not None:
            found.append(("happened_us >= $from_us", {"from_us": self.from_us}))
        if self.until_us is not None:
            found.append(("happened_us < $until_us", {"until_us": self.until_us}))
        text = self.text.strip().lower()
        if text:
            told = _called(text)
            found.append((f"(contains({_WHOLE if self.whole else _PLAIN}, $text) OR list_contains($called, name))",
                          {"text": text, "called": told}))  # fmt: skip
        return [part for part, _ in found], {name: value for _, bound in found for name, value in bound.items()}


@dataclass(frozen=True, slots=True)
class Outline:
    """What a timeline is made of: how many events of each name and source, and on which days."""

    total: int
    names: tuple[tuple[str, str, int], ...]  # kind, name, events; most first
    sources: tuple[tuple[str, int], ...]
    days: tuple[tuple[str, int], ...]  # ISO date in the zone asked for, events; newest first


def timeline(
    warehouse: Warehouse, customer_id: str, *, before: tuple[int, int] | None = None,
    after: tuple[int, int] | None = None, sought: Sought = Sought(), limit: int = 50,
) -> list[Happening]:  # fmt: skip
    """The customer's events before a place, or the ones right after it, newest first.

    Args:
        warehouse: where the events are.
        customer_id: the customer that goes on.
        before: (happened_us, log offset) of the last row of the page before.
        after: of the first row, to go back up; only one of the two.
        sought: which events.
        limit: at most so many.
    """
    (happened_us, offset), sign, order = (after, ">", "ASC") if after else (before or NEWEST, "<", "DESC")
    hers = hers_of(warehouse, customer_id)
    wanted, bound = sought.parts()
    place = f"(happened_us {sign} $us OR (happened_us = $us AND log_offset {sign} $place))"
    sql = (
        f"SELECT {_COLUMNS} FROM event_fact WHERE {' AND '.join([hers.sql, place, *wanted])}"
        f" ORDER BY happened_us {order}, log_offset {order} LIMIT {int(limit)}"
    )
    rows = warehouse.ask(Query(sql, {**hers.params, **bound, "us": happened_us, "place": offset}))
    return [_happening(row) for row in (reversed(rows) if after else rows)]


def outline(warehouse: Warehouse, customer_id: str, zone: str, sought: Sought = Sought()) -> Outline:
    """How many of the customer's events there are, by name, source and day in `zone` (IANA)."""
    hers = hers_of(warehouse, customer_id)
    wanted, bound = sought.parts()
    sql = (
        f"SELECT kind, name, source_id, happened_us // {QUARTER}, count(*) FROM event_fact"
        f" WHERE {' AND '.join([hers.sql, *wanted])} GROUP BY ALL"
    )
    names: Counter[tuple[str, str]] = Counter()
    sources: Counter[str] = Counter()
    days: Counter[str] = Counter()
    local = zone_of(zone)
    for kind, name, source, quarter, n in warehouse.ask(Query(sql, {**hers.params, **bound})):
        names[kind, name or ""] += n
        sources[source] += n
        days[from_us(quarter * QUARTER).astimezone(local).date().isoformat()] += n
    most = sorted(names.items(), key=lambda x: (-x[1], x[0]))
    return Outline(
        total=sum(sources.values()),
        names=tuple((kind, name, n) for (kind, name), n in most),
        sources=tuple(sorted(sources.items(), key=lambda x: (-x[1], x[0]))),
        days=tuple(sorted(days.items(), reverse=True)),
    )


def _called(text: str) -> list[str]:
    """Events whose word in either language contains the text."""
    return [name for name, word in WORDS["event"].items() if text in word.en.lower() or text in word.zh]


def _happening(row: tuple[Any, ...]) -> Happening:
    offset, event_id, kind, name, happened_us, received_us, source, properties, traits = row
    known = msgspec.json.decode(properties or "{}")
    said = msgspec.json.decode(traits or "{}")
    return Happening((happened_us, offset), event_id, kind, name or "", happened_us, received_us, source, known, said,
                     summary(kind, name or "", known, said))  # fmt: skip


def summary(kind: str, name: str, properties: Mapping[str, Any], traits: Mapping[str, Any]) -> dict[str, str]:
    """One line a person reads, in both languages: what happened and the one detail that matters.

    Example:
        >>> summary("track", "Product Viewed", {"name": "Oat milk"}, {})
        {'en': 'Product viewed: Oat milk', 'zh': '浏览商品：Oat milk'}
    """
    base = words("event", name if kind == "track" else kind)
    if kind == "identify":
        named = [words("trait", trait) for trait in sorted(traits)[:NAMED]]
        en, zh = ", ".join(w["en"] for w in named), "、".join(w["zh"] for w in named)
    else:
        en = zh = _detail(kind, name, properties)
    return {"en": f"{base['en']}: {en}", "zh": f"{base['zh']}：{zh}"} if en else base


def _detail(kind: str, name: str, p: Mapping[str, Any]) -> str:
    if kind in {"page", "screen"}:
        return name or str(p.get("path") or p.get("title") or "")
    if name == "Order Completed":
        amount = p.get("revenue", p.get("total", p.get("value")))
        lines = p.get("products")
        parts = [f"{amount} {p.get('currency') or ''}".strip() if amount is not None else ""]
        parts.append(f"×{len(lines)}" if isinstance(lines, list) and lines else "")
        return " ".join(part for part in parts if part)
    for key in ("name", "query", "product_id", "segment", "reason", "url", "node", "coupon", "arm", "status"):
        if p.get(key):
            return str(p[key])
    return ""
