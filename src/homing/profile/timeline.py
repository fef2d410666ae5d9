"""What happened with this customer, newest first? Read from the warehouse, events of merged customers included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from homing.core.query import Query
from homing.core.words import words
from homing.storage.warehouse import Warehouse

GROUPS: dict[str, tuple[str, ...]] = {  # what the console filters by, beside the event's own kind
    "order": ("Order Completed", "Coupon Redeemed"),
    "browse": ("Product Viewed", "Product List Viewed", "Products Searched", "Product Added", "Product Removed",
               "Cart Viewed", "Checkout Started"),
    "message": ("Message Sent", "Message Refused", "Message Failed", "Message Bounced", "Message Unknown",
                "Message Opened", "Message Clicked", "Unsubscribed", "Consent Updated"),
    "journey": ("Segment Entered", "Segment Left", "Journey Step Reached", "Journey Exited", "Holdout Assigned"),
}  # fmt: skip

# Which events first, their payloads after: a year of orders is not unpacked to show fifty.
_SQL = """
WITH page AS MATERIALIZED (
  SELECT log_offset FROM event_fact
  WHERE customer_id IN (SELECT $customer UNION ALL SELECT loser FROM customer_alias WHERE winner = $customer)
    AND (happened_us, log_offset) < ($before_us, $before_offset)
    AND ($kind IS NULL OR kind = $kind OR list_contains($names, name))
  ORDER BY happened_us DESC, log_offset DESC LIMIT $limit
)
SELECT log_offset, event_id, kind, name, happened_us, received_us, source_id, CAST(properties AS JSON)::VARCHAR,
  CAST(traits AS JSON)::VARCHAR
FROM event_fact WHERE log_offset IN (SELECT log_offset FROM page)
ORDER BY happened_us DESC, log_offset DESC
"""
NAMED = 5  # traits a summary names
NEWEST = (1 << 62, 1 << 62)


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


def timeline(
    warehouse: Warehouse, customer_id: str, *, before: tuple[int, int] | None = None, kind: str | None = None,
    limit: int = 50,
) -> list[Happening]:  # fmt: skip
    """The customer's events before a place, newest first.

    Args:
        warehouse: where the events are.
        customer_id: the customer that goes on.
        before: (happened_us, log offset) of the last row of the page before.
        kind: an event kind (`track`, `identify`, ...) or one of GROUPS.
        limit: at most so many.
    """
    before_us, before_offset = before or NEWEST
    params = {"customer": customer_id, "before_us": before_us, "before_offset": before_offset, "kind": kind,
              "names": list(GROUPS.get(kind or "", ())), "limit": limit}  # fmt: skip
    return [_happening(row) for row in warehouse.ask(Query(_SQL, params))]


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
