"""How does a value of a database become JSON? Times in ISO 8601, decimals as numbers, bytes in base64.

A number that JSON's readers would round is given as text. What is no number at all (NaN, infinity) says nothing.
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

EXACT_DIGITS = 15  # of a decimal that a double holds
LARGEST = 2**63
_AS_IT_IS = frozenset({str, bool, type(None)})


def json_value(value: Any) -> Any:  # noqa: PLR0911 - one answer a type
    """The value as JSON knows it."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is int:
        return value if -LARGEST <= value < LARGEST else str(value)
    if kind is float:
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return b64encode(value).decode()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): json_value(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_value(v) for v in value]
    return str(value)


def _decimal(value: Decimal) -> int | float | str | None:
    if not value.is_finite():
        return None
    _, digits, exponent = value.as_tuple()
    if isinstance(exponent, int) and exponent >= 0:
        whole: int | str = json_value(int(value))
        return whole
    return float(value) if len(digits) <= EXACT_DIGITS else str(value)
