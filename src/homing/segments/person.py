"""What does the stream remember of one customer between two events, and how is it stored?"""

from __future__ import annotations

import msgspec

from homing.core.errors import Terminal
from homing.segments.leaves import Memory


class Person:
    """What the stream remembers of one customer."""

    __slots__ = ("armed_us", "mask", "member", "memories", "until")

    def __init__(self) -> None:
        self.memories: dict[str, Memory] = {}
        self.mask = 0  # of the predicates that hold
        self.until: dict[int, int] = {}  # predicate -> until when its answer is sure, where that is not for ever
        self.member: dict[str, int] = {}  # segment -> since when
        self.armed_us = 0  # when the timer is due; 0: none


class _Row(msgspec.Struct, array_like=True):
    """A person as stored."""

    memories: dict[str, Memory]
    mask: bytes
    until: dict[int, int]
    member: dict[str, int]
    armed_us: int


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Row)


def encode(person: Person) -> bytes:
    """The person as the bytes a row keeps."""
    mask = person.mask.to_bytes((person.mask.bit_length() + 7) // 8, "little")
    return _encoder.encode(_Row(person.memories, mask, person.until, person.member, person.armed_us))


def decode(body: bytes) -> Person:
    """The person of those bytes.

    Raises:
        Terminal: another version wrote them.
    """
    try:
        row, person = _decoder.decode(body), Person()
    except msgspec.MsgspecError as error:
        raise Terminal("what segments remember was written by another version, wanted `homing rebuild` once") from error
    person.memories, person.until, person.member, person.armed_us = row.memories, row.until, row.member, row.armed_us
    person.mask = int.from_bytes(row.mask, "little")
    return person
