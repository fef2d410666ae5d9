"""What is a dataset called? `event:Order Completed`, `call:page`, `customers`, `products` … one id for one thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

CUSTOMERS = "customers"
IDENTIFIERS = "identifiers"
CONTEXT = "context"
EVENT, CALL, SOURCE, SEGMENT = "event:", "call:", "source:", "segment:"
ABOUT_PERSONS = frozenset({CUSTOMERS, IDENTIFIERS, CONTEXT, "call:group"})

Class = Literal["structured", "social", "commercial-value"]

_SOCIAL = (
    "review",
    "ticket",
    "comment",
    "share",
    "like",
    "follow",
    "wechat",
    "invite",
    "referral",
    "feedback",
    "rating",
)
_COMMERCIAL = (
    "order", "payment", "refund", "checkout", "coupon", "cost", "spend", "price", "revenue", "product", "stock",
    "points", "subscription", "cart", "campaign", "promotion", "purchase", "total", "value", "discount", "margin",
    "monetary", "quantity",
)  # fmt: skip
MAX_DEPTH = 5
MAX_ITEMS = 20  # of a list that are looked into


def dataset_of_event(kind: str, name: str) -> str:
    """The dataset an event belongs to; what an identify call says belongs to the customers."""
    if kind == "identify":
        return CUSTOMERS
    return f"{EVENT}{name}" if kind == "track" else f"{CALL}{kind}"


def class_of(dataset: str, field: str = "") -> Class:
    """Which class of data this is by its name: what is said and shared, what is bought and paid, or plain structure."""
    text = f"{dataset} {field}".lower()
    if any(word in text for word in _SOCIAL):
        return "social"
    return "commercial-value" if any(word in text for word in _COMMERCIAL) else "structured"


def leaves(value: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The values of a JSON object with their paths: `shipping.city`, `products[].price`; empty ones are left out.

    Example:
        >>> list(leaves({"a": 1, "b": {"c": ""}, "d": [{"e": 2}, {"e": 3}]}))
        [('a', 1), ('d[].e', 2), ('d[].e', 3)]
    """
    if isinstance(value, dict) and depth < MAX_DEPTH:
        for key, one in value.items():
            yield from leaves(one, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list) and depth < MAX_DEPTH:
        for one in value[:MAX_ITEMS]:
            yield from leaves(one, f"{path}[]", depth + 1)
    elif value is not None and value != "" and path:
        yield path, value
