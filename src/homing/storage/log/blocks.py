"""What does one file of the log look like? Blocks of events that came together, each a JSON array, appended in order.

A block is one row: the offset of its first event, when the group was received, eight bytes of each event's id, and the
events. Nothing is indexed but the first offset, so writing only ever appends. A block of some size is packed (LZ4, its
plain size in four bytes before it): the disk takes a quarter of it, twice, by way of the write-ahead file. One that
begins with a bracket is plain. What the ids are hashed with stands in the file too; in one of before nothing stands.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from homing.core.event import Event, Stored
from homing.storage.log.hashing import Hashes, Hashing
from homing.storage.log.interface import Block
from homing.storage.log.seen import Candidate, Seen

BLOCK_EVENTS = 256
BLOCK_BYTES = 262_144
PACK_BYTES = 1_024  # a block of fewer bytes is kept plain: little would be won
TOGETHER = 1_000  # blocks a statement
CACHE_KB = 4_096
CHECKPOINT_PAGES = 500  # 4 MB: seldom enough to cost little, small enough that nobody waits for long

_CREATE = """
CREATE TABLE IF NOT EXISTS block (
  first INTEGER PRIMARY KEY, received_us INTEGER NOT NULL, ids BLOB NOT NULL, bodies BLOB NOT NULL
)
"""
_CREATE_HASHING = "CREATE TABLE hashing (secret BLOB NOT NULL)"
_FROM = (
    "SELECT {} FROM block WHERE first >= coalesce((SELECT max(first) FROM block WHERE first <= ?), 0) ORDER BY first"
)
_EVENTS = _FROM.format("first, received_us, bodies")
_WHOLE = _FROM.format("first, received_us, length(ids) / 8, bodies")
_ROW = "(?, ?, ?, ?)"


class Pieces(NamedTuple):
    """Bytes of events; with `counts` some pieces hold several events, a comma between two."""

    bodies: Sequence[bytes | memoryview]
    counts: Sequence[int] | None = None  # events a piece; one each when None


class _Named(msgspec.Struct):
    event_id: str


_event = msgspec.json.Decoder(Event)
_events = msgspec.json.Decoder(list[Event])
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_ids = msgspec.json.Decoder(list[_Named])
_codec = pa.Codec("lz4_raw")


class LogFile:
    """The offsets from `first` on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.first = int(path.stem)
        self.newest_us = 0
        self.seen = Seen()
        self.hashing = Hashing()

    def connect(self) -> sqlite3.Connection:
        """A connection as the log needs it: what is committed is on the disk, what is erased is gone."""
        conn = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None, timeout=30)
        for pragma in ("page_size=8192", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON",
                       f"wal_autocheckpoint={CHECKPOINT_PAGES}", f"cache_size=-{CACHE_KB}"):  # fmt: skip
            conn.execute(f"PRAGMA {pragma}")
        return conn

    def open(self, count: int | None, hashing: Hashing | None = None) -> tuple[sqlite3.Connection, int]:
        """The writer's connection and the last offset; reads which ids are known.

        Args:
            count: how many events it holds, when another file follows; None for the last file.
            hashing: how its ids are hashed where it is new; by default with a secret of its own.
        """
        conn = self.connect()
        self.hashing = _hashing(conn, hashing)
        row = conn.execute("SELECT first, received_us, length(ids) FROM block ORDER BY first DESC LIMIT 1").fetchone()
        tail = 0
        if row is not None:
            tail, self.newest_us = row[0] + row[2] // 8 - 1, row[1]
        kept = None if count is None else Seen.saved(self._kept, count)
        self.seen = kept or Seen.of(conn.execute("SELECT first, ids FROM block ORDER BY first").fetchall())
        if count is not None and kept is None:
            self.seal()
        return conn, tail

    def seal(self) -> None:
        """The file is full: keep its ids where they need no reading when the log is opened, and no memory of ours."""
        count = self.seen.save(self._kept)
        self.seen = Seen.saved(self._kept, count) or self.seen

    @property
    def _kept(self) -> Path:
        return self.path.with_suffix(".ids.npy")

    def known(self, conn: sqlite3.Connection, ids: Sequence[str], candidates: Iterable[Candidate]) -> set[str]:
        """Which of the ids the file holds, by reading every candidate."""
        found = set()
        at = 0
        block: list[_Named] = []
        for position, offset in sorted(candidates, key=lambda c: c.offset):
            if not at <= offset < at + len(block):
                at, _, bodies = conn.execute(_EVENTS + " LIMIT 1", (offset,)).fetchone()
                block = _ids.decode(_plain(bodies))
            if block[offset - at].event_id == ids[position]:
                found.add(ids[position])
        return found


def write(conn: sqlite3.Connection, first: int, received_us: int, hashes: Hashes, pieces: Pieces) -> None:
    """Append events that were received together, from the offset `first` on; all of them or none.

    Nearly always this is one statement, which is a transaction by itself: each further one would be another moment at
    which the writer waits for its turn among the process's threads.
    """
    bodies, counts = pieces
    rows: list[tuple[int, int, bytes, bytes]] = []
    at = 0
    for start, end, events in _cuts(bodies, counts or [1] * len(bodies)):
        rows.append((first + at, received_us, hashes[at : at + events].tobytes(), _block(bodies[start:end])))
        at += events
    many = len(rows) > TOGETHER and not conn.in_transaction
    if many:
        conn.execute("BEGIN IMMEDIATE")
    for n in range(0, len(rows), TOGETHER):
        part = rows[n : n + TOGETHER]
        conn.execute(f"INSERT INTO block VALUES {','.join([_ROW] * len(part))}", list(chain.from_iterable(part)))
    if many:
        conn.execute("COMMIT")


