"""Which batches are judged beside the server? Those as usual; a process of its own says of any other that it is not.

One interpreter does one thing at a time, and to read, judge and encode a batch is most of what the server does for it.
What comes out is what the server makes of the same bytes, for the same code makes it. Nothing is written here and no
clock is read; the process ends when the server lets go of its end of the line. See `collect.doors.beside`.
"""

from __future__ import annotations

import gc
import signal
import socket
from contextlib import suppress
from time import process_time
from typing import Any

import msgspec

from homing.collect.doors.answers import all_accepted
from homing.collect.doors.body import BadBody, decoded
from homing.collect.doors.paths import MAX_BATCH_EVENTS
from homing.collect.doors.segment_api import arrival_of
from homing.collect.doors.usual import opened
from homing.collect.doors.wire import decode_plain_batch

SIZE = 4  # bytes before each message: how many it has
READ = 262_144
_ENDS = 100_000  # cycles are sought as seldom as in the server: what is made here has none


class Asked(msgspec.Struct, array_like=True):
    """A batch, and what the server knows of it."""

    number: int
    source: str
    key: str | None  # the key whose source this is, when the body must say it; None when the head said one
    received_us: int
    region: str
    ip: str
    encoding: bytes
    limit: int  # bytes, unpacked
    body: bytes


class Judged(msgspec.Struct, array_like=True, omit_defaults=True):
    """What became of a batch: its events as they go to the log, when all of them are as usual."""

    number: int
    usual: bool = False
    message_ids: list[str] = []
    ids: list[str] | None = None  # of the events, where they are others
    counts: list[int] = []  # events a piece
    bodies: list[memoryview] = []
    answer: bytes = b""  # when the log knows none of them
    took_s: float = 0.0  # of a processor


_encoder = msgspec.msgpack.Encoder()


def framed(message: Asked | Judged) -> bytearray:
    """A message as it goes over the line."""
    out = bytearray(SIZE)
    _encoder.encode_into(message, out, SIZE)
    out[:SIZE] = (len(out) - SIZE).to_bytes(SIZE, "big")
    return out


def judged(asked: Asked) -> Judged:
    """The events of a batch, or that it is not as usual."""
    try:
        body = decoded(asked.body, asked.encoding, asked.limit)
    except BadBody:
        return Judged(asked.number)
    read = decode_plain_batch(body)
    if read is None or len(read.batch) > MAX_BATCH_EVENTS or asked.key not in (None, read.writeKey):
        return Judged(asked.number)
    made = opened(read.batch, None, arrival_of(asked.source, asked.received_us, asked.region, asked.ip, read))
    if made.special or not made.packed:
        return Judged(asked.number)
    ids = [one for part in made.packed for one in part.ids]
    return Judged(
        asked.number, True, made.message_ids, None if ids == made.message_ids else ids,
        [len(part.ids) for part in made.packed], [memoryview(part.bodies) for part in made.packed],
        all_accepted(made.message_ids).body,
    )  # fmt: skip


def main() -> None:
    """Judge what comes over the line, which is the standard input, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server's to hear
    gc.set_threshold(_ENDS)
    decode: Any = msgspec.msgpack.Decoder(Asked).decode
    with suppress(OSError), socket.socket(fileno=0) as line, line.makefile("rb", READ) as asked:
        line.sendall(framed(Judged(0)))  # what is imported is imported: it hears
        spent = process_time()
        while len(size := asked.read(SIZE)) == SIZE:
            many = int.from_bytes(size, "big")
            raw = asked.read(many)
            if len(raw) < many:
                return
            answer = judged(decode(raw))
            begun, spent = spent, process_time()
            answer.took_s = spent - begun
            line.sendall(framed(answer))
