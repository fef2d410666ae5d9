"""What does the loader hand over? Blocks as the log keeps them; or events, envelopes in columns, payloads as JSON text.

What every query filters on is taken out of the payload by the warehouse itself (`load.py`), column by column. The
payload is never parsed in Python: that would cost ten times the load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from homing.core.event import Event, Id, Stored
from homing.storage.log import Block

_JSON = {"ARROW:extension:name": "arrow.json", "ARROW:extension:metadata": ""}


def json_field(name: str) -> pa.Field:
    """A column of JSON that was written by us: the warehouse need not see whether it is sound."""
    return pa.field(name, pa.string(), metadata=_JSON)


SCHEMA = pa.schema(
    [
        ("log_offset", pa.int64()),
        ("received_us", pa.int64()),
        ("event_id", pa.string()),
        ("kind", pa.string()),
        ("name", pa.string()),
        ("happened_us", pa.int64()),
        ("source_id", pa.string()),
        ("customer_id", pa.string()),
        ("ids", pa.string()),
        *map(json_field, ("properties", "traits", "context")),
    ]
)
BLOCKS = pa.schema(
    [
        ("first", pa.int64()),
        ("events", pa.int64()),
        ("received_us", pa.int64()),
        ("customers", pa.list_(pa.string())),
        json_field("bodies"),
    ]
)
_EMPTY = msgspec.Raw(b"{}")
_json = msgspec.json.Encoder()


class Envelope(msgspec.Struct, frozen=True):
    """An event whose payload stays the bytes it came as."""

    event_id: str
    kind: str
    happened_us: int
    source_id: str
    name: str = ""
    ids: tuple[Id, ...] = ()
    properties: msgspec.Raw = _EMPTY
    traits: msgspec.Raw = _EMPTY
    context: msgspec.Raw = _EMPTY


class RawStored(NamedTuple):
    """Like `Stored`, with the payload unread."""

    offset: int
    received_us: int
    event: Envelope


_envelope = msgspec.json.Decoder(Envelope)


def read_envelope(body: bytes) -> Envelope:
    """The envelope of an event's bytes in the log."""
    return _envelope.decode(body)


@dataclass(frozen=True, slots=True)
class Batch:
    """Columns ready to be loaded, of events or of blocks; `last_offset` is the mark they bring the warehouse to."""

    last_offset: int
    events: pa.Table


@dataclass(slots=True)
class BatchBuilder:
    """Collects stored events into columns."""

    last_offset: int = 0
    _rows: list[tuple[Any, ...]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, stored: Stored | RawStored, customer_id: str | None) -> None:
        """Take one event, with the customer it belongs to."""
        event = stored.event
        self.last_offset = stored.offset
        ids = _json.encode(event.ids).decode()
        self._rows.append(
            (stored.offset, stored.received_us, event.event_id, event.kind, event.name, event.happened_us,
             event.source_id, customer_id, ids, *_payload(event))
        )  # fmt: skip

    def build(self) -> Batch:
        """The batch of everything taken so far."""
        columns = zip(*self._rows, strict=True) if self._rows else ([] for _ in SCHEMA)
        arrays = [pa.array(values, type=kind) for values, kind in zip(columns, SCHEMA.types, strict=True)]
        return Batch(self.last_offset, pa.Table.from_arrays(arrays, schema=SCHEMA))


def block_batch(blocks: Sequence[Block], customers: Sequence[str | None], last: int) -> Batch:
    """Events as the log keeps them, a row a block; the warehouse takes them apart.

    Args:
        blocks: those that hold the events, each once; more of their events than are wanted do no harm.
        customers: whom the events are about, in order.
        last: offset of the last of these events.
    """
    base, bodies = blocks[0].first, [block.bodies for block in blocks]
    whose = [*[None] * (last - len(customers) + 1 - base), *customers]  # from the first event of the first block on
    starts = [min(block.first - base, len(whose)) for block in blocks]
    ends = list(accumulate(map(len, bodies), initial=0))
    columns: tuple[pa.Array, ...] = (
        pa.array([block.first for block in blocks], pa.int64()),
        pa.array([block.events for block in blocks], pa.int64()),
        pa.array([block.received_us for block in blocks], pa.int64()),
        pa.ListArray.from_arrays(pa.array([*starts, len(whose)], pa.int32()), pa.array(whose, pa.string())),
        pa.StringArray.from_buffers(
            len(blocks), pa.py_buffer(np.array(ends, np.int32)), pa.py_buffer(b"".join(bodies))
        ),
    )  # fmt: skip
    return Batch(last, pa.Table.from_arrays(columns, schema=BLOCKS))


def _payload(event: Event | Envelope) -> tuple[bytes | str, bytes | str, bytes | str]:
    if isinstance(event, Envelope):
        return (bytes(event.properties).decode(), bytes(event.traits).decode(), bytes(event.context).decode())
    encode = _json.encode
    return (encode(event.properties).decode(), encode(event.traits).decode(), encode(event.context).decode())
