"""What does an order's payload say? Read as the warehouse reads it: numbers may come as text, texts as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from homing.core.condition_values import units_of

_MONEY = ("revenue", "total", "value")


def text_of(value: object) -> str | None:
    """A text or a number as text; None for anything else or nothing."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


def order_units(properties: Mapping[str, Any]) -> int:
    """What an order brought in ten-thousandths: `revenue`, else `total`, else `value`, else nothing."""
    for name in _MONEY:
        found = units_of(properties.get(name))
        if found is not None:
            return found
    return 0


def line_categories(lines: object, known: Mapping[str, str]) -> list[str]:
    """The category of every order line that has one, its own or the catalogue's."""
    if not isinstance(lines, list):
        return []
    found = []
    for line in lines:
        if isinstance(line, dict):
            category = line.get("category")
            if category is not None and type(category) is not str:
                category = text_of(category)
            if not category and known:
                category = known.get(text_of(line.get("product_id")) or "")
            if category:
                found.append(category)
    return found
