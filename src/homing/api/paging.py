"""Where does the next page begin? An opaque text that carries the last row's place; callers hand it back as it is."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

import msgspec
from fastapi import Query

from homing.core.errors import InvalidInput

MAX_CURSOR = 500
Limit = Annotated[int, Query(ge=1, le=500, description="rows a page")]
Cursor = Annotated[str | None, Query(max_length=MAX_CURSOR, description="`next` of the page before")]


def encode(*place: Any) -> str:
    """The cursor of a place."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def decode(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The place of a cursor, each part of its kind; None at the beginning.

    Raises:
        InvalidInput: the cursor is none of ours.
    """
    if not cursor:
        return None
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise InvalidInput("the cursor cannot be read, wanted `next` of an earlier page", field="cursor") from error
    right = isinstance(place, list) and len(place) == len(kinds)
    if not right or not all(isinstance(part, kind) for part, kind in zip(place, kinds, strict=True)):
        raise InvalidInput("the cursor belongs to another list, wanted `next` of this one", field="cursor")
    return tuple(place)
