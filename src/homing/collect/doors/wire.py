"""What shape has a call on the wire? Segment's, read leniently; each limit of one event stands here.

Nothing that passes here can break a later stage: depth is bounded and whole numbers fit 64 bits.
"""

from __future__ import annotations

from types import GenericAlias
from typing import Annotated, Any

import msgspec

MAX_EVENT = 32 * 1024
MAX_DEPTH = 32
PLAIN_DEPTH = 5  # below properties, traits and context; nearly everything is flatter
_WIDE = 2**63
_LONG = b"0" * 19  # the shortest row of digits that may not fit
_DIGITS = bytes(48 if 48 <= c < 58 else 0 for c in range(256))
_BRACE, _BRACKET = b"{["
_Text = str | int | None


class Item(msgspec.Struct, gc=False):  # what JSON says has no cycles
    """One call as it comes over the wire; every field may be absent."""

    type: str | None = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    userId: _Text = None  # noqa: N815
    anonymousId: _Text = None  # noqa: N815
    previousId: _Text = None  # noqa: N815
    groupId: _Text = None  # noqa: N815
    messageId: _Text = None  # noqa: N815
    timestamp: Any = None
    originalTimestamp: Any = None  # noqa: N815
    sentAt: Any = None  # noqa: N815
    writeKey: Any = None  # noqa: N815
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    context: dict[str, Any] | None = None
    integrations: Any = None


class Batch(msgspec.Struct):
    """A batch as it comes over the wire; its items are read one by one, so that one broken item harms no other."""

    batch: list[msgspec.Raw]
    sentAt: Any = None  # noqa: N815
    writeKey: Any = None  # noqa: N815
    context: Any = None
    integrations: Any = None


class _Raws(msgspec.Struct):
    batch: list[msgspec.Raw]


_Whole = Annotated[int, msgspec.Meta(ge=-_WIDE, le=_WIDE - 1)]
_Scalar = bool | _Whole | float | str | None


def _nested(levels: int) -> Any:
    if not levels:
        return _Scalar
    inner = _nested(levels - 1)
    return _Scalar | GenericAlias(dict, (str, inner)) | GenericAlias(list, (inner,))


_Shallow: Any = _nested(PLAIN_DEPTH)
_PlainTime = str | int | float | None


class Plain(Item, gc=False):
    """An item that needs no guard: nested over few levels only, its whole numbers within 64 bits."""

    timestamp: _PlainTime = None
    originalTimestamp: _PlainTime = None  # noqa: N815
    sentAt: _PlainTime = None  # noqa: N815
    writeKey: _Scalar = None  # noqa: N815
    properties: dict[str, _Shallow] | None = None
    traits: dict[str, _Shallow] | None = None
    context: dict[str, _Shallow] | None = None
    integrations: _Shallow = None


class PlainBatch(msgspec.Struct):
    """A batch of nothing but plain items."""

    batch: list[Plain]
    sentAt: Any = None  # noqa: N815
    writeKey: Any = None  # noqa: N815
    context: Any = None
    integrations: Any = None


class No(Exception):
    """An item that is not taken: its code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


_decoder = msgspec.json.Decoder(Item)
_plain = msgspec.json.Decoder(Plain)
_plains = msgspec.json.Decoder(PlainBatch)
_raws = msgspec.json.Decoder(_Raws)


def decode_item(raw: bytes) -> Item:
    """One item from its JSON.

    Raises:
        No: too large, malformed, of the wrong shape, too deep, or with numbers beyond 64 bits.
    """
    if len(raw) > MAX_EVENT:
        raise No("event_too_large", f"the event has {len(raw)} bytes, at most {MAX_EVENT}")
    try:
        item = _decoder.decode(raw)
        if raw.count(_BRACE) + raw.count(_BRACKET) > MAX_DEPTH or not short_numbers(raw):
            guard([item.properties, item.traits, item.context, item.integrations])
    except RecursionError:
        raise No("too_deep", f"nested over {MAX_DEPTH} levels") from None
    except msgspec.ValidationError as error:
        raise No("shape", str(error)) from None
    except UnicodeDecodeError:
        raise No("encoding", "the text is not valid UTF-8") from None
    except ValueError as error:  # msgspec's own errors are among these
        raise No("bad_json", str(error)) from None
    return item


def decode_plain(raw: bytes) -> Plain | None:
    """One item that is plain; None when it has to be looked at."""
    if len(raw) > MAX_EVENT:
        return None
    try:
        return _plain.decode(raw)
    except (ValueError, RecursionError):
        return None


def decode_plain_batch(body: bytes) -> PlainBatch | None:
    """A batch whose items are all plain; None when one of them, or the batch, has to be looked at alone."""
    try:
        if len(body) > MAX_EVENT and max(map(len, _raws.decode(body).batch), default=0) > MAX_EVENT:
            return None
        return _plains.decode(body)
    except (ValueError, RecursionError):
        return None


def short_numbers(raw: bytes) -> bool:
    """Is there no row of 19 digits in these bytes? At ten times a regex's pace."""
    return _LONG not in raw.translate(_DIGITS)


def guard(value: Any, depth: int = 0) -> None:
    """Refuse what is nested too deeply or has numbers beyond 64 bits.

    Raises:
        No: it is.
    """
    if depth > MAX_DEPTH:
        raise No("too_deep", f"nested over {MAX_DEPTH} levels")
    if isinstance(value, int) and not -_WIDE <= value < _WIDE:
        raise No("number_too_large", "a whole number beyond 64 bits, wanted it as text")
    if isinstance(value, dict):
        for inner in value.values():
            guard(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            guard(inner, depth + 1)
