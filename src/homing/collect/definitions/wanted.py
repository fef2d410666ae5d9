"""What may be wanted of one value? Its type, that it is there, what it may be: the part plans and rules share.

A pattern is checked when it is written: it must compile, and a repeat inside a repeat, which can take for ever on a
hostile text, is refused.
"""

from __future__ import annotations

import re
import warnings
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from re import _parser  # type: ignore[attr-defined]

ValueType = Literal["any", "string", "number", "integer", "boolean", "time", "object", "array"]
Scalar = str | bool | int | float
MAX_VALUES = 500
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT"}


def _pattern(text: str) -> str:
    try:
        parsed = _parser.parse(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"the pattern cannot be read: {error}") from error
    if _nested(parsed, inside=False):
        raise ValueError("the pattern repeats what repeats itself, wanted one that ends soon on every text")
    return text


def _nested(parsed: Any, *, inside: bool) -> bool:
    """Whether an open-ended repeat stands inside another."""
    for op, args in parsed:
        repeat = str(op) in _REPEATS and args[1] > 1
        if repeat and inside and _varies(args):
            return True
        within = args[2] if str(op) in _REPEATS | {"POSSESSIVE_REPEAT"} else None
        below = [within] if within is not None else _parts(args)
        if any(_nested(part, inside=inside or repeat) for part in below):
            return True
    return False


def _varies(args: Any) -> bool:
    return bool(args[0] != args[1])


def _parts(args: Any) -> list[Any]:
    """The parsed parts anywhere inside an operation's arguments."""
    if isinstance(args, _parser.SubPattern):
        return [args]
    if isinstance(args, list | tuple):
        return [part for one in args for part in _parts(one)]
    return []


def _path(text: str) -> str:
    if not all(part.removesuffix("[]") for part in text.split(".")):
        raise ValueError("a path with an empty part, wanted one such as price or products[].product_id")
    return text


Pattern = Annotated[str, AfterValidator(_pattern), Field(max_length=500, description="must match the whole text")]
Path = Annotated[
    str, AfterValidator(_path), Field(min_length=1, max_length=200, description="price, products[].product_id")
]
Values = Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=MAX_VALUES)]
