"""What may be wanted of one value? Its type, that it is there, what it may be: the part plans and rules share.

A pattern is checked when it is written: it must compile, and a repeat inside a repeat, which can take for ever on a
hostile text, is refused.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from homing.collect.definitions.repeats import nests_repeats

ValueType = Literal["any", "string", "number", "integer", "boolean", "time", "object", "array"]
Scalar = str | bool | int | float
MAX_VALUES = 500


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"the pattern cannot be read: {error}") from error
    if nests_repeats(text):
        raise ValueError("the pattern repeats what repeats itself, wanted one that ends soon on every text")
    return text


def _path(text: str) -> str:
    if not all(part.removesuffix("[]") for part in text.split(".")):
        raise ValueError("a path with an empty part, wanted one such as price or products[].product_id")
    return text


Pattern = Annotated[str, AfterValidator(_pattern), Field(max_length=500, description="must match the whole text")]
Path = Annotated[
    str, AfterValidator(_path), Field(min_length=1, max_length=200, description="price, products[].product_id")
]
Values = Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=MAX_VALUES)]
