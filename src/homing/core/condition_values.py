"""When does a value satisfy a comparison? Defined once here; the warehouse compiler says the same in SQL.

1. A value that is missing or null satisfies nothing but `not_exists`. So `ne` and `not_in` ask for a value that is
   there; "not equal or absent" is `not` around `eq`.
2. The type of the *wanted* value decides how they are compared:
   - a number compares with JSON numbers and with texts written as plain numbers (`"12.50"`, at most 15 digits on either
     side of the point, no exponent, no spaces), as double precision;
   - a text compares with JSON texts, by code point, case counts. A text that is a plain whole number ("42", no leading
     zero, at most 15 digits) also equals the JSON number 42, because ids arrive as both;
   - true and false compare with JSON booleans and with the texts "true" and "false"; they have no order.
3. A value of another type differs from the wanted one: `ne` and `not_in` hold, every other operator does not.
4. `contains` wants a text: part of a JSON text, or an element of a JSON list.
5. An empty text is a value; an empty list is a value.

Sums are exact: each number is rounded to four decimals, half away from zero, and added as a whole number; beyond 1e10
in size it does not count.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Any, Literal

Op = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "exists", "not_exists"]
NUMBER_TEXT = r"-?[0-9]{1,15}(\.[0-9]{1,15})?"
WHOLE_TEXT = r"0|-?[1-9][0-9]{0,14}"
WHOLE_BELOW = 2**53  # a larger float stands for several whole numbers
UNITS = 10_000  # a sum counts ten-thousandths
MAX_AMOUNT = 1e10  # a larger number is taken for a slip and does not count in a sum

Test = Callable[[Any], bool]
Order = Callable[[Any, Any], bool]

_number_text = re.compile(NUMBER_TEXT)
_whole_text = re.compile(WHOLE_TEXT)
ORDERS: dict[str, Order] = {
    "eq": operator.eq, "ne": operator.ne, "gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le,
}  # fmt: skip


def number_of(value: object) -> float | None:
    """The value as a number to compare with; None when it is none (rule 2)."""
    if type(value) is float:
        return value if math.isfinite(value) else None
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            return None
    if type(value) is str and _number_text.fullmatch(value):
        return float(value)
    return None


def units_of(value: object) -> int | None:
    """The value in ten-thousandths, rounded half away from zero; None when it is no number or too large.

    Example:
        >>> units_of("2.5"), units_of(0.00005), units_of("two")
        (25000, 1, None)
    """
    number = number_of(value)
    if number is None:
        return None
    size = abs(number) * UNITS
    if size > MAX_AMOUNT * UNITS:
        return None
    whole = math.floor(size)
    if size - whole >= 0.5:
        whole += 1
    return -whole if number < 0 else whole


def is_whole_text(text: str) -> bool:
    """Whether a text also equals the JSON number it writes (rule 2)."""
    return _whole_text.fullmatch(text) is not None


def text_of_number(value: float) -> str:
    """A number as people write it, every digit kept: a whole one without a point.

    Example:
        >>> text_of_number(12345678), text_of_number(12345678.0), text_of_number(0.25)
        ('12345678', '12345678', '0.25')
    """
    whole = isinstance(value, float) and value.is_integer() and abs(value) < WHOLE_BELOW
    return str(int(value)) if whole else str(value)


def matcher(op: Op, wanted: object = None) -> Test:
    """The test of one operator against a wanted value; the pair was validated with the tree.

    Example:
        >>> big = matcher("gte", 100)
        >>> big(120), big("99.5"), big(None), big("many")
        (True, False, False, False)
    """
    if op == "exists":
        return _exists
    if op == "not_exists":
        return _missing
    if op == "contains":
        return _contains(str(wanted))
    if op in ("eq", "in"):
        return _one_of(wanted)
    if op in ("ne", "not_in"):
        same = _one_of(wanted)
        return lambda value: value is not None and not same(value)
    return _ordered(ORDERS[op], wanted)


def _exists(value: object) -> bool:
    return value is not None


def _missing(value: object) -> bool:
    return value is None


def _contains(wanted: str) -> Test:
    def test(value: object) -> bool:
        if type(value) is str:
            return wanted in value
        return type(value) is list and any(type(item) is str and item == wanted for item in value)

    return test


def _one_of(wanted: object) -> Test:
    tests = [_equal(one) for one in (wanted if isinstance(wanted, tuple | list) else (wanted,))]
    if len(tests) == 1:
        return tests[0]
    return lambda value: any(test(value) for test in tests)


def _equal(wanted: object) -> Test:
    if isinstance(wanted, bool):
        word = "true" if wanted else "false"
        return lambda value: value is wanted or (type(value) is str and value == word)
    if isinstance(wanted, int | float):
        number = float(wanted)
        return lambda value: number_of(value) == number
    if is_whole_text(str(wanted)):
        whole = float(str(wanted))
        return lambda value: value == wanted if type(value) is str else number_of(value) == whole
    return lambda value: type(value) is str and value == wanted


def _ordered(order: Order, wanted: object) -> Test:
    if isinstance(wanted, str):
        return lambda value: type(value) is str and order(value, wanted)
    if not isinstance(wanted, int | float):
        raise TypeError(f"{type(wanted).__name__} has no order, wanted a text or a number")
    limit = float(wanted)

    def test(value: object) -> bool:
        number = number_of(value)
        return number is not None and order(number, limit)

    return test