def _block(bodies: Sequence[bytes | memoryview]) -> bytes:
    """Events as a block holds them: a JSON array, or its size and the packed array."""
    parts: list[bytes | memoryview] = [b"["]
    for body in bodies:
        parts += (body, b",")
    parts[-1] = b"]"
    plain = b"".join(parts)
    if len(plain) < PACK_BYTES:
        return plain
    packed: bytes = _codec.compress(plain, asbytes=True)
    return len(plain).to_bytes(4, "big") + packed


def _plain(block: bytes) -> bytes | pa.Buffer:
    """The JSON array of a block."""
    if block[:1] == b"[":
        return block
    return _codec.decompress(memoryview(block)[4:], int.from_bytes(block[:4], "big"))


def unpacked(piece: bytes | memoryview) -> list[bytes]:
    """The events of a piece that holds several."""
    return [bytes(raw) for raw in _raws.decode(b"[%b]" % bytes(piece))]


def read(conn: sqlite3.Connection, after: int, limit: int) -> Iterator[Stored]:
    """The events behind `after`, at most `limit`."""
    for first, received_us, bodies in _blocks(conn, after, limit):
        skip, plain = max(0, after + 1 - first), _plain(bodies)
        if skip or limit < BLOCK_EVENTS:  # of a block that is not wanted whole only what is wanted is made
            events = [_event.decode(raw) for raw in _raws.decode(plain)[skip : skip + limit]]
        else:
            events = _events.decode(plain)
        for offset, event in enumerate(events, start=first + skip):
            yield Stored(offset, received_us, event)


def read_raw(conn: sqlite3.Connection, after: int, limit: int) -> Iterator[tuple[int, int, bytes]]:
    """Like `read`, undecoded."""
    for first, received_us, bodies in _blocks(conn, after, limit):
        for offset, raw in enumerate(_raws.decode(_plain(bodies)), start=first):
            if offset > after:
                yield offset, received_us, bytes(raw)


def read_blocks(conn: sqlite3.Connection, after: int, limit: int) -> Iterator[Block]:
    """The blocks that hold the events behind `after`, at most `limit`, unpacked and undecoded."""
    for first, received_us, events, bodies in _blocks(conn, after, limit, _WHOLE):
        if first + events > after + 1:
            yield Block(first, received_us, events, _plain(bodies))


def _blocks(conn: sqlite3.Connection, after: int, limit: int, said: str = _EVENTS) -> list[tuple[Any, ...]]:
    """The blocks that hold what is wanted: read whole, so that no reader keeps the file from being tidied."""
    found: list[tuple[Any, ...]] = []
    wanted = after + limit
    for block in (cursor := conn.execute(said, (after + 1,))):
        if block[0] > wanted:
            break
        found.append(block)
    cursor.close()
    return found


def _cuts(bodies: Sequence[bytes | memoryview], counts: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Where blocks begin and end among the pieces, and how many events each has; no piece is cut."""
    start = size = events = 0
    for n, (body, count) in enumerate(zip(bodies, counts, strict=True)):
        if events and (events + count > BLOCK_EVENTS or size + len(body) > BLOCK_BYTES):
            yield start, n, events
            start, size, events = n, 0, 0
        size += len(body)
        events += count
    yield start, len(bodies), events


def _hashing(conn: sqlite3.Connection, fresh: Hashing | None) -> Hashing:
    """How the file's ids are hashed; its tables are there then, and its events in blocks."""
    known = {name for (name,) in conn.execute("SELECT name FROM sqlite_master")}
    if "event" not in known and "block" in known:
        if "hashing" not in known:
            return Hashing()
        ((secret,),) = conn.execute("SELECT secret FROM hashing").fetchall()
        return Hashing(secret)
    hashing = fresh if fresh is not None and fresh.secret else Hashing.fresh()
    conn.execute("BEGIN IMMEDIATE")
    conn.execute(_CREATE)
    conn.execute(_CREATE_HASHING)
    conn.execute("INSERT INTO hashing VALUES (?)", (hashing.secret,))
    if "event" in known:
        _convert(conn, hashing)
    conn.execute("COMMIT")
    return hashing


def _convert(conn: sqlite3.Connection, hashing: Hashing) -> None:
    """A file from before there were blocks: one row an event. Put into blocks."""
    rows = conn.execute("SELECT log_offset, received_us, event_id, body FROM event ORDER BY log_offset")
    for received_us, group in groupby(rows, key=lambda row: row[1]):
        while part := [row for _, row in zip(range(10_000), group, strict=False)]:
            write(conn, part[0][0], received_us, hashing.of([row[2] for row in part]), Pieces([r[3] for r in part]))
    conn.execute("DROP TABLE event")
