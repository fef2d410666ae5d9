"""How much is "1.5kg" or "3斤"? A number and a unit, and the same amount in another unit of its dimension.

Exact: every factor is a decimal fraction. A unit of another dimension, or none that is known, is an error and never a
guess; a number alone is in the unit the column is stated to be in.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from homing.collect.normalise import number
from homing.core.errors import InvalidInput


class Unit(NamedTuple):
    """One unit: what it measures, and how many of the dimension's first unit it is."""

    dimension: str
    factor: Decimal


class Measure(NamedTuple):
    """An amount with its unit."""

    value: Decimal
    unit: str


_D = Decimal
UNITS: dict[str, Unit] = {
    "g": Unit("mass", _D(1)), "kg": Unit("mass", _D(1000)), "mg": Unit("mass", _D("0.001")),
    "t": Unit("mass", _D(1_000_000)), "jin": Unit("mass", _D(500)), "liang": Unit("mass", _D(50)),
    "lb": Unit("mass", _D("453.59237")), "oz": Unit("mass", _D("28.349523125")),
    "ml": Unit("volume", _D(1)), "cl": Unit("volume", _D(10)), "l": Unit("volume", _D(1000)),
    "mm": Unit("length", _D(1)), "cm": Unit("length", _D(10)), "m": Unit("length", _D(1000)),
    "km": Unit("length", _D(1_000_000)), "in": Unit("length", _D("25.4")), "ft": Unit("length", _D("304.8")),
    "s": Unit("time", _D(1)), "min": Unit("time", _D(60)), "h": Unit("time", _D(3600)),
    "pcs": Unit("count", _D(1)), "doz": Unit("count", _D(12)),
}  # fmt: skip
_ALSO: dict[str, str] = {
    "克": "g", "公克": "g", "gram": "g", "grams": "g", "千克": "kg", "公斤": "kg", "kilo": "kg", "kgs": "kg",
    "毫克": "mg", "吨": "t", "斤": "jin", "市斤": "jin", "两": "liang", "磅": "lb", "lbs": "lb", "盎司": "oz",
    "毫升": "ml", "cc": "ml", "厘升": "cl", "升": "l", "公升": "l", "liter": "l", "litre": "l", "liters": "l",
    "litres": "l", "毫米": "mm", "厘米": "cm", "公分": "cm", "米": "m", "公里": "km", "千米": "km", "英寸": "in",
    "inch": "in", "寸": "in", '"': "in", "英尺": "ft", "秒": "s", "sec": "s", "分钟": "min", "小时": "h", "hr": "h",
    "hours": "h", "个": "pcs", "件": "pcs", "只": "pcs", "支": "pcs", "瓶": "pcs", "盒": "pcs", "包": "pcs",
    "pc": "pcs", "piece": "pcs", "pieces": "pcs", "打": "doz", "dozen": "doz",
}  # fmt: skip
_AMOUNT = re.compile(r"^([+-]?[\d.,]+(?:e[+-]?\d{1,2})?)\s*([^\d\s.,][^\d]{0,11})?$", re.IGNORECASE)


def measure(text: str, *, unit: str = "") -> Measure:
    """An amount as people write it.

    Args:
        text: such as `1.5kg`, `500 ML`, `３斤`.
        unit: what a number alone is in; without it such a number is an error.

    Raises:
        InvalidInput: no amount, or a unit that is not known.

    Example:
        >>> measure("1.5KG"), measure("３斤")
        (Measure(value=Decimal('1.5'), unit='kg'), Measure(value=Decimal('3'), unit='jin'))
    """
    found = _AMOUNT.match(unicodedata.normalize("NFKC", text).strip())
    if not found:
        raise InvalidInput(f"amount is {text[:40]!r}, wanted one such as 1.5kg", field="unit")
    name = (found[2] or unit).strip().lower()
    name = _ALSO.get(name, name)
    if name not in UNITS:
        raise InvalidInput(f"unit is {name[:20]!r}, wanted one of {', '.join(UNITS)}", field="unit")
    return Measure(number(found[1]), name)


def convert(amount: Measure, to: str) -> Decimal:
    """The same amount in another unit.

    Raises:
        InvalidInput: the unit measures something else.

    Example:
        >>> convert(measure("3斤"), "kg")
        Decimal('1.5')
    """
    ours, theirs = UNITS[amount.unit], UNITS[to]
    if ours.dimension != theirs.dimension:
        raise InvalidInput(f"{amount.unit} measures {ours.dimension}, {to} {theirs.dimension}", field="unit")
    return (amount.value * ours.factor / theirs.factor).normalize()
